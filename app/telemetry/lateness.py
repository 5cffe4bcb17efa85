"""How late the event loop is: nothing may keep it from the people it serves for more than a blink."""

from collections import deque
from collections.abc import Callable
from typing import Final

import anyio

EVERY_SECONDS: Final = 0.05
"""A look costs some microseconds. What blocks for less may fall between two of them, and does so in proportion."""
REMEMBERED_SECONDS: Final = 60.0


class Lateness:
    """Of one event loop, as a task of its own finds it: how much later than asked it is woken."""

    def __init__(self, observe: Callable[[float], None], clock: Callable[[], float] = anyio.current_time) -> None:
        """`observe` is told of each look, in seconds."""
        self._observe = observe
        self._clock = clock
        self._late: deque[tuple[float, float]] = deque()
        """When and how late: what is later than all that came after it."""

    async def watch(self) -> None:
        while True:
            due = self._clock() + EVERY_SECONDS
            await anyio.sleep_until(due)
            self.saw(max(0.0, self._clock() - due))

    def saw(self, seconds: float) -> None:
        self._observe(seconds)
        while self._late and self._late[-1][1] <= seconds:
            self._late.pop()
        self._late.append((self._clock(), seconds))
        self._forget()

    @property
    def worst_seconds(self) -> float:
        """Of the last minute."""
        self._forget()
        return self._late[0][1] if self._late else 0.0

    def _forget(self) -> None:
        while self._late and self._late[0][0] < self._clock() - REMEMBERED_SECONDS:
            self._late.popleft()
