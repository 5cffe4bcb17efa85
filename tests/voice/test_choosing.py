"""Which of several voices says it, and what is said of a wish that none of them can fulfil."""

from collections.abc import Sequence
from contextlib import aclosing

import pytest

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed
from resilience.ladder import Ladder, Rung
from tests.fakes import ScriptedTts
from voice.choosing import known_voices, lacking, voice_called
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.tts.captions import Captions
from voice.types import Delivery, KnownVoice, Reason

pytestmark = pytest.mark.anyio

AMY = KnownVoice("piper:amy", "Amy, American English", "en")
THORSTEN = KnownVoice("piper:thorsten", "Thorsten, German", "de")
WOMAN = KnownVoice("espeak:en-gb+f2", "British English, a woman", "en")
MAN = KnownVoice("espeak:fr-fr", "French, a man", "fr")


class Several(ScriptedTts):
    def __init__(self, *voices: KnownVoice, fail: EngineFailed | None = None) -> None:
        super().__init__(fail=fail)
        self.voices = voices
        self.asked: list[Delivery] = []

    def takes(self, wanted: Delivery) -> Delivery:
        self.asked.append(wanted)
        return Delivery(voice=wanted.voice)


def on_a_ladder(*engines: TextToSpeech) -> Ladder[TextToSpeech]:
    rungs = [Rung(f"v{n}", each, CircuitBreaker(f"v{n}"), 2.0, 1.0) for n, each in enumerate(engines)]
    return Ladder("tts", rungs)


async def speaker(ladder: Ladder[TextToSpeech], wanted: Delivery) -> list[str]:
    who: list[str] = []
    async with aclosing(TieredTextToSpeech(ladder).synthesize("Hello.", wanted, answering=who.append)) as frames:
        async for _ in frames:
            pass
    return who


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        (Delivery(), "v0"),
        (Delivery(voice=AMY.name), "v0"),
        (Delivery(voice=THORSTEN.name), "v1"),
        (Delivery(voice=MAN.name, language="en"), "v2"),
        (Delivery(language="fr"), "v2"),
        (Delivery(language="es"), "v0"),
        (Delivery(voice="piper:gone"), "v0"),
        (Delivery(voice="piper:gone", language="de"), "v1"),
    ],
)
async def test_the_engine_that_has_what_is_wanted_is_asked_first(wanted: Delivery, who: str) -> None:
    ladder = on_a_ladder(Several(AMY), Several(THORSTEN), Several(WOMAN, MAN), Captions())
    assert await speaker(ladder, wanted) == [who]
    assert TieredTextToSpeech(ladder).speaking_with(wanted) == who


async def test_a_chosen_voice_that_fails_is_stood_in_for_from_the_top() -> None:
    broken = Several(THORSTEN, fail=EngineFailed("x", "gone"))
    ladder = on_a_ladder(Several(AMY), broken, Captions())
    assert await speaker(ladder, Delivery(voice=THORSTEN.name)) == ["v0"]


async def test_captions_stay_last_whatever_is_wanted() -> None:
    ladder = on_a_ladder(Several(AMY), Captions())
    for wanted in (Delivery(language="de"), Delivery(voice="gone"), Delivery()):
        assert await speaker(ladder, wanted) == ["v0"]


def test_each_voice_is_listed_once_the_best_engines_first() -> None:
    ladder = on_a_ladder(Several(AMY), Several(WOMAN, AMY, MAN), ScriptedTts(), Captions())
    assert known_voices(ladder) == (AMY, WOMAN, MAN)


ENGLISH, SPANISH = Reason("language-en"), Reason("language-es")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Delivery(), None),
        (Delivery(voice=AMY.name), None),
        (Delivery(language="en"), None),
        (Delivery(voice=THORSTEN.name), Reason("voice-away", (("name", "v0"),))),
        (
            Delivery(language="es"),
            Reason(
                "no-voice-for", (("language", Reason("language-es")), ("name", "v0"), ("own", Reason("language-en")))
            ),
        ),
        (Delivery(voice=AMY.name, language="es"), None),
    ],
)
def test_what_no_voice_can_do_is_told(wanted: Delivery, why: Reason | None) -> None:
    assert lacking(on_a_ladder(Several(AMY), Several(WOMAN), Captions()), wanted) == why
    assert lacking(on_a_ladder(Captions()), wanted) is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("piper:amy", AMY),
        ("Amy", AMY),
        ("the voice called amy", AMY),
        ("a woman's voice", WOMAN),
        ("female", WOMAN),
        ("the British woman", WOMAN),
        ("a man", MAN),
        ("French", MAN),
        ("thor", None),
        ("the voice", None),
        ("", None),
        ("a Spanish woman", None),
    ],
)
def test_a_voice_is_found_by_what_one_says_of_it(said: str, found: KnownVoice | None) -> None:
    voices: Sequence[KnownVoice] = (AMY, THORSTEN, WOMAN, MAN)
    assert voice_called(voices, said) == found
