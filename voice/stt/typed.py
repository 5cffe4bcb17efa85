"""The last rung of hearing: no recogniser is left, so the user is asked to type. It cannot fail."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from voice.settings import TypedSpec
from voice.types import Transcript, Utterance

ENGINE = "typed"


class Typed:
    async def transcribe(self, utterance: Utterance) -> Transcript:
        """No words, and this engine's name: whoever shows it asks the user to type, or to say it again later."""
        return Transcript("", engine=ENGINE)


@asynccontextmanager
async def open_typed(_spec: TypedSpec) -> AsyncGenerator[Typed, None]:
    yield Typed()
