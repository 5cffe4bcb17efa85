"""What a store of memories, and what turns texts into vectors, must be able to do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Part, Recalled, UserId, Vectors


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
        """All that stands, oldest first; with what was superseded, if wanted. Of tens of thousands it takes seconds:
        whoever is waited for asks for pages.
        """
        ...

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        """At most so many, those first that were kept last. What is kept meanwhile shows on no later page."""
        ...

    async def counts(self, user: UserId) -> Mapping[Kind, int]:
        """How many stand, of each kind that there is."""
        ...

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """All that led up to these: what they superseded, and what that did; the oldest first."""
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
