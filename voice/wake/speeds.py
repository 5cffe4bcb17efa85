"""A word listened for at three speeds: in the sound as it is, and in the same a little slower and faster.

A slower sound is lower too, a faster one higher. Who speaks so that a network misses the word is heard at one of the
other speeds; so much surer may it have to be that fewer other words are taken for it than by one that listens alone.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import soxr

from voice.protocols import WakeWord
from voice.types import SAMPLE_RATE

BESIDES: Final = (0.85, 1.16)
"""The other speeds. Nearer to the usual one they miss what it misses; farther away they miss much more."""


class AtSpeeds:
    """The word is as likely as it is at that speed at which it is the likeliest."""

    def __init__(self, load: Callable[[], WakeWord]) -> None:
        """`load` is called for each speed, and this raises what it raises."""
        self._usual = load()
        self._besides = [(load(), _resampler(speed)) for speed in BESIDES]

    def process(self, pcm: bytes) -> float:
        samples = np.frombuffer(pcm, "<i2")
        besides = [ear.process(resampler.resample_chunk(samples).tobytes()) for ear, resampler in self._besides]
        return max(self._usual.process(pcm), *besides)

    def reset(self) -> None:
        self._usual.reset()
        for ear, resampler in self._besides:
            ear.reset()
            resampler.clear()


def _resampler(speed: float) -> Any:
    """Of the quality that hands on what it is given; better ones keep a second's worth back first."""
    return soxr.ResampleStream(SAMPLE_RATE, SAMPLE_RATE / speed, 1, dtype="int16", quality="LQ")
