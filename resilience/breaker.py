"""A circuit breaker: stop asking an engine that keeps failing; ask again later, once.

It is a counter and a clock. It never awaits, so a cancelled turn cannot leave it half
updated, and cancellation is neither a success nor a failure. The open time doubles with
every failed probe, up to a minute.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum

import anyio

from resilience.errors import CircuitOpen, EngineError


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    def __init__(
        self,
        engine: str,
        *,
        threshold: int = 3,
        open_seconds: float = 2.0,
        longest_open_seconds: float = 60.0,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._engine = engine
        self._threshold = threshold
        self._first_open = open_seconds
        self._longest_open = longest_open_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._open_for = open_seconds
        self._probing = False

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return BreakerState.CLOSED
        if self._clock() - self._opened_at < self._open_for:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN

    @contextmanager
    def guard(self) -> Generator[None]:
        """Admit one call, or raise `CircuitOpen`; learn from how it ends."""
        is_probe = self._admit()
        try:
            yield
        except EngineError as exc:
            if exc.blames_engine:
                self._failed(is_probe=is_probe)
            raise
        else:
            self._failures = 0
            self._opened_at = None
            self._open_for = self._first_open
        finally:
            if is_probe:
                self._probing = False

    def trip(self) -> None:
        """Open at once: for a failure that must not be met again by the next call."""
        self._opened_at = self._clock()

    def _admit(self) -> bool:
        match self.state:
            case BreakerState.CLOSED:
                return False
            case BreakerState.HALF_OPEN if not self._probing:
                self._probing = True
                return True
            case _:
                raise CircuitOpen(self._engine, "left alone after repeated failures")

    def _failed(self, *, is_probe: bool) -> None:
        self._failures += 1
        if is_probe:
            self._open_for = min(2 * self._open_for, self._longest_open)
        if is_probe or self._failures >= self._threshold:
            self._opened_at = self._clock()
