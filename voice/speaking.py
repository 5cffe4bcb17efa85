"""Sentences in; sound out, one sentence of look-ahead, each shown as it begins to sound."""

from collections.abc import AsyncIterable, Callable
from contextlib import aclosing

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream

from voice.errors import SpeechCut
from voice.protocols import Loudspeaker, TextToSpeech
from voice.types import AudioFrame

LOOK_AHEAD_FRAMES = 512
"""How much synthesised sound may wait to be played: about a sentence."""


async def speak(
    lines: AsyncIterable[str],
    tts: TextToSpeech,
    out: Loudspeaker,
    *,
    rate: Callable[[], float] = lambda: 1.0,
) -> None:
    """Say each sentence in order. A voice that dies in mid-sentence is followed by the next one, which says
    that sentence again from its beginning.
    """
    into, made = anyio.create_memory_object_stream[str | AudioFrame](LOOK_AHEAD_FRAMES)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_synthesize, lines, tts, into, rate)
        await _play(made, out)


async def _synthesize(
    lines: AsyncIterable[str], tts: TextToSpeech, into: ObjectSendStream[str | AudioFrame], rate: Callable[[], float]
) -> None:
    async with into:
        async for line in lines:
            await into.send(line)
            spoken = False
            while not spoken:
                try:
                    async with aclosing(tts.synthesize(line, rate=rate())) as audio:
                        async for frame in audio:
                            await into.send(frame)
                    spoken = True
                except SpeechCut:
                    continue  # its breaker is open now: the next rung says the sentence


async def _play(made: ObjectReceiveStream[str | AudioFrame], out: Loudspeaker) -> None:
    """A sentence is begun with its first frame, or when it turns out to have none."""
    waiting: str | None = None
    async with made:
        async for item in made:
            if waiting is not None:
                await out.begin(waiting)
                waiting = None
            match item:
                case str():
                    waiting = item
                case AudioFrame():
                    await out.play(item)
    if waiting is not None:
        await out.begin(waiting)
