"""Long-term memory behind a circuit breaker: bounded in time, and left alone while it is not well.

Whoever asks gets an `EngineError` at once or in a moment, and goes on without memories. Its breaker is meant to be
`probed`: then nobody's turn is spent on finding out whether it is well again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from memory.protocols import LongTermMemory
from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Part, Recalled, UserId
from resilience.attempt import attempt
from resilience.breaker import CircuitBreaker

READ_SECONDS = 1.5
WRITE_SECONDS = 10.0
"""Nobody waits for it: it is written after the reply."""
ERASE_SECONDS = 60.0
"""What is to leave no trace takes rewriting what it was among; and all there is may be much."""
PROBE_SECONDS = 20.0
"""Time for a store that has died to be started anew."""
NOBODY = UserId("nightingale:nobody")
"""Whose memories a health check asks for. There are none."""


class GuardedMemory:
    def __init__(
        self,
        inner: LongTermMemory,
        breaker: CircuitBreaker,
        *,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._inner = inner
        self._breaker = breaker
        self._read_seconds = read_seconds

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        with attempt(self._breaker, WRITE_SECONDS):
            return await self._inner.remember(user, news)

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        with attempt(self._breaker, WRITE_SECONDS):
            return await self._inner.correct(user, id_, new)

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        with attempt(self._breaker, self._read_seconds):
            return await self._inner.search(user, query, limit=limit, now=now)

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        with attempt(self._breaker, self._read_seconds):
            return await self._inner.everything(user, superseded=superseded)

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        with attempt(self._breaker, self._read_seconds):
            return await self._inner.page(user, part, after=after, limit=limit)

    async def counts(self, user: UserId) -> Mapping[Kind, int]:
        with attempt(self._breaker, self._read_seconds):
            return await self._inner.counts(user)

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        with attempt(self._breaker, self._read_seconds):
            return await self._inner.behind(user, ids)

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        with attempt(self._breaker, ERASE_SECONDS):
            return await self._inner.forget(user, ids)

    async def forget_all(self, user: UserId) -> int:
        with attempt(self._breaker, ERASE_SECONDS):
            return await self._inner.forget_all(user)

    async def probe(self) -> None:
        """Ask a question of nobody's. Raises `EngineError`."""
        with attempt(self._breaker, PROBE_SECONDS, probe=True):
            await self._inner.search(NOBODY, "Is anybody there?", limit=1)
