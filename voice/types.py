"""The words this room uses. Plain frozen values; no behaviour beyond arithmetic."""

from dataclasses import dataclass, field

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
    reopens: bool = False
    """So soon after the last utterance that it belongs to the same turn."""


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
    pause_seconds: float = 0.0
    """Silence at its end, in which it was waited for more."""
    revision: int | None = None
    """The pause that now stands, for nothing was said after it; None where there was none."""
    speech_seconds: float | None = None
    """How much of it the ear took for speech; None where nobody knows."""
    vocabulary: tuple[str, ...] = ()
    """Names and terms that its speaker is known to say."""
    language: str | None = None
    """That its speaker has chosen, of two letters; empty: to be found out; None: as the engine is set."""
    expected: tuple[str, ...] = ()
    """Whole sayings, in plain words, that are likelier than others: something is done at them."""


@dataclass(frozen=True, slots=True)
class Lull:
    """A moment without speech. Work may begin as at a soft end, by whoever has the time; what comes next is that soft
    end, with the same revision, or `Resumed`.
    """

    utterance: Utterance
    """What was said up to here; its last sound may still be dying away."""
    revision: int


@dataclass(frozen=True, slots=True)
class SoftEnd:
    """A pause that may be the end. Work on an answer may begin; nobody may hear of it before the `Utterance` with this
    revision.
    """

    utterance: Utterance
    """What was said up to here."""
    revision: int
    """Grows with every pause of one microphone."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """It was not the end: whatever was begun under this revision is void. The utterance goes on."""

    revision: int


@dataclass(frozen=True, slots=True)
class Called:
    """The wake word was said, or the talk button pressed: from here on everything is heard."""

    at: float


@dataclass(frozen=True, slots=True)
class MicrophoneClosed:
    """No more audio for now; whatever was being said is over."""


@dataclass(frozen=True, slots=True)
class TalkBegan:
    """The user pressed to talk: an utterance begins, and no silence ends it."""


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The user let go, or pressed again: what was being said is over."""


MicrophoneItem = AudioFrame | MicrophoneClosed | TalkBegan | TalkEnded


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    """Empty when nothing that was said could be made out."""
    engine: str = ""
    language: str | None = None
    confidence: float | None = None
    """0 to 1, where the engine gives one."""
    verbatim: str = ""
    """With every hesitation and repeated sound, where the text was cleaned of such; else empty."""
    is_detected: bool = False
    """Whether the language was found out from the sound, and for certain."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a recogniser makes of an utterance that is still being spoken."""

    words: tuple[str, ...]
    since: float = 0.0
    """Seconds of its audio that were not heard for it."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The beginning of an utterance that is still being spoken, into which no recogniser need look again."""

    text: str = ""
    until: float = 0.0
    """Seconds of its audio."""


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """One of the voices that an engine speaks with."""

    name: str
    """No other voice of the house has it: `piper:en_US-lessac-medium`."""
    label: str
    """As one says it: "American English, a woman"."""
    language: str
    """Of two letters; empty: any, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a sentence is to be said."""

    rate: float = 1.0
    """1 is the voice's own, 2 is twice as fast."""
    pitch: float = 1.0
    """1 is the voice's own, 2 is an octave above."""
    voice: str = ""
    """Of `KnownVoice`, by its name; empty: whichever comes first."""
    language: str = ""
    """Of two letters, for where no voice was chosen; empty: the voice's own."""
    pronunciations: tuple[tuple[str, str], ...] = ()
    """What is written, and how it is said."""


AS_USUAL = Delivery()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be had. Whoever tells people of it has the words, in their language."""

    code: str
    values: tuple[tuple[str, "str | Reason"], ...] = ()
    """What is filled into those words, by its name there."""
    detail: str = ""
    """What is behind it, technical and in English."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence of a reply, and how much of its sound the user really heard."""

    sentence: str
    fraction: float
    """0 to 1; 1 for a sentence that was only ever shown."""
    began_at: float | None = field(default=None, compare=False)
    """When its first sample was heard, on the monotonic clock; None where it had no sound, or nobody can tell."""
