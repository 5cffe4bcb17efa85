"""The history in a file of its own: what can go wrong with it is said, and what was deleted is in it no more."""

import sqlite3
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import anyio
import pytest
from chainlit.user import User
from sqlalchemy import event

from app.archive.asker import asked_by
from app.archive.tables import MIGRATIONS
from app.history import History, HistoryFailed, open_history
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import EngineError
from resilience.settings import BreakerSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@pytest.fixture
async def troubles() -> list[HistoryFailed]:
    return []


@asynccontextmanager
async def a_history(
    folder: Path, troubles: list[HistoryFailed], *, query_seconds: float = 5
) -> AsyncGenerator[tuple[History, CircuitBreaker]]:
    """Asked by Anna."""
    breaker = CircuitBreaker(
        "history", BreakerSettings(consecutive_failures=2, open_seconds=0.05, jitter=0), probed=True
    )
    file = folder / "history.sqlite"
    with asked_by("anna"):
        async with open_history(file, troubles.append, breaker, query_seconds=query_seconds) as history:
            yield history, breaker


async def a_thread(history: History, *said: str) -> str:
    await history.create_user(User(identifier="anna"))
    thread = str(uuid4())
    await history.update_thread(thread, name="Hello")
    for output in said:
        await keep(history, thread, output)
    return thread


async def keep(history: History, thread: str, output: str) -> None:
    step = {"id": str(uuid4()), "threadId": thread, "name": "You", "type": "user_message", "streaming": False}
    await history.records.keep_step("anna", {**step, "output": output, "createdAt": "2026-01-01T00:00:00Z"})


async def refused(history: History, query: str = "SELECT * FROM nowhere", words: str = ".") -> None:
    with pytest.raises(HistoryFailed, match=words):
        await history.execute_sql(query, {})


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("history.sqlite*"))


# -- deleted for good --------------------------------------------------------------------------------------------


