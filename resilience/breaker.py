"""A circuit breaker: stop asking what keeps failing; find out later, and carefully, whether it is well again.

It follows resilience4j (https://resilience4j.readme.io/docs/circuitbreaker): a sliding window of calls, a rate of
failures and a rate of slow calls that open it, a half-open state with a few permits, and states forced by an
operator. It is a window and a clock and never awaits, so a cancelled turn cannot leave it half updated.

- Cancellation decides nothing and gives the permit back; so does bad input, and so does a bug: none is an outage.
- Every opening and closing begins a new epoch. What was admitted in an earlier one changes nothing when it ends.
- A permit is leased: a probe that never comes back does not keep the next one out.
- The open time doubles with each probe that fails. It starts from the beginning only after the breaker has stayed
  closed as long as its longest open time, so what comes and goes is asked ever more rarely.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import TracebackType
from typing import Literal, Self

import anyio

from resilience.errors import CircuitOpen, EngineError
from resilience.settings import BreakerSettings
from resilience.window import Window


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    FORCED_OPEN = "forced-open"
    FORCED_CLOSED = "forced-closed"


FORCED = (BreakerState.FORCED_OPEN, BreakerState.FORCED_CLOSED)


@dataclass(frozen=True, slots=True)
class Transition:
    """A breaker went from one state to another."""

    breaker: str
    before: BreakerState
    after: BreakerState
    epoch: int
    reason: str
    """In plain words, for people."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What processes that share a breaker tell each other of it."""

    epoch: int
    state: BreakerState
    """Never half-open: that is an open one whose time is up."""
    seconds_left: float = 0.0
    """Until the first probe; below zero when it is due."""
    openings: int = 0
    """In a row, without a stable time between them."""
    reason: str = ""


