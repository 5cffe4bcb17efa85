"""What only documents on a disk can get wrong: crashes, what is left of the removed, vectors that come later."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from memory.documents.bookshelf import Bookshelf
from memory.documents.passages import cut, whole_text
from memory.documents.points import Edition, edition_of
from memory.documents.qdrant_library import QdrantLibrary
from memory.documents.types import NewDocument, Part
from memory.edge_shard import DOCUMENTS_HOME, open_edge_shelf
from memory.elsewhere import model_of
from memory.points import Which
from memory.qdrant_edge import open_qdrant_edge
from memory.qdrant_server import open_qdrant_local
from memory.reembedding import reembed
from memory.types import UserId
from resilience.errors import EngineFailed, EngineUnavailable
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio

SARAH = UserId("sarah")
ROOT = Path(__file__).parents[2]
TRAVELS = NewDocument(
    "travels.txt",
    "Gulliver in Brobdingnag",
    (Part("section Lilliput", "The people of Lilliput are six inches tall. " * 40),),
    {"author": "Swift"},
)
ADDS_FOREVER = """
import sys, anyio
from pathlib import Path
from memory.documents.types import NewDocument, Part
from memory.qdrant_edge import open_qdrant_edge

async def main():
    async with open_qdrant_edge(Path(sys.argv[1])) as memory:
        for number in range(10_000):
            text = f"This is number {number} of them. " * 400
            name = f"{number % 3}.txt"
            added = await memory.library.add("sarah", NewDocument(name, f"number {number}", (Part("", text),)))
            print(added.name, added.title.split()[1], flush=True)

