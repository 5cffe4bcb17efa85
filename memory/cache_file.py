"""The cache's layer on the disk: a bounded SQLite file, its owner's alone, and begun anew when it is damaged.

One connection reads and one writes, each in a thread, so that nobody who looks something up waits for a write. What was
not used for longest goes first. What goes is overwritten.
"""

import errno
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import to_thread

from memory.cache_layer import Key
from resilience.errors import EngineFailed, EngineUnavailable, OutOfRoom

T = TypeVar("T")

NAME = "cache file"
AT_ONCE = 500
"""Of what one statement may be about."""
ROOM = 0.9
"""How full it is left when something had to go, so that not every write makes room."""
CLOSING_SECONDS = 5.0

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL, value BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used, kind, size);
"""
_INSERT = "INSERT INTO entries (key, kind, size, used, value) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"


class FileLayer:
    name = "file"

    def __init__(self, reader: "_Connection", writer: "_Connection", most_bytes: int) -> None:
        self._reader = reader
        self._writer = writer
        self._most = most_bytes
        self._used: set[str] = set()
        """What was read and not yet marked so."""
        self.held: Counter[str] = Counter()
        self._uses = 0

    async def find(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        names = {str(key): key for key in keys}
        found = await self._reader.ask(lambda db: _found(db, [*names]))
        self._used |= found.keys()
        return {names[name]: value for name, value in found.items()}

    async def keep(self, entries: Mapping[Key, bytes]) -> None:
        used, self._used = self._used, set()
        await self._writer.ask(lambda db: self._keep(db, entries, used))

    async def forget(self) -> int:
        """Until this returns nobody reads: a reader would keep what went in the journal."""
        return await self._reader.ask(lambda _: self._writer.answer(self._forget))

    async def take_stock(self) -> None:
        self.held, self._uses = await self._writer.ask(_stock)

    def _keep(self, db: sqlite3.Connection, entries: Mapping[Key, bytes], used: set[str]) -> None:
        self._uses += 1
        held = self.held.copy()
        with _transaction(db):
            db.executemany("UPDATE entries SET used = ? WHERE key = ?", [(self._uses, name) for name in used])
            for key, value in entries.items():
                row = (str(key), key.kind, len(value), self._uses, value)
                if len(value) <= self._most:
                    held[key.kind] += len(value) * db.execute(_INSERT, row).rowcount
            if held.total() > self._most:
                self._make_room(db, held)
        self.held = held

    def _make_room(self, db: sqlite3.Connection, held: Counter[str]) -> None:
        while held.total() > self._most * ROOM:
            oldest = "SELECT rowid, kind, size FROM entries INDEXED BY entries_by_use ORDER BY used LIMIT ?"
            for rowid, kind, size in db.execute(oldest, (AT_ONCE,)).fetchall():
                if held.total() <= self._most * ROOM:
                    return
                db.execute("DELETE FROM entries WHERE rowid = ?", (rowid,))
                held[kind] -= size

    def _forget(self, db: sqlite3.Connection) -> int:
        with _transaction(db):
            gone = db.execute("DELETE FROM entries").rowcount
        self.held = Counter()
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("somebody else reads it")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone


class _Connection:
    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, timeout=1.0, isolation_level=None, check_same_thread=False)
        self._at_work = threading.Lock()
        self._limiter = anyio.CapacityLimiter(1)

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Once asked, it is carried out, also when nobody waits for it any more."""
        with _named():
            return await to_thread.run_sync(self.answer, question, limiter=self._limiter, abandon_on_cancel=True)

    def answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        with self._at_work:
            return question(self._db)

    def close(self) -> None:
        with self._at_work:
            self._db.close()


@asynccontextmanager
async def open_file_layer(file: Path, most_bytes: int) -> AsyncGenerator[FileLayer]:
    """`most_bytes` of values; the file is a little larger. Raises `EngineUnavailable`."""
    try:
        reader, writer = await to_thread.run_sync(_open, file)
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{file} cannot be used: {exc}") from exc
    layer = FileLayer(reader, writer, most_bytes)
    try:
        await layer.take_stock()
        yield layer
    finally:
        with anyio.move_on_after(CLOSING_SECONDS, shield=True):
            for connection in (reader, writer):
                await to_thread.run_sync(connection.close, abandon_on_cancel=True)


def _open(file: Path) -> tuple[_Connection, _Connection]:
    """A file that is damaged is begun anew: nothing in it is missed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _prepared(file)
    except sqlite3.DatabaseError as exc:
        if isinstance(exc, sqlite3.OperationalError):  # it cannot be used now, which says nothing of what is in it
            raise
    for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
    return _prepared(file)


def _prepared(file: Path) -> tuple[_Connection, _Connection]:
    file.touch(mode=0o600)  # before SQLite makes it, whose journals then take over its mode
    writer = _Connection(file)
    try:
        writer.answer(lambda db: db.executescript(_SCHEMA))
        writer.answer(_stock)
        return _Connection(file), writer
    except sqlite3.Error:
        writer.close()
        raise


def _stock(db: sqlite3.Connection) -> tuple[Counter[str], int]:
    """Bytes by kind, and the latest use."""
    rows = db.execute(
        "SELECT kind, sum(size), max(used) FROM entries INDEXED BY entries_by_use GROUP BY kind"
    ).fetchall()
    return Counter({kind: size for kind, size, _ in rows}), max((used for *_, used in rows), default=0)


def _found(db: sqlite3.Connection, names: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        places = ", ".join("?" * len(some))
        found |= dict(db.execute(f"SELECT key, value FROM entries WHERE key IN ({places})", some))  # noqa: S608 - question marks
    return found


@contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as exc:
        if isinstance(exc, OSError):
            full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
        else:
            full = getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if full:
            raise OutOfRoom(NAME, "the disk is full") from exc
        raise EngineFailed(NAME, str(exc)) from exc
