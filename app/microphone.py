"""Chunks as a browser sends them, frames as the ear takes them. Bad input is refused, good input is never lost."""

from typing import Any

import anyio
import numpy as np
import soxr
from anyio.streams.memory import MemoryObjectSendStream

from voice.errors import AudioRejected
from voice.types import SAMPLE_RATE, AudioFrame, MicrophoneClosed, MicrophoneItem, Reason, TalkBegan, TalkEnded

LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
PIECE_BYTES = 2 * SAMPLE_RATE
"""A longer chunk is handed on a second at a time, so that nothing waits long behind it."""


class Microphone:
    """One session's microphone. Synchronous: chunks keep their order only if nobody awaits between them."""

    def __init__(self, ear: MemoryObjectSendStream[MicrophoneItem]) -> None:
        self._ear = ear
        self._half_sample = b""
        self._resampler: Any = None
        self._refused = False

    def open(self, rate: int = SAMPLE_RATE) -> None:
        """Chunks that follow have this many samples a second. Raises `AudioRejected`."""
        self._refused = not LOWEST_RATE <= rate <= HIGHEST_RATE
        if self._refused:
            limits = ("rate", f"{rate}"), ("lowest", f"{LOWEST_RATE}"), ("highest", f"{HIGHEST_RATE}")
            raise AudioRejected(
                f"a microphone at {rate} Hz; {LOWEST_RATE} to {HIGHEST_RATE} Hz are understood",
                Reason("sound-rate", limits),
            )
        self._half_sample = b""
        same = rate == SAMPLE_RATE
        self._resampler = None if same else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="int16", quality="HQ")

    def take(self, data: object, mime_type: object) -> None:
        """Hand one chunk of mono PCM16 on. Raises `AudioRejected`, once: what follows is dropped until `open`."""
        if self._refused:
            return
        if mime_type != "pcm16" or not isinstance(data, bytes | bytearray | memoryview):
            self._refused = True
            kind = "" if isinstance(data, bytes | bytearray | memoryview) else f" holding {type(data).__name__}"
            raise AudioRejected(
                f"a chunk of {mime_type!r:.40}{kind}; only raw mono pcm16 is understood", Reason("sound-kind")
            )
        pcm = self._half_sample + bytes(data)
        whole = len(pcm) // 2 * 2
        self._half_sample = pcm[whole:]
        pcm = pcm[:whole]
        if self._resampler is not None and pcm:
            pcm = self._resampler.resample_chunk(np.frombuffer(pcm, np.int16)).tobytes()
        for at in range(0, len(pcm), PIECE_BYTES):
            if self._queue_is_full():
                self._refused = True
                raise AudioRejected(
                    "it comes faster than it can be heard; the microphone was closed", Reason("sound-speed")
                )
            self._send(AudioFrame(pcm[at : at + PIECE_BYTES]))

    def talk(self, began: bool) -> None:
        """The user pressed to talk, or let go; everything they said was taken before."""
        self._send(TalkBegan() if began else TalkEnded())

    def close(self) -> None:
        """Whatever was being said is over."""
        self._half_sample = b""
        self._send(MicrophoneClosed())

    def _queue_is_full(self) -> bool:
        """But for one place, which is kept for the news that the microphone was closed."""
        queue = self._ear.statistics()
        return queue.current_buffer_used >= queue.max_buffer_size - 1

    def _send(self, item: MicrophoneItem) -> None:
        try:
            self._ear.send_nowait(item)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the session has ended; there is nobody to hear it
        except anyio.WouldBlock:
            pass  # that it was closed stands at the end of the queue already
