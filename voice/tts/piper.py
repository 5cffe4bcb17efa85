"""Piper: natural voices from an ONNX model on this machine. Its libraries are imported in a thread, once chosen."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from anyio import to_thread

from resilience.errors import EngineUnavailable
from voice.protocols import TextToSpeech
from voice.settings import PiperSpec


@asynccontextmanager
async def open_piper(spec: PiperSpec) -> AsyncGenerator[TextToSpeech, None]:
    yield await to_thread.run_sync(_load, spec, abandon_on_cancel=True)


def _load(spec: PiperSpec) -> TextToSpeech:
    try:
        from voice.tts.piper_voice import load_piper
    except ImportError as exc:
        raise EngineUnavailable("piper", f"piper-tts is not installed, or not whole: {exc}") from exc
    return load_piper(spec)
