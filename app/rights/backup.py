"""Backups: everything the house keeps in one zip, consistent while it runs, and called done once it was read back.

What is new in the data folder is in the backup without being named here. Databases are copied by SQLite's own online
backup, and long-term memory copies itself between two of its writes. Recordings are written once and never changed, so
they are held by links, before and after the databases are copied: each that these know of is there, and one too many is
erased when its house is opened. The manifest comes last and holds size and SHA-256 of every file, and how many rows and
memories there are.

Blocking, but for `back_up` and `check`.
"""

import os
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import Any

import anyio
from anyio import to_thread

from app.hub.types import readable
from app.rights.archive import FORMAT, Manifest, Part, pack_one, seal, unpack
from app.rights.files import make_lasting, private_folder
from app.rights.types import DamagedBackup
from resilience.errors import EngineFailed, OutOfRoom

NAME = "backup"
MEMORIES = "memories"
ERASED = "erased.json"
ERASED = "erased.json"
"""Which is taken along: a backup tells who was gone when it was made."""
BACKUPS, TEMPORARY, RESTORING, ASIDE = "backups", "temporary", "restoring", "before-restore"
SECRET, MODELS = "secret", "models"
LEFT_OUT = frozenset(
    {BACKUPS, TEMPORARY, RESTORING, ASIDE, SECRET, MODELS, "in-use", "shell", "embedding", "schedule.json"}
)
"""Not a person's, or made anew at each start. The log-in secret and the models are taken along when asked for."""
CACHE = "cache.sqlite"
BLOCK = 512
JOURNALS = ("-wal", "-shm", "-journal")

CopyMemories = Callable[[Path], Awaitable[int]]
"""Lay a copy of the long-term memory into that folder; how many memories are in it. Raises `EngineError`."""
CountMemories = Callable[[Path], Awaitable[int]]
"""How many memories are in the long-term memory in that folder, having read them all. Raises `EngineError`."""


@dataclass(frozen=True, slots=True)
class Backup:
    file: Path
    manifest: Manifest
    size: int

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.file),
            "bytes": self.size,
            "made_at": self.manifest.made_at.isoformat(),
            "files": len(self.manifest.files),
            "memories": self.manifest.memories,
            "rows": {name: sum(rows.values()) for name, rows in self.manifest.rows.items()},
        }


async def back_up(
    data: Path,
    file: Path,
    *,
    made_at: datetime,
    copy_memories: CopyMemories | None,
    count_memories: CountMemories,
    also: frozenset[str] = frozenset(),
) -> Backup:
    """`also`: what to take along of `LEFT_OUT`. Raises `EngineError`; then there is no such file."""
    async with _scratch(data) as scratch:
        part = scratch / "backup.zip"
        copies = private_folder(scratch / "copies")
        with _named():
            await to_thread.run_sync(_has_room, data, file, also)
            await to_thread.run_sync(_hold, data, copies, also)
            databases = await to_thread.run_sync(_copy_databases, data, copies)
        memories = None
        if copy_memories is not None:
            memories = await copy_memories(private_folder(copies / MEMORIES))
        with _named():
            await to_thread.run_sync(_hold, data, copies, also)
            rows = await to_thread.run_sync(lambda: {each: _rows(copies / each) for each in databases})
            await to_thread.run_sync(_pack, copies, part, made_at, memories, rows)
        manifest = await check(part, scratch / "restored", count_memories=count_memories)
        with _named():
            size = await to_thread.run_sync(_hand_over, part, file)
        return Backup(file, manifest, size)


async def check(file: Path, folder: Path, *, count_memories: CountMemories) -> Manifest:
    """Restore databases and memories into that folder, read all, and compare. Raises `DamagedBackup`, `EngineError`."""
    with _named():
        manifest = await to_thread.run_sync(lambda: unpack(file, folder, only=_is_counted))
    await check_counts(folder, manifest, count_memories=count_memories)
    return manifest


async def check_counts(folder: Path, manifest: Manifest, *, count_memories: CountMemories) -> None:
    """Read all that was unpacked there, and count. Raises `DamagedBackup`, `EngineError`."""
    with _named():
        await to_thread.run_sync(_compare_rows, folder, manifest)
    if manifest.memories is not None:
        counted = await count_memories(folder / MEMORIES)
        if counted != manifest.memories:
            raise DamagedBackup(f"Of {manifest.memories} memories in the backup, {counted} are there.")


