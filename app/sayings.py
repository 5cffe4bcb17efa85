"""The sayings of the turn log, in SQLite. Blocking; for one thread at a time.

A saying is in somebody's hands from its beginning until it is settled. What is unsettled and in nobody's hands was left
by a session or a process that ended, and is offered back. What is another user's is as if it were not there.
"""

import json
import sqlite3
import weakref
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from app.looking_back import review
from app.recordings import Recordings, RecordingSettings, checked
from app.reviewing import Logged
from app.shelf import Shelf, now
from app.turn import Offer, Outcome, SayingId
from graph.types import TurnId
from voice.types import Transcript, Utterance

STOPPED = "stopped"
LEFT = "left"

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
    """
    ALTER TABLE sayings ADD COLUMN format TEXT NOT NULL DEFAULT 'wav';
    CREATE INDEX ix_sayings_user ON sayings(user, number);
    CREATE INDEX ix_sayings_turn ON sayings(turn);
    CREATE INDEX ix_sayings_unpacked ON sayings(number) WHERE bytes IS NOT NULL AND format = 'wav';
    CREATE INDEX ix_turns_user ON turns(user);
    """,
    """
    ALTER TABLE sayings ADD COLUMN verbatim TEXT NOT NULL DEFAULT '';
    """,
)
"""Applied in order, once each; `PRAGMA user_version` says how many a file has had. Only ever appended to."""

