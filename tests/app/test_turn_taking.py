"""What no other story tells of a session's turns; all that can happen to them stands in docs/turn-taking.md."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import anyio
import pytest

from app.events import BrowserCan, MicrophoneOpened
from app.hearing import MAKING_OUT_SECONDS
from app.turn import Outcome, SayingId
from app.watchdog import LIMITS
from graph.types import Directive, TurnId
from tests.app.story import story
from tests.fakes import Log, Room, ScriptedStt, ScriptedTts, Talker
from voice.tiers import Ability, Tier
from voice.types import MicrophoneClosed, Reason, Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]


async def test_a_click_in_a_quiet_room_is_listened_to_for_a_moment_and_is_no_turn() -> None:
    room, talker = Room(), Talker("Hi.")
    async with story(talker, room) as told:
        await told.happens(MicrophoneOpened())
        await told.say(loud=12)
        await anyio.sleep(2)
    assert room.states == ["listening", "hearing", "listening"]
    assert talker.asked == []
    assert told.log.kept == {}


async def test_a_microphone_that_is_closed_in_mid_word_ends_the_utterance_there() -> None:
    talker = Talker("Hi.")
    async with story(talker, Room()) as told:
        await told.say(quiet=0)
        await told.ends.microphone.send(MicrophoneClosed())
        await anyio.sleep(1)
    assert [text for _, text in talker.asked] == ["hello"]


async def test_a_recogniser_that_keeps_no_limit_is_left_and_the_recording_given_back() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=Hangs(), patience=400) as told:
        await told.say()
        await anyio.sleep(MAKING_OUT_SECONDS - 1)
        assert room.offers == {}
        await anyio.sleep(2)
        assert [offer.reason for offer in room.offers.values()] == ["No speech recogniser was working."]
        assert room.states[-1] == "ready"


async def test_stop_before_the_answer_was_heard_takes_the_question_back() -> None:
    room, talker = Room(), Talker("Ok.", delay=3)
    async with story(talker, room, stt=ScriptedStt("talk", "stop")) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(10)
    assert [text for _, text in talker.asked] == ["talk", "stop"]
    assert len({turn for turn, _ in talker.asked}) == 2
    assert list(told.log.outcomes.values()) == ["silenced", "answered"]


async def test_a_typed_message_ends_the_reply_that_sounds() -> None:
    room, talker = Room(seconds_per_frame=0.1, sentence_seconds=1.0), Talker("One is said. Two.")
    async with story(talker, room, tts=ScriptedTts(frames=10)) as told:
        await told.type("one")
        await anyio.sleep(1.35)
        await told.type("two")
        await anyio.sleep(5)
    assert [text for _, text in talker.asked] == ["one", "two"]
    assert [(heard, complete) for _, heard, complete in talker.settled] == [
        ("One is said.", False),
        ("One is said. Two.", True),
    ]


@pytest.mark.parametrize("how", ["said", "typed"])
async def test_a_reply_that_was_asked_to_wait_makes_way_for_stop_and_for_typed_words(how: str) -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One.")
    stt = ScriptedStt("talk", "wait", "stop")
    async with story(talker, room, stt=stt, tts=ScriptedTts(frames=20)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say()
        await anyio.sleep(1)
        assert room.log == ["paused"]
        if how == "said":
            await told.say()
        else:
            await told.type("and now?")
        await anyio.sleep(5)
    assert room.log == ["paused", "interrupted", "ended", "ended"]
    assert [text for _, text in talker.asked] == ["talk", "stop" if how == "said" else "and now?"]


async def test_a_reply_that_is_paused_for_nobody_goes_on() -> None:
    room, log = Room(seconds_per_frame=0.1), HangingLog()
    async with story(Talker("One."), room, stt=ScriptedStt("talk", ""), tts=ScriptedTts(frames=20), log=log) as told:
        await told.say()
        await anyio.sleep(0.5)
        log.hangs = True
        await told.say(loud=30)
        await anyio.sleep(LIMITS["inbox"] + LIMITS["held"] + 10)
        assert told.meters.freed == ["inbox", "held"]
        assert room.log[:3] == ["paused", "resumed", "ended"]


async def test_the_rest_of_an_answer_that_does_not_come_is_owned_up_to() -> None:
    room, talker = Room(), Trails()
    async with story(talker, room) as told:
        await told.type("talk")
        await anyio.sleep(LIMITS["reply"] + 5)
        assert told.meters.freed == ["reply"]
        assert room.captions == ["One is said.", "The rest of my answer did not come."]
        assert room.states[-1] == "ready"
    assert [(heard, complete) for _, heard, complete in talker.settled] == [("One is said.", False)]


async def test_a_microphone_that_the_browser_loses_is_a_lost_ear_until_it_has_been_back_for_a_while() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.happens(BrowserCan(hears=Ability(False, Reason("microphone-missing"))))
        assert [(tier, why) for tier, why, _ in room.tiers] == [(Tier.TTS_ONLY, "There is no microphone.")]
        await told.happens(BrowserCan(hears=Ability()))
        await anyio.sleep(1)
        assert len(room.tiers) == 1
        await anyio.sleep(10)
    assert [tier for tier, _, _ in room.tiers] == [Tier.TTS_ONLY, Tier.FULL]


class Hangs:
    async def transcribe(self, utterance: Utterance) -> Transcript:
        await anyio.sleep_forever()
        raise AssertionError


class Trails(Talker):
    """Says one sentence, begins another, and then nothing more."""

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        yield "One is said. And"
        await anyio.sleep_forever()


class HangingLog(Log):
    """Settling hangs, once."""

    hangs = False

    async def settle(
        self,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        turn: TurnId | None = None,
        reason: str = "",
        record: Mapping[str, Any] | None = None,
    ) -> int:
        if self.hangs:
            self.hangs = False
            await anyio.sleep_forever()
        return await super().settle(sayings, outcome, turn=turn, reason=reason, record=record)
