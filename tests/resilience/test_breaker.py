import asyncio

import pytest

from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import CircuitOpen, EngineFailed, InputRejected


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(EngineFailed), breaker.guard():
            raise EngineFailed("x", "boom")


def state(breaker: CircuitBreaker) -> BreakerState:
    """Asked through a function, or the type checker holds it for unchanged."""
    return breaker.state


def test_barge_in_is_not_a_failure() -> None:
    breaker = CircuitBreaker("x", threshold=1, clock=Clock())
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError), breaker.guard():
            raise asyncio.CancelledError
    assert state(breaker) == BreakerState.CLOSED


def test_bad_input_does_not_count() -> None:
    breaker = CircuitBreaker("x", threshold=1, clock=Clock())
    with pytest.raises(InputRejected), breaker.guard():
        raise InputRejected("x", "too short")
    assert state(breaker) == BreakerState.CLOSED


def test_it_opens_after_as_many_failures_in_a_row_as_it_was_told() -> None:
    breaker = CircuitBreaker("x", threshold=3, clock=Clock())
    fail(breaker, 2)
    with breaker.guard():
        pass
    fail(breaker, 2)
    assert state(breaker) == BreakerState.CLOSED
    fail(breaker)
    assert state(breaker) == BreakerState.OPEN
    with pytest.raises(CircuitOpen), breaker.guard():
        raise AssertionError


def test_half_open_admits_one_and_a_cancelled_probe_decides_nothing() -> None:
    clock = Clock()
    breaker = CircuitBreaker("x", threshold=1, open_seconds=10, clock=clock)
    fail(breaker)
    clock.now = 10
    probe = breaker.guard()
    probe.__enter__()
    with pytest.raises(CircuitOpen), breaker.guard():
        raise AssertionError
    assert not probe.__exit__(asyncio.CancelledError, asyncio.CancelledError(), None)
    assert state(breaker) == BreakerState.HALF_OPEN
    with breaker.guard():
        pass
    assert state(breaker) == BreakerState.CLOSED


def test_every_failed_probe_doubles_the_open_time_up_to_a_minute() -> None:
    clock = Clock()
    breaker = CircuitBreaker("x", threshold=1, open_seconds=20, clock=clock)
    fail(breaker)
    for expected in (40, 60, 60):
        clock.now += 1000
        fail(breaker)
        clock.now += expected - 1
        assert state(breaker) == BreakerState.OPEN
        clock.now += 1
        assert state(breaker) == BreakerState.HALF_OPEN
