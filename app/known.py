"""What is remembered of one user, laid out for them: by kind, by what they look for, and with what stood before it."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from memory.protocols import LongTermMemory
from memory.types import Kind, Memory, MemoryId, Part, UserId

MOST_FOUND: Final = 50
"""By meaning; and by the very words."""
LOOKING_SECONDS: Final = 3.0
"""For these words, through all there is."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was believed before, and where from."""

    id: MemoryId
    text: str
    said_at: datetime
    thread: str
    turn: str


@dataclass(frozen=True, slots=True)
class Shown:
    id: MemoryId
    text: str
    kind: Kind
    topic: str
    subject: str
    said_at: datetime
    thread: str
    turn: str
    confidence: float
    valid_from: datetime | None
    valid_until: datetime | None
    before: tuple[Earlier, ...]
    """What it superseded, the newest first."""


@dataclass(frozen=True, slots=True)
class Known:
    counts: Mapping[Kind, int]
    """How many stand, of each kind."""
    memories: tuple[Shown, ...]
    """The newest first; what was searched for, the best first."""
    after: Mapping[Kind, str]
    """Of which kinds there are more, and where they go on: larger numbers than a page can count with."""
    cut: bool = False
    """Whether there may be more of what was searched for."""


class Desk:
    """Raises `EngineError`."""

    def __init__(self, memory: LongTermMemory, user: UserId) -> None:
        self._memory = memory
        self._user = user

    async def by_kind(self, kind: Kind | None, most: int, after: int | None) -> Known:
        """At most so many of each kind, or of that kind."""
        counts = await self._memory.counts(self._user)
        chosen: list[Memory] = []
        more: dict[Kind, str] = {}
        for each in counts if kind is None else (kind,):
            page = await self._memory.page(self._user, Part(kind=each), after=after, limit=most)
            chosen += page.memories
            if page.after is not None:
                more[each] = str(page.after)
        chosen.sort(key=lambda memory: memory.said_at, reverse=True)
        return Known(counts, await self._shown(chosen), more)

    async def found(self, query: str, kind: Kind | None) -> Known:
        """By meaning first, then whatever else has these very words in it."""
        counts = await self._memory.counts(self._user)
        recalled = await self._memory.search(self._user, query, limit=MOST_FOUND, now=datetime.now(UTC))
        found = {each.memory.id: each.memory for each in recalled if kind in (None, each.memory.kind)}
        part, after, until = Part(kind=kind, words=query), None, time.monotonic() + LOOKING_SECONDS
        most = len(found) + MOST_FOUND
        while len(found) < most:
            page = await self._memory.page(self._user, part, after=after, limit=MOST_FOUND)
            found |= {each.id: each for each in page.memories if each.id not in found}
            after = page.after
            if after is None or time.monotonic() > until:
                break
        return Known(counts, await self._shown([*found.values()][:most]), {}, cut=after is not None)

    async def one(self, memory_id: MemoryId) -> Shown | None:
        shown = await self._shown(await self.mine([memory_id]))
        return next(iter(shown), None)

    async def mine(self, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        """Those of them that are this user's, also what was superseded."""
        part = Part(ids=tuple(ids), superseded=True)
        return (await self._memory.page(self._user, part, limit=max(1, len(ids)))).memories

    async def _shown(self, memories: Sequence[Memory]) -> tuple[Shown, ...]:
        behind = await self._memory.behind(self._user, [each.id for each in memories]) if memories else ()
        chains = _chains(behind)
        return tuple(_with_chain(each, chains) for each in memories)


def _chains(behind: Iterable[Memory]) -> dict[MemoryId, list[Memory]]:
    """What each memory superseded at once."""
    chains: dict[MemoryId, list[Memory]] = {}
    for each in behind:
        if each.superseded_by is not None:
            chains.setdefault(each.superseded_by, []).append(each)
    return chains


def _with_chain(memory: Memory, chains: Mapping[MemoryId, Sequence[Memory]]) -> Shown:
    earlier: list[Memory] = []
    to_ask = [memory.id]
    while to_ask:
        before = chains.get(to_ask.pop(), ())
        earlier += before
        to_ask += [each.id for each in before]
    return Shown(
        id=memory.id,
        text=memory.text,
        kind=memory.kind,
        topic=memory.topic,
        subject=memory.subject,
        said_at=memory.said_at,
        thread=memory.source.thread,
        turn=memory.source.turn,
        confidence=memory.confidence,
        valid_from=memory.valid_from,
        valid_until=memory.valid_until,
        before=tuple(
            Earlier(each.id, each.text, each.said_at, each.source.thread, each.source.turn)
            for each in sorted(earlier, key=lambda each: each.said_at, reverse=True)
        ),
    )
