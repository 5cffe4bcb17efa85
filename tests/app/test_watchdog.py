"""Whatever hangs: a session is soon listening or speaking again, and what was said is settled, once."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import pytest
import trio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from app.events import State, StopPressed
from app.watchdog import LIMITS
from graph.types import Directive, TurnId
from tests.app.story import Story, story
from tests.fakes import LOUD, Log, Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import BargeInSettings
from voice.types import AudioFrame, Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]


async def test_a_microphone_that_falls_silent_in_mid_word_ends_the_utterance() -> None:
    room, talker = Room(), Talker("Ok.")
    async with story(talker, room) as told:
        await told.say(loud=50, quiet=0)
        await anyio.sleep(LIMITS["ear"] + 3)
        assert told.meters.freed == ["ear"]
        assert [text for _, text in talker.asked] == ["hello"]
        await told.say()
        await anyio.sleep(1)
        assert len(talker.asked) == 2


async def test_an_answer_that_does_not_come_is_given_up_and_the_question_given_back() -> None:
    room, talker = Room(), Talker("Ok.", delay=1e9)
    async with story(talker, room) as told:
        await told.type("hello")
        await anyio.sleep(LIMITS["reply"] + 3)
        assert told.meters.freed == ["reply"]
        assert [offer.reason for offer in room.offers.values()] == ["The answer did not come."]
        assert room.states[-1] == "ready"
        talker.delay = 0
        await told.type("hello?")
        await anyio.sleep(1)
    assert room.captions[-1] == "Ok."


async def test_a_reply_that_was_asked_to_wait_is_put_away_after_a_while() -> None:
    room = Room(seconds_per_frame=0.1)
    tts = ScriptedTts(frames=20)
    talker = Talker("One.")
    async with story(talker, room, stt=ScriptedStt("talk", "wait"), tts=tts, patience=1000) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(LIMITS["waiting"] + 3)
        assert told.meters.freed == ["waiting"]
        assert room.log[:2] == ["paused", "interrupted"]
        assert room.states[-1] == "ready"


async def test_hands_that_hang_are_broken_off() -> None:
    room = Hanging("pause")
    async with story(Talker("One."), room, tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say(quiet=0)
        await told.say(loud=0)
        await anyio.sleep(LIMITS["inbox"] + 3)
        assert told.meters.freed == ["inbox"]
        await anyio.sleep(5)
        assert room.states[-1] == "ready"


# -- a model: anything happens, and anything hangs ------------------------------------------------------------------

PARTS = ("pause", "resume", "show_state", "show_user", "show_interim", "reply_ended", "play", "begin", "reply", "stt")
BOUND = 400.0
"""Seconds after which every limit has passed, one after the other."""

events = st.sampled_from(["say", "mumble", "type", "stop", "half a word", "cough", "a second", "a while"])
hangs = st.lists(st.tuples(st.integers(0, 11), st.sampled_from(PARTS)), max_size=3)
modes = st.sampled_from([BargeInSettings(), BargeInSettings(mode="off"), BargeInSettings(mode="keyword")])


@given(what=st.lists(events, max_size=8), hangs=hangs, mode=modes, orders=st.lists(st.sampled_from(["stop", "wait"])))
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_hangs_the_session_is_soon_idle_and_no_saying_is_left(
    what: list[str], hangs: list[tuple[int, str]], mode: BargeInSettings, orders: list[str]
) -> None:
    trio.run(_anything, what, hangs, mode, orders, clock=MockClock(autojump_threshold=0))


async def _anything(what: list[str], hangs: list[tuple[int, str]], mode: BargeInSettings, orders: list[str]) -> None:
    room = Hanging()
    log, talker, stt = Log(), HangingTalker(room), HangingStt(room, [*orders, "hello"])
    async with story(talker, room, stt=stt, tts=ScriptedTts(frames=8), log=log, barge_in=mode, patience=10_000) as told:
        for number, event in enumerate(what):
            room.hung |= {part for at, part in hangs if at == number}
            await _happens(told, event)
        await anyio.sleep(BOUND)
        assert room.states[-1:] in ([], ["ready"])
        await _all_settled(log)
        # and it is of use: what is said now is answered
        room.hung.clear()
        await told.type("are you there?")
        await anyio.sleep(20)
        assert talker.asked[-1][1].endswith("are you there?")
        await _all_settled(log)


async def _all_settled(log: Log) -> None:
    assert [each for each in log.kept if each not in log.outcomes] == []


async def _happens(told: Story, event: str) -> None:
    match event:
        case "say":
            await told.say()
        case "mumble":
            await told.say(loud=250, quiet=0)
        case "type":
            await told.type("well")
        case "stop":
            await told.happens(StopPressed())
        case "half a word":
            await told.ends.microphone.send(AudioFrame(LOUD * 30))
        case "cough":
            await told.say(loud=12)
        case "a second":
            await anyio.sleep(1)
        case "a while":
            await anyio.sleep(100)


class Hanging(Room):
    """A room in which a part hangs once, and for ever."""

    def __init__(self, *hung: str) -> None:
        super().__init__(seconds_per_frame=0.1)
        self.hung = set(hung)

    async def may_hang(self, part: str) -> None:
        if part in self.hung:
            self.hung.remove(part)
            await anyio.sleep_forever()

    async def pause(self) -> None:
        await self.may_hang("pause")
        await super().pause()

    async def resume(self) -> None:
        await self.may_hang("resume")
        await super().resume()

    async def show_state(self, state: State, detail: str = "") -> None:
        await self.may_hang("show_state")
        await super().show_state(state, detail)

    async def show_user(self, turn: TurnId, text: str) -> None:
        await self.may_hang("show_user")
        await super().show_user(turn, text)

    async def show_interim(self, text: str, tentative: str = "") -> None:
        await self.may_hang("show_interim")
        await super().show_interim(text, tentative)

    async def reply_ended(self) -> bool:
        await self.may_hang("reply_ended")
        return await super().reply_ended()

    async def play(self, frame: AudioFrame) -> None:
        await self.may_hang("play")
        await super().play(frame)

    async def begin(self, sentence: str) -> None:
        await self.may_hang("begin")
        await super().begin(sentence)


class HangingTalker(Talker):
    def __init__(self, room: Hanging) -> None:
        super().__init__("One. Two.")
        self._room = room

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        await self._room.may_hang("reply")
        async with aclosing(super().reply(turn, text, hurried=hurried, provisional=provisional)) as pieces:
            async for piece in pieces:
                yield piece


class HangingStt(ScriptedStt):
    def __init__(self, room: Hanging, script: list[str]) -> None:
        super().__init__(*script)
        self._room = room

    async def transcribe(self, utterance: Utterance) -> Transcript:
        await self._room.may_hang("stt")
        return await super().transcribe(utterance)
