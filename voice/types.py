"""The words this room uses. Plain frozen values; no behaviour beyond arithmetic."""

from dataclasses import dataclass

SAMPLE_RATE = 16_000
"""What the microphone delivers and every recogniser is given, in Hertz."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Some milliseconds of mono 16-bit little-endian PCM."""

    pcm: bytes
    sample_rate: int = SAMPLE_RATE
    """Hertz."""

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (2 * self.sample_rate)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began to talk. While the assistant is talking, this may be a barge-in."""

    at: float
    """Seconds of audio since the microphone opened, as are all times below."""


@dataclass(frozen=True, slots=True)
class SpeechDropped:
    """What had started was too short to be speech: a click, a cough."""

    at: float


@dataclass(frozen=True, slots=True)
class Speaking:
    """The utterance so far, while it is still being spoken: for interim text only."""

    utterance: "Utterance"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of user speech, from onset (with pre-roll) to endpoint; 16 kHz."""

    audio: AudioFrame
    started_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class MicrophoneClosed:
    """No more audio for now; whatever was being said is over."""


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    """Empty when nothing that was said could be made out."""
    engine: str = ""
    language: str | None = None
    confidence: float | None = None
    """0 to 1, where the engine gives one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence of a reply, and how much of its sound the user really heard."""

    sentence: str
    fraction: float
    """0 to 1; 1 for a sentence that was only ever shown."""
