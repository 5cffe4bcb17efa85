"""What is asked of an utterance beside its words: is it audio, is there any sound in it, how much, and of what kind?"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from resilience.errors import InputRejected
from voice.types import SAMPLE_RATE, Utterance

_WINDOW: Final = 512
"""Samples: 32 ms."""
_HEARABLE_RMS: Final = 16.0
"""About -66 dB of full scale: below the hiss of any microphone that is switched on."""
_CLEAR_RMS: Final = 64.0
_BACKGROUND: Final = 0.1
_EVEN: Final = 1.41
"""By so much, 3 dB, changes what nobody speaks in (white noise: 1 dB), and not what somebody does: by 6 dB in a noise
that is as loud as they are.
"""
_EVEN_SECONDS: Final = 0.5
"""Of less nobody can tell: it may be one vowel."""
_QUIET_SECONDS: Final = 0.3


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
    return bool((_levels(samples) >= _HEARABLE_RMS).any())


def sound_seconds(utterance: Utterance) -> float:
    """How much of it is not background: within 20 dB of its loudest moment."""
    return int(np.count_nonzero(_is_loud(utterance))) * _WINDOW / SAMPLE_RATE


def has_faded(so_far: Utterance, later: Utterance) -> bool:
    """Whether what came since, of the same utterance, is background."""
    known = len(so_far.audio.pcm) // (2 * _WINDOW)
    return not bool(_is_loud(later)[known:].any())


def is_steady(utterance: Utterance) -> bool:
    """Whether it is as loud all the time: a fan, a hum, and nobody who speaks."""
    if utterance.audio.seconds < _EVEN_SECONDS:
        return False
    low, high = np.percentile(_levels_of(utterance), (10, 90))
    return bool(high <= _EVEN * low)


def quiet_moment(samples: NDArray[np.int16], near: int) -> int:
    """The sample at which the quietest 32 ms begin, of those some tenths of a second around: rather between words."""
    first = max(0, near - round(_QUIET_SECONDS * SAMPLE_RATE))
    levels = _levels(samples[first : near + round(_QUIET_SECONDS * SAMPLE_RATE)])
    return first + int(levels.argmin()) * _WINDOW if len(levels) else near


def _is_loud(utterance: Utterance) -> NDArray[np.bool_]:
    """For each whole window."""
    levels = _levels_of(utterance)
    return np.asarray(levels >= max(_CLEAR_RMS, _BACKGROUND * float(levels.max(initial=0.0))))


def _levels_of(utterance: Utterance) -> NDArray[np.float32]:
    pcm = utterance.audio.pcm
    return _levels(np.frombuffer(pcm, np.dtype("<i2"), len(pcm) // 2))


def _levels(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Of each whole window, as its root mean square."""
    whole = len(samples) - len(samples) % _WINDOW
    mean = np.square(samples[:whole].astype(np.float32)).reshape(-1, _WINDOW).mean(axis=1)
    return np.asarray(np.sqrt(mean), np.float32)
