"""Documents behind the circuit breaker of the memories, which lie in the same store: bounded in time, and left alone
while that is not well.
"""

from collections.abc import Sequence

from memory.documents.protocols import Library
from memory.documents.types import Document, DocumentId, Found, NewDocument, Passage, Progress
from memory.guarded import ERASE_SECONDS, READ_SECONDS
from memory.types import UserId
from resilience.attempt import attempt
from resilience.breaker import CircuitBreaker


class GuardedLibrary:
    def __init__(self, inner: Library, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        """It may take as long as there is to add, which is nothing against the store: its steps are bounded there."""
        await self.documents(user)
        return await self._inner.add(user, new, progress=progress)

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        with attempt(self._breaker, READ_SECONDS):
            return await self._inner.documents(user)

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        with attempt(self._breaker, READ_SECONDS):
            return await self._inner.passages(user, id_)

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        with attempt(self._breaker, READ_SECONDS):
            return await self._inner.search(user, query, limit=limit)

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        with attempt(self._breaker, ERASE_SECONDS):
            return await self._inner.remove(user, ids)

    async def remove_all(self, user: UserId) -> int:
        with attempt(self._breaker, ERASE_SECONDS):
            return await self._inner.remove_all(user)
