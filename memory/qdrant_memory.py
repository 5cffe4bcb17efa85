"""Long-term memory on a `Shelf` that is elsewhere: in a process of its own, or in worker threads before a server."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from memory.elsewhere import UPKEEP_SECONDS, Elsewhere, both, model_of
from memory.indexing import Embedded
from memory.protocols import Embedder
from memory.ranking import writable
from memory.reading import indexed, text_to_embed
from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Part, Recalled, UserId


class QdrantMemory(Elsewhere):
    def __init__(self, embedder: Embedder | None, *, alone: bool = False) -> None:
        """`alone`: nobody writes but through this one."""
        super().__init__(embedder)
        self._alone = alone
        self._subjects: dict[UserId, frozenset[str]] = {}

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        embedded = await self._embedded(news)
        with self._changing(user):
            answer: tuple[Memory, ...] = await self._ask("remember", user, tuple(news), embedded)
        return answer

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        embedded = await self._embedded([new])
        with self._changing(user):
            answer: Memory | None = await self._ask("correct", user, id_, new, embedded)
        return answer

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        if limit < 1 or not query.strip():
            return ()
        query, now, meaning = writable(query), now or datetime.now().astimezone(), None
        if self._embedder is not None and (subjects := await self._whom(user)):
            rows = await self._vectors([text_to_embed(query, subjects)])
            meaning = None if rows is None else rows[0]
        answer: tuple[Recalled, ...] = await self._ask("search", user, query, limit, now, self._model(), meaning)
        return answer

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        answer: tuple[Memory, ...] = await self._ask("everything", user, superseded)
        return answer

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        answer: Page = await self._ask("page", user, part, after, limit)
        return answer

    async def counts(self, user: UserId) -> Mapping[Kind, int]:
        answer: Mapping[Kind, int] = await self._ask("counts", user)
        return answer

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        answer: tuple[Memory, ...] = await self._ask("behind", user, tuple(ids))
        return answer

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        with self._changing(user):
            answer: int = await self._ask("forget", user, tuple(ids), seconds=UPKEEP_SECONDS)
        return answer

    async def forget_all(self, user: UserId) -> int:
        with self._changing(user):
            answer: int = await self._ask("forget_all", user, seconds=UPKEEP_SECONDS)
        return answer

    async def _whom(self, user: UserId) -> frozenset[str]:
        """Whom the user's memories are about."""
        known = self._subjects.get(user)
        if known is None:
            known = await self._ask("subjects", user)
            if known and self._alone:
                self._subjects[user] = known
        return known

    @contextmanager
    def _changing(self, user: UserId) -> Generator[None]:
        try:
            yield
        finally:
            self._subjects.pop(user, None)

    async def _embedded(self, news: Sequence[NewMemory]) -> Embedded | None:
        if self._embedder is None or not news:
            return None
        looks = [indexed(new) for new in news]
        rows = await self._vectors(both([each.text for each in looks], [e.text_around for e in looks]))
        return None if rows is None else Embedded(model_of(self._embedder), rows)
