"""A ladder: engines of one kind in order of preference, tried from the top.

The ladder knows nothing of audio or words; a room wraps it in a class that *is* an engine of
that room's Protocol (`TieredSpeechToText` is a `SpeechToText`). Rungs may be replaced while
calls are under way: a call goes on with the rungs it started with.

Whatever a rung does (it fails, hangs, breaks or is busy), the next one is asked, after the rung's own deadline at
the latest. Deadlines need an engine that can be cancelled where it waits; all of the house's can.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from resilience.attempt import deadline
from resilience.breaker import Call, CircuitBreaker
from resilience.bulkhead import Bulkhead
from resilience.containing import closing, contained
from resilience.errors import AllRungsFailed, CircuitOpen, EngineError, EngineTimeout
from resilience.retry import NO_RETRY, Retry, Tries

log = structlog.get_logger(__name__)

E = TypeVar("E")
T = TypeVar("T")

QUEUEING = 0.5
"""The share of its time to the first output that a call may spend waiting for a place at the engine."""


@dataclass(frozen=True, slots=True)
class Rung(Generic[E]):
    """One engine at its place on the ladder."""

    name: str
    engine: E
    breaker: CircuitBreaker
    first_output_seconds: float
    """Of all tries together, and of waiting for a place."""
    stall_seconds: float
    retry: Retry = NO_RETRY
    bulkhead: Bulkhead | None = None
    """Without one, everybody may ask at once."""


@dataclass(frozen=True, slots=True)
class StepDown:
    """A rung failed and the next one was asked."""

    ladder: str
    rung: str
    error: EngineError


class CutShort(Exception):
    """A rung failed after part of its output had been handed on."""

    def __init__(self, rung: str, cause: EngineError) -> None:
        super().__init__(f"{rung}: cut short: {cause.reason}")
        self.rung = rung
        self.cause = cause


class Ladder(Generic[E]):
    def __init__(
        self,
        job: str,
        rungs: Sequence[Rung[E]],
        *,
        stepped_down: Callable[[StepDown], None] = lambda _: None,
    ) -> None:
        self._job = job
        self._rungs = tuple(rungs)
        self._stepped_down = stepped_down

    @property
    def rungs(self) -> tuple[Rung[E], ...]:
        return self._rungs

    @property
    def standing(self) -> Rung[E] | None:
        """The rung that the next call would ask first."""
        return next((rung for rung in self._rungs if rung.breaker.admits), None)

    def replace(self, rungs: Sequence[Rung[E]]) -> None:
        self._rungs = tuple(rungs)

    async def ask(
        self,
        question: Callable[[E], Awaitable[T]],
        *,
        among: Sequence[Rung[E]] | None = None,
        answering: Callable[[Rung[E]], None] = lambda _: None,
    ) -> T:
        """The first answer, from the highest rung that gives one, and by `answering` which one that was. `among`: ask
        these instead of all. Raises `AllRungsFailed`.
        """
        attempts: list[EngineError] = []
        for rung in self._rungs if among is None else among:
            tries = Tries(rung.retry, rung.first_output_seconds)
            while True:
                try:
                    async with _admitted(rung, tries):
                        with deadline(rung.name, tries.seconds_left), contained(rung.name):
                            answer = await question(rung.engine)
                except EngineError as exc:
                    attempts.append(exc)
                    if await tries.again(rung.breaker, exc):
                        continue
                    self._note(rung, exc)
                    break
                answering(rung)
                return answer
        raise AllRungsFailed(self._job, tuple(attempts))

    async def stream(
        self,
        question: Callable[[E], AsyncGenerator[T, None]],
        *,
        among: Sequence[Rung[E]] | None = None,
        restart: bool = False,
        answering: Callable[[Rung[E]], None] = lambda _: None,
    ) -> AsyncGenerator[T, None]:
        """The output of the highest rung that gives any. `answering` is told of each rung whose output this is, with
        its first, or when it ends well without any. `among`: ask these instead of all.

        When a rung dies after its first output, its breaker is opened, so that asking again asks the next one. With
        `restart` the next one begins anew at once; else this raises `CutShort`. Raises `AllRungsFailed`.
        """
        attempts: list[EngineError] = []
        for rung in self._rungs if among is None else among:
            tries = Tries(rung.retry, rung.first_output_seconds)
            while True:
                begun = False
                try:
                    async with _admitted(rung, tries) as call:
                        with contained(rung.name):
                            output = question(rung.engine)
                        async with closing(rung.name, output):
                            while True:
                                limit = rung.stall_seconds if begun else tries.seconds_left
                                # The deadline opens and closes inside one step: it never spans a `yield`.
                                with deadline(rung.name, limit), contained(rung.name):
                                    try:
                                        item = await anext(output)
                                    except StopAsyncIteration:
                                        break
                                if not begun:
                                    begun = True
                                    call.first_output()
                                    answering(rung)
                                yield item
                except EngineError as exc:
                    attempts.append(exc)
                    if not begun and await tries.again(rung.breaker, exc):
                        continue
                    self._note(rung, exc)
                    if not begun:
                        break
                    if exc.blames_engine:
                        rung.breaker.trip(exc.reason)
                    if not restart:
                        raise CutShort(rung.name, exc) from exc
                    break
                if not begun:
                    answering(rung)
                return
        raise AllRungsFailed(self._job, tuple(attempts))

    def _note(self, rung: Rung[E], error: EngineError) -> None:
        if isinstance(error, CircuitOpen):
            return
        log.warning("rung failed", ladder=self._job, rung=rung.name, code=error.code, reason=error.reason)
        if isinstance(error, EngineTimeout):
            rung.breaker.trip(error.reason)  # its deadline was waited for once; nobody should have to again
        self._stepped_down(StepDown(self._job, rung.name, error))


@asynccontextmanager
async def _admitted(rung: Rung[E], tries: Tries) -> AsyncGenerator[Call]:
    """At the engine, under its breaker's guard. Time in the queue is not the engine's, so the guard begins after it."""
    if not rung.breaker.admits:
        raise CircuitOpen(rung.name, rung.breaker.reason or "left alone after repeated failures")
    if rung.bulkhead is None:
        with rung.breaker.guard() as call:
            yield call
        return
    async with rung.bulkhead.place(QUEUEING * tries.seconds_left):
        with rung.breaker.guard() as call:
            yield call
