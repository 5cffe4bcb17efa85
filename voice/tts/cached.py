"""A voice that has a sentence ready which it has said before.

Around engines whose sentences cost something: espeak-ng is as quick as a look at the cache, and goes without. The sound
of a sentence is kept when it has come to its end; of one that was cut there is nothing. What is asked of the voice
itself is always asked of the engine, so that whoever wants to know how that is finds out.
"""

import hashlib
import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol, assert_never

import numpy as np
import structlog
from anyio import to_thread

from voice.protocols import TextToSpeech, Versatile
from voice.settings import CaptionsSpec, EspeakSpec, OpenAiTtsSpec, PiperSpec, TtsSpec
from voice.tts.portions import framed, portions
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice

log = structlog.get_logger(__name__)

LONGEST_SECONDS: Final = 12.0
"""Of sound; what is longer is hardly said again."""
LARGEST_BYTES: Final = int(2 * 96_000 * LONGEST_SECONDS)


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence as one voice says it, in one way."""

    voice: str
    """The engine, and which version of it and of its model."""
    words: str
    """All else that the sound depends on."""


class SoundCache(Protocol):
    async def find(self, saying: Saying, *, patient: bool) -> bytes | None:
        """Raises nothing, and takes some milliseconds at most, or seconds where it may be `patient`."""
        ...

    def keeper(self, saying: Saying, *, comes_again: bool) -> Callable[[bytes], None]:
        """What keeps its sound; whatever is erased until then stays so. `comes_again`: it is nobody's own, and sure to
        be said again.
        """
        ...


class CachedVoice:
    def __init__(
        self,
        engine: TextToSpeech,
        cache: SoundCache,
        name: Callable[[], str],
        *,
        is_ours: bool = True,
        comes_again: bool = False,
    ) -> None:
        """`name`: as of now; see `Saying`. `is_ours`: on this machine, so that it may be asked for what nobody wants to
        hear yet; somebody may have to pay for a server.
        """
        self.is_ours = is_ours
        self.engine = engine
        self._cache = cache
        self._name = name
        self._comes_again = comes_again

    def for_phrases(self) -> "CachedVoice":
        """The same voice, for sentences that are sure to be said again and that nobody waits for."""
        return CachedVoice(self.engine, self._cache, self._name, comes_again=True)

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        return self.engine.voices if isinstance(self.engine, Versatile) else ()

    def takes(self, wanted: Delivery) -> Delivery:
        return self.engine.takes(wanted) if isinstance(self.engine, Versatile) else Delivery()

    async def kept(self, sentence: str, delivery: Delivery = AS_USUAL) -> Iterator[AudioFrame] | None:
        """The sentence, if it was said just so before; the engine is not asked."""
        content = await self._cache.find(self._saying(sentence, delivery), patient=self._comes_again)
        sound = unpacked(content) if content is not None else None
        return framed(sound.pcm, sound.sample_rate) if sound is not None else None

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        keep = self._cache.keeper(self._saying(sentence, delivery), comes_again=self._comes_again)
        said: list[AudioFrame] = []
        seconds = 0.0
        async with aclosing(self.engine.synthesize(sentence, delivery)) as frames:
            async for frame in frames:
                seconds += frame.seconds
                if seconds <= LONGEST_SECONDS:
                    said.append(frame)
                yield frame
        pcm, rates = b"".join(frame.pcm for frame in said), {frame.sample_rate for frame in said}
        if seconds <= LONGEST_SECONDS and any(pcm) and len(pcm) % 2 == 0 and len(rates) == 1:
            keep(packed(AudioFrame(pcm, rates.pop())))

    def _saying(self, sentence: str, delivery: Delivery) -> Saying:
        way = f"{delivery.rate:.3f} {delivery.pitch:.3f} {delivery.voice} {delivery.language}"
        return Saying(self._name(), "\n".join([way.rstrip(), *portions(sentence)]))


_RATE = struct.Struct("<I")


def packed(sound: AudioFrame) -> bytes:
    """Losslessly, to little more than a half, within a millisecond for a second of sound: from sample to sample speech
    changes little, so the upper bytes of the steps are nearly all alike.
    """
    steps = np.diff(np.frombuffer(sound.pcm, np.dtype("<i2")), prepend=np.int16(0)).astype("<i2")
    return _RATE.pack(sound.sample_rate) + zlib.compress(steps.view(np.uint8).reshape(-1, 2).T.tobytes(), 1)


def unpacked(content: bytes) -> AudioFrame | None:
    """None for what cannot have been packed here: somebody has been at the cache."""
    try:
        (sample_rate,) = _RATE.unpack_from(content)
        unpacking = zlib.decompressobj()
        planes = unpacking.decompress(content[_RATE.size :], LARGEST_BYTES)
    except (struct.error, zlib.error):
        return None
    if not unpacking.eof or not planes or len(planes) % 2:
        return None
    steps = np.frombuffer(planes, np.uint8).reshape(2, -1).T.copy().view("<i2")
    return AudioFrame(np.cumsum(steps, dtype="<i2").tobytes(), sample_rate)


@asynccontextmanager
async def open_cached(
    spec: TtsSpec,
    opening: AbstractAsyncContextManager[TextToSpeech],
    cache: SoundCache,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncGenerator[TextToSpeech, None]:
    """The engine of `spec`, with a cache where that saves something."""
    async with opening as engine:
        match spec:
            case PiperSpec():
                name = await to_thread.run_sync(_name_of_piper, spec, abandon_on_cancel=True)
                yield CachedVoice(engine, cache, lambda: name) if name else engine
            case OpenAiTtsSpec():
                own = f"{spec.url} {spec.model} {spec.voice} {spec.sample_rate}"
                server = f"endpoint/{hashlib.sha256(own.encode()).hexdigest()[:16]}"
                # Its model may change under the same name: what it said is believed for a day.
                yield CachedVoice(engine, cache, lambda: f"{server}/{clock():%Y-%m-%d}", is_ours=False)
            case EspeakSpec() | CaptionsSpec():
                yield engine
            case _:
                assert_never(spec)


def _name_of_piper(spec: PiperSpec) -> str:
    """By the contents of its files: another voice may come to lie under the same name. Empty: they cannot be read."""
    digest = hashlib.sha256(version("piper-tts").encode())
    try:
        for file in (spec.model, Path(f"{spec.model}.json")):
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    except OSError as exc:
        log.info("a voice goes without a cache", model=spec.model.name, reason=exc.strerror)
        return ""
    return f"piper/{digest.hexdigest()[:16]}/{spec.speaker if spec.speaker is not None else ''}"
