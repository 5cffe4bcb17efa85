"""The reading desk: files are read here into the library, a few at once, and whoever waits can see how far they are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import anyio
import structlog

from memory.documents.protocols import Library
from memory.documents.reading_files import read_file
from memory.documents.types import Document, NewDocument
from memory.types import UserId
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

ReadFile = Callable[[Path | bytes, str], Awaitable[NewDocument]]

AT_ONCE: Final = 2
"""Each may take a processor, and gigabytes of memory where it was made to."""


@dataclass(slots=True)
class UnderWay:
    """A file that is being read. Passages are counted once it has been."""

    name: str
    done: int = 0
    all: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    document: Document
    count: int
    unit: Literal["page", "word"]
    """Pages where its format knows them."""


class ReadingDesk:
    def __init__(self, library: Library, read: ReadFile = read_file) -> None:
        self.library = library
        self._read = read
        self._places = anyio.Semaphore(AT_ONCE)
        self._under_way: list[tuple[UserId, UnderWay]] = []

    async def take_in(self, user: UserId, source: Path | bytes, name: str) -> Taken:
        """Whole or not at all. Raises `InputRejected`, in words for the user, and `EngineError`."""
        place = user, UnderWay(name)
        self._under_way.append(place)

        def moved(done: int, every: int) -> None:
            place[1].done, place[1].all = done, every

        try:
            async with self._places:
                new = await self._read(source, name)
                document = await self.library.add(user, new, progress=moved)
        except EngineError as exc:
            log.info("document not taken in", code=exc.code)
            raise
        finally:
            self._under_way = [each for each in self._under_way if each is not place]
        log.info("document taken in", characters=document.characters, passages=document.passages)
        return _taken(document, new)

    def under_way(self, user: UserId) -> tuple[UnderWay, ...]:
        return tuple(file for whose, file in self._under_way if whose == user)


def _taken(document: Document, new: NewDocument) -> Taken:
    pages = {part.place for part in new.parts}
    if all(place.startswith("page ") for place in pages):
        return Taken(document, len(pages), "page")
    return Taken(document, sum(len(part.text.split()) for part in new.parts), "word")
