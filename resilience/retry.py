"""Asking once more: an engine behind a network may fail by chance, and answer when it is asked again.

Exponential back-off with jitter, and only where it can help: before the first output, not when the engine is not there
or is not to blame, not through an open breaker, and never longer than its rung may take in all.
"""

from dataclasses import dataclass
from random import Random

import anyio

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineError, EngineUnavailable

MOST_RETRIES = 3

_chance = Random()  # noqa: S311 -- jitter, not a secret


@dataclass(frozen=True, slots=True)
class Retry:
    retries: int = 2
    """How often it is asked again, at most."""
    first_wait_seconds: float = 0.1
    """Before it is asked again; doubles each time."""
    longest_wait_seconds: float = 2.0
    jitter: float = 0.5
    """Up to this share is taken off a wait by chance, so that many do not ask again at once."""

    def __post_init__(self) -> None:
        if not 0 <= self.retries <= MOST_RETRIES:
            raise ValueError(f"retries: 0 to {MOST_RETRIES}, not {self.retries}")


NO_RETRY = Retry(retries=0)


class Tries:
    """All tries of one call at one rung: they share the time to its first output."""

    def __init__(self, retry: Retry, seconds: float, *, chance: Random = _chance) -> None:
        self._retry = retry
        self._until = anyio.current_time() + seconds
        self._again = 0
        self._chance = chance

    @property
    def seconds_left(self) -> float:
        return max(0.0, round(self._until - anyio.current_time(), 3))

    async def again(self, breaker: CircuitBreaker, error: EngineError) -> bool:
        """After `error`: whether to ask once more. If so, the wait before it is over."""
        own = self._retry
        hopeless = isinstance(error, EngineUnavailable) or not error.blames_engine
        if hopeless or self._again >= own.retries or not breaker.admits:
            return False
        wait = min(own.first_wait_seconds * 2.0**self._again, own.longest_wait_seconds)
        wait *= 1 - own.jitter * self._chance.random()
        if wait >= self.seconds_left:
            return False
        self._again += 1
        await anyio.sleep(wait)
        return True
