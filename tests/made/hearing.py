"""What can be heard in sound that a voice made: how long it is, and how high."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from voice.types import AudioFrame

WINDOW_SECONDS = 0.05
LOWEST_HERTZ, HIGHEST_HERTZ = 40.0, 600.0
VOICED = 0.55
"""The normalised autocorrelation of a window that has a pitch."""
FAINT = 300
"""The root mean square of a window that tells nothing."""
QUIET = 0.02
"""Of the loudest sample: what is fainter at either end is no speech."""


def joined(frames: Iterable[AudioFrame]) -> AudioFrame:
    all_of_them = list(frames)
    [sample_rate] = {frame.sample_rate for frame in all_of_them}
    return AudioFrame(b"".join(frame.pcm for frame in all_of_them), sample_rate)


def spoken(sound: AudioFrame) -> npt.NDArray[np.float64]:
    """Its samples, without the silence at either end."""
    samples = np.frombuffer(sound.pcm, np.int16).astype(np.float64)
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def spoken_seconds(sound: AudioFrame) -> float:
    return len(spoken(sound)) / sound.sample_rate


def pitch(sound: AudioFrame) -> float:
    """Hertz: the median over its voiced windows, by autocorrelation."""
    samples, size = spoken(sound), round(WINDOW_SECONDS * sound.sample_rate)
    shortest, longest = round(sound.sample_rate / HIGHEST_HERTZ), round(sound.sample_rate / LOWEST_HERTZ)
    power = np.concatenate([[0.0], np.cumsum(samples**2)])
    found: list[float] = []
    for start in range(0, len(samples) - size - longest, size // 2):
        window = samples[start : start + size]
        norms = np.sqrt(power[start + size : start + size + longest] - power[start : start + longest]) + 1e-9
        if norms[0] / np.sqrt(size) < FAINT:
            continue
        alike = np.correlate(samples[start : start + size + longest - 1], window, "valid") / (norms * norms[0])
        alike[:shortest] = 0
        if alike.max() > VOICED:  # the shortest lag that is nearly as good: no octave too low
            first = int(np.argmax(alike > 0.93 * alike.max()))
            found.append(sound.sample_rate / (first + int(np.argmax(alike[first : first + shortest]))))
    return float(np.median(found))
