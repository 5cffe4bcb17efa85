"""espeak-ng: a small voice that is always there, and speaks within a millisecond or two.

One thread owns the calls into the library and hands sound over as it is made; it never waits for a listener, so
the library's lock is held for milliseconds and sessions take turns sentence by sentence.
"""

import queue
from collections.abc import AsyncGenerator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager

import structlog
from anyio import CapacityLimiter, to_thread

from resilience.errors import EngineFailed
from voice.protocols import TextToSpeech
from voice.settings import EspeakSpec
from voice.tts.espeak_library import FASTEST, SLOWEST, Library, load
from voice.tts.portions import framed, portions
from voice.types import AudioFrame

log = structlog.get_logger(__name__)

LISTENERS = 64
"""Calls that may wait for sound at once, each with a thread; more of them queue."""


@asynccontextmanager
async def open_espeak(spec: EspeakSpec) -> AsyncGenerator[TextToSpeech, None]:
    """Whoever closes it decides how long to wait for a call that hangs in the library. Raises `EngineError`."""
    library = await to_thread.run_sync(load, abandon_on_cancel=True)
    voice = await to_thread.run_sync(library.voice_called, spec.voice, abandon_on_cancel=True)
    owner = ThreadPoolExecutor(1, thread_name_prefix="espeak")
    try:
        yield Espeak(library, owner, voice, spec.words_per_minute)
    finally:
        await to_thread.run_sync(owner.shutdown, abandon_on_cancel=True)


class Espeak:
    def __init__(self, library: Library, owner: ThreadPoolExecutor, voice: str, words_per_minute: int) -> None:
        self._library = library
        self._owner = owner
        self._voice = voice
        self._words_per_minute = words_per_minute
        self._listeners = CapacityLimiter(LISTENERS)

    async def synthesize(self, sentence: str, *, rate: float = 1.0) -> AsyncGenerator[AudioFrame, None]:
        speed = self._speed(rate)
        for portion in portions(sentence):
            flow = _Flow()
            said = self._submitted(portion, speed, flow)
            try:
                # What is left of a wait that is cancelled ends by itself: `_say` always ends its flow.
                while pcm := await to_thread.run_sync(flow.take, abandon_on_cancel=True, limiter=self._listeners):
                    for frame in framed(pcm, self._library.sample_rate):
                        yield frame
                await to_thread.run_sync(said.result, limiter=self._listeners)
            finally:
                flow.wanted = False

    def _submitted(self, text: str, words_per_minute: int, flow: "_Flow") -> Future[None]:
        try:
            return self._owner.submit(self._say, text, words_per_minute, flow)
        except RuntimeError as exc:
            raise EngineFailed("espeak", "it was closed") from exc

    def _say(self, text: str, words_per_minute: int, flow: "_Flow") -> None:
        try:
            if flow.wanted:
                self._library.say(text, voice=self._voice, words_per_minute=words_per_minute, on_audio=flow.put)
        finally:
            flow.end()

    def _speed(self, rate: float) -> int:
        asked = round(self._words_per_minute * rate)
        used = min(max(asked, SLOWEST), FASTEST)
        if used != asked:
            log.info("speaking rate limited", engine="espeak", asked=asked, used=used)
        return used


class _Flow:
    """Sound on its way from the thread that makes it to the one that waits for it."""

    def __init__(self) -> None:
        self.wanted = True
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def put(self, pcm: bytes) -> bool:
        self._chunks.put(pcm)
        return self.wanted

    def end(self) -> None:
        self._chunks.put(b"")

    def take(self) -> bytes:
        """All that there is, once there is any; nothing at the end."""
        taken = [self._chunks.get()]
        while taken[-1] and not self._chunks.empty():
            taken.append(self._chunks.get())
        if len(taken) > 1 and not taken[-1]:
            self._chunks.put(b"")
        return b"".join(taken)
