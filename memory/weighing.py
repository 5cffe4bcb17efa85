"""What speaks for a memory that a question may be about, and how much each of it weighs.

The weights were fitted to questions about long conversations (`bench.memory`), and hold for conversations that they
were not fitted to.
"""

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from memory.asking import Window
from memory.ranking import Term, terms_in
from memory.types import Candidate, Memory

Signs = npt.NDArray[np.float64]
"""A row a candidate, a column a weight, in the order of `Weights`."""

_NEAR = 2.0
"""Places in a thread over which a word's nearness fades to a third."""
_THREADS_BEST = 3
_TOLD_BY, _TOLD_LATER_BY = timedelta(days=8), timedelta(days=31)
"""What happened is mostly told within days, sometimes within weeks."""
_RECENT_DAYS = 30.0
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Weights:
    words: float = 0.1
    """Of BM25 of the text."""
    words_around: float = 0.1
    """Of BM25 of the text with its context."""
    words_near: float = 0.1
    """Of the asked words, by rarity, in the text or nearby in the thread."""
    meaning: float = 5.0
    """Of the cosine of the text."""
    meaning_around: float = 5.0
    """Of the cosine of the text with its context."""
    thread: float = 5.0
    """Of the thread's best, by the cosine with context: what a whole conversation was about."""
    subject: float = 2.0
    """When it is about whom the question names."""
    time: float = 2.0
    """When it is of a time that the question names."""
    names: float = 0.5
    """When it names somebody or something: such answer more often than small talk."""
    asks: float = -1.0
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
    windows: Sequence[Window],
    now: datetime,
) -> Signs:
    """`terms`: what is asked; `named`: whose memories are asked for."""
    signs = np.zeros((len(candidates), len(SIGNS)))
    places: dict[str, list[int]] = {}
    for row, each in enumerate(candidates):
        memory = each.memory
        places.setdefault(memory.source.thread, []).append(row)
        signs[row] = (
            each.words,
            each.words_around,
            0.0,
            each.meaning,
            each.meaning_around,
            0.0,
            memory.subject in named,
            max((_falls_in(memory, window) for window in windows), default=0.0),
            _NAME.search(memory.text) is not None,
            memory.text.endswith("?"),
            _RECENT_DAYS / (_RECENT_DAYS + abs((now - memory.said_at).days)),
        )
    near, thread = SIGNS.index("words_near"), SIGNS.index("thread")
    holds = _terms_held(candidates, terms)
    rarity = np.log((len(candidates) - holds.sum(0) + 0.5) / (holds.sum(0) + 0.5) + 1)
    for rows in places.values():
        position = np.array([candidates[row].position for row in rows])
        nearness = np.exp(-np.abs(position[:, None] - position) / _NEAR)
        for column in range(holds.shape[1]):
            signs[rows, near] += rarity[column] * (nearness * holds[rows, column]).max(1)
        best = sorted((candidates[row].meaning_around for row in rows), reverse=True)[:_THREADS_BEST]
        signs[rows, thread] = sum(best) / _THREADS_BEST
    return signs


def _terms_held(candidates: Sequence[Candidate], terms: frozenset[Term]) -> npt.NDArray[np.float64]:
    wanted = sorted(terms)
    held = [terms_in(each.memory.text) for each in candidates]
    return np.array([[term in text for term in wanted] for text in held], np.float64).reshape(len(held), len(wanted))


def _falls_in(memory: Memory, window: Window) -> float:
    """1 for what is of that time, less for what may be."""
    if memory.valid_from is not None or memory.valid_until is not None:
        begins = memory.valid_from or memory.said_at
        ends = memory.valid_until or begins
        if begins < window.end and ends >= window.start:
            return 1.0
    late = memory.said_at - window.end
    if memory.said_at < window.start - timedelta(days=1) or late > _TOLD_LATER_BY:
        return 0.0
    return 1.0 if late <= _TOLD_BY else 0.4
