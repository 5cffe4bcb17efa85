"""In which language a person is shown things, spoken to and heard, where they chose one and where they did not."""

from collections.abc import AsyncGenerator

import anyio
import pytest

from app.events import MicrophoneOpened
from app.languages import which_languages
from app.manner import Manner
from app.own_manner import OwnManner
from app.standing import Standing
from app.turn import Turn
from graph.strings import LANGUAGES
from graph.types import Account, Directive, TurnId
from tests.app.story import story
from tests.fakes import LOUD, QUIET, Room, ScriptedStt, ScriptedTts, Talker
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame, Reason, Transcript

pytestmark = pytest.mark.anyio

GERMAN = Transcript("wie spät ist es", "whisper", "de", 0.9, is_detected=True)
ENGLISH_ONLY = Reason("heard-only", (("heard", Reason("language-en")), ("language", Reason("language-de"))))


class Spoken(ScriptedTts):
    """Remembers in which language each sentence was wanted."""

    @property
    def languages(self) -> list[str]:
        return [each.language for each in self.deliveries]


def test_what_was_chosen_goes_before_the_page_and_the_page_before_the_house() -> None:
    def now() -> set[str]:
        return {own.language, own.tongue}

    own = OwnManner(Manner(), language="fr")
    assert now() == {"fr"}
    own.pages_language = "de"
    assert now() == {"de"}
    own.choose(language="es")
    assert now() == {"es"}


def test_what_they_are_heard_to_speak_changes_how_they_are_spoken_to_and_no_word_of_the_page() -> None:
    own = OwnManner(Manner())
    assert own.heard(GERMAN)
    assert (own.language, own.tongue) == ("en", "de")
    assert not own.heard(GERMAN)
    own.choose(language="fr")
    assert (own.language, own.tongue) == ("fr", "fr")


@pytest.mark.parametrize(
    "transcript",
    [
        Transcript("hello"),
        Transcript("hallo", "pocketsphinx", "de"),
        Transcript("ciao", "whisper", "it", 0.9, is_detected=True),
    ],
)
def test_what_was_typed_or_not_heard_for_certain_or_in_none_of_ours_changes_nothing(transcript: Transcript) -> None:
    own = OwnManner(Manner())
    assert not own.heard(transcript)
    assert own.tongue == "en"


@pytest.mark.parametrize(
    ("chosen", "page", "hint"),
    [("auto", None, None), ("auto", "en", None), ("auto", "de", ""), ("de", None, "de"), ("en", "de", "en")],
)
def test_a_recogniser_is_told_what_was_chosen_or_to_find_out_for_who_has_another_page(
    chosen: str, page: str | None, hint: str | None
) -> None:
    own = OwnManner(Manner(), {"language": chosen})
    own.pages_language = page  # type: ignore[assignment]  # a test names one of ours
    assert own.hint == hint


async def test_the_utterance_carries_the_language_and_the_words() -> None:
    stt, own = ScriptedStt("hallo"), OwnManner(Manner(), {"language": "de", "vocabulary": ["Siobhan"]})
    async with story(Talker("Hallo."), Room(), stt=stt, manner=own) as told:
        await told.say()
        await anyio.sleep(2)
    assert {(each.language, each.vocabulary) for each in stt.calls} == {("de", ("Siobhan",))}


async def test_an_answer_is_spoken_in_the_language_of_the_page_and_then_of_the_question() -> None:
    tts, own = Spoken(), OwnManner(Manner())
    own.pages_language = "fr"
    async with story(Talker("Ja."), Room(), stt=ScriptedStt("hello", GERMAN), tts=tts, manner=own) as told:
        for _ in range(2):
            await told.say()
            await anyio.sleep(3)
    assert tts.languages == ["fr", "de"]


class _InTongue(Talker):
    """Answers in the language that the person is spoken to in when they ask."""

    def __init__(self, own: OwnManner) -> None:
        super().__init__("")
        self._own = own
        self._stands = anyio.Event()

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        yield f"{self._own.tongue}."
        yield Account("with-memory", "", ())
        if provisional:
            await self._stands.wait()

    def stands(self, turn: TurnId) -> bool:
        self._stands.set()
        return True


