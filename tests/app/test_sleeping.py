"""When a session sleeps and what wakes it, told with fakes; see the table in `app.sleeping`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest

from app.events import Chosen, MicrophoneOpened, NobodySpoke, SleepAsked, State, StopPressed, WakeAsked
from app.manner import Manner
from app.own_manner import OwnManner
from resilience.errors import EngineUnavailable
from tests.app.story import Story, story
from tests.fakes import LOUD, QUIET, WORD, WORD_LASTS, MarkedWord, Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import BargeInSettings
from voice.types import AudioFrame, MicrophoneClosed, TalkBegan, TalkEnded
from voice.wake.words import Heeded, Sensitivity, WordName

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

FOLLOW_UP = 8.0


class Words:
    """Has somebody listen, and remembers for what."""

    def __init__(self, *, missing: bool = False) -> None:
        self.opened: list[tuple[WordName, Sensitivity]] = []
        self.missing = missing

    async def __call__(self, name: WordName, sensitivity: Sensitivity) -> Heeded:
        self.opened.append((name, sensitivity))
        if self.missing:
            raise EngineUnavailable("wake word", "the library is not installed")
        return Heeded(name, MarkedWord(), 0.5, 0.0)


def person(**chosen: object) -> OwnManner:
    return OwnManner(Manner(wake_word="okay-nabu", follow_up_seconds=FOLLOW_UP).model_copy(update=chosen))


@asynccontextmanager
async def bedroom(
    room: Room,
    talker: Talker | None = None,
    *,
    manner: OwnManner | None = None,
    words: Words | None = None,
    stt: ScriptedStt | None = None,
    tts: ScriptedTts | None = None,
    barge_in: BargeInSettings | None = None,
) -> AsyncGenerator[Story]:
    """With an open microphone, and past the second in which nobody listens."""
    async with story(
        talker or Talker("Hi."),
        room,
        manner=manner or person(),
        wake_word=words or Words(),
        stt=stt,
        tts=tts,
        barge_in=barge_in,
        patience=400,
    ) as told:
        await told.happens(MicrophoneOpened())
        await hear(told, QUIET, 110)
        yield told


def shown(room: Room) -> State:
    return room.states[-1]


async def hear(told: Story, pcm: bytes, count: int) -> None:
    for _ in range(count):
        await told.ends.microphone.send(AudioFrame(pcm))
    await anyio.sleep(0.01)


async def call(told: Story) -> None:
    await hear(told, WORD, WORD_LASTS)


async def asleep(told: Story) -> bool:
    """Whether nothing comes of what is said."""
    asked = len(told.room.users)
    await told.say()
    await anyio.sleep(2)
    return len(told.room.users) == asked


async def test_where_a_word_is_chosen_a_session_begins_asleep() -> None:
    room = Room()
    async with bedroom(room) as told:
        assert shown(room) == "asleep"
        assert await asleep(told)
    assert told.log.kept == {}


async def test_who_goes_to_another_conversation_by_word_talks_on_there() -> None:
    room, manner = Room(), person()
    manner.goes_to_another_conversation("t")
    await anyio.sleep(5)
    async with bedroom(room, manner=manner) as told:
        assert shown(room) == "listening"
        assert not await asleep(told)
        await anyio.sleep(FOLLOW_UP + 1)
        assert shown(room) == "asleep"
    await anyio.sleep(60)
    async with bedroom(room, manner=manner) as told:
        assert await asleep(told)


async def test_the_word_wakes_it_and_what_follows_is_answered() -> None:
    room, stt = Room(), ScriptedStt("what time is it")
    async with bedroom(room, stt=stt) as told:
        await call(told)
        assert shown(room) == "listening"
        await told.say()
        await anyio.sleep(1)
    assert [text for _, text in room.users] == ["what time is it"]
    assert room.captions == ["Hi."]


async def test_nothing_said_before_the_word_is_given_to_anybody() -> None:
    secret, stt = b"\x55\x33" * 160, ScriptedStt("what time is it")
    async with bedroom(Room(), stt=stt) as told:
        await hear(told, secret, 200)
        await call(told)
        await told.say()
        await anyio.sleep(1)
        kept = [each.audio.pcm for each in (*stt.calls, *told.log.kept.values()) if not isinstance(each, str)]
    assert len(kept) >= 2
    assert not any(b"\x55" in each or WORD in each for each in kept)


async def test_after_an_answer_no_word_is_needed_for_a_while() -> None:
    room = Room()
    async with bedroom(room) as told:
        await call(told)
        await told.say()
        await anyio.sleep(FOLLOW_UP - 2)
        assert not await asleep(told)
        await anyio.sleep(FOLLOW_UP - 3)
        assert not await asleep(told)  # the window began anew
        await anyio.sleep(FOLLOW_UP + 1)
        assert shown(room) == "asleep"
        assert await asleep(told)


async def test_who_is_still_speaking_when_the_window_closes_is_heard_out() -> None:
    room = Room()
    async with bedroom(room) as told:
        await call(told)
        await anyio.sleep(FOLLOW_UP - 0.5)
        await told.say(quiet=0)
        await anyio.sleep(2)
        await told.say()
        await anyio.sleep(1)
        assert len(room.users) == 1


async def test_an_answer_that_asks_something_waits_longer() -> None:
    room = Room()
    async with bedroom(room, Talker("Which one do you mean?")) as told:
        await call(told)
        await told.say()
        await anyio.sleep(5 * FOLLOW_UP)
        assert shown(room) == "listening"
        await anyio.sleep(60)
        assert shown(room) == "asleep"


async def test_without_a_follow_up_window_it_sleeps_as_soon_as_it_has_answered() -> None:
    room = Room()
    async with bedroom(room, manner=person(follow_up_seconds=0)) as told:
        await call(told)
        await anyio.sleep(5)
        assert not await asleep(told)  # who has called has the time to speak
        assert shown(room) == "asleep"


async def test_who_calls_and_says_nothing_is_left_alone_again() -> None:
    room = Room()
    async with bedroom(room) as told:
        await call(told)
        await anyio.sleep(FOLLOW_UP + 1)
        assert shown(room) == "asleep"


@pytest.mark.parametrize("how", ["button", "typing", "talk button"])
async def test_other_ways_to_wake_it(how: str) -> None:
    room = Room()
    async with bedroom(room) as told:
        match how:
            case "button":
                await told.happens(WakeAsked())
            case "typing":
                await told.type("good morning")
                await anyio.sleep(1)
            case _:
                await told.ends.microphone.send(TalkBegan())
                await hear(told, LOUD, 50)
                await told.ends.microphone.send(TalkEnded())
                await anyio.sleep(1)
                assert len(room.users) == 1
        assert shown(room) == "listening"
        assert not await asleep(told)


async def test_sent_to_sleep_it_sleeps_at_once_and_is_silent() -> None:
    room = Room(seconds_per_frame=0.1)
    async with bedroom(room, Talker("One. Two. Three."), tts=ScriptedTts(frames=20)) as told:
        await call(told)
        await told.say()
        await anyio.sleep(1)
        await told.happens(SleepAsked())
        assert shown(room) == "asleep"
        assert "interrupted" in room.log
        assert await asleep(told)
        await hear(told, QUIET, 110)
        await call(told)
        assert shown(room) == "listening"


async def test_without_a_word_of_their_own_who_wants_sleep_is_told_one() -> None:
    room, words = Room(), Words()
    async with bedroom(room, manner=person(wake_word="none"), words=words) as told:
        assert not await asleep(told)
        await anyio.sleep(10 * FOLLOW_UP)
        assert shown(room) == "listening"
        assert words.opened == []
        await told.happens(SleepAsked())
        await anyio.sleep(1)
        assert words.opened == [("okay-nabu", "normal")]
        assert room.captions[-1].startswith("To wake me, say “okay nabu”")
        assert shown(room) == "asleep"
        await hear(told, QUIET, 110)
        assert await asleep(told)
        await call(told)
        assert not await asleep(told)
        await anyio.sleep(10 * FOLLOW_UP)
        assert shown(room) == "listening"  # nothing puts it to sleep but they


async def test_while_it_says_the_word_itself_it_is_deaf_to_it() -> None:
    room = Room(seconds_per_frame=0.1)
    async with bedroom(room, manner=person(wake_word="none"), tts=ScriptedTts(frames=50)) as told:
        await told.happens(SleepAsked())
        await hear(told, QUIET, 110)
        await call(told)
        assert shown(room) != "listening"
        await anyio.sleep(10)
        await hear(told, QUIET, 10)
        await call(told)
        assert shown(room) == "listening"


async def test_a_word_can_be_chosen_changed_and_given_up_at_any_time() -> None:
    room, words, manner = Room(), Words(), person(wake_word="none")
    async with bedroom(room, manner=manner, words=words) as told:
        await told.happens(Chosen({"wake_word": "alexa"}))
        assert shown(room) == "listening"
        await anyio.sleep(FOLLOW_UP + 1)
        assert shown(room) == "asleep"
        await told.happens(Chosen({"wake_word": "hey-jarvis", "sensitivity": "high"}))
        assert words.opened == [("alexa", "normal"), ("hey-jarvis", "high")]
        assert shown(room) == "asleep"
        manner.choose(wake_word=None)  # in another session of theirs
        await anyio.sleep(0.1)
        assert shown(room) == "listening"
        await anyio.sleep(10 * FOLLOW_UP)
        assert not await asleep(told)


async def test_when_nobody_can_listen_for_the_word_the_user_is_told_and_heard() -> None:
    room = Room()
    async with bedroom(room, words=Words(missing=True)) as told:
        await anyio.sleep(1)
        assert ("error", "wake-word") in room.notices
        assert "okay nabu" in room.captions[0]
        assert not await asleep(told)
        await anyio.sleep(10 * FOLLOW_UP)
        assert shown(room) == "listening"


async def test_the_word_breaks_into_a_reply_into_which_nothing_else_does() -> None:
    room = Room(seconds_per_frame=0.1)
    talker, stt = Talker("One. Two. Three."), ScriptedStt("hello", "something else")
    async with bedroom(room, talker, stt=stt, tts=ScriptedTts(frames=40), barge_in=BargeInSettings(mode="off")) as told:
        await told.happens(Chosen({"barge_in": "off"}))
        await call(told)
        await told.say()
        await anyio.sleep(1)
        assert "paused" not in room.log
        await call(told)
        await hear(told, LOUD, 40)
        assert room.log[-1] == "paused"
        await hear(told, QUIET, 80)
        await anyio.sleep(1)
        assert [text for _, text in talker.asked] == ["hello", "something else"]


async def test_stop_leaves_the_time_to_say_something_else() -> None:
    room = Room()
    async with bedroom(room) as told:
        await call(told)
        await anyio.sleep(FOLLOW_UP - 1)
        await told.happens(StopPressed())
        await anyio.sleep(FOLLOW_UP - 1)
        assert shown(room) == "listening"


async def test_when_the_microphone_closes_the_next_one_opens_asleep() -> None:
    room = Room()
    async with bedroom(room) as told:
        await call(told)
        await told.ends.microphone.send(MicrophoneClosed())
        await anyio.sleep(0.1)
        assert shown(room) == "ready"
        await told.happens(MicrophoneOpened())
        assert shown(room) == "asleep"


async def test_a_window_that_closed_elsewhere_puts_nobody_to_sleep() -> None:
    room = Room()
    async with bedroom(room, manner=person(wake_word="none")) as told:
        await told.happens(NobodySpoke())
        assert not await asleep(told)
