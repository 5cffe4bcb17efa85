"""The notebook's file: what is still to be carried out for whom, in the order it was noted.

Its owner's alone, written through to the disk; what is struck out or done is overwritten, and no journal outlives its
transaction, so that nothing of it is left in any file.
"""

import sqlite3
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog
from pydantic import TypeAdapter, ValidationError

from memory.gate import Telling
from memory.types import MemoryId, NewMemory, Source, UserId

log = structlog.get_logger(__name__)

MOST_TO_STUDY = 200
"""Turns of one user that may wait for a model to look at them; the oldest are given up first."""

MIGRATIONS = (
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        what TEXT NOT NULL,
        thread TEXT NOT NULL,
        turn TEXT NOT NULL,
        body TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX entries_of_user ON entries (user, id);
    CREATE TABLE paused (user TEXT PRIMARY KEY);
    """,
)

_NEWS = TypeAdapter(tuple[NewMemory, ...])
_TELLING = TypeAdapter(Telling)


@dataclass(frozen=True, slots=True)
class Struck:
    """What the user wants gone."""

    ids: tuple[MemoryId, ...] = ()
    sources: tuple[Source, ...] = ()
    """Where these were learnt: nothing more is to be learnt there."""
    turns: tuple[Source, ...] = ()
    """All that was told there."""
    everything: bool = False


_STRUCK = TypeAdapter(Struck)


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    user: UserId
    body: tuple[NewMemory, ...] | Struck | Telling


What = Literal["keep", "strike", "study"]


def _read(what: What, body: str) -> tuple[NewMemory, ...] | Struck | Telling:
    match what:
        case "keep":
            return _NEWS.validate_json(body)
        case "strike":
            return _STRUCK.validate_json(body)
        case "study":
            return _TELLING.validate_json(body)


class Notes:
    """Blocking, and one call at a time. Raises `sqlite3.Error` and `OSError`."""

    def __init__(self, file: Path | None) -> None:
        """None: it lasts as long as the process."""
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
        self._db = sqlite3.connect(":memory:" if file is None else file, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON"):
                self._db.execute(f"PRAGMA {pragma}")
            (done,) = self._db.execute("PRAGMA user_version").fetchone()
            for number, script in enumerate(MIGRATIONS[done:], done + 1):
                self._db.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def note(self, user: UserId, news: Sequence[NewMemory], telling: Telling | None) -> None:
        with self._transaction():
            for source in dict.fromkeys(each.source for each in news):
                told = tuple(each for each in news if each.source == source)
                self._add(user, "keep", source, _NEWS.dump_json(told))
            if telling is not None:
                self._add(user, "study", telling.source, _TELLING.dump_json(telling))
                self._db.execute(
                    "DELETE FROM entries WHERE user = :user AND what = 'study' AND id NOT IN (SELECT id FROM entries "
                    "WHERE user = :user AND what = 'study' ORDER BY id DESC LIMIT :most)",
                    {"user": user, "most": MOST_TO_STUDY},
                )

    def strike(self, user: UserId, struck: Struck) -> None:
        """What waits of these turns goes at once; what of it is on its way, or has arrived since the user was told, is
        named for whoever carries it out.
        """
        with self._transaction():
            for source in struck.sources:
                self._drop(user, source, "what = 'study'")
            for turn in struck.turns:
                self._drop(user, turn, "what != 'strike'")
            if struck.everything:
                self._db.execute("DELETE FROM entries WHERE user = ?", (user,))
            left = Struck(struck.ids, turns=struck.turns, everything=struck.everything)
            if left != Struck():
                self._add(user, "strike", Source("", ""), _STRUCK.dump_json(left))

    def next_to_carry_out(self) -> Entry | None:
        return self._entry("what != 'study' ORDER BY id LIMIT 1", ())

    def next_to_study(self, but_of: Collection[UserId]) -> Entry | None:
        """Of the oldest turn of somebody else than these; it has been tried once more."""
        marks = ",".join("?" * len(but_of))
        entry = self._entry(f"what = 'study' AND user NOT IN ({marks}) ORDER BY id LIMIT 1", tuple(but_of))
        if entry is not None:
            self._db.execute("UPDATE entries SET tries = tries + 1 WHERE id = ?", (entry.id,))
        return entry

    def tries(self, entry: int) -> int:
        row = self._db.execute("SELECT tries FROM entries WHERE id = ?", (entry,)).fetchone()
        return row[0] if row else 0

    def put_back(self, entry: int) -> None:
        """It was not tried at all."""
        self._db.execute("UPDATE entries SET tries = tries - 1 WHERE id = ?", (entry,))

    def studied(self, entry: int, news: Sequence[NewMemory]) -> bool:
        """What was learnt is to be kept, unless the turn was struck out meanwhile."""
        with self._transaction():
            row = self._db.execute("DELETE FROM entries WHERE id = ? RETURNING user, thread, turn", (entry,)).fetchone()
            if row is not None and news:
                self._add(row[0], "keep", Source(row[1], row[2]), _NEWS.dump_json(tuple(news)))
            return row is not None

    def done(self, entry: int) -> None:
        self._db.execute("DELETE FROM entries WHERE id = ?", (entry,))

    def pending(self, user: UserId) -> tuple[NewMemory, ...]:
        rows = self._db.execute("SELECT body FROM entries WHERE user = ? AND what = 'keep' ORDER BY id", (user,))
        return tuple(new for (body,) in rows for new in _NEWS.validate_json(body))

    def waiting(self) -> dict[UserId, int]:
        """How much is to be carried out for whom."""
        return dict(self._db.execute("SELECT user, count(*) FROM entries WHERE what != 'study' GROUP BY user"))

    def forget_all(self, user: UserId) -> int:
        with self._transaction():
            self._db.execute("DELETE FROM paused WHERE user = ?", (user,))
            return self._db.execute("DELETE FROM entries WHERE user = ?", (user,)).rowcount

    def pause(self, user: UserId, paused: bool) -> None:
        if paused:
            self._db.execute("INSERT OR IGNORE INTO paused VALUES (?)", (user,))
        else:
            self._db.execute("DELETE FROM paused WHERE user = ?", (user,))

    def paused(self) -> frozenset[UserId]:
        return frozenset(user for (user,) in self._db.execute("SELECT user FROM paused"))

    def _drop(self, user: UserId, source: Source, which: str) -> None:
        self._db.execute(
            f"DELETE FROM entries WHERE user = ? AND thread = ? AND turn = ? AND {which}",  # noqa: S608 - our own words
            (user, source.thread, source.turn),
        )

    def _add(self, user: UserId, what: What, source: Source, body: bytes) -> None:
        self._db.execute(
            "INSERT INTO entries (user, what, thread, turn, body) VALUES (?, ?, ?, ?, ?)",
            (user, what, source.thread, source.turn, body.decode()),
        )

    def _entry(self, which: str, values: tuple[str, ...]) -> Entry | None:
        question = f"SELECT id, user, what, body FROM entries WHERE {which}"  # noqa: S608 - our own words
        while (row := self._db.execute(question, values).fetchone()) is not None:
            try:
                return Entry(row[0], UserId(row[1]), _read(row[2], row[3]))
            except ValidationError:  # another version's, or damaged: it stands in nobody's way
                log.warning("an entry of the notebook cannot be read", what=row[2])
                self.done(row[0])
        return None

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
