"""What recognisers ask of an utterance before they listen: is it audio they can use, and is there any sound in it?"""

import numpy as np
from numpy.typing import NDArray

from resilience.errors import InputRejected
from voice.types import SAMPLE_RATE, Utterance

_WINDOW = 512
_HEARABLE_RMS = 16.0
"""About -66 dB of full scale: below the hiss of any microphone that is switched on."""


def samples_of(utterance: Utterance, engine: str) -> NDArray[np.int16]:
    """The utterance's samples, without a copy. Raises `InputRejected` for half a sample or another rate than 16 kHz."""
    audio = utterance.audio
    if audio.sample_rate != SAMPLE_RATE:
        raise InputRejected(engine, f"audio at {audio.sample_rate} Hz; {SAMPLE_RATE} Hz is needed")
    if len(audio.pcm) % 2:
        raise InputRejected(engine, "16-bit audio with an odd number of bytes")
    return np.frombuffer(audio.pcm, np.dtype("<i2"))


def holds_sound(samples: NDArray[np.int16]) -> bool:
    """Whether any 32 ms of it could be heard. Recognisers invent words where a muted microphone gave none."""
    whole = len(samples) - len(samples) % _WINDOW
    windows = samples[:whole].astype(np.float32).reshape(-1, _WINDOW)
    return bool((np.square(windows).mean(axis=1) >= _HEARABLE_RMS**2).any())
