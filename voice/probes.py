"""Questions that are asked of recognisers and voices to find out whether they are well, when nobody else asks."""

import math
import struct
from contextlib import aclosing

from resilience.errors import EngineFailed
from resilience.upkeep import Checkable
from voice.protocols import SpeechToText, TextToSpeech
from voice.tts.cached import CachedVoice
from voice.types import SAMPLE_RATE, AudioFrame, Utterance

WORD = "Ready."


def _hum(seconds: float) -> bytes:
    """Quiet, but loud enough that no recogniser takes it for a muted microphone and looks away."""
    count = int(seconds * SAMPLE_RATE)
    return struct.pack(
        f"<{count}h", *(round(300 * math.sin(2 * math.pi * 150 * n / SAMPLE_RATE)) for n in range(count))
    )


QUIET_SOUND = Utterance(AudioFrame(_hum(0.5)), 0.0, 0.5)


async def probe_stt(engine: SpeechToText) -> None:
    """Any answer will do, no words among them. Raises `EngineError`."""
    if isinstance(engine, Checkable):
        await engine.check()
    else:
        await engine.transcribe(QUIET_SOUND)


async def probe_tts(engine: TextToSpeech) -> None:
    """Sound must come, and not only silence; the engine is asked, whatever a cache has of it. Raises `EngineError`."""
    if isinstance(engine, CachedVoice):
        engine = engine.engine
    if isinstance(engine, Checkable):
        await engine.check()
        return
    async with aclosing(engine.synthesize(WORD)) as frames:
        async for frame in frames:
            if any(frame.pcm):
                return
    raise EngineFailed("voice", "it was asked for a word and made no sound")
