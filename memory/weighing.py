"""What speaks for a memory that a question may be about, and how much each of it weighs.

The weights were fitted to questions about long conversations, and hold for conversations that they were not fitted to
(`bench.memory`); that of what is recent was not, for there it says nothing.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Final

import numpy as np
import numpy.typing as npt

from memory.asking import Window
from memory.ranking import Term
from memory.types import Answer, Candidate, Memory

Signs = npt.NDArray[np.float64]
"""A row a candidate, a column a weight, in the order of `Weights`."""

_NEAR = 2.0
"""Places in a thread over which a word's nearness fades to a third."""
_THREADS_BEST = 3
_TOLD_BY, _TOLD_LATER_BY = timedelta(days=8), timedelta(days=31)
"""What happened is mostly told within days, sometimes within weeks."""
_RECENT_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Weights:
    words_around: float = 0.22
    """Of BM25 of the text with its context."""
    words_near: float = 0.35
    """Of the asked words, by rarity, in the text or nearby in the thread."""
    meaning: float = 3.5
    """Of the cosine of the text."""
    meaning_around: float = 3.7
    """Of the cosine of the text with its context."""
    thread: float = 4.0
    """Of the thread's best, by the cosine with context: what a whole conversation was about."""
    subject: float = 2.1
    """When it is about whom the question names."""
    time: float = 3.2
    """When it is of a time that the question names."""
    names: float = 0.3
    """When it names somebody or something: such answer more often than small talk."""
    answers: float = 1.8
    """When it holds what such a question asks for: a time, a number, a name."""
    asks: float = -0.8
    """When it is a question itself."""
    recent: float = 0.1
    """When it was said just now; half of it a month ago."""


SIGNS: Final = tuple(each.name for each in fields(Weights))


def scores(signs: Signs, weights: Weights) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = signs @ np.array(astuple(weights))
    return result


def signs_of(
    candidates: Sequence[Candidate],
    *,
    terms: frozenset[Term],
    named: frozenset[str],
    answer: Answer | None,
    windows: Sequence[Window],
    now: datetime,
) -> Signs:
    """`terms`: what is asked; `named`: whose memories are asked for; `answer`: what the words of an
    answer tell of.
    """
    if not candidates:
        return np.zeros((0, len(SIGNS)))
    threads: dict[str, int] = {}
    thread = np.array([threads.setdefault(each.memory.source.thread, len(threads)) for each in candidates])
    position = np.array([each.position for each in candidates])
    near = (thread[:, None] == thread) * np.exp(-np.abs(position[:, None] - position) / _NEAR)
    columns = {
        "words_around": [each.words_around for each in candidates],
        "words_near": _words_near(near, _terms_held(candidates, terms)),
        "meaning": [each.meaning for each in candidates],
        "meaning_around": [each.meaning_around for each in candidates],
        "thread": _threads_best(thread.tolist(), candidates),
        "subject": [each.memory.subject in named for each in candidates],
        "time": [max((_falls_in(each.memory, window) for window in windows), default=0.0) for each in candidates],
        "names": ["name" in each.marks.tells for each in candidates],
        "answers": [answer in each.marks.tells for each in candidates],
        "asks": [each.memory.text.endswith("?") for each in candidates],
        "recent": [_RECENT_DAYS / (_RECENT_DAYS + abs((now - each.memory.said_at).days)) for each in candidates],
    }
    return np.stack([np.asarray(columns[name], np.float64) for name in SIGNS], axis=1)


def _words_near(near: Signs, holds: Signs) -> Signs:
    """What each term is worth, the rarer the more, by how near it is."""
    rarity = np.log((len(holds) - holds.sum(0) + 0.5) / (holds.sum(0) + 0.5) + 1)
    worth = np.zeros(len(holds))
    for held, each in zip(holds.T, rarity, strict=True):
        worth += each * (near * held).max(1)
    return worth


def _threads_best(threads: Sequence[int], candidates: Sequence[Candidate]) -> list[float]:
    """For each candidate the mean of the highest in its thread."""
    meanings: dict[int, list[float]] = {}
    for thread, each in zip(threads, candidates, strict=True):
        meanings.setdefault(thread, []).append(each.meaning_around)
    best = {thread: sum(nlargest(_THREADS_BEST, its)) / _THREADS_BEST for thread, its in meanings.items()}
    return [best[thread] for thread in threads]


def _terms_held(candidates: Sequence[Candidate], terms: frozenset[Term]) -> npt.NDArray[np.float64]:
    column = {term: number for number, term in enumerate(sorted(terms))}
    held = np.zeros((len(candidates), len(column)))
    for row, each in enumerate(candidates):
        for term in terms.intersection(each.marks.terms):
            held[row, column[term]] = 1.0
    return held


def _falls_in(memory: Memory, window: Window) -> float:
    """1 for what is of that time, less for what may be."""
    if window.holds(memory):
        return 1.0
    late = memory.said_at - window.end
    if memory.said_at < window.start - timedelta(days=1) or late > _TOLD_LATER_BY:
        return 0.0
    return 1.0 if late <= _TOLD_BY else 0.4
