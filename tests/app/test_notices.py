"""What the house tells a person of itself is told in their language, and everything has words in all of them."""

import ast
import re
from collections.abc import Iterator
from string import Formatter
from typing import get_args

import pytest

from app.events import Announce
from app.manner import Manner
from app.notices import NOTICES, because, in_words, told, why_offered
from app.own_manner import OwnManner
from app.part_news import news_of
from app.wire import Microphone
from graph.strings import LANGUAGES, catalogue
from graph.types import Language
from resilience.breaker import BreakerState, Transition
from resilience.errors import EngineError, EngineTimeout
from tests.app.story import story
from tests.fakes import Room, Talker
from tests.made import checkout
from voice.tiers import Ability, Means, News
from voice.types import Reason

pytestmark = pytest.mark.anyio

TELLING = {"tell", "_tell", "Reason", "_of_part"}
ERRORS: list[type[EngineError]] = [EngineError, *EngineError.__subclasses__()]
DOWN = Transition("stt/whisper", BreakerState.CLOSED, BreakerState.OPEN, 1, "no output within 2 s")


def _keys() -> Iterator[tuple[str, str]]:
    """Every key that is named where something is told, with the file that names it."""
    rooms = [path for room in ("app", "voice") for path in (checkout.TOP / room).rglob("*.py")]
    for path in rooms:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in TELLING:
                for each in [*node.args[:2]]:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value not in LANGUAGES:
                        yield each.value, path.name


def test_whatever_is_told_has_words() -> None:
    known = {*catalogue("en")[NOTICES], *catalogue("en")["said"]}  # a read-back is told from the latter
    named = [*_keys()]
    assert len(named) > 30
    assert [each for each in named if each[0] not in known] == []


@pytest.mark.parametrize(
    "key",
    [
        *get_args(News),
        *(f"microphone-{each}" for each in ("denied", "missing", "busy", "insecure", "failed")),
        *(f"nothing-{each}" for each in ("stt", "tts", "language")),
        *(f"part-{each}" for each in ("stt", "tts", "language", "memory")),
        *(f"state-{each}" for each in ("hearing", "queueing", "thinking")),
        *(f"ends-{each}" for each in ("over", "hold", "toggle")),
        *(f"language-{each}" for each in (*LANGUAGES, "other")),
        *(f"because-{each.code}" for each in ERRORS),
    ],
)
def test_what_is_named_by_its_parts_has_words_too(key: str) -> None:
    assert key in catalogue("en")[NOTICES]


def test_every_trouble_of_the_microphone_that_a_page_can_tell_has_words() -> None:
    states = get_args(Microphone.model_fields["state"].annotation)
    assert {f"microphone-{each}" for each in states} - {f"microphone-{each}" for each in ("on", "off", "muted")} <= {
        *catalogue("en")[NOTICES]
    }


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_notice_stands_in_english_in_another_language(language: Language) -> None:
    ours, english = catalogue(language)[NOTICES], catalogue("en")[NOTICES]
    same = [key for key, text in ours.items() if text == english[key]]
    assert same in ([], ["part-redis"], ["part-redis", "one-page", "pages"])  # a page is one in French as well
    for key, text in ours.items():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} == {
            name for _, name, _, _ in Formatter().parse(english[key]) if name
        }


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Speech recognition whisper is not working, so I go on without it. No output within 2 s."),
        ("de", "Die Spracherkennung whisper funktioniert gerade nicht, ich mache ohne weiter."),
        ("fr", "La reconnaissance vocale whisper ne fonctionne pas, je continue sans."),
        ("es", "El reconocimiento de voz whisper no funciona, así que sigo sin contar con ello."),
    ],
)
async def test_news_of_the_house_is_told_to_each_in_their_language(language: Language, text: str) -> None:
    news, room = news_of(DOWN), Room()
    assert isinstance(news, Announce)
    async with story(Talker("Hi."), room, manner=OwnManner(Manner(), {"language": language})) as at:
        await at.happens(news)
    assert room.texts == [text]


@pytest.mark.parametrize(
    ("language", "why", "said"),
    [
        ("en", "No voice is working. Espeak: no sound.", "I have lost my voice, so I answer in writing."),
        ("de", "Keine Stimme funktioniert.", "Meine Stimme ist weg, darum antworte ich schriftlich."),
        ("fr", "Aucune voix ne fonctionne.", "J'ai perdu ma voix, alors je réponds par écrit."),
        ("es", "No funciona ninguna voz.", "He perdido la voz, así que respondo por escrito."),
    ],
)
async def test_a_change_of_the_tier_is_shown_and_said_in_their_language(language: str, why: str, said: str) -> None:
    room, mute = Room(), Means(speaks=Ability(False, Reason("nothing-tts", detail="espeak: no sound")))
    async with story(Talker("Hi."), room, manner=OwnManner(Manner(), {"language": language})) as at:
        await at.type("hello")
        await at.engines_are(mute)
        await at.happens(Announce("info", "x", Reason("no-sound")))
    assert room.tiers[-1][1] == why
    assert room.captions[-1] == said


async def test_who_chooses_another_language_is_shown_anew_in_it_what_stands_on_the_page() -> None:
    room, own = Room(), OwnManner(Manner())
    async with story(Talker("Hi."), room, manner=own) as at:
        await at.engines_are(Means(hears=Ability(False, Reason("nothing-stt"))))
        own.choose(language="fr")
        await at.happens(Announce("info", "x", Reason("no-sound")))
    assert room.tiers[-1][1] == "Aucune reconnaissance vocale ne fonctionne."


def test_why_something_was_not_answered_is_told_from_its_codes_and_old_words_stay() -> None:
    assert why_offered("de", "left kept-days:30") == (
        "Die Verbindung endete vor der Antwort. Die Aufnahme wurde 30 Tage aufbewahrt."
    )
    assert why_offered("en", "The answer failed. made-room") == (
        "The answer failed. Its recording had to make room for newer ones."
    )
    assert why_offered("fr", "") == ""


def test_a_cause_in_english_is_told_to_who_is_spoken_to_in_english() -> None:
    error = EngineTimeout("turn log", "the disk did not answer within 1 s")
    assert because("en", error) == "the disk did not answer within 1 s"
    assert because("es", error) == "ha tardado demasiado"


def test_troubles_of_a_turn_are_told_in_four_languages() -> None:
    assert [in_words("memory:engine-timeout", each) for each in LANGUAGES] == [
        "Long-term memory took too long.",
        "La mémoire à long terme a mis trop de temps.",
        "Das Langzeitgedächtnis hat zu lange gebraucht.",
        "La memoria a largo plazo ha tardado demasiado.",
    ]


def test_what_is_told_has_no_loose_spaces_where_a_part_has_no_name() -> None:
    memory = Reason("part-back", (("part", Reason("part-memory")), ("name", "")))
    assert all(not re.search(r"  | [.,]", told(each, memory)) for each in LANGUAGES)
