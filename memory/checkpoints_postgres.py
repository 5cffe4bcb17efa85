"""Checkpoints in a PostgreSQL database, which several replicas may share.

What is deleted is out of reach at once; the server overwrites it when it tidies up its tables.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from memory.checkpoint_saver import NAME, Allowed, Checkpoints
from memory.settings import PostgresCheckpointsSpec
from resilience.errors import EngineUnavailable

Connection = psycopg.AsyncConnection[DictRow]

CONNECTIONS = 2
"""The saver asks one thing at a time; a second is at hand when the first is lost."""
ADVISORY_LOCK = 8_315_420_114
"""Several replicas may begin at once on one server; this number is ours alone."""
TRY_AGAIN_SECONDS = 0.1
START_SECONDS = 60.0
"""To make the tables, or to wait for another replica that makes them."""


class PostgresCheckpoints(Checkpoints, AsyncPostgresSaver):
    failures = (OSError, psycopg.Error)


@asynccontextmanager
async def open_postgres(spec: PostgresCheckpointsSpec, allowed: Allowed) -> AsyncGenerator[PostgresCheckpoints]:
    """Raises `EngineUnavailable` when the database cannot be used."""
    url = spec.url.get_secret_value()
    wishes: dict[str, Any] = {
        "autocommit": True,
        "row_factory": dict_row,
        "prepare_threshold": None,  # prepared statements do not pass through every pooler
        "connect_timeout": spec.answer_seconds,
        "application_name": "nightingale",
    }
    serde = JsonPlusSerializer(allowed_msgpack_modules=[*allowed])
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise EngineUnavailable(NAME, "the address of PostgreSQL cannot be read") from None  # it may tell the password
    try:
        with anyio.fail_after(START_SECONDS):
            async with await Connection.connect(url, **wishes) as connection, _one_at_a_time(connection):
                await AsyncPostgresSaver(connection, serde=serde).setup()
    except TimeoutError as exc:
        raise EngineUnavailable(NAME, f"PostgreSQL was not ready within {START_SECONDS:g} s") from exc
    except (OSError, psycopg.Error) as exc:
        raise EngineUnavailable(NAME, f"PostgreSQL: {exc}") from exc
    pool = AsyncConnectionPool(
        url,
        connection_class=Connection,
        kwargs=wishes,
        min_size=1,
        max_size=CONNECTIONS,
        open=False,
        timeout=spec.answer_seconds,
        # Tried anew by whoever asks next, rather than at ever longer intervals.
        reconnect_timeout=spec.answer_seconds,
        check=AsyncConnectionPool.check_connection,
    )
    async with pool:
        saver = PostgresCheckpoints(pool, serde=serde)
        saver.answer_seconds = spec.answer_seconds
        yield saver


@asynccontextmanager
async def _one_at_a_time(connection: Connection) -> AsyncGenerator[None]:
    """Nobody waits inside the server: the tables' indexes are made concurrently, which waits for every statement."""
    while True:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s) AS ours", (ADVISORY_LOCK,))
        row = await cursor.fetchone()
        if row is not None and row["ours"]:
            break
        await anyio.sleep(TRY_AGAIN_SECONDS)
    yield  # the lock goes with the connection
