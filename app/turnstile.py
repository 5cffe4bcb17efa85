"""How many turns may be begun at once in this process. Under overload the oldest session goes first: the newest waits,
is told so, and harms nobody.
"""

import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import anyio


class Pass:
    """One turn's way through; given back once, early or at the end."""

    def __init__(self, turnstile: "Turnstile") -> None:
        self._turnstile = turnstile
        self._is_out = True

    def give_back(self) -> None:
        if self._is_out:
            self._is_out = False
            self._turnstile._free_one()


@dataclass(order=True)
class _Waiting:
    since: float
    number: int
    may_go: anyio.Event = field(default_factory=anyio.Event, compare=False)


class Turnstile:
    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: list[_Waiting] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whoever comes now has to wait."""
        return self._free == 0

    def at_once(self) -> Pass | None:
        """A way through for whoever would rather not go than wait."""
        if self._free == 0:
            return None
        self._free -= 1
        return Pass(self)

    @asynccontextmanager
    async def passage(
        self, since: float, told_to_wait: Callable[[], Awaitable[None]], *, own: Pass | None = None
    ) -> AsyncGenerator[Pass]:
        """`since`: when the session began; the older goes first. `own`: what it was let through with already."""
        if own is None:
            own = self.at_once()
        if own is None:
            await self._wait(_Waiting(since, next(self._numbers)), told_to_wait)
            own = Pass(self)
        try:
            yield own
        finally:
            own.give_back()

    async def _wait(self, mine: _Waiting, told_to_wait: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._queue, mine)
        try:
            await told_to_wait()
            await mine.may_go.wait()
        except BaseException:
            if mine.may_go.is_set():
                self._free_one()  # it was ours already
            else:
                self._queue.remove(mine)
                heapq.heapify(self._queue)
            raise

    def _free_one(self) -> None:
        if self._queue:
            heapq.heappop(self._queue).may_go.set()
        else:
            self._free += 1
