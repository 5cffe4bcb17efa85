"""What was learnt from one turn, and how it is unlearnt: what it put in the place of something else comes back. What is
forgotten in one, and how it is known again.
"""

import dataclasses
from typing import Protocol

from graph.types import Forget
from memory.notes import Struck
from memory.protocols import LongTermMemory
from memory.types import Memory, NewMemory, Part, Source, UserId


class Notes(Protocol):
    """The notebook, seen from here. What writes raises `EngineError`."""

    async def strike(self, user: UserId, struck: Struck) -> None: ...

    async def restore(self, user: UserId, known: tuple[NewMemory, ...]) -> None:
        """Keep again what was kept before."""
        ...

    async def pending(self, user: UserId) -> tuple[NewMemory, ...]: ...


class Learnt:
    """Of one user. Everything raises `EngineError`."""

    def __init__(self, memory: LongTermMemory, notes: Notes, user: UserId) -> None:
        self._memory = memory
        self._notes = notes
        self._user = user

    async def told_in(self, source: Source) -> tuple[str, ...]:
        """The memories, as they are kept, and those on their way."""
        kept = [each.text for each in await self._kept(source)]
        coming = [each.text for each in await self._notes.pending(self._user) if each.source == source]
        return tuple(dict.fromkeys([*kept, *coming]))

    async def unlearn(self, source: Source) -> None:
        kept = await self._kept(source)
        ids = tuple(each.id for each in kept)
        behind = await self._memory.behind(self._user, ids) if ids else ()
        await self._notes.strike(self._user, Struck(ids, sources=(source,), turns=(source,)))
        again = tuple(_anew(each) for each in behind if each.superseded_by in ids and each.source != source)
        await self.know_again(again)

    async def kept_of(self, gone: Forget) -> tuple[NewMemory, ...]:
        """All that goes with it, the oldest first."""
        coming = [each for each in await self._notes.pending(self._user) if each.source in gone.turns]
        arrived = [each for each in gone.turns if each not in {new.source for new in coming}]
        standing = [each for turn in arrived for each in await self._kept(turn)]
        if gone.ids:
            named = Part(ids=gone.ids)
            standing += (await self._memory.page(self._user, named, limit=len(gone.ids))).memories
        found = {each.id: each for each in standing}
        behind = await self._memory.behind(self._user, [*found]) if found else ()
        for old in reversed(behind):
            if old.superseded_by in found and _will_give_way(old, found[old.superseded_by]):
                found[old.id] = old
        return tuple(sorted([*map(_anew, reversed(found.values())), *coming], key=lambda each: each.said_at))

    async def know_again(self, known: tuple[NewMemory, ...]) -> None:
        if known:
            await self._notes.restore(self._user, known)

    async def _kept(self, source: Source) -> tuple[Memory, ...]:
        return (await self._memory.page(self._user, Part(turn=source))).memories


def _anew(old: Memory) -> NewMemory:
    return NewMemory(**{each.name: getattr(old, each.name) for each in dataclasses.fields(NewMemory)})


def _will_give_way(old: Memory, new: Memory) -> bool:
    """Whether it takes the place of the old one again, told after it."""
    return not (old.many or new.many) and (old.subject, old.topic) == (new.subject, new.topic)
