"""The sayings of the turn log, in SQLite, and their recordings beside it. Blocking; for one thread at a time.

A saying is in somebody's hands from its beginning until it is settled. What is unsettled and in nobody's hands was left
by a session or a process that ended, and is offered back. Rows say what is true: a recording that no row knows of was
never acknowledged, or is to be erased.
"""

import json
import sqlite3
import weakref
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import structlog

from app.recordings import Recordings, RecordingSettings, checked
from app.turn import Offer, Outcome, SayingId
from graph.types import TurnId
from voice.types import Transcript, Utterance

log = structlog.get_logger(__name__)

MEGABYTE = 1_000_000
STOPPED = "Nightingale was stopped before it could answer."
LEFT = "The connection ended before the answer."
MADE_ROOM = " Its recording had to make room for newer ones."

MIGRATIONS = (
    """
    CREATE TABLE sayings (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, thread TEXT NOT NULL, user TEXT NOT NULL,
        run TEXT NOT NULL, said_at TEXT NOT NULL, text TEXT NOT NULL DEFAULT '',
        engine TEXT, language TEXT, confidence REAL,
        bytes INTEGER, seconds REAL, started_at REAL, ended_at REAL,
        outcome TEXT, reason TEXT NOT NULL DEFAULT '', turn TEXT, settled_at TEXT);
    CREATE INDEX ix_sayings_thread ON sayings(thread, number);
    CREATE INDEX ix_sayings_waiting ON sayings(thread, number) WHERE outcome IS NULL OR outcome = 'offered';
    CREATE INDEX ix_sayings_recorded ON sayings(thread, bytes) WHERE bytes IS NOT NULL;
    CREATE TABLE turns (
        id TEXT PRIMARY KEY, thread TEXT NOT NULL, user TEXT NOT NULL, record TEXT NOT NULL, settled_at TEXT NOT NULL);
    CREATE INDEX ix_turns_thread ON turns(thread);
    """,
)
"""Applied in order, once each; `PRAGMA user_version` says how many a file has had. Only ever appended to."""

ON_OFFER = """
    outcome = 'offered' AND (thread = :thread OR user = :user AND trim(text) = '' AND NOT EXISTS (
        SELECT 1 FROM sayings AS other WHERE other.thread = sayings.thread AND trim(other.text) <> ''))"""
"""On its own thread; and on every thread of its user, where its own never had a word and so stands in no sidebar."""


class Hand(Protocol):
    """Who holds sayings of a thread; whoever is no more holds none."""

    @property
    def thread(self) -> str: ...
    @property
    def user(self) -> str: ...


