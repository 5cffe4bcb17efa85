"""Checkpoints in a file of the data folder, or in process memory.

The file is its owner's alone, and what is deleted in it is overwritten.
"""

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from memory.checkpoint_saver import NAME, Allowed, Checkpoints
from memory.types import FIRST_USER
from resilience.errors import EngineUnavailable

TABLES = ("writes", "checkpoints")


class SqliteCheckpoints(Checkpoints, AsyncSqliteSaver):
    failures = (OSError, sqlite3.Error)

    async def adelete_thread(self, thread_id: str) -> None:
        await super().adelete_thread(thread_id)
        with self.named():
            await self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        if strategy != "keep_latest":
            raise ValueError(strategy)
        newest = "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :thread)"
        with self.named():
            async with self.lock:
                for thread in thread_ids:
                    for table in TABLES:
                        await self.conn.execute(
                            f"DELETE FROM {table} WHERE thread_id = :thread AND checkpoint_id < {newest}",  # noqa: S608 - our own two names
                            {"thread": thread},
                        )
                await self.conn.commit()

    async def adopt(self) -> None:
        """Threads were once kept under their ids alone, when there was one user only: they are theirs. Raises
        `sqlite3.Error`.
        """
        for table in TABLES:
            await self.conn.execute(
                f"UPDATE {table} SET thread_id = :user || '/' || thread_id WHERE instr(thread_id, '/') = 0",  # noqa: S608 - our own two names
                {"user": FIRST_USER},
            )
        await self.conn.commit()


@asynccontextmanager
async def open_sqlite(path: Path | None, allowed: Allowed) -> AsyncGenerator[SqliteCheckpoints]:
    """Raises `EngineUnavailable` when the file cannot be used."""
    try:
        if path is not None:
            await anyio.to_thread.run_sync(_private, path)
        connection = await aiosqlite.connect(":memory:" if path is None else path)
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{path} cannot be opened: {exc}") from exc
    try:
        saver = SqliteCheckpoints(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=[*allowed]))
        try:
            await connection.execute("PRAGMA secure_delete = ON")
            await saver.setup()
            await saver.adopt()
        except sqlite3.Error as exc:
            raise EngineUnavailable(NAME, f"{path} is not usable: {exc}") from exc
        yield saver
    finally:
        with anyio.move_on_after(10, shield=True):
            await connection.close()


def _private(path: Path) -> None:
    """Make the file before SQLite does, whose journals then take over its mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
