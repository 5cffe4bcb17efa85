"""A pause that may be the end is looked into: the end is known sooner, and nothing is heard of one that was none."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from app.foresight import Foresight
from tests.app.story import story
from tests.fakes import LOUD, QUIET, Room, ScriptedStt, Talker
from voice.endpointing import Endpointer
from voice.settings import EndpointingSettings
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame, Lull, SoftEnd, Transcript, Utterance

pytestmark = pytest.mark.anyio

AUTOMATIC = EndpointingSettings(adapts=False)
ENOUGH = 25
"""Frames of 10 ms without a sound that do for a pause, and not for an end of which nothing is known."""
FINISHED, UNFINISHED = "what time is it", "i would like to go to the"


async def test_words_that_are_finished_end_the_utterance_sooner() -> None:
    asked = {}
    for text in (FINISHED, UNFINISHED):
        talker, stt = Talker("Ok."), ScriptedStt(text)
        async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
            await told.say(quiet=ENOUGH)
            await told.say(loud=0, quiet=20)
            asked[text] = [each for _, each in talker.asked]
            assert len(stt.calls) == 1
    assert asked == {FINISHED: [FINISHED], UNFINISHED: []}


async def test_what_was_made_out_in_the_pause_is_not_made_out_again() -> None:
    talker, stt = Talker("Ok."), ScriptedStt(FINISHED, delay=0.05)
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=80)
        await anyio.sleep(0.2)
    assert [text for _, text in talker.asked] == [FINISHED]
    assert len(stt.calls) == 1


async def test_a_pause_that_was_none_leaves_no_trace() -> None:
    room, talker, stt = Room(), Talker("Ok."), ScriptedStt("turn on", "turn on the light")
    async with story(talker, room, stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=ENOUGH)
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=300)
    assert [text for _, text in talker.asked] == ["turn on the light"]
    assert [text for _, text in room.users] == ["turn on the light"]


async def test_without_words_in_the_pause_the_whole_is_listened_to_again() -> None:
    talker, stt = Talker("Ok."), ScriptedStt("", "hello")
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=200)
    assert [text for _, text in talker.asked] == ["hello"]


async def test_who_says_over_has_finished_and_nobody_else() -> None:
    until_over = EndpointingSettings(ending="over")
    talker, stt = Talker("Ok."), ScriptedStt("i want to say", "i want to say something over")
    async with story(talker, Room(), stt=stt, endpointing=until_over) as told:
        await told.say(quiet=500)
        assert talker.asked == []
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=10)
    assert [text for _, text in talker.asked] == ["i want to say something"]


async def test_a_hesitation_that_is_not_in_the_text_still_tells_that_there_is_more_to_come() -> None:
    asked = {}
    for verbatim in ("", "what time is it um"):
        transcript = Transcript(FINISHED, "scripted", "en", 0.9, verbatim)
        talker, stt = Talker("Ok."), ScriptedStt(transcript)
        async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
            await told.say(quiet=ENOUGH)
            await told.say(loud=0, quiet=20)
            asked[verbatim] = [each for _, each in talker.asked]
    assert asked == {"": [FINISHED], "what time is it um": []}


# -- in the lull before the pause ----------------------------------------------------------------------------------


@dataclass
class Watched:
    """A session's foresight, and what it told of."""

    stt: ScriptedStt
    looks: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))
    replying: bool = False
    likely: list[str] = field(default_factory=list)
    unlikely: int = 0
    made_out: list[str] = field(default_factory=list)
    sees: Foresight = field(init=False)

    def lulls(self, revision: int, *, loud: int = 50) -> None:
        self.sees.lulls(Lull(so_far(loud, 6), revision))

    def pauses(self, revision: int, *, loud: int = 50, tail: bytes = QUIET * 14) -> None:
        utterance = so_far(loud, 6)
        self.sees.pauses(SoftEnd(Utterance(AudioFrame(utterance.audio.pcm + tail), 0.0, 1.0), revision))


def so_far(loud: int, quiet: int) -> Utterance:
    """In frames of 10 ms."""
    return Utterance(AudioFrame(LOUD * loud + QUIET * quiet), 0.0, 1.0)


@asynccontextmanager
async def watched(stt: ScriptedStt) -> AsyncGenerator[Watched]:
    seen = Watched(stt)

    async def made_out(_: Utterance, text: str) -> None:
        seen.made_out.append(text)

    def unlikely() -> None:
        seen.unlikely += 1

    async with anyio.create_task_group() as tasks:
        seen.sees = Foresight(
            tasks,
            stt=stt,
            detector=Lexical("en"),
            endpointer=Endpointer(AUTOMATIC),
            busy=lambda: False,
            looks=seen.looks,
            likely=seen.likely.append,
            unlikely=unlikely,
            heeded=lambda: seen.replying,
            made_out=made_out,
        )
        yield seen
        tasks.cancel_scope.cancel()


