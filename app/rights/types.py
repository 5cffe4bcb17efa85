"""The words of this room, and what a part of the house must be able to do with a person's things.

A part that keeps something of people is an `Eraser`; one that has something to hand over is an `Exporter`. A new part
is known here once it stands among them.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from memory.types import UserId


class RightsError(Exception):
    """It cannot be done; the message says why, and what to do."""

    code = "rights"


class DamagedBackup(RightsError):
    code = "damaged-backup"


class NewerBackup(RightsError):
    code = "newer-backup"


class NotNow(RightsError):
    """Something else stands in the way; later it may be done."""

    code = "not-now"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose things are meant."""

    user: UserId
    threads: tuple[str, ...] = ()
    """All of theirs that are known of anywhere, the oldest first."""


class Register(Protocol):
    """Knows people, and which threads are theirs. Every call raises `EngineError`."""

    @property
    def name(self) -> str:
        """The same as it has as an `Eraser`."""
        ...

    async def users(self) -> frozenset[str]: ...

    async def threads(self, user: UserId) -> tuple[str, ...]:
        """The oldest first."""
        ...


class Exporter(Protocol):
    def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        """Files: their path in the export, and what is in them. Raises `EngineError`."""
        ...


class Eraser(Protocol):
    @property
    def name(self) -> str:
        """What is kept here, for people to read."""
        ...

    async def erase(self, person: Person) -> int:
        """How many things went. What went already is not missed. Raises `EngineError`, having erased what it could."""
        ...


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of one part of a person's things."""

    what: str
    count: int
    trouble: str = ""
    """Why not all of it went, in plain words."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure has done. It is handed over and kept nowhere."""

    user: str
    at: datetime
    parts: tuple[Gone, ...]

    @property
    def complete(self) -> bool:
        return not any(part.trouble for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        parts = [{"what": part.what, "count": part.count, "trouble": part.trouble} for part in self.parts]
        return {"user": self.user, "at": self.at.isoformat(), "complete": self.complete, "parts": parts}

    def as_text(self) -> str:
        end = "That is all there was." if self.complete else "Something is left. Please ask for it again."
        parts = [f"  {part.what}: {part.count}{_but(part.trouble)}" for part in self.parts]
        return "\n".join([f"Erased for {self.user} on {self.at:%d %B %Y at %H:%M:%S %Z}:", *parts, end])


def _but(trouble: str) -> str:
    return f", but not all: {trouble}" if trouble else ""
