"""A TCP proxy in front of one server, which can be made slow, dumb or absent while connections are open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

import anyio
from anyio.abc import SocketAttribute, SocketStream

Mode = Literal["open", "slow", "dumb", "cut"]
"""slow: every piece is held for `delay_seconds`. dumb: nothing passes, nothing closes. cut: connections break at once,
and new ones are closed as soon as they come.
"""
PIECE_BYTES = 65_536


class Proxy:
    def __init__(self, port: int, to_port: int) -> None:
        self.port = port
        self.delay_seconds = 0.3
        self._to_port = to_port
        self._mode: Mode = "open"
        self._changed = anyio.Event()
        self._open: set[anyio.CancelScope] = set()

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        self._changed.set()
        self._changed = anyio.Event()
        if mode == "cut":
            for connection in self._open:
                connection.cancel()

    async def serve_one(self, near: SocketStream) -> None:
        async with near:
            if self._mode == "cut":
                return
            try:
                far = await anyio.connect_tcp("127.0.0.1", self._to_port)
            except OSError:
                return
            async with far:
                with anyio.CancelScope() as scope:
                    self._open.add(scope)
                    try:
                        async with anyio.create_task_group() as tasks:
                            tasks.start_soon(self._pass_on, near, far, scope)
                            tasks.start_soon(self._pass_on, far, near, scope)
                    finally:
                        self._open.discard(scope)

    async def _pass_on(self, source: SocketStream, sink: SocketStream, scope: anyio.CancelScope) -> None:
        try:
            while True:
                piece = await source.receive(PIECE_BYTES)
                while self._mode == "dumb":
                    await self._changed.wait()
                if self._mode == "slow":
                    await anyio.sleep(self.delay_seconds)
                await sink.send(piece)
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            scope.cancel()


@asynccontextmanager
async def proxy(to_port: int) -> AsyncGenerator[Proxy]:
    """On a free loopback port, until the end."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        made = Proxy(listener.extra(SocketAttribute.local_port), to_port)
        tasks.start_soon(listener.serve, made.serve_one)
        yield made
        tasks.cancel_scope.cancel()
