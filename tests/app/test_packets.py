"""What comes on a socket whose connection is over is dropped and counted, and no error of anybody's."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
import pytest
import socketio

from app.security.packets import drop_strays
from tests.browser.house import nightingale
from tests.made.client import Client, a_tab
from tests.made.servers import serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

CONNECT, EVENT, SOUND = '40{"sessionId": "one"}', '42["word", "hello"]', b"\x00\x01\x02\x03"
HEADER = '451-["sound",{"_placeholder":true,"num":0}]'
"""Of an event with one attachment, which is the packet that follows."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the library knows no other


class Shell:
    """A socket.io server as Chainlit has one."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.dropped = 0
        self._server = socketio.AsyncServer(cors_allowed_origins=[], async_mode="asgi")
        self._server.on("word", self._hear)
        self._server.on("sound", self._hear)
        self._server.on("goodbye", self._hang_up)
        self.app = socketio.ASGIApp(self._server, socketio_path="socket.io")

    def drop_strays(self) -> None:
        drop_strays(self._server, self._drop)

    def _drop(self) -> None:
        self.dropped += 1

    async def _hear(self, _: str, what: object) -> None:
        self.heard.append(what)

    async def _hang_up(self, sid: str, seconds: float) -> None:
        await anyio.sleep(seconds)
        await self._server.disconnect(sid)


@asynccontextmanager
async def a_line(url: str) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """To the server, without a connection on it."""
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{url}?EIO=4&transport=websocket") as line:
            assert str((await line.receive()).data).startswith("0{")
            yield line


async def connect(line: aiohttp.ClientWebSocketResponse) -> None:
    await line.send_str(CONNECT)
    assert str((await line.receive()).data).startswith("40{")


async def send(line: aiohttp.ClientWebSocketResponse, *packets: str | bytes) -> None:
    for packet in packets:
        await (line.send_bytes(packet) if isinstance(packet, bytes) else line.send_str(packet))


async def test_sound_that_comes_after_its_connection_was_closed_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    shell = Shell()
    shell.drop_strays()
    async with serving(shell.app) as url, a_line(f"{url}/socket.io/") as line:
        await connect(line)
        await send(line, HEADER, SOUND, '42["goodbye", 0]')
        assert (await line.receive()).data == "41"
        await send(line, HEADER, SOUND, EVENT, HEADER, SOUND)
        await connect(line)
        await send(line, EVENT, HEADER, SOUND)
        with anyio.fail_after(10):
            while len(shell.heard) < 3:
                await anyio.sleep(0.01)
    assert shell.heard == [SOUND, "hello", SOUND]
    assert shell.dropped == 5
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_after_a_connection_that_ended_between_sound_and_what_goes_before_it_there_can_be_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shell = Shell()
    shell.drop_strays()
    async with serving(shell.app) as url, a_line(f"{url}/socket.io/") as line:
        await connect(line)
        await send(line, '42["goodbye", 0.1]', HEADER)
        assert (await line.receive()).data == "41"
        await send(line, SOUND, HEADER, SOUND)
        await connect(line)
        await send(line, EVENT)
        with anyio.fail_after(10):
            while not shell.heard:
                await anyio.sleep(0.01)
    assert shell.heard == ["hello"]
    assert shell.dropped == 3
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_the_house_drops_and_counts_them(tmp_path: Path) -> None:
    nothing = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]"}
    async with nightingale(tmp_path / "data", **nothing) as house:
        async with a_line(f"{house.url}/ws/socket.io/") as line:
            await send(line, HEADER, SOUND, EVENT)
            async with aiohttp.ClientSession() as http:
                with anyio.fail_after(10):
                    while "nightingale_packets_dropped_total 3.0" not in await _text(http, f"{house.url}/metrics"):
                        await anyio.sleep(0.05)
    assert "Traceback" not in house.log.read_text()


async def test_sound_on_a_line_that_its_session_has_left_for_another_is_no_error(tmp_path: Path) -> None:
    nothing = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]"}
    async with nightingale(tmp_path / "data", **nothing) as house:
        async with a_tab(house.url, session="one") as before, a_tab(house.url, session="one") as after:
            await before.chunk(SOUND * 256)
            await after.ask("good morning")
            await anyio.sleep(0.3)
    assert "Session not found" not in house.log.read_text()


async def test_a_page_that_leaves_amid_sound_leaves_no_error() -> None:
    """Of the page that the tests have: an error there would be taken for one of the house."""
    troubles: list[object] = []
    server = socketio.AsyncServer(cors_allowed_origins=[], async_mode="asgi")

    async def pour(sid: str) -> None:
        await server.emit("window_message", {"type": "status", "state": "ready"}, to=sid)
        while server.manager.is_connected(sid, "/"):
            await server.emit("audio_chunk", {"track": "one", "data": SOUND * 100}, to=sid)
            await anyio.sleep(0)

    @server.on("connect")
    async def greet(sid: str, _: object, __: object) -> None:
        server.start_background_task(pour, sid)

    asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))
    async with serving(socketio.ASGIApp(server, socketio_path="ws/socket.io")) as url, aiohttp.ClientSession() as http:
        for step in range(40):
            page = Client(http, url, "", "session")
            await page.connect()
            await _leave(page, step)
    assert troubles == []


async def _leave(page: Client, later: int) -> None:
    """Once there is sound, and so many turns of the loop later: sometimes between a sound and what goes before it."""
    await page.until(lambda: page.sounded)
    for _ in range(later):
        await anyio.sleep(0)
    await page.leave()


async def _text(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(url) as answer:
        return await answer.text()
