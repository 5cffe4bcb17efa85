"""Documents on a `Bookshelf` that is elsewhere: in the process of the memories, or in worker threads before a server.

Passages are written, and embedded, a batch at a time.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import anyio
import numpy as np
import structlog
from anyio import to_thread

from memory.documents.finding import text_of
from memory.documents.passages import cut
from memory.documents.points import Edition, edition_of, passage_of
from memory.documents.types import Document, DocumentId, Found, NewDocument, Part, Passage, Progress
from memory.elsewhere import UPKEEP_SECONDS, Elsewhere
from memory.indexing import Embedded
from memory.protocols import Embedder
from memory.ranking import writable
from memory.types import UserId, Vectors
from resilience.errors import EngineError, InputRejected

log = structlog.get_logger(__name__)

BATCH = 64
"""Passages that are written at once: each write waits for the disk."""
_EMBEDDED_AT_ONCE = 16
"""Others want the embedder too."""
_CLEAN_UP_SECONDS = 10.0


class Ask(Protocol):
    async def __call__(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        """Call that method of the bookshelf."""
        ...


class QdrantLibrary(Elsewhere):
    def __init__(self, ask: Ask, embedder: Embedder | None) -> None:
        super().__init__(embedder)
        self._bookshelf = ask

    async def _ask(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        return await self._bookshelf(verb, *arguments, seconds=seconds)

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        parts, edition = await to_thread.run_sync(_begin, user, new)
        if not parts:
            raise InputRejected("documents", f"“{new.name}” has no words in it")
        same: Document | None = await self._ask("same", user, edition)
        if same is not None:
            progress(same.passages, same.passages)
            return same
        finished = False
        try:
            for start in range(0, len(parts), BATCH):
                progress(start, len(parts))
                some = parts[start : start + BATCH]
                embedded = await self._embedded(edition, start, some)
                await self._ask("write", user, edition, start, some, embedded, seconds=UPKEEP_SECONDS)
            document: Document = await self._ask("finish", user, edition, seconds=UPKEEP_SECONDS)
            finished = True
        finally:
            if not finished:
                with anyio.move_on_after(_CLEAN_UP_SECONDS, shield=True):
                    await self._drop(user, edition)
        progress(len(parts), len(parts))
        return document

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        documents: tuple[Document, ...] = await self._ask("documents", user)
        return documents

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        passages: tuple[Passage, ...] = await self._ask("passages", user, id_)
        return passages

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        query = writable(query).strip()
        if limit < 1 or not query or not await self._ask("any", user):
            return ()
        rows = await self._vectors([query])
        meaning = None if rows is None else rows[0]
        found: tuple[Found, ...] = await self._ask("search", user, query, limit, self._model(), meaning)
        return found

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        number: int = await self._ask("remove", user, tuple(ids), seconds=UPKEEP_SECONDS)
        return number

    async def remove_all(self, user: UserId) -> int:
        number: int = await self._ask("remove_all", user, seconds=UPKEEP_SECONDS)
        return number

    async def _embedded(self, edition: Edition, start: int, parts: Sequence[Part]) -> Embedded | None:
        if (model := self._model()) is None:
            return None
        passages = (passage_of(edition.document, start + number, part) for number, part in enumerate(parts))
        texts = [text_of(each) for each in passages]
        rows: list[Vectors] = []
        for first in range(0, len(texts), _EMBEDDED_AT_ONCE):
            some = await self._vectors(texts[first : first + _EMBEDDED_AT_ONCE])
            if some is None:
                return None
            rows.append(some)
        return Embedded(model, np.concatenate(rows * 2))

    async def _drop(self, user: UserId, edition: Edition) -> None:
        try:
            await self._ask("drop", user, edition, seconds=UPKEEP_SECONDS)
        except EngineError as exc:
            log.warning("passages of a document that was not finished are left", code=exc.code, reason=exc.reason)


def _begin(user: UserId, new: NewDocument) -> tuple[tuple[Part, ...], Edition]:
    parts = cut(new.parts)
    return parts, edition_of(user, new, len(parts))
