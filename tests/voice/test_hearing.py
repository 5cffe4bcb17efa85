"""Which recogniser hears it, by the language of whoever speaks."""

import pytest

from resilience.errors import EngineFailed
from tests.fakes import LOUD, ScriptedStt
from tests.voice.test_ladders import ears
from voice.hearing import deaf_to, languages_of
from voice.ladders import TieredSpeechToText
from voice.stt.typed import Typed
from voice.types import AudioFrame, Reason, Transcript, Utterance

pytestmark = pytest.mark.anyio


class Knows(ScriptedStt):
    """A recogniser of these languages."""

    def __init__(self, said: str | EngineFailed, *languages: str) -> None:
        super().__init__(said)
        self._languages = languages

    @property
    def languages(self) -> tuple[str, ...]:
        return self._languages


def spoken(language: str | None) -> Utterance:
    return Utterance(AudioFrame(100 * LOUD), 0.0, 1.0, language=language)


@pytest.mark.parametrize(
    ("language", "text"), [(None, "english"), ("", "english"), ("en", "english"), ("de", "deutsch"), ("es", "any")]
)
async def test_a_recogniser_that_knows_the_language_is_asked_first(language: str | None, text: str) -> None:
    ladder = TieredSpeechToText(ears(Knows("english", "en"), Knows("deutsch", "de"), ScriptedStt("any"), Typed()))
    assert (await ladder.transcribe(spoken(language))).text == text


async def test_where_none_knows_it_they_are_heard_all_the_same() -> None:
    ladder = TieredSpeechToText(ears(Knows("speak english", "en"), Typed()))
    assert (await ladder.transcribe(spoken("de"))).text == "speak english"


async def test_where_the_one_that_knows_it_fails_the_others_hear_it() -> None:
    broken = Knows(EngineFailed("x", "boom"), "de")
    ladder = TieredSpeechToText(ears(Knows("english", "en"), broken, Typed()))
    assert (await ladder.transcribe(spoken("de"))).text == "english"


def test_whoever_is_not_understood_by_ear_can_be_told_why() -> None:
    english = ears(Knows("english", "en"), Typed())
    assert deaf_to(english, "en") is None
    assert deaf_to(english, "de") == Reason(
        "heard-only", (("heard", Reason("language-en")), ("language", Reason("language-de")))
    )
    assert deaf_to(ears(Knows("english", "en"), Knows("all", "en", "de"), Typed()), "de") is None
    assert deaf_to(ears(ScriptedStt("any"), Typed()), "de") is None
    assert deaf_to(ears(Typed()), "de") is None


def test_a_recogniser_that_does_not_say_may_know_any() -> None:
    assert languages_of(ScriptedStt(Transcript("hello"))) == ()
