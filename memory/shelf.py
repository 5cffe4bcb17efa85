"""What a store of memories does, over Qdrant's points, whichever of its engines holds them.

Synchronous: the embedded engine runs in a process of its own, the client of a server in worker threads. Vectors are
made by whoever calls. All that is read or erased here is told apart by user in one place, `_of`.
"""

import statistics
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeAlias

from memory.indexing import (
    NOT_EMBEDDED,
    WORDS_AROUND,
    Embedded,
    Model,
    Payload,
    Point,
    Vector,
    kept_of,
    meanings_of,
    place_of,
    point_of,
)
from memory.keeping import Kept, correct, keep, kin_of
from memory.ranking import writable
from memory.reading import CANDIDATES, indexed, neighbours_wanted, recall, vectors_wanted
from memory.types import Candidate, Memory, MemoryId, NewMemory, Recalled, UserId, Vectors
from resilience.errors import EngineFailed

_DEEP = 4 * CANDIDATES
"""So far down their figures are looked up by words, for those that are among the best otherwise."""
_KNOWN = 100_000
"""So many memories are kept at hand at most, each in some 3 kB."""
_MANY = 1_000
"""To look up so many takes longer than to read everything."""

PointId: TypeAlias = int | str | uuid.UUID
"""As the engine gives it: `str` of it is a `MemoryId`, which takes time when there are hundreds."""
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

    def last(self, which: Which) -> Payload | None:
        """The payload of the one with the highest position."""
        ...

    def count(self, which: Which) -> int: ...

    def values(self, key: str, which: Which) -> set[str]:
        """That a field has, a thousand of them at most."""
        ...

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


@dataclass(frozen=True, slots=True)
class Texts:
    """What of a memory is embedded: its text, and that with its context."""

    id: MemoryId
    text: str
    text_around: str


