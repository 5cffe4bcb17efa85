"""What an engine of points must be able to do for whoever keeps something in it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from memory.indexing import Payload, Point, Vector
from memory.types import MemoryId

PointId: TypeAlias = int | str | uuid.UUID
"""A `MemoryId` in the form that costs the engine least, for there are hundreds in a search."""
Figures: TypeAlias = dict[str, dict[PointId, float]]
"""Scores, by vector and point."""


@dataclass(frozen=True, slots=True)
class Which:
    """Conditions on points that must all hold."""

    values: Mapping[str, str] = field(default_factory=dict)
    """A field has this value."""
    any_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """One of the fields has one of its values."""
    ids: frozenset[PointId] | None = None
    """In either form."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The nearest to a vector, among those of a name."""

    name: str
    vector: Vector
    limit: int


class Points(Protocol):
    """An engine. Every call raises `EngineError`; a write is durable when it returns."""

    name: str

    def read(self, which: Which) -> Iterable[tuple[PointId, Payload]]:
        """Each point's id and payload."""
        ...

    def ids(self, which: Which) -> list[PointId]: ...

    def id_of(self, id_: MemoryId) -> PointId: ...

    def memory_id(self, id_: PointId) -> MemoryId: ...

    def last(self, which: Which) -> Payload | None:
        """The payload of the one with the highest position."""
        ...

    def newest(self, which: Which, limit: int, start: int | None = None) -> list[tuple[PointId, Payload]]:
        """Those that were kept last, the last first. None that was kept after `start`, but for rounding."""
        ...

    def count(self, which: Which) -> int: ...

    def counts(self, key: str, which: Which) -> dict[str, int]:
        """The values that a field has, a thousand of them at most, and how many have each."""
        ...

    def values(self, key: str, which: Which) -> set[str]: ...

    def nearest(self, wanted: Sequence[Wanted], which: Which, *, corpus: Which) -> Figures:
        """The best first. `corpus`: what the rarity of a word is counted in."""
        ...

    def write(self, points: Sequence[Point]) -> None:
        """All or none of them."""
        ...

    def add_vectors(self, vectors: Mapping[MemoryId, Mapping[str, Vector]]) -> None:
        """To points that exist."""
        ...

    def set_embedding(self, which: Which, label: str) -> None: ...

    def erase(self, which: Which) -> None:
        """Leaving nothing of them behind."""
        ...

    def add_names(self, names: Sequence[str], dimensions: int) -> None:
        """Make room for dense vectors of these names, where there is none."""
        ...

    def drop_names(self, names: Sequence[str]) -> None:
        """With all vectors of these names."""
        ...
