"""A page without a browser: speaks Chainlit's wire protocol and ours to a running Nightingale. asyncio only.

It plays speech as fast as it comes, and says so, as the real page says what has sounded.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import uuid4

import aiohttp
import anyio
import socketio

from bench.saying import OURS, connecting, sound, typed
from voice.types import SAMPLE_RATE

T = TypeVar("T")

PATIENCE_SECONDS = 60
"""How long a busy machine may take over anything; a bound, not an expectation."""
CHUNK_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that the user saw or heard."""

    at: float
    """On the monotonic clock."""
    kind: Literal["words", "interim", "state", "notice", "tier", "offer", "offer-gone", "reply", "answer", "sound"]
    """words: what the user said. reply: that there is one, or a sentence of it. answer: all of it."""
    what: str
    """The text, or the code of a notice, or the id of an offer, or the track of a sound."""
    detail: str = ""
    """Of a state: what takes so long. Of an answer, or the beginning of a reply: its id."""


class Client:
    """One tab. What it was shown is kept in its lists; `until` waits for more."""

    def __init__(self, http: aiohttp.ClientSession, url: str, thread: str, session: str) -> None:
        self.session = session
        self.thread = thread
        self.seen: list[Seen] = []
        """All of the below in the order in which it came; of a track, its first sound."""
        self.said: dict[str, str] = {}
        """The user's messages that the server showed, by id."""
        self.answers: list[str] = []
        self.notices: list[dict[str, str]] = []
        self.states: list[str] = []
        self.details: list[str] = []
        """What took so long, whenever that was said."""
        self.tiers: list[dict[str, str]] = []
        self.choices: list[str] = []
        self.offers: dict[str, dict[str, Any]] = {}
        """What was said and never answered, and is still on offer, by its id."""
        self.went: list[str] = []
        """Conversations that it was taken to, by id; empty for a new one."""
        self.interim: list[str] = []
        self.resumed: list[dict[str, Any]] = []
        """The messages of a thread that was opened again."""
        self.audio: list[str] = []
        self.sounded: dict[str, int] = {}
        """Samples of speech that came, by track."""
        self._http = http
        self._url = url
        self._socket = socketio.AsyncClient(reconnection=False, http_session=http)
        self._take = self._socket.eio.handlers["message"]
        self._socket.eio.on("message", self._take_while_here)
        self._news = anyio.Event()
        for name in ("stream_start", "new_message", "update_message", "resume_thread", "first_interaction"):
            self._socket.on(name, getattr(self, f"_{name}"))
        self._socket.on("window_message", self._window_message)
        self._socket.on("audio_connection", self._audio_connection)
        self._socket.on("audio_chunk", self._audio_chunk)
        self._socket.on("disconnect", self._disconnected)

    # -- coming and going ------------------------------------------------------------------------------------

    async def connect(self) -> None:
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in self._http.cookie_jar)
        await self._socket.connect(
            self._url, wait=False, **connecting(cookies, session=self.session, thread=self.thread)
        )
        await self._let_in()
        await self._socket.emit("connection_successful")
        await self.window({**OURS, "type": "hello", "secure": True, "microphone": "granted", "output": "running"})
        await self.until(lambda: self.states)

    async def _let_in(self) -> None:
        """Raises `ConnectionResetError` when it is hung up on: the library would wait on for an answer."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while "/" not in self._socket.namespaces:
                if self._socket.eio.state != "connected":
                    await self.leave()
                    raise ConnectionResetError("the server hung up before it had let anybody in")
                if not self._socket.connected:
                    await self.leave()
                    raise socketio.exceptions.ConnectionError("turned away")
                await anyio.sleep(0.01)

    @property
    def connected(self) -> bool:
        return bool(self._socket.connected)

    async def leave(self) -> None:
        """The tab is closed: no farewell but the socket's. What was said before is on its way."""
        if self.connected:
            with anyio.move_on_after(1):
                await self._socket.eio.queue.join()  # the library would hang up before it has sent it
        await self._socket.disconnect()
        if self._socket.eio.ws is not None:
            await self._socket.eio.ws.close()  # which the library leaves open when it was the server that hung up

    async def _take_while_here(self, packet: object) -> None:
        """The library reads one packet more after its farewell; sound, without what went before it, it cannot read."""
        if self._socket.eio.state == "connected":
            await self._take(packet)

    async def lost(self) -> None:
        """Wait until the server has hung up."""
        await self.until(lambda: not self._socket.connected)

    # -- what a user does ------------------------------------------------------------------------------------

    async def attach(self, name: str, content: bytes) -> str:
        """Send a file as the page does before its message; its id. Raises `aiohttp.ClientResponseError`."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        url = f"{self._url}/project/file?session_id={self.session}"
        async with self._http.post(url, data=form, raise_for_status=True) as answer:
            return str((await answer.json())["id"])

    async def type(self, text: str, *attached: str) -> None:
        """With the files of these ids."""
        await self._socket.emit("client_message", typed(text, attached))

    async def ask(self, text: str) -> str:
        """Type, and wait for the answer; by then the page has its thread's name, which comes beside it."""
        before = len(self.answers)
        await self.type(text)
        await self.until(lambda: len(self.answers) > before and self.thread)
        return self.answers[before]

    async def microphone_on(self, rate: int = SAMPLE_RATE) -> None:
        self.audio.clear()
        await self._socket.emit("audio_start")
        await self.until(lambda: "on" in self.audio)
        await self.window({**OURS, "type": "microphone", "state": "on", "rate": rate})

    async def microphone_off(self) -> None:
        await self._socket.emit("audio_end")

    async def chunk(self, data: bytes) -> None:
        await self.raw_chunk(sound(data))

    async def raw_chunk(self, payload: object) -> None:
        await self._socket.emit("audio_chunk", payload)

    async def speak(self, pcm: bytes, size: int = CHUNK_BYTES) -> None:
        """As fast as the wire takes it."""
        for at in range(0, len(pcm), size):
            await self.chunk(pcm[at : at + size])

    async def window(self, message: object) -> None:
        await self._socket.emit("window_message", message)

    async def command(self, name: str) -> None:
        await self.window({**OURS, "type": "command", "name": name})

    async def choose(self, tier: str) -> None:
        """How to talk from now on: `full`, `stt-only`, `tts-only`, `text`."""
        await self.window({**OURS, "type": "choose", "manner": {"tier": tier}})

    async def take(self, offer: str, do: Literal["answer", "dismiss"]) -> None:
        await self.window({**OURS, "type": "on-offer", "saying": offer, "do": do})

    # -- what a user sees ------------------------------------------------------------------------------------

    async def until(self, seen: Callable[[], T]) -> T:
        with anyio.fail_after(PATIENCE_SECONDS):
            while not (found := seen()):
                await self._news.wait()
        return found

    async def notice(self, code: str) -> str:
        """The text of the first notice of this kind, which may be still to come."""
        return await self.until(lambda: next((each["text"] for each in self.notices if each["code"] == code), ""))

    async def heard(self, words: str) -> None:
        """Wait until the server shows that the user said this."""
        await self.until(lambda: any(words in said.lower() for said in self.said.values()))

    async def quiet(self) -> None:
        """Wait until nothing is being heard, thought or said."""
        await self.until(lambda: self.states[-1] in ("ready", "listening"))

    async def threads(self) -> list[dict[str, Any]]:
        """The history sidebar, newest first."""
        body = {"pagination": {"first": 20}, "filter": {}}
        async with self._http.post(f"{self._url}/project/threads", json=body) as reply:
            reply.raise_for_status()
            listed: list[dict[str, Any]] = (await reply.json())["data"]
            return listed

    async def kept(self, thread: str | None = None, kinds: str = "message") -> list[str]:
        """The messages of a thread as the history has them, oldest first; `kinds`: those whose type has this in it."""
        which = thread or await self.until(lambda: self.thread)
        async with self._http.get(f"{self._url}/project/thread/{which}") as reply:
            reply.raise_for_status()
            return _messages(await reply.json(), kinds)

    # -- what the server says --------------------------------------------------------------------------------

    def _saw(self, kind: Any, what: str, detail: str = "") -> None:
        self.seen.append(Seen(time.monotonic(), kind, what, detail))
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    def _stream_start(self, message: dict[str, Any]) -> None:
        if message["type"] == "assistant_message":
            self._saw("reply", message["output"], message["id"])

    def _new_message(self, message: dict[str, Any]) -> None:
        if message["type"] == "assistant_message":
            self.answers.append(message["output"])
            self._saw("answer", message["output"], message["id"])
        elif message["type"] == "user_message":
            self._show_words(message)

    def _update_message(self, message: dict[str, Any]) -> None:
        if message["type"] == "user_message":
            self._show_words(message)

    def _show_words(self, message: dict[str, Any]) -> None:
        self.said[message["id"]] = message["output"]
        self._saw("words", message["output"])

    def _resume_thread(self, thread: dict[str, Any]) -> None:
        self.resumed = [step for step in thread["steps"] if "message" in step["type"]]
        self._wake()

    def _first_interaction(self, told: dict[str, str]) -> None:
        self.thread = told["thread_id"]
        self._wake()

    async def _window_message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "notice":
                self.notices.append(message)
                self._saw("notice", message["code"], message["text"])
            case "status":
                self.states.append(message["state"])
                if message.get("detail"):
                    self.details.append(message["detail"])
                self._saw("state", message["state"], message.get("detail", ""))
            case "interim":
                text = f"{message['text']} {message['tentative']}".strip()
                self.interim.append(text)
                self._saw("interim", text)
            case "caption" if message["speaker"] == "assistant":
                self._saw("reply", message["text"])
            case "tier":
                self.tiers.append(message)
                self._saw("tier", message["tier"], message["change"])
            case "preferences":
                self.choices.append(message["manner"]["tier"])
                self._wake()
            case "offer":
                self.offers[message["saying"]] = message
                self._saw("offer", message["saying"], message["reason"])
            case "go":
                self.went.append(message["thread"])
                self._wake()
            case "offer-gone":
                self.offers.pop(message["saying"], None)
                self._saw("offer-gone", message["saying"])
            case "player" if message["do"] == "ending":
                await self._played(message["track"], "ended")
            case "player" if message["do"] == "flush":
                for track in tuple(self.sounded):
                    await self._played(track, "flushed")

    async def _played(self, track: str, state: str) -> None:
        samples = self.sounded.get(track, 0)
        await self.window({**OURS, "type": "playing", "track": track, "samples": samples, "state": state})

    def _audio_connection(self, state: str) -> None:
        self.audio.append(state)
        self._wake()

    def _audio_chunk(self, chunk: dict[str, Any]) -> None:
        track = chunk["track"]
        if track not in self.sounded:
            self._saw("sound", track)
        self.sounded[track] = self.sounded.get(track, 0) + len(chunk["data"]) // 2
        self._wake()

    def _disconnected(self, *_: object) -> None:
        self._wake()


@asynccontextmanager
async def a_tab(url: str, *, thread: str = "", session: str = "", spoken: bool = False) -> AsyncGenerator[Client]:
    """A tab with the page in it, logged in. Replies are only shown unless `spoken`: that is quicker."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.post(f"{url}/auth/header") as reply:
            reply.raise_for_status()
        client = Client(http, url, thread, session or str(uuid4()))
        await client.connect()
        try:
            await client.choose("full" if spoken else "stt-only")  # whatever was chosen last
            yield client
        finally:
            await client.leave()


def _messages(thread: dict[str, Any], kinds: str) -> list[str]:
    return [step["output"] for step in thread["steps"] if kinds in step["type"]]
