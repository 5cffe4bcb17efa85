"""The tables of the history, alike on SQLite and on PostgreSQL, and how a database comes to have them.

JSON stands in text columns, encoded and decoded by us (`app.archive.rows`): so it is the same on both.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = (
    (
        """
        CREATE TABLE users (
            "id" TEXT PRIMARY KEY, "identifier" TEXT NOT NULL UNIQUE, "metadata" TEXT NOT NULL, "createdAt" TEXT)""",
        """
        CREATE TABLE threads (
            "id" TEXT PRIMARY KEY, "createdAt" TEXT, "name" TEXT,
            "userId" TEXT REFERENCES users("id") ON DELETE CASCADE,
            "userIdentifier" TEXT, "tags" TEXT, "metadata" TEXT NOT NULL DEFAULT '{}')""",
        """
        CREATE TABLE steps (
            "id" TEXT PRIMARY KEY, "name" TEXT NOT NULL, "type" TEXT NOT NULL,
            "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE, "parentId" TEXT,
            "streaming" BOOLEAN NOT NULL, "waitForAnswer" BOOLEAN, "isError" BOOLEAN, "metadata" TEXT, "tags" TEXT,
            "input" TEXT, "output" TEXT, "createdAt" TEXT, "command" TEXT, "modes" TEXT, "start" TEXT, "end" TEXT,
            "generation" TEXT, "showInput" TEXT, "language" TEXT, "defaultOpen" BOOLEAN, "autoCollapse" BOOLEAN)""",
        """
        CREATE TABLE elements (
            "id" TEXT PRIMARY KEY, "threadId" TEXT REFERENCES threads("id") ON DELETE CASCADE, "type" TEXT, "url" TEXT,
            "chainlitKey" TEXT, "name" TEXT NOT NULL, "display" TEXT, "objectKey" TEXT, "size" TEXT, "page" INT,
            "language" TEXT, "forId" TEXT, "mime" TEXT, "props" TEXT, "autoPlay" BOOLEAN, "playerConfig" TEXT)""",
        """
        CREATE TABLE feedbacks (
            "id" TEXT PRIMARY KEY, "forId" TEXT NOT NULL, "threadId" TEXT, "value" INT NOT NULL, "comment" TEXT)""",
        'CREATE INDEX ix_steps_thread ON steps("threadId", "createdAt")',
        'CREATE INDEX ix_threads_user ON threads("userId")',
    ),
    (
        'CREATE INDEX ix_threads_owner ON threads("userIdentifier")',
        'CREATE INDEX ix_elements_thread ON elements("threadId")',
        """
        DELETE FROM feedbacks WHERE EXISTS (
            SELECT 1 FROM feedbacks other WHERE other."forId" = feedbacks."forId" AND other."id" > feedbacks."id")""",
        'CREATE UNIQUE INDEX ix_feedbacks_step ON feedbacks("forId")',
    ),
)
"""Applied in order, once each. Only ever appended to."""

ADOPT = """
    UPDATE threads SET "userId" = (SELECT "id" FROM users), "userIdentifier" = (SELECT "identifier" FROM users)
    WHERE "userIdentifier" IS NULL AND (SELECT count(*) FROM users) = 1"""
"""A thread without an owner can be opened by nobody. Where there is one user only, it is theirs."""

ADVISORY_LOCK = 8_315_420_113
"""Several replicas may begin at once on one server; this number is ours alone."""


def migrate_file(file: Path) -> None:
    """Blocking. Raises `sqlite3.Error`."""
    file.touch(mode=0o600)  # before SQLite makes it, whose journals then take over its mode
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")
        (done,) = db.execute("PRAGMA user_version").fetchone()
        for number, statements in enumerate(MIGRATIONS[done:], done + 1):
            db.execute("BEGIN IMMEDIATE")
            for statement in statements:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        db.execute(ADOPT)
        if done < len(MIGRATIONS):
            db.execute("VACUUM")  # what was deleted before it was overwritten at once goes now


async def migrate_server(engine: AsyncEngine) -> None:
    """On PostgreSQL. Raises whatever the driver does."""
    async with engine.begin() as db:
        await db.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": ADVISORY_LOCK})
        await db.execute(text("CREATE TABLE IF NOT EXISTS history_version (done INT PRIMARY KEY)"))
        done = (await db.execute(text("SELECT coalesce(max(done), 0) FROM history_version"))).scalar_one()
        for number, statements in enumerate(MIGRATIONS[done:], done + 1):
            for statement in statements:
                await db.execute(text(statement))
            await db.execute(text("INSERT INTO history_version VALUES (:number)"), {"number": number})
        await db.execute(text(ADOPT))
