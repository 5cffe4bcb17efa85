"""How late the event loop is: nothing may keep it from the people it serves for more than a blink."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import anyio

EVERY_SECONDS: Final = 0.05
"""A look costs some microseconds. What blocks for less may fall between two of them, and does so in proportion."""
REMEMBERED_SECONDS: Final = 60.0


class Lateness:
    """Of one event loop, as a task of its own finds it: how much later than asked it is woken."""

    def __init__(self, observe: Callable[[float], None], work_seconds: Callable[[], float] = time.thread_time) -> None:
        """`observe` is told of each look, in seconds. `work_seconds`: what the loop's thread had of the processor."""
        self._observe = observe
        self._work_seconds = work_seconds
        self._late = _Worst()
        self._blocked = _Worst()

    async def watch(self) -> None:
        while True:
            due, worked = anyio.current_time() + EVERY_SECONDS, self._work_seconds()
            await anyio.sleep_until(due)
            self.saw(max(0.0, anyio.current_time() - due), self._work_seconds() - worked)

    def saw(self, seconds: float, worked: float) -> None:
        """It was so late, and had worked so long since the look before."""
        self._observe(seconds)
        self._late.saw(seconds)
        self._blocked.saw(min(seconds, worked))

    @property
    def late_seconds(self) -> float:
        """The worst of the last minute."""
        return self._late.seconds

    @property
    def blocked_seconds(self) -> float:
        """As much of that, at most, was work on the loop; for the rest the processor was others'."""
        return self._blocked.seconds


class _Worst:
    """Of the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        """When and how much: what is more than all that came after it."""

    def saw(self, seconds: float) -> None:
        while self._seen and self._seen[-1][1] <= seconds:
            self._seen.pop()
        self._seen.append((anyio.current_time(), seconds))
        self._forget()

    @property
    def seconds(self) -> float:
        self._forget()
        return self._seen[0][1] if self._seen else 0.0

    def _forget(self) -> None:
        while self._seen and self._seen[0][0] < anyio.current_time() - REMEMBERED_SECONDS:
            self._seen.popleft()
