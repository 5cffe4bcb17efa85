"""From a file's bytes to a document: which format it is, and what must hold in all of them.

Its libraries are as old and as odd as the files that they read: all of this runs in a process of its own, see
`reading_files`. Whatever a library raises there means that the file is damaged.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from memory.documents.content import Content, Refused
from memory.documents.types import NewDocument, Part

MOST_BYTES: Final = 50_000_000
MOST_CHARACTERS: Final = 5_000_000

KINDS: Final = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx"})
"""How the name of a file ends that can be read."""

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_TRAILING, _EMPTY_LINES = re.compile(r"[^\S\n]+\n"), re.compile(r"\n{3,}")
_LONGEST_LABEL = 200
_MOST_METADATA = 50


def document_in(data: bytes, name: str) -> NewDocument:
    """Raises `Refused`, and whatever a library raises for a damaged file."""
    content = _reader(kind_of(name))(data)
    parts = tuple(
        _in_bounds(part for each in content.parts if (part := Part(label(each.place), plain(each.text))).text)
    )
    metadata = [(label(key), label(value)) for key, value in content.metadata.items()][:_MOST_METADATA]
    return NewDocument(
        name=name,
        title=label(content.title) or name,
        parts=parts,
        metadata={key: value for key, value in metadata if key and value},
    )


def kind_of(name: str) -> str:
    """Raises `Refused`."""
    kind = PurePath(name).suffix.lower()
    if kind not in KINDS:
        raise Refused(f"is of a kind that cannot be read; these can: {', '.join(sorted(KINDS))}")
    return kind


def plain(text: str) -> str:
    """Without what is no text, and without more than one empty line at a time."""
    text = _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n"))
    return _EMPTY_LINES.sub("\n\n", _TRAILING.sub("\n", text)).strip()


def label(text: str) -> str:
    """On one line, and not too long for one."""
    return " ".join(_NOT_TEXT.sub(" ", text[: 10 * _LONGEST_LABEL]).split())[:_LONGEST_LABEL]


def _reader(kind: str) -> Callable[[bytes], Content]:
    match kind:
        case ".txt":
            from memory.documents.text import read_text

            return read_text
        case ".md" | ".markdown":
            from memory.documents.text import read_markdown

            return read_markdown
        case ".html" | ".htm":
            from memory.documents.web_page import read_web_page

            return read_web_page
        case ".pdf":
            from memory.documents.pdf import read_pdf

            return read_pdf
        case _:
            from memory.documents.word import read_word

            return read_word


def _in_bounds(parts: Iterable[Part]) -> Iterable[Part]:
    characters = 0
    for part in parts:
        characters += len(part.text)
        if characters > MOST_CHARACTERS:
            raise Refused(f"is too long: only documents of up to {MOST_CHARACTERS:,} characters can be kept")
        yield part
