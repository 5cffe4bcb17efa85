"""Another embedding model, or one that was away: memories get their vectors later, and none is lost meanwhile."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
import structlog

from memory.elsewhere import model_of
from memory.indexing import Embedded, meanings_of
from memory.qdrant_edge import open_qdrant_edge
from memory.qdrant_memory import QdrantMemory
from memory.qdrant_server import open_qdrant_local
from memory.reembedding import LOOK_SECONDS, Progress, keep_embedded, reembed
from memory.types import MemoryId, NewMemory, Source, UserId
from memory.upkeep import Texts
from resilience.errors import EngineUnavailable
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio

SARAH, TOM = UserId("sarah"), UserId("tom")
NOW = datetime(2026, 5, 4, tzinfo=UTC)
AWAY = EngineUnavailable("bag", "it is away")

real = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""A process keeps its own time."""


def told(number: int) -> NewMemory:
    return NewMemory(f"The user bought {number} apples.", "fact", NOW, Source("t", "t"), "apples", True)


async def counted(memory: QdrantMemory, embedder: BagOfWords) -> tuple[int, int]:
    answer: tuple[int, int] = await memory._ask("embedded", model_of(embedder))
    return answer


@asynccontextmanager
async def a_store(kind: str, folder: Path, embedder: BagOfWords) -> AsyncGenerator[QdrantMemory]:
    if kind == "edge":
        async with open_qdrant_edge(folder, embedder) as edge:
            yield edge
    else:
        async with open_qdrant_local(embedder) as server:
            yield server


stores = pytest.mark.parametrize("kind", ["edge", "server"])


@real
@stores
async def test_what_was_told_while_the_embedder_was_away_gets_its_vectors_later(kind: str, tmp_path: Path) -> None:
    embedder, told_of = BagOfWords(), list[Progress]()
    async with a_store(kind, tmp_path, embedder) as memory:
        await memory.remember(SARAH, [told(1)])
        embedder.error = AWAY
        kept = await memory.remember(SARAH, [told(2), told(3)])
        right = await memory.correct(SARAH, kept[0].id, told(4))
        assert right in [each.memory for each in await memory.search(SARAH, "did I buy 4 apples")]
        assert await counted(memory, embedder) == (1, 3)
        embedder.error = None
        await reembed(memory, embedder, told_of.append)
        assert await counted(memory, embedder) == (3, 3)
    assert told_of == [Progress(0, 2), Progress(2, 2)]


@real
async def test_another_model_takes_over_in_the_background_and_nothing_is_lost(tmp_path: Path) -> None:
    old, new = BagOfWords("bag/1", 64), BagOfWords("bag/2", 32)
    async with open_qdrant_edge(tmp_path, old) as memory:
        kept = await memory.remember(SARAH, [told(number) for number in range(6)])
        kept += await memory.remember(TOM, [told(7)])
    async with open_qdrant_edge(tmp_path, new) as memory:
        assert await counted(memory, new) == (0, 7)
        with anyio.CancelScope() as scope:

            def stop_after_two(progress: Progress) -> None:
                if progress.done == 2:
                    scope.cancel()

            await reembed(memory, new, stop_after_two, batch=2)
        done, total = await counted(memory, new)
        assert (done, total) in [(2, 7), (4, 7)]
        assert kept[5] in [each.memory for each in await memory.search(SARAH, "did I buy 5 apples", limit=6)]
    async with open_qdrant_edge(tmp_path, new) as memory:
        assert await counted(memory, new) == (done, total)
        told_of: list[Progress] = []
        await reembed(memory, new, told_of.append, batch=4)
        assert told_of[-1] == Progress(7 - done, 7 - done)
        assert await counted(memory, new) == (7, 7)
        assert await memory.everything(SARAH) + await memory.everything(TOM) == kept
        assert kept[5] in [each.memory for each in await memory.search(SARAH, "did I buy 5 apples", limit=6)]


@real
async def test_the_vectors_of_the_model_before_are_gone_from_the_disk(tmp_path: Path) -> None:
    old, new = BagOfWords("bag/1"), BagOfWords("bag/2")
    names = meanings_of(model_of(old).label)
    async with open_qdrant_edge(tmp_path, old) as memory:
        await memory.remember(SARAH, [told(1)])
        assert [path for path in tmp_path.rglob("*") if names[0] in path.name]
    async with open_qdrant_edge(tmp_path, new):
        assert not [path for path in tmp_path.rglob("*") if names[0] in path.name or names[1] in path.name]


@real
async def test_without_an_embedder_for_once_no_vector_is_lost(tmp_path: Path) -> None:
    embedder = BagOfWords()
    async with open_qdrant_edge(tmp_path, embedder) as memory:
        await memory.remember(SARAH, [told(1)])
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [told(2)])
    async with open_qdrant_edge(tmp_path, embedder) as memory:
        assert await counted(memory, embedder) == (1, 2)


@real
@stores
async def test_what_is_forgotten_meanwhile_stays_forgotten(kind: str, tmp_path: Path) -> None:
    embedder = BagOfWords()
    embedder.error = AWAY
    async with a_store(kind, tmp_path, embedder) as memory:
        first, second = await memory.remember(SARAH, [told(1), told(2)])
        embedder.error = None
        rows = await embedder.embed([first.text, second.text] * 2)
        await memory.forget(SARAH, [first.id])
        await memory.embed([first.id, second.id], Embedded(model_of(embedder), rows))
        assert await memory.everything(SARAH) == (second,)
        assert await counted(memory, embedder) == (1, 1)


@real
@stores
async def test_a_text_that_the_embedder_will_not_have_does_not_hold_up_the_others(kind: str, tmp_path: Path) -> None:
    embedder = BagOfWords()
    embedder.error = AWAY
    async with a_store(kind, tmp_path, embedder) as memory:
        await memory.remember(SARAH, [told(number) for number in range(5)])
        embedder.error, embedder.refuses = None, "2"
        await reembed(memory, embedder, lambda _: None, batch=3)
        assert await counted(memory, embedder) == (4, 5)


@real
async def test_what_has_no_context_is_embedded_once(tmp_path: Path) -> None:
    embedder = BagOfWords()
    async with open_qdrant_edge(tmp_path, embedder) as memory:
        await memory.remember(SARAH, [told(1)])
    assert len(embedder.texts) == 1


class Shelved:
    """Three memories that wait for their vectors."""

    def __init__(self) -> None:
        self.waiting = [Texts(MemoryId(str(number)), f"{number} apples", "") for number in range(3)]

    async def unembedded(self) -> tuple[MemoryId, ...]:
        return tuple(each.id for each in self.waiting)

    async def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]:
        return tuple(each for each in self.waiting if each.id in ids)

    async def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None:
        assert len(embedded.rows) == 2 * len(ids)
        self.waiting = [each for each in self.waiting if each.id not in ids]


@pytest.mark.usefixtures("virtual_time")
async def test_an_embedder_that_comes_back_is_noticed() -> None:
    store, embedder = Shelved(), BagOfWords()
    embedder.error = AWAY
    async with anyio.create_task_group() as tasks:
        with structlog.testing.capture_logs() as logs:
            tasks.start_soon(keep_embedded, store, embedder, lambda _: None)
            await anyio.sleep(1)
            assert [line["code"] for line in logs] == [AWAY.code]
            assert len(store.waiting) == 3
            embedder.error = None
            await anyio.sleep(LOOK_SECONDS + 1)
            assert store.waiting == []
        tasks.cancel_scope.cancel()