async def test_an_answer_that_was_begun_in_another_language_is_begun_anew() -> None:
    own, room = OwnManner(Manner()), Room()
    stt = ScriptedStt(Transcript("what time is it", "whisper", "de", 0.9, is_detected=True))
    async with story(_InTongue(own), room, stt=stt, detector=Lexical("en"), manner=own) as told:
        for pcm, count in ((LOUD, 50), (QUIET, 100)):  # as it comes from a microphone: in its pause it is begun
            for _ in range(count):
                await told.ends.microphone.send(AudioFrame(pcm))
                await anyio.sleep(0.01)
        await anyio.sleep(3)
    assert told.meters.fates == [False]
    assert room.captions == ["de."]


async def test_who_is_not_understood_by_ear_is_told_once_when_they_open_their_microphone() -> None:
    own = OwnManner(Manner(), {"language": "de"})
    text = (
        "Gesprochen verstehe ich nur Englisch. Eine Spracherkennung für Deutsch gibt es auf der Seite Engines. "
        "Tippen kannst du auch auf Deutsch."
    )
    for said in ([text], []):  # the second session of theirs says nothing of it
        room = Room()
        async with story(Talker("Gut."), room, manner=own, deaf_to={"de": ENGLISH_ONLY}.get) as told:
            await told.happens(MicrophoneOpened())
            await told.happens(MicrophoneOpened())
            await anyio.sleep(5)
        assert room.texts == said
        assert " ".join(room.captions) == " ".join(said)


async def test_who_asks_for_a_language_that_is_not_heard_is_told_so_at_once() -> None:
    room, own = Room(), OwnManner(Manner())
    async with story(Talker("Hi."), room, manner=own, deaf_to={"de": ENGLISH_ONLY}.get) as told:
        await told.happens(MicrophoneOpened())
        assert room.texts == []
        own.choose(language="de")
        await anyio.sleep(1)
    assert room.notices == [("warning", "language-unheard")]


async def test_a_turn_that_changes_the_language_begins_to_be_spoken_in_the_one_before() -> None:
    own = OwnManner(Manner(), {"language": "de"})
    assert own.delivery_for(Turn(before={"language": "fr"})).language == "fr"
    assert own.delivery_for(Turn(before={"language": None})).language == "en"


STANDING = [
    Standing("stt", "pocketsphinx", "in-use", languages=("en",)),
    Standing("stt", "typed", "standby"),
    Standing("tts", "espeak", "in-use", languages=("en", "fr", "de", "es")),
    Standing("tts", "captions", "standby"),
]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("", "By ear I understand English. I speak English, French, German, Spanish. "),
        ("other", "That is not among the languages that I am made for. By ear I understand English. "),
        ("en", "Yes: I understand English by ear, and I speak it."),
        ("de", "I speak German and read it, but by ear I do not understand it. "),
    ],
)
def test_which_languages_are_known_is_told_as_it_is(asked: str, text: str) -> None:
    assert which_languages("en", asked, STANDING).startswith(text)


def test_what_the_engines_do_not_say_or_cannot_do_is_told_as_it_is() -> None:
    failed = [Standing("stt", "whisper", "failed", "gone", languages=("de",)), Standing("tts", "captions", "in-use")]
    server = [Standing("stt", "openai-compatible (w)", "in-use"), Standing("tts", "piper", "in-use", languages=("it",))]
    many = [Standing("stt", "faster-whisper", "in-use", languages=("en", "de", "it", "nl")), *STANDING[2:]]
    assert which_languages("en", "", failed).startswith("No speech recogniser is working")
    assert which_languages("en", "", server).startswith("Which languages I understand by ear, my recogniser does not")
    assert "English, German, and 2 more" in which_languages("en", "", many)
    assert which_languages("en", "de", failed).startswith("I read German, but by ear I do not understand it, and I ")
    assert all(which_languages(each, "fr", STANDING) for each in LANGUAGES)
