"""Pages of HTML: what a reader sees of them, under the headings that it stands under."""

from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from memory.documents.content import Content, section
from memory.documents.types import Part

_UNREAD = ("script", "style", "nav", "template", "noscript", "svg", "head", "iframe", "form", "button", "select")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    """
    address article aside blockquote body dd details div dl dt figcaption figure footer header hr main ol p pre section
    summary table tbody tfoot thead ul caption
    """.split()  # noqa: SIM905 -- a list literal would be a page long
)
_KEPT_METADATA = ("author", "date", "keywords", "description")


def read_web_page(data: bytes) -> Content:
    page = BeautifulSoup(data, "lxml")
    title = page.title.get_text() if page.title is not None else ""
    metadata = {
        str(each["name"]).lower(): str(each.get("content", ""))
        for each in page.find_all("meta", attrs={"name": True})
        if str(each["name"]).lower() in _KEPT_METADATA
    }
    for each in page.find_all(_UNREAD):
        each.decompose()
    return Content(_parts(page, title), title, metadata)


def _parts(page: BeautifulSoup, title: str) -> Iterator[Part]:
    place, pieces = "", list[str]()
    for element in _walk(page):
        match element:
            case Tag(name=name) if name in _HEADINGS:
                yield Part(place, "".join(pieces))
                heading = " ".join(element.get_text(" ").split())
                place = "" if heading == " ".join(title.split()) else section(heading)
                pieces = [f"{heading}\n\n"]
            case Tag():
                pieces.append(_before(element))
            case str():
                pieces.append(element)
    yield Part(place, "".join(pieces))


def _walk(page: BeautifulSoup) -> Iterator[Tag | str]:
    """Tags as they begin, text, and what parts them from the next where they end. Pages may be nested without end."""
    waiting: list[PageElement | str] = [page]
    while waiting:
        element = waiting.pop()
        match element:
            case PreformattedString():
                continue
            case NavigableString():
                pre = element.find_parent("pre") is not None
                yield str(element) if pre else _on_one_line(str(element))
            case Tag(name=name) if name in _HEADINGS:
                yield element
            case Tag():
                yield element
                waiting.append(_after(element))
                waiting.extend(reversed(element.contents))
            case str():
                yield element


def _on_one_line(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        return " "
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}"


def _before(tag: Tag) -> str:
    match tag.name:
        case "br" | "tr":
            return "\n"
        case "li":
            return "\n- "
        case "td" | "th":
            return " | " if tag.find_previous_sibling(("td", "th")) is not None else ""
        case name if name in _BLOCKS:
            return "\n\n"
        case _:
            return ""


def _after(tag: Tag) -> str:
    return "\n\n" if tag.name in _BLOCKS else ""
