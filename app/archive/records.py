"""Who said what, thread by thread: read, written and erased for one user at a time, who is always named.

What is somebody else's is as if it were not there: that is part of each query, not a look before it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from fastapi import HTTPException

from app.archive.database import Database, HistoryFailed
from app.archive.listing import Page, Wanted, page_of, query_for
from app.archive.rows import as_dict, as_row, as_step, writable

log = structlog.get_logger(__name__)

LONGEST_TITLE = 80

STEPS = """
    SELECT s.*, f."value" AS feedback_value, f."comment" AS feedback_comment, f."id" AS feedback_id
    FROM steps s LEFT JOIN feedbacks f ON f."forId" = s."id" """
OF_THREAD = 'WHERE s."threadId" = :id ORDER BY s."createdAt", s."start"'
FAVOURITE = """
    JOIN threads t ON t."id" = s."threadId" WHERE t."userIdentifier" = :user AND s."metadata" LIKE :mark
    ORDER BY s."createdAt" DESC"""
KEEP_PERSON = """
    INSERT INTO users ("id", "identifier", "createdAt", "metadata") VALUES (:id, :identifier, :now, :metadata)
    ON CONFLICT ("identifier") DO UPDATE SET "metadata" = excluded."metadata" """
PEOPLE = """
    SELECT "identifier" FROM users UNION SELECT "userIdentifier" FROM threads WHERE "userIdentifier" IS NOT NULL"""
FORGET_STEP = (
    """
    DELETE FROM feedbacks WHERE "forId" IN (SELECT s."id" FROM steps s JOIN threads t ON t."id" = s."threadId"
    WHERE s."id" = :id AND t."userIdentifier" = :user)""",
    """
    DELETE FROM elements WHERE "forId" = :id
    AND "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)""",
    """
    DELETE FROM steps WHERE "id" = :id AND "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)""",
)
FORGET_THREAD = (
    """
    DELETE FROM feedbacks WHERE "forId" IN (SELECT s."id" FROM steps s JOIN threads t ON t."id" = s."threadId"
    WHERE t."id" = :id AND t."userIdentifier" = :user)""",
    'DELETE FROM threads WHERE "id" = :id AND "userIdentifier" = :user',
)
FORGET_PERSON = (
    """
    DELETE FROM feedbacks WHERE "forId" IN (SELECT s."id" FROM steps s JOIN threads t ON t."id" = s."threadId"
    WHERE t."userIdentifier" = :user)""",
    'DELETE FROM elements WHERE "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)',
    'DELETE FROM steps WHERE "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)',
    'DELETE FROM threads WHERE "userIdentifier" = :user',
    'DELETE FROM users WHERE "identifier" = :user',
)
KEEP_FEEDBACK = """
    INSERT INTO feedbacks ("id", "forId", "threadId", "value", "comment")
    SELECT :id, s."id", s."threadId", :value, :comment FROM steps s JOIN threads t ON t."id" = s."threadId"
    WHERE s."id" = :step AND t."userIdentifier" = :user
    ON CONFLICT ("forId") DO UPDATE SET "value" = excluded."value", "comment" = excluded."comment"
    RETURNING "id" """
FORGET_FEEDBACK = """
    DELETE FROM feedbacks WHERE "id" = :id AND "forId" IN (
        SELECT s."id" FROM steps s JOIN threads t ON t."id" = s."threadId" WHERE t."userIdentifier" = :user)"""
ELEMENT = """
    SELECT * FROM elements WHERE "id" = :id AND "threadId" = :thread
    AND "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)"""
FORGET_ELEMENT = """
    DELETE FROM elements WHERE "id" = :id
    AND "threadId" IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)"""


class NotThere(HistoryFailed, HTTPException):
    """There is no such thing, or it is somebody else's: who asks is told the same."""

    code = "not-there"

    def __init__(self, what: str) -> None:
        HTTPException.__init__(self, 404, f"There is no such {what}.")
        log.warning("history refused", what=what)


