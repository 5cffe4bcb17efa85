"""Stories of one connected user, told to a session whose ends are fakes."""

import anyio
import pytest

from app.events import Announce, Chosen, Mention, MicrophoneOpened, StopPressed
from app.turn import heard_text
from graph.types import Loudness, Quiet, SpeakingRate
from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed
from resilience.ladder import Ladder, Rung
from tests.app.story import story
from tests.fakes import Room, ScriptedStt, ScriptedTts, Talker
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.types import Heard, MicrophoneClosed, Reason, Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]


async def test_what_is_said_is_shown_and_answered_aloud() -> None:
    room, talker, tts = Room(), Talker("Hi there. ", "All well."), ScriptedTts()
    async with story(talker, room, tts=tts) as told:
        await told.say()
        await anyio.sleep(1)
    assert [text for _, text in room.users] == ["hello"]
    assert room.captions == tts.said == ["Hi there.", "All well."]
    assert len(room.frames) == 6
    assert [(heard, complete) for _, heard, complete in talker.settled] == [("Hi there. All well.", True)]


async def test_the_state_says_what_is_going_on() -> None:
    room = Room()
    async with story(Talker("Hi.", delay=0.5), room) as told:
        await told.ends.inbox.send(MicrophoneOpened())
        await told.say()
        await anyio.sleep(2)
        await told.ends.microphone.send(MicrophoneClosed())
        await anyio.sleep(0.1)
    assert room.states == ["listening", "hearing", "thinking", "listening", "ready"]


async def test_typed_words_are_answered_and_spoken() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.type("good morning")
        await anyio.sleep(1)
    assert room.users == []  # the page shows what is typed
    assert room.captions == ["Hi."]
    assert len(room.frames) == 3


async def test_replies_are_only_shown_when_the_user_wants_it_so() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.ends.inbox.send(Chosen({"tier": "stt-only"}))
        await told.type("good morning")
        await anyio.sleep(1)
    assert room.captions == ["Hi."]
    assert room.frames == []


async def test_words_during_a_reply_end_it_and_only_what_was_heard_is_kept() -> None:
    room = Room(seconds_per_frame=0.1, sentence_seconds=1.0)
    talker, tts = Talker("One is said. Two is not. Three."), ScriptedTts(frames=10)
    async with story(talker, room, stt=ScriptedStt("a", "b"), tts=tts) as told:
        await told.say()
        await anyio.sleep(1.35)
        await told.say()
        await anyio.sleep(0.05)
        assert room.log[:2] == ["paused", "interrupted"]
        first, second = (turn for turn, _ in talker.asked)
        assert first != second
        assert talker.settled[0] == (first, "One is said.", False)
        await anyio.sleep(5)
    assert [text for _, text in talker.asked] == ["a", "b"]


async def test_the_sound_pauses_with_the_first_words_of_a_barge_in() -> None:
    room = Room(seconds_per_frame=0.1)
    async with story(Talker("One. Two."), room, tts=ScriptedTts(frames=50)) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say(loud=11, quiet=0)
        played = len(room.frames)
        await anyio.sleep(1)
        assert room.log == ["paused"]
        assert len(room.frames) <= played + 1


