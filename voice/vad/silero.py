"""Silero's voice activity detector: the ONNX file that faster-whisper carries, about 60 microseconds a window of 32 ms.

The network is loaded once and shared (`load_silero`); what a detector remembers is its own.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from resilience.errors import EngineUnavailable

ENGINE = "silero"
WINDOW_BYTES = 1024
_CONTEXT = 64
"""Samples of the window before, shown again with each window."""
_STATE_SHAPE = (1, 1, 128)


@cache
def load_silero() -> Any:
    """The onnxruntime session. Raises `EngineUnavailable`."""
    package = importlib.util.find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise EngineUnavailable(ENGINE, "the library faster-whisper, which carries the model, is not installed")
    models = sorted((Path(package.origin).parent / "assets").glob("silero_vad_v*.onnx"))
    if not models:
        raise EngineUnavailable(ENGINE, "this version of faster-whisper carries no Silero model")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(models[-1]), options, providers=["CPUExecutionProvider"])


class SileroVad:
    def __init__(self, session: Any) -> None:
        self._session = session
        self._h = self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros((1, _CONTEXT), np.float32)

    @property
    def window_bytes(self) -> int:
        return WINDOW_BYTES

    def probability(self, window: bytes) -> float:
        """Several windows in a row are taken too, at less cost than one by one; the answer is for the last."""
        samples = np.frombuffer(window, np.dtype("<i2")).astype(np.float32) / np.float32(32_768)
        windows = samples.reshape(-1, WINDOW_BYTES // 2)
        contexts = np.concatenate([self._context, windows[:-1, -_CONTEXT:]])
        shown = np.concatenate([contexts, windows], axis=1)
        answers, self._h, self._c = self._session.run(None, {"input": shown, "h": self._h, "c": self._c})
        self._context = windows[-1:, -_CONTEXT:]
        return float(answers.ravel()[-1])

    def reset(self) -> None:
        self._h = self._c = np.zeros(_STATE_SHAPE, np.float32)
        self._context = np.zeros((1, _CONTEXT), np.float32)
