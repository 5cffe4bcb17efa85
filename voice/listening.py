"""Microphone frames in; speech onsets, pauses and whole utterances out. Asleep, only the wake word is listened for."""

from collections import deque
from collections.abc import Callable

from anyio.abc import ObjectReceiveStream, ObjectSendStream

from voice.endpointing import Endpoint, Endpointer
from voice.protocols import VoiceActivityDetector
from voice.types import (
    SAMPLE_RATE,
    AudioFrame,
    Called,
    Lull,
    MicrophoneClosed,
    MicrophoneItem,
    Resumed,
    SoftEnd,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    TalkBegan,
    TalkEnded,
    Utterance,
)
from voice.wake.watch import Watch

INTERIM_SECONDS = 0.5
"""How much an utterance grows between two looks at its interim text."""
WORD_SECONDS = 1.5
"""Said later in an utterance than that, the wake word is a word like others."""

HeardEvent = SpeechStarted | SpeechDropped | Speaking | Lull | SoftEnd | Resumed | Utterance | Called | MicrophoneClosed


async def listen(
    mic: ObjectReceiveStream[MicrophoneItem],
    heard: ObjectSendStream[HeardEvent],
    vad: VoiceActivityDetector,
    endpointer: Endpointer,
    *,
    preroll_seconds: float,
    watch: Watch | None = None,
) -> None:
    """Run until the stream of frames ends; 16 kHz frames of any length. Closes `heard` on the way out. `watch`: who may
    put the ear to sleep; None: nobody.
    """
    ear = Ear(vad, endpointer, preroll_seconds, watch)
    async with mic, heard:
        async for item in mic:
            for event in ear.take(item):
                await heard.send(event)
        for event in ear.close():
            await heard.send(event)


class Ear:
    """What has been heard and not yet handed on. Synchronous; time is counted in samples."""

    def __init__(
        self,
        vad: VoiceActivityDetector,
        endpointer: Endpointer,
        preroll_seconds: float,
        watch: Watch | None = None,
    ) -> None:
        self._vad = vad
        self._endpointer = endpointer
        self._watch = Watch() if watch is None else watch
        self._window_seconds = vad.window_bytes / (2 * SAMPLE_RATE)
        self._rest = bytearray()
        self._preroll: deque[bytes] = deque(maxlen=max(1, round(preroll_seconds / self._window_seconds)))
        self._utterance = bytearray()
        self._now = self._started_at = self._looked_at = 0.0
        self._hears = False
        """Whether there is anything to forget."""

    def take(self, item: MicrophoneItem) -> list[HeardEvent]:
        match item:
            case AudioFrame():
                return self._take_sound(item.pcm)
            case MicrophoneClosed():
                events = self.close()
                self._watch.microphone_closed()
                return [*events, item]
            case TalkBegan():
                events = [*self._forget(), Called(self._now)] if self._watch.asleep else []
                self._watch.wake()
                self._endpointer.hold()
                return events
            case TalkEnded():
                return self._forget() if self._watch.asleep else self._cut(self._endpointer.release)

    def close(self) -> list[HeardEvent]:
        """No more audio: whatever is under way is over, and nothing before it matters to what comes."""
        if self._watch.asleep:
            return self._forget()
        self._vad.reset()
        events = self._cut(self._endpointer.flush)
        self._rest.clear()
        self._preroll.clear()
        return events

    def _take_sound(self, pcm: bytes) -> list[HeardEvent]:
        was_asleep = self._watch.asleep
        events = self._forget() if was_asleep else []
        follows = self._watch.take(pcm)
        if follows is not None and (was_asleep or self._has_just_begun):
            return [*events, *self._forget(), Called(self._now), *self._hear(follows)]
        if was_asleep:
            self._now += len(pcm) / (2 * SAMPLE_RATE)
            return events
        return self._hear(pcm)

    @property
    def _has_just_begun(self) -> bool:
        return self._endpointer.in_utterance and self._now - self._started_at <= WORD_SECONDS

    def _forget(self) -> list[HeardEvent]:
        """What was heard so far is nobody's business: whatever was being said has never been."""
        if not self._hears:
            return []
        self._hears = False
        events: list[HeardEvent] = []
        if self._endpointer.in_utterance:
            events = [Resumed(self._endpointer.revision), SpeechDropped(self._now)]
        self._vad.reset()
        self._endpointer.flush()
        for each in (self._rest, self._preroll, self._utterance):
            each.clear()
        return events

    def _hear(self, pcm: bytes) -> list[HeardEvent]:
        self._hears = True
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

    def _cut(self, end: Callable[[], Endpoint | None]) -> list[HeardEvent]:
        """End the utterance here, in the middle of a window."""
        if self._endpointer.in_utterance:
            self._utterance += self._rest
            self._now += len(self._rest) / (2 * SAMPLE_RATE)
            self._rest.clear()
        event = self._conclude(end())
        return [event] if event is not None else []

    def _window(self, window: bytes) -> HeardEvent | None:
        self._now += self._window_seconds
        if self._endpointer.in_utterance:
            self._utterance += window
        else:
            self._preroll.append(window)
        endpoint = self._endpointer.process(self._vad.probability(window), self._window_seconds)
        match endpoint:
            case Endpoint.STARTED | Endpoint.REOPENED:
                self._utterance = bytearray(b"".join(self._preroll))
                self._preroll.clear()
                self._started_at = self._looked_at = self._now
                return SpeechStarted(self._now, endpoint is Endpoint.REOPENED)
            case Endpoint.LULL:
                return Lull(self._so_far(), self._endpointer.revision)
            case Endpoint.SOFT_END:
                return SoftEnd(self._so_far(), self._endpointer.revision)
            case Endpoint.RESUMED:
                return Resumed(self._endpointer.revision)
            case None if self._endpointer.in_utterance and self._now - self._looked_at >= INTERIM_SECONDS:
                self._looked_at = self._now
                return Speaking(self._so_far())
            case _:
                return self._conclude(endpoint)

    def _conclude(self, endpoint: Endpoint | None) -> HeardEvent | None:
        if endpoint is Endpoint.DROPPED:
            # Nobody was given this: if speech follows at once, it is what went before it.
            size = self._vad.window_bytes
            self._preroll.extend(bytes(self._utterance[at : at + size]) for at in range(0, len(self._utterance), size))
            return SpeechDropped(self._now)
        if endpoint is not Endpoint.ENDED:
            return None
        audio = AudioFrame(bytes(self._utterance))
        ear = self._endpointer
        return Utterance(audio, self._started_at, self._now, ear.pause_seconds, ear.stood, ear.speech_seconds)

    def _so_far(self) -> Utterance:
        audio, ear = AudioFrame(bytes(self._utterance)), self._endpointer
        return Utterance(audio, self._started_at, self._now, ear.pause_seconds, speech_seconds=ear.speech_seconds)
