"""A network at its work: what it takes for its word in sound that never ends, and how sure one can be of so few."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voice.protocols import WakeWord
from voice.types import SAMPLE_RATE
from voice.wake.watch import STEP_BYTES

Samples = NDArray[np.float32]

ONE_ALARM_SECONDS: Final = 2.0
STEP_SECONDS: Final = STEP_BYTES / (2 * SAMPLE_RATE)


@dataclass(slots=True)
class Listening:
    """One ear, at several thresholds at once; it is not reset between sounds, as it is not in a house."""

    ear: WakeWord
    thresholds: Sequence[float]
    seconds: float = 0.0
    alarms: dict[float, list[float]] = field(default_factory=dict)
    """By threshold: when it was heard, in seconds of sound; within a moment that is once."""
    most: float = 0.0
    """How likely it was at the most, since somebody last asked."""
    _rest: bytes = b""

    def hear(self, sound: Samples) -> None:
        pcm = self._rest + pcm_of(sound)
        whole = len(pcm) // STEP_BYTES * STEP_BYTES
        self._rest = pcm[whole:]
        lowest = min(self.thresholds)
        for at in range(0, whole, STEP_BYTES):
            likely = self.ear.process(pcm[at : at + STEP_BYTES])
            self.seconds += STEP_SECONDS
            self.most = max(self.most, likely)
            if likely >= lowest:
                self._heard(likely)

    def _heard(self, likely: float) -> None:
        for threshold in self.thresholds:
            found = self.alarms.setdefault(threshold, [])
            if likely >= threshold and (not found or self.seconds - found[-1] > ONE_ALARM_SECONDS):
                found.append(self.seconds)

    def count(self, threshold: float) -> int:
        return len(self.alarms.get(threshold, ()))

    def afresh(self) -> None:
        """With nothing heard and nothing counted."""
        self.ear.reset()
        self.seconds, self.most, self._rest = 0.0, 0.0, b""
        self.alarms.clear()


def pcm_of(sound: Samples) -> bytes:
    return bytes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())


def at_most(count: int, sure: float = 0.95) -> float:
    """As many as this are to be expected, at the most, of what happens by chance and was seen `count` times: the exact
    bound of Poisson's law. For none it is 3.0, the rule of three.
    """
    low, high = float(count), 3.0 * count + 20.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        seen_so_few = sum(math.exp(k * math.log(middle) - middle - math.lgamma(k + 1)) for k in range(count + 1))
        low, high = (low, middle) if seen_so_few < 1 - sure else (middle, high)
    return high
