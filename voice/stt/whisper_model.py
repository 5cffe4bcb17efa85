"""A Whisper model in memory, and how much its encoder is shown.

Whisper was trained on windows of 30 seconds, and stock faster-whisper pads a two-second question to that
length: nine tenths of the encoder's work are silence. Here the window is as long as the utterance, though not
shorter than `FasterWhisperSpec.shortest_window_seconds`, below which real models begin to make mistakes.
"""

import json
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from resilience.errors import EngineUnavailable
from voice.settings import FasterWhisperSpec
from voice.types import SAMPLE_RATE

log = structlog.get_logger(__name__)

ENGINE = "faster-whisper"
FRAMES_PER_SECOND = 100
FULL_WINDOW = 30 * FRAMES_PER_SECOND
_MARGIN_SECONDS = 0.5


def window_frames(seconds: float, shortest_seconds: float) -> int:
    """How many mel frames the encoder is shown. More than 30 s is cut into full windows by faster-whisper."""
    frames = math.ceil(max(seconds + _MARGIN_SECONDS, shortest_seconds) * FRAMES_PER_SECOND)
    return min(frames + frames % 2, FULL_WINDOW)


class GivenUp(Exception):
    """Nobody waits for this look any more."""


class Window(threading.local):
    """Cuts what a model's encoder is shown to the frames that matter, undoing faster-whisper's padding. Each thread has
    its own.
    """

    def __init__(self, encode: Callable[[NDArray[np.float32]], Any]) -> None:
        self._encode = encode
        self._frames = FULL_WINDOW
        self._given_up: threading.Event | None = None

    def cut(self, frames: int, given_up: threading.Event | None = None) -> None:
        """For all that follows. Once `given_up`, it raises `GivenUp` after the encoder's share of the work."""
        self._frames, self._given_up = frames, given_up

    def encode(self, features: NDArray[np.float32]) -> Any:
        encoded = self._encode(features[..., : self._frames])
        if self._given_up is not None and self._given_up.is_set():
            raise GivenUp
        return encoded


@dataclass(frozen=True, slots=True)
class LoadedWhisper:
    model: Any
    window: Window


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
            num_workers=2 if spec.interim_share else 1,
            local_files_only=True,
        )
        window = Window(model.encode)
        model.encode = window.encode  # of this one model: the library's own functions stay as they are
        window.cut(window_frames(0.0, spec.shortest_window_seconds))
        segments, _ = model.transcribe(
            np.zeros(SAMPLE_RATE, np.float32), language="en", temperature=0.0, max_new_tokens=8
        )
        list(segments)
    except (RuntimeError, ValueError, OSError) as exc:
        raise EngineUnavailable(ENGINE, f"the model in {spec.model} cannot be loaded: {exc}") from exc
    if spec.language is not None and spec.language not in model.supported_languages:
        raise EngineUnavailable(ENGINE, f"the model in {spec.model} does not know the language {spec.language!r}")
    return LoadedWhisper(model, window)
