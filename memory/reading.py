"""Reading: from a question, and what a store found for it, to the memories that it is about.

A store asks in this order; everything here is pure:

    asked = vectors_wanted(query, now, subjects)
    candidates = the best by `asked.words` in the words around, and, where there is an embedder, by the embedding of
                 `asked.text_to_embed` in the meaning around
    candidates += those at neighbours_wanted(asked, candidates)
    answer = recall(asked, candidates with all their figures, now=now, limit=limit)

To look also for the best by the text alone finds nothing more.

What is indexed of a memory is told by `indexed`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from qdrant_edge import SparseVector

from memory.asking import Window, answer_to, subjects_in, windows_in, without_subjects
from memory.ranking import Question, Term, document_vector, question_of, terms_in
from memory.types import USER, Answer, Candidate, Memory, NewMemory, Recalled
from memory.weighing import Signs, Weights, scores, signs_of

CANDIDATES = 40
"""How many of the best by words, and by meaning, a store should look up."""
_WITH_NEIGHBOURS = 10
_STEPS = (-2, -1, 1, 2)
_NAMED_MEANT, _MEANT, _OWN_MEANT = 0.2, 0.35, 0.45
"""The cosines from which a memory is about a question with which it shares too few words: when it names whom the
memory is about; when it is about the user; when it names what is theirs, for "my hobbies" may well be meant by what
they like, "my cat" hardly by their dog.
"""
_MY = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our|ours)\b", re.IGNORECASE)
_USERS, _USER = re.compile(r"\bthe user['’]s\b", re.IGNORECASE), re.compile(r"\bthe user\b", re.IGNORECASE)
_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is looked up of a memory: a sparse vector, and two texts to be embedded."""

    words_around: SparseVector
    text: str
    text_around: str


def indexed(memory: Memory | NewMemory) -> Indexed:
    """What is embedded is put in the first person, as questions are: it brings "my job" near to "I work as a nurse"."""
    about = _USER.sub("I", _USERS.sub("my", memory.text))
    if memory.subject != USER and memory.subject.casefold() not in memory.text.casefold():
        about = f"{memory.subject}: {about}"
    around = f"{memory.context}\n{about}" if memory.context else about
    day = f"{memory.said_at.day} {memory.said_at:%B %Y}"
    return Indexed(
        words_around=document_vector(f"{day} {around} {memory.topic}"),
        text=about,
        text_around=around,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    words: SparseVector | None
    """To be matched with the words around, IDF over the user's own memories. None: no word worth looking for."""
    text_to_embed: str
    question: Question | None
    personal: bool
    """Whether it is about the user."""
    terms: frozenset[Term]
    named: frozenset[str]
    """The subjects that it names."""
    answer: Answer | None
    """What the words of an answer tell of."""
    windows: tuple[Window, ...]
    only_when: bool
    """Whether it asks for a time, whatever was then."""


def text_to_embed(query: str, subjects: Collection[str]) -> str:
    """What `vectors_wanted` tells of it, for whoever only embeds."""
    return without_subjects(query, subjects_in(query, subjects)).strip()


def vectors_wanted(query: str, now: datetime, subjects: Collection[str] = ()) -> Asked:
    """`subjects`: whom the user's memories are about."""
    question = question_of(query)
    named = subjects_in(query, subjects)
    windows, timeless = windows_in(query, now)
    return Asked(
        words=None if question is None else question.vector,
        text_to_embed=text_to_embed(query, named),
        question=question,
        personal=_MY.search(without_subjects(query, named, "they", "their")) is not None,
        terms=terms_in(query) - terms_in(" ".join(named)),
        named=named,
        answer=answer_to(query),
        windows=windows,
        only_when=bool(windows) and not terms_in(timeless),
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
    best = sorted(scored, key=lambda pair: (pair[0], pair[1].memory.said_at), reverse=True)
    concerned = (Recalled(each.memory, score) for score, each in best if not gate or _concerns(asked, each))
    return tuple(islice(concerned, limit))


def signs(asked: Asked, candidates: Sequence[Candidate], now: datetime) -> Signs:
    return signs_of(
        candidates, terms=asked.terms, named=asked.named, answer=asked.answer, windows=asked.windows, now=now
    )


def _likely(asked: Asked, each: Candidate) -> float:
    return each.words_around + 10 * (each.meaning + each.meaning_around + (each.memory.subject in asked.named))


def _concerns(asked: Asked, each: Candidate) -> bool:
    memory, question = each.memory, asked.question
    if asked.only_when and any(window.holds(memory) for window in asked.windows):
        return True
    if question is None:
        return False
    if question.concerns(each.marks.terms, memory.text):
        return True
    if memory.subject in asked.named:
        return each.meaning >= _NAMED_MEANT
    if not asked.personal or memory.subject != USER:
        return False
    if question.own:
        return each.meaning >= _OWN_MEANT and not question.stands_to(each.marks.terms)
    return each.meaning >= _MEANT