class Records:
    """Everything raises `HistoryFailed`, and `NotThere` where it says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- people ----------------------------------------------------------------------------------------------

    async def person(self, identifier: str) -> dict[str, Any] | None:
        query = 'SELECT * FROM users WHERE "identifier" = :identifier'
        found = await self._database.rows(query, identifier=identifier)
        return as_dict(found[0]) if found else None

    async def keep_person(self, identifier: str, metadata: Mapping[str, Any]) -> None:
        bound = {"id": str(uuid4()), "identifier": identifier, "now": _now(), "metadata": {**metadata}}
        await self._database.write((KEEP_PERSON, bound))

    async def users(self) -> list[str]:
        """Everybody who has something here."""
        return sorted(row["identifier"] for row in await self._database.rows(PEOPLE))

    async def threads_of(self, user: str) -> list[str]:
        """Their ids, the oldest first."""
        query = 'SELECT "id" FROM threads WHERE "userIdentifier" = :user ORDER BY "createdAt", "id"'
        return [row["id"] for row in await self._database.rows(query, user=user)]

    async def export(self, user: str) -> AsyncGenerator[dict[str, Any], None]:
        """Their threads with all that is in them, the oldest first."""
        for thread in await self.threads_of(user):
            found = await self.thread(user, thread)
            if found is not None:
                yield found

    async def erase(self, user: str) -> int:
        """How many things went: feedback, elements, steps, threads, and their name. Of those nothing is left on disk;
        what is kept elsewhere is not touched.
        """
        gone = await self._database.write(*((query, {"user": user}) for query in FORGET_PERSON))
        await self._database.leave_no_trace()
        return gone

    # -- threads ---------------------------------------------------------------------------------------------

    async def listed(self, user: str, wanted: Wanted) -> Page:
        query, bound = query_for(user, wanted)
        return page_of(await self._database.rows(query, **bound), wanted)

    async def owner(self, thread: str) -> str | None:
        """None also where there is no such thread."""
        found = await self._database.rows('SELECT "userIdentifier" FROM threads WHERE "id" = :id', id=thread)
        return found[0]["userIdentifier"] if found else None

    async def thread(self, user: str, thread: str) -> dict[str, Any] | None:
        """With its steps and its elements."""
        query = 'SELECT * FROM threads WHERE "id" = :id AND "userIdentifier" = :user'
        found = await self._database.rows(query, id=thread, user=user)
        if not found:
            return None
        steps = await self._database.rows(STEPS + OF_THREAD, id=thread)
        elements = await self._database.rows('SELECT * FROM elements WHERE "threadId" = :id', id=thread)
        return {**as_dict(found[0]), "steps": [*map(as_step, steps)], "elements": [*map(as_dict, elements)]}

    async def keep_thread(
        self,
        user: str,
        thread: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Begun if it is not there. Of `metadata`, None takes a value away, and what is not named stays. Raises
        `NotThere`.
        """
        if not is_id(thread):
            raise NotThere("conversation")
        found = await self._database.rows('SELECT * FROM threads WHERE "id" = :id', id=thread)
        row: dict[str, Any] = {}
        if title is not None and title.strip():
            row["name"] = _short(writable(title))
        if metadata is not None:
            merged = {**(as_dict(found[0])["metadata"] if found else {}), **metadata}
            row["metadata"] = {key: value for key, value in merged.items() if value is not None}
        if tags is not None:
            row["tags"] = [*tags]
        if found and not row and found[0]["userIdentifier"] == user:
            return
        columns, values = "".join(f', "{name}"' for name in row), "".join(f", :{name}" for name in row)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in row) or '"id" = excluded."id"'
        upsert = f"""
            INSERT INTO threads ("id", "createdAt", "userId", "userIdentifier"{columns})
            VALUES (:id, :now, (SELECT "id" FROM users WHERE "identifier" = :user), :user{values})
            ON CONFLICT ("id") DO UPDATE SET {updates} WHERE threads."userIdentifier" = :user"""  # noqa: S608 - our own columns
        if not await self._database.write((upsert, {**row, "id": thread, "now": _now(), "user": user})):
            raise NotThere("conversation")

    async def delete_thread(self, user: str, thread: str) -> None:
        await self._database.write(*((query, {"id": thread, "user": user}) for query in FORGET_THREAD))
        await self._database.leave_no_trace()

    # -- what is in them -------------------------------------------------------------------------------------

    async def keep_step(self, user: str, step: Mapping[str, Any]) -> None:
        """Raises `NotThere` when its thread is somebody else's, or its id that of a step of another thread."""
        row = as_row(step)
        columns, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in row if name != "id")
        upsert = f"""
            INSERT INTO steps ({columns})
            SELECT {values} WHERE :threadId IN (SELECT "id" FROM threads WHERE "userIdentifier" = :user)
            ON CONFLICT ("id") DO UPDATE SET {updates} WHERE steps."threadId" = excluded."threadId" """  # noqa: S608 - our own columns
        if not await self._database.write((upsert, {**row, "user": user})):
            raise NotThere("message")

    async def delete_step(self, user: str, step: str) -> None:
        await self._database.write(*((query, {"id": step, "user": user}) for query in FORGET_STEP))

    async def favourite_steps(self, user: str) -> list[dict[str, Any]]:
        """Newest first."""
        found = await self._database.rows(STEPS + FAVOURITE, user=user, mark='%"favorite": true%')
        return [step for step in map(as_step, found) if step["metadata"].get("favorite")]

    async def keep_feedback(self, user: str, step: str, value: int, comment: str) -> str:
        """One for each step; its id. Raises `NotThere`."""
        bound = {"id": str(uuid4()), "user": user, "step": step, "value": value, "comment": writable(comment)}
        kept = await self._database.rows(KEEP_FEEDBACK, **bound)
        if not kept:
            raise NotThere("message")
        return str(kept[0]["id"])

    async def delete_feedback(self, user: str, feedback: str) -> None:
        """Raises `NotThere`."""
        if not await self._database.write((FORGET_FEEDBACK, {"id": feedback, "user": user})):
            raise NotThere("feedback")

    async def element(self, user: str, thread: str, element: str) -> dict[str, Any] | None:
        found = await self._database.rows(ELEMENT, id=element, thread=thread, user=user)
        return as_dict(found[0]) if found else None

    async def delete_element(self, user: str, element: str) -> None:
        await self._database.write((FORGET_ELEMENT, {"id": element, "user": user}))


def is_id(thread: str) -> bool:
    try:
        return bool(UUID(thread))
    except ValueError:
        return False


def _short(title: str) -> str:
    flat = " ".join(title.split())
    return flat if len(flat) <= LONGEST_TITLE else flat[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _now() -> str:
    """As Chainlit writes the times of steps."""
    return f"{datetime.now(UTC).replace(tzinfo=None).isoformat()}Z"
