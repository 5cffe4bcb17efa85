"""The data folder: there, writable, with some room left, and used by one process at a time."""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.hub.types import readable
from app.standing import Standing, StandingState

LOCK = "in-use"
LEAST_FREE_BYTES = 100 * 1024 * 1024
"""What a first start writes, memories above all; a library that writes through mapped memory dies of a full disk."""
TIGHT_BYTES = 300 * 1024 * 1024
ANOTHER = "Another folder is set with NIGHTINGALE_DATA_DIR."


class FolderRefused(Exception):
    """The data folder cannot be used; the message says why and what to do."""

    code = "folder-refused"


class FolderInUse(FolderRefused):
    """Another process has it."""

    code = "folder-in-use"


def disk(folder: Path) -> Standing:
    """The room that is left where the data folder is. Blocks for as long as the disk does."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return Standing("disk", "Disk", "failed", f"{folder}: {exc.strerror}.", "See whether it is still there.")
    remedy = "Make room, before what is said can be kept no more." if free < TIGHT_BYTES else ""
    state: StandingState = "failed" if free < LEAST_FREE_BYTES else "in-use"
    return Standing("disk", "Disk", state, f"{readable(free)} are free.", remedy)


@contextmanager
def own_data_folder(folder: Path) -> Generator[None]:
    """Ours alone until the end, also when the end is a kill: the lock goes with the process. Raises `FolderRefused`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise FolderRefused(
            f"{exc.filename}: {exc.strerror}. Nightingale must be able to write there. {ANOTHER}"
        ) from exc
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise FolderInUse(f"{folder} is in use by another Nightingale. Stop that one first. {ANOTHER}") from exc
        if free < LEAST_FREE_BYTES:
            raise FolderRefused(f"The disk of {folder} is full: {free // 1024} kB are left. Make room. {ANOTHER}")
        yield
    finally:
        os.close(lock)
