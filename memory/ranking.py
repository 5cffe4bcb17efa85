"""Which memories a question is about, from the words alone.

A question and a memory are reduced to the same terms: little words out, a few everyday words drawn together
("where do I live" and "the user's home"), the rest stemmed by Qdrant's own BM25. BM25 orders what shares a term;
`Question.concerns` then keeps only what is really asked for, since one shared word is easily a coincidence ("the
name of the longest river" is not about the user's name).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qdrant_edge import Bm25, Bm25Config, SparseVector, StopwordsSet

Term = int
"""A word's stem, as Qdrant's BM25 numbers it."""

_LITTLE_WORDS = frozenset(
    """
    a about again all also am an and any anybody anyone anything are as ask at be been being but by can could
    did do does doing done every for from get give got had has have having he hello help her hers hey hi him
    his how i if in into is it its just kind know let many may maybe me might mine more most much must my no
    not of ok okay on one or our ours out over please re really recall remember remind said say she should so
    some something sort such tell than thank thanks that the their them then there these they thing things
    think this those to told too up us user very want was we well were what whats when where which who whom
    whose why will with would yes yet you your yours
    """.split()  # noqa: SIM905 -- a list literal would be a page long
)

_ALIKE = {
    word: group.split()[0]
    for group in (
        "name names named call called calls",
        "home house live lives living lived reside resides address",
        "work works working worked job jobs profession occupation career employer employed",
        "like likes liked love loves loved adore enjoy enjoys prefer prefers favourite favorite fond",
        "dislike dislikes hate hates detest detests",
        "birthday born birth birthdate",
        "age aged old older",
        "allergy allergies allergic",
        "study studies studying studied student",
    )
    for word in group.split()
}
_RELATIONS = frozenset(_ALIKE.values())
"""Words for how the user stands to something. They say less than the thing itself: half its weight."""

_ASKED_OTHERWISE = (
    (re.compile(r"\bwho (?:am i|i am)\b"), "name"),
    (re.compile(r"\bfor a living\b|\bwhat (?:do i|i) do\b"), "work"),
)

_CONTRACTION = re.compile(r"n['’]t\b|['’](?:s|m|re|ll|ve|d)\b|(?<=s)['’](?!\w)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_OWN = re.compile(r"\b(?:my|our)\s+((?:[^\W_]+(?:['’-][^\W_]+)*\s*){1,3})")
_PROPER = re.compile(r"(?<![.!?] )(?<!^)\b[^\W\d_a-z][^\W_]+")

_REMEMBERED = 8192
"""Texts, and words, whose terms are kept at hand."""
_ENOUGH = 0.5
"""The share of a question, by weight, that a memory must answer to when nothing else ties it to the question."""

_bm25 = Bm25(Bm25Config(language="english", stopwords=StopwordsSet(), ascii_folding=True, avg_len=30.0))


@dataclass(frozen=True, slots=True)
class Question:
    vector: SparseVector
    weights: Mapping[Term, float]
    own: frozenset[Term]
    """What the question calls the user's own: "my dog"."""

    def concerns(self, terms: Iterable[Term], text: str) -> bool:
        """Is a memory of these terms, if it shares one with this question, really about it?"""
        shared = self.weights.keys() & terms
        if not shared:
            return False
        if shared & self.own or shared & _terms(_words(" ".join(_PROPER.findall(text)))):
            return True
        return sum(self.weights[term] for term in shared) >= _ENOUGH * sum(self.weights.values())

    def stands_to(self, terms: Iterable[Term]) -> bool:
        """Does a memory of these terms only stand to something else as is asked: another's name, another's home?"""
        return any(self.weights[term] < 1 for term in self.weights.keys() & terms)


def question_of(query: str) -> Question | None:
    """None for a query without a word worth looking for."""
    words = _words(query)
    vector = _bm25.embed_query(" ".join(words))
    if not vector.indices:
        return None
    weights = dict.fromkeys(vector.indices, 1.0) | dict.fromkeys(_terms(set(words) & _RELATIONS), 0.5)
    own: set[str] = set()
    for phrase in _OWN.findall(_plain(query)):
        named = [word for word in _words(phrase) if word not in _RELATIONS] or _words(phrase)
        own.update(named[:1])
    return Question(vector, weights, _terms(own))


def document_vector(text: str) -> SparseVector:
    """What is indexed of a text."""
    return _bm25.embed_document(" ".join(_words(text)))


@lru_cache(maxsize=_REMEMBERED)
def terms_in(text: str) -> frozenset[Term]:
    """What the same memories are asked for again and again costs nothing the second time."""
    return terms_of(text)


def terms_of(text: str) -> frozenset[Term]:
    """The same, for whoever keeps them."""
    return _terms(_words(text))


def fingerprint(text: str) -> str:
    """The same for two memories that say the same thing in the same words."""
    return " ".join(_WORD.findall(_plain(text))) or writable(text).strip()


def writable(text: str) -> str:
    """Without lone surrogates, which nothing can store."""
    return text.encode("utf-8", "replace").decode()


def bm25_scores(question: Question, documents: Sequence[SparseVector]) -> list[float]:
    """What Qdrant computes from sparse vectors with its IDF modifier, in plain Python."""
    tables = [dict(zip(document.indices, document.values, strict=True)) for document in documents]
    found_in = Counter(term for table in tables for term in table)

    def idf(term: Term) -> float:
        return math.log((len(tables) - found_in[term] + 0.5) / (found_in[term] + 0.5) + 1)

    return [sum(idf(term) * table.get(term, 0.0) for term in question.vector.indices) for table in tables]


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", writable(text)).casefold()


def _words(text: str) -> list[str]:
    plain = _plain(text)
    for pattern, meaning in _ASKED_OTHERWISE:
        plain = pattern.sub(f" {meaning} ", plain)
    if "'" in plain or "’" in plain:
        plain = _CONTRACTION.sub("", plain)
    words = _WORD.findall(plain)
    if not plain.isascii():
        words = [part for word in words for part in (_pairs(word) if _UNSPACED.search(word) else [word])]
    return [_ALIKE.get(word, word) for word in words if word not in _LITTLE_WORDS]


def _pairs(word: str) -> list[str]:
    """Scripts without spaces are looked up by pairs of characters."""
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))]


def _terms(words: Iterable[str]) -> frozenset[Term]:
    return frozenset().union(*map(_terms_of_word, words))


@lru_cache(maxsize=_REMEMBERED)
def _terms_of_word(word: str) -> frozenset[Term]:
    """One, or more where it has a hyphen in it."""
    return frozenset(_bm25.embed_query(word).indices)