def backups_in(folder: Path) -> list[Path]:
    """Those that the house made by itself, the oldest first."""
    return sorted(folder.glob("nightingale-*.zip"))


def name_for(at: datetime) -> str:
    return f"nightingale-{at:%Y%m%d-%H%M%S-%f}.zip"


def _copy_databases(data: Path, copies: Path) -> list[str]:
    names = sorted(each.name for each in data.glob("*.sqlite") if each.name != CACHE)
    for name in names:
        with (
            closing(sqlite3.connect(f"{(data / name).absolute().as_uri()}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(copies / name)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a single file, whatever the original keeps beside it
        (copies / name).chmod(0o600)
    return names


def _rows(file: Path) -> dict[str, int]:
    """Raises `sqlite3.Error` when it is damaged."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"{file.name}: {verdict}")
        tables = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        ).fetchall()
        counts = {}
        for (table,) in tables:
            quoted = table.replace('"', '""')
            (counts[table],) = db.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608 - its own names
        return counts


def _compare_rows(folder: Path, manifest: Manifest) -> None:
    for name, rows in manifest.rows.items():
        try:
            found = _rows(folder / name)
        except sqlite3.Error as exc:
            raise DamagedBackup(f"{name} in the backup cannot be read: {exc}.") from exc
        if found != rows:
            raise DamagedBackup(f"{name} in the backup has not as many rows as there were.")


def _hold(data: Path, copies: Path, also: frozenset[str]) -> None:
    """What is erased from here on stays there; what came since the last time is added."""
    for path in _kept(data, also):
        held = copies / path.relative_to(data)
        if held.exists():
            continue
        private_folder(held.parent)
        try:
            held.hardlink_to(path)
        except FileNotFoundError:
            continue
        except OSError:  # not every file system has them
            shutil.copy2(path, held)


def _pack(copies: Path, target: Path, made_at: datetime, memories: int | None, rows: dict[str, dict[str, int]]) -> None:
    files: dict[str, Part] = {}
    descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in _each(copies):
                name = path.relative_to(copies).as_posix()
                files[name] = pack_one(packed, path, name)
            manifest = Manifest(
                format=FORMAT,
                nightingale=version("nightingale"),
                made_at=made_at,
                memories=memories,
                rows=rows,
                files=files,
            )
            seal(packed, manifest)
        file.flush()
        os.fsync(file.fileno())


def _kept(data: Path, also: frozenset[str]) -> Iterator[Path]:
    """What is taken as it lies: all but what is left out, and what is copied in a way of its own."""
    for path in sorted(data.iterdir()):
        name = path.name
        if name in LEFT_OUT - also or name == MEMORIES or name.endswith((".sqlite", *JOURNALS, ".part")):
            continue
        if path.is_dir():
            yield from _each(path)
        elif path.is_file():
            yield path


def _each(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.endswith(".part"):
            yield path


def _has_room(data: Path, file: Path, also: frozenset[str]) -> None:
    """Copies, the zip, and what is restored of it, all before the first of them goes. Recordings are only linked to."""
    copied = [*data.glob("*.sqlite*"), *_each(data / MEMORIES)]
    packed = sum(path.stat().st_blocks * BLOCK for path in (*copied, *_kept(data, also)))
    wanted = sum(path.stat().st_size for path in copied) + 2 * packed
    private_folder(file.parent)
    if (free := shutil.disk_usage(data).free) < wanted:
        raise OutOfRoom(NAME, f"it takes {readable(wanted)} for a while, and {readable(free)} are free")


def _hand_over(part: Path, file: Path) -> int:
    """Where it shall lie, whole or not at all; that may be another disk."""
    beside = file.with_name(f"{file.name}.part")
    try:
        shutil.move(part, beside)
        beside.chmod(0o600)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    make_lasting(file.parent)
    return file.stat().st_size


def _is_counted(name: str) -> bool:
    return name.endswith(".sqlite") or PurePosixPath(name).parts[0] == MEMORIES


@asynccontextmanager
async def _scratch(data: Path) -> AsyncGenerator[Path]:
    with _named():
        folder = Path(await to_thread.run_sync(lambda: mkdtemp(prefix="backup-", dir=private_folder(data / TEMPORARY))))
    try:
        yield folder
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as exc:
        told = f"{exc.filename}: {exc.strerror}" if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise EngineFailed(NAME, told) from exc
