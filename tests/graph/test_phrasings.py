"""What people say, and what is meant by it: `tests/graph/phrasings`."""

import json
import re
from typing import get_args

import pytest

from app.manner import Manner
from graph.intent_words import Intent
from graph.intents import order_of, wish_of
from graph.manner import SECTIONS, manner
from graph.strings import CATALOGUE, LANGUAGES, catalogue, said
from graph.types import Language, Prefers
from graph.wordings.plainly import COMMANDS
from graph.words import plain
from tests.graph.phrasings import Phrasing, read, score

SETS = "en", "en_held_out", "fr", "de", "es"
PRECISION, RECALL = 0.99, 0.97
OTHERS: tuple[Language, ...] = "fr", "de", "es"
_PLACE = re.compile(r"\{(\w+)\}")


def as_it_is(name: str) -> list[tuple[Phrasing, str]]:
    return [(each, each.text) for each in read(name)]


@pytest.mark.parametrize("name", SETS)
def test_commands_are_understood_and_little_else_is_taken_for_one(name: str) -> None:
    found = score(iter(as_it_is(name)))
    assert found.precision >= PRECISION, found.wrong
    assert found.recall >= RECALL, found.wrong


@pytest.mark.parametrize("name", SETS)
def test_they_are_understood_as_a_recogniser_writes_them(name: str) -> None:
    heard = [(each, re.sub(r"[^\w' -]", "", text).lower()) for each, text in as_it_is(name)]
    found = score((each, text) for each, text in heard if each.wish is None or each.wish.about.islower())
    assert found.precision >= PRECISION, found.wrong
    assert found.recall >= RECALL, found.wrong


def test_the_sets_are_as_large_as_they_are_said_to_be() -> None:
    counted = {name: score(iter(as_it_is(name))) for name in SETS}
    assert counted["en"].commands + counted["en_held_out"].commands >= 400
    assert counted["en"].others + counted["en_held_out"].others >= 200
    assert all(counted[each].commands >= 60 and counted[each].others >= 25 for each in OTHERS)


@pytest.mark.parametrize("name", SETS)
def test_what_is_meant_is_an_intent(name: str) -> None:
    intents = {each for names in get_args(Intent) for each in get_args(names)}
    assert {each.wish.intent for each in read(name) if each.wish} <= intents


@pytest.mark.parametrize("language", OTHERS)
def test_english_is_understood_whatever_is_spoken(language: Language) -> None:
    phrasings = [*read("en"), *read("en_held_out")]
    wrong = [each.text for each in phrasings if wish_of(each.text, language=language) != wish_of(each.text)]
    # "stop" and its like mean the same, and are the same words; nothing may mean another thing.
    assert wrong == []


def test_no_accents_are_needed() -> None:
    assert wish_of("arrete", language="fr").intent == "stop"
    assert wish_of("hor auf", language="de").intent == "stop"
    assert wish_of("callate", language="es").intent == "stop"


@pytest.mark.parametrize(
    ("text", "language"),
    [("parle français", "en"), ("sprich deutsch", "fr"), ("habla español", "de"), ("speak english", "es")],
)
def test_another_language_is_asked_for_in_its_own_words(text: str, language: Language) -> None:
    assert wish_of(text, language=language).intent == "language"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("stop!", "stop"),
        ("Arrête, s'il te plaît.", "stop"),
        ("warte mal", "wait"),
        ("sigue", "go-on"),
        ("okay, continue please", "go-on"),
        ("stop the music", None),
        ("wait, what about Tuesday?", None),
        ("non", None),
    ],
)
def test_an_order_to_a_reply_is_heard_in_any_language(text: str, order: str | None) -> None:
    assert order_of(text) == order


@pytest.mark.parametrize(
    ("confirming", "language", "text", "intent"),
    [
        ("errand", "en", "yes please", "confirm-errand"),
        ("errand", "fr", "oui vas-y", "confirm-errand"),
        ("errand", "de", "ja, mach das", "confirm-errand"),
        ("errand", "es", "sí", "confirm-errand"),
        ("errand", "de", "yes", "confirm-errand"),
        ("errand", "de", "nein, lieber nicht", "decline"),
        ("forget-everything", "fr", "non", "decline"),
    ],
)
def test_yes_and_no_are_said_in_ones_own_language(confirming: str, language: Language, text: str, intent: str) -> None:
    assert wish_of(text, confirming=confirming, language=language).intent == intent  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("text", ["no, my sister is called Emma", "no i live in berlin", "i said yes to the job"])
def test_a_fact_that_is_put_right_is_no_command(text: str) -> None:
    assert wish_of(text).intent == "chat"


def test_what_it_is_about_keeps_its_spelling() -> None:
    assert wish_of("Please rename this conversation to “Été à Rome”, please.").about == "Été à Rome"
    assert wish_of("Pronounce O'Brien like oh bryan").about == "O'Brien|oh bryan"
    assert wish_of("search my conversations for Müller GmbH").about == "Müller GmbH"


@pytest.mark.parametrize("saying", COMMANDS)
def test_what_a_recogniser_expects_is_understood(saying: str) -> None:
    assert wish_of(saying).intent != "chat"
    assert plain(saying) == saying


def test_every_language_has_all_texts_with_the_same_places_to_fill() -> None:
    english = catalogue("en")
    for language in OTHERS:
        assert catalogue(language).keys() == english.keys()
        for section, texts in english.items():
            other = catalogue(language)[section]
            assert other.keys() == texts.keys()
            wrong = [key for key in texts if {*_PLACE.findall(other[key])} != {*_PLACE.findall(texts[key])}]
            assert wrong == [], language
            assert all(other.values())


def test_the_catalogue_holds_only_the_languages_there_are() -> None:
    assert {each.stem for each in CATALOGUE.glob("*.json")} == set(LANGUAGES)
    for language in LANGUAGES:
        json.loads((CATALOGUE / f"{language}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["en", "en_held_out", "fr", "de", "es"])
def test_whatever_is_wanted_of_manner_has_an_answer_and_can_be_chosen(name: str) -> None:
    for each in read(name):
        if each.wish and (answer := manner(each.wish.intent, each.wish.about, each.language)):
            _, directives = answer
            wished = {one.what: one.value for one in directives if isinstance(one, Prefers)}
            Manner.model_validate({key: value for key, value in wished.items() if value is not None})
            assert wished.keys() <= Manner.model_fields.keys()


def _commands_in(text: str) -> list[str]:
    """What a text of help tells to say, where nothing needs to be filled in."""
    quoted = re.findall(r"(?:Say|Sag|Dis|Di): ([^.]+?)\.", text.replace("Dis :", "Dis:"))
    parts = [each for quote in quoted for each in re.split(r"[;,] (?:or|oder|ou|o)?:? ?|; ", quote)]
    return [each.strip(" :") for each in parts]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_tells_of_nothing_that_is_not_understood(language: Language) -> None:
    told = [each for section in SECTIONS for each in _commands_in(said(language, f"help-{section}"))]
    understood = [each for each in told if wish_of(each, language=language).intent != "chat"]
    assert len(told) >= 20
    # what has to be filled in, or was split in the middle, is not understood by itself
    assert len(understood) >= 0.6 * len(told), sorted(set(told) - set(understood))
