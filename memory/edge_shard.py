"""A folder of memories and documents in Qdrant Edge: opened by one process at a time, laid out, carried over from the
old format.

Documents have a shard of their own, made for the first of them. An erasure that was cut off is finished at the next
start. A second opener of the same folder is refused by a lock of ours, before the library sees it: its own refusal
comes after it has removed files under the first one's feet, whose next flush then fails. `qdrant_edge` runs this in a
process of its own.
"""

import fcntl
import os
import shutil
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from memory.documents.bookshelf import Bookshelf
from memory.documents.points import KEYWORDS as DOCUMENTS_KEYWORDS
from memory.edge_points import ENGINE, EdgePoints, create, load, load_as_it_is
from memory.indexing import KEYWORDS, NOT_EMBEDDED, Point, kept_of, point_of
from memory.points import Which
from memory.shelf import Shelf
from memory.types import UserId
from resilience.errors import EngineFailed, EngineUnavailable, OutOfRoom

HOME, DOCUMENTS_HOME = "shard-2", "documents-1"
"""The numbers are those of the format."""
_OLD_HOME = "shard"
_PAGE = 1_000
_LOCK_SECONDS = 3.0
"""How long to wait for a predecessor that is just closing."""


class EdgeShelf(Shelf):
    """Methods raise `EngineError` and nothing else for what the disk may do."""

    def __init__(self, shards: Sequence[EdgePoints], library: Bookshelf, folder: Path) -> None:
        """`shards`: that of the memories, and, as soon as there is one, that of the library."""
        super().__init__(shards[0], alone=True)
        self.library = library
        self._shards = shards
        self._folder = folder

    @property
    def untidy(self) -> bool:
        return any(each.untidy for each in self._shards)

    def tidy_up(self) -> None:
        for each in self._shards:
            if each.untidy:
                each.tidy_up()

    def copy_to(self, folder: Path) -> int:
        """Lay a copy into an empty folder, from which it can be opened; how many memories are in it."""
        try:
            for home in (self._folder / HOME, self._folder / DOCUMENTS_HOME):
                if home.exists():
                    shutil.copytree(home, folder / home.name)
        except OSError as exc:
            raise EngineFailed(ENGINE, f"the memories could not be copied to {folder}: {exc.strerror}") from exc
        return self.count()


@contextmanager
def open_edge_shelf(folder: Path) -> Generator[EdgeShelf]:
    """Raises `EngineUnavailable` when the folder cannot be used: damaged, not ours to write, or in use."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise EngineUnavailable(ENGINE, f"the memory folder {folder} cannot be used: {exc.strerror}") from exc
    try:
        _lock(lock, folder)
        with ExitStack() as stack:
            try:
                points = _open(folder)
                stack.callback(points.close)
                shards = [points]
                shelf = EdgeShelf(shards, _open_bookshelf(folder / DOCUMENTS_HOME, stack, shards), folder)
                shelf.count()  # damage shows at start rather than in a conversation
                shelf.library.sweep()
            except (EngineFailed, OutOfRoom, OSError) as exc:
                raise EngineUnavailable(
                    ENGINE, f"the memories in {folder} cannot be opened: they are damaged, or the disk is full"
                ) from exc
            yield shelf
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                reason = f"the memory folder {folder} is in use by another Nightingale; close that one first"
                raise EngineUnavailable(ENGINE, reason) from exc
            time.sleep(0.05)
        else:
            return


def _open(folder: Path) -> EdgePoints:
    home, old_home = folder / HOME, folder / _OLD_HOME
    if not home.exists():
        with _made(home, KEYWORDS) as points:
            if old_home.exists():
                _take_over(old_home, points)
    shutil.rmtree(old_home, ignore_errors=True)
    points = load(home)
    points.lay_out()
    points.tidy_up()
    return points


def _open_bookshelf(home: Path, stack: ExitStack, shards: list[EdgePoints]) -> Bookshelf:
    """Closed with the stack. Its shard is made when there is something to put in: an empty one takes tens of
    megabytes.
    """

    def open_it() -> EdgePoints:
        points = load(home)
        stack.callback(points.close)
        shards.append(points)
        return points

    def make() -> EdgePoints:
        try:
            with _made(home, DOCUMENTS_KEYWORDS):
                pass
        except OSError as exc:
            raise EngineFailed(ENGINE, f"no room could be made for documents: {exc.strerror}") from exc
        return open_it()

    points = None
    if home.exists():
        points = open_it()
        points.tidy_up()
    return Bookshelf(points, make, alone=True)


@contextmanager
def _made(home: Path, keywords: Sequence[str]) -> Generator[EdgePoints]:
    """A new shard, which is there as soon as it is whole."""
    being_made = home.with_name(f"{home.name}.new")
    shutil.rmtree(being_made, ignore_errors=True)
    points = create(being_made)
    points.lay_out(keywords)
    yield points
    points.close()
    being_made.rename(home)


def _take_over(old_home: Path, points: EdgePoints) -> None:
    """Everything from a shard of the first format, which had nothing but words and did not count positions."""
    old = load_as_it_is(old_home)
    try:
        rows = [(payload["user"], kept_of(old.memory_id(id_), payload)) for id_, payload in old.read(Which())]
    except (KeyError, ValueError) as exc:
        raise EngineFailed(ENGINE, f"a stored memory is damaged: {exc}") from exc
    finally:
        old.close()
    ends: Counter[tuple[str, str]] = Counter()
    moved: list[Point] = []
    for user, kept in sorted(rows, key=lambda row: row[1].age):
        thread = user, kept.memory.source.thread
        moved.append(point_of(UserId(user), replace(kept, position=ends[thread]), {}, NOT_EMBEDDED))
        ends[thread] += 1
    for start in range(0, len(moved), _PAGE):
        points.write(moved[start : start + _PAGE])