class Book:
    """The log, as its one writer sees it. Everything raises `sqlite3.Error` and `OSError`."""

    def __init__(self, db: sqlite3.Connection, recordings: Recordings, settings: RecordingSettings) -> None:
        self._db = db
        self._recordings = recordings
        self._settings = settings
        self._run = str(uuid4())
        self._hands: dict[SayingId, weakref.ref[Hand]] = {}
        self._begun: list[tuple[str, SayingId]] = []
        self._dropped: list[tuple[str, str]] = []
        """What the transaction under way has begun, and whose recordings it gave up."""

    # -- one saying ------------------------------------------------------------------------------------------

    def begin(self, by: Hand, saying: SayingId, said: str | Utterance) -> None:
        """Again, it changes nothing: what was acknowledged stays as it was."""
        with self._writing():
            self._begin(by, saying, said)

    def _begin(self, by: Hand, saying: SayingId, said: str | Utterance) -> None:
        if self._db.execute("SELECT 1 FROM sayings WHERE id = ?", (checked(saying),)).fetchone():
            return
        row = dict.fromkeys(("text", "bytes", "seconds", "started_at", "ended_at"), None) | {
            "id": saying,
            "thread": by.thread,
            "user": by.user,
            "run": self._run,
            "said_at": _now(),
        }
        self._begun.append((by.thread, saying))
        self._hands[saying] = weakref.ref(by)
        if isinstance(said, str):
            row |= {"text": said}
        else:
            size = self._recordings.write(by.thread, saying, said.audio)
            row |= {"text": "", "bytes": size, "seconds": said.audio.seconds}
            row |= {"started_at": said.started_at, "ended_at": said.ended_at}
        self._db.execute(
            "INSERT INTO sayings (id, thread, user, run, said_at, text, bytes, seconds, started_at, ended_at) VALUES"
            " (:id, :thread, :user, :run, :said_at, :text, :bytes, :seconds, :started_at, :ended_at)",
            row,
        )
        self._make_room(self._settings.keep_megabytes_per_thread * MEGABYTE, by.thread)
        self._make_room(self._settings.keep_megabytes * MEGABYTE, None)

    def understood(self, by: Hand, saying: SayingId, transcript: Transcript) -> None:
        with self._writing():
            self._db.execute(
                "UPDATE sayings SET text = ?, engine = ?, language = ?, confidence = ?"
                " WHERE id = ? AND thread = ? AND (outcome IS NULL OR outcome = 'offered')",
                (transcript.text, transcript.engine, transcript.language, transcript.confidence, saying, by.thread),
            )

    def settle(
        self,
        by: Hand,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        turn: TurnId | None,
        reason: str,
        record: str | None,
    ) -> int:
        with self._writing():
            count = self._settle(by.thread, sayings, outcome, before=None, turn=turn, reason=reason)
            if turn is not None and record is not None:
                self._db.execute(
                    "INSERT INTO turns (id, thread, user, record, settled_at) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET record = excluded.record, settled_at = excluded.settled_at"
                    " WHERE thread = excluded.thread AND ?",
                    (turn, by.thread, by.user, record, _now(), count > 0),
                )
        for saying in sayings:
            self._hands.pop(saying, None)
        return count

    def _settle(
        self,
        thread: str,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        before: Outcome | None,
        turn: TurnId | None = None,
        reason: str = "",
    ) -> int:
        """The one way from an outcome to the next: of two who try, one finds it as it was."""
        settled = self._db.execute(
            "UPDATE sayings SET outcome = :outcome, turn = coalesce(:turn, turn), settled_at = :now,"
            " reason = iif(:reason = '', reason, :reason)"
            " WHERE outcome IS :before AND thread = :thread AND id IN (SELECT value FROM json_each(:sayings))"
            " RETURNING id, bytes",
            {"outcome": outcome, "turn": turn, "now": _now(), "reason": reason}
            | {"before": before, "thread": thread, "sayings": json.dumps(sayings)},
        ).fetchall()
        if outcome in ("no-words", "dismissed") or (self._settings.keep == "unanswered" and outcome != "offered"):
            self._drop([(thread, saying) for saying, size in settled if size is not None])
        return len(settled)

    # -- what nobody answered --------------------------------------------------------------------------------

    def offers(self, by: Hand) -> tuple[Offer, ...]:
        with self._writing():
            self._offer_abandoned()
            rows = self._db.execute(
                f"SELECT id, text, seconds, said_at, reason FROM sayings WHERE {ON_OFFER} ORDER BY number",  # noqa: S608 - our own words
                {"thread": by.thread, "user": by.user},
            ).fetchall()
        return tuple(
            Offer(SayingId(saying), text, seconds, datetime.fromisoformat(said_at), reason)
            for saying, text, seconds, said_at, reason in rows
        )

    def _offer_abandoned(self) -> None:
        self._hands = {saying: by for saying, by in self._hands.items() if by() is not None}
        self._db.execute(
            "UPDATE sayings SET outcome = 'offered', reason = iif(run = ?, ?, ?), settled_at = ?"
            " WHERE outcome IS NULL AND id NOT IN (SELECT value FROM json_each(?))",
            (self._run, LEFT, STOPPED, _now(), json.dumps([*self._hands])),
        )

    def take_up(self, by: Hand, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        """Its recording moves on with it."""
        with self._writing():
            thread, content = self._on_offer(by, saying)
            if self._settle(thread, [saying], "dismissed" if content is None else "taken-up", before="offered") == 0:
                return None
            if content is not None:
                self._begin(by, anew, content)
            if isinstance(content, Utterance):
                self._drop([(thread, saying)])
        return content

    def _on_offer(self, by: Hand, saying: SayingId) -> tuple[str, str | Utterance | None]:
        """The thread that it was said on, and what it was."""
        row = self._db.execute(
            f"SELECT thread, text, bytes, started_at, ended_at FROM sayings WHERE id = :saying AND {ON_OFFER}",  # noqa: S608 - our own words
            {"saying": saying, "thread": by.thread, "user": by.user},
        ).fetchone()
        if row is None:
            return by.thread, None
        thread, text, size, started_at, ended_at = row
        if text.strip() or size is None:
            return thread, str(text) or None
        return thread, Utterance(self._recordings.read(thread, saying), started_at, ended_at)

    def dismiss(self, by: Hand, saying: SayingId) -> None:
        with self._writing():
            thread, _ = self._on_offer(by, saying)
            self._settle(thread, [saying], "dismissed", before="offered")

    def let_go(self, by: Hand) -> None:
        held = [saying for saying, hand in self._hands.items() if hand() is by]
        for saying in held:  # whether or not the disk takes it: nobody will answer them now
            del self._hands[saying]
        with self._writing():
            self._settle(by.thread, held, "offered", before=None, reason=LEFT)

    # -- recordings ------------------------------------------------------------------------------------------

    def recording(self, saying: str) -> Path | None:
        row = self._db.execute("SELECT thread FROM sayings WHERE id = ? AND bytes IS NOT NULL", (saying,)).fetchone()
        path = None if row is None else self._recordings.path(row[0], saying)
        return path if path is not None and path.is_file() else None

    def erase_recording(self, saying: str) -> bool:
        """What is on offer and was nothing but its recording goes with it."""
        with self._writing():
            row = self._db.execute(
                "SELECT thread FROM sayings WHERE id = ? AND bytes IS NOT NULL", (saying,)
            ).fetchone()
            if row is None:
                return False
            self._recordings.erase(row[0], saying)
            self._drop([(row[0], saying)])
            self._db.execute(
                "UPDATE sayings SET outcome = 'dismissed', settled_at = ?"
                " WHERE id = ? AND outcome = 'offered' AND trim(text) = ''",
                (_now(), saying),
            )
        return True

    def _drop(self, places: Sequence[tuple[str, str]]) -> None:
        """Forget these recordings now, and unlink them once that is certain."""
        self._db.executemany("UPDATE sayings SET bytes = NULL, seconds = NULL WHERE thread = ? AND id = ?", places)
        self._dropped.extend(places)

    def _make_room(self, budget: int, thread: str | None) -> None:
        """Erase the oldest recordings beyond the budget, of a thread or of all: what was answered, and only when there
        is no more of that, what is on offer. What is in somebody's hands stays.
        """
        (total,) = self._db.execute(
            "SELECT coalesce(sum(bytes), 0) FROM sayings"
            " WHERE bytes IS NOT NULL AND (:thread IS NULL OR thread = :thread)",
            {"thread": thread},
        ).fetchone()
        if total <= budget:
            return
        self._offer_abandoned()
        candidates = self._db.execute(
            "SELECT thread, id, bytes, outcome FROM sayings WHERE bytes IS NOT NULL AND outcome IS NOT NULL"
            " AND (:thread IS NULL OR thread = :thread) ORDER BY outcome = 'offered', number",
            {"thread": thread},
        ).fetchall()
        going: list[tuple[str, str, str]] = []
        for place, saying, size, outcome in candidates:
            if total <= budget:
                break
            going.append((place, saying, outcome))
            total -= size
        self._db.executemany(
            "UPDATE sayings SET reason = reason || ? WHERE id = ? AND outcome = 'offered'",
            [(MADE_ROOM, saying) for _, saying, _ in going],
        )
        self._drop([(place, saying) for place, saying, _ in going])
        offered = sum(outcome == "offered" for *_, outcome in going)
        log.info("recordings erased to make room", answered=len(going) - offered, offered=offered)

    # -- erasing, and beginning ------------------------------------------------------------------------------

    def erase(self, threads: Sequence[str]) -> None:
        """Recordings first: on a full disk they are the room in which the rest can be erased."""
        for thread in threads:
            self._recordings.erase_thread(thread)
        with self._writing():
            self._db.executemany("DELETE FROM sayings WHERE thread = ?", [(thread,) for thread in threads])
            self._db.executemany("DELETE FROM turns WHERE thread = ?", [(thread,) for thread in threads])
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def threads_of(self, user: str) -> list[str]:
        query = "SELECT thread FROM sayings WHERE user = ? UNION SELECT thread FROM turns WHERE user = ?"
        return [thread for (thread,) in self._db.execute(query, (user, user))]

    def close(self) -> None:
        self._db.close()

    def reconcile(self) -> None:
        """After whatever end: no half recording, none that is not known of, and none known of that is not there."""
        self._recordings.erase_parts()
        there = set(self._recordings.all())
        known = set(self._db.execute("SELECT thread, id FROM sayings WHERE bytes IS NOT NULL").fetchall())
        for place in there - known:
            self._recordings.erase(*place)
        if known - there:
            log.warning("recordings are gone", count=len(known - there))
            with self._writing():
                self._drop(sorted(known - there))

    @contextmanager
    def _writing(self) -> Generator[None]:
        """All of it, or nothing."""
        self._begun.clear()
        self._dropped.clear()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            for thread, saying in self._begun:
                self._hands.pop(saying, None)
                with suppress(OSError):
                    self._recordings.erase(thread, saying)
            raise
        for place in self._dropped:
            try:
                self._recordings.erase(*place)
            except OSError as exc:  # no row knows of it any more, so the next start erases it
                log.warning("a recording could not be erased yet", reason=exc.strerror)


def _now() -> str:
    return datetime.now(UTC).isoformat()
