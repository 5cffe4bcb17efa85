"""A page of somebody's conversations: what the sidebar shows of each and no more, in one query.

Words are looked for where they were written: an index of them would be a second copy of what was said, from which
older versions of SQLite do not really delete. A user's fifteen thousand messages are looked through in some 30 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.archive.rows import as_dict

FAVOURITE = "favourite"
"""The tag of a conversation that its user wants to find again."""
MOST_WORDS = 8
LONGEST_SEARCH = 200
MOST_AT_ONCE = 200

ACTIVE_AT = """
    coalesce((SELECT max(s."createdAt") FROM steps s WHERE s."threadId" = t."id"), t."createdAt", '')"""
MESSAGES = "('user_message', 'assistant_message')"
HAS_WORD = """
    AND (lower(t."name") LIKE lower(:word{n}) ESCAPE '\\' OR EXISTS (
        SELECT 1 FROM steps s WHERE s."threadId" = t."id" AND s."type" IN {messages}
        AND lower(s."output") LIKE lower(:word{n}) ESCAPE '\\'))"""
HAS_FEEDBACK = """
    AND EXISTS (
        SELECT 1 FROM steps s JOIN feedbacks f ON f."forId" = s."id"
        WHERE s."threadId" = t."id" AND f."value" = :feedback)"""
HAS_TAG = """
    AND t."tags" LIKE :tag"""
BEYOND = 'WHERE ("activeAt", "id") < (:active_at, :thread)'


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations. Those that were active last come first."""

    search: str = ""
    """Words that all occur in its title or in what was said, whatever their case."""
    feedback: int | None = None
    """1 or 0: with an answer that was found good, or bad."""
    favourites: bool = False
    """Only those that their user tagged `favourite`."""
    after: str = ""
    """The cursor of the last one on the page before."""
    limit: int = 20

    @property
    def on_a_page(self) -> int:
        return max(1, min(self.limit, MOST_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Listed:
    """One conversation, as a list shows it. Times are ISO 8601."""

    id: str
    title: str
    began_at: str
    active_at: str
    tags: tuple[str, ...]
    messages: int

    @property
    def favourite(self) -> bool:
        return FAVOURITE in self.tags

    @property
    def cursor(self) -> str:
        return f"{self.active_at}|{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    conversations: tuple[Listed, ...]
    more: bool


def query_for(user: str, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """One row more than is wanted tells whether there are more."""
    bound: dict[str, Any] = {"user": user, "limit": wanted.on_a_page + 1}
    conditions = ""
    for n, word in enumerate(wanted.search[:LONGEST_SEARCH].split()[:MOST_WORDS]):
        conditions += HAS_WORD.format(n=n, messages=MESSAGES)
        bound[f"word{n}"] = f"%{_literally(word)}%"
    if wanted.feedback is not None:
        conditions += HAS_FEEDBACK
        bound["feedback"] = wanted.feedback
    if wanted.favourites:
        conditions += HAS_TAG
        bound["tag"] = f'%"{FAVOURITE}"%'
    active_at, bar, thread = wanted.after.partition("|")
    if bar:
        bound |= {"active_at": active_at, "thread": thread}
    query = f"""
        SELECT page.*, (
            SELECT count(*) FROM steps s WHERE s."threadId" = page."id" AND s."type" IN {MESSAGES}) AS "messages"
        FROM (
            SELECT * FROM (
                SELECT t."id", t."name", t."createdAt", t."tags", {ACTIVE_AT} AS "activeAt"
                FROM threads t WHERE t."userIdentifier" = :user {conditions}) listed
            {BEYOND if bar else ""} ORDER BY "activeAt" DESC, "id" DESC LIMIT :limit) page
        ORDER BY "activeAt" DESC, "id" DESC"""  # noqa: S608 - our own words, what is asked for is bound
    return query, bound


def page_of(rows: Sequence[dict[str, Any]], wanted: Wanted) -> Page:
    return Page(tuple(map(_listed, rows[: wanted.on_a_page])), len(rows) > wanted.on_a_page)


def _listed(row: dict[str, Any]) -> Listed:
    kept = as_dict(row)
    return Listed(
        id=kept["id"],
        title=kept["name"] or "",
        began_at=kept["createdAt"] or kept["activeAt"],
        active_at=kept["activeAt"],
        tags=tuple(kept["tags"]),
        messages=kept["messages"],
    )


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
