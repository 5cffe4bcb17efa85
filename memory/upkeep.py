"""Which memories have vectors of the model in use, and giving them to those that have not: over Qdrant's points.

`reembedding` makes the vectors, on the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memory.indexing import NOT_EMBEDDED, Embedded, Model, Payload, kept_of, meanings_of
from memory.keeping import Kept
from memory.points import PointId, Points, Which
from memory.reading import indexed
from memory.types import MemoryId
from resilience.errors import EngineFailed


@dataclass(frozen=True, slots=True)
class Texts:
    """What of a memory is embedded: its text, and that with its context."""

    id: MemoryId
    text: str
    text_around: str


class Upkeep:
    def __init__(self, points: Points) -> None:
        self._points = points

    def prepare(self, model: Model) -> None:
        """Make room for the vectors of this model, and drop those of any other. Until `unembedded` finds none any
        more, memories without them are found by their words.
        """
        for label in self._points.values("embedding", Which()) - {model.label, NOT_EMBEDDED}:
            self._points.set_embedding(Which({"embedding": label}), NOT_EMBEDDED)
            self._points.drop_names(meanings_of(label))
        self._points.add_names(model.meanings, model.dimensions)

    def unembedded(self) -> tuple[MemoryId, ...]:
        """All memories, of every user, that have no vectors by the model that was prepared for."""
        return tuple(self._points.memory_id(id_) for id_ in self._points.ids(Which({"embedding": NOT_EMBEDDED})))

    def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]:
        """What has to be embedded of those of them that are still there and have no vectors."""
        waiting = Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))
        found = (kept_in(self._points, *each).memory for each in self._points.read(waiting))
        return tuple(Texts(memory.id, indexed(memory).text, indexed(memory).text_around) for memory in found)

    def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None:
        """Give them their vectors, as far as they are still there and have none."""
        waiting = Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))
        there = {*map(self._points.memory_id, self._points.ids(waiting))}
        vectors = {id_: embedded.of(number) for number, id_ in enumerate(ids) if id_ in there}
        if vectors:
            self._points.add_vectors(vectors)
            self._points.set_embedding(replace(waiting, ids=frozenset(vectors)), embedded.model.label)

    def embedded(self, model: Model) -> tuple[int, int]:
        """How many have vectors of this model, of how many that could."""
        done = self._points.count(Which({"embedding": model.label}))
        return done, done + self._points.count(Which({"embedding": NOT_EMBEDDED}))


def kept_in(points: Points, id_: PointId, payload: Payload) -> Kept:
    try:
        return kept_of(points.memory_id(id_), payload)
    except ValueError as exc:
        raise EngineFailed(points.name, f"a stored memory is damaged: {exc}") from exc
