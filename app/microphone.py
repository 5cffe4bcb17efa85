"""Chunks as a browser sends them, frames as the ear takes them. Bad input is refused, good input is never lost."""

from typing import Any

import anyio
import numpy as np
import soxr
from anyio.streams.memory import MemoryObjectSendStream

from voice.errors import AudioRejected
from voice.types import SAMPLE_RATE, AudioFrame, MicrophoneClosed

LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
PIECE_BYTES = 2 * SAMPLE_RATE
"""A longer chunk is handed on a second at a time, so that nothing waits long behind it."""


class Microphone:
    """One session's microphone. Synchronous: chunks keep their order only if nobody awaits between them."""

    def __init__(self, ear: MemoryObjectSendStream[AudioFrame | MicrophoneClosed]) -> None:
        self._ear = ear
        self._half_sample = b""
        self._resampler: Any = None

    def open(self, rate: int = SAMPLE_RATE) -> None:
        """Chunks that follow have this many samples a second. Raises `AudioRejected`."""
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise AudioRejected(f"a microphone at {rate} Hz; {LOWEST_RATE} to {HIGHEST_RATE} Hz are understood")
        self._half_sample = b""
        same = rate == SAMPLE_RATE
        self._resampler = None if same else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="int16", quality="HQ")

    def take(self, data: object, mime_type: str) -> None:
        """Hand one chunk of mono PCM16 on. Raises `AudioRejected`."""
        if mime_type != "pcm16" or not isinstance(data, bytes | bytearray | memoryview):
            raise AudioRejected(f"a chunk of {mime_type!r:.40}; only raw mono pcm16 is understood")
        pcm = self._half_sample + bytes(data)
        whole = len(pcm) // 2 * 2
        self._half_sample = pcm[whole:]
        pcm = pcm[:whole]
        if self._resampler is not None and pcm:
            pcm = self._resampler.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
        for at in range(0, len(pcm), PIECE_BYTES):
            self._send(AudioFrame(pcm[at : at + PIECE_BYTES]))

    def close(self) -> None:
        """Whatever was being said is over."""
        self._half_sample = b""
        self._send(MicrophoneClosed())

    def _send(self, item: AudioFrame | MicrophoneClosed) -> None:
        try:
            self._ear.send_nowait(item)
        except anyio.WouldBlock as exc:
            raise AudioRejected("audio comes faster than it can be heard; the microphone was closed") from exc
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the session has ended; there is nobody to hear it
