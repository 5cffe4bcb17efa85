"""The words of the pages beside the conversation stand in the catalogue, all of them, and nowhere else."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from graph.strings import catalogue
from graph.types import Language

PUBLIC = Path(__file__).parent.parent / "public"
PAGES = ("review.html", "memory.html", "engines.html")
ROOMS = {
    "pages": ("pages.js",),
    "review": ("review.js", "turns.js", "playback.js", "waterfall.js"),
    "memory": ("memory.js", "rights.js"),
    "documents": ("documents.js",),
    "engines": ("engines.js",),
}
"""Who says the texts of each section."""
SAME_EVERYWHERE = {"pages.engines", "engines.tab", "engines.cached-redis"}
SAME: dict[Language, set[str]] = {
    "de": {"review.form-md", "review.step-pause"},
    "fr": {
        "pages.conversation",
        "pages.nav",
        "documents.page",
        "documents.passages",
        "documents.passages-one",
        "documents.title",
        "review.conversations",
        "review.messages",
        "review.messages-one",
        "review.step-pause",
    },
    "es": set(),
}
"""Texts that read the same as in English."""
FOREIGN = {"Accept-Language", "Content-Type", "Escape"}
"""Not for people."""
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
WORDS = re.compile(r"^[A-ZÀ-Þ][a-zß-ÿ]|[a-z]+ [a-z]+ [a-z]+")


class Texts(HTMLParser):
    """What of a document is for people: its texts as written in it, and as fetched from the catalogue."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.written: list[str] = []
        self.fetched: list[str] = []
        self._within: list[str] = []
        self.feed((PUBLIC / file).read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        of = dict(attributes)
        self._within.append("untold" if of.get("class") == "untold" else tag)
        self.fetched += [value for name, value in attributes if name.startswith("data-say") and value]
        self.written += [value for name, value in attributes if name in {"aria-label", "placeholder"} and value]

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._within.pop()

    def handle_data(self, data: str) -> None:
        # A title has to be there before any script has run, and so has the word that none can be.
        if data.strip() and not {"title", "untold"} & {*self._within}:
            self.written.append(data.strip())


def code(room: str) -> str:
    return COMMENT.sub("", (PUBLIC / room).read_text("utf-8"))


def literals(room: str) -> list[str]:
    return [quoted or filled for quoted, filled in LITERAL.findall(code(room))]


@pytest.mark.parametrize("page", PAGES)
def test_a_document_has_no_words_of_its_own_but_its_name(page: str) -> None:
    assert Texts(page).written == ["Nightingale"]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_document_fetches_is_in_the_catalogue(page: str) -> None:
    english = catalogue("en")
    fetched = [name.split(".", 1) for name in Texts(page).fetched]
    assert [name for name in fetched if name[1] not in english[name[0]]] == []


@pytest.mark.parametrize("room", [room for rooms in ROOMS.values() for room in rooms])
def test_a_room_has_no_words_of_its_own(room: str) -> None:
    assert [text for text in literals(room) if WORDS.search(text) and text not in FOREIGN] == []


@pytest.mark.parametrize("section", ROOMS)
def test_every_text_that_is_asked_for_by_its_whole_key_is_there(section: str) -> None:
    asked = {key for room in ROOMS[section] for key in re.findall(r'\bwords\("([^"]+)"', code(room))}
    assert asked
    assert asked <= catalogue("en")[section].keys()


@pytest.mark.parametrize("section", ROOMS)
def test_no_text_stands_there_that_nobody_says(section: str) -> None:
    spoken = "".join(code(room) for room in ROOMS[section])
    fetched = {name for page in PAGES for name in Texts(page).fetched}
    said = {
        *re.findall(r'"([a-z][\w.-]*)"', spoken),
        *(name.split(".", 1)[1] for name in fetched if name.startswith(section)),
    }
    families = tuple(re.findall(r"`([a-z]+-)\$\{", spoken))

    def is_said(key: str) -> bool:
        return key in said or key.startswith(families) or re.sub("-(one|part)$", "", key) in said

    assert [key for key in catalogue("en")[section] if not is_said(key)] == []


@pytest.mark.parametrize("language", SAME)
def test_a_text_is_left_as_it_is_in_english_only_where_the_words_are_the_same(language: Language) -> None:
    english = catalogue("en")
    same = {
        f"{section}.{key}"
        for section in ROOMS
        for key, text in catalogue(language)[section].items()
        if text == english[section][key]
    }
    assert same == SAME_EVERYWHERE | SAME[language]
