"""The words of this room, and what a part of the house must be able to do with a person's things.

A part that keeps something of people is an `Eraser`; one that has something to hand over is an `Exporter`. A new part
is known here once it stands among them.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from graph.strings import said
from memory.types import UserId

PartName = Literal[
    "sessions",
    "conversations",
    "sayings",
    "in-mind",
    "memories",
    "documents",
    "being-remembered",
    "caches",
    "manner",
    "backups",
]
"""Of what is erased. The words for each are in the catalogue, section `erased`."""


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
    def name(self) -> PartName:
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
    def name(self) -> PartName:
        """What is kept here."""
        ...

    async def erase(self, person: Person) -> int:
        """How many things went. What went already is not missed. Raises `EngineError`, having erased what it could."""
        ...


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of one part of a person's things."""

    what: PartName
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
        """In English, as the operator reads it; the page has it in its own words."""
        begin = _said("title", user=self.user, it=f"{self.at:%d %B %Y at %H:%M:%S %Z}")
        parts = [f"  {_said(part.what)}: {part.count}{_but(part.trouble)}" for part in self.parts]
        return "\n".join([begin, *parts, _said("whole" if self.complete else "left")])


def _but(trouble: str) -> str:
    return f"{_said('but')} {trouble}" if trouble else ""


def _said(key: str, **values: str) -> str:
    return said("en", key, "erased", **values)
