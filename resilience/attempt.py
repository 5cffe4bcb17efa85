"""One attempt at a part that can fail: under its breaker, and with a limit on its time."""

from collections.abc import Generator
from contextlib import contextmanager

import anyio

from resilience.breaker import Call, CircuitBreaker
from resilience.errors import EngineTimeout


@contextmanager
def attempt(breaker: CircuitBreaker, seconds: float, *, probe: bool = False) -> Generator[Call]:
    """Raises `CircuitOpen` on entry, and `EngineTimeout` when it takes longer."""
    with breaker.guard(probe=probe) as call, deadline(breaker.name, seconds):
        yield call


@contextmanager
def deadline(part: str, seconds: float) -> Generator[None]:
    try:
        with anyio.fail_after(seconds):
            yield
    except TimeoutError as exc:
        raise EngineTimeout(part, f"no output within {seconds:g} s") from exc
