"""What only a store on a disk can get wrong: crashes, neighbours, damage, and what is left of the forgotten."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
import qdrant_edge

from memory.edge_points import EdgePoints
from memory.edge_shard import HOME, open_edge_shelf
from memory.points import Which
from memory.protocols import LongTermMemory
from memory.qdrant_edge import QdrantEdge, open_qdrant_edge
from memory.types import NewMemory, Source, UserId
from resilience.errors import EngineFailed, EngineUnavailable
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio

SARAH = UserId("sarah")
ROOT = Path(__file__).parents[2]
WRITES_FOREVER = """
import sys, anyio
from datetime import datetime, UTC
from pathlib import Path
from memory.qdrant_edge import open_qdrant_edge
from memory.types import NewMemory, Source
from tests.memory.embedders import BagOfWords

async def main():
    async with open_qdrant_edge(Path(sys.argv[1]), BagOfWords()) as memory:
        for i in range(10_000):
            (kept,) = await memory.remember(
                "sarah", [NewMemory(f"The user counted to {i}.", "fact", datetime.now(UTC), Source("t", "t"), "count")]
            )
            print(kept.text, flush=True)

anyio.run(main)
"""


@pytest.fixture
def anyio_backend() -> str:
    """A real clock: the store is a process."""
    return "asyncio"


on_both_loops = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])


def told(text: str, topic: str = "") -> NewMemory:
    return NewMemory(text, "fact", datetime(2026, 5, 4, tzinfo=UTC), Source("thread", "turn"), topic)


NAME = told("The user's name is Sarah.", "name")


async def texts(memory: LongTermMemory) -> list[str]:
    return [each.text for each in await memory.everything(SARAH)]


def process_of(memory: LongTermMemory) -> int:
    assert isinstance(memory, QdrantEdge)
    assert memory.pid is not None
    return memory.pid


def holds(folder: Path, word: str) -> bool:
    return any(word.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


@on_both_loops
async def test_memories_outlast_the_process(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path / "deep" / "down") as memory:
        await memory.remember(SARAH, [told("The user lives in London.", "home")])
        kept = await memory.remember(SARAH, [NAME, told("The user lives in Paris.", "home")])
    async with open_qdrant_edge(tmp_path / "deep" / "down") as memory:
        assert await memory.everything(SARAH) == kept
        assert [each.memory for each in await memory.search(SARAH, "where do I live")] == [kept[1]]
        assert await memory.forget(SARAH, [kept[1].id]) == 2


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    program = [sys.executable, "-c", WRITES_FOREVER, str(tmp_path / "memory")]
    for _ in range(2):
        with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline().strip() for _ in range(8)][-1]
            os.killpg(writer.pid, signal.SIGKILL)  # the store's own process with it
        async with open_qdrant_edge(tmp_path / "memory", BagOfWords()) as memory:
            (standing,) = await texts(memory)
            assert await memory.unembedded() == ()
            assert int(standing.split()[-1].rstrip(".")) >= int(acknowledged.split()[-1].rstrip("."))


@on_both_loops
async def test_the_death_of_its_process_costs_one_call_and_no_memory(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [NAME])
        os.kill(process_of(memory), signal.SIGKILL)
        with pytest.raises(EngineFailed):
            await texts(memory)
        assert await texts(memory) == [NAME.text]


@on_both_loops
async def test_a_second_one_is_refused_in_plain_words_and_the_first_goes_on(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        (kept,) = await memory.remember(SARAH, [NAME])
        with pytest.raises(EngineUnavailable, match="in use by another Nightingale"):
            async with open_qdrant_edge(tmp_path):
                pass
        assert await memory.forget(SARAH, [kept.id]) == 1
        await memory.remember(SARAH, [told("The user likes tea.")])
    async with open_qdrant_edge(tmp_path) as memory:
        assert await texts(memory) == ["The user likes tea."]


async def test_of_what_is_forgotten_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [NAME, told("The user lives in Lilliput.", "home")])
        (moved,) = await memory.remember(SARAH, [told("The user lives in Brobdingnag.", "home")])
        assert holds(tmp_path, "Lilliput")
        assert await memory.forget(SARAH, [moved.id]) == 2
        assert not holds(tmp_path, "Lilliput")
        assert not holds(tmp_path, "Brobdingnag")
        assert not holds(tmp_path, moved.id)
        assert await texts(memory) == [NAME.text]


async def test_of_what_was_corrected_or_forgotten_with_all_else_nothing_is_left_either(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path, BagOfWords()) as memory:
        (kept,) = await memory.remember(
            SARAH, [replace(NAME, context="Blefuscu", source=Source("Laputa", "Balnibarbi"))]
        )
        await memory.correct(SARAH, kept.id, told("The user's name is Houyhnhnm.", "name"))
        words = ("Blefuscu", "Houyhnhnm", "Laputa", "Balnibarbi")
        assert all(holds(tmp_path, word) for word in words)
        assert await memory.forget_all(SARAH) == 2
        assert not [word for word in (*words, "houyhnhnm", "sarah", kept.id) if holds(tmp_path, word)]


def test_an_erasure_that_was_cut_off_is_finished_at_the_next_start(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        shelf.remember(SARAH, [NAME, told("The user lives in Lilliput.", "home")], None)
        points = shelf._points
        assert isinstance(points, EdgePoints)
        home = Which({"topic_key": "home"})
        points._update(qdrant_edge.UpdateOperation.delete_points([*map(points.memory_id, points.ids(home))]))
    assert holds(tmp_path, "Lilliput")
    with open_edge_shelf(tmp_path) as shelf:
        assert shelf.count() == 1
    assert not holds(tmp_path, "Lilliput")


def lay_an_old_shard(folder: Path) -> None:
    """As it was when memories had nothing but words."""
    folder.mkdir()
    config = qdrant_edge.EdgeConfig(
        sparse_vectors={"words": qdrant_edge.EdgeSparseVectorParams(modifier=qdrant_edge.Modifier.Idf)},
        wal_enabled=False,
    )
    shard = qdrant_edge.EdgeShard.create(str(folder / "shard"), config)
    points = []
    told_then = enumerate(("The user lives in London.", "The user lives in Paris.", "The user likes tea."))
    for number, text in told_then:
        topic = "home" if number < 2 else "likes"
        payload = {
            "user": "sarah",
            "text": text,
            "kind": "fact",
            "said_at": f"2026-05-04T12:0{number}:00+00:00",
            "thread": "thread",
            "turn": f"turn-{number}",
            "topic": topic,
            "topic_key": topic,
            "fingerprint": text.casefold().rstrip("."),
            "many": number == 2,
            "kept_at": number,
            "confidence": 1.0,
        }
        if number == 0:
            payload["superseded_by"] = OLD_IDS[1]
        vector = qdrant_edge.SparseVector([number], [1.0])
        points.append(qdrant_edge.Point(OLD_IDS[number], {"words": vector}, payload))
    shard.update(qdrant_edge.UpdateOperation.upsert_points(points))
    shard.flush()
    shard.close()


OLD_IDS = [f"8d1b4f6e-0000-4000-8000-00000000000{number}" for number in range(3)]


@pytest.mark.parametrize("cut_off", [False, True])
async def test_a_folder_of_the_first_format_is_taken_over_whole(tmp_path: Path, cut_off: bool) -> None:
    lay_an_old_shard(tmp_path / "memory")
    if cut_off:
        (tmp_path / "memory" / f"{HOME}.new").mkdir()
    for _ in range(2):
        async with open_qdrant_edge(tmp_path / "memory", BagOfWords()) as memory:
            all_there = await memory.everything(SARAH, superseded=True)
            assert [(each.id, each.superseded_by) for each in all_there] == [
                (OLD_IDS[0], OLD_IDS[1]),
                (OLD_IDS[1], None),
                (OLD_IDS[2], None),
            ]
            (recalled,) = await memory.search(SARAH, "where do I live")
            assert recalled.memory == all_there[1]
            assert await memory.remember(SARAH, [told("the user likes tea", "likes")]) == (all_there[2],)
    assert not (tmp_path / "memory" / "shard").exists()


async def test_a_copy_made_between_two_writes_can_be_opened_elsewhere(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path / "memory", BagOfWords()) as memory:
        kept = await memory.remember(SARAH, [NAME, told("The user likes tea.")])
        assert await memory.copy_to(tmp_path / "deep" / "copy") == 2
        await memory.forget_all(SARAH)
    async with open_qdrant_edge(tmp_path / "deep" / "copy") as memory:
        assert await memory.everything(SARAH) == kept
        assert await memory.count() == 2


async def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [NAME])
        resource.prlimit(process_of(memory), resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        with pytest.raises(EngineFailed):
            await memory.remember(SARAH, [told("The user likes tea.")])
        resource.prlimit(process_of(memory), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await memory.remember(SARAH, [told("The user likes jam.")])
    async with open_qdrant_edge(tmp_path) as memory:
        assert {NAME.text, "The user likes jam."} <= set(await texts(memory))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / HOME).rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["edge_config.json", "segment.json", "page_0.dat", "mutable_id_tracker.mappings"])
async def test_a_damaged_folder_is_named_and_not_thrown_away(tmp_path: Path, name: str) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [NAME])
    damaged = [path for path in _files(tmp_path) if path.name == name]
    for path in damaged:
        path.write_bytes(b"garbage!" * 50)
    with pytest.raises(EngineUnavailable, match="damaged") as failure:
        async with open_qdrant_edge(tmp_path):
            pass
    assert str(tmp_path) in str(failure.value)
    assert damaged
    assert all(path.exists() for path in damaged)


async def test_a_folder_that_is_a_file_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("I am a file")
    with pytest.raises(EngineUnavailable, match="cannot be used"):
        async with open_qdrant_edge(tmp_path / "memory"):
            pass


async def test_a_first_start_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / f"{HOME}.new" / "segments").mkdir(parents=True)
    async with open_qdrant_edge(tmp_path) as memory:
        await memory.remember(SARAH, [NAME])
        assert await texts(memory) == [NAME.text]


async def test_nobody_else_may_read_the_folder(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path / "memory"):
        assert (tmp_path / "memory").stat().st_mode & 0o077 == 0


async def test_ctrl_c_leaves_closing_to_the_house(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        os.kill(process_of(memory), signal.SIGINT)
        await memory.remember(SARAH, [NAME])
        assert await texts(memory) == [NAME.text]


@on_both_loops
async def test_many_tasks_may_be_cancelled_at_any_time(tmp_path: Path) -> None:
    async def chat(memory: LongTermMemory, number: int) -> None:
        for i in range(50):
            await memory.remember(SARAH, [told(f"The user counted {number}-{i}.")])
            await memory.search(SARAH, f"counted {i}")

    async with open_qdrant_edge(tmp_path) as memory:
        with anyio.move_on_after(0.2):
            async with anyio.create_task_group() as tasks:
                for number in range(4):
                    tasks.start_soon(chat, memory, number)
        await memory.remember(SARAH, [NAME])
        assert (await memory.search(SARAH, "what is my name"))[0].memory.text == NAME.text


async def test_nobody_gets_the_answer_to_a_call_that_asyncio_itself_cancelled(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        (kept,) = await memory.remember(SARAH, [NAME])
        for passes in range(6):
            hasty = asyncio.ensure_future(memory.everything(SARAH))
            for _ in range(passes):
                await anyio.lowlevel.checkpoint()
            hasty.cancel()
            assert await memory.everything(UserId("tom")) == ()
            assert await memory.everything(SARAH) == (kept,)
            with pytest.raises(asyncio.CancelledError):
                await hasty
