"""The echo of a reply is told from somebody who speaks."""

import numpy as np
import pytest

from tests.made.speech import speech
from voice.own_voice import DeafToItself, Floats
from voice.settings import EndpointingSettings
from voice.types import SAMPLE_RATE

WINDOW = 512
REPLY = "Tomorrow looks dry until the afternoon and after that there may be a shower or two in the evening"
TALK = "no i meant the day after tomorrow"


class _Loud:
    """Whatever can be heard at all is speech."""

    window_bytes = 2 * WINDOW

    def __init__(self) -> None:
        self.resets = 0

    def probability(self, window: bytes) -> float:
        return float(np.abs(np.frombuffer(window, "<i2").astype(np.float32)).mean() > 60)

    def reset(self) -> None:
        self.resets += 1


def sound(text: str, voice: str) -> Floats:
    return np.asarray(np.frombuffer(speech(text, voice), "<i2").astype(np.float32) / 32768, np.float32)


@pytest.fixture(scope="module")
def reply() -> Floats:
    return sound(REPLY, "slt")


@pytest.fixture(scope="module")
def talk() -> Floats:
    return sound(TALK, "rms")


def echo_of(played: Floats, delay: float, level: float) -> Floats:
    random = np.random.default_rng(1)
    at = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    room = random.standard_normal(len(at)) * np.exp(-25 * at)
    echo = np.convolve(played, room / np.sqrt((room**2).sum()))[: len(played)] * level
    late = int(delay * SAMPLE_RATE)
    heard = random.standard_normal(len(played)) * 3e-4
    heard[late:] += echo[: len(played) - late]
    return np.asarray(heard, np.float32)


def judged(heard: Floats, played: Floats | None, *, from_sample: int = 0) -> tuple[list[float], list[float]]:
    """For each window, what the detector says without the guard, and with it, where something is played from there."""
    at = 0

    def sounding(samples: int) -> Floats | None:
        return None if played is None or at < from_sample else played[at : at + samples]

    plain = _Loud()
    guarded = DeafToItself(_Loud(), sounding)
    without, with_guard = [], []
    for at in range(0, len(heard) - WINDOW, WINDOW):
        pcm = (np.clip(heard[at : at + WINDOW], -1, 1) * 32767).astype("<i2").tobytes()
        without.append(plain.probability(pcm))
        with_guard.append(guarded.probability(pcm))
    return without, with_guard


def onset(probabilities: list[float], start: int = 0) -> int | None:
    """The window that ends the first three in a row."""
    rows = (at for at in range(start + 2, len(probabilities)) if min(probabilities[at - 2 : at + 1]) >= 0.5)
    return next(rows, None)


@pytest.mark.parametrize(("delay", "level"), [(0.02, 0.5), (0.15, 0.15), (0.4, 0.5)])
def test_an_echo_is_not_speech(reply: Floats, delay: float, level: float) -> None:
    without, guarded = judged(echo_of(reply, delay, level), reply)
    assert onset(without) is not None
    assert sum(guarded) < 0.12 * sum(without)  # it takes a moment to be known


@pytest.mark.parametrize("delay", [0.02, 0.4])
def test_somebody_who_speaks_over_the_echo_is_heard(reply: Floats, talk: Floats, delay: float) -> None:
    heard = echo_of(reply, delay, 0.3)
    start = 2 * SAMPLE_RATE
    heard[start : start + len(talk)] += talk[: len(heard) - start]
    _, guarded = judged(heard, reply)
    begins = onset(guarded, start // WINDOW)
    assert begins is not None
    assert (begins * WINDOW - start) / SAMPLE_RATE < 0.5


def test_without_an_echo_everybody_is_heard(reply: Floats, talk: Floats) -> None:
    """The user wears headphones, or the browser has taken the echo away."""
    heard = echo_of(reply, 0.1, 0.0)
    start = 2 * SAMPLE_RATE
    heard[start : start + len(talk)] += talk[: len(heard) - start]
    without, guarded = judged(heard, reply)
    first = start // WINDOW
    assert guarded[first:] == without[first:]


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4])
def test_who_speaks_into_the_first_words_of_all_is_heard_again_within_the_pre_roll(
    reply: Floats, talk: Floats, seconds: float
) -> None:
    """That both began at about the same time does not make the one an echo of the other."""
    start = SAMPLE_RATE
    played = np.concatenate([np.zeros(start, np.float32), reply])
    heard = echo_of(played, 0.1, 0.0)
    begins = start + int(seconds * SAMPLE_RATE)
    heard[begins : begins + len(talk)] += talk[: len(heard) - begins]
    without, guarded = judged(heard, played)
    sounds = start + int(np.flatnonzero(np.abs(reply) > 0.01)[0])
    again = (sounds + int(EndpointingSettings().preroll_seconds * SAMPLE_RATE)) // WINDOW + 3
    assert guarded[again:] == without[again:]


def test_who_was_speaking_when_the_sound_began_is_heard_throughout(reply: Floats, talk: Floats) -> None:
    start = 2 * SAMPLE_RATE
    played = np.concatenate([np.zeros(start, np.float32), reply])
    heard = echo_of(played, 0.1, 0.0)
    begins = start - SAMPLE_RATE // 2
    heard[begins : begins + len(talk)] += talk[: len(heard) - begins]
    without, guarded = judged(heard, played, from_sample=start)
    assert guarded == without


def test_while_nothing_is_played_the_detector_is_left_alone(talk: Floats) -> None:
    without, guarded = judged(talk, None)
    assert guarded == without


def test_a_new_microphone_is_news_to_the_detector() -> None:
    loud = _Loud()
    ear = DeafToItself(loud, lambda _: None)
    ear.reset()
    assert loud.resets == 1
    assert ear.window_bytes == loud.window_bytes
