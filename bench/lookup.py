"""How long it takes to look something up among many memories of one user, and to write one down.

End to end through the store on the disk: the question is embedded, the store's process asked, its answer weighed. The
memories that fill it have vectors drawn by lot: to embed them all would take an hour and time nothing.
"""

import itertools
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import numpy as np

from bench.report import Figure, Section, percentile
from bench.usage import cpu_seconds, memory_megabytes
from memory.protocols import Embedder, LongTermMemory
from memory.qdrant_edge import open_qdrant_edge
from memory.types import NewMemory, Part, Source, UserId, Vectors

GOAL_MILLISECONDS = 20.0
GOAL_AT = 50_000
QUESTIONS = 200
WRITES = 40
PAGES = 20
_BATCH = 500
_A_THREAD = 40
_WHO = UserId("somebody")
_NAMES, _DONE, _THINGS, _MORE_THINGS = (
    row.split()
    for row in (
        "Anna Tom Maria Jonas Priya Elif Chen Sofia Omar Kate Luis Ingrid Pavel Amara Noor Felix Greta Hugo Iris Jack",
        "visited called painted cooked repaired met played read bought lost found planned watched built cleaned",
        "garden guitar kitchen boat novel bicycle museum lake concert dinner car wedding mountain library film dog",
        "camera dentist match recipe piano river market train letter house roof ladder violin passport sofa lamp",
    )
)
_THINGS += _MORE_THINGS


class Lot:
    """Embeds by lot while the store is filled, and in earnest after that."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._lot = np.random.default_rng(7)
        self.in_earnest = False

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.in_earnest:
            return await self._inner.embed(texts)
        rows = self._lot.standard_normal((len(texts), self.dimensions), np.float32)
        drawn: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return drawn


async def time_lookups(embedder: Embedder, sizes: Sequence[int]) -> Section:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="nightingale-bench-") as folder:
        lot = Lot(embedder)
        async with open_qdrant_edge(Path(folder), lot) as memory:
            news, there = _memories(), 0
            for size in sizes:
                lot.in_earnest = False
                began = time.perf_counter()
                for start in range(there, size, _BATCH):
                    await memory.remember(_WHO, [next(news) for _ in range(min(_BATCH, size - start))])
                filled = (size - there) / (time.perf_counter() - began)
                there = size
                lot.in_earnest = True
                before = cpu_seconds(os.getpid())
                took = [await _timed(memory.search(_WHO, question)) for question in _questions()]
                cpu = 1000 * (cpu_seconds(os.getpid()) - before) / len(took)
                wrote, meanwhile = await _while_writing(memory, news)
                there += WRITES
                pages = [await _timed(_first_page(memory)) for _ in range(PAGES)]
                assert memory.pid is not None
                goal = GOAL_MILLISECONDS if size >= GOAL_AT else None
                figures += [
                    Figure(f"{size:,} memories: a question", "ms", tuple(took), cpu=(cpu,)),
                    Figure(f"{size:,} memories: a question, p95", "ms", (percentile(took, 0.95),), goal=goal),
                    Figure(f"{size:,} memories: one written down, amid questions", "ms", wrote),
                    Figure(f"{size:,} memories: a question amid writing, the longest", "ms", (max(meanwhile),)),
                    Figure(f"{size:,} memories: the newest hundred of each kind", "ms", tuple(pages)),
                    Figure(f"{size:,} memories: written, one at a time", "/s", (1000 * WRITES / sum(wrote),)),
                    Figure(f"{size:,} memories: written, {_BATCH} at a time, not embedded", "/s", (filled,)),
                    Figure(f"{size:,} memories: the store's process", "MB", (memory_megabytes(memory.pid),)),
                ]
    return Section("Long-term memory in Qdrant Edge, all of one user, with MiniLM", tuple(figures))


async def _while_writing(memory: LongTermMemory, news: Iterator[NewMemory]) -> tuple[tuple[float, ...], list[float]]:
    """How long each write took, one after the other; and each question that was asked meanwhile."""
    wrote: list[float] = []
    asked: list[float] = []

    async def write() -> None:
        while len(wrote) < WRITES:
            wrote.append(await _timed(memory.remember(_WHO, [next(news)])))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        questions = itertools.cycle(_questions())
        while len(wrote) < WRITES:
            asked.append(await _timed(memory.search(_WHO, next(questions))))
    return tuple(wrote), asked


async def _first_page(memory: LongTermMemory) -> None:
    """As the page "My memory" begins."""
    for kind in await memory.counts(_WHO):
        await memory.page(_WHO, Part(kind=kind), limit=100)


async def _timed(call: Awaitable[object]) -> float:
    began = time.perf_counter()
    await call
    return 1000 * (time.perf_counter() - began)


def _memories() -> Iterator[NewMemory]:
    """No two alike."""
    lot = random.Random(7)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    number = 0
    while True:
        name, done, thing, other = lot.choice(_NAMES), lot.choice(_DONE), lot.choice(_THINGS), lot.choice(_THINGS)
        yield NewMemory(
            f"The user {done} the {thing} with {name} and told of the {other} number {number}.",
            "event",
            start + timedelta(minutes=40 * number),
            Source(f"thread-{number // _A_THREAD}", f"turn-{number}"),
            topic=thing,
            many=True,
            context=f"Yesterday we {done} the {thing}, {name} and I, and then came the {other}.",
        )
        number += 1


def _questions() -> list[str]:
    lot = random.Random(11)
    asked = (
        "What did I do with {name} last summer?",
        "When did we see the {thing}?",
        "Who {done} the {thing} with me in March 2021?",
        "Tell me what you know about my {thing} and the {other}.",
        "I am tired of the {thing}, {name} says so too.",
    )
    return [
        lot.choice(asked).format(
            name=lot.choice(_NAMES), done=lot.choice(_DONE), thing=lot.choice(_THINGS), other=lot.choice(_THINGS)
        )
        for _ in range(QUESTIONS)
    ]
