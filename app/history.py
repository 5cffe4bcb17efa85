"""Session history: Chainlit's data layer on SQLite, made right where the stock layer loses rows.

The stock layer logs SQL errors and goes on, binds lists and dicts that SQLite cannot take, and hands JSON columns
back as text. Here every write is checked, every such value is encoded and decoded, and the schema has migrations.
"""

import json
import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskGroup
from chainlit.context import ChainlitContextException, context
from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.types import ThreadDict
from chainlit.user import PersistedUser
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from resilience.attempt import attempt
from resilience.breaker import CircuitBreaker
from resilience.containing import contained
from resilience.errors import CircuitOpen, EngineError, EngineFailed, EngineUnavailable, InputRejected, OutOfRoom

log = structlog.get_logger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE users (
        "id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" TEXT NOT NULL, "createdAt" TEXT);
    CREATE TABLE threads (
        "id" TEXT PRIMARY KEY, "createdAt" TEXT, "name" TEXT, "userId" TEXT REFERENCES users("id") ON DELETE CASCADE,
        "userIdentifier" TEXT, "tags" TEXT, "metadata" TEXT NOT NULL DEFAULT '{}');
    CREATE TABLE steps (
        "id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL,
        "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE, "parentId" TEXT,
        "streaming" BOOLEAN NOT NULL, "waitForAnswer" BOOLEAN, "isError" BOOLEAN, "metadata" TEXT, "tags" TEXT,
        "input" TEXT, "output" TEXT, "createdAt" TEXT, "command" TEXT, "modes" TEXT, "start" TEXT, "end" TEXT,
        "generation" TEXT, "showInput" TEXT, "language" TEXT, "defaultOpen" BOOLEAN, "autoCollapse" BOOLEAN);
    CREATE TABLE elements (
        "id" TEXT PRIMARY KEY, "threadId" TEXT REFERENCES threads("id") ON DELETE CASCADE, "type" TEXT, "url" TEXT,
        "chainlitKey" TEXT, "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INT,
        "language" TEXT, "forId" TEXT, "mime" TEXT, "props" TEXT, "autoPlay" BOOLEAN, "playerConfig" TEXT);
    CREATE TABLE feedbacks (
        "id" TEXT PRIMARY KEY, "forId" TEXT NOT NULL, "threadId" TEXT, "value" INT NOT NULL, "comment" TEXT);
    CREATE INDEX ix_steps_thread ON steps("threadId", "createdAt");
    CREATE INDEX ix_threads_user ON threads("userId");
    """,
)
"""Applied in order, once each; `PRAGMA user_version` says how many a file has had. Only ever appended to."""

ADOPT = """
    UPDATE threads SET "userId" = (SELECT "id" FROM users), "userIdentifier" = (SELECT "identifier" FROM users)
    WHERE "userId" IS NULL AND (SELECT count(*) FROM users) = 1"""
"""A thread without an owner can be opened by nobody. Where there is one user only, it is theirs."""

LONGEST_TITLE = 80
NAME = "history"
QUERY_SECONDS = 5.0
CLOSING_SECONDS = 5.0
LOCK_SECONDS = 3.0
"""How long a query waits for another's lock; less than it has in all, so that the reason is known."""


class HistoryFailed(Exception):
    """The history could not be read or written; the message says why."""

    code = "history-failed"


@dataclass(slots=True, eq=False)
class _Query:
    text: str
    bound: dict[str, Any]
    done: anyio.Event = field(default_factory=anyio.Event)
    rows: list[dict[str, Any]] | int = 0
    error: EngineError | None = field(default_factory=lambda: EngineFailed(NAME, "it is being closed"))


