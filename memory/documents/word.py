"""Word's own format: paragraphs and tables under their headings; without headers, footers and comments."""

import io
import zipfile
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from memory.documents.content import Content, Refused, section
from memory.documents.types import Part

_MOST_UNPACKED = 200_000_000


def read_word(data: bytes) -> Content:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(each.file_size for each in packed.infolist()) > _MOST_UNPACKED:
            raise Refused("is far larger unpacked than it looks")
    document = docx.Document(io.BytesIO(data))
    said = document.core_properties
    metadata = {"author": said.author or "", "subject": said.subject or "", "keywords": said.keywords or ""}
    if said.created is not None:
        metadata["date"] = f"{said.created:%Y-%m-%d}"
    parts = [*_parts(document)]
    headline = next((each.text for each in document.paragraphs if _style(each) == "title" and each.text.strip()), "")
    return Content(parts, said.title or headline, metadata)


def _parts(document: Document) -> Iterator[Part]:
    place, lines = "", list[str]()
    for block in document.iter_inner_content():
        match block:
            case Paragraph() if _style(block).startswith("heading") and block.text.strip():
                yield Part(place, "\n\n".join(lines))
                place, lines = section(block.text.strip()), [block.text]
            case Paragraph() if _style(block).startswith("list"):
                lines.append(f"- {block.text}")
            case Paragraph():
                lines.append(block.text)
            case Table():
                lines.append("\n".join(_rows(block)))
    yield Part(place, "\n\n".join(lines))


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells = {
            id(cell._tc): " ".join(cell.text.split()) for cell in row.cells
        }  # one that spans several is there once
        yield " | ".join(cells.values())


def _style(paragraph: Paragraph) -> str:
    style = paragraph.style
    return "" if style is None or style.name is None else style.name.lower()
