"""What a store of documents must be able to do."""

from collections.abc import Sequence
from typing import Protocol

from memory.documents.types import Document, DocumentId, Found, NewDocument, Passage, Progress
from memory.types import UserId


class Library(Protocol):
    """Every call is about one user and sees nobody else's. Every call raises `EngineError`."""

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        """Keep it, whole or not at all. One of the same name is replaced, and answers until then; one that is the same
        is left as it stands. Raises `InputRejected` for one without any words.
        """
        ...

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        """The newest first."""
        ...

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        """All of it in reading order; nothing when it is not there."""
        ...

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        """Best first; nothing rather than something unrelated."""
        ...

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        """Erase these for good; say how many went."""
        ...

    async def remove_all(self, user: UserId) -> int: ...
