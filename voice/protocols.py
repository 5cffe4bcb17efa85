"""What an engine must be able to do. Verbs only: lifetimes belong to whoever opens it."""

from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from voice.types import AS_USUAL, AudioFrame, Delivery, Heard, KnownVoice, Look, Settled, Transcript, Utterance


class VoiceActivityDetector(Protocol):
    @property
    def window_bytes(self) -> int:
        """Bytes of 16 kHz PCM16 that one call takes."""
        ...

    def probability(self, window: bytes) -> float:
        """How likely is it that this window holds speech? Synchronous; well under a millisecond."""
        ...

    def reset(self) -> None:
        """Forget what was heard so far: a new microphone, or a gap."""
        ...


class WakeWord(Protocol):
    """Listens for one word, or two, and keeps nothing."""

    def process(self, pcm: bytes) -> float:
        """Of 16 kHz PCM16, any length: how likely it is, at the most, that the word has just been said, 0 to 1.
        Synchronous; a small share of the time that the sound lasts.
        """
        ...

    def reset(self) -> None:
        """Forget what was heard so far."""
        ...


class SpeechToText(Protocol):
    async def transcribe(self, utterance: Utterance) -> Transcript:
        """Raise `EngineError`, and nothing else, when the engine cannot. Empty text means: no words in it."""
        ...


@runtime_checkable
class InterimSpeechToText(Protocol):
    """A recogniser that can also say what it has so far, for the eye only."""

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        """Look into an utterance that is still growing; calls with the same `started_at` go on where the last one
        stopped. What is `settled` need not be heard again. None: it is not worth the work now; whole utterances go
        first. Raises `EngineError`.
        """
        ...


@runtime_checkable
class Multilingual(Protocol):
    """A recogniser that says which languages it understands."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Of two letters."""
        ...


class TextToSpeech(Protocol):
    def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        """Yield audio (any sample rate) as it becomes ready; none at all is allowed. An engine that is not `Versatile`
        speaks as it does, whatever the delivery. Raises `EngineError`.
        """
        ...


@runtime_checkable
class Versatile(Protocol):
    """A voice that can speak otherwise than it usually does."""

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        """Its own first."""
        ...

    def takes(self, wanted: Delivery) -> Delivery:
        """What of it the engine does itself, and well; `voice.delivery` does the rest to the sound."""
        ...


class Loudspeaker(Protocol):
    """The listener's end: words on the screen and sound in the room, in step."""

    async def begin(self, sentence: str) -> None:
        """The next frames are this sentence; show it."""
        ...

    async def play(self, frame: AudioFrame) -> None:
        """Returns when little enough is buffered that the next frame may come."""
        ...

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...

    async def finish(self) -> tuple[Heard, ...]:
        """Wait until everything has sounded; say what was heard since the last `finish` or `interrupt`."""
        ...

    async def interrupt(self) -> tuple[Heard, ...]:
        """Throw away whatever has not been heard yet; say what was."""
        ...
