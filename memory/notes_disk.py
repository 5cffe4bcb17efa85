"""The notebook's file, asked from the event loop: in time or not at all, and one question after the other."""

import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import anyio
from anyio import to_thread

from memory.notes import Notes
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, OutOfRoom

T = TypeVar("T")

NAME = "notebook"
DISK_SECONDS = 5.0


class Disk:
    """Raises `EngineError`."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._busy, self._threads = threading.Lock(), anyio.CapacityLimiter(1)

    async def ask(self, question: Callable[[Notes], T]) -> T:
        """Once asked, it is carried out, whoever is cancelled."""
        given_up = threading.Event()
        with _named():
            try:
                with anyio.fail_after(DISK_SECONDS, shield=True):
                    return await to_thread.run_sync(
                        self._answer, question, given_up, limiter=self._threads, abandon_on_cancel=True
                    )
            except TimeoutError as exc:
                given_up.set()
                raise EngineTimeout(NAME, f"the disk did not answer within {DISK_SECONDS:g} s") from exc

    async def close(self) -> None:
        with suppress(EngineError):  # a disk that hangs is left to the end of the process
            await self.ask(Notes.close)

    def _answer(self, question: Callable[[Notes], T], given_up: threading.Event) -> T:
        """Only one that was given up, and is still at it, can stand in the way of another."""
        if not self._busy.acquire(blocking=False):
            raise TimeoutError
        try:
            if given_up.is_set():
                raise TimeoutError
            return question(self._notes)
        finally:
            self._busy.release()


async def open_notes(file: Path | None) -> Notes:
    """Raises `EngineUnavailable` when the file cannot be used."""
    try:
        return await to_thread.run_sync(Notes, file)
    except (OSError, sqlite3.Error) as exc:
        raise EngineUnavailable(NAME, f"{file} is not usable: {_reason(exc)}") from exc


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise OutOfRoom(NAME, "the disk is full") from exc
        raise EngineFailed(NAME, _reason(exc)) from exc


def _reason(exc: OSError | sqlite3.Error) -> str:
    return exc.strerror or str(exc) if isinstance(exc, OSError) else str(exc)
