"""The turn log: what was said is on disk before anything else happens to it, and is settled exactly once."""

import errno
import json
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from app.recordings import NotAnId, Recordings, RecordingSettings, checked
from app.sayings import MIGRATIONS, Book
from app.turn import Offer, Outcome, SayingId
from graph.types import TurnId
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from voice.types import Transcript, Utterance

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

    def of(self, thread: str, user: str) -> "ThreadLog":
        """Raises `InputRejected` when that is not the id of a thread."""
        with _named():
            return ThreadLog(self, checked(thread), user)

    async def recording(self, saying: str) -> Path | None:
        """Where it lies, if it is kept. Raises `EngineError`, as all of these do."""
        return await self.ask(lambda book: book.recording(saying))

    async def erase_recording(self, saying: str) -> bool:
        """Whether there was one."""
        return await self.ask(lambda book: book.erase_recording(saying))

    async def erase(self, thread: str) -> None:
        """All that was said on it, for good."""
        await self.ask(lambda book: book.erase([thread]), ERASE_SECONDS)

    async def erase_all(self, user: str) -> None:
        """All that this user ever said, for good."""
        await self.ask(lambda book: book.erase(book.threads_of(user)), ERASE_SECONDS)

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
        return await self._turns.ask(lambda book: book.settle(self, named, outcome, turn, reason, as_json))

    async def offers(self) -> tuple[Offer, ...]:
        return await self._turns.ask(lambda book: book.offers(self))

    async def take_up(self, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        return await self._turns.ask(lambda book: book.take_up(self, saying, anew))

    async def dismiss(self, saying: SayingId) -> None:
        await self._turns.ask(lambda book: book.dismiss(self, saying))

    async def let_go(self) -> None:
        await self._turns.ask(lambda book: book.let_go(self))


@asynccontextmanager
async def open_turns(
    folder: Path, settings: RecordingSettings, *, answer_seconds: float = ANSWER_SECONDS
) -> AsyncGenerator[Turns]:
    """The folder is this process's own. Raises `EngineUnavailable` when the file cannot be used."""
    file = folder / "turns.sqlite"
    recordings = Recordings(folder / "recordings")
    try:
        book = await anyio.to_thread.run_sync(lambda: Book(_open(file, 0.8 * answer_seconds), recordings, settings))
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{file} is not usable: {_reason(exc)}") from exc
    turns = Turns(book, answer_seconds)
    try:
        await turns.ask(Book.reconcile, ERASE_SECONDS)
        yield turns
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
        raise EngineFailed(NAME, _reason(exc)) from exc


def _reason(exc: OSError | sqlite3.Error) -> str:
    if isinstance(exc, OSError):
        full, reason = exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), exc.strerror or str(exc)
    else:
        full, reason = getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL, str(exc)
    return "the disk is full" if full else reason
