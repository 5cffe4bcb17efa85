"""The turn log: what was said is on disk before its user sees that it was understood, and is settled exactly once."""

import errno
import json
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from app.packing import PAUSE_SECONDS, Packer
from app.recordings import NotAnId, Recordings, RecordingSettings, checked
from app.reviewing import Logged
from app.sayings import MIGRATIONS, Book
from app.turn import Offer, Outcome, SayingId
from graph.types import TurnId
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected, OutOfRoom
from voice.types import AudioFrame, Transcript, Utterance

T = TypeVar("T")

NAME = "turn log"
ANSWER_SECONDS = 1.0
"""No turn waits longer for its log."""
ERASE_SECONDS = 30.0


class Turns:
    """The log of every thread."""

    def __init__(self, book: Book, answer_seconds: float) -> None:
        self._book = book
        self._answer_seconds = answer_seconds
        self._writer = threading.Lock()
        self._limiter = anyio.CapacityLimiter(1)
        self.settled = anyio.Event()

    def of(self, thread: str, user: str) -> "ThreadLog":
        """Raises `InputRejected` when that is not the id of a thread."""
        with _named():
            return ThreadLog(self, checked(thread), user)

    # -- for one user; everything raises `EngineError` ----------------------------------------------------------

    async def thread_review(self, thread: str, user: str) -> tuple[Logged, ...]:
        """Turn by turn: what they said on it, and how the answer came about."""
        return await self.ask(lambda book: book.review(thread, user))

    async def recordings_of(self, turn: str, user: str) -> tuple[SayingId, ...]:
        """What of it can be heard again."""
        return await self.ask(lambda book: book.recordings_of(turn, user))

    async def recording(self, saying: str, user: str) -> Path | None:
        """Where it lies, if it is kept."""
        return await self.ask(lambda book: book.shelf.recording(user, saying))

    async def erase_recording(self, saying: str, user: str) -> bool:
        """Whether there was one."""
        return await self.ask(lambda book: book.shelf.erase_recording(user, saying))

    async def threads_of(self, user: str) -> tuple[str, ...]:
        """The oldest first."""
        return await self.ask(lambda book: book.threads_of(user))

    async def erase_all(self, user: str) -> int:
        """All that this user ever said, for good; how many things went."""
        return await self.ask(lambda book: book.erase_user(user), ERASE_SECONDS)

    # -- for the house -----------------------------------------------------------------------------------------

    async def users(self) -> frozenset[str]:
        """Everybody who ever said something that is kept."""
        return await self.ask(Book.users)

    async def erase(self, thread: str) -> None:
        """All that was said on it, for good."""
        await self.ask(lambda book: book.erase([thread]), ERASE_SECONDS)

    async def expire(self, now: datetime) -> int:
        """Erase the recordings that are older than they may become; how many."""
        return await self.ask(lambda book: book.shelf.expire(now), ERASE_SECONDS)

    async def sweep_temporary(self) -> None:
        """Erase what of recordings nobody knows of any more: halves, and what could not be erased in its time."""
        await self.ask(lambda book: book.shelf.reconcile(), ERASE_SECONDS)

    async def to_pack(self, but: frozenset[str]) -> tuple[str, str, AudioFrame] | None:
        return await self.ask(lambda book: book.shelf.to_pack(but))

    async def pack(self, thread: str, saying: str, content: bytes) -> None:
        await self.ask(lambda book: book.shelf.pack(thread, saying, content))

    def something_is_settled(self) -> None:
        self.settled.set()
        self.settled = anyio.Event()

    async def ask(self, question: Callable[[Book], T], seconds: float | None = None) -> T:
        """The answer of the disk, in time or not at all. Once asked, it is carried out, whoever is cancelled."""
        seconds = self._answer_seconds if seconds is None else seconds
        given_up = threading.Event()
        with _named():
            try:
                with anyio.fail_after(seconds, shield=True):
                    return await anyio.to_thread.run_sync(
                        self._answer, question, given_up, limiter=self._limiter, abandon_on_cancel=True
                    )
            except TimeoutError as exc:
                given_up.set()
                raise EngineTimeout(NAME, f"the disk did not answer within {seconds:g} s") from exc

    def _answer(self, question: Callable[[Book], T], given_up: threading.Event) -> T:
        """Only one that was given up, and is still at it, can stand in the way of another."""
        if not self._writer.acquire(blocking=False):
            raise TimeoutError
        try:
            if given_up.is_set():
                raise TimeoutError
            return question(self._book)
        finally:
            self._writer.release()


