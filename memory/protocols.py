"""What a store of memories must be able to do. Every call is about one user and sees nobody else's."""

from collections.abc import Sequence
from typing import Protocol

from memory.types import Memory, MemoryId, NewMemory, Recalled, UserId


class LongTermMemory(Protocol):
    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        """Keep them. One that is known already is not kept twice; one that contradicts another of its topic
        (not `many`) supersedes it. Raises `EngineError`.
        """
        ...

    async def search(self, user: UserId, query: str, *, limit: int = 5) -> tuple[Recalled, ...]:
        """Best first; nothing rather than something unrelated; never a superseded one."""
        ...

    async def everything(self, user: UserId) -> tuple[Memory, ...]:
        """All that stands (nothing superseded), oldest first."""
        ...

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        """Erase these for good, with what they superseded; say how many went."""
        ...
