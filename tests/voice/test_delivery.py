"""Sound shaped after a voice has made it, and words that are said otherwise than they are written."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilience.breaker import CircuitBreaker
from resilience.ladder import Ladder, Rung
from tests.fakes import ScriptedTts
from tests.made.hearing import joined, pitch, spoken_seconds
from tests.made.speech import speech, tone
from voice.delivery import STEP, Shaper, respelled, steps
from voice.ladders import TieredTextToSpeech
from voice.tts.portions import framed
from voice.types import AS_USUAL, SAMPLE_RATE, AudioFrame, Delivery

TEXT = "Good morning, and thank you for asking about the weather in the mountains today."


def shaped(pcm: bytes, delivery: Delivery, done: Delivery = AS_USUAL, rate: int = SAMPLE_RATE) -> AudioFrame:
    return joined(_frames(pcm, Shaper(delivery, done), rate))


def _frames(pcm: bytes, shaper: Shaper, rate: int) -> Iterator[AudioFrame]:
    for frame in framed(pcm, rate):
        yield from shaper.take(frame)
    yield from shaper.rest()


@pytest.mark.parametrize("voice", ["slt", "en-us"])
@pytest.mark.parametrize("rate", [0.5, 0.75, 1.5, 2.0, 3.0])
def test_speech_gets_faster_and_keeps_its_pitch(voice: str, rate: float) -> None:
    usual = AudioFrame(speech(TEXT, voice))
    other = shaped(usual.pcm, Delivery(rate=rate))
    assert spoken_seconds(usual) / spoken_seconds(other) == pytest.approx(rate, rel=0.02)
    assert pitch(other) == pytest.approx(pitch(usual), rel=0.03)


@pytest.mark.parametrize("higher", [0.5, 0.75, 1.5, 2.0])
def test_speech_gets_higher_and_takes_as_long(higher: float) -> None:
    usual = AudioFrame(speech(TEXT))
    other = shaped(usual.pcm, Delivery(pitch=higher))
    assert pitch(other) / pitch(usual) == pytest.approx(higher, rel=0.04)
    assert spoken_seconds(other) == pytest.approx(spoken_seconds(usual), rel=0.02)


def test_what_the_voice_did_itself_is_not_done_again() -> None:
    pcm = tone(1.0)
    assert shaped(pcm, Delivery(rate=2), done=Delivery(rate=2)).pcm == pcm
    assert shaped(pcm, Delivery(rate=3), done=Delivery(rate=1.5)).seconds == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("rate", [0.5, 0.75, 1.5, 2.0, 3.0])
def test_the_last_sound_of_a_sentence_comes_out_whole(rate: float) -> None:
    """A beep at the very end, of a pitch of its own."""
    usual = AudioFrame(tone(0.6, 200) + tone(0.05, 900))
    assert beep(shaped(usual.pcm, Delivery(rate=rate))) * rate == pytest.approx(beep(usual), rel=0.2)


def beep(sound: AudioFrame) -> float:
    """How much there is of 900 Hz."""
    samples = np.frombuffer(sound.pcm, np.int16).astype(np.float64)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    power = np.abs(np.fft.rfft(samples)) ** 2 / len(samples)
    return float(np.sum(power[(hertz > 800) & (hertz < 1000)]))


@pytest.mark.parametrize("milliseconds", [20, 90])
@pytest.mark.parametrize("delivery", [Delivery(rate=3), Delivery(rate=0.5), Delivery(pitch=2)])
def test_even_a_short_sound_is_heard(milliseconds: int, delivery: Delivery) -> None:
    pcm = tone(milliseconds / 1000)
    assert any(shaped(pcm, delivery).pcm)


def test_sound_comes_before_the_sentence_is_over() -> None:
    shaper, frames = Shaper(Delivery(rate=2), Delivery()), list(framed(tone(1.0), SAMPLE_RATE))
    until_heard = next(n for n, frame in enumerate(frames) if list(shaper.take(frame)))
    assert until_heard * frames[0].seconds < 0.25


def test_steps_are_small_enough_and_make_the_whole() -> None:
    for tempo in (0.25, 0.5, 0.99, 1.0, 1.3, 2.0, 3.0, 6.0):
        made = steps(tempo)
        assert np.prod(made) == pytest.approx(tempo, rel=0.011)
        assert all(1 / STEP <= step <= STEP for step in made)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ask Siobhan.", "Ask shivawn."),
        ("SIOBHAN'S here, siobhan-like", "shivawn'S here, shivawn-like"),
        ("Siobhanna stays", "Siobhanna stays"),
        ("a GIF, not a gif", "a jiff, not a gif"),
        ("New  York and New York City", "noo york and the city"),
        ("C++ is a language", "see plus plus is a language"),
        ("Zoe\u0308 came", "zo-ee came"),
    ],
)
def test_whole_words_are_said_as_the_list_has_them(written: str, said: str) -> None:
    listed = {
        "siobhan": "shivawn",
        "GIF": "jiff",
        "new york": "noo york",
        "new york city": "the city",
        "c++": "see plus plus",
        "Zo\u00eb": "zo-ee",
    }
    assert respelled(written, tuple(listed.items())) == said


def test_what_is_said_for_one_word_is_not_looked_up_again() -> None:
    assert respelled("one two", (("one", "two"), ("two", "three"))) == "two three"


@settings(max_examples=25, deadline=None)
@given(
    st.text(max_size=40), st.dictionaries(st.text(min_size=1, max_size=6), st.text(min_size=1, max_size=6), max_size=5)
)
def test_any_list_can_be_applied_to_any_text(text: str, listed: dict[str, str]) -> None:
    respelled(text, tuple(listed.items()))


@pytest.mark.anyio
async def test_a_voice_is_asked_for_the_words_as_they_are_said() -> None:
    engine = ScriptedTts()
    voice = TieredTextToSpeech(Ladder("tts", [Rung("one", engine, CircuitBreaker("tts/one"), 10.0, 5.0)]))
    async with aclosing(voice.synthesize("Ask Siobhan.", Delivery(pronunciations=(("siobhan", "shivawn"),)))) as frames:
        assert [frame async for frame in frames]
    assert engine.said == ["Ask shivawn."]


class Whole:
    """Says everything in one frame, and then no more for a while."""

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        yield AudioFrame(tone(1.0))


@pytest.mark.anyio
async def test_an_engine_that_can_nothing_but_speak_is_shaped_all_the_same() -> None:
    voice = TieredTextToSpeech(Ladder("tts", [Rung("one", Whole(), CircuitBreaker("tts/one"), 10.0, 5.0)]))
    async with aclosing(voice.synthesize("Hello.", Delivery(rate=2, pitch=1.5))) as sound:
        made = joined([frame async for frame in sound])
    assert made.seconds == pytest.approx(0.5, abs=0.04)
    assert pitch(made) == pytest.approx(330, rel=0.03)
