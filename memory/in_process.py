"""Long-term memory that lasts as long as the process: for tests, and for a machine without a disk to write on."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from memory.keeping import Kept, keep, with_superseded
from memory.protocols import LongTermMemory
from memory.ranking import bm25_scores, document_vector, question_of
from memory.types import Memory, MemoryId, NewMemory, Recalled, UserId


class InProcessMemory:
    def __init__(self) -> None:
        self._of: defaultdict[UserId, dict[MemoryId, Kept]] = defaultdict(dict)

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        answers, written = keep(self._standing(user), news)
        self._of[user].update((each.memory.id, each) for each in written)
        return answers

    async def search(self, user: UserId, query: str, *, limit: int = 5) -> tuple[Recalled, ...]:
        question = question_of(query)
        standing = self._standing(user)
        if question is None or limit < 1:
            return ()
        scores = bm25_scores(question, [document_vector(each.memory.text, each.memory.topic) for each in standing])
        found = [
            (score, each)
            for score, each in zip(scores, standing, strict=True)
            if score > 0 and question.concerns(each.memory.text, each.memory.topic)
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].age), reverse=True)
        return tuple(Recalled(each.memory, score) for score, each in found[:limit])

    async def everything(self, user: UserId) -> tuple[Memory, ...]:
        return tuple(each.memory for each in self._standing(user))

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        mine = self._of[user]
        going = with_superseded(ids, (each.memory for each in mine.values()))
        for each in going:
            del mine[each]
        return len(going)

    def _standing(self, user: UserId) -> list[Kept]:
        return sorted((each for each in self._of[user].values() if each.stands), key=lambda each: each.age)


@asynccontextmanager
async def open_in_process() -> AsyncGenerator[LongTermMemory]:
    yield InProcessMemory()
