"""Plain text, and Markdown with its front matter."""

import codecs
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import frontmatter
import yaml  # type: ignore[import-untyped]  # it has no types of its own

from memory.documents.content import Content, Refused, section
from memory.documents.types import Part

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # which begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-+)\s*$")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)([^\n]*?\S)\1")


def read_text(data: bytes) -> Content:
    return Content([Part("", decoded(data))])


def read_markdown(data: bytes) -> Content:
    text = decoded(data)
    try:
        front, body = frontmatter.parse(text)
    except yaml.YAMLError:
        front, body = {}, text  # two rules with something between them
    said = {str(key): value for key, each in front.items() if (value := _said(each))}
    sections = [*_sections(body)]
    headline = next((heading for level, heading, _ in sections if level == 1), "")
    parts = [Part("" if heading == headline else section(heading), text) for _, heading, text in sections]
    return Content(parts, said.pop("title", "") or headline, said)


def decoded(data: bytes) -> str:
    """Raises `Refused` for what is no text at all."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    if "\0" in text:
        raise Refused("is no text, whatever its name says")
    return text


def _said(value: Any) -> str:
    """Single values and plain lists of them. What is nested says nothing in a line, and may be endless."""
    match value:
        case str() | bool() | int() | float() | date():
            return str(value)
        case list() if all(isinstance(each, str | int | float | date) for each in value):
            return ", ".join(map(str, value))
        case _:
            return ""


def _sections(text: str) -> Iterator[tuple[int, str, str]]:
    """Level and words of each heading, and the text under it, which repeats it."""
    level, heading, lines, fence = 0, "", list[str](), ""
    for written in text.splitlines():
        fenced = _FENCE.match(written)
        if fenced and (not fence or written.strip().startswith(fence)):
            fence = "" if fence else fenced[1]
            continue
        line = written if fence else _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", written))
        if not fence and (found := _headed(line, lines)) is not None:
            yield level, heading, "\n".join(lines)
            level, heading = found
            lines = [heading, ""]
            continue
        lines.append(line)
    yield level, heading, "\n".join(lines)


def _headed(line: str, before: list[str]) -> tuple[int, str] | None:
    """A heading's level and words; where a line underlines it, it is taken from those before."""
    if match := _HEADING.match(line):
        return len(match[1]), match[2]
    if (
        (match := _UNDERLINE.match(line))
        and before
        and before[-1].strip()
        and (len(before) < 2 or not before[-2].strip())
    ):
        return (1 if match[1][0] == "=" else 2), before.pop().strip()
    return None
