"""Whisper by faster-whisper (CTranslate2), from a folder on this machine; nothing here reaches the network.

An utterance is heard in a window of its own length (`voice/stt/whisper_model.py`). When the numbers that come with the
words look bad, it is heard once more in the full window, unless it is an even noise: that costs several times as much.

Whisper invents words where there are none. What goes: audio without sound or too short for a word, text that
the model itself takes for no speech, loops, and the phrases it is known to dream up when its numbers agree. What no
number tells is for `voice/inventions.py`.

A look at what is still being spoken has a worker of its own, so that no transcript waits behind it. It is not begun
while one is being made, and left half way when one is wanted.
"""

import math
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

import anyio
import numpy as np
import structlog
from anyio import to_thread
from numpy.typing import NDArray

from resilience.errors import EngineFailed, EngineTimeout
from voice.inventions import is_echo
from voice.settings import FasterWhisperSpec
from voice.stt.sound import holds_sound, is_steady, quiet_moment, samples_of
from voice.stt.whisper_doubts import NO_SPEECH, Segment, confidence, is_doubtful, is_invented
from voice.stt.whisper_model import ENGINE, FULL_WINDOW, GivenUp, LoadedWhisper, load_whisper, window_frames
from voice.types import SAMPLE_RATE, Look, Settled, Transcript, Utterance

log = structlog.get_logger(__name__)

T = TypeVar("T")

_SHORTEST_SECONDS = 0.1
_FALLBACK_TEMPERATURES = (0.0, 0.4, 0.8)
_MOST_TOKENS = 440
_PROMPT_TOKENS = 48
_HOTWORD_TOKENS = 96
"""Of the speaker's own words, the first of them: the more Whisper is told, the more it hears what it was told."""
_SHORTEST_LOOK, _LONGEST_LOOK = 0.8, 28.0
"""Seconds. In less Whisper finds other words, and with more the window is full."""
_SURE = 0.7
"""Probability from which on the language that Whisper finds out is believed: of one short word it is often unsure."""
_MOST_GIVEN_UP = 3
"""Calls that were cancelled and whose thread is still at it; with more, the engine hangs."""


