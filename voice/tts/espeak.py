"""espeak-ng: a small voice that is always there, and speaks within a millisecond or two.

One thread owns the calls into the library and hands sound over as it is made; it never waits for a listener, so
the library's lock is held for milliseconds and sessions take turns sentence by sentence.
"""

import math
import queue
import re
from collections.abc import AsyncGenerator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from anyio import CapacityLimiter, to_thread

from resilience.errors import EngineFailed, EngineUnavailable
from voice.protocols import TextToSpeech
from voice.settings import EspeakSpec
from voice.tts.espeak_library import FASTEST, SLOWEST, USUAL_PITCH, Library, load
from voice.tts.portions import framed, portions
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice

ENGINE: Final = "espeak"
ACCENTS: Final = {
    "en-us": "American English",
    "en-gb": "British English",
    "en-gb-scotland": "Scottish English",
    "fr-fr": "French",
    "de": "German",
    "es": "Spanish",
    "es-419": "Latin American Spanish",
}
"""Of the languages of the house. The first of each speaks to those who chose no voice."""
PERSONS: Final = {"": "a man", "+m3": "another man", "+f2": "a woman", "+f3": "another woman"}
LOWEST, HIGHEST = 0.7, 1.5
"""Of pitch: beyond them espeak-ng's own scale comes to its ends."""
FLAT: Final = 0.33
"""Of the pitch of speech, what does not move with that scale: the melody above the voice's lowest tone. Measured."""
PAUSES: Final = 0.9
"""The speaking rate grows with the words a minute to this power, for pauses shrink by less. Measured."""

LISTENERS = 64
"""Calls that may wait for sound at once, each with a thread; more of them queue."""


@asynccontextmanager
async def open_espeak(spec: EspeakSpec) -> AsyncGenerator[TextToSpeech, None]:
    """Whoever closes it decides how long to wait for a call that hangs in the library. Raises `EngineError`."""
    library = await to_thread.run_sync(load, abandon_on_cancel=True)
    voices = await to_thread.run_sync(_voices, library, spec.voice, abandon_on_cancel=True)
    owner = ThreadPoolExecutor(1, thread_name_prefix="espeak")
    try:
        yield Espeak(library, owner, voices, spec.words_per_minute)
    finally:
        await to_thread.run_sync(owner.shutdown, abandon_on_cancel=True)


class Espeak:
    def __init__(
        self, library: Library, owner: ThreadPoolExecutor, voices: dict[KnownVoice, str], words_per_minute: int
    ) -> None:
        """`voices`: and what the library calls each; its own first."""
        self._library = library
        self._owner = owner
        self._voices = voices
        self._called = {voice.name: called for voice, called in voices.items()}
        self._words_per_minute = words_per_minute
        self._listeners = CapacityLimiter(LISTENERS)

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        return tuple(self._voices)

    def takes(self, wanted: Delivery) -> Delivery:
        own = self.voices[0]
        language = wanted.language if not wanted.voice and wanted.language != own.language else ""
        return Delivery(
            rate=min(max(wanted.rate, self._rate_at(SLOWEST)), self._rate_at(FASTEST)),
            pitch=min(max(wanted.pitch, LOWEST), HIGHEST),
            voice=wanted.voice if wanted.voice in self._called else "",
            language=language if any(voice.language == language for voice in self._voices) else "",
        )

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        taken = self.takes(delivery)
        for portion in portions(sentence):
            flow = _Flow()
            said = self._submitted(portion, taken, flow)
            try:
                # What is left of a wait that is cancelled ends by itself: `_say` always ends its flow.
                while pcm := await to_thread.run_sync(flow.take, abandon_on_cancel=True, limiter=self._listeners):
                    for frame in framed(pcm, self._library.sample_rate):
                        yield frame
                await to_thread.run_sync(said.result, limiter=self._listeners)
            finally:
                flow.wanted = False

    def _submitted(self, text: str, delivery: Delivery, flow: "_Flow") -> Future[None]:
        try:
            return self._owner.submit(self._say, text, delivery, flow)
        except RuntimeError as exc:
            raise EngineFailed("espeak", "it was closed") from exc

    def _say(self, text: str, delivery: Delivery, flow: "_Flow") -> None:
        try:
            if flow.wanted:
                self._library.say(
                    text,
                    voice=self._called[self._voice_for(delivery).name],
                    words_per_minute=round(self._words_per_minute * delivery.rate ** (1 / PAUSES)),
                    pitch=_on_scale(delivery.pitch),
                    on_audio=flow.put,
                )
        finally:
            flow.end()

    def _rate_at(self, words_per_minute: int) -> float:
        return float((words_per_minute / self._words_per_minute) ** PAUSES)

    def _voice_for(self, delivery: Delivery) -> KnownVoice:
        fitting = (
            voice
            for voice in self._voices
            if (voice.name == delivery.voice if delivery.voice else voice.language == delivery.language)
        )
        return next(fitting, self.voices[0])


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


def _on_scale(pitch: float) -> int:
    return round(USUAL_PITCH + 50 * math.log2((pitch - FLAT) / (1 - FLAT)))


def _voices(library: Library, own: str) -> dict[KnownVoice, str]:
    """Blocks. Raises `EngineError` where there is no voice called `own`."""
    called = library.voice_called(own)
    variants = [each for each in PERSONS if _is_there(library, f"en-us{each}")]
    found = {
        KnownVoice(f"{ENGINE}:{accent}{each}", f"{label}, {PERSONS[each]}", accent[:2]): f"{base}{each}"
        for accent, label in ACCENTS.items()
        if (base := _is_there(library, accent))
        for each in variants
    }
    first = next((each for each in found if each.name == f"{ENGINE}:{own.lower()}"), None)
    if first is None:
        begins = re.match(r"(?:[a-z]+/)?([a-z]{2})(?![a-z])", own.lower())
        first = KnownVoice(f"{ENGINE}:{own}", own, begins[1] if begins else "")
    return {first: called} | found


def _is_there(library: Library, name: str) -> str:
    """What the library calls it; empty where it has none of that name."""
    try:
        return library.voice_called(name)
    except EngineUnavailable:
        return ""
