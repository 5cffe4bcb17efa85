"""Loading a GGUF file, and telling why one cannot be."""

import ctypes
import os

import llama_cpp

from graph.settings import LlamaCppSpec
from resilience.errors import EngineUnavailable

ENGINE = "llama-cpp"
_MAGIC = b"GGUF"
_ERROR_LEVEL = 4
_WHY = "error loading model: "
_complaints: list[str] = []


@llama_cpp.llama_log_callback
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    """What llama.cpp prints goes nowhere, except its reason why a file could not be loaded."""
    if level == _ERROR_LEVEL and _WHY.encode() in text:
        _complaints.append(text.decode("utf-8", "replace").split(_WHY)[-1].strip())


def load(spec: LlamaCppSpec) -> llama_cpp.Llama:
    """Raises `EngineUnavailable`."""
    path = spec.model
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError as exc:
        raise EngineUnavailable(ENGINE, f"there is no model file {path}") from exc
    except OSError as exc:
        raise EngineUnavailable(ENGINE, f"the model file {path} cannot be read: {exc.strerror}") from exc
    if magic != _MAGIC:
        raise EngineUnavailable(ENGINE, f"{path} is not a GGUF model")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    llama_cpp.llama_log_set(_log, ctypes.c_void_p(0))
    _complaints.clear()
    try:
        return llama_cpp.Llama(
            str(path),
            n_ctx=spec.context_tokens,
            n_threads=spec.threads or max(1, cores // 2),
            n_threads_batch=spec.reading_threads or max(spec.threads, cores),
            n_gpu_layers=spec.gpu_layers,
            verbose=False,
        )
    except (ValueError, RuntimeError, OSError, MemoryError) as exc:
        reason = _complaints[-1] if _complaints else str(exc)
        raise EngineUnavailable(ENGINE, f"the model {path} is damaged or of an unknown kind: {reason}") from exc
