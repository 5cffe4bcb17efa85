"""Where conversations are kept between turns: LangGraph's savers, made fit for private words.

Whatever the store: a thread is kept under its user and its id (`thread_key`); only its newest checkpoint stays, so that
what was replaced or forgotten does not live on in older ones; what is deleted leaves nothing; and a store that fails is
an `EngineError` like any other.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import assert_never

from memory.checkpoint_saver import NAME, Allowed, Checkpoints, thread_key
from memory.settings import (
    CheckpointSettings,
    PostgresCheckpointsSpec,
    RedisCheckpointsSpec,
    SqliteCheckpointsSpec,
)
from memory.types import NewMemory, Source
from resilience.errors import EngineUnavailable

__all__ = ["Checkpoints", "open_checkpoints", "thread_key"]


@asynccontextmanager
async def open_checkpoints(
    path: Path | None, *, kept: Sequence[type], settings: CheckpointSettings | None = None
) -> AsyncGenerator[Checkpoints]:
    """In the file at `path`, or where `settings` say; `path` None keeps them in process memory. `kept`: the classes
    that a stored state may contain; others are not revived, whoever put them there. Raises `EngineUnavailable` when the
    store cannot be used.
    """
    allowed = [(each.__module__, each.__name__) for each in (*kept, NewMemory, Source)]
    try:
        store = _store(settings or SqliteCheckpointsSpec(), path, allowed)
    except ModuleNotFoundError as exc:
        raise EngineUnavailable(
            NAME, f"{exc.name} is not installed; the extras `postgres` and `redis` bring it"
        ) from exc
    async with store as saver:
        yield saver


def _store(
    settings: CheckpointSettings, path: Path | None, allowed: Allowed
) -> AbstractAsyncContextManager[Checkpoints]:
    match settings:
        case SqliteCheckpointsSpec():
            from memory.checkpoints_sqlite import open_sqlite

            return open_sqlite(path, allowed)
        case PostgresCheckpointsSpec():
            from memory.checkpoints_postgres import open_postgres

            return open_postgres(settings, allowed)
        case RedisCheckpointsSpec():
            from memory.checkpoints_redis import open_redis

            return open_redis(settings, allowed)
        case _:
            assert_never(settings)