@pytest.mark.usefixtures("virtual_time")
async def test_words_are_made_out_in_the_lull_once_and_serve_the_pause_and_the_end() -> None:
    async with watched(ScriptedStt(FINISHED, delay=0.1)) as seen:
        seen.lulls(1)
        await anyio.sleep(0.11)
        assert seen.likely == [FINISHED]
        seen.pauses(1)
        await anyio.sleep(1)
        ended = Utterance(AudioFrame(LOUD * 50 + QUIET * 40), 0.0, 1.0, 0.4, revision=1)
        assert (await seen.sees.transcribe(ended)).text == FINISHED
    assert (len(seen.stt.calls), seen.likely) == (1, [FINISHED])


@pytest.mark.usefixtures("virtual_time")
async def test_a_sound_after_the_lull_that_was_no_speech_is_listened_to_as_well() -> None:
    async with watched(ScriptedStt("what time is", FINISHED)) as seen:
        seen.lulls(1)
        await anyio.sleep(0.01)
        seen.pauses(1, tail=QUIET * 8 + LOUD * 3 + QUIET * 3)
        await anyio.sleep(0.01)
        ended = Utterance(AudioFrame(LOUD * 50 + QUIET * 14 + LOUD * 3 + QUIET * 20), 0.0, 1.0, 0.4, revision=1)
        assert (await seen.sees.transcribe(ended)).text == FINISHED
    assert len(seen.stt.calls) == 2


@pytest.mark.usefixtures("virtual_time")
async def test_a_lull_in_which_there_were_no_words_is_no_reason_not_to_look_into_the_pause() -> None:
    async with watched(ScriptedStt("", FINISHED)) as seen:
        seen.lulls(1)
        await anyio.sleep(0.01)
        seen.pauses(1)
        await anyio.sleep(0.01)
        assert seen.likely == [FINISHED]


@pytest.mark.usefixtures("virtual_time")
async def test_a_pause_is_looked_into_as_soon_as_an_older_look_is_over() -> None:
    async with watched(ScriptedStt("turn on", FINISHED, delay=0.3)) as seen:
        seen.lulls(1)
        await anyio.sleep(0.05)
        seen.sees.goes_on()
        seen.pauses(2, loud=80)
        await anyio.sleep(0.2)
        assert len(seen.stt.calls) == 1
        await anyio.sleep(0.4)
        assert [len(each.audio.pcm) for each in seen.stt.calls] == [320 * 56, 320 * 100]
        assert seen.likely == [FINISHED]


@pytest.mark.usefixtures("virtual_time")
async def test_who_went_on_meanwhile_is_not_looked_into_any_more() -> None:
    async with watched(ScriptedStt("turn on", delay=0.3)) as seen:
        seen.pauses(1)
        seen.sees.goes_on()
        seen.pauses(2, loud=80)
        seen.sees.goes_on()
        await anyio.sleep(1)
        assert len(seen.stt.calls) == 1


@pytest.mark.usefixtures("virtual_time")
async def test_a_slow_recogniser_is_asked_in_pauses_only_until_it_is_quick_again() -> None:
    async with watched(ScriptedStt(FINISHED, delay=0.6)) as seen:
        seen.lulls(1)
        await anyio.sleep(1)
        seen.sees.goes_on()
        seen.lulls(2)
        await anyio.sleep(0.01)
        assert len(seen.stt.calls) == 1
        seen.stt.delay = 0.1
        for revision in (2, 3, 4):
            seen.pauses(revision)
            await anyio.sleep(1)
            seen.sees.goes_on()
        seen.lulls(5)
        await anyio.sleep(1)
    assert len(seen.stt.calls) == 5


@pytest.mark.usefixtures("virtual_time")
async def test_lulls_are_left_alone_while_others_need_the_machine() -> None:
    async with watched(ScriptedStt(FINISHED)) as seen:
        seen.looks.total_tokens = 2
        async with seen.looks:
            seen.lulls(1)
            await anyio.sleep(0.01)
            assert seen.stt.calls == []
            seen.pauses(1)
            await anyio.sleep(0.01)
            assert len(seen.stt.calls) == 1


@pytest.mark.usefixtures("virtual_time")
async def test_what_is_made_out_in_a_lull_says_nothing_about_a_reply_before_the_pause() -> None:
    async with watched(ScriptedStt("stop")) as seen:
        seen.replying = True
        seen.lulls(1)
        await anyio.sleep(0.1)
        assert seen.made_out == []
        seen.sees.goes_on()
        await anyio.sleep(0.1)
        assert seen.made_out == []
        seen.lulls(2)
        await anyio.sleep(0.1)
        seen.pauses(2)
        await anyio.sleep(0.1)
        assert seen.made_out == ["stop"]