async def test_of_a_deleted_thread_not_a_byte_is_left(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        stays = await a_thread(history, "words that stay")
        goes = await a_thread(history, *(f"a secret {'s' * n}" for n in range(0, 9000, 500)))
        assert b"a secret" in everything_in(tmp_path)
        await history.delete_thread(goes)
        assert b"a secret" not in everything_in(tmp_path)
        assert goes.encode() not in everything_in(tmp_path)
        assert stays.encode() in everything_in(tmp_path)
        assert b"words that stay" in everything_in(tmp_path)


async def test_of_an_erased_user_not_a_byte_is_left(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        await a_thread(history, "a secret")
        await history.erase_user("anna")
        for trace in (b"a secret", b"anna", b"Hello"):
            assert trace not in everything_in(tmp_path)


async def test_what_is_deleted_while_somebody_reads_is_deleted_and_said_to_be_in_the_journal_still(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles, query_seconds=10) as (history, _):
        await a_thread(history, "a secret")
        with closing(sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM steps").fetchall()
            with pytest.raises(HistoryFailed, match="journal"):
                await history.erase_user("anna")
        assert await history.records.users() == []
        assert await history.erase_user("anna") == 0
        assert b"a secret" not in everything_in(tmp_path)


async def test_what_was_deleted_in_a_file_of_an_earlier_version_goes_with_its_migration(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    with closing(sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)) as old:
        old.execute("PRAGMA secure_delete = OFF")
        for statement in MIGRATIONS[0]:
            old.execute(statement)
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO users VALUES ('1', 'anna', '{}', '')")
        old.execute("INSERT INTO threads (id, \"userId\", \"userIdentifier\") VALUES ('t', '1', 'anna')")
        for n in range(3):
            old.execute("INSERT INTO feedbacks VALUES (?, 'step', 't', 1, 'a secret')", (str(n),))
        old.execute("INSERT INTO feedbacks VALUES ('4', 'other', 't', 1, 'a secret')")
        old.execute("DELETE FROM feedbacks WHERE id = '4'")
    async with a_history(tmp_path, troubles) as (history, _):
        assert await history.execute_sql("SELECT id FROM feedbacks", {}) == [{"id": "2"}]
        assert everything_in(tmp_path).count(b"a secret") == 1
        assert await history.execute_sql("SELECT tags FROM threads", {}) == [{"tags": None}]
        page = await history.records.threads_of("anna")
        assert page == ["t"]


async def test_only_its_owner_may_read_the_file(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        await a_thread(history)
        assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("history.sqlite*")} == {0o600}


# -- when it fails -----------------------------------------------------------------------------------------------


async def test_a_write_that_fails_is_told_and_not_swallowed(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        await refused(history, "INSERT INTO nowhere VALUES (1)")
        assert len(troubles) == 1


async def test_of_several_statements_that_belong_together_none_is_carried_out_when_one_fails(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        await a_thread(history, "hello")
        with pytest.raises(HistoryFailed):
            await history.database.write(("DELETE FROM steps", {}), ("DELETE FROM nowhere", {}))
        assert await history.execute_sql("SELECT output FROM steps", {}) == [{"output": "hello"}]


async def test_what_chainlit_notes_as_a_page_leaves_may_fail_and_is_told(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        thread = await a_thread(history)
        await history.execute_sql("DROP TABLE threads", {})
        await history.update_thread(thread, metadata={"id": "s"})
        assert len(troubles) == 1
        with pytest.raises(HistoryFailed):
            await history.update_thread(thread, name="A title")


async def test_a_full_disk_is_called_by_its_name(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        thread = await a_thread(history)
        engine = history.database.engine
        (row,) = await history.database.rows("PRAGMA page_count")
        await engine.dispose()

        def small_disk(connection: SimpleNamespace, _: object) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA max_page_count = {row['page_count']}")
            cursor.close()

        event.listen(engine.sync_engine, "connect", small_disk)
        for _ in range(10):  # more than any breaker bears
            with pytest.raises(HistoryFailed, match="disk is full"):
                await keep(history, thread, "x" * 1_000_000)
        assert "disk is full" in str(troubles[0])
        assert await history.get_thread(thread) is not None, "what is there can be read all the same"


async def test_a_file_that_is_no_database_is_said_at_the_door(tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite"
    file.write_text("this is not a database, it only looks like a file" * 100)
    with pytest.raises(HistoryFailed, match=r"broken\.sqlite"):
        async with open_history(file, lambda _: None):
            pass
    assert file.read_text().startswith("this is not")


async def test_a_history_that_keeps_failing_is_left_alone_and_every_turn_hears_so(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles) as (history, _):
        await refused(history)
        await refused(history)
        await refused(history, "SELECT 1", "no such table")
        assert len(troubles) == 3


async def test_what_breaks_a_rule_of_the_schema_says_nothing_against_the_history(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles) as (history, breaker):
        for _ in range(5):
            await refused(history, "INSERT INTO users VALUES ('1', NULL, '{}', '')", "NOT NULL")
        assert breaker.state is BreakerState.CLOSED


async def test_what_is_not_theirs_says_nothing_against_the_history_and_is_told_to_nobody_else(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_history(tmp_path, troubles) as (history, breaker):
        thread = await a_thread(history)
        with asked_by("ben"):
            for _ in range(5):
                with pytest.raises(HistoryFailed):
                    await history.delete_thread(thread)
        assert breaker.state is BreakerState.CLOSED
        assert troubles == []


async def test_a_probe_finds_out_that_the_history_is_well_again(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles) as (history, breaker):
        breaker.trip("the disk is gone")
        while not breaker.probe_is_due:
            await anyio.sleep(0.01)
        await history.probe()
        assert await history.execute_sql("SELECT 1 AS one", {}) == [{"one": 1}]


async def test_a_file_that_another_process_holds_fails_the_probe(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_history(tmp_path, troubles, query_seconds=2) as (history, _):
        await history.execute_sql("SELECT * FROM users", {})
        with closing(sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(EngineError):
                await history.probe()
            other.execute("ROLLBACK")
        assert await history.execute_sql("UPDATE users SET metadata = '{}'", {}) == 0


async def test_a_query_that_hangs_is_given_up(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    released = threading.Event()

    def hanging(connection: Any, _: object) -> None:
        connection.create_function("hang", 0, released.wait)

    async with a_history(tmp_path, troubles, query_seconds=2) as (history, _):
        event.listen(history.database.engine.sync_engine, "connect", hanging)
        await refused(history, "SELECT hang()", "no output within 2 s")
        assert await history.execute_sql("SELECT 1 AS one", {}) == [{"one": 1}]
        released.set()
