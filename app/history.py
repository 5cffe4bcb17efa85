"""Session history: the data layer behind Chainlit's sidebar.

Chainlit checks for some things only whose they are, and takes ids from whoever sends them. So every question that it
asks is answered here as the one who asks may have it answered (`app.archive.asker`). Our own pages name the user
themselves, and ask the `records`.
"""

import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import structlog
from anyio import to_thread
from chainlit.data.base import BaseDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter
from chainlit.user import PersistedUser, User
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.archive.asker import from_now_on, who_asks
from app.archive.database import NAME, Database, HistoryFailed, Rows, postgres_engine, sqlite_engine
from app.archive.listing import Page, Wanted
from app.archive.records import NotThere, Records, is_id
from app.archive.settings import HistorySettings
from app.archive.tables import migrate_file, migrate_server
from memory.types import UserId
from resilience.breaker import CircuitBreaker
from resilience.errors import EngineError

__all__ = ["History", "HistoryFailed", "open_history", "stay_calm"]

log = structlog.get_logger(__name__)

QUERY_SECONDS = 5.0


class History(BaseDataLayer):
    """Everything raises `HistoryFailed`; `NotThere` for what is not there, or is not theirs who ask."""

    def __init__(self, database: Database, erase: Callable[[str, UserId], Awaitable[None]] | None = None) -> None:
        self.database = database
        self.records = Records(database)
        self._erase = erase

    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> Rows | int:
        """One query, whoever asks."""
        (answer,) = await self.database.ask((query, parameters))
        return answer

    async def title_of(self, thread: str) -> str:
        """Whoever's it is: for who knows the thread from the user's own memories. Empty when it cannot be told."""
        try:
            rows = await self.execute_sql('SELECT "name" FROM threads WHERE "id" = :thread', {"thread": thread})
        except HistoryFailed:
            return ""
        return str(rows[0]["name"] or "") if isinstance(rows, list) and rows else ""

    async def probe(self) -> None:
        await self.database.probe()

    async def close(self) -> None:
        await self.database.close()

    async def build_debug_url(self) -> str:
        return ""

    # -- users -----------------------------------------------------------------------------------------------

    async def get_user(self, identifier: str) -> PersistedUser | None:
        """Chainlit asks for the user of each request and socket, and it is they who ask from then on."""
        from_now_on(identifier)
        found = await self.records.person(identifier)
        if found is None:
            return None
        return PersistedUser(
            id=found["id"], identifier=identifier, createdAt=found["createdAt"] or "", metadata=found["metadata"]
        )

    async def create_user(self, user: User) -> PersistedUser | None:
        await self.records.keep_person(user.identifier, user.metadata or {})
        return await self.get_user(user.identifier)

    async def erase_user(self, user: str) -> int:
        """How many things went, of the history only."""
        return await self.records.erase(user)

    # -- threads ---------------------------------------------------------------------------------------------

    async def get_thread_author(self, thread_id: str) -> str:
        """Who asks, if it is theirs; else nobody, which Chainlit takes for a thread that is not there."""
        user = _asker("conversation")
        return user if await self.records.owner(thread_id) == user else ""

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """Of somebody else's, a husk: Chainlit refuses to open it; one that was not there it would begin."""
        user = _asker("conversation")
        if is_id(thread_id):
            found = await self.records.thread(user, thread_id)
            if found is not None or await self.records.owner(thread_id) is None:
                return found
        husk: ThreadDict = {"id": thread_id, "createdAt": "", "name": None, "userId": None, "userIdentifier": None}
        return {**husk, "tags": [], "metadata": {}, "steps": [], "elements": []}

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """It is theirs who ask, whatever `user_id` says. Sharing is not among what can be done with it."""
        if metadata and metadata.get("is_shared"):
            raise NotThere("way to share a conversation")
        try:
            user = _asker("conversation")
            if name is None and tags is None and await self.records.owner(thread_id) is None:
                return  # notes begin no conversation: whoever leaves one that was deleted would bring it back
            await self.records.keep_thread(user, thread_id, title=name, metadata=metadata, tags=tags)
        except HistoryFailed:
            if name is not None or tags is not None or metadata is None:
                raise
            # Chainlit's own notes as a page leaves: its handler knows no failure, and whoever left misses nothing.

    async def delete_thread(self, thread_id: str) -> None:
        """With all that is kept of it elsewhere; that goes first, so that what fails can be tried again."""
        user = _asker("conversation")
        if await self.records.owner(thread_id) != user:
            raise NotThere("conversation")
        if self._erase is not None:
            try:
                await self._erase(thread_id, UserId(user))
            except EngineError as exc:
                log.error("thread not erased", code=exc.code, reason=exc.reason)
                raise self.database.failed(exc) from exc
        await self.records.delete_thread(user, thread_id)

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        """The sidebar's, and its search. The page sorts by what it takes for the time of creation, so it is given that
        of the last activity.
        """
        user = _asker("conversation")
        wanted = Wanted(filters.search or "", filters.feedback, after=pagination.cursor or "", limit=pagination.first)
        page = await self.conversations(user, wanted)
        threads = [
            {"id": each.id, "createdAt": each.active_at, "name": each.title or None, "tags": [*each.tags]}
            | {"userId": filters.userId, "userIdentifier": user, "metadata": {}, "steps": [], "elements": []}
            for each in page.conversations
        ]
        cursors = [each.cursor for each in page.conversations]
        first, last = (cursors[0], cursors[-1]) if cursors else (None, None)
        return PaginatedResponse(pageInfo=PageInfo(page.more, first, last), data=threads)

    async def conversations(self, user: str, wanted: Wanted) -> Page:
        """Those that were active last come first."""
        return await self.records.listed(user, wanted)

    # -- what is in them -------------------------------------------------------------------------------------

    @queue_until_user_message()
    async def create_step(self, step_dict: StepDict) -> None:
        user = _asker("conversation")
        await self.records.keep_thread(user, step_dict["threadId"])
        await self.records.keep_step(user, step_dict)

    @queue_until_user_message()
    async def update_step(self, step_dict: StepDict) -> None:
        await self.create_step(step_dict)

    @queue_until_user_message()
    async def delete_step(self, step_id: str) -> None:
        await self.records.delete_step(_asker("message"), step_id)

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        return await self.records.favourite_steps(_asker("message"))

    async def upsert_feedback(self, feedback: Feedback) -> str:
        value, comment = int(feedback.value), feedback.comment or ""
        return await self.records.keep_feedback(_asker("message"), feedback.forId, value, comment)

    async def delete_feedback(self, feedback_id: str) -> bool:
        await self.records.delete_feedback(_asker("feedback"), feedback_id)
        return True

    @queue_until_user_message()
    async def create_element(self, element: Element) -> None:
        """Our page shows none that would outlive it: recordings have a place of their own, in the turn log."""

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        return await self.records.element(_asker("element"), thread_id, element_id)

    @queue_until_user_message()
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        await self.records.delete_element(_asker("element"), element_id)


