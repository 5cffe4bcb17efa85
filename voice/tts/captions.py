"""The last rung: no sound at all. The words are on the screen, and that cannot fail."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from voice.protocols import TextToSpeech
from voice.settings import CaptionsSpec
from voice.types import AS_USUAL, AudioFrame, Delivery


@asynccontextmanager
async def open_captions(_spec: CaptionsSpec) -> AsyncGenerator[TextToSpeech, None]:
    yield Captions()


class Captions:
    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        silence: tuple[AudioFrame, ...] = ()
        for frame in silence:
            yield frame