class ThreadLog:
    """A `TurnLog`: what one session has in hand of one thread."""

    def __init__(self, turns: Turns, thread: str, user: str) -> None:
        self._turns = turns
        self.thread = thread
        self.user = user

    async def typed(self, saying: SayingId, text: str) -> None:
        await self._turns.ask(lambda book: book.begin(self, saying, text))

    async def recorded(self, saying: SayingId, utterance: Utterance) -> None:
        await self._turns.ask(lambda book: book.begin(self, saying, utterance))

    async def understood(self, saying: SayingId, transcript: Transcript) -> None:
        await self._turns.ask(lambda book: book.understood(self, saying, transcript))

    async def settle(
        self,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        turn: TurnId | None = None,
        reason: str = "",
        record: Mapping[str, Any] | None = None,
    ) -> int:
        named = [*sayings]
        as_json = None if record is None else json.dumps(dict(record))
        count = await self._turns.ask(lambda book: book.settle(self, named, outcome, turn, reason, as_json))
        self._turns.something_is_settled()
        return count

    async def offers(self) -> tuple[Offer, ...]:
        return await self._turns.ask(lambda book: book.offers(self))

    async def take_up(self, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        return await self._turns.ask(lambda book: book.take_up(self, saying, anew))

    async def dismiss(self, saying: SayingId) -> None:
        await self._turns.ask(lambda book: book.dismiss(self, saying))

    async def let_go(self) -> None:
        await self._turns.ask(lambda book: book.let_go(self))
        self._turns.something_is_settled()


@asynccontextmanager
async def open_turns(
    folder: Path,
    settings: RecordingSettings,
    *,
    answer_seconds: float = ANSWER_SECONDS,
    pause_seconds: float = PAUSE_SECONDS,
) -> AsyncGenerator[Turns]:
    """The folder is this process's own. `pause_seconds`: how long recordings that were just settled are not packed yet.
    Raises `EngineUnavailable` when the file cannot be used.
    """
    file = folder / "turns.sqlite"
    recordings = Recordings(folder / "recordings")
    try:
        book = await anyio.to_thread.run_sync(lambda: Book(_open(file, 0.8 * answer_seconds), recordings, settings))
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{file} is not usable: {_reason(exc)}") from exc
    turns = Turns(book, answer_seconds)
    try:
        await turns.sweep_temporary()
        async with anyio.create_task_group() as tasks:
            if settings.format != "wav":
                tasks.start_soon(Packer(turns, settings.format).run, pause_seconds)
            yield turns
            tasks.cancel_scope.cancel()
    finally:
        with suppress(EngineError):  # a disk that hangs is left to the end of the process
            await turns.ask(Book.close, ERASE_SECONDS)


def _open(file: Path, lock_seconds: float) -> sqlite3.Connection:
    """`lock_seconds`: how long another process may keep us from writing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # before SQLite makes it, whose journals then take over its mode
    db = sqlite3.connect(file, timeout=lock_seconds, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            db.execute(f"PRAGMA {pragma}")
        (done,) = db.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[done:], done + 1):
            db.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except NotAnId as exc:
        raise InputRejected(NAME, str(exc)) from exc
    except (OSError, sqlite3.Error) as exc:
        if _is_full(exc):
            raise OutOfRoom(NAME, _reason(exc)) from exc
        raise EngineFailed(NAME, _reason(exc)) from exc


def _is_full(exc: OSError | sqlite3.Error) -> bool:
    if isinstance(exc, OSError):
        return exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _reason(exc: OSError | sqlite3.Error) -> str:
    if _is_full(exc):
        return "the disk is full"
    return (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
