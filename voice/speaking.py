"""Sentences in; sound out, one sentence of look-ahead, each shown as it begins to sound.

The sentence is the unit of falling back: one that a voice cannot end is said again by the next voice, those that were
said are not. One that finds no voice at all is shown without sound, and the next follows at once.
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import assert_never

import anyio
import structlog
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from anyio.lowlevel import checkpoint

from resilience.errors import AllRungsFailed, EngineError
from voice.protocols import Loudspeaker, TextToSpeech
from voice.types import AudioFrame, Delivery

log = structlog.get_logger(__name__)

LOOK_AHEAD_FRAMES = 512
"""How much synthesised sound may wait to be played: about a sentence."""
SHOWN_AFTER_SECONDS = 1.5
"""A sentence whose sound has not come by then is shown without it: nobody should be left with nothing."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The sentence before this one has no more sound."""

    handed_over: anyio.Event


_Item = str | AudioFrame | _Said


async def speak(
    lines: AsyncIterable[str],
    tts: TextToSpeech,
    out: Loudspeaker,
    *,
    delivery: Callable[[], Delivery] = Delivery,
    look_ahead: bool = True,
    may_begin: Callable[[], Awaitable[None]] = checkpoint,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Say each sentence in order, in the delivery that is wanted when it is begun. Without `look_ahead`, none is begun
    before the one before it has been handed over: less work for the voices, and pauses between sentences. `may_begin`
    is awaited before each is begun, `begun` called when it has.

    What `lines` or `out` raise comes out as it is.
    """
    into, made = anyio.create_memory_object_stream[_Item](LOOK_AHEAD_FRAMES)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_synthesize, lines, tts, into, delivery, look_ahead)
            await _play(made, out, may_begin, begun)
    except ExceptionGroup as trouble:
        if len(trouble.exceptions) > 1:
            raise
        raise trouble.exceptions[0] from None


async def _synthesize(
    lines: AsyncIterable[str],
    tts: TextToSpeech,
    into: ObjectSendStream[_Item],
    delivery: Callable[[], Delivery],
    look_ahead: bool,
) -> None:
    async with into:
        async for line in lines:
            await into.send(line)
            try:
                async with aclosing(tts.synthesize(line, delivery())) as audio:
                    async for frame in audio:
                        await into.send(frame)
            except (EngineError, AllRungsFailed) as exc:
                log.warning("sentence shown without its sound", code=exc.code)
            said = _Said(anyio.Event())
            await into.send(said)
            if not look_ahead:
                await said.handed_over.wait()


async def _play(
    made: ObjectReceiveStream[_Item],
    out: Loudspeaker,
    may_begin: Callable[[], Awaitable[None]],
    begun: Callable[[], None],
) -> None:
    """A sentence is begun with its first frame, or when it turns out to have none, or when that takes too long."""
    waiting: str | None = None
    async with made:
        while True:
            item: _Item | None = None
            with anyio.move_on_after(float("inf") if waiting is None else SHOWN_AFTER_SECONDS):
                try:
                    item = await made.receive()
                except anyio.EndOfStream:
                    break
            if waiting is not None:
                await may_begin()
                await out.begin(waiting)
                begun()
                waiting = None
            match item:
                case str():
                    waiting = item
                case AudioFrame():
                    await out.play(item)
                case _Said():
                    item.handed_over.set()
                case None:
                    pass  # the time was up
                case _:
                    assert_never(item)
    if waiting is not None:
        await may_begin()
        await out.begin(waiting)
        begun()
