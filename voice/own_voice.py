"""Tells the echo of what is being played from somebody who speaks, on top of it or instead.

Sound is looked at as power in bands of speech, every 16 ms. Where the microphone's follow those of what was played, at
a delay that holds, there is an echo; how loud it comes back in each band is learnt. What is much louder than that echo
can be is somebody else. Synchronous; less than a millisecond for 100 ms of sound.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from voice.protocols import VoiceActivityDetector
from voice.types import SAMPLE_RATE

Floats = npt.NDArray[np.float32]

HOP: Final = 256
SIZE: Final = 512
BANDS: Final = 20
LOWEST_HERTZ, HIGHEST_HERTZ = 200.0, 5000.0
DELAYS: Final = 38
"""In hops: an echo comes back within 0.6 s."""
COMPARED: Final = 64
"""In hops: a second of sound is compared."""
HISTORY: Final = 128
FLOOR: Final = 1e-6
"""Power (of samples within 1) of what is no sound at all."""
KNOWN: Final = 0.4
"""The correlation, smoothed, from which on there is an echo. Of echoes it comes to 0.7; of somebody who speaks into a
reply it did not come to that in any of the 96 made stories on which it was chosen. (It did in 58 of them while loudness
counted, and not only the shape of the spectrum, and the moment at which the sounds begin.)
"""
AT_FIRST: Final = 24
"""Hops of played sound in which an echo that is not known yet is taken for granted: else the first words of a house
would break in on themselves. No longer than the pre-roll: who speaks into them is heard from their first word on.
"""
STUDIED_EVERY: Final = 8
"""In hops."""
REVERBERATION: Final = 0.8
"""What is left of a sound in a room after one hop."""
DIED_AWAY: Final = 64
"""Windows without played sound after which nothing of it is left, in history or in the room."""
ECHO_MARGIN: Final = 4.0
NOISE_MARGIN: Final = 2.0
SOMEBODY: Final = 0.45
"""The share of the power that no echo explains, from which on somebody speaks."""


class OwnVoice:
    """Of one microphone and one loudspeaker."""

    def __init__(self) -> None:
        self.begin()
        self._match: Floats = np.zeros(DELAYS, np.float32)
        self._loudness: Floats | None = None
        """Of the echo in each band, as a logarithm of power."""
        self._hops_played = 0
        self._delay = 0
        self._known = False

    def begin(self, *, somebody_speaks: bool = False) -> None:
        """After a silence of our own: what is known of the room stays. `somebody_speaks`: before it, so that it is no
        echo.
        """
        self._spectrum = _Spectrum()
        self._heard: Floats = np.full((HISTORY, BANDS), FLOOR, np.float32)
        self._played: Floats = np.full((HISTORY + DELAYS, BANDS), FLOOR, np.float32)
        self._lasting: Floats = self._played.copy()
        """The same, as it dies away in a room."""
        self._before: Floats = self._played[-1]
        self._noise: Floats = self._played[-1]
        self._hops_since_study = 0
        self._share = 1.0
        """Of what is heard, smoothed, that which no echo explains."""
        self._verdict = False
        self._is_granted = not somebody_speaks

    def hears(self, heard: Floats, played: Floats) -> bool:
        """Whether what the microphone heard is the echo of what was played at about that time, and no more. Samples
        within 1, at 16 kHz, as many of the one as of the other.
        """
        powers, own = self._spectrum.powers(heard, played)
        if len(powers):
            self._verdict = self._judge(powers, own)
        return self._verdict

    def _judge(self, powers: Floats, own: Floats) -> bool:
        self._heard = np.concatenate([self._heard, powers])[-HISTORY:]
        self._played = np.concatenate([self._played, own])[-HISTORY - DELAYS :]
        for power in own:
            last = self._lasting[-1:]
            lasting = np.maximum(np.maximum(power, self._before), REVERBERATION * last)
            self._lasting = np.concatenate([self._lasting, lasting])[-HISTORY - DELAYS :]
            self._before = power
        sounding = _sounding(self._played[-COMPARED:])
        if not sounding.any():
            self._share = 1.0
            return False
        self._hops_played += int(sounding[-len(powers) :].sum())
        self._hops_since_study += len(powers)
        if self._hops_since_study >= STUDIED_EVERY:
            self._hops_since_study = 0
            self._study(int(sounding.sum()))
        if self._loudness is None:
            return self._is_granted and self._hops_played < AT_FIRST
        if not self._known:
            return False
        self._share += 0.5 * (self._unexplained(self._echo()[-len(powers) :], powers) - self._share)
        return bool(self._share < SOMEBODY)

    def _study(self, hops_sounding: int) -> None:
        """Is there an echo, how late and how loud? And what of what is heard is only background?"""
        if hops_sounding >= COMPARED // 4:
            self._match += 0.35 * (self._correlations() - self._match)
        self._delay = int(self._match.argmax())
        self._known = bool(self._match[self._delay] >= KNOWN)
        self._noise = np.partition(self._heard, HISTORY // 10, axis=0)[HISTORY // 10]
        if self._known:
            self._learn(self._echo()[-COMPARED:])

    def _echo(self) -> Floats:
        """What was played, as it comes back: not yet as loud as it does."""
        return self._lasting[DELAYS - self._delay : len(self._lasting) - self._delay]

    def _correlations(self) -> Floats:
        """For each delay, of the shapes of both spectra over the last second; from where something was played on. That
        two people speak and pause at the same times says nothing.
        """
        heard = np.log(self._heard[-COMPARED:])
        heard -= heard.mean(axis=0) + heard.mean(axis=1, keepdims=True)
        played = np.log(self._played[-COMPARED - DELAYS + 1 :])
        played -= played.mean(axis=0) + played.mean(axis=1, keepdims=True)
        began = np.maximum.accumulate(_sounding(self._played[-COMPARED - DELAYS + 1 :])).astype(np.float32)
        slices = np.lib.stride_tricks.sliding_window_view
        counted = slices(began, COMPARED)[::-1]
        hops = counted.sum(axis=1)
        of = np.maximum(hops, 1.0)[:, None]
        shifted = slices(played * began[:, None], COMPARED, axis=0)[::-1]
        heards, playeds = counted @ heard, shifted.sum(axis=2)
        common = np.einsum("dbt,tb->d", shifted, heard) - (heards * playeds / of).sum(axis=1)
        heard_squares = (counted @ heard**2 - heards**2 / of).sum(axis=1)
        played_squares = (np.einsum("dbt,dbt->db", shifted, shifted) - playeds**2 / of).sum(axis=1)
        found = common / np.sqrt(np.maximum(heard_squares * played_squares, 1e-6))
        return np.where(hops >= COMPARED // 4, found, 0.0).astype(np.float32)

    def _learn(self, echo: Floats) -> None:
        loud = echo > 30 * FLOOR
        count = loud.sum(axis=0)
        enough = count >= 8
        if not enough.any():
            return
        ratios = np.sort(np.where(loud, np.log(self._heard[-COMPARED:] / echo), np.inf), axis=0)
        seen = ratios[(0.6 * count).astype(int), np.arange(BANDS)]
        if self._loudness is None:
            self._loudness = np.where(enough, seen, np.sort(seen[enough])[enough.sum() // 2])
            return
        change = seen - self._loudness
        at_once = np.where(change < 0, 0.35, 0.2 if self._share < SOMEBODY else 0.008)
        self._loudness = self._loudness + np.where(enough, at_once, 0.0) * np.where(enough, change, 0.0)

    def _unexplained(self, echo: Floats, heard: Floats) -> float:
        assert self._loudness is not None
        expected = ECHO_MARGIN * np.exp(self._loudness) * echo + NOISE_MARGIN * self._noise
        left = np.maximum(heard - expected, 0.0)
        # by loudness as it is heard: power alone would leave the lowest bands to decide
        return float(np.sqrt(left).sum() / np.sqrt(heard).sum())


def _sounding(powers: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(powers.mean(axis=1) > 4 * FLOOR)


class DeafToItself:
    """A voice activity detector that does not take the echo of what is being played for speech."""

    def __init__(self, vad: VoiceActivityDetector, played: Callable[[int], Floats | None]) -> None:
        """`played`: so many samples at 16 kHz of what sounds now, and on from the last call; None in silence."""
        self._vad = vad
        self._played = played
        self._own = OwnVoice()
        self._silent = DIED_AWAY
        """Windows for which nothing has been played."""
        self._somebody_spoke = False
        self._was_own = False
        """In the last window. What follows it may be the echo's end: one more is not heard."""

    @property
    def window_bytes(self) -> int:
        return self._vad.window_bytes

    def probability(self, window: bytes) -> float:
        probability = self._vad.probability(window)
        before, self._was_own = self._was_own, self._is_own(window)
        self._somebody_spoke = probability >= 0.5
        return 0.0 if self._was_own or before else probability

    def _is_own(self, window: bytes) -> bool:
        played = self._played(len(window) // 2)
        if played is None and self._silent >= DIED_AWAY:
            return False
        if self._silent >= DIED_AWAY:
            self._own.begin(somebody_speaks=self._somebody_spoke)
        self._silent = 0 if played is not None else self._silent + 1
        heard = np.frombuffer(window, "<i2").astype(np.float32) / np.float32(32768)
        return self._own.hears(heard, np.zeros_like(heard) if played is None else played)

    def reset(self) -> None:
        """Room and loudspeaker stay what they are."""
        self._vad.reset()


class _Spectrum:
    """Samples of both sounds in; their power in each band out, hop by hop."""

    _window = np.hanning(SIZE).astype(np.float32)
    _hertz = np.fft.rfftfreq(SIZE, 1 / SAMPLE_RATE)
    _edges = np.geomspace(LOWEST_HERTZ, HIGHEST_HERTZ, BANDS + 1)

    def __init__(self) -> None:
        bands = [(low <= self._hertz) & (self._hertz < high) for low, high in pairwise(self._edges)]
        self._bands = np.stack(bands, axis=1).astype(np.float32) / SIZE
        self._rest: Floats = np.zeros((2, SIZE - HOP), np.float32)

    def powers(self, heard: Floats, played: Floats) -> Floats:
        joined = np.concatenate([self._rest, np.stack([heard, played])], axis=1)
        hops = (joined.shape[1] - SIZE) // HOP + 1
        self._rest = joined[:, hops * HOP :]
        frames = joined[:, np.arange(hops)[:, None] * HOP + np.arange(SIZE)] * self._window
        spectrum = np.fft.rfft(frames)
        return np.asarray((spectrum.real**2 + spectrum.imag**2) @ self._bands + FLOOR, np.float32)
