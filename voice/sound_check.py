"""Can this be a voice saying that? Broken engines and servers answer with noise, with nothing, or without end.

Only what is certain is refused: half a sample, a rate no voice has, silence instead of words, bytes that are no PCM,
and sound for much longer than anybody could take to say it. A frame costs some microseconds.
"""

from typing import Final

import numpy as np

from resilience.errors import EngineFailed, InputRejected
from voice.types import AudioFrame

SAMPLE_RATES: Final = range(8_000, 96_001)
"""Hertz."""
LEAST_SECONDS: Final = 0.02
"""Statistics of less say nothing."""
CLIPPED_SHARE: Final = 0.3
"""Of the samples of a frame. Overdriven speech has a tenth."""
NOISE_RMS: Final = 0.4
NOISE_CROSSINGS: Final = 0.38
"""As loud as this, and the sign changing at so many samples: other bytes taken for PCM. Vowels are loud and cross
rarely, hisses cross often and are faint."""
GRACE_SECONDS: Final = 2.0
LETTER_SECONDS: Final = 0.25
"""Of a word; the slowest readers take half of that."""
CAPITAL_SECONDS: Final = 0.5
"""It may be spelled."""
OTHER_SECONDS: Final = 2.0
"""A digit, a sign or a letter of another script may be read out as words of its own."""


class SoundCheck:
    """Of one sentence, said by one engine."""

    def __init__(self, engine: str, sentence: str, rate: float) -> None:
        self._engine = engine
        self._sentence = sentence
        self._longest_seconds = longest_seconds(sentence) / min(rate, 1.0)  # not every voice can hurry
        self._seconds = 0.0
        self._silence: list[AudioFrame] = []
        """What the sound began with, kept back until it is known to be the beginning of something."""
        self._sounded = False

    def take(self, frame: AudioFrame) -> list[AudioFrame]:
        """What may be heard now. Raises `EngineFailed`."""
        if len(frame.pcm) % 2:
            raise self._failed("gave half a sample")
        if frame.sample_rate not in SAMPLE_RATES:
            raise self._failed(f"gave sound at {frame.sample_rate} Hz")
        if not frame.pcm:
            return []
        self._seconds += frame.seconds
        if self._seconds > self._longest_seconds:
            raise self._failed(f"does not stop: {self._seconds:.0f} s of sound for one sentence")
        if not self._sounded and not any(frame.pcm):
            self._silence.append(frame)
            return []
        if frame.seconds >= LEAST_SECONDS and is_noise(frame):
            raise self._failed("gave noise")
        heard = [*self._silence, frame]
        self._silence.clear()
        self._sounded = True
        return heard

    def end(self) -> None:
        """It says that this was all. Raises `EngineFailed`, or `InputRejected` when it may not know the script."""
        if self._sounded or not any(map(str.isalnum, self._sentence)):
            return
        if any(each.isascii() and each.isalnum() for each in self._sentence):
            raise self._failed("gave no sound for words")
        raise InputRejected(self._engine, "gave no sound for words in another script")

    def _failed(self, reason: str) -> EngineFailed:
        return EngineFailed(self._engine, reason)


def longest_seconds(sentence: str) -> float:
    """Nobody takes longer to say it at the rate 1."""
    return GRACE_SECONDS + sum(map(_longest_seconds, sentence))


def _longest_seconds(letter: str) -> float:
    if not letter.isascii() or letter.isdigit():
        return OTHER_SECONDS
    return CAPITAL_SECONDS if letter.isupper() else LETTER_SECONDS


def is_noise(frame: AudioFrame) -> bool:
    samples = np.frombuffer(frame.pcm, np.dtype("<i2"))
    loud = samples.astype(np.float32)
    if np.count_nonzero(np.abs(loud) >= 32_767) > CLIPPED_SHARE * len(samples):
        return True
    rms = float(np.sqrt(np.dot(loud, loud) / len(loud))) / 32_768
    if rms < NOISE_RMS:
        return False
    below = samples < 0
    return int(np.count_nonzero(below[1:] != below[:-1])) > NOISE_CROSSINGS * len(samples)
