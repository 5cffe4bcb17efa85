"""A bulkhead: so many calls at an engine at once, so many waiting before it, and not one more.

Who finds no room is told at once and asks the next engine; the work of those who are in does not suffer.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from resilience.errors import EngineBusy


class Bulkhead:
    def __init__(self, name: str, *, places: int, waiting: int) -> None:
        """`places`: calls at once. `waiting`: calls that may wait for a place, first come first served."""
        self.name = name
        self._waiting = waiting
        self._places = anyio.Semaphore(places)

    @asynccontextmanager
    async def place(self, seconds: float) -> AsyncGenerator[None]:
        """Waits at most so long. Raises `EngineBusy`. Whoever leaves, in whatever way, gives the place back."""
        places = self._places
        if places.value == 0 and places.statistics().tasks_waiting >= self._waiting:
            raise EngineBusy(self.name, "too many want it at once")
        try:
            with anyio.fail_after(seconds):
                await places.acquire()
        except TimeoutError as exc:
            raise EngineBusy(self.name, f"no place was free within {seconds:g} s") from exc
        try:
            yield
        finally:
            places.release()
