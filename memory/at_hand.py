"""What stands, kept at hand as it was read: to read it takes longer than to find it, and it never changes."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from memory.keeping import Kept
from memory.points import PointId

MOST = 100_000
"""So many at most, each in some 3 kB."""

Place: TypeAlias = tuple[str, int]
"""A thread, and a position there."""


class AtHand:
    def __init__(self) -> None:
        self._kept: dict[PointId, Kept] = {}
        self._places: dict[str, dict[Place, PointId]] = {}
        """By whose they are."""
        self.whole = False
        """Whether all that stands, of everybody, is here."""

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, ids: Iterable[PointId]) -> dict[PointId, Kept]:
        return {id_: kept for id_ in ids if (kept := self._kept.get(id_)) is not None}

    def all_of(self, owner: str) -> dict[PointId, Kept]:
        return self.get(self._places.get(owner, {}).values())

    def at(self, owner: str, places: Iterable[Place]) -> dict[PointId, Kept]:
        mine = self._places.get(owner, {})
        return self.get(id_ for place in places if (id_ := mine.get(place)) is not None)

    def put(self, owner: str, found: Mapping[PointId, Kept]) -> None:
        """Whatever of it stands."""
        standing = {id_: each for id_, each in found.items() if each.stands}
        if len(self._kept) + len(standing) > MOST:
            self.clear()
        if len(standing) > MOST:
            return
        self._kept |= standing
        mine = self._places.setdefault(owner, {})
        mine |= {_place_of(each): id_ for id_, each in standing.items()}

    def take_out(self, owner: str, ids: Iterable[PointId]) -> None:
        mine = self._places.get(owner, {})
        for id_ in ids:
            if (kept := self._kept.pop(id_, None)) is not None and mine.get(_place_of(kept)) == id_:
                del mine[_place_of(kept)]

    def take_out_all(self, owner: str) -> None:
        for id_ in self._places.pop(owner, {}).values():
            self._kept.pop(id_, None)

    @contextmanager
    def while_it_changes(self) -> Generator[None]:
        """When the change fails, nobody knows how much of it was made: then it is whole no longer."""
        whole, self.whole = self.whole, False
        yield
        self.whole = whole

    def clear(self) -> None:
        self._kept.clear()
        self._places.clear()
        self.whole = False


def _place_of(kept: Kept) -> Place:
    return kept.memory.source.thread, kept.position
