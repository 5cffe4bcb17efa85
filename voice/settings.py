"""What can be set about hearing and speaking. Read from the environment by `app.settings` only.

An engine is chosen by its spec; `None` for a whole ladder means: the best that is installed.
Every ladder ends in a rung that cannot fail (`typed`, `captions`), whether it is named or not.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    first_output_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """How long the engine may take to its first output (for STT: to its answer)."""
    stall_seconds: Annotated[float, Field(gt=0, le=600)] = 5.0
    """How long it may be silent between outputs."""


class OpenAiSpec(Spec):
    """Any server that speaks OpenAI's HTTP API (Ollama, vLLM, llama-server, speaches …)."""

    engine: Literal["openai-compatible"] = "openai-compatible"
    url: HttpUrl
    """The base, with its version: `http://127.0.0.1:8000/v1`."""
    model: str
    """As the server calls it."""
    api_key: SecretStr | None = None
    """Sent as a bearer token; never logged."""


class FasterWhisperSpec(Spec):
    engine: Literal["faster-whisper"] = "faster-whisper"
    model: Path
    """A folder with a CTranslate2 Whisper model."""
    device: Literal["cpu", "cuda", "auto"] = "auto"
    """auto: a GPU if CTranslate2 can use one."""
    compute_type: str = "default"
    """A CTranslate2 compute type: `int8`, `float16`, `default` …"""
    language: str | None = None
    """A language code, or None to let the model find out."""
    beam_size: Annotated[int, Field(ge=1, le=10)] = 5
    """Guesses followed side by side; 1 is fastest."""
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    """Processor threads; 0 is CTranslate2's own choice."""
    shortest_window_seconds: Annotated[float, Field(ge=1, le=30)] = 10.0
    """How much the encoder is shown at least, with silence. Less is quicker and less accurate; Whisper's is 30."""
    interim_share: Annotated[float, Field(ge=0, le=1)] = 0.33
    """The share of the time that may go into interim text, in the whole house; 0 is none."""


class PocketsphinxSpec(Spec):
    engine: Literal["pocketsphinx"] = "pocketsphinx"
    first_output_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0


class OpenAiSttSpec(OpenAiSpec):
    language: str | None = None
    """A language code, or None to let the server find out."""


class TypedSpec(Spec):
    engine: Literal["typed"] = "typed"


SttSpec = Annotated[FasterWhisperSpec | PocketsphinxSpec | OpenAiSttSpec | TypedSpec, Field(discriminator="engine")]


class PiperSpec(Spec):
    engine: Literal["piper"] = "piper"
    model: Path
    """A voice's `.onnx` file; its `.onnx.json` lies beside it."""
    speaker: int | None = None
    """For voices with several speakers, by number."""


class EspeakSpec(Spec):
    engine: Literal["espeak"] = "espeak"
    voice: str = "en-us"
    """A voice of espeak-ng, with a variant if wanted: `en-us+f3`."""
    words_per_minute: Annotated[int, Field(ge=80, le=450)] = 165
    """At the speaking rate 1."""


class OpenAiTtsSpec(OpenAiSpec):
    voice: str = "alloy"
    """As the server calls it."""
    sample_rate: Annotated[int, Field(ge=8000, le=48000)] = 24_000
    """Hertz of the raw PCM that the server answers with."""


class CaptionsSpec(Spec):
    engine: Literal["captions"] = "captions"


TtsSpec = Annotated[PiperSpec | EspeakSpec | OpenAiTtsSpec | CaptionsSpec, Field(discriminator="engine")]


class VadSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    gate_aggressiveness: Annotated[int, Field(ge=0, le=3)] = 1
    """webrtcvad's own scale: 3 lets the least through to Silero."""
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """How sure Silero must be that somebody speaks."""


Patience = Literal["brisk", "standard", "unhurried", "very-patient"]
Ending = Literal["automatic", "push-to-talk", "over"]


