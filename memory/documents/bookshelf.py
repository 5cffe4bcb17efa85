"""What a store of documents does, over Qdrant's points, whichever of its engines holds them.

Synchronous, as `memory.shelf` is, and for the same reasons; vectors are made by whoever calls. All that is read or
erased here is told apart by user in one place, `_of`.

Adding is `write`, a few passages at a time, then `finish`; what was written and never finished is found by nobody, and
swept away: at the next start where nobody else writes, else when its document is added again or removed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from memory.documents.finding import CANDIDATES, Candidate, best, text_of
from memory.documents.points import (
    Edition,
    catalogue_point,
    edition_from,
    meaning_of,
    passage_from,
    passage_of,
    passage_point,
)
from memory.documents.types import Document, DocumentId, Found, Part, Passage
from memory.indexing import NOT_EMBEDDED, WORDS_AROUND, Embedded, Model, Payload, Vector
from memory.points import Figures, PointId, Wanted, Which
from memory.points import Points as MemoryPoints
from memory.ranking import question_of, writable
from memory.types import MemoryId, UserId, Vectors
from memory.upkeep import Texts
from resilience.errors import EngineFailed


class Points(MemoryPoints, Protocol):
    def set_values(self, which: Which, values: Payload) -> None:
        """Leaving what else is in their payloads."""
        ...


class Bookshelf:
    def __init__(self, points: Points | None, make: Callable[[], Points], *, alone: bool) -> None:
        """`points`: None until `make` makes room, for the first document. `alone`: nobody else writes."""
        self._points = points
        self._make = make
        self._alone = alone
        self._model: Model | None = None
        self._catalogues: dict[UserId, dict[DocumentId, Edition]] = {}

    def same(self, user: UserId, edition: Edition) -> Document | None:
        """What is there of it already, if that says the same."""
        there = self._catalogue(user).get(edition.document.id)
        return there.document if there is not None and there.fingerprint == edition.fingerprint else None

    def write(
        self, user: UserId, edition: Edition, start: int, parts: Sequence[Part], embedded: Embedded | None
    ) -> None:
        """`start`: the position of the first of them. `embedded`: rows as `texts` wants them."""
        if self._points is None:
            self._points = self._make()
            if self._model is not None:
                self.prepare(self._model)
        points = []
        for number, part in enumerate(parts):
            passage = passage_of(edition.document, start + number, part)
            meanings = {} if embedded is None else _meaning(embedded, number)
            label = NOT_EMBEDDED if embedded is None else embedded.model.label
            points.append(passage_point(user, edition, passage, meanings, label))
        self._points.write(points)

    def finish(self, user: UserId, edition: Edition) -> Document:
        """From now on this edition counts; unless one that was begun later does already."""
        document, points = edition.document, self._points
        self._catalogues.pop(user, None)
        there = self._catalogue(user).get(document.id)
        if there is not None and there.key > edition.key:
            self.drop(user, edition)
            return there.document
        if points is None or points.count(_of(user, edition=edition.key)) != document.passages:
            raise EngineFailed("documents", "passages of it got lost on the way")
        points.set_values(_of(user, edition=edition.key), {"standing": writable(user)})
        points.write([catalogue_point(user, edition)])
        self._catalogues.pop(user, None)
        for key in points.values("edition", _of(user, document=document.id)):
            if key < edition.key:
                points.erase(_of(user, edition=key))
        return document

    def drop(self, user: UserId, edition: Edition) -> None:
        """What was written of it, and not finished."""
        if self._points is not None:
            self._points.erase(_of(user, edition=edition.key))

    def any(self, user: UserId) -> bool:
        return bool(self._catalogue(user))

    def documents(self, user: UserId) -> tuple[Document, ...]:
        newest = sorted(self._catalogue(user).values(), key=lambda each: each.key, reverse=True)
        return tuple(each.document for each in newest)

    def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        edition = self._catalogue(user).get(id_)
        if edition is None or self._points is None:
            return ()
        found = (self._passage(payload, edition) for _, payload in self._points.read(_of(user, edition=edition.key)))
        return tuple(sorted(found, key=lambda each: each.position))

    def search(
        self, user: UserId, query: str, limit: int, model: Model | None, meaning: Vectors | None
    ) -> tuple[Found, ...]:
        """`meaning`: of the query, by the model."""
        if not self.any(user) or self._points is None:
            return ()
        question, mine = question_of(query), _of(user, standing=True)
        wanted = [] if question is None else [Wanted(WORDS_AROUND, question.vector, CANDIDATES)]
        if model is not None and meaning is not None:
            wanted.append(Wanted(meaning_of(model.label), meaning, CANDIDATES))
        figures = self._points.nearest(wanted, mine, corpus=mine)
        ids = {id_ for scores in figures.values() for id_ in islice(scores, CANDIDATES)}
        if not ids:
            return ()
        found = self._standing(user, ids)
        if len(wanted) > 1:  # how near each is in the way that it was not found by
            among = _of(user, standing=True, ids=found)
            figures = self._points.nearest([replace(each, limit=len(ids)) for each in wanted], among, corpus=mine)
        return best(question, _candidates(found, figures), limit)

    def remove(self, user: UserId, ids: Iterable[DocumentId]) -> int:
        going = [id_ for id_ in dict.fromkeys(ids) if id_ in self._catalogue(user)]
        if going and self._points is not None:
            self._catalogues.pop(user, None)
            self._points.erase(_of(user, any_of={"document": going}))
        return len(going)

    def remove_all(self, user: UserId) -> int:
        if self._points is None or not self._points.count(_of(user)):
            return 0
        number = len(self._catalogue(user))
        self._catalogues.pop(user, None)
        self._points.erase(_of(user))
        return number

    def sweep(self) -> None:
        """Finish what was cut off, adding or removing: of what is not whole nothing stays. Reads everything, so that
        damage shows.
        """
        if self._points is None:
            return
        wanted, written = dict[str, tuple[UserId, Edition]](), Counter[tuple[UserId, str]]()
        for _, payload in self._points.read(Which()):
            match payload:
                case {"edition": str(key), "user": str(user)}:
                    written[UserId(user), key] += 1
                case {"user": str(user)}:
                    edition = self._edition(payload)
                    wanted[edition.key] = UserId(user), edition
                case _:
                    raise EngineFailed(self._points.name, "a stored document is damaged")
        for key, (user, edition) in wanted.items():
            if written.pop((user, key), 0) < edition.document.passages:
                self._points.erase(_of(user, any_of={"document": [edition.document.id]}))
        for user, key in written:
            self._points.erase(_of(user, edition=key))

    def prepare(self, model: Model) -> None:
        """Make room for the vectors of this model, and drop those of any other."""
        self._model = model
        if self._points is None:
            return
        for label in self._points.values("embedding", Which()) - {model.label, NOT_EMBEDDED}:
            self._points.set_values(Which({"embedding": label}), {"embedding": NOT_EMBEDDED})
            self._points.drop_names([meaning_of(label)])
        self._points.add_names([meaning_of(model.label)], model.dimensions)

    def unembedded(self) -> tuple[MemoryId, ...]:
        """All passages, of every user, that have no vectors by the model that was prepared for."""
        if self._points is None:
            return ()
        return tuple(self._points.memory_id(id_) for id_ in self._points.ids(Which({"embedding": NOT_EMBEDDED})))

    def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]:
        """What has to be embedded of those of them that are still there and have no vectors."""
        if self._points is None:
            return ()
        found = []
        for id_, payload in self._points.read(Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))):
            edition = self._catalogue(UserId(payload["user"])).get(payload["document"])
            if edition is not None and edition.key == payload["edition"]:
                text = text_of(self._passage(payload, edition))
                found.append(Texts(self._points.memory_id(id_), text, text))
        return tuple(found)

    def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None:
        """Give them their vectors, as far as they are still there and have none."""
        if self._points is None:
            return
        waiting = Which({"embedding": NOT_EMBEDDED}, ids=frozenset(ids))
        there = {*map(self._points.memory_id, self._points.ids(waiting))}
        vectors = {id_: _meaning(embedded, number) for number, id_ in enumerate(ids) if id_ in there}
        if vectors:
            self._points.add_vectors(vectors)
            self._points.set_values(replace(waiting, ids=frozenset(vectors)), {"embedding": embedded.model.label})

    def _catalogue(self, user: UserId) -> dict[DocumentId, Edition]:
        catalogue = self._catalogues.get(user)
        if catalogue is None:
            catalogue = {}
            for _, payload in () if self._points is None else self._points.read(_of(user, catalogued=True)):
                edition = self._edition(payload)
                catalogue[edition.document.id] = edition
            if self._alone and catalogue:
                self._catalogues[user] = catalogue
        return catalogue

    def _standing(self, user: UserId, ids: Iterable[PointId]) -> dict[PointId, Passage]:
        """Of those ids, what is of an edition that counts."""
        assert self._points is not None
        found, catalogue = {}, self._catalogue(user)
        for id_, payload in self._points.read(_of(user, standing=True, ids=ids)):
            edition = catalogue.get(payload["document"])
            if edition is not None and edition.key == payload["edition"]:
                found[id_] = self._passage(payload, edition)
        return found

    def _edition(self, payload: Payload) -> Edition:
        try:
            return edition_from(payload)
        except ValueError as exc:
            raise EngineFailed("documents", f"a stored document is damaged: {exc}") from exc

    def _passage(self, payload: Payload, edition: Edition) -> Passage:
        try:
            return passage_from(payload, edition)
        except ValueError as exc:
            raise EngineFailed("documents", f"a stored passage is damaged: {exc}") from exc


def _of(
    user: UserId,
    *,
    standing: bool = False,
    catalogued: bool = False,
    document: DocumentId | None = None,
    edition: str | None = None,
    any_of: Mapping[str, Sequence[str]] | None = None,
    ids: Iterable[PointId] | None = None,
) -> Which:
    """The one place where documents are told apart by user."""
    values = {"standing" if standing else "catalogued" if catalogued else "user": writable(user)}
    if document is not None:
        values["document"] = document
    if edition is not None:
        values["edition"] = edition
    return Which(values, any_of or {}, None if ids is None else frozenset(ids))


def _meaning(embedded: Embedded, number: int) -> dict[str, Vector]:
    name = meaning_of(embedded.model.label)
    return {name: embedded.of(number)[name]}


def _candidates(found: Mapping[PointId, Passage], figures: Figures) -> list[Candidate]:
    words = figures.get(WORDS_AROUND, {})
    meanings = next((scores for name, scores in figures.items() if name != WORDS_AROUND), {})
    return [Candidate(passage, words.get(id_, 0.0), meanings.get(id_)) for id_, passage in found.items()]
