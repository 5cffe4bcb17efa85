"""How much of what answers a question is found: evidence recall over long conversations, and what brings it about.

Weights are always fitted to the other conversations than the one that is asked about, so no figure but those of "the
weights of the house" has seen its own questions; and those have not either, when the file is another one than they
were fitted to. Without the gate: it is there to find nothing for what nobody told, and every question here has been
answered in the conversation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.fitting import Asked, Numbers, fit, recall_at
from bench.locomo import Question, Talk, read_talks
from memory.in_process import InProcessMemory
from memory.protocols import Embedder
from memory.reading import recall, signs
from memory.types import USER, UserId, Vectors
from memory.weighing import SIGNS, Weights

DEPTHS: Final = (5, 10, 25)
GOALS: Final = {5: 74.0, 10: 82.0}
NOT_FITTED: Final = ("recent",)
FITTED: Final = tuple(name for name in SIGNS if name not in NOT_FITTED)
_WHO = UserId("somebody")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    found: Numbers
    """A row a question, a column a depth."""

    @property
    def percent(self) -> list[float]:
        return [round(100 * float(each), 1) for each in self.found.mean(0)]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and what there is to choose from."""

    question: Question
    choice: Asked
    words: Numbers
    meaning: Numbers
    meaning_named: Numbers
    """Where the question was embedded as it was asked, with its names."""
    gated: Numbers
    """What is found by the weights of the house behind the gate, at each depth."""


class Remembered:
    """An embedder that embeds no text twice."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._rows: dict[str, Vectors] = {}

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        new = [*dict.fromkeys(text for text in texts if text not in self._rows)]
        if new:
            self._rows |= zip(new, await self._inner.embed(new), strict=True)
        return np.stack([self._rows[text] for text in texts])


async def measure_recall(file: Path, embedder: Embedder, tell: Callable[[str], None]) -> list[Row]:
    talks = read_talks(file)
    answered: list[list[Answered]] = []
    for talk in talks:
        tell(f"Conversation {talk.name}: {len(talk.turns)} turns, {len(talk.questions)} questions …")
        answered.append(await _ask(talk, Remembered(embedder)))
    return [*_rows(answered)]


def _rows(answered: Sequence[Sequence[Answered]]) -> Iterator[Row]:
    every = [each for talk in answered for each in talk]
    yield Row("BM25 of the words alone", _by(every, lambda each: each.words))
    yield Row("MiniLM alone, names left in the question", _by(every, lambda each: each.meaning_named))
    yield Row("MiniLM alone", _by(every, lambda each: each.meaning))
    yield Row(
        "plain rank fusion of BM25 and MiniLM", _by(every, lambda each: _ranks(each.words) + _ranks(each.meaning))
    )
    if len(answered) > 1:
        for number in range(1, len(FITTED) + 1):
            yield Row(f"{'+ ' if number > 1 else ''}{FITTED[number - 1]}", _left_out(answered, FITTED[:number]))
        for name in FITTED:
            yield Row(f"all without {name}", _left_out(answered, [each for each in FITTED if each != name]))
        yield Row("all, weights from the other conversations", _left_out(answered, FITTED))
    house = np.array(astuple(Weights()))
    found = recall_at([each.choice for each in every], house, DEPTHS)
    for category in sorted({each.question.category for each in every}):
        of_it = [each.question.category == category for each in every]
        yield Row(f"the weights of the house, category {category} ({sum(of_it)} questions)", found[of_it])
    yield Row("the weights of the house, behind the gate", np.stack([each.gated for each in every]))
    yield Row("the weights of the house", found)


async def _ask(talk: Talk, embedder: Embedder) -> list[Answered]:
    memory, nameless = InProcessMemory(embedder), InProcessMemory(embedder)
    kept = await memory.remember(_WHO, talk.turns)
    told = {new.source.turn: each.id for new, each in reversed([*zip(talk.turns, kept, strict=True)])}
    await nameless.remember(_WHO, [replace(new, text=f"{new.subject}: {new.text}", subject=USER) for new in talk.turns])
    answered = []
    for question in talk.questions:
        asked, found = await memory.candidates(_WHO, question.text, talk.asked_at)
        _, by_name = await nameless.candidates(_WHO, question.text, talk.asked_at)
        named = {each.memory.source.turn: each.meaning for each in by_name}
        wanted = {told[turn] for turn in question.evidence}
        evidence = np.array([(each.memory.id in wanted) / len(wanted) for each in found])
        best = recall(asked, found, now=talk.asked_at, limit=max(DEPTHS))
        gated = [sum(each.memory.id in wanted for each in best[:depth]) / len(wanted) for depth in DEPTHS]
        answered.append(
            Answered(
                question,
                Asked(signs(asked, found, talk.asked_at), evidence),
                words=np.array([each.words for each in found]),
                meaning=np.array([each.meaning for each in found]),
                meaning_named=np.array([named.get(each.memory.source.turn, 0.0) for each in found]),
                gated=np.array(gated),
            )
        )
    return answered


def _by(every: Sequence[Answered], figure: Callable[[Answered], Numbers]) -> Numbers:
    alone = [Asked(figure(each)[:, None], each.choice.evidence) for each in every]
    return recall_at(alone, np.ones(1), DEPTHS)


def _ranks(figures: Numbers) -> Numbers:
    ranks: Numbers = np.empty(len(figures))
    ranks[np.argsort(-figures, kind="stable")] = 1 / (60 + np.arange(len(figures)))
    return ranks


def _left_out(answered: Sequence[Sequence[Answered]], names: Sequence[str]) -> Numbers:
    """Of each conversation, by weights for these signs that were fitted to the others."""
    columns = [SIGNS.index(name) for name in names]
    talks = [
        [Asked(each.choice.signs[:, columns], each.choice.evidence) for each in questions] for questions in answered
    ]
    found = []
    for number, questions in enumerate(talks):
        others = [each for other, its in enumerate(talks) if other != number for each in its]
        found.append(recall_at(questions, fit(others), DEPTHS))
    return np.concatenate(found)


def show_recall(rows: Sequence[Row], file: Path) -> None:
    table = Table(title=f"Evidence found, in percent: {file.name}", title_justify="left", title_style="bold", box=None)
    table.add_column("", min_width=58)
    for depth in DEPTHS:
        table.add_column(f"@{depth}", justify="right")
    for row in rows:
        table.add_row(row.name, *(f"{each:.1f}" for each in row.percent))
    console = Console(width=118)
    console.print(table)
    for depth, goal, met in goals(rows):
        console.print(f"  goal @{depth}: {goal:.0f} " + ("met" if met else "MISS"), style="dim", highlight=False)


def goals(rows: Sequence[Row]) -> list[tuple[int, float, bool]]:
    """For each depth that has one, the goal, and whether the last row reaches it."""
    percent = dict(zip(DEPTHS, rows[-1].percent, strict=True))
    return [(depth, goal, percent[depth] >= goal) for depth, goal in GOALS.items()]


def as_json(rows: Sequence[Row], file: Path) -> dict[str, Any]:
    return {
        "file": file.name,
        "questions": len(rows[-1].found),
        "percent": {row.name: dict(zip(map(str, DEPTHS), row.percent, strict=True)) for row in rows},
        "goals": [{"depth": depth, "goal": goal, "met": met} for depth, goal, met in goals(rows)],
    }