class CircuitBreaker:
    def __init__(
        self,
        name: str,
        settings: BreakerSettings | None = None,
        *,
        probed: bool = False,
        moved: Callable[[Transition], None] = lambda _: None,
        clock: Callable[[], float] = anyio.current_time,
        chance: Random | None = None,
    ) -> None:
        """`probed`: somebody asks it synthetic questions, so nobody's turn is ever its probe."""
        self.name = name
        self.settings = settings or BreakerSettings()
        self.probed = probed
        self.epoch = 0
        self.reason = ""
        """Why it is not closed."""
        self.asked_at = float("-inf")
        """When it last let a call through."""
        self._moved = moved
        self._clock = clock
        self._chance = chance or Random()  # noqa: S311 - jitter, not a secret
        self._state = BreakerState.CLOSED
        self._window = Window(self.settings)
        self._slow_seconds = self.settings.slow_seconds
        self._in_a_row = self._in_a_row_before = 0
        """Failures up to now; and those that the last good call ended."""
        self._openings = 0
        self._opens_until = 0.0
        self._closed_at = float("-inf")
        self._leases: dict[Call, float] = {}
        self._probed_well = self._probed_ill = 0

    @property
    def state(self) -> BreakerState:
        if self._state is BreakerState.OPEN and self._clock() >= self._opens_until:
            self._go(BreakerState.HALF_OPEN, self.reason, new_epoch=False)
        return self._state

    @property
    def admits(self) -> bool:
        """Whether somebody's call would be let through now."""
        match self.state:
            case BreakerState.CLOSED | BreakerState.FORCED_CLOSED:
                return True
            case BreakerState.HALF_OPEN:
                return not self.probed and self._has_permit()
            case _:
                return False

    @property
    def probe_is_due(self) -> bool:
        return self.state is BreakerState.HALF_OPEN and self._has_permit()

    @property
    def seconds_to_probe(self) -> float:
        """Until it may be asked again; 0 when it may."""
        return max(0.0, self._opens_until - self._clock()) if self.state is BreakerState.OPEN else 0.0

    def guard(self, *, probe: bool = False) -> "Call":
        """Admit one call, or raise `CircuitOpen` on entry; learn from how it ends. To be used as `with …guard():`."""
        return Call(self, probe)

    def trip(self, reason: str) -> None:
        """Open at once: for a failure that must not be met again by the next call."""
        if self.state in (BreakerState.CLOSED, BreakerState.HALF_OPEN):
            self._open(reason, self._clock())

    def blame(self, reason: str) -> None:
        """A call that ended well turns out to have been a failure: the last such call counts as one."""
        if self._state is BreakerState.CLOSED:
            now = self._clock()
            self._window.worsen(now)
            self._in_a_row += self._in_a_row_before + 1
            self._in_a_row_before = 0
            self._judge(now, reason)

    def force(self, state: Literal["open", "closed"] | None) -> None:
        """An operator's word; None takes it back, and the breaker begins anew, closed."""
        match state:
            case "open":
                self._go(BreakerState.FORCED_OPEN, "switched off by an operator")
            case "closed":
                self._go(BreakerState.FORCED_CLOSED, "kept on by an operator")
            case None:
                self._openings = 0
                self._close(self._clock())

    def stand(self) -> Stand:
        state = BreakerState.OPEN if self.state is BreakerState.HALF_OPEN else self._state
        left = self._opens_until - self._clock() if state is BreakerState.OPEN else 0.0
        return Stand(self.epoch, state, left, self._openings, self.reason)

    def adopt(self, told: Stand) -> None:
        """Another process knows better, or decided first: a later epoch, or another state in this one. In this one an
        operator's word stands.
        """
        mine = self.stand()
        if told.epoch < mine.epoch or (told.epoch, told.state) == (mine.epoch, mine.state):
            return
        if told.epoch == mine.epoch and mine.state in FORCED and told.state not in FORCED:
            return
        now = self._clock()
        if told.state is BreakerState.CLOSED and mine.state is not BreakerState.CLOSED:
            self._closed_at = now
        self._openings = told.openings
        self._opens_until = now + min(told.seconds_left, self.settings.longest_open_seconds)
        self._go(told.state, told.reason, epoch=told.epoch)

    # -- what calls tell -------------------------------------------------------------------------------------

    def _admit(self, call: "Call", *, probe: bool) -> None:
        state = self.state
        if state is BreakerState.FORCED_CLOSED:
            return
        if state is BreakerState.HALF_OPEN and (probe or not self.probed) and self._has_permit():
            self._leases[call] = self._clock() + self.settings.lease_seconds
            return
        raise CircuitOpen(self.name, self.reason or "left alone after repeated failures")

    def _has_permit(self) -> bool:
        if self._leases:
            now = self._clock()
            self._leases = {call: until for call, until in self._leases.items() if until > now}
        return len(self._leases) + self._probed_well + self._probed_ill < self.settings.probes

    def _ended(self, call: "Call", error: BaseException | None, seconds: float, now: float) -> None:
        leased = bool(self._leases) and self._leases.pop(call, now) > now
        if call.epoch != self.epoch:
            return
        failed, reason = False, ""
        if error is not None:
            if not isinstance(error, EngineError) or not error.blames_engine:
                return
            failed, reason = True, error.reason
        slow = self._slow_seconds is not None and seconds > self._slow_seconds
        if self._state is BreakerState.CLOSED:
            self._count(now, failed=failed, slow=slow, reason=reason)
        elif self._state is BreakerState.HALF_OPEN and leased:
            self._learn(now, failed=failed or slow, reason=reason or "still too slow")

    def _count(self, now: float, *, failed: bool, slow: bool, reason: str) -> None:
        self._window.add(now, failed=failed, slow=slow)
        if failed:
            self._in_a_row += 1
        else:
            self._in_a_row_before, self._in_a_row = self._in_a_row, 0
        if failed or slow:
            self._judge(now, reason)

    def _judge(self, now: float, reason: str) -> None:
        """After a failed or slow call: one that was well opens nothing, even where it makes the window count."""
        own = self.settings
        window = self._window
        if self._in_a_row >= own.consecutive_failures:
            self._open(reason, now)
        elif window.calls < own.minimum_calls:
            return
        elif window.failures >= own.failure_rate * window.calls:
            self._open(reason or "it fails too often", now)
        elif window.slow >= own.slow_rate * window.calls:
            self._open("it has become too slow", now)

    def _learn(self, now: float, *, failed: bool, reason: str) -> None:
        """Of a probe. When all are back, the same rate decides as ever."""
        if failed:
            self._probed_ill += 1
        else:
            self._probed_well += 1
        probes = self.settings.probes
        if self._probed_ill >= self.settings.failure_rate * probes:
            self._open(reason, now)
        elif self._probed_well + self._probed_ill >= probes:
            self._close(now)

    # -- states ----------------------------------------------------------------------------------------------

    def _open(self, reason: str, now: float) -> None:
        own = self.settings
        if self._state is BreakerState.CLOSED and now - self._closed_at >= own.longest_open_seconds:
            self._openings = 0
        open_for = min(own.open_seconds * 2.0 ** min(self._openings, 16), own.longest_open_seconds)
        self._openings += 1
        self._opens_until = now + open_for * (1 - own.jitter * self._chance.random())
        self._go(BreakerState.OPEN, reason)

    def _close(self, now: float) -> None:
        self._closed_at = now
        self._go(BreakerState.CLOSED, "")

    def _go(self, state: BreakerState, reason: str, *, new_epoch: bool = True, epoch: int | None = None) -> None:
        before, self._state, self.reason = self._state, state, reason
        if new_epoch:
            self.epoch = self.epoch + 1 if epoch is None else epoch
            self._leases.clear()
        self._probed_well = self._probed_ill = self._in_a_row = self._in_a_row_before = 0
        self._window.clear()
        if before is not state:
            self._moved(Transition(self.name, before, state, self.epoch, reason))


class Call:
    """One call under a breaker's guard, as a context manager."""

    __slots__ = ("_begun", "_breaker", "_first", "_probe", "epoch")

    def __init__(self, breaker: CircuitBreaker, probe: bool) -> None:
        self._breaker = breaker
        self._probe = probe
        self._begun = 0.0
        self._first: float | None = None
        self.epoch = 0

    def first_output(self) -> None:
        """It answers: what takes time from here on is the length of the answer, or a listener who is slow."""
        if self._first is None:
            self._first = self._breaker._clock()

    def __enter__(self) -> Self:
        breaker = self._breaker
        if breaker._state is not BreakerState.CLOSED:
            breaker._admit(self, probe=self._probe)
        self.epoch = breaker.epoch
        self._begun = breaker.asked_at = breaker._clock()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        now = self._breaker._clock()
        self._breaker._ended(self, error, (now if self._first is None else self._first) - self._begun, now)
