"""PDF: page by page, as far as there is text on it."""

import io
import re
from collections.abc import Iterator
from typing import Final

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError

from memory.documents.content import Content, Refused
from memory.documents.types import Part

MOST_PAGES: Final = 5_000
_DIVIDED = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=[a-z\u00df-\u00ff])")
"""A word at the end of a line."""
_WORD = re.compile(r"\w")


def read_pdf(data: bytes) -> Content:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not _opens(reader):
        raise Refused("is locked with a password; save it without one, and add it again")
    if len(reader.pages) > MOST_PAGES:
        raise Refused(f"has too many pages: only documents of up to {MOST_PAGES:,} can be kept")
    said = reader.metadata
    title, metadata = "", dict[str, str]()
    if said is not None:
        title = said.title or ""
        metadata = {"author": said.author or "", "subject": said.subject or "", "keywords": said.keywords or ""}
        if said.creation_date is not None:
            metadata["date"] = f"{said.creation_date:%Y-%m-%d}"
    parts = [*_pages(reader)]
    if not any(_WORD.search(each.text) for each in parts):
        raise Refused(
            "has no text in it, only pictures of pages: it was scanned, and would have to be recognised first"
        )
    return Content(parts, title, metadata)


def _opens(reader: PdfReader) -> bool:
    """Many are locked against changes only."""
    try:
        return reader.decrypt("") is not PasswordType.NOT_DECRYPTED
    except DependencyError:
        return False


def _pages(reader: PdfReader) -> Iterator[Part]:
    for number, page in enumerate(reader.pages, start=1):
        yield Part(f"page {number}", _DIVIDED.sub("", page.extract_text()))
