"""The least that anybody can do: an energy threshold, a fixed silence, and one task from recogniser to sound.

It is no product. What it shows is the cost of the bench itself.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

import anyio
import numpy as np
from anyio import TaskHandle
from anyio.abc import TaskGroup

from bench.peers.engines import RATE
from bench.peers.host import FRAME_SECONDS, Host

LOUD_RMS: Final = 200.0
INTERRUPTING_FRAMES: Final = 10


class FloorTalk:
    def __init__(self, host: Host, tasks: TaskGroup, silence_seconds: float) -> None:
        self._host = host
        self._tasks = tasks
        self._silence_frames = round(silence_seconds / FRAME_SECONDS)
        self._heard = bytearray()
        self._loud = self._quiet = 0
        self._reply: TaskHandle[None] | None = None

    async def feed(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, np.int16).astype(np.float32)
        if float(np.sqrt(np.dot(samples, samples) / len(samples))) > LOUD_RMS:
            self._loud, self._quiet = self._loud + 1, 0
            self._heard += pcm
            if self._loud == INTERRUPTING_FRAMES and self._host.speaker.sounding:
                self._host.mark("interrupt")
                self._fall_silent()
        elif self._loud:
            self._quiet += 1
            self._heard += pcm
            if self._quiet == self._silence_frames:
                heard, self._heard, self._loud, self._quiet = bytes(self._heard), bytearray(), 0, 0
                if self._reply is not None:
                    self._fall_silent()
                self._reply = self._tasks.create_task(self._answer(heard))

    def _fall_silent(self) -> None:
        if self._reply is not None:
            self._reply.cancel()
        self._host.speaker.clear()

    async def _answer(self, heard: bytes) -> None:
        engines, sentence = self._host.engines, ""
        await engines.stt(heard)
        async with aclosing(engines.llm()) as tokens:
            async for token in tokens:
                sentence += token
                if token.endswith((".", "!", "?")):
                    self._host.speaker.play(await engines.tts(sentence), RATE)
                    sentence = ""


class Floor:
    versions: Final = {"numpy": version("numpy"), "anyio": version("anyio")}

    def __init__(self, silence_seconds: float) -> None:
        self._silence_seconds = silence_seconds

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[FloorTalk]:
        async with anyio.create_task_group() as tasks:
            yield FloorTalk(host, tasks, self._silence_seconds)
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def open_system(settings: dict[str, Any]) -> AsyncGenerator[Floor]:
    yield Floor(settings["silence_seconds"])
