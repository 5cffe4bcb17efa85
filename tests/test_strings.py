"""The page speaks four languages: no text of it stands in the code, and none was left in English."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import chainlit
import pytest

from graph.strings import LANGUAGES, catalogue
from graph.types import Language
from tests.made import checkout

MODULES: Final = sorted((checkout.TOP / "public" / "voice").glob("*.js"))
OTHERS: Final = [language for language in LANGUAGES if language != "en"]
TRANSLATIONS: Final = checkout.TOP / ".chainlit" / "translations"
OF_CHAINLIT: Final = {"en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es"}

SAME_IN: Final[Mapping[str, set[str]]] = {
    "de": {"page-notices.error", "page-settings.text_size-normal", "page-settings.contrast-normal"},
    "fr": {
        "page-shell.message",
        "page-shell.conversation",
        "page-shell.conversations",
        "page-shell.menu",
        "page-notices.info",
        "page-settings.patience",
        "page-settings.contrast-normal",
    },
    "es": {"page-settings.text_size-normal", "page-settings.contrast-normal"},
}
"""Texts of the page that are those of English."""
SAME_EVERYWHERE: Final = re.compile(r"page-settings\.(percent|language-(en|fr|de|es))")
"""A number, and languages by their own names."""

CODE: Final = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
LITERAL: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
CLASS_NAMES: Final = re.compile(r"ng-[\w-]+( ng-[\w-]+)*( ng-\$\{level\})?")
NO_WORDS: Final = {
    "Nightingale",
    "Enter",
    "Tab",
    "Escape",
    "Alt",
    "Shift",
    "Alt+M",
    "Alt+Shift+M",
    "Alt+W",
    "Alt+Shift+W",
    "Key${last}",
    "Firefox/",
    ".ai-message img[alt^='Avatar for']",
    "choose all",
    # What a fault is called, beside what the browser says itself.
    "the browser did not start its audio",
    "the browser did not start its audio output",
    "the microphone was disconnected",
    "not a message of this protocol: ${JSON.stringify(complete)}",
}


def literals(module: Path) -> Iterator[str]:
    for text, template in LITERAL.findall(CODE.sub("", module.read_text("utf-8"))):
        yield text or template


def of_the_page(language: Language) -> dict[str, str]:
    return {
        f"{section}.{key}": text
        for section, texts in catalogue(language).items()
        if section.partition("-")[0] == "page"
        for key, text in texts.items()
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_words_for_people_stand_in_the_code_of_the_page(module: Path) -> None:
    word, phrase = re.compile(r"(?<![\w-])[A-Z][a-z]+(?![a-z]*[A-Z])"), re.compile(r"[a-z]{2,} [a-z]{2,}")
    found = [
        text
        for text in literals(module)
        if (word.search(text) or phrase.search(text)) and text not in NO_WORDS and not CLASS_NAMES.fullmatch(text)
    ]
    assert found == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_what_the_page_says_stands_in_the_catalogue(module: Path) -> None:
    asked = re.findall(r'\bsay\(\s*"([\w-]+)",\s*"([\w-]+)"', module.read_text("utf-8"))
    assert [key for key in asked if key[1] not in catalogue("en").get(key[0], {})] == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_on_the_page_is_left_in_english(language: Language) -> None:
    english, other = of_the_page("en"), of_the_page(language)
    in_words = {key for key, text in english.items() if re.search("[a-z]{2}", re.sub(r"{\w+}", "", text))}
    same = {key for key in in_words if other[key] == english[key] and not SAME_EVERYWHERE.fullmatch(key)}
    assert same == SAME_IN[language]


def leaves(texts: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", str(value)


def translation(folder: Path, name: str) -> dict[str, str]:
    return dict(leaves(json.loads((folder / f"{name}.json").read_text("utf-8"))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_chainlits_words_are_all_there_with_the_same_places_to_fill(language: Language) -> None:
    its_own = translation(Path(chainlit.__file__).parent / "translations", "en-US")
    ours = translation(TRANSLATIONS, OF_CHAINLIT[language])
    assert ours.keys() == its_own.keys()
    assert all(ours.values())
    places = re.compile(r"{{\w+}}")
    assert [key for key in ours if places.findall(ours[key]) != places.findall(its_own[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_chainlit_calls_things_what_the_page_calls_them(language: Language) -> None:
    page, its = of_the_page(language), translation(TRANSLATIONS, OF_CHAINLIT[language])
    for ours, theirs in {
        "page.start": "chat.speech.start",
        "page.end": "chat.speech.stop",
        "page-shell.send": "chat.input.actions.send",
        "page-shell.stop-task": "chat.input.actions.stop",
        "page-shell.attach": "chat.input.actions.attachFiles",
        "page-shell.settings": "navigation.user.menu.settings",
        "page-shell.new": "navigation.newChat.button",
        "page-shell.conversations": "threadHistory.sidebar.title",
    }.items():
        assert page[ours] == its[theirs]


@pytest.mark.parametrize("language", OTHERS)
def test_the_help_calls_things_by_their_names(language: Language) -> None:
    text = (checkout.TOP / ".chainlit" / "help" / f"chainlit_{OF_CHAINLIT[language]}.md").read_text("utf-8")
    page = of_the_page(language)
    names = [page[key] for key in ("page.start", "page.stop", "page.replies", "page.mute")]
    assert [name for name in [*names, catalogue(language)["pages"]["engines"]] if f"*{name}*" not in text] == []
