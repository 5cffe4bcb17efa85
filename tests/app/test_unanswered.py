"""A history that gives no answer to what Chainlit's page asks of it: the page hears of it, and the log has no fault."""

import logging

import anyio
import httpx
import pytest
import socketio
from fastapi import FastAPI

from app.archive.database import HistoryFailed
from app.archive.records import NotThere
from app.unanswered import hang_up, say_so
from tests.app.test_packets import CONNECT, a_line
from tests.made.servers import serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the libraries know no other


async def _asked(failure: Exception) -> httpx.Response:
    shell = FastAPI()
    say_so(shell)

    @shell.get("/thread")
    async def thread() -> None:
        raise failure

    async with httpx.AsyncClient(transport=httpx.ASGITransport(shell), base_url="http://here") as page:
        return await page.get("/thread")


async def test_a_page_that_asks_a_history_without_an_answer_is_told_when_to_ask_again() -> None:
    answer = await _asked(HistoryFailed("it has become too slow"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "too slow" in answer.json()["detail"]


async def test_what_is_not_there_is_told_as_such() -> None:
    assert (await _asked(NotThere("no such thread"))).status_code == 404


async def test_a_connection_that_cannot_begin_is_hung_up_and_begins_when_the_history_answers_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = socketio.AsyncServer(cors_allowed_origins=[], async_mode="asgi")
    answers = False

    @server.on("connect")
    async def begin(_sid: str, _environ: object, _auth: object) -> None:
        if not answers:
            raise HistoryFailed("no output within 5 s")

    hang_up(server)
    async with serving(socketio.ASGIApp(server, socketio_path="socket.io")) as url:
        async with a_line(f"{url}/socket.io/") as line:
            await line.send_str(CONNECT)
            with anyio.fail_after(10):
                while not line.closed:
                    await line.receive()
        answers = True
        async with a_line(f"{url}/socket.io/") as line:
            await line.send_str(CONNECT)
            assert str((await line.receive()).data).startswith("40{")
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []
