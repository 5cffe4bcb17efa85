"""A person's own conversations, out of the history and the turn log. Somebody else's are not there."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from chainlit.types import Feedback, Pagination, ThreadFilter

from app.archive.asker import asked_by
from app.archive.database import NAME, HistoryFailed
from app.archive.records import NotThere
from app.reviewing import EPOCH, FAVOURITE, Listed, Logged, Page, Review, is_favourite, moment, review_of, title_of
from memory.types import UserId
from resilience.errors import EngineFailed

PAGE_SIZE = 30


class Log(Protocol):
    async def thread_review(self, thread: str, user: str) -> Sequence[Logged]:
        """In the order in which they were said. Raises `EngineError`."""
        ...


class History(Protocol):
    """As much of the history as is asked here. Everything raises `HistoryFailed`."""

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> Any: ...
    async def get_thread(self, thread_id: str) -> Any: ...
    async def update_thread(self, thread_id: str, name: str | None = ..., *, tags: list[str] | None = ...) -> None: ...
    async def delete_thread(self, thread_id: str) -> None: ...
    async def upsert_feedback(self, feedback: Feedback) -> str: ...
    async def execute_sql(self, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]] | int: ...


class Past:
    """Everything raises `EngineError`. What changes a conversation says whether there is one."""

    def __init__(self, history: History, log: Log) -> None:
        self._history = history
        self._log = log

    async def threads(self, user: UserId, search: str = "", cursor: str | None = None) -> Page:
        """What was active last comes first."""
        with _asked_by(user):
            wanted = ThreadFilter(userId=user, search=search or None)
            found = await self._history.list_threads(Pagination(first=PAGE_SIZE, cursor=cursor), wanted)
            messages = await self._messages([each["id"] for each in found.data])
        listed = (
            Listed(
                id=each["id"],
                title=title_of(each),
                at=moment(each["createdAt"] or EPOCH),
                messages=messages.get(each["id"], 0),
                favourite=is_favourite(each),
            )
            for each in found.data
        )
        return Page(tuple(listed), found.pageInfo.endCursor if found.pageInfo.hasNextPage else None)

    async def one(self, user: UserId, thread: str) -> Listed | None:
        """Dated by when it began."""
        with _asked_by(user):
            there = await self._own(user, thread)
            if there is None:
                return None
            messages = await self._messages([thread])
        at = moment(there["createdAt"] or EPOCH)
        return Listed(thread, title_of(there), at, messages.get(thread, 0), is_favourite(there))

    async def review(self, user: UserId, thread: str) -> Review | None:
        with _asked_by(user):
            there = await self._own(user, thread)
        return None if there is None else review_of(there, await self._log.thread_review(thread, user))

    async def rename(self, user: UserId, thread: str, title: str) -> bool:
        with _asked_by(user):
            there = await self._own(user, thread)
            if there is not None:
                await self._history.update_thread(thread, title)
        return there is not None

    async def favour(self, user: UserId, thread: str, favourite: bool) -> bool:
        with _asked_by(user):
            there = await self._own(user, thread)
            if there is not None:
                others = [each for each in there.get("tags") or [] if each != FAVOURITE]
                await self._history.update_thread(thread, tags=[*others, FAVOURITE] if favourite else others)
        return there is not None

    async def delete(self, user: UserId, thread: str) -> bool:
        with _asked_by(user):
            there = await self._own(user, thread)
            if there is not None:
                await self._history.delete_thread(thread)
        return there is not None

    async def judge(self, user: UserId, step: str, value: Literal[0, 1], comment: str) -> str | None:
        """What an answer was worth to them; the judgement's id."""
        with _asked_by(user):
            try:
                return await self._history.upsert_feedback(Feedback(forId=step, value=value, comment=comment))
            except NotThere:
                return None

    async def _own(self, user: UserId, thread: str) -> Mapping[str, Any] | None:
        there: Mapping[str, Any] | None = await self._history.get_thread(thread)
        return there if there is not None and there.get("userIdentifier") == user else None

    async def _messages(self, threads: Sequence[str]) -> dict[str, int]:
        """How many there are in each."""
        if not threads:
            return {}
        ids = {f"t{number}": thread for number, thread in enumerate(threads)}
        rows = await self._history.execute_sql(
            'SELECT "threadId" AS thread, count(*) AS messages FROM steps'  # noqa: S608 - our own words
            " WHERE \"type\" IN ('user_message', 'assistant_message')"
            f' AND "threadId" IN ({", ".join(f":{each}" for each in ids)}) GROUP BY "threadId"',
            ids,
        )
        assert not isinstance(rows, int)
        return {row["thread"]: row["messages"] for row in rows}


@contextmanager
def _asked_by(user: UserId) -> Generator[None]:
    try:
        with asked_by(user):
            yield
    except HistoryFailed as exc:
        raise EngineFailed(NAME, str(exc)) from exc
