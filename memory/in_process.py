"""Long-term memory that lasts as long as the process: for tests, and for a machine without a disk to write on.

It looks at everything the user has, and is the measure for the stores that look up.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from qdrant_edge import SparseVector

from memory.keeping import Kept, belongs, correct, keep, led_to, silent_about, with_superseded
from memory.protocols import Embedder, LongTermMemory
from memory.ranking import bm25_scores, writable
from memory.reading import CANDIDATES, Asked, indexed, neighbours_wanted, recall, vectors_wanted
from memory.types import (
    EVERYTHING,
    Candidate,
    Kind,
    Memory,
    MemoryId,
    NewMemory,
    Page,
    Part,
    Recalled,
    UserId,
    Vectors,
)


@dataclass(frozen=True, slots=True)
class _Looked:
    words_around: SparseVector
    meanings: Vectors | None
    """Of the text, and of the text with its context."""


class InProcessMemory:
    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._of: defaultdict[UserId, dict[MemoryId, Kept]] = defaultdict(dict)
        self._looks: dict[MemoryId, _Looked] = {}

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        meanings = await self._meanings(news)
        answers, written = keep(self._standing(user), news, self._ends(user))
        number_of = {answer.id: number for number, answer in reversed([*enumerate(answers)])}
        self._write(user, written, {id_: meanings[number] for id_, number in number_of.items()})
        return answers

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        (meanings,) = await self._meanings([new])
        wrong = self._of[user].get(id_)
        if wrong is None or not wrong.stands:
            return None
        right, written = correct(wrong, self._standing(user), new, self._ends(user))
        self._write(user, written, {right.id: meanings})
        return right

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        if limit < 1 or not query.strip():
            return ()
        now = now or datetime.now(UTC)
        asked, candidates = await self.candidates(user, writable(query), now)
        return recall(asked, candidates, now=now, limit=limit)

    async def candidates(self, user: UserId, query: str, now: datetime) -> tuple[Asked, list[Candidate]]:
        """What `recall` chooses from."""
        standing = self._standing(user)
        asked = vectors_wanted(query, now, {each.memory.subject for each in standing})
        looks = [self._looks[each.memory.id] for each in standing]
        meanings, words = np.zeros((2, len(standing))), np.zeros(len(standing))
        if asked.question is not None:
            words[:] = bm25_scores(asked.question, [look.words_around for look in looks])
        if self._embedder is not None and standing:
            (meaning,) = await self._embedder.embed([asked.text_to_embed])
            for row, look in enumerate(looks):
                if look.meanings is not None:
                    meanings[:, row] = look.meanings @ meaning
        every = [
            Candidate(each.memory, each.marks, each.position, *figures)
            for each, *figures in zip(standing, meanings[0].tolist(), words.tolist(), meanings[1].tolist(), strict=True)
        ]
        columns = (words, meanings[1])
        best = {row for column in columns for row in np.argsort(-column)[:CANDIDATES].tolist() if column[row] > 0}
        beside = set(neighbours_wanted(asked, [every[row] for row in best]))
        best |= {row for row, each in enumerate(every) if (each.memory.source.thread, each.position) in beside}
        return asked, [every[row] for row in sorted(best)]

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        kept = self._of[user].values() if superseded else self._standing(user)
        return tuple(each.memory for each in sorted(kept, key=lambda each: each.age))

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        meant = [
            each for each in self._of[user].values() if belongs(each, part) and (not after or each.kept_at < after)
        ]
        newest = sorted(meant, key=lambda each: each.kept_at, reverse=True)[: limit + 1]
        more = len(newest) > limit
        return Page(tuple(each.memory for each in newest[:limit]), newest[limit - 1].kept_at if more else None)

    async def counts(self, user: UserId) -> Mapping[Kind, int]:
        return Counter(each.memory.kind for each in self._standing(user))

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        mine = self._of[user]
        behind = led_to(ids, [each.memory for each in mine.values()])
        kept = sorted((mine[each] for each in behind), key=lambda each: each.age)
        return tuple(each.memory for each in kept)

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        mine = self._of[user]
        going = with_superseded(ids, (each.memory for each in mine.values()))
        gone = [mine[each].memory for each in going]
        for each in going:
            del mine[each]
            self._looks.pop(each, None)
        threads = {each.source.thread for each in gone}
        changed = silent_about(gone, (each for each in mine.values() if each.memory.source.thread in threads))
        self._write(user, changed, {each.memory.id: None for each in changed})
        return len(going)

    async def forget_all(self, user: UserId) -> int:
        return await self.forget(user, tuple(self._of[user]))

    async def _meanings(self, news: Sequence[NewMemory]) -> list[Vectors | None]:
        if self._embedder is None or not news:
            return [None] * len(news)
        looks = [indexed(new) for new in news]
        rows = await self._embedder.embed([writable(text) for look in looks for text in (look.text, look.text_around)])
        return [rows[number : number + 2] for number in range(0, len(rows), 2)]

    def _write(self, user: UserId, written: Sequence[Kept], meanings: Mapping[MemoryId, Vectors | None]) -> None:
        for each in written:
            key = each.memory.id
            self._of[user][key] = each
            if each.stands:
                look = indexed(each.memory)
                self._looks[key] = _Looked(look.words_around, meanings[key])

    def _standing(self, user: UserId) -> list[Kept]:
        return sorted((each for each in self._of[user].values() if each.stands), key=lambda each: each.age)

    def _ends(self, user: UserId) -> dict[str, int]:
        """The last position in each thread."""
        ends: Counter[str] = Counter()
        for each in self._of[user].values():
            thread = each.memory.source.thread
            ends[thread] = max(ends[thread], each.position)
        return ends


@asynccontextmanager
async def open_in_process() -> AsyncGenerator[LongTermMemory]:
    yield InProcessMemory()
