"""The history behind the sidebar: nothing that was said is lost, and what fails is said."""

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
from chainlit.context import ChainlitContext, context_var
from chainlit.session import HTTPSession
from chainlit.types import Pagination, ThreadFilter
from chainlit.user import User
from sqlalchemy import event

from app.history import MIGRATIONS, HistoryFailed, SqliteHistory, open_history
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


@pytest.fixture
async def history(tmp_path: Path, troubles: list[HistoryFailed]) -> AsyncGenerator[SqliteHistory]:
    async with open_history(tmp_path / "history.sqlite", troubles.append) as opened:
        session = HTTPSession(
            id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={}
        )
        mark = context_var.set(ChainlitContext(session))
        yield opened
        context_var.reset(mark)


def a_step(thread: str, output: str, **more: object) -> dict[str, object]:
    step: dict[str, object] = {
        "id": str(uuid4()),
        "threadId": thread,
        "name": "You",
        "type": "user_message",
        "output": output,
        "streaming": False,
        "createdAt": "2026-01-01T00:00:00Z",
    }
    return {**step, **more}


async def a_thread(history: SqliteHistory, name: str = "Hello") -> tuple[str, str]:
    user = await history.create_user(User(identifier="local"))
    assert user is not None
    thread = str(uuid4())
    await history.update_thread(thread, name=name, user_id=user.id)
    return thread, user.id


async def test_a_thread_comes_back_as_it_was_said(history: SqliteHistory) -> None:
    thread, _ = await a_thread(history)
    await history.create_step(a_step(thread, "hello", tags=["voice"], modes={"a": 1}, metadata={"turn": "t1"}))
    back = await history.get_thread(thread)
    assert back is not None
    assert back["userIdentifier"] == "local"
    (step,) = back["steps"]
    assert step["output"] == "hello"
    assert step["metadata"] == {"turn": "t1"}
    assert step["tags"] == ["voice"]


async def test_the_sidebar_lists_threads_and_finds_words_in_them(history: SqliteHistory) -> None:
    first, user = await a_thread(history, "First")
    second = str(uuid4())
    await history.update_thread(second, name="Second", user_id=user)
    await history.create_step(a_step(first, "about nightingales"))
    await history.create_step(a_step(second, "about owls"))
    everything = await history.list_threads(Pagination(first=20), ThreadFilter(userId=user))
    assert {thread["id"] for thread in everything.data} == {first, second}
    found = await history.list_threads(Pagination(first=20), ThreadFilter(userId=user, search="Nightingale"))
    assert [thread["id"] for thread in found.data] == [first]


async def test_threads_outlive_the_process(tmp_path: Path, history: SqliteHistory) -> None:
    thread, _ = await a_thread(history)
    await history.create_step(a_step(thread, "hello"))
    async with open_history(tmp_path / "history.sqlite", lambda _: None) as again:
        back = await again.get_thread(thread)
    assert back is not None
    assert [step["output"] for step in back["steps"]] == ["hello"]


async def test_a_thread_whose_first_write_failed_belongs_to_whoever_writes_next(history: SqliteHistory) -> None:
    user = await history.create_user(User(identifier="local"))
    context_var.get().session.user = user
    thread = str(uuid4())
    await history.update_thread(thread, metadata={"id": "s"})
    assert await history.get_thread_author(thread) == "local"


async def test_a_thread_that_is_nobodys_is_its_only_users_after_the_next_start(
    tmp_path: Path, history: SqliteHistory
) -> None:
    await history.create_user(User(identifier="local"))
    thread = str(uuid4())
    await history.execute_sql('INSERT INTO threads ("id") VALUES (:id)', {"id": thread})
    async with open_history(tmp_path / "history.sqlite", lambda _: None) as again:
        assert await again.get_thread_author(thread) == "local"


async def test_a_deleted_thread_takes_its_steps_along(history: SqliteHistory) -> None:
    thread, _ = await a_thread(history)
    await history.create_step(a_step(thread, "hello"))
    await history.delete_thread(thread)
    assert await history.get_thread(thread) is None
    assert await history.execute_sql('SELECT * FROM steps WHERE "threadId" = :t', {"t": thread}) == []


async def test_a_very_long_first_message_makes_a_short_title(history: SqliteHistory) -> None:
    thread, _ = await a_thread(history, "word " * 10_000)
    back = await history.get_thread(thread)
    assert back is not None
    assert len(back["name"]) <= 80
    assert back["name"].endswith("…")


