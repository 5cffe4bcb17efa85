"""Somebody who stands in a session at every joint and looks at the clock: when was what there?"""

import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import anyio

from app.ends import Conversation
from app.events import Level, State
from app.manner import Manner
from app.turn import Offer, SayingId
from bench.usage import cpu_seconds
from graph.types import Directive, TurnId
from voice.protocols import SpeechToText, TextToSpeech
from voice.tiers import Tier, TierChange
from voice.types import AS_USUAL, AudioFrame, Delivery, Heard, Transcript, Utterance


@dataclass(frozen=True, slots=True)
class Instant:
    wall: float
    cpu: float
    """Both in seconds; of the processor, this process and its workers."""


@dataclass
class Witness:
    """What happened in the turn under way, each thing the first time."""

    instants: dict[str, Instant] = field(default_factory=dict)
    heard: str = ""
    answered: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    settled: anyio.Event = field(default_factory=anyio.Event)
    """A reply was heard to its end, and is remembered."""

    def see(self, what: str, *, ago: float = 0.0) -> None:
        """It is there, or was so many seconds ago."""
        if what not in self.instants:
            self.instants[what] = Instant(time.perf_counter() - ago, cpu_seconds(os.getpid()))

    def begin_turn(self) -> None:
        self.instants = {}
        self.answered = []
        self.settled = anyio.Event()


@dataclass(frozen=True, slots=True)
class WitnessedRecogniser:
    inner: SpeechToText
    witness: Witness

    async def transcribe(self, utterance: Utterance) -> Transcript:
        self.witness.see("endpoint")
        transcript = await self.inner.transcribe(utterance)
        self.witness.see("transcript")
        self.witness.heard = f"{transcript.text!r} by {transcript.engine}"
        return transcript


@dataclass(frozen=True, slots=True)
class WitnessedConversation:
    inner: Conversation
    witness: Witness

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        async with aclosing(self.inner.reply(turn, text, hurried=hurried, provisional=provisional)) as items:
            async for item in items:
                if isinstance(item, str):
                    self.witness.see("first token")
                yield item

    def stands(self, turn: TurnId) -> bool:
        return self.inner.stands(turn)

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        await self.inner.settle(turn, heard, complete=complete)
        if complete:
            self.witness.see("remembered")
            self.witness.settled.set()


@dataclass(frozen=True, slots=True)
class WitnessedVoice:
    inner: TextToSpeech
    witness: Witness

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        self.witness.see("first sentence")
        async with aclosing(self.inner.synthesize(sentence, delivery)) as frames:
            async for frame in frames:
                yield frame


@dataclass
class WitnessedRoom:
    """A screen and a loudspeaker without a browser. What it is given counts as heard."""

    witness: Witness
    sounding: bool = False
    """Replies go on sounding after their last frame, until they are interrupted."""

    async def show_user(self, turn: TurnId, text: str) -> None: ...

    async def show_interim(self, text: str, tentative: str = "") -> None: ...

    async def show_state(self, state: State, detail: str = "") -> None: ...

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None:
        if why:
            self.witness.notices.append(why)

    async def show_manner(self, manner: Manner) -> None: ...

    async def offer(self, offer: Offer) -> None:
        self.witness.notices.append(offer.reason)

    async def offer_is_gone(self, saying: SayingId) -> None: ...

    async def show_notice(self, level: Level, code: str, text: str) -> None:
        self.witness.notices.append(text)

    async def reply_ended(self) -> bool:
        return True

    async def reply_discarded(self) -> None: ...

    def set_volume(self, gain: float) -> None: ...

    async def begin(self, sentence: str) -> None:
        self.witness.answered.append(sentence)

    async def play(self, frame: AudioFrame) -> None:
        self.witness.see("first audio")

    async def pause(self) -> None:
        self.witness.see("paused")

    async def resume(self) -> None: ...

    async def finish(self) -> tuple[Heard, ...]:
        self.witness.see("last audio")
        if self.sounding:
            await anyio.sleep_forever()
        return self._heard()

    async def interrupt(self) -> tuple[Heard, ...]:
        self.sounding = False
        return self._heard()

    def _heard(self) -> tuple[Heard, ...]:
        return tuple(Heard(sentence, 1.0) for sentence in self.witness.answered)