ON_OFFER = """
    outcome = 'offered' AND user = :user AND (thread = :thread OR trim(text) = '' AND NOT EXISTS (
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
        self.shelf = Shelf(db, recordings, settings, self._offer_abandoned)
        self._db = db
        self._recordings = recordings
        self._settings = settings
        self._run = str(uuid4())
        self._hands: dict[SayingId, weakref.ref[Hand]] = {}

    # -- one saying ------------------------------------------------------------------------------------------

    def begin(self, by: Hand, saying: SayingId, said: str | Utterance) -> None:
        """Again, it changes nothing: what was acknowledged stays as it was."""
        with self.shelf.writing():
            self._begin(by, saying, said)

    def _begin(self, by: Hand, saying: SayingId, said: str | Utterance) -> None:
        if self._db.execute("SELECT 1 FROM sayings WHERE id = ?", (checked(saying),)).fetchone():
            return
        row = dict.fromkeys(("text", "bytes", "seconds", "started_at", "ended_at"), None) | {
            "id": saying,
            "thread": by.thread,
            "user": by.user,
            "run": self._run,
            "said_at": now(),
        }
        self._hands[saying] = weakref.ref(by)  # of no effect, should it not come to be
        if isinstance(said, str):
            row |= {"text": said}
        else:
            size = self.shelf.put(by.thread, saying, said.audio)
            row |= {"text": "", "bytes": size, "seconds": said.audio.seconds}
            row |= {"started_at": said.started_at, "ended_at": said.ended_at}
        self._db.execute(
            "INSERT INTO sayings (id, thread, user, run, said_at, text, bytes, seconds, started_at, ended_at) VALUES"
            " (:id, :thread, :user, :run, :said_at, :text, :bytes, :seconds, :started_at, :ended_at)",
            row,
        )
        self.shelf.make_room(by.thread)

    def understood(self, by: Hand, saying: SayingId, transcript: Transcript) -> None:
        with self.shelf.writing():
            found = self._db.execute(
                "UPDATE sayings SET text = ?, verbatim = ?, engine = ?, language = ?, confidence = ?"
                " WHERE id = ? AND thread = ? AND user = ? AND (outcome IS NULL OR outcome = 'offered')",
                (
                    *(transcript.text, transcript.verbatim, transcript.engine, transcript.language),
                    *(transcript.confidence, saying, by.thread, by.user),
                ),
            )
            if self._settings.keep == "none" and found.rowcount and transcript.text.strip():
                self.shelf.drop([(by.thread, saying)])

    def settle(
        self,
        by: Hand,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        turn: TurnId | None,
        reason: str,
        record: str | None,
    ) -> int:
        with self.shelf.writing():
            count = self._settle(by, by.thread, sayings, outcome, before=None, turn=turn, reason=reason)
            if turn is not None and record is not None:
                self._db.execute(
                    "INSERT INTO turns (id, thread, user, record, settled_at) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET record = excluded.record, settled_at = excluded.settled_at"
                    " WHERE thread = excluded.thread AND user = excluded.user AND ?",
                    (turn, by.thread, by.user, record, now(), count > 0),
                )
        for saying in sayings:
            held = self._hands.get(saying)
            hand = held() if held else None
            if hand and (hand.thread, hand.user) == (by.thread, by.user):
                del self._hands[saying]
        return count

    def _settle(
        self,
        by: Hand,
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
            " WHERE outcome IS :before AND thread = :thread AND user = :user"
            " AND id IN (SELECT value FROM json_each(:sayings))"
            " RETURNING id, bytes",
            {"outcome": outcome, "turn": turn, "now": now(), "reason": reason}
            | {"before": before, "thread": thread, "user": by.user, "sayings": json.dumps(sayings)},
        ).fetchall()
        if outcome in ("no-words", "dismissed") or (self._settings.keep != "all" and outcome != "offered"):
            self.shelf.drop([(thread, saying) for saying, size in settled if size is not None])
        return len(settled)

    # -- what nobody answered --------------------------------------------------------------------------------

    def offers(self, by: Hand) -> tuple[Offer, ...]:
        with self.shelf.writing():
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
            (self._run, LEFT, STOPPED, now(), json.dumps([*self._hands])),
        )

    def take_up(self, by: Hand, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        """Its recording moves on with it."""
        with self.shelf.writing():
            thread, content = self._on_offer(by, saying)
            outcome: Outcome = "dismissed" if content is None else "taken-up"
            if self._settle(by, thread, [saying], outcome, before="offered") == 0:
                return None
            if content is not None:
                self._begin(by, anew, content)
            if isinstance(content, Utterance):
                self.shelf.drop([(thread, saying)])
        return content

    def _on_offer(self, by: Hand, saying: SayingId) -> tuple[str, str | Utterance | None]:
        """The thread that it was said on, and what it was."""
        row = self._db.execute(
            f"SELECT thread, text, bytes, format, started_at, ended_at FROM sayings WHERE id = :saying AND {ON_OFFER}",  # noqa: S608 - our own words
            {"saying": saying, "thread": by.thread, "user": by.user},
        ).fetchone()
        if row is None:
            return by.thread, None
        thread, text, size, form, started_at, ended_at = row
        if text.strip() or size is None:
            return thread, str(text) or None
        return thread, Utterance(self._recordings.read(thread, saying, form), started_at, ended_at)

    def dismiss(self, by: Hand, saying: SayingId) -> None:
        with self.shelf.writing():
            thread, _ = self._on_offer(by, saying)
            self._settle(by, thread, [saying], "dismissed", before="offered")

    def let_go(self, by: Hand) -> None:
        held = [saying for saying, hand in self._hands.items() if hand() is by]
        for saying in held:  # whether or not the disk takes it: nobody will answer them now
            del self._hands[saying]
        with self.shelf.writing():
            self._settle(by, by.thread, held, "offered", before=None, reason=LEFT)

    # -- erasing, and beginning ------------------------------------------------------------------------------

    def erase(self, threads: Sequence[str]) -> None:
        """Recordings first: on a full disk they are the room in which the rest can be erased."""
        for thread in threads:
            self._recordings.erase_thread(thread)
        with self.shelf.writing():
            self._db.executemany("DELETE FROM sayings WHERE thread = ?", [(thread,) for thread in threads])
            self._db.executemany("DELETE FROM turns WHERE thread = ?", [(thread,) for thread in threads])
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def erase_user(self, user: str) -> int:
        """How many sayings and records of turns went."""
        places = self._db.execute("SELECT thread, id FROM sayings WHERE user = ?", (user,)).fetchall()
        for place in places:
            self._recordings.erase(*place)
        with self.shelf.writing():
            gone = sum(
                self._db.execute(f"DELETE FROM {table} WHERE user = ?", (user,)).rowcount  # noqa: S608 - our own words
                for table in ("sayings", "turns")
            )
        for thread in {thread for thread, _ in places}:
            self._recordings.erase_folder(thread)
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def close(self) -> None:
        self._db.close()

    # -- looking back ----------------------------------------------------------------------------------------

    def users(self) -> frozenset[str]:
        return frozenset(user for (user,) in self._db.execute("SELECT user FROM sayings UNION SELECT user FROM turns"))

    def threads_of(self, user: str) -> tuple[str, ...]:
        """The oldest first."""
        query = (
            "SELECT thread FROM (SELECT thread, said_at AS at FROM sayings WHERE user = :user"
            " UNION ALL SELECT thread, settled_at FROM turns WHERE user = :user) GROUP BY thread ORDER BY min(at)"
        )
        return tuple(thread for (thread,) in self._db.execute(query, {"user": user}))

    def review(self, thread: str, user: str) -> tuple[Logged, ...]:
        return review(self._db, thread, user)

    def recordings_of(self, turn: str, user: str) -> tuple[SayingId, ...]:
        query = "SELECT id FROM sayings WHERE turn = ? AND user = ? AND bytes IS NOT NULL ORDER BY number"
        return tuple(SayingId(saying) for (saying,) in self._db.execute(query, (turn, user)))
