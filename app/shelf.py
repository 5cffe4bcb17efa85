"""The shelf with the recordings that the turn log knows of: put there, packed, taken away when it is time. Blocking.

Rows say what is true: a recording that no row knows of was never acknowledged, or is to be erased; of one that is there
twice, the row says in which format.
"""

import sqlite3
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from app.codec import LOSSLESS, Format
from app.recordings import Recordings, RecordingSettings
from voice.types import AudioFrame

log = structlog.get_logger(__name__)

MEGABYTE = 1_000_000
MADE_ROOM = " made-room"


class Shelf:
    """Everything raises `sqlite3.Error` and `OSError`."""

    def __init__(
        self,
        db: sqlite3.Connection,
        recordings: Recordings,
        settings: RecordingSettings,
        offer_abandoned: Callable[[], None],
    ) -> None:
        """`offer_abandoned`: settle what is in nobody's hands any more, in the transaction under way."""
        self._db = db
        self._recordings = recordings
        self._settings = settings
        self._offer_abandoned = offer_abandoned
        self._put: list[tuple[str, str, Format]] = []
        self._dropped: list[tuple[str, str]] = []
        """What the transaction under way has put here, and what it gave up."""

    def put(self, thread: str, saying: str, audio: AudioFrame) -> int:
        """Its size in bytes."""
        self._put.append((thread, saying, "wav"))
        return self._recordings.write(thread, saying, audio)

    # -- what is heard again -----------------------------------------------------------------------------------

    def recording(self, user: str, saying: str) -> Path | None:
        row = self._db.execute(
            "SELECT thread, format FROM sayings WHERE id = ? AND user = ? AND bytes IS NOT NULL", (saying, user)
        ).fetchone()
        path = None if row is None else self._recordings.path(row[0], saying, row[1])
        return path if path is not None and path.is_file() else None

    def erase_recording(self, user: str, saying: str) -> bool:
        """What is on offer and was nothing but its recording goes with it."""
        with self.writing():
            row = self._db.execute(
                "SELECT thread FROM sayings WHERE id = ? AND user = ? AND bytes IS NOT NULL", (saying, user)
            ).fetchone()
            if row is None:
                return False
            self._recordings.erase(row[0], saying)
            self.drop([(row[0], saying)])
            self._db.execute(
                "UPDATE sayings SET outcome = 'dismissed', settled_at = ?"
                " WHERE id = ? AND outcome = 'offered' AND trim(text) = ''",
                (now(), saying),
            )
        return True

    def to_pack(self, but: Collection[str]) -> tuple[str, str, AudioFrame] | None:
        """Thread, saying and sound of the oldest recording that is settled and not packed; `but` those. What is on
        offer may have to be made out once more: of that, nothing may be left out.
        """
        settled = "outcome IS NOT NULL" if self._settings.format in LOSSLESS else "outcome <> 'offered'"
        rows = self._db.execute(
            "SELECT thread, id FROM sayings"  # noqa: S608 - our own words
            f" WHERE bytes IS NOT NULL AND format = 'wav' AND {settled} ORDER BY number"
        )
        for thread, saying in rows:
            if saying not in but:
                with suppress(OSError):  # what cannot be read now may be another time
                    return thread, saying, self._recordings.read(thread, saying)
        return None

    def pack(self, thread: str, saying: str, content: bytes) -> None:
        """The recording is this from now on, if there is one still."""
        form = self._settings.format
        with self.writing():
            unpacked = self._db.execute(
                "SELECT 1 FROM sayings WHERE thread = ? AND id = ? AND bytes IS NOT NULL AND format = 'wav'",
                (thread, saying),
            ).fetchone()
            if unpacked is None:
                return
            self._put.append((thread, saying, form))
            self._recordings.put(thread, saying, form, content)
            self._db.execute("UPDATE sayings SET format = ?, bytes = ? WHERE id = ?", (form, len(content), saying))
        self._recordings.erase(thread, saying, "wav")

    def expire(self, today: datetime) -> int:
        """Erase the recordings that are too old, except what is in somebody's hands; how many."""
        if self._settings.keep_days is None:
            return 0
        with self.writing():
            self._offer_abandoned()
            going = self._db.execute(
                "SELECT thread, id FROM sayings WHERE bytes IS NOT NULL AND outcome IS NOT NULL AND said_at < ?",
                ((today - timedelta(days=self._settings.keep_days)).astimezone(UTC).isoformat(),),
            ).fetchall()
            self._let_offers_say(going, f" kept-days:{self._settings.keep_days}")
            self.drop(going)
        return len(going)

    def drop(self, places: Sequence[tuple[str, str]]) -> None:
        """Forget these recordings now, and unlink them once that is certain."""
        self._db.executemany("UPDATE sayings SET bytes = NULL, seconds = NULL WHERE thread = ? AND id = ?", places)
        self._dropped.extend(places)

    def make_room(self, thread: str) -> None:
        """Erase the oldest recordings beyond the budgets, of this thread and of all: what was answered, and only when
        there is no more of that, what is on offer. What is in somebody's hands stays.
        """
        self._make_room(self._settings.keep_megabytes_per_thread * MEGABYTE, thread)
        self._make_room(self._settings.keep_megabytes * MEGABYTE, None)

    def _make_room(self, budget: int, thread: str | None) -> None:
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
        going: list[tuple[str, str]] = []
        offered = 0
        for place, saying, size, outcome in candidates:
            if total <= budget:
                break
            going.append((place, saying))
            offered += outcome == "offered"
            total -= size
        self._let_offers_say(going, MADE_ROOM)
        self.drop(going)
        log.info("recordings erased to make room", answered=len(going) - offered, offered=offered)

    def _let_offers_say(self, places: Sequence[tuple[str, str]], why: str) -> None:
        """What became of their recordings."""
        self._db.executemany(
            "UPDATE sayings SET reason = reason || ? WHERE id = ? AND outcome = 'offered'",
            [(why, saying) for _, saying in places],
        )

    def reconcile(self) -> None:
        """After whatever end: no half recording, none that is not known of, and none known of that is not there."""
        self._recordings.erase_parts()
        there = set(self._recordings.all())
        known = set(self._db.execute("SELECT thread, id, format FROM sayings WHERE bytes IS NOT NULL").fetchall())
        for place in there - known:
            self._recordings.erase(*place)
        gone = known - there
        if gone:
            log.warning("recordings are gone", count=len(gone))
            with self.writing():
                self.drop(sorted((thread, saying) for thread, saying, _ in gone))

    @contextmanager
    def writing(self) -> Generator[None]:
        """All of it, or nothing."""
        self._put.clear()
        self._dropped.clear()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            for thread, saying, form in self._put:
                with suppress(OSError):
                    self._recordings.erase(thread, saying, form)
            raise
        for thread, saying in self._dropped:
            try:
                self._recordings.erase(thread, saying)
            except OSError as exc:  # no row knows of it any more, so the next start erases it
                log.warning("a recording could not be erased yet", reason=exc.strerror)


def now() -> str:
    return datetime.now(UTC).isoformat()
