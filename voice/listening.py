"""Microphone frames in; speech onsets and whole utterances out."""

from collections import deque

from anyio.abc import ObjectReceiveStream, ObjectSendStream

from voice.endpointing import Endpoint, Endpointer
from voice.protocols import VoiceActivityDetector
from voice.types import SAMPLE_RATE, AudioFrame, MicrophoneClosed, Speaking, SpeechDropped, SpeechStarted, Utterance

INTERIM_SECONDS = 0.5
"""How much an utterance grows between two looks at its interim text."""

HeardEvent = SpeechStarted | SpeechDropped | Speaking | Utterance | MicrophoneClosed


async def listen(
    mic: ObjectReceiveStream[AudioFrame | MicrophoneClosed],
    heard: ObjectSendStream[HeardEvent],
    vad: VoiceActivityDetector,
    endpointer: Endpointer,
    *,
    preroll_seconds: float,
) -> None:
    """Run until the stream of frames ends; 16 kHz frames of any length. Closes `heard` on the way out."""
    ear = _Ear(vad, endpointer, preroll_seconds)
    async with mic, heard:
        async for item in mic:
            match item:
                case MicrophoneClosed():
                    events = [*ear.close(), item]
                case AudioFrame():
                    events = ear.take(item.pcm)
            for event in events:
                await heard.send(event)
        for event in ear.close():
            await heard.send(event)


class _Ear:
    """What has been heard and not yet handed on. Synchronous; time is counted in samples."""

    def __init__(self, vad: VoiceActivityDetector, endpointer: Endpointer, preroll_seconds: float) -> None:
        self._vad = vad
        self._endpointer = endpointer
        self._window_seconds = vad.window_bytes / (2 * SAMPLE_RATE)
        self._rest = bytearray()
        self._preroll: deque[bytes] = deque(maxlen=max(1, round(preroll_seconds / self._window_seconds)))
        self._utterance = bytearray()
        self._now = self._started_at = self._looked_at = 0.0

    def take(self, pcm: bytes) -> list[HeardEvent]:
        self._rest += pcm
        size = self._vad.window_bytes
        whole = len(self._rest) // size * size
        windows = bytes(self._rest[:whole])
        del self._rest[:whole]
        events: list[HeardEvent] = []
        for at in range(0, whole, size):
            event = self._window(windows[at : at + size])
            if event is not None:
                events.append(event)
        return events

    def close(self) -> list[HeardEvent]:
        self._utterance += self._rest if self._endpointer.in_utterance else b""
        self._rest.clear()
        self._vad.reset()
        event = self._conclude(self._endpointer.flush())
        self._preroll.clear()
        return [event] if event is not None else []

    def _window(self, window: bytes) -> HeardEvent | None:
        self._now += self._window_seconds
        if self._endpointer.in_utterance:
            self._utterance += window
        else:
            self._preroll.append(window)
        endpoint = self._endpointer.process(self._vad.probability(window), self._window_seconds)
        if endpoint is Endpoint.STARTED:
            self._utterance = bytearray(b"".join(self._preroll))
            self._preroll.clear()
            self._started_at = self._looked_at = self._now
            return SpeechStarted(self._now)
        if endpoint is None and self._endpointer.in_utterance and self._now - self._looked_at >= INTERIM_SECONDS:
            self._looked_at = self._now
            return Speaking(self._so_far())
        return self._conclude(endpoint)

    def _conclude(self, endpoint: Endpoint | None) -> HeardEvent | None:
        if endpoint is Endpoint.DROPPED:
            return SpeechDropped(self._now)
        return self._so_far() if endpoint is Endpoint.ENDED else None

    def _so_far(self) -> Utterance:
        return Utterance(AudioFrame(bytes(self._utterance)), self._started_at, self._now)