anyio.run(main)
"""


@pytest.fixture
def anyio_backend() -> str:
    """A real clock: the store is a process."""
    return "asyncio"


def holds(folder: Path, *words: str) -> list[str]:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return [word for word in words if any(word.encode() in content for content in files)]


def begun(bookshelf: Bookshelf, new: NewDocument) -> Edition:
    """Written, and not finished."""
    parts = cut(new.parts)
    edition = edition_of(SARAH, new, len(parts))
    bookshelf.write(SARAH, edition, 0, parts, None)
    return edition


def points_in(bookshelf: Bookshelf) -> int:
    assert bookshelf._points is not None
    return bookshelf._points.count(Which())


async def test_a_library_outlasts_the_process_and_takes_no_room_before_its_first_document(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path, BagOfWords()) as memory:
        assert await memory.library.documents(SARAH) == ()
        assert await memory.library.search(SARAH, "Lilliput") == ()
        assert await memory.library.unembedded() == ()
        assert not (tmp_path / DOCUMENTS_HOME).exists()
        added = await memory.library.add(SARAH, TRAVELS)
    async with open_qdrant_edge(tmp_path, BagOfWords()) as memory:
        assert await memory.library.documents(SARAH) == (added,)
        assert await memory.library.unembedded() == ()
        (first, *_) = await memory.library.search(SARAH, "how tall are the people of Lilliput")
        assert first.passage.place == "section Lilliput"


async def test_what_was_acknowledged_survives_a_kill_whole_and_of_the_rest_nothing_stays(tmp_path: Path) -> None:
    program = [sys.executable, "-c", ADDS_FOREVER, str(tmp_path)]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as writer:
        assert writer.stdout is not None
        acknowledged = dict(writer.stdout.readline().split() for _ in range(5))
        os.killpg(writer.pid, signal.SIGKILL)  # the store's own process with it
    with open_edge_shelf(tmp_path) as shelf:
        documents = shelf.library.documents(SARAH)
        assert {each.name: int(each.title.split()[1]) >= int(acknowledged[each.name]) for each in documents} == (
            dict.fromkeys(acknowledged, True)
        )
        for each in documents:
            (text,) = {whole_text(shelf.library.passages(SARAH, each.id))}
            assert text == (f"This is number {each.title.split()[1]} of them. " * 400).strip()
        assert points_in(shelf.library) == sum(each.passages + 1 for each in documents)


def test_an_adding_that_was_cut_off_is_swept_away_and_the_one_before_stays(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        before = shelf.library.finish(SARAH, begun(shelf.library, replace(TRAVELS, parts=(Part("", "Laputa flies."),))))
        begun(shelf.library, TRAVELS)
        begun(shelf.library, replace(TRAVELS, name="another.txt"))
        assert shelf.library.documents(SARAH) == (before,)
        assert shelf.library.search(SARAH, "the people of Lilliput", 3, None, None) == ()
    with open_edge_shelf(tmp_path) as shelf:
        assert shelf.library.documents(SARAH) == (before,)
        assert points_in(shelf.library) == 2
    assert holds(tmp_path, "Lilliput", "Laputa") == ["Laputa"]


def test_a_removal_that_was_cut_off_is_finished_at_the_next_start(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        edition = begun(shelf.library, TRAVELS)
        shelf.library.finish(SARAH, edition)
        points = shelf.library._points
        assert points is not None
        points.erase(Which(ids=frozenset(points.ids(Which({"edition": edition.key}))[:1])))
    with open_edge_shelf(tmp_path) as shelf:
        assert shelf.library.documents(SARAH) == ()
    assert holds(tmp_path, "Lilliput", "Brobdingnag") == []


def test_passages_that_got_lost_on_the_way_are_noticed(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        edition = begun(shelf.library, TRAVELS)
        lost = replace(edition, document=replace(edition.document, passages=edition.document.passages + 1))
        with pytest.raises(EngineFailed, match="lost"):
            shelf.library.finish(SARAH, lost)
        assert shelf.library.documents(SARAH) == ()


def test_of_two_addings_at_once_the_one_that_was_begun_later_counts(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        first, second = begun(shelf.library, TRAVELS), begun(shelf.library, replace(TRAVELS, title="Second"))
        later = shelf.library.finish(SARAH, second)
        assert shelf.library.finish(SARAH, first) == later
        assert shelf.library.documents(SARAH) == (later,)
        assert points_in(shelf.library) == later.passages + 1


async def test_of_what_is_removed_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    words = ("Lilliput", "Brobdingnag", "travels", "Swift")
    async with open_qdrant_edge(tmp_path, BagOfWords()) as memory:
        added = await memory.library.add(SARAH, TRAVELS)
        kept = await memory.library.add(SARAH, NewDocument("kept.txt", "Kept", (Part("", "Houyhnhnm speaks."),)))
        assert holds(tmp_path, *words, added.id) == [*words, added.id]
        assert await memory.library.remove(SARAH, [added.id]) == 1
        assert holds(tmp_path, *words, added.id, "Houyhnhnm") == ["Houyhnhnm"]
        await memory.library.add(SARAH, NewDocument("kept.txt", "Kept", (Part("", "Balnibarbi is bare."),)))
        assert holds(tmp_path, "Houyhnhnm") == []
        assert await memory.library.remove_all(SARAH) == 1
        assert holds(tmp_path, "Balnibarbi", "Kept", kept.id, "sarah") == []


async def test_an_adding_that_fails_midway_leaves_nothing(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        pid = memory.pid

        def kill_midway(done: int, _all: int) -> None:
            if done == 64:
                assert pid is not None
                os.kill(pid, signal.SIGKILL)

        long = replace(TRAVELS, parts=(Part("", "The people of Lilliput are six inches tall. " * 1_200),))
        with pytest.raises(EngineFailed):
            await memory.library.add(SARAH, long, progress=kill_midway)
        assert await memory.library.documents(SARAH) == ()
        assert holds(tmp_path, "Lilliput") == []


async def test_an_adding_that_was_given_up_leaves_nothing(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path) as memory:
        with anyio.CancelScope() as scope:
            long = replace(TRAVELS, parts=(Part("", "The people of Lilliput are six inches tall. " * 1_200),))
            await memory.library.add(SARAH, long, progress=lambda done, _: scope.cancel() if done else None)
        assert scope.cancelled_caught
        assert await memory.library.documents(SARAH) == ()
        assert holds(tmp_path, "Lilliput") == []


async def test_a_copy_takes_the_documents_along(tmp_path: Path) -> None:
    async with open_qdrant_edge(tmp_path / "memory") as memory:
        added = await memory.library.add(SARAH, TRAVELS)
        assert await memory.copy_to(tmp_path / "copy") == 0
        await memory.library.remove_all(SARAH)
    async with open_qdrant_edge(tmp_path / "copy") as memory:
        assert await memory.library.documents(SARAH) == (added,)
        assert len(await memory.library.passages(SARAH, added.id)) == added.passages
        assert await memory.library.search(SARAH, "how tall are the people of Lilliput") != ()


async def test_damage_shows_at_the_start(tmp_path: Path) -> None:
    with open_edge_shelf(tmp_path) as shelf:
        shelf.library.finish(SARAH, begun(shelf.library, TRAVELS))
    for path in (tmp_path / DOCUMENTS_HOME).rglob("page_0.dat"):
        path.write_bytes(b"garbage!" * 50)
    with pytest.raises(EngineUnavailable, match="damaged"):
        async with open_qdrant_edge(tmp_path):
            pass


def test_room_for_documents_that_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / f"{DOCUMENTS_HOME}.new" / "segments").mkdir(parents=True)
    with open_edge_shelf(tmp_path) as shelf:
        document = shelf.library.finish(SARAH, begun(shelf.library, TRAVELS))
        assert shelf.library.documents(SARAH) == (document,)


@asynccontextmanager
async def a_library(kind: str, folder: Path, embedder: BagOfWords) -> AsyncGenerator[QdrantLibrary]:
    if kind == "edge":
        async with open_qdrant_edge(folder, embedder) as edge:
            yield edge.library
    else:
        async with open_qdrant_local(embedder) as server:
            yield server.library


@pytest.mark.parametrize("kind", ["edge", "server"])
async def test_what_was_added_without_vectors_is_found_by_its_words_and_gets_them_later(
    kind: str, tmp_path: Path
) -> None:
    embedder = BagOfWords()
    async with a_library(kind, tmp_path, embedder) as library:
        embedder.error = EngineUnavailable("bag", "it is away")
        added = await library.add(SARAH, replace(TRAVELS, parts=(Part("", "The puppy barks at the physician."),)))
        assert len(await library.search(SARAH, "does the puppy bark")) == 1
        assert await library.search(SARAH, "the hound and the doctor") == ()
        embedder.error = None
        assert len(await library.unembedded()) == added.passages == 1
        assert len(await library.search(SARAH, "does the puppy bark")) == 1
        await reembed(library, embedder, lambda _: None)
        assert await library.unembedded() == ()
        assert len(await library.search(SARAH, "the hound and the doctor")) == 1


async def test_another_model_takes_over_and_the_vectors_of_the_one_before_are_gone(tmp_path: Path) -> None:
    old, new = BagOfWords("bag/1"), BagOfWords("bag/2", 32)
    async with open_qdrant_edge(tmp_path, old) as memory:
        added = await memory.library.add(SARAH, TRAVELS)
        mark = model_of(old).meanings[0]
        assert [path for path in (tmp_path / DOCUMENTS_HOME).rglob("*") if mark in path.name]
    async with open_qdrant_edge(tmp_path, new) as memory:
        assert not [path for path in (tmp_path / DOCUMENTS_HOME).rglob("*") if mark in path.name]
        assert len(await memory.library.unembedded()) == added.passages
        await reembed(memory.library, new, lambda _: None)
        assert await memory.library.unembedded() == ()
        assert await memory.library.search(SARAH, "how tall are the people of Lilliput") != ()
