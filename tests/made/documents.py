"""Files of every kind that can be read, made of a few words."""

import io
from collections.abc import Sequence

import docx
from pypdf import PdfReader, PdfWriter


def pdf(
    pages: Sequence[str], *, title: str = "", password: str | None = None, owner_password: str | None = None
) -> bytes:
    """A page without text has none at all, as a scanned one. Lines of it are lines there."""
    writer = PdfWriter(PdfReader(io.BytesIO(_bare_pdf(pages))))
    if title:
        writer.add_metadata({"/Title": title, "/Author": "Ada Lovelace"})
    if password is not None:
        writer.encrypt(password, owner_password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def word(
    blocks: Sequence[tuple[str, str]], *, title: str = "", table: Sequence[Sequence[str]] = (), author: str = ""
) -> bytes:
    """Styles and texts, then a table."""
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = title, author
    for style, text in blocks:
        document.add_paragraph(text, style)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _bare_pdf(pages: Sequence[str]) -> bytes:
    numbers = [4 + 2 * index for index in range(len(pages))]
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{each} 0 R' for each in numbers)}] >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    for number, text in zip(numbers, pages, strict=True):
        lines = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in text.split("\n")]
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        stream = f"BT /F1 12 Tf 72 720 Td {shown}ET".encode("cp1252") if text else b""
        page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
        objects[number] = f"{page} /Contents {number + 1} 0 R >>".encode()
        objects[number + 1] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    file, starts = bytearray(b"%PDF-1.4\n"), []
    for number in sorted(objects):
        starts.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % start for start in starts)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(file)
