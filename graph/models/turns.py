"""Whose turn it is at a model that does one thing at a time, and which thread may touch it.

Answers that somebody waits for take turns, a stretch of words each; asides have what time is left over.
"""

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import anyio

from resilience.errors import EngineFailed, EngineTimeout

_LONGEST_CALL_SECONDS = 5.0
"""How long the next thread waits for one that is in the library; after that it hangs."""


class Turns:
    def __init__(self) -> None:
        self._taken = False
        self._answers: deque[anyio.Event] = deque()
        self._asides: deque[anyio.Event] = deque()

    @property
    def free(self) -> bool:
        return not self._taken

    @property
    def wanted(self) -> bool:
        """Is there an answer that waits? Any thread may ask."""
        return bool(self._answers)

    def turn(self, *, aside: bool) -> "Turn":
        return Turn(self, aside=aside)

    async def _take(self, *, aside: bool) -> None:
        if not self._taken:
            self._taken = True
            return
        queue = self._asides if aside else self._answers
        called, mine = anyio.Event(), False
        queue.append(called)
        try:
            await called.wait()
            mine = True
        finally:
            if not mine:  # cancelled, perhaps in the moment in which it was called
                self._give_back() if called.is_set() else queue.remove(called)

    def _give_back(self) -> None:
        queue = self._answers or self._asides
        if queue:
            queue.popleft().set()
        else:
            self._taken = False


class Turn:
    """`with` gives it back, where it was taken."""

    def __init__(self, turns: Turns, *, aside: bool) -> None:
        self._turns = turns
        self._aside = aside
        self._mine = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mine:
            self._leave()

    async def take(self) -> None:
        await self._turns._take(aside=self._aside)
        self._mine = True

    async def pass_on(self) -> None:
        """Let those who wait go first. Cancelled meanwhile, it is no longer this one's turn."""
        self._leave()
        await self.take()

    def _leave(self) -> None:
        self._mine = False
        self._turns._give_back()


class Touching:
    """Who may touch the model: one thread at a time, and none once it is closed."""

    def __init__(self, engine: str) -> None:
        self.lock = threading.Lock()
        self._engine = engine
        self._ended = False

    @contextmanager
    def alone(self) -> Generator[None]:
        """Raises `EngineTimeout` where an earlier call hangs, so that no thread waits behind it for ever."""
        if not self.lock.acquire(timeout=_LONGEST_CALL_SECONDS):
            raise EngineTimeout(self._engine, "an earlier call has not come back")
        try:
            if self._ended:
                raise EngineFailed(self._engine, "it was closed")
            yield
        finally:
            self.lock.release()

    def end(self) -> None:
        with self.lock:
            self._ended = True
