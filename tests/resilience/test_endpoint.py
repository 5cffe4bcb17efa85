"""What every engine behind an HTTP server has in common, against a real server on the loopback."""

import gc
import socket

import anyio
import pytest
from fastapi import FastAPI, Response
from pydantic import SecretStr

from resilience.endpoint import open_endpoint
from resilience.errors import EngineError, EngineFailed, EngineUnavailable, InputRejected
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

KEY = "sk-secret-of-sarah"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """A real server does not keep to a clock that jumps."""
    return str(request.param)


async def failure_at(url: str) -> EngineError:
    async with open_endpoint("x", url, SecretStr(KEY), silence_seconds=5.0, input_at_fault=frozenset({413})) as server:
        with pytest.raises(EngineError) as caught:
            async with server.post("ask", json={"text": "Good morning."}) as response:
                await response.aread()
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (413, InputRejected, "the server refuses what it was sent (status 413)"),
        (401, EngineUnavailable, "the server turns us away (status 401); is the API key right?"),
        (403, EngineUnavailable, "the server turns us away (status 403); is the API key right?"),
        (404, EngineUnavailable, "the server has no such address or model (status 404)"),
        (429, EngineFailed, "the server is asked too often (status 429)"),
        (422, EngineFailed, "status 422"),
        (302, EngineFailed, "status 302"),
    ],
)
async def test_a_refusal_carries_its_status_and_not_a_word_of_the_server(
    status: int, kind: type[EngineError], reason: str
) -> None:
    app = FastAPI()

    @app.post("/v1/ask")
    async def ask() -> Response:
        return Response(f"no, {KEY}: Good morning.", status)

    async with serving(app) as base:
        error = await failure_at(f"{base}/v1")
    assert (type(error), error.reason) == (kind, reason)


async def test_a_password_in_the_address_is_not_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = await failure_at(f"http://sarah:{KEY}@127.0.0.1:{port}/v1")
    assert (type(error), error.reason) == (EngineUnavailable, f"cannot connect to 127.0.0.1:{port}")


async def test_a_call_cancelled_while_it_is_sent_leaves_nothing_unfinished() -> None:
    """Trio warns of a generator that nobody finished, and a warning fails the test."""
    with socket.create_server(("127.0.0.1", 0)) as never_reads:
        url = f"http://127.0.0.1:{never_reads.getsockname()[1]}/v1"
        async with open_endpoint("x", url, None, silence_seconds=5.0, input_at_fault=frozenset()) as server:
            with anyio.move_on_after(0.1) as sending:
                async with server.post("ask", content=bytes(32_000_000)):
                    pass
    assert sending.cancelled_caught
    gc.collect()