class EndpointingSettings(BaseModel):
    """All in seconds of audio. The waits are those of a standard patience; see `voice.endpointing.PATIENCE`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ending: Ending = "automatic"
    """What ends an utterance: silence; the user, who presses and lets go; or the user, who says "over". Each user
    may choose another, as well as another patience and what may break into a reply."""
    patience: Patience = "standard"
    """How long to wait for more: brisk 0.75 times the waits below, unhurried 1.75 times, very-patient 3.5 times, and
    never less than 3.4 s, or 1.5 s after a plain "yes" or a whole command."""
    adapts: bool = True
    """Whether the waits follow the pauses that this user makes in mid-sentence."""
    onset_seconds: Annotated[float, Field(gt=0, le=1)] = 0.048
    """Speech that starts an utterance (and pauses a reply), where it is sure; where it is not, it takes more."""
    shortest_seconds: Annotated[float, Field(gt=0, le=2)] = 0.2
    """Less speech than this is a click or a cough, not an utterance."""
    lull_seconds: Annotated[float, Field(gt=0, le=2)] = 0.03
    """Silence after which the words are made out already, and an answer may be begun, unheard, while the machine has
    time to spare. From the next on: never so soon."""
    soft_seconds: Annotated[float, Field(gt=0, le=2)] = 0.2
    """Silence after which that is done in any case, and it is judged whether the speaker has finished."""
    sure_seconds: Annotated[float, Field(gt=0, le=10)] = 0.27
    """Silence that ends an utterance which sounds finished for certain."""
    silence_seconds: Annotated[float, Field(gt=0, le=10)] = 0.7
    """Silence that ends an utterance when nobody can say whether it is finished."""
    unsure_seconds: Annotated[float, Field(gt=0, le=30)] = 2.4
    """Silence that ends even an utterance which sounds unfinished."""
    reopening_seconds: Annotated[float, Field(ge=0, le=5)] = 0.8
    """Speech so soon after the end of an utterance belongs to the same turn: it had ended too early."""
    preroll_seconds: Annotated[float, Field(ge=0, le=2)] = 0.4
    """What was heard just before the onset and belongs to the utterance: first syllables are soft."""
    longest_seconds: Annotated[float, Field(ge=2, le=300)] = 30.0
    """After that the utterance is handed on; what follows extends the same turn."""


class TurnDetectionSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: bool = True
    """Whether the words so far tell if the speaker has finished."""
    melody: bool = True
    """Whether Smart Turn, where it is there, listens for the same."""
    smart_turn: Path | None = None
    """A Smart Turn v3 model, or a folder with one; nothing means the one that an installed pipecat-ai carries."""


class BargeInSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["on", "off", "keyword"] = "on"
    """What may break into a reply: on, anything that is said; keyword, only "stop", "wait" and the keywords; off,
    nothing that is said. What may not is answered when the reply is over. The page's stop button always works."""
    keywords: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Words, or phrases, that break in as well where only keywords do."""
    moment_seconds: Annotated[float, Field(ge=0.5, le=10)] = 1.5
    """A reply that paused for a sound goes on when no words were found in so much of it."""
    own_voice: bool = True
    """Whether the microphone's echo of the reply is told from somebody who speaks."""


class VoiceSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    stt: tuple[SttSpec, ...] | None = None
    """The ladder of recognisers, best first; nothing means the best that is installed."""
    tts: tuple[TtsSpec, ...] | None = None
    """The ladder of voices, best first; nothing means the best that is installed."""
    vad: VadSettings = VadSettings()
    endpointing: EndpointingSettings = EndpointingSettings()
    turn_detection: TurnDetectionSettings = TurnDetectionSettings()
    foresight: bool = True
    """Whether the answer is begun, unheard, in a pause that is likely to be the end: sooner there, at the price of
    the work on those that turn out not to be wanted."""
    barge_in: BargeInSettings = BargeInSettings()
    hands_free: bool = True
    """Whether a page listens by itself once its browser has allowed the microphone, until its user chooses."""
    welcomes: bool = True
    """Whether somebody new, who has opened the microphone, is led through the first start, until they were, or passed
    it over."""
    rate: Annotated[float, Field(ge=0.5, le=3)] = 1.0
    """Speaking rate to begin with; 1 is the voice's own."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    """Which of the installed models are used, and in which language users are told things who have chosen none, and
    whose browser has none of English, French, German and Spanish; the built-in recogniser knows English only."""
