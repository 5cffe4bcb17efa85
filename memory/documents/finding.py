"""Finding: from a question, and what a store found for it, to the passages that it is about.

What is looked up of a passage, and what of a question, is told here as well, so that every store does the same.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from qdrant_edge import SparseVector

from memory.documents.types import Found, Passage
from memory.ranking import Question, Term, document_vector, terms_in, writable

CANDIDATES = 40
"""How many of the best by words, and by meaning, a store should look up."""
_MEANT_AT_ALL, _CONCERNED = 0.2, 0.6
"""From where a passage is what a question is about: its cosine; that with half of what it holds of what is asked."""
_SAID, _SAID_BY = 0.8, 3
"""So much of what is asked, by so many words, is enough: not every language means something to an embedding model."""
_SHARED, _SHARED_BY = 0.6, 2
"""The same where there is no cosine. All of these were found with forty questions about manuals and licences, and 340
about anything else.
"""
_SMOOTH = 2.0
"""Candidates that hold a word, and that do not, beyond those that there are: few say little of how rare it is."""


def words_of(passage: Passage) -> SparseVector:
    return document_vector("\n".join((passage.name, *_under(passage), passage.text)))


def text_of(passage: Passage) -> str:
    """To be embedded."""
    return writable("\n".join((*_under(passage), passage.text)))


def _under(passage: Passage) -> list[str]:
    """It is found by what its document and its section are called too; by pages nobody asks."""
    named = [] if passage.title == passage.name else [passage.title]
    if not passage.place.startswith("page "):
        named.append(passage.place.removeprefix("section "))
    return [each for each in named if each and not passage.text.startswith(each)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be what a question is about, and what speaks for it."""

    passage: Passage
    words: float
    """BM25."""
    meaning: float | None
    """Cosine; None where it is not known."""


def best(question: Question | None, candidates: Sequence[Candidate], limit: int) -> tuple[Found, ...]:
    """Best first, and only what the question is about."""
    shares = _shares(question, [each.passage for each in candidates])
    words = 0 if question is None else len(question.weights)
    scored = (
        Found(each.passage, _score(share, each))
        for share, each in zip(shares, candidates, strict=True)
        if _concerns(share, words, each.meaning)
    )
    return tuple(islice(sorted(scored, key=_best_first), limit))


def _best_first(found: Found) -> tuple[float, str, int]:
    return -found.score, found.passage.document, found.passage.position


def _score(share: float, each: Candidate) -> float:
    return 2 * share + 0.1 * each.words + 3 * (each.meaning or 0.0)


def _concerns(share: float, words: int, meaning: float | None) -> bool:
    """`words`: how many there are in the question."""
    if meaning is None:
        return share >= _SHARED and words >= _SHARED_BY
    if share >= _SAID and words >= _SAID_BY:
        return True
    return meaning >= _MEANT_AT_ALL and meaning + share / 2 >= _CONCERNED


def _shares(question: Question | None, passages: Sequence[Passage]) -> list[float]:
    """How much of what is asked for, the rarer the more, each of them holds: from 0 to 1."""
    if question is None:
        return [0.0] * len(passages)
    held = [question.weights.keys() & _terms(each) for each in passages]
    worth = {term: weight * _rarity(term, held) for term, weight in question.weights.items()}
    whole = sum(worth.values())
    return [sum(worth[term] for term in each) / whole for each in held]


def _terms(passage: Passage) -> frozenset[Term]:
    return terms_in(f"{passage.name} {passage.title} {passage.place} {passage.text}")


def _rarity(term: Term, held: Iterable[Iterable[Term]]) -> float:
    among = [term in each for each in held]
    return math.log((len(among) - sum(among) + _SMOOTH) / (sum(among) + _SMOOTH) + 1)
