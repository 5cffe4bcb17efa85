"""All of Nightingale: `nightingale serve` in a process of its own, spoken to through its socket as our page does, with
engines behind HTTP that are the bench's stubs.

More than the peers are asked for: Chainlit and its socket, the graph with memory and checkpoints, and HTTP to each
engine are in these figures. One session at a time.
"""

import json
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import anyio
from anyio.abc import TaskGroup
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from app.wire import PLAYBACK_RATE
from bench.page import Page, open_page
from bench.peers.engines import RATE, Delays, StubEngines
from bench.peers.host import Host
from bench.served import server
from tests.made.servers import serving

REPORT_SECONDS: Final = 0.1
"""From one report of what has sounded to the next, as in the page's player."""
HEADER_BYTES: Final = 44
"""Of the WAV file that a recogniser is sent."""


@dataclass
class Stubs:
    """The engines as servers that speak OpenAI's API. Probes are answered too, and marked nowhere."""

    host: Host | None = None

    @property
    def engines(self) -> StubEngines:
        return self.host.engines if self.host is not None else StubEngines(Delays(), lambda _what, _number: None)

    def app(self) -> FastAPI:
        api = FastAPI()

        @api.get("/v1/models")
        async def models() -> JSONResponse:
            return JSONResponse({"object": "list", "data": [{"id": "stub", "object": "model"}]})

        @api.post("/v1/audio/transcriptions")
        async def transcribe(file: UploadFile) -> JSONResponse:
            pcm = (await file.read())[HEADER_BYTES:]
            return JSONResponse({"text": await self.engines.stt(pcm)})

        @api.post("/v1/chat/completions")
        async def complete(request: Request) -> StreamingResponse:
            await request.json()
            return StreamingResponse(self._written(), media_type="text/event-stream")

        @api.post("/v1/audio/speech")
        async def speak(request: Request) -> Response:
            asked = await request.json()
            return Response(await self.engines.tts(asked["input"]), media_type="audio/pcm")

        return api

    async def _written(self) -> AsyncGenerator[str, None]:
        async with aclosing(self.engines.llm()) as tokens:
            async for token in tokens:
                yield _event({"content": token}, None)
        yield _event({}, "stop")
        yield "data: [DONE]\n\n"


def _event(delta: dict[str, str], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "stub", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


@dataclass
class Player:
    """The page's player: sounds what comes, does what it is told, and says how much of each track has sounded."""

    host: Host
    page: Page
    tasks: TaskGroup
    tracks: dict[str, int] = field(default_factory=dict)
    """Samples that came, of those that may still sound, in their order."""
    ending: set[str] = field(default_factory=set)

    async def heard(self, chunk: dict[str, Any]) -> None:
        self.host.speaker.play(chunk["data"], PLAYBACK_RATE)
        self.tracks[chunk["track"]] = self.tracks.get(chunk["track"], 0) + len(chunk["data"]) // 2

    async def told(self, message: dict[str, Any]) -> None:
        if message.get("sender") != "server" or message.get("type") != "player":
            return
        match message["do"]:
            case "pause":
                self.host.speaker.pause()
            case "resume":
                self.host.speaker.resume()
            case "ending":
                self.ending.add(message["track"])
            case "flush":
                sounded = self._sounded()
                self.host.speaker.clear()
                self.host.speaker.resume()
                for track in [*self.tracks]:
                    await self._say(track, sounded[track], "flushed")
                    del self.tracks[track]

    async def report(self) -> None:
        while True:
            await anyio.sleep(REPORT_SECONDS)
            state = "paused" if self.host.speaker.paused else "playing"
            for track, samples in self._sounded().items():
                over = samples >= self.tracks[track] and track in self.ending
                await self._say(track, samples, "ended" if over else state)
                if over:
                    del self.tracks[track]

    def _sounded(self) -> dict[str, int]:
        """What has not sounded is the end of the last tracks."""
        left, sounded = round(self.host.speaker.left * PLAYBACK_RATE), dict[str, int]()
        for track, samples in reversed(self.tracks.items()):
            unheard = min(left, samples)
            left -= unheard
            sounded[track] = samples - unheard
        return dict(reversed(sounded.items()))

    async def _say(self, track: str, samples: int, state: str) -> None:
        await self.page.say("playing", track=track, samples=samples, state=state)


class SocketTalk:
    def __init__(self, page: Page) -> None:
        self._page = page

    async def feed(self, pcm: bytes) -> None:
        await self._page.sound(pcm)


class Socket:
    versions: Final = {"nightingale": version("nightingale"), "chainlit": version("chainlit")}

    def __init__(self, url: str, stubs: Stubs) -> None:
        self._url = url
        self._stubs = stubs

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[SocketTalk]:
        async with open_page(self._url) as page, anyio.create_task_group() as tasks:
            player = Player(host, page, tasks)
            page.hand_over(player.heard, player.told)
            self._stubs.host = host
            tasks.start_soon(player.report)
            yield SocketTalk(page)
            self._stubs.host = None
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def open_system(_settings: dict[str, Any]) -> AsyncGenerator[Socket]:
    stubs = Stubs()
    with tempfile.TemporaryDirectory(prefix="nightingale-peers-") as folder:
        async with serving(stubs.app()) as engines:
            spec = {"engine": "openai-compatible", "url": f"{engines}/v1", "model": "stub"}
            settings = {
                "NIGHTINGALE_VOICE__STT": json.dumps([spec]),
                "NIGHTINGALE_VOICE__TTS": json.dumps([{**spec, "sample_rate": RATE}]),
                "NIGHTINGALE_GRAPH__MODELS": json.dumps([spec]),
                "NIGHTINGALE_CACHE__MEMORY_MB": "0",  # each sentence is to be asked of its engine
                "NIGHTINGALE_CACHE__FILE_MB": "0",
            }
            async with server(Path(folder), settings) as opened:
                yield Socket(opened.url, stubs)
