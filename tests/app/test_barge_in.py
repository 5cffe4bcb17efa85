"""What is said while a reply sounds, and what becomes of the reply."""

import anyio
import pytest

from app.barge_in import bearing, names_any
from app.events import StopPressed
from tests.app.story import story
from tests.fakes import Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import BargeInSettings
from voice.types import Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]


def a_room() -> Room:
    return Room(seconds_per_frame=0.1)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", "nothing"),
        ("Mm-hm.", "nothing"),
        ("Stop!", "stop"),
        ("Okay, stop talking, please.", "stop"),
        ("That\u2019s enough", "stop"),
        ("Wait.", "wait"),
        ("Hold on a second", "wait"),
        ("Just a moment", "wait"),
        ("Go on.", "go-on"),
        ("OK, continue please", "go-on"),
        ("stop the music", "words"),
        ("wait, what about Tuesday?", "words"),
        ("okay", "words"),
        ("42", "words"),
        ("подожди", "words"),
    ],
)
def test_an_order_is_one_only_if_nothing_else_was_said(text: str, means: str) -> None:
    assert bearing(text) == means


def test_a_keyword_is_found_as_a_whole_word() -> None:
    assert names_any("Nightingale, what time is it?", ["nightingale"])
    assert names_any("Hey you there", ["hey you"])
    assert not names_any("nightingales sing", ["nightingale"])


async def test_stop_ends_the_reply_before_the_utterance_is_over() -> None:
    room, talker = a_room(), Talker("One. Two.")
    async with story(talker, room, stt=ScriptedStt("talk", "stop"), tts=ScriptedTts(frames=50)) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say(loud=30, quiet=25)  # no end yet: that takes 70
        await anyio.sleep(0.1)
        assert room.log == ["paused", "interrupted", "ended"]
        assert len(talker.asked) == 1


async def test_wait_keeps_the_reply_paused_until_the_user_says_go_on() -> None:
    room, talker = a_room(), Talker("One. Two.")
    async with story(talker, room, stt=ScriptedStt("talk", "wait", "go on"), tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(30)
        played = len(room.frames)
        assert room.log == ["paused"]
        assert room.states[-1] == "listening"
        await told.say()
        await anyio.sleep(6)
    assert room.log == ["paused", "resumed", "ended"]
    assert played < 20
    assert len(room.frames) == 40
    assert len(talker.asked) == 1


@pytest.mark.parametrize("sound", ["", "mm-hm"])
async def test_a_reply_that_was_asked_to_wait_does_not_go_on_for_a_noise(sound: str) -> None:
    room = a_room()
    async with story(Talker("One."), room, stt=ScriptedStt("talk", "wait", sound), tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await told.say(loud=12)
        await anyio.sleep(5)
        assert room.log == ["paused"]


async def test_other_words_end_a_reply_that_was_asked_to_wait() -> None:
    room, talker = a_room(), Talker("One.")
    async with story(
        talker, room, stt=ScriptedStt("talk", "wait", "what time is it"), tts=ScriptedTts(frames=20)
    ) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(5)
    assert room.log[:2] == ["paused", "interrupted"]
    assert [text for _, text in talker.asked] == ["talk", "what time is it"]
    assert len(room.frames) > 20


async def test_a_reply_that_waits_can_be_stopped_by_the_button() -> None:
    room, talker = a_room(), Talker("One.")
    async with story(talker, room, stt=ScriptedStt("talk", "wait"), tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await told.happens(StopPressed())
        await anyio.sleep(1)
        assert room.log[:2] == ["paused", "interrupted"]
        await told.type("and now?")
        await anyio.sleep(5)
    assert len(room.frames) > 20


async def test_a_reply_goes_on_while_a_noise_does_in_which_there_are_no_words() -> None:
    room = a_room()
    async with story(Talker("One."), room, stt=ScriptedStt("talk", ""), tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say(loud=200, quiet=0)  # two seconds of music, and no end
        await anyio.sleep(4)
        assert room.log == ["paused", "resumed", "ended"]
        assert len(room.frames) == 20


async def test_words_that_follow_the_noise_pause_it_again() -> None:
    room, stt = a_room(), _AfterTwoSeconds("talk", "what is that")
    async with story(Talker("One."), room, stt=stt, tts=ScriptedTts(frames=90)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say(loud=200, quiet=0)
        await anyio.sleep(1)
        assert room.log == ["paused", "resumed"]
        await told.say(loud=200, quiet=0)
        assert room.log == ["paused", "resumed", "paused"]


@pytest.mark.parametrize("settings", [BargeInSettings(mode="off"), BargeInSettings(mode="keyword", keywords=("hey",))])
async def test_where_words_may_not_break_in_they_are_answered_when_the_reply_is_over(settings: BargeInSettings) -> None:
    room, talker = a_room(), Talker("One.")
    async with story(
        talker, room, stt=ScriptedStt("talk", "and what else"), tts=ScriptedTts(frames=30), barge_in=settings
    ) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(10)
    assert room.log[0] == "ended"
    assert "paused" not in room.log
    assert [text for _, text in talker.asked] == ["talk", "and what else"]
    assert [complete for _, _, complete in talker.settled] == [True, True]
    assert set(told.log.outcomes.values()) == {"answered"}


async def test_what_was_said_during_a_reply_is_on_offer_when_the_user_leaves_before_its_turn() -> None:
    room, talker = a_room(), Talker("One.")
    stt = ScriptedStt("talk", "and what else")
    async with story(talker, room, stt=stt, tts=ScriptedTts(frames=90), barge_in=BargeInSettings(mode="off")) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(1)
    assert told.log.has_let_go
    assert len(talker.asked) == 1


@pytest.mark.parametrize("words", ["stop", "hey what time is it"])
async def test_a_keyword_breaks_in_where_nothing_else_does(words: str) -> None:
    room, talker = a_room(), Talker("One.")
    settings = BargeInSettings(mode="keyword", keywords=("hey",))
    async with story(
        talker, room, stt=ScriptedStt("talk", words), tts=ScriptedTts(frames=50), barge_in=settings
    ) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(0.3)
        assert "interrupted" in room.log
        assert [text for _, text in talker.asked] == ["talk", words]


async def test_stop_does_not_break_in_where_nothing_may() -> None:
    room = a_room()
    off = BargeInSettings(mode="off")
    async with story(
        Talker("One."), room, stt=ScriptedStt("talk", "stop"), tts=ScriptedTts(frames=20), barge_in=off
    ) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(1)
        assert room.log == []
        await anyio.sleep(3)
    assert room.log[0] == "ended"


async def test_before_a_reply_sounds_whatever_is_said_extends_the_turn_in_every_mode() -> None:
    room, talker = Room(), Talker("Ok.", delay=1)
    stt = ScriptedStt("turn on", "the light")
    async with story(talker, room, stt=stt, barge_in=BargeInSettings(mode="off")) as told:
        await told.say()
        await anyio.sleep(0.2)
        await told.say()
        await anyio.sleep(3)
    assert [text for _, text in talker.asked] == ["turn on", "turn on\nthe light"]
    assert room.captions == ["Ok."]


class _AfterTwoSeconds:
    """Hears its first line once, and its second in whatever is longer than two seconds."""

    def __init__(self, first: str, second: str) -> None:
        self._first = first
        self._second = second

    async def transcribe(self, utterance: Utterance) -> Transcript:
        first, self._first = self._first, ""
        return Transcript(first or (self._second if utterance.audio.seconds > 2.5 else ""))
