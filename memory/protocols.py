"""What a store of memories, and what turns texts into vectors, must be able to do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from memory.types import Memory, MemoryId, NewMemory, Recalled, UserId, Vectors


class LongTermMemory(Protocol):
    """Every call is about one user and sees nobody else's. Every call raises `EngineError`."""

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        """Keep them. One that is known already is not kept twice; one that contradicts another of its subject and
        topic (not `many`) supersedes it.
        """
        ...

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        """Let this one be superseded by what it should have been. None when it is not there, or superseded already."""
        ...

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        """Best first; nothing rather than something unrelated; never a superseded one. `now`: when it is asked, which
        "last spring" is relative to.
        """
        ...

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        """All that stands, oldest first; with what was superseded, if wanted."""
        ...

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        """Erase these for good, with what they superseded; say how many went."""
        ...

    async def forget_all(self, user: UserId) -> int:
        """Erase all that is kept of this user, also what was superseded."""
        ...


class Embedder(Protocol):
    @property
    def model(self) -> str:
        """Its name and version: vectors of another one mean nothing to it."""
        ...

    @property
    def dimensions(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in their order. Raises `EngineError`."""
        ...
