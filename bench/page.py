"""A page without a browser: it speaks into the server's socket as ours does, and hears what comes back."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import anyio
import httpx
import numpy as np
import socketio

from bench.saying import OURS, connecting, sound, typed
from bench.turn import FRAME_BYTES, FRAME_SECONDS, LOUD
from voice.types import SAMPLE_RATE

LONGEST_SECONDS = 60.0
Taking = Callable[[dict[str, Any]], Awaitable[None]]


class Page:
    """Made by `open_page`; its microphone is on."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._sounded = anyio.Event()
        self._sounded_at = 0.0
        self._silent = anyio.Event()
        """The reply is over."""
        self._samples: Counter[str] = Counter()
        """Of each track that came."""

    async def say(self, type_: str, **fields: object) -> None:
        await self._client.emit("window_message", {**OURS, "type": type_, **fields})

    async def type(self, text: str) -> None:
        await self._client.emit("client_message", typed(text))

    async def sound(self, pcm: bytes) -> None:
        """Into the microphone."""
        await self._client.emit("audio_chunk", sound(pcm))

    def hand_over(self, heard: Taking, told: Taking) -> None:
        """From now on these take the sound that comes, and the messages."""
        self._client.on("audio_chunk", heard)
        self._client.on("window_message", told)

    async def heard(self, chunk: dict[str, Any]) -> None:
        if not self._sounded.is_set():
            self._sounded_at = time.perf_counter()
            self._sounded.set()
        self._samples[chunk["track"]] += len(chunk["data"]) // 2

    async def told(self, message: dict[str, Any]) -> None:
        if message.get("sender") != "server":
            return
        match message:
            case {"type": "status", "state": "listening"} if self._sounded.is_set():
                self._silent.set()
            case {"type": "player", "do": "ending", "track": track}:
                await self.say("playing", track=track, samples=self._samples.pop(track, 0), state="ended")

    async def take_turn(self, spoken: bytes) -> float:
        """Speak at the pace of speech until an answer sounds, and stop it. Seconds from the last sound to the first."""
        self._sounded, self._silent = anyio.Event(), anyio.Event()
        waited = await self._speak(spoken, self._sounded)
        await self.say("command", name="stop")
        with anyio.fail_after(LONGEST_SECONDS):
            await self._silent.wait()
        return waited

    async def hear_out(self, spoken: bytes) -> float:
        """The same, but the answer is listened to until its end."""
        self._sounded, self._silent = anyio.Event(), anyio.Event()
        return await self._speak(spoken, self._silent)

    async def _speak(self, spoken: bytes, until: anyio.Event) -> float:
        """And after it silence, as from an open microphone."""
        loud = int(np.flatnonzero(np.abs(np.frombuffer(spoken, np.int16)) > LOUD * 32_768)[-1])
        start = anyio.current_time()
        ended_at = time.perf_counter() + loud / SAMPLE_RATE
        n = 0
        with anyio.fail_after(LONGEST_SECONDS):
            while not until.is_set():
                n += 1  # a frame is sent when its last sample has sounded
                await anyio.sleep(max(0.0, start + n * FRAME_SECONDS - anyio.current_time()))
                data = spoken[(n - 1) * FRAME_BYTES : n * FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
                await self._client.emit("audio_chunk", sound(data, first=n == 1))
        return self._sounded_at - ended_at


@asynccontextmanager
async def open_page(url: str) -> AsyncGenerator[Page]:
    """Logged in, connected, listening."""
    async with httpx.AsyncClient(base_url=url, timeout=LONGEST_SECONDS) as http:
        (await http.post("/auth/header")).raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    client = socketio.AsyncClient(reconnection=False)
    page = Page(client)
    on = anyio.Event()

    async def connection(state: str) -> None:
        if state == "on":
            on.set()

    client.on("audio_connection", connection)
    client.on("audio_chunk", page.heard)
    client.on("window_message", page.told)
    await client.connect(url, **connecting(cookie, session=str(uuid4())), wait_timeout=LONGEST_SECONDS)
    try:
        await client.emit("connection_successful")
        await page.say("hello", secure=True, microphone="granted")
        await client.emit("audio_start")
        with anyio.fail_after(LONGEST_SECONDS):
            await on.wait()
        await page.say("microphone", state="on", rate=SAMPLE_RATE)
        yield page
    finally:
        with anyio.CancelScope(shield=True):
            await client.disconnect()
