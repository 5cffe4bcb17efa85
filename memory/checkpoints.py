"""Where conversations are kept between turns: LangGraph's SQLite saver, made fit for private words.

The file is its owner's alone; only the newest checkpoint of a thread stays, so that what was replaced or forgotten does
not live on in older ones; what is deleted is overwritten; and a failing disk is an `EngineError` like any other.
"""

import sqlite3
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from memory.types import NewMemory, Source
from resilience.errors import EngineFailed, EngineUnavailable

NAME = "checkpoints"


class Checkpoints(AsyncSqliteSaver):
    """Every method that a graph calls, with its failures named. Threads are kept under their id."""

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with _named():
            return await super().aget_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        with _named():
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, object]], task_id: str, task_path: str = ""
    ) -> None:
        with _named():
            await super().aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        with _named():
            await super().adelete_thread(thread_id)
            await self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop all but the newest checkpoint of these threads, which is all that this house ever goes back to."""
        if strategy != "keep_latest":
            raise ValueError(strategy)
        newest = "(SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :thread)"
        with _named():
            async with self.lock:
                for thread in thread_ids:
                    for table in ("writes", "checkpoints"):
                        await self.conn.execute(
                            f"DELETE FROM {table} WHERE thread_id = :thread AND checkpoint_id < {newest}",  # noqa: S608 - our own two names
                            {"thread": thread},
                        )
                await self.conn.commit()


@asynccontextmanager
async def open_checkpoints(path: Path | None, *, kept: Sequence[type]) -> AsyncGenerator[Checkpoints]:
    """`path` None keeps them in process memory. `kept`: the classes that a stored state may contain; others are not
    revived, whoever put them into the file. Raises `EngineUnavailable` when the file cannot be used.
    """
    allowed = [(each.__module__, each.__name__) for each in (*kept, NewMemory, Source)]
    try:
        if path is not None:
            await anyio.to_thread.run_sync(_private, path)
        connection = await aiosqlite.connect(":memory:" if path is None else path)
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{path} cannot be opened: {exc}") from exc
    try:
        saver = Checkpoints(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=allowed))
        try:
            await connection.execute("PRAGMA secure_delete = ON")
            await saver.setup()
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


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as exc:
        raise EngineFailed(NAME, str(exc)) from exc
