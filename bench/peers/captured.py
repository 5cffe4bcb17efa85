"""What a microphone of the bench captures, frame by frame: a faint room, and a clip when one is said."""

from functools import cache
from random import Random
from typing import Final

import numpy as np

from bench.peers.clips import RATE, Samples
from bench.peers.host import FRAME_BYTES

_ROOM_RMS: Final = 10.0
_ROOM_SECONDS: Final = 10
_FRAME_SAMPLES: Final = FRAME_BYTES // 2


class Captured:
    def __init__(self, seed: int) -> None:
        self._at = Random(seed).randrange(_ROOM_SECONDS * 40) * _FRAME_SAMPLES
        self._saying: Samples | None = None
        self._said = 0

    def say(self, samples: Samples) -> None:
        """From the next frame on."""
        self._saying, self._said = samples, 0

    def frame(self) -> bytes:
        """The next."""
        room = _room()
        self._at %= len(room) - _FRAME_SAMPLES
        here = room[self._at : self._at + _FRAME_SAMPLES]
        self._at += _FRAME_SAMPLES
        if self._saying is None:
            return here.tobytes()
        said = self._saying[self._said : self._said + _FRAME_SAMPLES]
        self._said += _FRAME_SAMPLES
        if self._said >= len(self._saying):
            self._saying = None
        mixed = here.astype(np.int32)
        mixed[: len(said)] += said
        return np.clip(mixed, -32_768, 32_767).astype(np.int16).tobytes()


@cache
def _room() -> Samples:
    return np.random.default_rng(1).normal(0, _ROOM_RMS, RATE * _ROOM_SECONDS).astype(np.int16)
