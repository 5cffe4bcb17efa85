"""What a store of memories does, over Qdrant's points, whichever of its engines holds them.

Synchronous: the embedded engine runs in a process of its own, the client of a server in worker threads. Vectors are
made by whoever calls. All that is read or erased here is told apart by user in one place, `_of`.
"""

import heapq
import statistics
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import attrgetter

from memory.at_hand import MOST, AtHand
from memory.indexing import (
    NOT_EMBEDDED,
    WORDS_AROUND,
    Embedded,
    Model,
    Vector,
    place_of,
    point_of,
)
from memory.keeping import Kept, belongs, correct, holds_words, keep, kin_of, silent_about, topic_keys
from memory.points import Figures, PointId, Points, Wanted, Which
from memory.ranking import writable
from memory.reading import CANDIDATES, neighbours_wanted, recall, vectors_wanted
from memory.types import Candidate, Memory, MemoryId, NewMemory, Page, Part, Recalled, UserId, Vectors
from memory.upkeep import Upkeep, kept_in

_DEEP = 4 * CANDIDATES
"""So far down their figures are looked up by words, for those that are among the best otherwise."""
_MANY = 1_000
"""To look up so many takes longer than to read everything."""
_LOOKED_THROUGH = 1_000
"""For words as they are written, for one page."""
_ROUGHLY = 128
"""Engines compare so large a number only so exactly with the one that is kept."""


class Shelf(Upkeep):
    def __init__(self, points: Points, *, alone: bool) -> None:
        """`alone`: nobody else writes."""
        super().__init__(points)
        self._alone = alone
        self._subjects: dict[UserId, frozenset[str]] = {}
        self._at_hand = AtHand()

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
        found |= self._at(user, neighbours_wanted(asked, _candidates(found, figures, model)))
        # How far away the others are in meaning takes next to no time; in words they are out of reach.
        rest = [Wanted(name, vector, len(found)) for name, vector in by_meaning.items()]
        if found and rest:
            # They are the user's, as was just seen; to have that looked up again takes half as long once more.
            nearness = self._points.nearest(rest, Which(ids=frozenset(found)), corpus=mine)
            figures |= {name: _with_middling(scores, found) for name, scores in nearness.items()}
        return recall(asked, _candidates(found, figures, model), now=now, limit=limit)

    def everything(self, user: UserId, superseded: bool) -> tuple[Memory, ...]:
        if superseded:
            found = self._found(_of(user))
        elif self._at_hand.whole:
            found = self._at_hand.all_of(writable(user))
        else:
            found = self._standing(user, self._points.ids(_of(user, standing=True)))
        return _oldest_first(found.values())

    def page(self, user: UserId, part: Part, after: int | None, limit: int) -> Page:
        many = max(limit, _LOOKED_THROUGH) if part.words else limit
        if part.words and not part.superseded and self._at_hand.whole:
            mine = self._at_hand.all_of(writable(user)).values()
            meant = (each for each in mine if (after is None or each.kept_at < after) and belongs(each, part))
            looked = found = heapq.nlargest(many + 1, meant, key=attrgetter("kept_at"))
        else:
            looked = self._newest(_part_of(user, part), many + 1, after)
            found = [each for each in looked[:many] if holds_words(each.memory, part.words)]
        last = found[limit - 1] if len(found) > limit else looked[many - 1] if len(looked) > many else None
        return Page(tuple(each.memory for each in found[:limit]), None if last is None else last.kept_at)

    def counts(self, user: UserId) -> dict[str, int]:
        return self._points.counts("kind", _of(user, standing=True))

    def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        behind: dict[MemoryId, Kept] = {}
        led_to = {*_valid(ids)}
        while led_to:
            found = self._read(_of(user, any_of={"superseded_by": sorted(led_to)}))
            led_to = {each.memory.id for each in found} - behind.keys()
            behind |= {each.memory.id: each for each in found}
        return _oldest_first(behind.values())

    def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        mine = {each.memory.id: each.memory for each in self._read(_of(user, ids=_valid(ids)))}
        going = mine | {each.id: each for each in self.behind(user, sorted(mine))}
        if going:
            threads = {each.source.thread for each in going.values()}
            beside = (each for thread in threads for each in self._read(_of(user, thread=writable(thread))))
            others = [each for each in beside if each.memory.id not in going]
            self._write(user, silent_about(going.values(), others), {}, None)
            self._at_hand.take_out(writable(user), map(self._points.id_of, going))
            self._erase(_of(user, ids=going))
        return len(going)

    def forget_all(self, user: UserId) -> int:
        number = self._points.count(_of(user))
        if number:
            self._at_hand.take_out_all(writable(user))
            self._erase(_of(user))
        return number

    def count(self) -> int:
        """All there are, of everybody, each of them read."""
        self._at_hand.clear()
        number = 0
        by_owner: dict[str, dict[PointId, Kept]] = {}
        for id_, payload in self._points.read(Which()):
            number += 1
            kept = kept_in(self._points, id_, payload)
            if self._alone and kept.stands and number <= MOST:
                by_owner.setdefault(payload["user"], {})[id_] = kept
                _ = kept.marks  # read off now, so that no question waits for it
        for owner, found in by_owner.items():
            self._at_hand.put(owner, found)
        self._at_hand.whole = self._alone and number <= MOST
        return number

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
            with self._at_hand.while_it_changes():
                self._points.write(points)
            self._subjects.pop(user, None)
            self._keep_at_hand(user, written)

    def _keep_at_hand(self, user: UserId, written: Sequence[Kept]) -> None:
        news = {self._points.id_of(each.memory.id): each for each in written}
        self._at_hand.take_out(writable(user), news)
        if self._alone:
            self._at_hand.put(writable(user), news)

    def _newest(self, which: Which, limit: int, after: int | None) -> list[Kept]:
        if after is None:
            rows = self._points.newest(which, limit)
        else:
            rows = self._points.newest(which, limit + 2 * _ROUGHLY, after + _ROUGHLY)
        kept = (kept_in(self._points, *row) for row in rows)
        return [each for each in kept if after is None or each.kept_at < after][:limit]

    def _read(self, which: Which) -> list[Kept]:
        return [*self._found(which).values()]

    def _standing(self, user: UserId, ids: Iterable[PointId]) -> dict[PointId, Kept]:
        """Of ids that were just found among what stands of the user's."""
        wanted = set(ids)
        known = self._at_hand.get(wanted)
        unknown = wanted - known.keys()
        if len(unknown) > _MANY:
            return self._found(_of(user, standing=True))
        return known | self._found(_of(user, standing=True, ids=unknown))

    def _at(self, user: UserId, places: Sequence[tuple[str, int]]) -> dict[PointId, Kept]:
        if self._at_hand.whole or not places:
            return self._at_hand.at(writable(user), places)
        return self._found(_of(user, standing=True, any_of={"place": [place_of(*place) for place in places]}))

    def _found(self, which: Which) -> dict[PointId, Kept]:
        if which.ids is not None and not which.ids:
            return {}
        found = {id_: kept_in(self._points, id_, payload) for id_, payload in self._points.read(which)}
        if owner := which.values.get("standing"):
            self._at_hand.put(owner, found)
        return found

    def _erase(self, which: Which) -> None:
        self._subjects.clear()
        with self._at_hand.while_it_changes():
            self._points.erase(which)


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


