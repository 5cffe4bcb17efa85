"""Faults that are switched on from outside: engines that refuse, hang, stall, lie, crawl or break while a file says so.

The driver writes the file (`Switches`); the app that is tried reads it at every call (`Faults`) and notes each call
that a fault has harmed. Each wrapped engine is a whole member of its Protocol around a real one.
"""

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio
import numpy as np

from graph.protocols import LanguageModel
from graph.types import Prompt
from resilience.errors import EngineFailed, EngineUnavailable
from voice.protocols import InterimSpeechToText, SpeechToText, TextToSpeech
from voice.types import AS_USUAL, AudioFrame, Delivery, Look, Settled, Transcript, Utterance

Kind = Literal[
    "refuse", "fail", "hang", "stuck", "stall", "die", "slow", "bug", "no-memory", "empty", "nonsense", "endless",
    "odd", "noise", "wrong-rate", "nan",
]  # fmt: skip
"""refuse: it is not there, nor can it be opened. fail: it says so. hang: no output, ever. stuck: so deep in a call that
it does not even hear that it was cancelled, until the fault ends. stall and die: after the first output, for good.
slow: ten times as long as it takes, and a second at least. bug: an exception nobody thought of. The rest are lies.
"""
STT_KINDS: tuple[Kind, ...] = ("refuse", "fail", "hang", "stuck", "slow", "bug", "no-memory", "empty", "nonsense")
LANGUAGE_KINDS: tuple[Kind, ...] = (*STT_KINDS, "stall", "die", "endless")
TTS_KINDS: tuple[Kind, ...] = (
    "refuse", "fail", "hang", "stuck", "stall", "die", "slow", "bug", "no-memory", "empty", "endless", "odd", "noise",
    "wrong-rate", "nan",
)  # fmt: skip
LAST_RUNGS = frozenset({"typed", "captions", "offline"})
SLOWNESS = 10
SLOW_SECONDS = 1.0

E = TypeVar("E")
T = TypeVar("T")


class Planted(RuntimeError):
    """An engine's bug, made on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    part: str
    """`stt/pocketsphinx`, or `stt/*` for every rung but the last."""
    kind: Kind
    until: float
    """On the monotonic clock, which all processes of a machine share."""

    def strikes(self, part: str, now: float) -> bool:
        return now < self.until and (self.part == part or self.part == part.partition("/")[0] + "/*")


class Switches:
    """The driver's end."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._on: list[Fault] = []
        self._write()

    def on(self, part: str, kind: Kind, seconds: float) -> None:
        self._on = [each for each in self._on if each.part != part]
        self._on.append(Fault(part, kind, time.monotonic() + seconds))
        self._write()

    def off(self, part: str) -> None:
        self._on = [each for each in self._on if each.part != part]
        self._write()

    def harmed(self) -> list[tuple[str, str]]:
        """The part and the kind of fault of every call that was harmed so far."""
        try:
            lines = _ledger(self.file).read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(part, kind) for part, _, kind in (line.partition(" ") for line in lines)]

    def _write(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps([asdict(each) for each in self._on]))
        new.replace(self.file)


