"""Reading: from a question, and what a store found for it, to the memories that it is about.

A store asks in this order; everything here is pure:

    asked = vectors_wanted(query, now, subjects)
    candidates = the best by `asked.words` in the words and in the words around, and, where there is an embedder,
                 by the embedding of `asked.text_to_embed` in the meaning and in the meaning around
    candidates += those at neighbours_wanted(asked, candidates)
    answer = recall(asked, candidates, now=now, limit=limit)

What is indexed of a memory is told by `indexed`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from qdrant_edge import SparseVector

from memory.asking import Window, subjects_in, windows_in, without_subjects
from memory.ranking import Question, Term, around_vector, document_vector, question_of, terms_in
from memory.types import USER, Candidate, Memory, NewMemory, Recalled
from memory.weighing import Signs, Weights, scores, signs_of

CANDIDATES = 60
"""How many of the best of each of the four kinds a store should look up."""
_WITH_NEIGHBOURS = 20
_STEPS = (-2, -1, 1, 2)
_MEANT = 0.5
"""The cosine from which a memory is about a question with which it shares no word."""
_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is looked up of a memory: two sparse vectors, and two texts to be embedded."""

    words: SparseVector
    words_around: SparseVector
    text: str
    text_around: str


def indexed(memory: Memory | NewMemory) -> Indexed:
    about = memory.text if memory.subject == USER else f"{memory.subject}: {memory.text}"
    around = f"{memory.context}\n{about}" if memory.context else about
    day = f"{memory.said_at.day} {memory.said_at:%B %Y}"
    return Indexed(
        words=document_vector(memory.text, memory.topic),
        words_around=around_vector(f"{day} {around}", memory.topic),
        text=about,
        text_around=around,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    words: SparseVector | None
    """To be matched with the sparse vectors, IDF over the user's own memories. None: no word worth looking for."""
    text_to_embed: str
    question: Question | None
    terms: frozenset[Term]
    named: frozenset[str]
    """The subjects that it names."""
    windows: tuple[Window, ...]


def vectors_wanted(query: str, now: datetime, subjects: Collection[str] = ()) -> Asked:
    """`subjects`: whom the user's memories are about."""
    question = question_of(query)
    named = subjects_in(query, subjects)
    return Asked(
        words=None if question is None else question.vector,
        text_to_embed=without_subjects(query, named).strip(),
        question=question,
        terms=terms_in(query) - terms_in(" ".join(named)),
        named=named,
        windows=windows_in(query, now),
    )


def neighbours_wanted(asked: Asked, candidates: Collection[Candidate]) -> list[tuple[str, int]]:
    """Threads and positions near the best of the candidates, as far as they are not among them."""
    there = {(each.memory.source.thread, each.position) for each in candidates}
    quick = sorted(candidates, key=lambda each: _likely(asked, each), reverse=True)[:_WITH_NEIGHBOURS]
    near = {(each.memory.source.thread, each.position + step) for each in quick for step in _STEPS}
    return sorted(place for place in near - there if place[1] >= 0)


def recall(
    asked: Asked,
    candidates: Sequence[Candidate],
    *,
    now: datetime,
    limit: int,
    gate: bool = True,
    weights: Weights = _WEIGHTS,
) -> tuple[Recalled, ...]:
    """The best of the candidates, best first. With the gate, only those that the question is about.

    `candidates` hold a memory once. The more of their figures are known the better.
    """
    scored = zip(scores(signs(asked, candidates, now), weights).tolist(), candidates, strict=True)
    found = [Recalled(each.memory, score) for score, each in scored if not gate or _concerns(asked, each)]
    found.sort(key=lambda each: (each.score, each.memory.said_at), reverse=True)
    return tuple(found[:limit])


def signs(asked: Asked, candidates: Sequence[Candidate], now: datetime) -> Signs:
    return signs_of(candidates, terms=asked.terms, named=asked.named, windows=asked.windows, now=now)


def _likely(asked: Asked, each: Candidate) -> float:
    text, around = each.words + 10 * each.meaning, each.words_around + 10 * each.meaning_around
    return text + around + 10 * (each.memory.subject in asked.named)


def _concerns(asked: Asked, each: Candidate) -> bool:
    if each.meaning >= _MEANT:
        return True
    return asked.question is not None and asked.question.concerns(each.memory.text, each.memory.topic)
