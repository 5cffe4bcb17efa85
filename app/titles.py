"""What users know their conversations by. The history tells, which is opened after the house and closed before it."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager


class Titles:
    def __init__(self) -> None:
        self._ask: Callable[[str], Awaitable[str]] | None = None

    async def of(self, thread: str) -> str:
        """Empty where it has none, or nobody can tell just now."""
        return "" if self._ask is None else await self._ask(thread)

    @contextmanager
    def told_by(self, ask: Callable[[str], Awaitable[str]]) -> Generator[None]:
        self._ask = ask
        try:
            yield
        finally:
            self._ask = None
