"""Files that came with a message: read into the library, and what there is to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.documents.desk import ReadingDesk, Taken
from app.notices import because, tell
from graph.types import Language
from memory.types import UserId
from resilience.errors import EngineError, InputRejected


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    """As the user's machine calls the file."""
    file: Path


async def read_attached(desk: ReadingDesk, user: UserId, files: Sequence[Attached], language: Language) -> str:
    """One after the other; what could not be read is told of among the rest."""
    return " ".join([await _read(desk, user, each, language) for each in files])


async def _read(desk: ReadingDesk, user: UserId, attached: Attached, language: Language) -> str:
    try:
        taken = await desk.take_in(user, attached.file, attached.name)
    except InputRejected as exc:
        return f"{exc.reason}." if language == "en" else tell(language, "document-refused", name=attached.name)
    except EngineError as exc:
        return tell(language, "document-not-kept", name=attached.name, reason=because(language, exc))
    return tell(language, "document-read", name=taken.document.name, extent=extent(language, taken))


def extent(language: Language, taken: Taken) -> str:
    """As one says it: "12 pages"."""
    if taken.count == 1:
        return tell(language, "one-page" if taken.unit == "page" else "one-word")
    return tell(language, "pages" if taken.unit == "page" else "words", count=f"{taken.count:,}")
