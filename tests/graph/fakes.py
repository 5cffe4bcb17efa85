"""Language models and a long-term memory that do what a test tells them: whole members of our Protocols."""

import dataclasses
import itertools
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import anyio
import anyio.lowlevel

from graph.types import Prompt
from graph.words import content_words
from memory.documents.types import Document, DocumentId, Found, NewDocument, Part, Passage, Progress
from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Recalled, UserId
from memory.types import Part as Some
from resilience.errors import EngineError, InputRejected

ADDED_AT = datetime(2025, 3, 1, 9, tzinfo=UTC)


class ScriptedModel:
    """Says these pieces, one at a time, to every prompt. `dies` after them, if told to."""

    def __init__(self, *pieces: str, dies: Exception | None = None) -> None:
        self.pieces = pieces
        self.dies = dies
        self.prompts: list[Prompt] = []
        self.said = 0
        self.closed = 0

    async def generate(
        self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[str, None]:
        answering("scripted")
        self.prompts.append(prompt)
        try:
            for piece in self.pieces:
                await anyio.lowlevel.checkpoint()
                self.said += 1
                yield piece
            if self.dies:
                raise self.dies
        finally:
            self.closed += 1


class HangingModel(ScriptedModel):
    """Says its pieces, and then nothing for ever."""

    async def generate(
        self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[str, None]:
        answering("scripted")
        self.prompts.append(prompt)
        try:
            for piece in self.pieces:
                self.said += 1
                yield piece
            await anyio.sleep_forever()
        finally:
            self.closed += 1


@dataclass
class ListedMemory:
    """Keeps memories in a list and finds those that share a word with the query. `fails`: every call raises this."""

    kept: dict[UserId, list[Memory]] = field(default_factory=dict)
    fails: EngineError | None = None
    hangs: bool = False
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        await self._work()
        answers = []
        for each in news:
            mine = self.kept.setdefault(user, [])
            known = [old for old in mine if old.text == each.text and old.superseded_by is None]
            answers.append(known[0] if known else self._add(user, each))
        return tuple(answers)

    def _add(self, user: UserId, new: NewMemory) -> Memory:
        fresh = MemoryId(f"{user}-{next(self._numbers)}")
        self.kept[user] = [
            replace(old, superseded_by=fresh)
            if not new.many and (old.subject, old.topic) == (new.subject, new.topic) and old.superseded_by is None
            else old
            for old in self.kept[user]
        ]
        fields = {each.name: getattr(new, each.name) for each in dataclasses.fields(new)}
        self.kept[user].append(Memory(id=fresh, **fields))
        return self.kept[user][-1]

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        await self._work()
        mine = self.kept.get(user, [])
        if not any(each.id == id_ and each.superseded_by is None for each in mine):
            return None
        added = self._add(user, replace(new, many=True))
        self.kept[user] = [
            replace(each, superseded_by=added.id) if each.id == id_ else each for each in self.kept[user]
        ]
        return added

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        await self._work()
        words = set(query.casefold().split())
        hits = [
            Recalled(each, float(shared))
            for each in await self.everything(user)
            if (shared := len(words & set(each.text.rstrip(".").casefold().split())))
        ]
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        await self._work()
        return tuple(each for each in self.kept.get(user, ()) if superseded or each.superseded_by is None)

    async def page(self, user: UserId, part: Some = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        """A page goes on after so many."""
        mine = [
            each
            for each in reversed(await self.everything(user, superseded=part.superseded))
            if part.kind in (None, each.kind)
            and (not part.topics or each.topic in part.topics)
            and (part.ids is None or each.id in part.ids)
            and part.turn in (None, each.source)
            and all(word in each.text.casefold() for word in part.words.casefold().split())
        ]
        start = after or 0
        return Page(tuple(mine[start : start + limit]), start + limit if len(mine) > start + limit else None)

    async def counts(self, user: UserId) -> dict[Kind, int]:
        return dict(Counter(each.kind for each in await self.everything(user)))

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        mine = await self.everything(user, superseded=True)
        found, new = set[MemoryId](), set(ids)
        while new := {each.id for each in mine if each.superseded_by in new} - found:
            found |= new
        return tuple(each for each in mine if each.id in found)

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        await self._work()
        mine = self.kept.get(user, [])
        left = [each for each in mine if each.id not in ids and each.superseded_by not in ids]
        self.kept[user] = left
        return len(mine) - len(left)

    async def forget_all(self, user: UserId) -> int:
        await self._work()
        return len(self.kept.pop(user, ()))

    def texts(self, user: str) -> list[str]:
        return [each.text for each in self.kept.get(UserId(user), ()) if each.superseded_by is None]

    async def _work(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.hangs:
            await anyio.sleep_forever()
        if self.fails:
            raise self.fails


@dataclass
class ListedLibrary:
    """Keeps documents in a list, a passage for each part, and finds those that share a word with the query.
    `fails`: every call raises this.
    """

    kept: dict[UserId, list[tuple[Document, tuple[Passage, ...]]]] = field(default_factory=dict)
    fails: EngineError | None = None
    hangs: bool = False
    hung: int = 0
    """How many calls."""
    asked: list[str] = field(default_factory=list)
    """What was searched for."""

    def put(self, user: UserId, name: str, **parts: str) -> DocumentId:
        """`parts` by their places, with `_` for a blank."""
        new = NewDocument(name, name, tuple(Part(place.replace("_", " "), text) for place, text in parts.items()))
        return self._add(user, new).id

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        await self._work()
        if not any(part.text.strip() for part in new.parts):
            raise InputRejected("documents", f"there are no words in {new.name}")
        added = self._add(user, new)
        progress(added.passages, added.passages)
        return added

    def _add(self, user: UserId, new: NewDocument) -> Document:
        id_ = DocumentId(f"{user}-{new.name}")
        passages = tuple(
            Passage(id_, new.name, new.title, part.place, n, part.text) for n, part in enumerate(new.parts)
        )
        characters = sum(len(part.text) for part in new.parts)
        document = Document(id_, new.name, new.title, ADDED_AT, characters, len(passages), new.metadata)
        others = [each for each in self.kept.get(user, ()) if each[0].id != id_]
        self.kept[user] = [(document, passages), *others]
        return document

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        await self._work()
        return tuple(document for document, _ in self.kept.get(user, ()))

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        await self._work()
        return next((passages for document, passages in self.kept.get(user, ()) if document.id == id_), ())

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        await self._work()
        self.asked.append(query)
        words = content_words(query)
        hits = [
            Found(passage, float(shared))
            for _, passages in self.kept.get(user, ())
            for passage in passages
            if (shared := len(words & content_words(passage.text)))
        ]
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        await self._work()
        mine = self.kept.get(user, [])
        self.kept[user] = [each for each in mine if each[0].id not in ids]
        return len(mine) - len(self.kept[user])

    async def remove_all(self, user: UserId) -> int:
        await self._work()
        return len(self.kept.pop(user, ()))

    def names(self, user: UserId) -> list[str]:
        return [document.name for document, _ in self.kept.get(user, ())]

    async def _work(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.hangs:
            self.hung += 1
            await anyio.sleep_forever()
        if self.fails:
            raise self.fails
