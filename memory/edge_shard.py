"""A folder of memories in Qdrant Edge: opened by one process at a time, laid out, carried over from the old format.

An erasure that was cut off is finished at the next start. A second opener of the same folder is refused by a lock of
ours, before the library sees it: its own refusal comes after it has removed files under the first one's feet, whose
next flush then fails. `qdrant_edge` runs this in a process of its own.
"""

import fcntl
import os
import shutil
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from memory.edge_points import ENGINE, EdgePoints, create, load, load_as_it_is
from memory.indexing import NOT_EMBEDDED, Point, kept_of, point_of
from memory.shelf import Shelf, Which
from memory.types import UserId
from resilience.errors import EngineFailed, EngineUnavailable, OutOfRoom

HOME = "shard-2"
"""The number is that of the format."""
_OLD_HOME = "shard"
_PAGE = 1_000
_LOCK_SECONDS = 3.0
"""How long to wait for a predecessor that is just closing."""


class EdgeShelf(Shelf):
    """Methods raise `EngineError` and nothing else for what the disk may do."""

    def __init__(self, points: EdgePoints, home: Path) -> None:
        super().__init__(points, alone=True)
        self._home = home

    def copy_to(self, folder: Path) -> int:
        """Lay a copy into an empty folder, from which it can be opened; how many memories are in it."""
        try:
            shutil.copytree(self._home, folder / HOME)
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
        try:
            points = _open(folder)
            shelf = EdgeShelf(points, folder / HOME)
            shelf.count()  # damage shows at start rather than in a conversation
        except (EngineFailed, OutOfRoom, OSError) as exc:
            raise EngineUnavailable(
                ENGINE, f"the memories in {folder} cannot be opened: they are damaged, or the disk is full"
            ) from exc
        try:
            yield shelf
        finally:
            points.close()
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
    home, being_made, old_home = folder / HOME, folder / f"{HOME}.new", folder / _OLD_HOME
    if not home.exists():
        shutil.rmtree(being_made, ignore_errors=True)
        points = create(being_made)
        points.lay_out()
        if old_home.exists():
            _take_over(old_home, points)
        points.close()
        being_made.rename(home)
    shutil.rmtree(old_home, ignore_errors=True)
    points = load(home)
    points.tidy_up()
    return points


def _take_over(old_home: Path, points: EdgePoints) -> None:
    """Everything from a shard of the first format, which had nothing but words and did not count positions."""
    old = load_as_it_is(old_home)
    try:
        rows = [(payload["user"], kept_of(str(id_), payload)) for id_, payload in old.read(Which())]
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