def _part_of(user: UserId, part: Part) -> Which:
    all_of = _of(
        user,
        standing=not part.superseded,
        thread=None if part.turn is None else part.turn.thread,
        any_of={"topic_key": topic_keys(part.topics)} if part.topics else None,
        ids=None if part.ids is None else _valid(part.ids),
    )
    more = {"kind": part.kind, "turn": None if part.turn is None else part.turn.turn}
    return replace(all_of, values={**all_of.values, **{key: value for key, value in more.items() if value is not None}})


def _valid(ids: Iterable[MemoryId]) -> Iterator[MemoryId]:
    """Without those that no memory can have."""
    for each in ids:
        try:
            yield MemoryId(str(uuid.UUID(each)))
        except ValueError:
            continue


def _oldest_first(found: Iterable[Kept]) -> tuple[Memory, ...]:
    return tuple(each.memory for each in sorted(found, key=_age))


def _age(kept: Kept) -> tuple[float, int]:
    return kept.age


def _candidates(found: Mapping[PointId, Kept], figures: Figures, model: Model | None) -> list[Candidate]:
    meaning, meaning_around = ("", "") if model is None else model.meanings
    means, means_around = _figures(found, figures.get(meaning)), _figures(found, figures.get(meaning_around))
    columns = zip(found.values(), means, _figures(found, figures.get(WORDS_AROUND)), means_around, strict=True)
    return [Candidate(each.memory, each.marks, each.position, *row) for each, *row in columns]


def _with_middling(scores: Mapping[PointId, float], found: Iterable[PointId]) -> dict[PointId, float]:
    """What has no vectors yet counts as neither near nor far, so that its words decide."""
    middling = statistics.fmean(scores.values()) if scores else 0.0
    return {id_: scores.get(id_, middling) for id_ in found}


def _figures(found: Iterable[PointId], figures: Mapping[PointId, float] | None) -> list[float]:
    return [0.0 if figures is None else figures.get(id_, 0.0) for id_ in found]