class SqliteHistory(SQLAlchemyDataLayer):
    def __init__(
        self,
        file: Path,
        trouble: Callable[[HistoryFailed], None],
        breaker: CircuitBreaker,
        tasks: TaskGroup,
        *,
        query_seconds: float = QUERY_SECONDS,
        erase: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(f"sqlite+aiosqlite:///{file}", storage_provider=None)
        self._trouble = trouble
        self._breaker = breaker
        self._tasks = tasks
        self._asked: set[_Query] = set()
        self._closing = False
        self._query_seconds = query_seconds
        self._erase = erase
        event.listen(self.engine.sync_engine, "connect", _prepare)

    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]] | int:
        """Raises `HistoryFailed`, after telling whoever shows trouble; at once while its breaker is open."""
        bound = {key: _encoded(value) for key, value in parameters.items()}
        try:
            with attempt(self._breaker, self._query_seconds):
                return await self._run(query, bound)
        except InputRejected as exc:
            log.warning("history refused", reason=exc.reason)
            raise HistoryFailed(exc.reason) from exc
        except EngineError as exc:
            failure = HistoryFailed(exc.reason)
            if not isinstance(exc, CircuitOpen):
                log.error("history failed", code=exc.code, reason=exc.reason)
            self._trouble(failure)
            raise failure from exc

    async def probe(self) -> None:
        """Take the lock that a write takes, and write nothing. Raises `EngineError`, and begins new connections."""
        try:
            with attempt(self._breaker, self._query_seconds, probe=True):
                await self._run('UPDATE users SET "id" = "id" WHERE 0', {})
        except EngineError:
            if not self._asked:  # a connection that is at work could not be closed any more
                with anyio.move_on_after(CLOSING_SECONDS):
                    await self.engine.dispose()
            raise

    async def settled(self) -> None:
        """Nobody's query is at work any more, and none is taken."""
        self._closing = True
        for asked in [*self._asked]:
            await asked.done.wait()

    async def _run(self, query: str, bound: dict[str, Any]) -> list[dict[str, Any]] | int:
        if self._closing:
            raise EngineUnavailable(NAME, "the house is being closed")
        asked = _Query(query, bound)
        self._asked.add(asked)
        self._tasks.start_soon(self._answer, asked)
        await asked.done.wait()
        if asked.error is not None:
            raise asked.error
        return asked.rows

    async def _answer(self, asked: "_Query") -> None:
        """In a task of its own: whoever asked may leave, but a query that is cancelled would cost its connection."""
        try:
            with contained(NAME):
                asked.rows = await self._execute(asked.text, asked.bound)
                asked.error = None
        except EngineError as exc:
            asked.error = exc
        finally:
            self._asked.discard(asked)
            asked.done.set()

    async def _execute(self, query: str, bound: dict[str, Any]) -> list[dict[str, Any]] | int:
        try:
            async with self.async_session() as session, session.begin():
                result = await session.execute(text(query), bound)
                return [dict(row) for row in result.mappings()] if result.returns_rows else int(result.rowcount)
        except IntegrityError as exc:
            raise InputRejected(NAME, _reason(exc)) from exc
        except SQLAlchemyError as exc:
            if "full" in _original(exc):
                reason = "the disk is full: what is said now is not kept until there is room"
                raise OutOfRoom(NAME, reason) from exc  # and what was said before can still be read
            raise EngineFailed(NAME, _reason(exc)) from exc

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Raises `HistoryFailed`, also for an id that is none: the stock layer pastes ids into its queries."""
        try:
            UUID(thread_id)
        except ValueError as exc:
            raise HistoryFailed(f"not the id of a thread: {thread_id!r:.50}") from exc
        owner = user_id or _who_asks()  # whose first write failed would be nobody's, and never be opened again
        try:
            await super().update_thread(thread_id, name and _title(name), owner, metadata, tags)
        except HistoryFailed:
            if name is not None or metadata is None:
                raise
            # Chainlit's own notes as a page leaves: its handler knows no failure, and whoever left misses nothing.

    async def delete_thread(self, thread_id: str) -> None:
        """With all that is kept of it elsewhere; that goes first, so that what fails can be tried again."""
        if self._erase is not None:
            try:
                await self._erase(thread_id)
            except EngineError as exc:
                log.error("thread not erased", code=exc.code, reason=exc.reason)
                failure = HistoryFailed(exc.reason)
                self._trouble(failure)
                raise failure from exc
        await super().delete_thread(thread_id)

    async def get_all_user_threads(
        self, user_id: str | None = None, thread_id: str | None = None
    ) -> list[ThreadDict] | None:
        threads: list[ThreadDict] = await super().get_all_user_threads(user_id=user_id, thread_id=thread_id) or []
        for thread in threads:
            thread["metadata"] = _decoded(thread.get("metadata"), {})
            thread["tags"] = _decoded(thread.get("tags"), [])
            for step in thread["steps"]:
                step["metadata"] = _decoded(step.get("metadata"), {})
                step["tags"] = _decoded(step.get("tags"), [])
                step["generation"] = _decoded(step.get("generation"), {})
            for element in thread.get("elements") or []:
                element["props"] = _decoded(element.get("props"), {})
        return threads


@asynccontextmanager
async def open_history(
    file: Path,
    trouble: Callable[[HistoryFailed], None],
    breaker: CircuitBreaker | None = None,
    *,
    query_seconds: float = QUERY_SECONDS,
    erase: Callable[[str], Awaitable[None]] | None = None,
) -> AsyncGenerator[SqliteHistory]:
    """`erase`: of a thread, what is kept of it elsewhere. Raises `HistoryFailed` when the file cannot be used."""
    try:
        await to_thread.run_sync(_migrate, file)
    except sqlite3.Error as exc:
        raise HistoryFailed(f"{file.name}: {exc}") from exc
    async with anyio.create_task_group() as queries:
        breaker = breaker or CircuitBreaker(NAME)
        history = SqliteHistory(file, trouble, breaker, queries, query_seconds=query_seconds, erase=erase)
        try:
            yield history
        finally:
            with anyio.move_on_after(CLOSING_SECONDS, shield=True):
                await history.settled()
                await history.engine.dispose()
            queries.cancel_scope.cancel()


def _who_asks() -> str | None:
    """The id of the user in whose session this happens, if it does in one."""
    try:
        user = context.session.user
    except ChainlitContextException:
        return None
    return user.id if isinstance(user, PersistedUser) else None


def stay_calm(loop: AbstractEventLoop) -> None:
    """Chainlit writes in tasks that nobody waits for. What fails there was logged and told; it is no accident."""

    def handle(loop: AbstractEventLoop, trouble: dict[str, Any]) -> None:
        if not isinstance(trouble.get("exception"), HistoryFailed):
            loop.default_exception_handler(trouble)

    loop.set_exception_handler(handle)


def _migrate(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        (done,) = db.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[done:], done + 1):
            db.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
        db.execute(ADOPT)
        db.commit()


def _prepare(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={1000 * LOCK_SECONDS:.0f}", "foreign_keys=ON", "journal_mode=WAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _title(name: str) -> str:
    flat = " ".join(name.split())
    return flat if len(flat) <= LONGEST_TITLE else flat[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _reason(exc: SQLAlchemyError) -> str:
    return _original(exc).splitlines()[0][:200]


def _original(exc: SQLAlchemyError) -> str:
    return str(getattr(exc, "orig", None) or type(exc).__name__)


def _encoded(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _decoded(value: Any, default: Any) -> Any:
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return json.loads(value)
    except ValueError:
        return default
