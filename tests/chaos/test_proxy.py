"""The line to Redis and to an endpoint can be cut, go dumb and be slow."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from tests.chaos.proxy import Proxy, proxy

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """On a real clock: these are real sockets."""
    return str(request.param)


async def _echo(stream: SocketStream) -> None:
    async with stream:
        async for piece in stream:
            await stream.send(piece)


@asynccontextmanager
async def an_echo() -> AsyncGenerator[Proxy]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, _echo)
        async with proxy(listener.extra(SocketAttribute.local_port)) as line:
            yield line
        tasks.cancel_scope.cancel()


async def _asked(stream: SocketStream) -> bytes:
    with anyio.fail_after(10):
        await stream.send(b"hello")
        return await stream.receive()


async def test_open_it_is_not_noticed_and_slow_it_only_takes_longer() -> None:
    async with an_echo() as line, await anyio.connect_tcp("127.0.0.1", line.port) as stream:
        assert await _asked(stream) == b"hello"
        line.mode, line.delay_seconds = "slow", 0.05
        began = anyio.current_time()
        assert await _asked(stream) == b"hello"
        assert anyio.current_time() - began >= 0.1


async def test_dumb_nothing_passes_until_it_is_open_again() -> None:
    async with an_echo() as line, await anyio.connect_tcp("127.0.0.1", line.port) as stream:
        line.mode = "dumb"
        await stream.send(b"hello")
        with anyio.move_on_after(0.1) as patience:
            await stream.receive()
        assert patience.cancelled_caught
        line.mode = "open"
        with anyio.fail_after(10):
            assert await stream.receive() == b"hello"


async def test_cut_connections_break_and_new_ones_are_closed() -> None:
    async with an_echo() as line:
        async with await anyio.connect_tcp("127.0.0.1", line.port) as stream:
            assert await _asked(stream) == b"hello"
            line.mode = "cut"
            with anyio.fail_after(10), pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await stream.receive()
        async with await anyio.connect_tcp("127.0.0.1", line.port) as stream:
            with anyio.fail_after(10), pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                await stream.receive()
        line.mode = "open"
        async with await anyio.connect_tcp("127.0.0.1", line.port) as stream:
            assert await _asked(stream) == b"hello"
