"""Files of every kind that can be read, and of those that cannot."""

import zipfile
from io import BytesIO
from pathlib import Path

import anyio
import pytest

from memory.documents.content import Refused
from memory.documents.formats import MOST_BYTES, MOST_CHARACTERS, document_in
from memory.documents.reading_files import read_file
from memory.documents.types import NewDocument, Part
from resilience.errors import InputRejected
from tests.made.documents import pdf, word

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """A real clock: files are read in a process."""
    return "asyncio"


on_both_loops = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])


def texts(document: NewDocument) -> list[tuple[str, str]]:
    return [(part.place, part.text) for part in document.parts]


@pytest.mark.parametrize(
    "data",
    [
        "Café “Übung”".encode(),
        "Café “Übung”".encode("utf-8-sig"),
        "Café “Übung”".encode("utf-16"),
        "Café “Übung”".encode("utf-32"),
        "Café “Übung”".encode("cp1252"),
    ],
)
def test_text_is_read_in_whatever_encoding_it_was_written(data: bytes) -> None:
    assert texts(document_in(data, "a.txt")) == [("", "Café “Übung”")]


def test_text_has_no_characters_that_are_none() -> None:
    assert texts(document_in(b"one\r\ntwo  \n\n\n\nthree\x07\x0cfour \x81", "a.TXT")) == [
        ("", "one\ntwo\n\nthree\n\nfour \u0081")
    ]


def test_markdown_is_read_under_its_headings_with_what_its_front_matter_says() -> None:
    text = """---
title: The house
tags: [home, old]
date: 2024-01-02
nested: {a: 1}
---
# The house
It has **two** doors and a [garden](http://example.org).

## Heating ##
The boiler is old.
```sh
# no heading
```

Keys
----
Anna has them.
"""
    document = document_in(text.encode(), "house.md")
    assert document.title == "The house"
    assert document.metadata == {"tags": "home, old", "date": "2024-01-02"}
    assert texts(document) == [
        ("", "The house\n\nIt has two doors and a garden."),
        ("section Heating", "Heating\n\nThe boiler is old.\n# no heading"),
        ("section Keys", "Keys\n\nAnna has them."),
    ]


def test_markdown_without_a_front_matter_is_called_by_its_first_heading() -> None:
    assert document_in(b"---\nno: [matter\n---\n# Notes\nText.", "n.markdown").title == "Notes"
    assert document_in(b"Text.", "n.md").title == "n.md"


def test_a_web_page_is_read_as_it_is_seen() -> None:
    page = """<html><head><title>The  house</title><meta name="author" content="Ada"><style>p {}</style></head><body>
<nav>Home | About</nav><script>alert(1)</script><!-- hidden --><h1>The house</h1>
<p>It has <b>two</b> doors.<br>And a
garden.</p><ul><li>one</li><li>two</li></ul>
<h2>Heating <i>costs</i></h2><div>Old.</div>Loud.<table><tr><th>Year</th><th>Euro</th></tr><tr><td>2023</td><td>900</td>
</tr></table><pre>  a
    b</pre></body></html>"""
    document = document_in(page.encode(), "house.html")
    assert (document.title, document.metadata) == ("The house", {"author": "Ada"})
    assert texts(document) == [
        ("", "The house\n\nIt has two doors.\nAnd a garden.\n\n- one\n- two"),
        ("section Heating costs", "Heating costs\n\nOld.\n\nLoud.\n\nYear | Euro\n2023 | 900\n\n  a\n    b"),
    ]


def test_a_pdf_is_read_page_by_page() -> None:
    document = document_in(pdf(["The boil-\ner is lit (red).", "", "It burns."], title="Manual"), "m.pdf")
    assert (document.title, document.metadata["author"]) == ("Manual", "Ada Lovelace")
    assert texts(document) == [("page 1", "The boiler is lit (red)."), ("page 3", "It burns.")]


def test_a_word_document_is_read_under_its_headings() -> None:
    blocks = [("Normal", "Before."), ("Heading 1", "Heating"), ("Normal", "Old."), ("List Bullet", "loud")]
    table = [["Year", "Euro"], ["2023", "900"]]
    document = document_in(word(blocks, title="House", author="Ada", table=table), "h.docx")
    assert (document.title, document.metadata["author"]) == ("House", "Ada")
    assert texts(document) == [
        ("", "Before."),
        ("section Heating", "Heating\n\nOld.\n\n- loud\n\nYear | Euro\n2023 | 900"),
    ]


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"x", "song.mp3", "these can: .docx, .htm, .html, .markdown, .md, .pdf, .txt"),
        (b"a\0b", "a.txt", "no text"),
        (pdf(["Secret."], password="open sesame"), "a.pdf", "locked with a password"),
        (pdf(["", ""]), "a.pdf", "scanned"),
        (b"a" * (MOST_CHARACTERS + 1), "a.txt", "too long"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(data: bytes, name: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        document_in(data, name)


def test_a_pdf_that_is_locked_only_against_changes_is_read() -> None:
    document = document_in(pdf(["Open."], password="", owner_password="mine"), "a.pdf")
    assert texts(document) == [("page 1", "Open.")]


def test_a_word_document_that_unpacks_without_end_is_refused() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"word/{number}.xml", bytes(70_000_000))
    assert len(packed.getvalue()) < 1_000_000
    with pytest.raises(Refused, match="far larger"):
        document_in(packed.getvalue(), "bomb.docx")


@on_both_loops
async def test_a_file_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"Hello.")
    document = NewDocument("a b.txt", "a b.txt", (Part("", "Hello."),))
    assert await read_file(tmp_path / "x", "../../a\tb.txt") == document
    assert await read_file(b"Hello.", "C:\\files\\a b.txt") == document


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.txt", "“a.txt” is empty"),
        (b" ... ", "a.txt", "“a.txt” has no words in it"),
        (b"x", "a.exe", "“a.exe” is of a kind that cannot be read"),
        (b"x" * (MOST_BYTES + 1), "a.txt", "up to 50 MB"),
        (b"%PDF-1.4 garbage", "a.pdf", "“a.pdf” cannot be read: it is damaged"),
        (b"PK garbage", "a.docx", "“a.docx” cannot be read: it is damaged"),
        (pdf([""]), "a.pdf", "“a.pdf” has no text in it"),
    ],
)
async def test_what_cannot_be_read_is_rejected_by_name_and_reason(data: bytes, name: str, why: str) -> None:
    with pytest.raises(InputRejected, match=why):
        await read_file(data, name)


async def test_a_file_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="cannot be opened"):
        await read_file(tmp_path / "gone", "gone.txt")


async def test_one_that_takes_too_long_or_too_much_memory_harms_nobody() -> None:
    deep = b"<p>" + b"<b>" * 200_000
    with pytest.raises(InputRejected, match="could not be read within"):
        await read_file(deep, "deep.html", seconds=0.5)
    with pytest.raises(InputRejected, match=r"too much memory|damaged"):
        await read_file(b"a" * 49_000_000, "big.txt", memory_bytes=80_000_000)


async def test_whoever_asked_may_leave() -> None:
    with anyio.move_on_after(0.05) as scope:
        await read_file(b"<p>" + b"<b>" * 200_000, "deep.html")
    assert scope.cancelled_caught