class Faults:
    """The app's end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read_at = -1
        self._on: tuple[Fault, ...] = ()

    def on(self, part: str) -> Fault | None:
        changed_at = self._file.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._read_at = changed_at
            self._on = tuple(Fault(**each) for each in json.loads(self._file.read_text()))
        now = time.monotonic()
        return next((each for each in self._on if each.strikes(part, now)), None)

    def note(self, part: str, kind: Kind) -> None:
        with _ledger(self._file).open("a") as ledger:
            ledger.write(f"{part} {kind}\n")

    def opener(
        self, ladder: str, opener: Callable[[Any], AbstractAsyncContextManager[E]], wrap: "Callable[[_Part, E], E]"
    ) -> Callable[[Any], AbstractAsyncContextManager[E]]:
        """The opener of a ladder's engines, with each but the last rung's wrapped."""

        @asynccontextmanager
        async def opening(spec: Any) -> AsyncGenerator[E]:
            if spec.engine in LAST_RUNGS:
                async with opener(spec) as last:
                    yield last
                return
            part = _Part(f"{ladder}/{spec.engine}", self)
            await part.before_opening()
            async with opener(spec) as engine:
                yield wrap(part, engine)

        return opening


def _ledger(file: Path) -> Path:
    return file.with_suffix(".harmed")


@dataclass(frozen=True, slots=True)
class _Part:
    """One rung, as the faults see it."""

    name: str
    faults: Faults

    def struck(self) -> Kind | None:
        """The fault that this call meets; it is noted."""
        fault = self.faults.on(self.name)
        if fault is None:
            return None
        self.faults.note(self.name, fault.kind)
        return fault.kind

    async def before_opening(self) -> None:
        while (fault := self.faults.on(self.name)) is not None and fault.kind in ("hang", "stuck"):
            await anyio.sleep(0.2)
        if fault is not None and fault.kind == "refuse":
            raise EngineUnavailable(self.name, "planted: it is not there")

    async def failure(self, kind: Kind) -> Exception:
        """What this kind of fault raises before any output, if it ever does."""
        match kind:
            case "refuse":
                return EngineUnavailable(self.name, "planted: it is not there")
            case "bug":
                return Planted(f"planted: a bug in {self.name}")
            case "no-memory":
                return MemoryError("planted")
            case "hang" | "stall":
                await anyio.sleep_forever()
            case "stuck":
                with anyio.CancelScope(shield=True):
                    while self.faults.on(self.name) is not None:
                        await anyio.sleep(0.1)
        return EngineFailed(self.name, f"planted: {kind}")

    async def slowly(self, work: Awaitable[T]) -> T:
        began = anyio.current_time()
        done = await work
        await anyio.sleep(_slowness(began, SLOW_SECONDS))
        return done


def _slowness(asked_at: float, least: float) -> float:
    """Seconds to wait on top of those that the engine took itself."""
    return max(least, (SLOWNESS - 1) * (anyio.current_time() - asked_at))


class FaultyStt:
    def __init__(self, part: _Part, engine: SpeechToText) -> None:
        self._part = part
        self._engine = engine

    async def transcribe(self, utterance: Utterance) -> Transcript:
        match self._part.struck():
            case None:
                return await self._engine.transcribe(utterance)
            case "slow":
                return await self._part.slowly(self._engine.transcribe(utterance))
            case "empty":
                return Transcript("", self._part.name)
            case "nonsense":
                return Transcript("\x00 blah" * 20_000, self._part.name)
            case kind:
                raise await self._part.failure(kind)

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        if not isinstance(self._engine, InterimSpeechToText):
            return None
        match self._part.faults.on(self._part.name):
            case None:
                return await self._engine.interim(so_far, settled)
            case fault:
                raise await self._part.failure(fault.kind)


class FaultyTts:
    def __init__(self, part: _Part, engine: TextToSpeech) -> None:
        self._part = part
        self._engine = engine

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        kind = self._part.struck()
        async with aclosing(_stream(self._part, kind, partial(self._engine.synthesize, sentence, delivery))) as frames:
            async for frame in frames:
                yield _spoilt(frame, kind)


def _spoilt(frame: AudioFrame, kind: Kind | None) -> AudioFrame:
    samples = len(frame.pcm) // 2
    match kind:
        case "odd":
            return AudioFrame(frame.pcm + b"\x01", frame.sample_rate)
        case "noise":
            loud = np.random.default_rng(0).choice(np.array([-32_768, 32_767], np.int16), samples)
            return AudioFrame(loud.tobytes(), frame.sample_rate)
        case "wrong-rate":
            return AudioFrame(frame.pcm, 3)
        case "nan":
            with np.errstate(invalid="ignore"):
                return AudioFrame(np.full(samples, np.nan, np.float32).astype(np.int16).tobytes(), frame.sample_rate)
        case _:
            return frame


class FaultyLanguageModel:
    def __init__(self, part: _Part, engine: LanguageModel) -> None:
        self._part = part
        self._engine = engine

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        kind = self._part.struck()
        if kind == "nonsense":
            yield "\x00\ufffd" * 400
            return
        async with aclosing(_stream(self._part, kind, partial(self._engine.generate, prompt))) as pieces:
            async for piece in pieces:
                yield piece


async def _stream(
    part: _Part, kind: Kind | None, output: Callable[[], AsyncGenerator[T, None]]
) -> AsyncGenerator[T, None]:
    """What a stream of output becomes of under this kind of fault."""
    match kind:
        case "empty":
            return
        case None | "odd" | "noise" | "wrong-rate" | "nan":
            async with aclosing(output()) as items:
                async for item in items:
                    yield item
        case "slow":
            asked_at, least = anyio.current_time(), SLOW_SECONDS
            async with aclosing(output()) as items:
                async for item in items:
                    await anyio.sleep(_slowness(asked_at, least))
                    yield item
                    asked_at, least = anyio.current_time(), 0.0
        case "endless":
            while True:
                async with aclosing(output()) as items:
                    async for item in items:
                        await anyio.sleep(0.002)
                        yield item
        case "stall" | "die":
            async with aclosing(output()) as items:
                async for item in items:
                    yield item
                    break
            raise await part.failure(kind)
        case _:
            raise await part.failure(kind)
