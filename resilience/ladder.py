"""A ladder: engines of one kind in order of preference, tried from the top.

The ladder knows nothing of audio or words; a room wraps it in a class that *is* an engine of
that room's Protocol (`TieredSpeechToText` is a `SpeechToText`). Rungs may be replaced while
calls are under way: a call goes on with the rungs it started with.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from resilience.attempt import attempt, deadline
from resilience.breaker import CircuitBreaker
from resilience.errors import AllRungsFailed, CircuitOpen, EngineError

log = structlog.get_logger(__name__)

E = TypeVar("E")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rung(Generic[E]):
    """One engine at its place on the ladder."""

    name: str
    engine: E
    breaker: CircuitBreaker
    first_output_seconds: float
    stall_seconds: float


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

    async def ask(self, question: Callable[[E], Awaitable[T]]) -> T:
        """The first answer, from the highest rung that gives one. Raises `AllRungsFailed`."""
        attempts: list[EngineError] = []
        for rung in self._rungs:
            try:
                with attempt(rung.breaker, rung.first_output_seconds):
                    return await question(rung.engine)
            except EngineError as exc:
                self._note(rung, exc)
                attempts.append(exc)
        raise AllRungsFailed(self._job, tuple(attempts))

    async def stream(self, question: Callable[[E], AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
        """The output of the highest rung that gives any.

        Raises `AllRungsFailed`, or `CutShort` when a rung dies after its first output; that
        rung's breaker is then open, so that asking again asks the next one.
        """
        attempts: list[EngineError] = []
        for rung in self._rungs:
            begun = False
            try:
                with rung.breaker.guard() as call:
                    async with aclosing(question(rung.engine)) as output:
                        while True:
                            limit = rung.stall_seconds if begun else rung.first_output_seconds
                            # The deadline opens and closes inside one step: it never spans a `yield`.
                            with deadline(rung.name, limit):
                                try:
                                    item = await anext(output)
                                except StopAsyncIteration:
                                    return
                            call.first_output()
                            begun = True
                            yield item
            except EngineError as exc:
                self._note(rung, exc)
                if begun:
                    rung.breaker.trip(exc.reason)
                    raise CutShort(rung.name, exc) from exc
                attempts.append(exc)
        raise AllRungsFailed(self._job, tuple(attempts))

    def _note(self, rung: Rung[E], error: EngineError) -> None:
        if isinstance(error, CircuitOpen):
            return
        log.warning("rung failed", ladder=self._job, rung=rung.name, code=error.code, reason=error.reason)
        self._stepped_down(StepDown(self._job, rung.name, error))
