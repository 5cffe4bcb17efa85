"""How much faster than real time one core can listen: microphone, resampling, voice activity, endpointing."""

import time

import anyio
import anyio.lowlevel

from app.microphone import Microphone
from bench.report import Figure, Section
from tests.made.speech import noise, resampled, silence
from voice.endpointing import Endpointer
from voice.listening import HeardEvent, listen
from voice.settings import EndpointingSettings, VadSettings
from voice.types import SAMPLE_RATE, MicrophoneItem
from voice.vad.gated import open_vad

FRAME_SECONDS = 0.032


async def time_ears(spoken: bytes, seconds: int, times: int) -> Section:
    talk = (spoken + silence(1.0)) * (seconds // 2)
    kinds = (
        ("silence", silence(seconds), SAMPLE_RATE),
        ("speech and pauses", talk[: 2 * SAMPLE_RATE * seconds], SAMPLE_RATE),
        ("loud noise, which wakes Silero in every window", noise(seconds), SAMPLE_RATE),
        ("speech at 48 kHz, resampled here", resampled(talk[: 2 * SAMPLE_RATE * seconds], SAMPLE_RATE, 48_000), 48_000),
    )
    figures: list[Figure] = []
    for name, pcm, rate in kinds:
        spent = [await _listen(pcm, rate) for _ in range(times)]
        frames = len(pcm) / (2 * rate * FRAME_SECONDS)
        figures.append(Figure(name, "frames/s", tuple(frames / each for each in spent)))
        figures.append(Figure("", "× real", tuple(frames * FRAME_SECONDS / each for each in spent)))
    note = f"Frames of {1000 * FRAME_SECONDS:.0f} ms for each second of processor time; 31.25 a second is one person."
    return Section("The ears on one core", tuple(figures), (note,))


async def _listen(pcm: bytes, rate: int) -> float:
    """Seconds of processor time."""
    ear, frames = anyio.create_memory_object_stream[MicrophoneItem](64)
    inbox, events = anyio.create_memory_object_stream[HeardEvent](64)
    settings, vad = EndpointingSettings(), VadSettings()
    detector = open_vad(vad)
    size = 2 * int(rate * FRAME_SECONDS)
    began = time.process_time()

    async def hear() -> None:
        endpointer = Endpointer(settings, threshold=vad.threshold)
        await listen(frames, inbox, detector, endpointer, preroll_seconds=settings.preroll_seconds)

    async def take_note() -> None:
        async with events:
            async for _ in events:
                pass

    async with anyio.create_task_group() as tasks, ear:
        tasks.start_soon(hear)
        tasks.start_soon(take_note)
        microphone = Microphone(ear)
        microphone.open(rate)
        for at in range(0, len(pcm), size):
            microphone.take(pcm[at : at + size], "pcm16")
            while ear.statistics().current_buffer_used:
                await anyio.lowlevel.checkpoint()
    return time.process_time() - began
