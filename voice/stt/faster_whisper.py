"""Whisper by faster-whisper (CTranslate2), from a folder on this machine; nothing here reaches the network.

Whisper was trained on windows of 30 seconds, and stock faster-whisper pads a two-second question to that
length: nine tenths of the encoder's work are silence. Here the window is as long as the utterance, though not
shorter than `FasterWhisperSpec.shortest_window_seconds`, below which real models begin to make mistakes. When the
numbers that come with the words look bad, the utterance is heard once more in the full window.

Whisper invents words where there are none. What goes: audio without sound or too short for a word, text that
the model itself takes for no speech, loops, and the phrases it is known to dream up when its numbers agree.
"""

import json
import math
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import anyio
import numpy as np
import structlog
from anyio import to_thread
from numpy.typing import NDArray

from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable
from voice.settings import FasterWhisperSpec
from voice.stt.sound import holds_sound, samples_of
from voice.types import SAMPLE_RATE, Transcript, Utterance

log = structlog.get_logger(__name__)

T = TypeVar("T")

ENGINE = "faster-whisper"
FRAMES_PER_SECOND = 100
FULL_WINDOW = 30 * FRAMES_PER_SECOND
_MARGIN_SECONDS = 0.5
_SHORTEST_SECONDS = 0.1
_FALLBACK_TEMPERATURES = (0.0, 0.4, 0.8)
_MOST_GIVEN_UP = 3
"""Calls that were cancelled and whose thread is still at it; with more, the engine hangs."""

UNLIKELY = -1.0
"""Mean log probability per token, and below: Whisper's own threshold of failure."""
REPETITIVE = 2.4
"""Compression ratio, and above: a loop."""
NO_SPEECH = 0.6
PHANTOMS = frozenset(
    {
        "you",
        "bye",
        "bye bye",
        "thanks",
        "thank you",
        "thank you very much",
        "thank you so much",
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subtitles by the amaraorg community",
    }
)
"""What Whisper says into silence: it was trained on subtitles. All of it may also be said in earnest."""


class Segment(Protocol):
    """The part of faster-whisper's segments that is judged here."""

    text: str
    tokens: list[int]
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


def window_frames(seconds: float, shortest_seconds: float) -> int:
    """How many mel frames the encoder is shown. More than 30 s is cut into full windows by faster-whisper."""
    frames = math.ceil(max(seconds + _MARGIN_SECONDS, shortest_seconds) * FRAMES_PER_SECOND)
    return min(frames + frames % 2, FULL_WINDOW)


def is_invented(segment: Segment) -> bool:
    """Words that were not in the audio, as far as the model's own numbers tell."""
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < UNLIKELY:
        return True
    if segment.compression_ratio > REPETITIVE:
        return True
    words = "".join(c for c in segment.text.lower() if c.isalnum() or c == " ").strip()
    return words in PHANTOMS and (segment.no_speech_prob > NO_SPEECH / 2 or segment.avg_logprob < UNLIKELY / 2)


def is_doubtful(segments: Sequence[Segment]) -> bool:
    """Whether sound should be heard again in the full window: no words, unlikely words, or a loop."""
    if not segments:
        return True
    return any(
        each.compression_ratio > REPETITIVE or (each.avg_logprob < UNLIKELY and each.no_speech_prob <= NO_SPEECH)
        for each in segments
    )


class Window:
    """Cuts what a model's encoder is shown to the frames that matter, undoing faster-whisper's padding."""

    def __init__(self, encode: Callable[[NDArray[np.float32]], Any]) -> None:
        self._encode = encode
        self.frames = FULL_WINDOW

    def encode(self, features: NDArray[np.float32]) -> Any:
        return self._encode(features[..., : self.frames])


@dataclass(frozen=True, slots=True)
class LoadedWhisper:
    model: Any
    window: Window