class Shelf:
    def __init__(self, points: Points, *, alone: bool) -> None:
        """`alone`: nobody else writes."""
        self._points = points
        self._alone = alone
        self._subjects: dict[UserId, frozenset[str]] = {}
        self._known: dict[PointId, Kept] = {}
        """What stands, as it was read: to read it takes longer than to find it, and it never changes."""

    def remember(self, user: UserId, news: Sequence[NewMemory], embedded: Embedded | None) -> tuple[Memory, ...]:
        answers, written = keep(self._kin(user, news), news, self._ends(user, news))
        number_of: dict[MemoryId, int] = {}
        for number, answer in enumerate(answers):
            number_of.setdefault(answer.id, number)
        self._write(user, written, number_of, embedded)
        return answers

    def correct(self, user: UserId, id_: MemoryId, new: NewMemory, embedded: Embedded | None) -> Memory | None:
        wrong = next((each for each in self._read(_of(user, ids=_valid([id_]))) if each.stands), None)
        if wrong is None:
            return None
        kin = self._kin(user, [replace(new, many=False)])  # whether it is one of many, it may have from the wrong one
        right, written = correct(wrong, kin, new, self._ends(user, [new]))
        self._write(user, written, {right.id: 0}, embedded)
        return right

    def subjects(self, user: UserId) -> frozenset[str]:
        """Whom the user's memories are about."""
        subjects = self._subjects.get(user)
        if subjects is None:
            subjects = frozenset(self._points.values("subject", _of(user, standing=True)))
            if self._alone and subjects:
                self._subjects[user] = subjects
        return subjects

    def search(
        self, user: UserId, query: str, limit: int, now: datetime, model: Model | None, meaning: Vectors | None
    ) -> tuple[Recalled, ...]:
        """`meaning`: of the query, by the model."""
        asked = vectors_wanted(query, now, self.subjects(user))
        mine = _of(user, standing=True)
        by_meaning = dict.fromkeys(model.meanings, meaning) if model is not None and meaning is not None else {}
        wanted = [] if asked.words is None else [Wanted(WORDS_AROUND, asked.words, _DEEP)]
        if model is not None and meaning is not None:
            wanted.append(Wanted(model.meanings[1], meaning, CANDIDATES))
        figures = self._points.nearest(wanted, mine, corpus=mine)
        best = {id_ for scores in figures.values() for id_ in islice(scores, CANDIDATES)}
        found = self._standing(user, best)
        places = [place_of(*place) for place in neighbours_wanted(asked, _candidates(found, figures, model))]
        if places:
            found |= self._found(_of(user, standing=True, any_of={"place": places}))
        # How far away the others are in meaning takes next to no time; in words they are out of reach.
        rest = [Wanted(name, vector, len(found)) for name, vector in by_meaning.items()]
        if found and rest:
            nearness = self._points.nearest(rest, _of(user, standing=True, ids=found), corpus=mine)
            figures |= {name: _with_middling(scores, found) for name, scores in nearness.items()}
        return recall(asked, _candidates(found, figures, model), now=now, limit=limit)

    def everything(self, user: UserId, superseded: bool) -> tuple[Memory, ...]:
        if superseded:
            found = self._found(_of(user))
        else:
            found = self._standing(user, self._points.ids(_of(user, standing=True)))
        return tuple(each.memory for each in sorted(found.values(), key=_age))

    def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        going: set[MemoryId] = set()
        more = {each.memory.id for each in self._read(_of(user, ids=_valid(ids)))}
        while more:
            going |= more
            led_here = {"superseded_by": sorted(more)}
            more = {each.memory.id for each in self._read(_of(user, any_of=led_here))} - going
        if going:
            self._known = {id_: each for id_, each in self._known.items() if each.memory.id not in going}
            self._erase(_of(user, ids=going))
        return len(going)

    def forget_all(self, user: UserId) -> int:
        number = self._points.count(_of(user))
        if number:
            self._known.clear()
            self._erase(_of(user))
        return number

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
        return tuple(MemoryId(str(id_)) for id_ in self._points.ids(Which({"embedding": NOT_EMBEDDED})))

    def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]:
        """What has to be embedded of those of them that are still there and have no vectors."""
        waiting = Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))
        found = (self._kept(*each).memory for each in self._points.read(waiting))
        return tuple(Texts(memory.id, indexed(memory).text, indexed(memory).text_around) for memory in found)

    def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None:
        """Give them their vectors, as far as they are still there and have none."""
        waiting = Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))
        there = {str(id_) for id_ in self._points.ids(waiting)}
        vectors = {id_: embedded.of(number) for number, id_ in enumerate(ids) if id_ in there}
        if vectors:
            self._points.add_vectors(vectors)
            self._points.set_embedding(replace(waiting, ids=frozenset(vectors)), embedded.model.label)

    def embedded(self, model: Model) -> tuple[int, int]:
        """How many have vectors of this model, of how many that could."""
        done = self._points.count(Which({"embedding": model.label}))
        return done, done + self._points.count(Which({"embedding": NOT_EMBEDDED}))

    def count(self) -> int:
        """All there are, of everybody, each of them read."""
        return len(self._found(Which()))

    def _kin(self, user: UserId, news: Sequence[NewMemory]) -> list[Kept]:
        likely = {
            "fingerprint": sorted({kin_of(new).fingerprint for new in news}),
            "topic_key": sorted({kin_of(new).topic for new in news if not new.many} - {""}),
        }
        return self._read(_of(user, standing=True, any_of=likely)) if news else []

    def _ends(self, user: UserId, news: Sequence[NewMemory]) -> dict[str, int]:
        last = {
            thread: self._points.last(_of(user, thread=thread))
            for thread in {writable(new.source.thread) for new in news}
        }
        return {thread: payload["position"] for thread, payload in last.items() if payload is not None}

    def _write(
        self, user: UserId, written: Sequence[Kept], number_of: Mapping[MemoryId, int], embedded: Embedded | None
    ) -> None:
        points = []
        for each in written:
            meanings: dict[str, Vector] = {}
            if embedded is not None and each.stands:
                meanings = embedded.of(number_of[each.memory.id])
            label = NOT_EMBEDDED if embedded is None else embedded.model.label
            points.append(point_of(user, each, meanings, label))
        if points:
            # One operation, so that no crash can leave two values of one topic standing.
            self._points.write(points)
            self._subjects.pop(user, None)

    def _read(self, which: Which) -> list[Kept]:
        return [*self._found(which).values()]

    def _standing(self, user: UserId, ids: Iterable[PointId]) -> dict[PointId, Kept]:
        """Of ids that were just found among what stands of the user's."""
        wanted = set(ids)
        known = {id_: kept for id_ in wanted if (kept := self._known.get(id_)) is not None}
        unknown = wanted - known.keys()
        if len(unknown) > _MANY:
            return self._found(_of(user, standing=True))
        return known | self._found(_of(user, standing=True, ids=unknown))

    def _found(self, which: Which) -> dict[PointId, Kept]:
        if which.ids is not None and not which.ids:
            return {}
        found = {id_: self._kept(id_, payload) for id_, payload in self._points.read(which)}
        if len(self._known) + len(found) > _KNOWN:
            self._known.clear()
        if len(found) <= _KNOWN:
            self._known |= {id_: each for id_, each in found.items() if each.stands}
        return found

    def _erase(self, which: Which) -> None:
        self._subjects.clear()
        self._points.erase(which)

    def _kept(self, id_: PointId, payload: Payload) -> Kept:
        try:
            return kept_of(str(id_), payload)
        except ValueError as exc:
            raise EngineFailed(self._points.name, f"a stored memory is damaged: {exc}") from exc


def _of(
    user: UserId,
    *,
    standing: bool = False,
    thread: str | None = None,
    any_of: Mapping[str, Sequence[str]] | None = None,
    ids: Iterable[PointId] | None = None,
) -> Which:
    """The one place where memories are told apart by user."""
    values = {"standing" if standing else "user": writable(user)}
    if thread is not None:
        values["thread"] = thread
    return Which(values, any_of or {}, None if ids is None else frozenset(ids))


def _valid(ids: Iterable[MemoryId]) -> Iterator[MemoryId]:
    """Without those that no memory can have."""
    for each in ids:
        try:
            yield MemoryId(str(uuid.UUID(each)))
        except ValueError:
            continue


def _age(kept: Kept) -> tuple[float, int]:
    return kept.age


def _candidates(found: Mapping[PointId, Kept], figures: Figures, model: Model | None) -> list[Candidate]:
    meaning, meaning_around = ("", "") if model is None else model.meanings
    means, means_around = _figures(found, figures.get(meaning)), _figures(found, figures.get(meaning_around))
    columns = zip(found.values(), means, _figures(found, figures.get(WORDS_AROUND)), means_around, strict=True)
    return [Candidate(each.memory, each.position, *row) for each, *row in columns]


def _with_middling(scores: Mapping[PointId, float], found: Iterable[PointId]) -> dict[PointId, float]:
    """What has no vectors yet counts as neither near nor far, so that its words decide."""
    middling = statistics.fmean(scores.values()) if scores else 0.0
    return {id_: scores.get(id_, middling) for id_ in found}


def _figures(found: Iterable[PointId], figures: Mapping[PointId, float] | None) -> list[float]:
    return [0.0 if figures is None else figures.get(id_, 0.0) for id_ in found]