@pytest.mark.parametrize("sound", ["", "Mm-hm", "uh huh"])
async def test_a_reply_goes_on_when_no_words_came_of_the_noise(sound: str) -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One. Two.")
    async with story(talker, room, stt=ScriptedStt("hello", sound), tts=ScriptedTts(frames=10)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(5)
    assert room.log == ["paused", "resumed", "ended"]
    assert room.captions == ["One.", "Two."]
    assert len(room.frames) == 20
    assert len(talker.asked) == 1


async def test_a_cough_pauses_the_reply_for_a_moment_only() -> None:
    room = Room(seconds_per_frame=0.1)
    async with story(Talker("One."), room, tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say(loud=12)
        await anyio.sleep(5)
    assert room.log == ["paused", "resumed", "ended"]
    assert len(room.frames) == 20


async def test_going_on_before_the_answer_was_heard_extends_the_turn() -> None:
    room, talker = Room(), Talker("Ok.", delay=1)
    async with story(talker, room, stt=ScriptedStt("turn on", "the light")) as told:
        await told.say()
        await anyio.sleep(0.2)
        await told.say()
        await anyio.sleep(3)
    assert [text for _, text in talker.asked] == ["turn on", "turn on\nthe light"]
    assert len({turn for turn, _ in talker.asked}) == 1
    assert [text for _, text in room.users] == ["turn on", "turn on the light"]
    assert room.captions == ["Ok."]
    assert len(talker.settled) == 1


async def test_who_goes_on_while_their_words_are_being_made_out_is_not_talked_over() -> None:
    room, talker, stt = Room(), Talker("Ok."), ScriptedStt("turn on", "the light", delay=0.3)
    async with story(talker, room, stt=stt) as told:
        await told.say(quiet=80)
        await told.say(loud=100, quiet=0)
        await anyio.sleep(2)
        assert [text for _, text in talker.asked] == ["turn on"]
        assert not room.frames
        assert not room.captions
        await told.say(loud=0)
        await anyio.sleep(2)
    assert [text for _, text in talker.asked] == ["turn on", "turn on\nthe light"]
    assert room.captions == ["Ok."]


async def test_what_was_to_be_mentioned_is_not_lost_to_a_message_that_comes_at_once() -> None:
    room, talker = Room(), Talker("Ok.")
    async with story(talker, room) as told:
        await told.ends.inbox.send(Mention("It is done."))
        await told.type("thank you")
        await anyio.sleep(1)
    assert sorted(room.captions) == ["It is done.", "Ok."]


async def test_stop_is_silence_at_once() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One. Two.")
    async with story(talker, room, tts=ScriptedTts(frames=10)) as told:
        await told.type("talk")
        await anyio.sleep(0.55)
        await told.ends.inbox.send(StopPressed())
        await anyio.sleep(2)
    assert len(room.frames) <= 6
    assert talker.settled[0][1:] == ("", False)  # half a word of "One." is no word
    assert room.states[-1] == "ready"


async def test_noise_without_words_is_owned_up_to() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=ScriptedStt("")) as told:
        await told.say()
        await anyio.sleep(1)
    assert room.notices == [("info", "no-words")]
    assert room.users == []


async def test_a_recogniser_that_fails_does_not_end_the_session() -> None:
    room, talker = Room(), Talker("Ok.")
    flaky = ScriptedStt(EngineFailed("x", "boom"), "second")
    stt = _Asked(Ladder("stt", [Rung("x", flaky, CircuitBreaker("x"), 1, 1)]))
    async with story(talker, room, stt=stt) as told:
        await told.say()
        await anyio.sleep(0.1)
        await told.say()
        await anyio.sleep(1)
    assert [offer.reason for offer in room.offers.values()] == ["No speech recogniser was working."]
    assert [text for _, text in room.users] == ["second"]


async def test_a_voice_that_dies_in_mid_sentence_is_followed_by_the_next_one() -> None:
    room = Room()
    dying, spare = ScriptedTts(frames=4, fail=EngineFailed("a", "boom"), fail_at=2), ScriptedTts(frames=4)
    rungs: list[Rung[TextToSpeech]] = [
        Rung("dying", dying, CircuitBreaker("a"), 1, 1),
        Rung("spare", spare, CircuitBreaker("b"), 1, 1),
    ]
    tts = TieredTextToSpeech(Ladder("tts", rungs))
    async with story(Talker("One. Two."), room, tts=tts) as told:
        await told.type("talk")
        await anyio.sleep(1)
    assert room.captions == ["One.", "Two."]
    assert spare.said == ["One.", "Two."]
    assert len(room.frames) == 2 + 4 + 4


async def test_faster_louder_and_quiet_are_carried_out_and_not_said() -> None:
    room, tts = Room(), ScriptedTts()
    talker = Talker(SpeakingRate(1.5), Loudness(1.3), Quiet(), "Ok.")
    async with story(talker, room, tts=tts) as told:
        await told.type("faster and louder")
        await anyio.sleep(1)
        for _ in range(4):
            await told.type("faster")
            await anyio.sleep(1)
    limits = ["I speak as fast as I can already.", "I speak as loudly as I can already."]
    assert tts.said == ["Ok."] * 3 + ["Ok.", *limits] * 2
    assert tts.rates == [1.5, 2.25] + [3.0] * 7
    assert room.volume == 2.0


async def test_asked_for_twice_in_one_turn_faster_is_meant_once() -> None:
    room, tts = Room(), ScriptedTts()
    async with story(
        Talker(SpeakingRate(1.5), "Ok.", delay=0.3), room, stt=ScriptedStt("go", "faster"), tts=tts
    ) as told:
        await told.say()
        await anyio.sleep(0.4)
        await told.say()
        await anyio.sleep(3)
    assert tts.rates == [1.5]


async def test_interim_text_is_shown_while_speaking_and_cleared_after() -> None:
    room, stt = Room(), ScriptedStt("hello", interim="hel")
    async with story(Talker("Hi."), room, stt=stt) as told:
        await told.say(loud=200)
        await anyio.sleep(1)
    assert room.interims[:2] == ["|hel", "hel|"]
    assert room.interims[-1] == ""


async def test_interim_text_that_comes_after_the_words_is_not_shown() -> None:
    room, stt = Room(), ScriptedStt("hello", interim="hel", interim_delay=5)
    async with story(Talker("Hi."), room, stt=stt) as told:
        await told.say(loud=200)
        await anyio.sleep(10)
    assert stt.interims == 1
    assert room.interims == [""]


async def test_news_of_the_house_reaches_the_screen() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.ends.inbox.send(Announce("warning", "engine-failed", Reason("no-sound")))
        await anyio.sleep(0.1)
    assert room.notices == [("warning", "engine-failed")]


async def test_leaving_in_mid_reply_settles_the_turn() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One is said. Two.")
    async with story(talker, room, tts=ScriptedTts(frames=10)) as told:
        await told.type("talk")
        await anyio.sleep(1.35)
    assert talker.settled[0][1:] == ("One is said.", False)


class _Asked:
    """A ladder of recognisers without its last rung."""

    def __init__(self, ladder: Ladder[ScriptedStt]) -> None:
        self._ladder = ladder

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return await self._ladder.ask(lambda engine: engine.transcribe(utterance))


def test_of_a_sentence_that_was_cut_its_share_of_words_was_heard() -> None:
    heard = (Heard("All of this.", 0.97), Heard("Half of this one here.", 0.5), Heard("None.", 0.0))
    assert heard_text(heard) == "All of this. Half of"