@asynccontextmanager
async def open_history(
    file: Path,
    trouble: Callable[[HistoryFailed], None],
    breaker: CircuitBreaker | None = None,
    *,
    settings: HistorySettings | None = None,
    query_seconds: float = QUERY_SECONDS,
    erase: Callable[[str, UserId], Awaitable[None]] | None = None,
) -> AsyncGenerator[History]:
    """In `file`, or where `settings` say. `erase`: of a thread, what is kept of it elsewhere. Raises `HistoryFailed`
    when the file, or the server, cannot be used.
    """
    url = settings.engine_url if settings is not None else None
    engine = await _file(file) if url is None else await _server(url)
    async with anyio.create_task_group() as queries:
        database = Database(engine, trouble, breaker or CircuitBreaker(NAME), queries, query_seconds)
        try:
            yield History(database, erase)
        finally:
            await database.close()
            queries.cancel_scope.cancel()


async def _file(file: Path) -> AsyncEngine:
    try:
        await to_thread.run_sync(migrate_file, file)
    except (OSError, sqlite3.Error) as exc:
        raise HistoryFailed(f"{file.name}: {exc}") from exc
    return sqlite_engine(file)


async def _server(url: str) -> AsyncEngine:
    try:
        engine = postgres_engine(url)
    except ModuleNotFoundError as exc:
        raise HistoryFailed("PostgreSQL needs the extra `postgres`, which is not installed") from exc
    try:
        await migrate_server(engine)
    except (OSError, SQLAlchemyError) as exc:
        await engine.dispose()
        raise HistoryFailed(f"PostgreSQL: {exc}") from exc
    return engine


def stay_calm(loop: AbstractEventLoop) -> None:
    """Chainlit writes in tasks that nobody waits for. What fails there was logged and told; it is no accident."""

    def handle(loop: AbstractEventLoop, trouble: dict[str, Any]) -> None:
        if not isinstance(trouble.get("exception"), HistoryFailed):
            loop.default_exception_handler(trouble)

    loop.set_exception_handler(handle)


def _asker(what: str) -> str:
    """Nobody in particular has nothing."""
    user = who_asks()
    if user is None:
        raise NotThere(what)
    return user
