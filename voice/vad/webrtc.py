"""WebRTC's voice activity detector: microseconds a window, and noise is speech to it as well. Good for a gate."""

import webrtcvad

from voice.types import SAMPLE_RATE

_PIECE_BYTES = 2 * SAMPLE_RATE * 10 // 1000
"""10 ms, the shortest of the three lengths that it takes."""


class WebrtcVad:
    """Answers 0 or 1. Each window is looked at in pieces of 10 ms; one that may be speech is enough."""

    def __init__(self, aggressiveness: int, window_bytes: int = 3 * _PIECE_BYTES) -> None:
        self._aggressiveness = aggressiveness
        self._window_bytes = window_bytes
        self._rest = b""
        self._vad = webrtcvad.Vad(aggressiveness)

    @property
    def window_bytes(self) -> int:
        return self._window_bytes

    def probability(self, window: bytes) -> float:
        """A window need not be a multiple of 10 ms: the rest is heard with the next one."""
        heard = self._rest + window
        whole = len(heard) - len(heard) % _PIECE_BYTES
        self._rest = heard[whole:]
        # All pieces are fed, though one would do: the detector adapts to what it hears.
        votes = [
            self._vad.is_speech(heard[at : at + _PIECE_BYTES], SAMPLE_RATE) for at in range(0, whole, _PIECE_BYTES)
        ]
        return 1.0 if any(votes) else 0.0

    def reset(self) -> None:
        self._rest = b""
        self._vad = webrtcvad.Vad(self._aggressiveness)
