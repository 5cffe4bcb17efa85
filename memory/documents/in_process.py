"""Documents that last as long as the process: for tests, and the measure for the stores that look up."""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio.lowlevel

from memory.documents.finding import Candidate, best, text_of, words_of
from memory.documents.passages import cut
from memory.documents.points import Edition, edition_of, passage_of
from memory.documents.types import Document, DocumentId, Found, NewDocument, Passage, Progress
from memory.protocols import Embedder
from memory.ranking import bm25_scores, question_of, writable
from memory.types import UserId, Vectors
from resilience.errors import InputRejected


@dataclass(frozen=True, slots=True)
class _Kept:
    edition: Edition
    passages: tuple[Passage, ...]
    meanings: Vectors | None


class InProcessLibrary:
    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._of: dict[UserId, dict[DocumentId, _Kept]] = {}

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        parts = cut(new.parts)
        if not parts:
            raise InputRejected("documents", f"“{new.name}” has no words in it")
        edition = edition_of(user, new, len(parts))
        document = edition.document
        there = self._of.get(user, {}).get(document.id)
        if there is not None and there.edition.fingerprint == edition.fingerprint:
            progress(len(parts), len(parts))
            return there.edition.document
        progress(0, len(parts))
        passages = tuple(passage_of(document, number, part) for number, part in enumerate(parts))
        meanings = await self._vectors([text_of(each) for each in passages])
        self._of.setdefault(user, {})[document.id] = _Kept(edition, passages, meanings)
        progress(len(parts), len(parts))
        return document

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        await anyio.lowlevel.checkpoint()
        newest = sorted(self._of.get(user, {}).values(), key=lambda each: each.edition.key, reverse=True)
        return tuple(each.edition.document for each in newest)

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        await anyio.lowlevel.checkpoint()
        kept = self._of.get(user, {}).get(id_)
        return () if kept is None else kept.passages

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        query, mine = writable(query).strip(), [*self._of.get(user, {}).values()]
        if limit < 1 or not query or not mine:
            return ()
        question, asked = question_of(query), await self._vectors([query])
        passages = [passage for kept in mine for passage in kept.passages]
        words = [0.0] * len(passages)
        if question is not None:
            words = bm25_scores(question, [words_of(each) for each in passages])
        meanings = [cosine for kept in mine for cosine in _cosines(kept, asked)]
        candidates = [Candidate(*row) for row in zip(passages, words, meanings, strict=True)]
        return best(question, candidates, limit)

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        await anyio.lowlevel.checkpoint()
        mine = self._of.get(user, {})
        return sum(mine.pop(each, None) is not None for each in ids)

    async def remove_all(self, user: UserId) -> int:
        await anyio.lowlevel.checkpoint()
        return len(self._of.pop(user, {}))

    async def _vectors(self, texts: Sequence[str]) -> Vectors | None:
        await anyio.lowlevel.checkpoint()
        return None if self._embedder is None else await self._embedder.embed(texts)


def _cosines(kept: _Kept, asked: Vectors | None) -> list[float] | list[None]:
    if asked is None or kept.meanings is None:
        return [None] * len(kept.passages)
    cosines: list[float] = (kept.meanings @ asked[0]).tolist()
    return cosines