@pytest.mark.parametrize("crafted", ["x') OR 1=1 --", "", "../../etc/passwd", "1234"])
async def test_an_id_that_is_none_is_refused(history: SqliteHistory, crafted: str) -> None:
    with pytest.raises(HistoryFailed, match="not the id"):
        await history.update_thread(crafted, name="x")


async def test_a_write_that_fails_is_told_and_not_swallowed(
    history: SqliteHistory, troubles: list[HistoryFailed]
) -> None:
    with pytest.raises(HistoryFailed):
        await history.execute_sql("INSERT INTO nowhere VALUES (1)", {})
    assert len(troubles) == 1


async def test_what_chainlit_notes_as_a_page_leaves_may_fail_and_is_told(
    history: SqliteHistory, troubles: list[HistoryFailed]
) -> None:
    thread, _ = await a_thread(history)
    await history.execute_sql("DROP TABLE threads", {})
    await history.update_thread(thread, metadata={"id": "s"})
    assert len(troubles) == 1
    with pytest.raises(HistoryFailed):
        await history.update_thread(thread, name="A title")


async def test_a_full_disk_is_called_by_its_name(history: SqliteHistory, troubles: list[HistoryFailed]) -> None:
    thread, _ = await a_thread(history)
    pages = await history.execute_sql("PRAGMA page_count", {})
    assert isinstance(pages, list)
    await history.engine.dispose()

    def small_disk(connection: SimpleNamespace, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {pages[0]['page_count']}")
        cursor.close()

    event.listen(history.engine.sync_engine, "connect", small_disk)
    for _ in range(10):  # more than any breaker bears
        with pytest.raises(HistoryFailed, match="disk is full"):
            await history.create_step(a_step(thread, "x" * 1_000_000))
    assert "disk is full" in str(troubles[0])
    assert await history.get_thread(thread) is not None, "what is there can be read all the same"


async def test_a_file_that_is_no_database_is_said_at_the_door(tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite"
    file.write_text("this is not a database, it only looks like a file" * 100)
    with pytest.raises(HistoryFailed, match=r"broken\.sqlite"):
        async with open_history(file, lambda _: None):
            pass


async def test_migrations_are_applied_once(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    for _ in range(2):
        async with open_history(file, lambda _: None):
            pass
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()


@asynccontextmanager
async def a_guarded_history(
    folder: Path, troubles: list[HistoryFailed], *, query_seconds: float = 5
) -> AsyncGenerator[tuple[SqliteHistory, CircuitBreaker]]:
    breaker = CircuitBreaker(
        "history", BreakerSettings(consecutive_failures=2, open_seconds=0.05, jitter=0), probed=True
    )
    async with open_history(folder / "history.sqlite", troubles.append, breaker, query_seconds=query_seconds) as opened:
        yield opened, breaker


async def refused(history: SqliteHistory, query: str = "SELECT * FROM nowhere", words: str = ".") -> None:
    with pytest.raises(HistoryFailed, match=words):
        await history.execute_sql(query, {})


async def test_a_history_that_keeps_failing_is_left_alone_and_every_turn_hears_so(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_guarded_history(tmp_path, troubles) as (history, _):
        await refused(history)
        await refused(history)
        await refused(history, "SELECT 1", "no such table")
        assert len(troubles) == 3


async def test_what_breaks_a_rule_of_the_schema_says_nothing_against_the_history(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async with a_guarded_history(tmp_path, troubles) as (history, breaker):
        for _ in range(5):
            await refused(history, "INSERT INTO users VALUES ('1', NULL, '{}', '')", "NOT NULL")
        assert breaker.state is BreakerState.CLOSED


async def test_a_probe_finds_out_that_the_history_is_well_again(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_guarded_history(tmp_path, troubles) as (history, breaker):
        breaker.trip("the disk is gone")
        while not breaker.probe_is_due:
            await anyio.sleep(0.01)
        await history.probe()
        assert await history.execute_sql("SELECT 1 AS one", {}) == [{"one": 1}]


async def test_a_file_that_another_process_holds_fails_the_probe(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with a_guarded_history(tmp_path, troubles, query_seconds=2) as (history, _):
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

    async with a_guarded_history(tmp_path, troubles, query_seconds=2) as (history, _):
        event.listen(history.engine.sync_engine, "connect", hanging)
        await refused(history, "SELECT hang()", "no output within 2 s")
        assert await history.execute_sql("SELECT 1 AS one", {}) == [{"one": 1}]
        released.set()
