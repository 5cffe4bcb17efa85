"""How much of what answers a question is found: evidence recall over long conversations, and what brings it about.

Weights are always fitted to the other conversations than the one that is asked about, so no figure but those of "the
weights of the house" has seen its own questions; and those have not either, when the file is another one than they
were fitted to. Without the gate: it is there to find nothing for what nobody told, and every question here has been
answered in the conversation.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.fitting import Asked, Numbers, fit, recall_at
from bench.locomo import Question, Talk, read_talks
from memory.in_process import InProcessMemory
from memory.protocols import Embedder
from memory.ranking import bm25_scores, document_vector
from memory.reading import indexed, recall, signs
from memory.types import Memory, MemoryId, UserId, Vectors
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
    words: Asked
    """All there is, with BM25 of the words for a sign."""
    meaning: Asked
    """The same with the cosine of what it means."""
    meaning_named: Asked
    """The same, where the question was embedded as it was asked, with its names."""
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
    yield Row("BM25 of the words alone", _alone([each.words for each in every]))
    yield Row("MiniLM alone, names left in the question", _alone([each.meaning_named for each in every]))
    yield Row("MiniLM alone", _alone([each.meaning for each in every]))
    yield Row("plain rank fusion of BM25 and MiniLM", _alone([_fused(each.words, each.meaning) for each in every]))
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
    memory = InProcessMemory(embedder)
    kept = await memory.remember(_WHO, talk.turns)
    told = {new.source.turn: each.id for new, each in zip(talk.turns, kept, strict=True)}
    standing = await memory.everything(_WHO)
    words = [document_vector(each.text) for each in standing]
    meanings = await embedder.embed([indexed(each).text for each in standing])
    answered = []
    for question in talk.questions:
        asked, found = await memory.candidates(_WHO, question.text, talk.asked_at)
        as_meant, as_asked = await embedder.embed([asked.text_to_embed, question.text])
        scores = np.zeros(len(words)) if asked.question is None else np.array(bm25_scores(asked.question, words))
        wanted = {told[turn] for turn in question.evidence}
        evidence = _evidence([each.memory for each in found], wanted)
        overall = _evidence(standing, wanted)
        best = recall(asked, found, now=talk.asked_at, limit=max(DEPTHS))
        gated = [sum(each.memory.id in wanted for each in best[:depth]) / len(wanted) for depth in DEPTHS]
        answered.append(
            Answered(
                question,
                Asked(signs(asked, found, talk.asked_at), evidence),
                words=Asked(scores[:, None], overall),
                meaning=Asked((meanings @ as_meant)[:, None], overall),
                meaning_named=Asked((meanings @ as_asked)[:, None], overall),
                gated=np.array(gated),
            )
        )
    return answered


def _evidence(memories: Sequence[Memory], wanted: Collection[MemoryId]) -> Numbers:
    return np.array([(each.id in wanted) / len(wanted) for each in memories])


def _alone(questions: Sequence[Asked]) -> Numbers:
    return recall_at(questions, np.ones(1), DEPTHS)


def _fused(one: Asked, other: Asked) -> Asked:
    return Asked(_ranks(one.signs) + _ranks(other.signs), one.evidence)


def _ranks(figures: Numbers) -> Numbers:
    ranks: Numbers = np.empty(figures.shape)
    ranks[np.argsort(-figures[:, 0], kind="stable"), 0] = 1 / (60 + np.arange(len(figures)))
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
