"""The database under the history, behind its breaker: every query is checked, bounded in time, and carried through."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import structlog
from anyio.abc import TaskGroup
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.archive.rows import encoded
from resilience.attempt import attempt
from resilience.breaker import CircuitBreaker
from resilience.containing import contained
from resilience.errors import CircuitOpen, EngineError, EngineFailed, EngineUnavailable, InputRejected, OutOfRoom

log = structlog.get_logger(__name__)

NAME = "history"
CLOSING_SECONDS = 5.0
LOCK_SECONDS = 3.0
"""How long a query waits for another's lock; less than it has in all, so that the reason is known."""
DISK_FULL, BAD_DATA = "53100", "22"
"""PostgreSQL's words for these: a whole code, and how codes begin."""

Rows: TypeAlias = list[dict[str, Any]]
Statement: TypeAlias = tuple[str, Mapping[str, Any]]


class HistoryFailed(Exception):
    """The history could not be read or written; the message says why."""

    code = "history-failed"


@dataclass(slots=True, eq=False)
class _Asked:
    statements: Sequence[Statement]
    done: anyio.Event = field(default_factory=anyio.Event)
    answers: list[Rows | int] = field(default_factory=list)
    error: EngineError | None = field(default_factory=lambda: EngineFailed(NAME, "it is being closed"))


def sqlite_engine(file: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    event.listen(engine.sync_engine, "connect", _prepare)
    return engine


def postgres_engine(url: str) -> AsyncEngine:
    """Raises `ModuleNotFoundError` where its driver is not installed."""
    return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)


class Database:
    def __init__(
        self,
        engine: AsyncEngine,
        trouble: Callable[[HistoryFailed], None],
        breaker: CircuitBreaker,
        tasks: TaskGroup,
        query_seconds: float,
    ) -> None:
        self.engine = engine
        self._trouble = trouble
        self._breaker = breaker
        self._tasks = tasks
        self._asked: set[_Asked] = set()
        self._closing = False
        self._query_seconds = query_seconds

    async def ask(self, *statements: Statement) -> list[Rows | int]:
        """Rows, or how many were touched, of each; all in one transaction. Raises `HistoryFailed`, after telling
        whoever shows trouble; at once while the breaker is open.
        """
        try:
            with attempt(self._breaker, self._query_seconds):
                return await self._run(statements)
        except InputRejected as exc:
            log.warning("history refused", reason=exc.reason)
            raise HistoryFailed(exc.reason) from exc
        except EngineError as exc:
            if not isinstance(exc, CircuitOpen):
                log.error("history failed", code=exc.code, reason=exc.reason)
            raise self.failed(exc) from exc

    def failed(self, error: EngineError) -> HistoryFailed:
        """To be raised; whoever shows trouble has been told."""
        failure = HistoryFailed(error.reason)
        self._trouble(failure)
        return failure

    async def rows(self, query: str, **bound: Any) -> Rows:
        (answer,) = await self.ask((query, bound))
        assert isinstance(answer, list)
        return answer

    async def write(self, *statements: Statement) -> int:
        """How many rows all of them touched."""
        return sum(answer for answer in await self.ask(*statements) if isinstance(answer, int))

    async def leave_no_trace(self) -> None:
        """Of what has been deleted, in SQLite's journal; in the file itself it is overwritten at once. On a server this
        is the server's business.
        """
        if self.engine.dialect.name != "sqlite":
            return
        (outcome,) = await self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if outcome["busy"]:
            raise HistoryFailed("it is deleted, but the journal of the disk still has it: please try again")

    async def probe(self) -> None:
        """Take the lock that a write takes, and write nothing. Raises `EngineError`, and begins new connections."""
        try:
            with attempt(self._breaker, self._query_seconds, probe=True):
                await self._run([('UPDATE users SET "id" = "id" WHERE 1 = 0', {})])
        except EngineError:
            if not self._asked:  # a connection that is at work could not be closed any more
                with anyio.move_on_after(CLOSING_SECONDS):
                    await self.engine.dispose()
            raise

    async def close(self) -> None:
        """Once nobody's query is at work any more; and none is taken."""
        with anyio.move_on_after(CLOSING_SECONDS, shield=True):
            self._closing = True
            for asked in [*self._asked]:
                await asked.done.wait()
            await self.engine.dispose()

    async def _run(self, statements: Sequence[Statement]) -> list[Rows | int]:
        if self._closing:
            raise EngineUnavailable(NAME, "the house is being closed")
        asked = _Asked(statements)
        self._asked.add(asked)
        self._tasks.start_soon(self._answer, asked)
        await asked.done.wait()
        if asked.error is not None:
            raise asked.error
        return asked.answers

    async def _answer(self, asked: "_Asked") -> None:
        """In a task of its own: whoever asked may leave, but a query that is cancelled would cost its connection."""
        try:
            with contained(NAME):
                await self._execute(asked)
                asked.error = None
        except EngineError as exc:
            asked.error = exc
        finally:
            self._asked.discard(asked)
            asked.done.set()

    async def _execute(self, asked: "_Asked") -> None:
        try:
            async with self.engine.begin() as db:
                for query, bound in asked.statements:
                    result = await db.execute(text(query), {key: encoded(value) for key, value in bound.items()})
                    rows = [dict(row) for row in result.mappings()] if result.returns_rows else int(result.rowcount)
                    asked.answers.append(rows)
        except IntegrityError as exc:
            raise InputRejected(NAME, _reason(exc)) from exc
        except SQLAlchemyError as exc:
            if _is_full(exc):
                reason = "the disk is full: what is said now is not kept until there is room"
                raise OutOfRoom(NAME, reason) from exc  # and what was said before can still be read
            if _sqlstate(exc).startswith(BAD_DATA):
                raise InputRejected(NAME, _reason(exc)) from exc
            raise EngineFailed(NAME, _reason(exc)) from exc
        except UnicodeError as exc:
            raise InputRejected(NAME, "that is no text") from exc
        except OSError as exc:  # of a server that cannot be reached
            raise EngineUnavailable(NAME, exc.strerror or str(exc)) from exc


def _prepare(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={1000 * LOCK_SECONDS:.0f}",
        "foreign_keys=ON",
        "journal_mode=WAL",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: object) -> object:
    """SQLite's own knows the letters of English only."""
    return value.casefold() if isinstance(value, str) else value


def _is_full(exc: SQLAlchemyError) -> bool:
    original = getattr(exc, "orig", None)
    return _sqlstate(exc) == DISK_FULL or (isinstance(original, sqlite3.OperationalError) and "full" in str(original))


def _sqlstate(exc: SQLAlchemyError) -> str:
    """Empty where the database has none."""
    return getattr(getattr(exc, "orig", None), "sqlstate", None) or ""


def _reason(exc: SQLAlchemyError) -> str:
    return str(getattr(exc, "orig", None) or type(exc).__name__).splitlines()[0][:200]
