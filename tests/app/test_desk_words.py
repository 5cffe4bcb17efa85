"""What the desk says, in four languages."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.desk_words import DESK, count_messages, name_of, tell_when
from app.manner import Manner
from graph.intents import wish_of
from graph.strings import LANGUAGES, catalogue
from graph.types import Language

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language_with_the_same_places_to_fill_in(language: Language) -> None:
    def places(texts: object) -> dict[str, list[str]]:
        assert isinstance(texts, dict)
        return {key: sorted(set(re.findall(r"{(\w+)}", text))) for key, text in texts.items()}

    assert places(catalogue(language)[DESK]) == places(catalogue("en")[DESK])


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "today, yesterday, on 2 May, on 24 December 2024"),
        ("fr", "aujourd'hui, hier, le 2 mai, le 24 décembre 2024"),
        ("de", "heute, gestern, am 2. Mai, am 24. Dezember 2024"),
        ("es", "hoy, ayer, el 2 de mayo, el 24 de diciembre de 2024"),
    ],
)
def test_a_day_is_told_as_one_says_it(language: Language, told: str) -> None:
    days = (0, 1, 3, 132)
    assert ", ".join(tell_when(language, NOW - timedelta(days=each), NOW) for each in days) == told


def test_one_message_is_one_and_every_choice_has_a_name() -> None:
    assert [count_messages("en", count) for count in (0, 1, 2)] == ["0 messages", "one message", "2 messages"]
    assert name_of("de", "reads_back") == "das Zurücklesen"
    assert all(name_of("en", field) for field in Manner.model_fields)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "next/previous/open the second one/open the first one/read my last conversation/"
                "search my conversations for bread/rename this conversation to lawn"
            ),
        ),
        (
            "fr",
            (
                "suivant/précédent/ouvre la deuxième/ouvre la première/lis ma dernière conversation/"
                "cherche dans mes conversations pain/renomme cette conversation en jardin"
            ),
        ),
        (
            "de",
            (
                "weiter/zurück/öffne das zweite/öffne das erste/lies mein letztes gespräch vor/"
                "durchsuche meine gespräche nach brot/benenne dieses gespräch um in garten"
            ),
        ),
        (
            "es",
            (
                "siguiente/anterior/abre la segunda/abre la primera/lee mi última conversación/"
                "busca en mis conversaciones pan/cambia el nombre de esta conversación a jardín"
            ),
        ),
    ],
)
def test_what_people_are_told_to_say_is_understood(language: Language, said: str) -> None:
    wishes = [wish_of(each, language=language) for each in said.split("/")]
    assert wishes[0].intent in ("next", "go-on")  # which means the next, where something is read or listed
    assert [each.intent for each in wishes[1:]] == [
        "previous",
        "open-conversation",
        "open-conversation",
        "read-conversation",
        "search-conversations",
        "rename-conversation",
    ]
    assert [each.about for each in wishes[2:5]] == ["#2", "#1", ""]
