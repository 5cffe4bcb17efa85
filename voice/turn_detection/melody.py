"""What Smart Turn is shown: Whisper's log-mel spectrogram of the last eight seconds, silence before what is shorter."""

from functools import cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voice.types import SAMPLE_RATE

SECONDS: Final = 8
BANDS: Final = 80
_WINDOW: Final = 400
_HOP: Final = 160
FRAMES: Final = SECONDS * SAMPLE_RATE // _HOP
_RANGE: Final = 8.0
"""Powers of ten below the loudest: what is fainter is taken for as faint as this."""

Floats = NDArray[np.float32]


def spectrogram(samples: NDArray[np.int16]) -> Floats:
    """`BANDS` rows, `FRAMES` columns, most values between -1 and 1. The sound is brought to one loudness first."""
    shown = np.zeros(SECONDS * SAMPLE_RATE, np.float32)
    last = samples[-len(shown) :]
    shown[len(shown) - len(last) :] = last.astype(np.float32) / 32_768
    shown = (shown - shown.mean()) / np.sqrt(shown.var() + 1e-7)
    padded = np.pad(shown, _WINDOW // 2, mode="reflect")
    windows = sliding_window_view(padded, _WINDOW)[::_HOP][:FRAMES]
    window, bands = _tables()
    power = np.square(np.abs(np.fft.rfft(windows * window, axis=-1))).astype(np.float32)
    log = np.log10(np.maximum(bands @ power.T, 1e-10))
    return np.asarray((np.maximum(log, log.max() - _RANGE) + 4) / 4, np.float32)


@cache
def _tables() -> tuple[Floats, Floats]:
    """The window, and how much of each frequency is in each band: triangles on Slaney's mel scale, equal in area."""
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    edges = _hertz(np.linspace(0, _mels(SAMPLE_RATE / 2), BANDS + 2))
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle))
    return window, (np.maximum(triangles, 0) * 2 / (high - low)).astype(np.float32)


_LINEAR_BELOW: Final = 1000.0
_MELS_PER_HERTZ: Final = 3 / 200
_STEP: Final = np.log(6.4) / 27
"""Above the linear part, the ratio of two neighbouring mels, as a logarithm."""


def _mels(hertz: float) -> float:
    if hertz < _LINEAR_BELOW:
        return hertz * _MELS_PER_HERTZ
    return float(_LINEAR_BELOW * _MELS_PER_HERTZ + np.log(hertz / _LINEAR_BELOW) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _LINEAR_BELOW * _MELS_PER_HERTZ
    above = _LINEAR_BELOW * np.exp(_STEP * (np.maximum(mels, knee) - knee))
    return np.where(mels < knee, mels / _MELS_PER_HERTZ, above)
