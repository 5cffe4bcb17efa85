"""Engines and ends that do what a test says. Each is a whole member of its Protocol."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio

from app.events import Level, State, Where
from app.manner import Manner
from app.steps import Step
from app.turn import Offer, Outcome, SayingId
from graph.types import Directive, TurnId
from resilience.errors import EngineError
from voice.tiers import Tier, TierChange
from voice.types import AS_USUAL, AudioFrame, Delivery, Heard, Look, Settled, Transcript, Utterance

LOUD, QUIET = b"\x00\x40" * 160, b"\x00\x00" * 160  # 10 ms each at 16 kHz
WORD = b"\x11\x22" * 160
"""10 ms of what `MarkedWord` hears its word in."""
WORD_LASTS = 40


class LoudnessVad:
    """Whatever is not silence is speech."""

    window_bytes = 320

    def __init__(self) -> None:
        self.resets = 0

    def probability(self, window: bytes) -> float:
        return 1.0 if any(window) else 0.0

    def reset(self) -> None:
        self.resets += 1


class MarkedWord:
    """Hears its word in `WORD_LASTS` of `WORD` in a row, and says so a while after their end."""

    def __init__(self, late_seconds: float = 0.0) -> None:
        self.late_seconds = late_seconds
        self.heard = 0
        self.resets = 0
        self._words = self._since = 0

    def process(self, pcm: bytes) -> float:
        self.heard += len(pcm)
        if pcm == WORD:
            self._words, self._since = 1 if self._since else self._words + 1, 0
        else:
            self._since += 1
        return 1.0 if self._words == WORD_LASTS and self._since == round(self.late_seconds * 100) else 0.0

    def reset(self) -> None:
        self.resets += 1
        self._words = self._since = 0


class ScriptedStt:
    """Says its lines in turn, the last one for ever; an error among them is raised."""

    def __init__(
        self, *script: str | Transcript | EngineError, delay: float = 0.0, interim: str = "", interim_delay: float = 0.0
    ) -> None:
        self.script = list(script)
        self.delay = delay
        self.calls: list[Utterance] = []
        self.interims = 0
        self._interim = interim
        self.settled = Settled()
        self.interim_delay = interim_delay

    async def transcribe(self, utterance: Utterance) -> Transcript:
        self.calls.append(utterance)
        await anyio.sleep(self.delay)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(line, EngineError):
            raise line
        return line if isinstance(line, Transcript) else Transcript(line, engine="scripted")

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        self.interims += 1
        self.settled = settled
        await anyio.sleep(self.interim_delay)
        return Look(tuple(self._interim.split())) if self._interim else None


class ScriptedTts:
    """So many frames of 100 ms a sentence; may die before frame `fail_at` of every sentence."""

    def __init__(
        self, frames: int = 3, *, delay: float = 0.0, fail: EngineError | None = None, fail_at: int = 0
    ) -> None:
        self.frames, self.delay, self.fail, self.fail_at = frames, delay, fail, fail_at
        self.said: list[str] = []
        self.deliveries: list[Delivery] = []
        self.closed = 0

    @property
    def rates(self) -> list[float]:
        return [each.rate for each in self.deliveries]

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        self.said.append(sentence)
        self.deliveries.append(delivery)
        try:
            for number in range(self.frames):
                await anyio.sleep(self.delay)
                if self.fail and number >= self.fail_at:
                    raise self.fail
                yield AudioFrame(b"\x01\x00" * 1600)
        finally:
            self.closed += 1


class Mute:
    """A voice that makes no sound."""

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        for _ in range(0):
            yield AudioFrame(b"")


class Room:
    """A screen and a loudspeaker: plays in real time (of the test's clock) and remembers everything."""

    def __init__(
        self, *, seconds_per_frame: float = 0.0, sentence_seconds: float = 0.0, way_seconds: float | None = None
    ) -> None:
        """`way_seconds`: after which what is played is heard; None: nobody can tell."""
        self.way_seconds = way_seconds
        self._began: list[float | None] = []
        self.seconds_per_frame = seconds_per_frame
        self.sentence_seconds = sentence_seconds
        self.users: list[tuple[TurnId, str]] = []
        self.states: list[State] = []
        self.notices: list[tuple[Level, str]] = []
        self.texts: list[str] = []
        """Of the notices."""
        self.interims: list[str] = []
        self.details: list[str] = []
        self.tiers: list[tuple[Tier, str, TierChange | None]] = []
        self.manners: list[Manner] = []
        self.offers: dict[SayingId, Offer] = {}
        self.captions: list[str] = []
        self.frames: list[AudioFrame] = []
        self.log: list[str] = []
        self.volume = 1.0
        self.keeps_replies = True
        self.went: list[str] = []
        self.titles: list[str] = []
        self.withdrawn: list[TurnId] = []
        self._segments: list[list[float]] = []
        self._sentences: list[str] = []
        self._go = anyio.Event()
        self._go.set()

    # the screen
    async def show_user(self, turn: TurnId, text: str) -> None:
        self.users.append((turn, text))

    async def show_interim(self, text: str, tentative: str = "") -> None:
        self.interims.append(f"{text}|{tentative}" if text or tentative else "")

    async def show_state(self, state: State, detail: str = "") -> None:
        if not self.states or self.states[-1] != state:
            self.states.append(state)
        if detail:
            self.details.append(detail)

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None:
        self.tiers.append((tier, why, change))

    async def show_manner(self, manner: Manner) -> None:
        self.manners.append(manner)

    async def offer(self, offer: Offer) -> None:
        self.offers[offer.saying] = offer

    async def offer_is_gone(self, saying: SayingId) -> None:
        self.offers.pop(saying, None)

    async def show_notice(self, level: Level, code: str, text: str) -> None:
        self.notices.append((level, code))
        self.texts.append(text)

    async def reply_ended(self) -> bool:
        self.log.append("ended")
        return self.keeps_replies

    async def reply_discarded(self) -> None:
        self.log.append("discarded")

    # the page
    async def go(self, thread: str) -> None:
        self.log.append("gone")
        self.went.append(thread)

    async def mute(self) -> None:
        self.log.append("muted")

    async def renamed(self, title: str) -> None:
        self.titles.append(title)

    async def withdraw(self, turn: TurnId) -> None:
        self.withdrawn.append(turn)

    # the loudspeaker
    def set_volume(self, gain: float) -> None:
        self.volume = gain

    async def begin(self, sentence: str) -> None:
        await self._go.wait()
        self.captions.append(sentence)
        self._sentences.append(sentence)
        self._began.append(None)
        self._segments.append([0.0, 0.0])

    async def play(self, frame: AudioFrame) -> None:
        await self._go.wait()
        if self._began[-1] is None and self.way_seconds is not None:
            self._began[-1] = anyio.current_time() + self.way_seconds
        self._segments[-1][0] += frame.seconds
        await anyio.sleep(self.seconds_per_frame)
        self._segments[-1][1] += frame.seconds
        self.frames.append(frame)

    async def pause(self) -> None:
        self.log.append("paused")
        self._go = anyio.Event()

    async def resume(self) -> None:
        self.log.append("resumed")
        self._go.set()

    async def finish(self) -> tuple[Heard, ...]:
        await self._go.wait()
        return self._clear()

    async def interrupt(self) -> tuple[Heard, ...]:
        self.log.append("interrupted")
        self._go.set()
        return self._clear()

    def _clear(self) -> tuple[Heard, ...]:
        heard = tuple(
            Heard(sentence, played / max(sent, self.sentence_seconds) if sent else 1.0, began_at)
            for sentence, (sent, played), began_at in zip(self._sentences, self._segments, self._began, strict=True)
        )
        self._sentences.clear()
        self._segments.clear()
        self._began.clear()
        return heard


class Talker:
    """A conversation that gives the same answer, piece by piece; or fails before the first."""

    def __init__(self, *pieces: str | Directive, delay: float = 0.0, fails: EngineError | None = None) -> None:
        self.fails = fails
        self.pieces: Sequence[str | Directive] = pieces
        self.delay = delay
        self.asked: list[tuple[TurnId, str]] = []
        self.hurried: list[bool] = []
        self.settled: list[tuple[TurnId, str, bool]] = []
        self.foreseen: list[tuple[TurnId, str]] = []
        """What it was asked before it was certain."""
        self.closed = 0
        self._stands = anyio.Event()

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        (self.foreseen if provisional else self.asked).append((turn, text))
        self.hurried.append(hurried)
        self._stands = stands = anyio.Event()
        try:
            if self.fails:
                raise self.fails
            for piece in self.pieces:
                await anyio.sleep(self.delay)
                yield piece
            if provisional:
                await stands.wait()
        finally:
            self.closed += 1

    def stands(self, turn: TurnId) -> bool:
        if not self.foreseen or self.foreseen[-1][0] != turn:
            return False
        self.asked.append(self.foreseen[-1])
        self._stands.set()
        return True

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        self.settled.append((turn, heard, complete))


class Log:
    """A turn log in memory; may be full."""

    def __init__(self, *, full: EngineError | None = None) -> None:
        self.full = full
        self.kept: dict[SayingId, str | Utterance] = {}
        self.texts: dict[SayingId, str] = {}
        self.outcomes: dict[SayingId, Outcome] = {}
        self.reasons: dict[SayingId, str] = {}
        self.records: dict[TurnId, Mapping[str, Any]] = {}
        self.has_let_go = False
        self.settling_fails: EngineError | None = None

    async def typed(self, saying: SayingId, text: str) -> None:
        self._check()
        self.kept[saying] = self.texts[saying] = text

    async def recorded(self, saying: SayingId, utterance: Utterance) -> None:
        self._check()
        self.kept[saying] = utterance

    async def understood(self, saying: SayingId, transcript: Transcript) -> None:
        self._check()
        self.texts[saying] = transcript.text

    async def settle(
        self,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        turn: TurnId | None = None,
        reason: str = "",
        record: Mapping[str, Any] | None = None,
    ) -> int:
        self._check()
        if self.settling_fails:
            raise self.settling_fails
        fresh = [each for each in sayings if each not in self.outcomes]
        for each in fresh:
            self.outcomes[each], self.reasons[each] = outcome, reason
        if turn is not None and record is not None:
            self.records[turn] = record
        return len(fresh)

    async def offers(self) -> tuple[Offer, ...]:
        self._check()
        return tuple(
            Offer(each, self.texts.get(each, ""), _seconds(self.kept[each]), datetime.now(UTC), self.reasons[each])
            for each, outcome in self.outcomes.items()
            if outcome == "offered"
        )

    async def take_up(self, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        if self.outcomes.get(saying) != "offered":
            return None
        self.outcomes[saying] = "taken-up"
        self.kept[anew] = self.texts.get(saying) or self.kept[saying]
        return self.kept[anew]

    async def dismiss(self, saying: SayingId) -> None:
        self.outcomes[saying] = "dismissed"

    async def let_go(self) -> None:
        self.has_let_go = True

    def _check(self) -> None:
        if self.full:
            raise self.full


def _seconds(kept: str | Utterance) -> float | None:
    return kept.audio.seconds if isinstance(kept, Utterance) else None


class Meters:
    """Counts."""

    def __init__(self) -> None:
        self.tiers: list[Tier] = []
        self.outcomes: list[Outcome] = []
        self.signs: list[float] = []
        self.sheds: list[str] = []
        self.timed: list[list[tuple[Step, float, float]]] = []
        self.fates: list[bool] = []
        self.freed: list[Where] = []

    def session_began(self, tier: Tier) -> None:
        self.tiers.append(tier)

    def session_ended(self, tier: Tier) -> None:
        assert self.tiers.pop() is tier

    def tier_changed(self, before: Tier, after: Tier) -> None:
        assert self.tiers.pop() is before
        self.tiers.append(after)

    def turn_settled(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def sign_of_life(self, seconds: float) -> None:
        self.signs.append(seconds)

    def turn_timed(self, steps: Sequence[tuple[Step, float, float]]) -> None:
        self.timed.append([*steps])

    def foreseen(self, *, stood: bool) -> None:
        self.fates.append(stood)

    def session_freed(self, where: Where) -> None:
        self.freed.append(where)

    def turn_shed(self, step: str) -> None:
        self.sheds.append(step)
