"""Files that came with a message: read into the library, and what there is to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.documents.desk import ReadingDesk
from memory.types import UserId
from resilience.errors import EngineError, InputRejected


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    """As the user's machine calls the file."""
    file: Path


async def read_attached(desk: ReadingDesk, user: UserId, files: Sequence[Attached]) -> str:
    """One after the other; what could not be read is told of among the rest."""
    return " ".join([await _read(desk, user, each) for each in files])


async def _read(desk: ReadingDesk, user: UserId, attached: Attached) -> str:
    try:
        taken = await desk.take_in(user, attached.file, attached.name)
    except InputRejected as exc:
        return f"{exc.reason}."
    except EngineError as exc:
        return f"I could not keep {attached.name}: {exc.reason}. Please give it to me again in a moment."
    return f"I have read {taken.document.name}, {taken.extent}."
