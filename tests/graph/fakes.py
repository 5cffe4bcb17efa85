"""Language models and a long-term memory that do what a test tells them: whole members of our Protocols."""

import dataclasses
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio
import anyio.lowlevel

from graph.types import Prompt
from memory.types import Memory, MemoryId, NewMemory, Recalled, UserId
from resilience.errors import EngineError


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
        fields = {each.name: getattr(new, each.name) for each in dataclasses.fields(new) if each.name != "many"}
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