class FasterWhisper:
    def __init__(self, loaded: LoadedWhisper, spec: FasterWhisperSpec) -> None:
        self._model = loaded.model
        self._window = loaded.window
        self._spec = spec
        self._turn = anyio.Lock()
        self._threads = anyio.CapacityLimiter(1 + _MOST_GIVEN_UP)
        self._at_work = threading.Lock()
        self._unfinished: set[threading.Event] = set()

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """One at a time. A cancelled call is left at once; its thread stops at the next segment, unheard."""
        samples = samples_of(utterance, ENGINE)
        if len(samples) < _SHORTEST_SECONDS * SAMPLE_RATE or not holds_sound(samples):
            return Transcript("", engine=ENGINE)
        return await self._in_thread(
            lambda given_up: self._listen(samples.astype(np.float32) / np.float32(32_768), given_up)
        )

    async def check(self) -> None:
        """A moment of nothing in the shortest window: without words, a question in earnest would be heard twice."""
        nothing = np.zeros(SAMPLE_RATE // 2, np.float32)
        frames = window_frames(0.5, self._spec.shortest_window_seconds)
        await self._in_thread(lambda given_up: self._decode(nothing, frames, given_up))

    async def wait_for_threads(self) -> None:
        """Until no call is at work in the library."""
        await to_thread.run_sync(self._at_work.acquire, abandon_on_cancel=True)

    async def _in_thread(self, work: Callable[[threading.Event], T]) -> T:
        async with self._turn:
            if len(self._unfinished) > _MOST_GIVEN_UP:
                raise EngineTimeout(ENGINE, f"{len(self._unfinished)} earlier calls have not come back")
            given_up = threading.Event()
            try:
                return await to_thread.run_sync(self._at, work, given_up, abandon_on_cancel=True, limiter=self._threads)
            finally:
                given_up.set()

    def _at(self, work: Callable[[threading.Event], T], given_up: threading.Event) -> T:
        self._unfinished.add(given_up)
        try:
            with self._at_work:
                return work(given_up)
        except (RuntimeError, ValueError, MemoryError) as exc:
            raise EngineFailed(ENGINE, f"could not transcribe: {exc}") from exc
        finally:
            self._unfinished.discard(given_up)

    def _listen(self, audio: NDArray[np.float32], given_up: threading.Event) -> Transcript:
        frames = window_frames(len(audio) / SAMPLE_RATE, self._spec.shortest_window_seconds)
        if frames < FULL_WINDOW:
            segments, language = self._decode(audio, frames, given_up)
            if is_doubtful(segments) and not given_up.is_set():
                log.info("hearing it again in the full window", engine=ENGINE)
                segments, language = self._decode(audio, FULL_WINDOW, given_up)
        else:
            segments, language = self._decode(audio, FULL_WINDOW, given_up)
        said = [each for each in segments if not is_invented(each)]
        text = "".join(each.text for each in said).strip()
        return Transcript(text, ENGINE, language, confidence(said) if text else None)

    def _decode(
        self, audio: NDArray[np.float32], frames: int, given_up: threading.Event
    ) -> tuple[list[Segment], str | None]:
        if given_up.is_set():
            return [], None
        first_look = frames < FULL_WINDOW
        self._window.frames = frames
        segments: Iterable[Segment]
        segments, info = self._model.transcribe(
            audio,
            language=self._spec.language,
            beam_size=self._spec.beam_size,
            temperature=0.0 if first_look else _FALLBACK_TEMPERATURES,
            # With a threshold faster-whisper drops silent segments unseen, and then nothing tells silence from failure.
            no_speech_threshold=None if first_look else NO_SPEECH,
            condition_on_previous_text=False,
            without_timestamps=len(audio) <= 30 * SAMPLE_RATE,
            max_new_tokens=most_new_tokens(min(len(audio) / SAMPLE_RATE, 30.0)),
        )
        heard = []
        for segment in segments:
            if given_up.is_set():
                break
            heard.append(segment)
        return heard, info.language


def most_new_tokens(seconds: float) -> int:
    """A bound on decoding, so that a loop in a short utterance ends soon: twelve tokens a second is very fast speech.

    CTranslate2 stops at half of the length it is given (prompt included), so this is twice what is wanted;
    faster-whisper refuses more than 448 with the prompt.
    """
    return min(2 * (32 + math.ceil(12 * seconds)), 440)


def confidence(segments: Sequence[Segment]) -> float:
    """Geometric mean probability of a token."""
    tokens = sum(len(each.tokens) for each in segments)
    return min(1.0, math.exp(sum(each.avg_logprob * len(each.tokens) for each in segments) / max(tokens, 1)))


@asynccontextmanager
async def open_faster_whisper(spec: FasterWhisperSpec) -> AsyncGenerator[FasterWhisper, None]:
    """Load the model and hear a second of nothing, so that the first user does not wait. Raises `EngineUnavailable`.
    Whoever closes it decides how long to wait for a call that hangs in the library.
    """
    loaded = await to_thread.run_sync(load_whisper, spec, abandon_on_cancel=True)
    engine = FasterWhisper(loaded, spec)
    try:
        yield engine
    finally:
        await engine.wait_for_threads()


def load_whisper(spec: FasterWhisperSpec) -> LoadedWhisper:
    _check_folder(spec)
    try:
        return _load_on(spec, spec.device)
    except EngineUnavailable as exc:
        if spec.device != "auto":
            raise
        # A graphics card may be there without the libraries that CTranslate2 needs to use it.
        log.warning("loading for the processor instead", engine=ENGINE, reason=exc.reason)
        return _load_on(spec, "cpu")


def _check_folder(spec: FasterWhisperSpec) -> None:
    """Before the library sees it: for lack of a tokenizer, faster-whisper would ask the hub for one."""
    if not spec.model.is_dir():
        raise EngineUnavailable(ENGINE, f"there is no model folder {spec.model}")
    for name in ("model.bin", "config.json", "tokenizer.json"):
        if not (spec.model / name).is_file():
            raise EngineUnavailable(ENGINE, f"{spec.model} has no {name}: not a whole CTranslate2 Whisper model")
    try:
        tokenizer = json.loads((spec.model / "tokenizer.json").read_bytes())
    except (OSError, ValueError) as exc:
        raise EngineUnavailable(ENGINE, f"{spec.model / 'tokenizer.json'} is damaged: {exc}") from exc
    # The tokenizers library answers a damaged file with a bare `Exception`, so its shape is looked at here.
    if not isinstance(tokenizer, dict) or not {"model", "added_tokens"} <= tokenizer.keys():
        raise EngineUnavailable(ENGINE, f"{spec.model / 'tokenizer.json'} is not a tokenizer")


def _load_on(spec: FasterWhisperSpec, device: str) -> LoadedWhisper:
    try:
        from faster_whisper import WhisperModel
    except ImportError as exc:
        raise EngineUnavailable(ENGINE, f"the library faster-whisper cannot be used: {exc}") from exc
    try:
        model = WhisperModel(
            str(spec.model),
            device=device,
            compute_type=spec.compute_type,
            cpu_threads=spec.threads,
            local_files_only=True,
        )
        window = Window(model.encode)
        model.encode = window.encode  # of this one model: the library's own functions stay as they are
        window.frames = window_frames(0.0, spec.shortest_window_seconds)
        segments, _ = model.transcribe(
            np.zeros(SAMPLE_RATE, np.float32), language="en", temperature=0.0, max_new_tokens=8
        )
        list(segments)
    except (RuntimeError, ValueError, OSError) as exc:
        raise EngineUnavailable(ENGINE, f"the model in {spec.model} cannot be loaded: {exc}") from exc
    if spec.language is not None and spec.language not in model.supported_languages:
        raise EngineUnavailable(ENGINE, f"the model in {spec.model} does not know the language {spec.language!r}")
    return LoadedWhisper(model, window)