class FasterWhisper:
    def __init__(self, loaded: LoadedWhisper, spec: FasterWhisperSpec) -> None:
        self._model = loaded.model
        self._window = loaded.window
        self._spec = spec
        self._turn = anyio.Lock()
        self._threads = anyio.CapacityLimiter(1 + _MOST_GIVEN_UP)
        self._at_work = threading.Lock()
        self._unfinished: set[threading.Event] = set()
        self._look: threading.Event | None = None
        """Whether it is given up; None while there is none."""
        self._one_look = anyio.CapacityLimiter(1)
        self._at_look = threading.Lock()
        self._rests_until = 0.0 if spec.interim_share else math.inf

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._model.supported_languages)

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """One at a time. A cancelled call is left at once; its thread stops at the next segment, unheard."""
        samples = samples_of(utterance, ENGINE)
        if len(samples) < _SHORTEST_SECONDS * SAMPLE_RATE or not holds_sound(samples):
            return Transcript("", engine=ENGINE)
        again = not is_steady(utterance)
        hotwords = self._hotwords(utterance.vocabulary)
        language = self._language(utterance)
        return await self._in_thread(
            lambda given_up: self._listen(_as_floats(samples), language, hotwords, again, given_up)
        )

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        """One at a time, in a share of the time, and only while nobody wants a transcript."""
        first = round(settled.until * SAMPLE_RATE)
        samples = samples_of(so_far, ENGINE)
        if first:
            first = quiet_moment(samples, first)
        samples = samples[first:]
        if not _SHORTEST_LOOK <= len(samples) / SAMPLE_RATE <= _LONGEST_LOOK or not holds_sound(samples):
            return None
        if self._look or self._turn.locked() or self._unfinished or anyio.current_time() < self._rests_until:
            return None
        began = anyio.current_time()
        given_up = self._look = threading.Event()
        try:
            words = await to_thread.run_sync(
                self._at_a_look,
                samples,
                self._language(so_far),
                settled.text,
                given_up,
                abandon_on_cancel=True,
                limiter=self._one_look,
            )
        finally:
            given_up.set()
            self._look = None
            ended = anyio.current_time()
            self._rests_until = ended + rest_seconds(ended - began, self._spec.interim_share)
        return None if words is None else Look(words, settled.until)

    async def check(self) -> None:
        """A moment of nothing in the shortest window: without words, a question in earnest would be heard twice."""
        nothing = np.zeros(SAMPLE_RATE // 2, np.float32)
        frames = window_frames(0.5, self._spec.shortest_window_seconds)
        await self._in_thread(lambda given_up: self._decode(nothing, self._spec.language, (), frames, given_up))

    async def wait_for_threads(self) -> None:
        """Until no call is at work in the library."""
        for lock in (self._at_work, self._at_look):
            await to_thread.run_sync(lock.acquire, abandon_on_cancel=True)

    async def _in_thread(self, work: Callable[[threading.Event], T]) -> T:
        if self._look is not None:
            self._look.set()
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

    def _at_a_look(
        self, samples: NDArray[np.int16], language: str | None, before: str, given_up: threading.Event
    ) -> tuple[str, ...] | None:
        """None when it was given up, or one that was given up earlier is still at work."""
        if not self._at_look.acquire(blocking=False):
            return None
        try:
            return self._glance(_as_floats(samples), language, before, given_up)
        except GivenUp:
            return None
        except (RuntimeError, ValueError, MemoryError) as exc:
            raise EngineFailed(ENGINE, f"could not look into it: {exc}") from exc
        finally:
            self._at_look.release()

    def _glance(
        self, audio: NDArray[np.float32], language: str | None, before: str, given_up: threading.Event
    ) -> tuple[str, ...]:
        """Once, greedily, in the cut window. `before`: what was said before it."""
        seconds = len(audio) / SAMPLE_RATE
        self._window.cut(window_frames(seconds, self._spec.shortest_window_seconds), given_up)
        prompt = self._model.hf_tokenizer.encode(f" {before}", add_special_tokens=False).ids if before else []
        segments, _ = self._model.transcribe(
            audio,
            language=language,
            beam_size=1,
            temperature=0.0,
            no_speech_threshold=None,
            condition_on_previous_text=False,
            initial_prompt=prompt[-_PROMPT_TOKENS:],
            without_timestamps=True,
            max_new_tokens=min(most_new_tokens(seconds), _MOST_TOKENS - _PROMPT_TOKENS),
        )
        return tuple(word for each in segments if not is_invented(each) for word in each.text.split())

    def _language(self, utterance: Utterance) -> str | None:
        """To hear it in; None: it is found out."""
        if utterance.language is None or (utterance.language and utterance.language not in self.languages):
            return self._spec.language
        return utterance.language or None

    def _hotwords(self, vocabulary: Sequence[str]) -> tuple[str, ...]:
        """As many as it is told of."""
        left, told = _HOTWORD_TOKENS, []
        for each in vocabulary:
            left -= len(self._model.hf_tokenizer.encode(f" {each},", add_special_tokens=False).ids)
            if left < 0:
                break
            told.append(each)
        return tuple(told)

    def _listen(
        self,
        audio: NDArray[np.float32],
        language: str | None,
        hotwords: tuple[str, ...],
        again: bool,
        given_up: threading.Event,
    ) -> Transcript:
        """`again`: whether it may be heard again, when what was heard is doubtful."""
        frames = window_frames(len(audio) / SAMPLE_RATE, self._spec.shortest_window_seconds)
        if frames < FULL_WINDOW:
            segments, found = self._decode(audio, language, hotwords, frames, given_up)
            if again and is_doubtful(segments) and not given_up.is_set():
                log.info("hearing it again in the full window", engine=ENGINE)
                segments, found = self._decode(audio, language, hotwords, FULL_WINDOW, given_up)
        else:
            segments, found = self._decode(audio, language, hotwords, FULL_WINDOW, given_up)
        said = [each for each in segments if not is_invented(each) and not is_echo(each.text, hotwords)]
        text = "".join(each.text for each in said).strip()
        if not text or found is None:
            return Transcript("", ENGINE)
        is_detected = language is None and len(self.languages) > 1 and found.probability >= _SURE
        return Transcript(text, ENGINE, found.language, confidence(said), is_detected=is_detected)

    def _decode(
        self,
        audio: NDArray[np.float32],
        language: str | None,
        hotwords: tuple[str, ...],
        frames: int,
        given_up: threading.Event,
    ) -> tuple[list[Segment], "_Spoken | None"]:
        """And in which language it is spoken; None when it was given up."""
        if given_up.is_set():
            return [], None
        first_look = frames < FULL_WINDOW
        self._window.cut(frames)
        segments: Iterable[Segment]
        segments, info = self._model.transcribe(
            audio,
            language=language,
            beam_size=self._spec.beam_size,
            temperature=0.0 if first_look else _FALLBACK_TEMPERATURES,
            # With a threshold faster-whisper drops silent segments unseen, and then nothing tells silence from failure.
            no_speech_threshold=None if first_look else NO_SPEECH,
            condition_on_previous_text=False,
            without_timestamps=len(audio) <= 30 * SAMPLE_RATE,
            hotwords=", ".join(hotwords) or None,
            max_new_tokens=min(
                most_new_tokens(min(len(audio) / SAMPLE_RATE, 30.0)),
                _MOST_TOKENS - (_HOTWORD_TOKENS if hotwords else 0),
            ),
        )
        heard = []
        for segment in segments:
            if given_up.is_set():
                break
            heard.append(segment)
        return heard, _Spoken(info.language, info.language_probability)


class _Spoken(NamedTuple):
    language: str
    probability: float


def most_new_tokens(seconds: float) -> int:
    """A bound on decoding, so that a loop in a short utterance ends soon: twelve tokens a second is very fast speech.

    CTranslate2 stops at half of the length it is given (prompt included), so this is twice what is wanted;
    faster-whisper refuses more than 448 with the prompt.
    """
    return min(2 * (32 + math.ceil(12 * seconds)), _MOST_TOKENS)


def rest_seconds(took: float, share: float) -> float:
    """How long to rest from work that took so long, for it to take no more than this share of the time."""
    return took * (1 / share - 1)


def _as_floats(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32_768)


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
