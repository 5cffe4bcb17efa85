"""An engine behind somebody's HTTP server: how it is reached and asked, and what its failures mean.

A reason has no word of the server's or of the HTTP library's: it might repeat the key, the prompt or the sentence.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from anyio import CancelScope
from pydantic import SecretStr

from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected

CONNECT_SECONDS = 3.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    engine: str
    http: httpx.AsyncClient
    input_at_fault: frozenset[int]

    @asynccontextmanager
    async def post(self, path: str, **body: Any) -> AsyncGenerator[httpx.Response]:
        """The answer of a server that does not refuse, its content still to be read. `body` as httpx takes it. Leaving
        early closes the connection, which tells the server to stop. Raises `EngineError`, while reading too.
        """
        if self.http.is_closed:
            raise EngineUnavailable(self.engine, "the connection was given up")
        try:
            request = self.http.build_request("POST", path, **body)
            request.stream = _OnePiece(await request.aread())
            response = await self.http.send(request, stream=True)
            try:
                if not response.is_success:
                    raise self._refusal(response.status_code)
                yield response
            finally:
                await response.aclose()
        except (httpx.RequestError, httpx.InvalidURL) as exc:
            raise self._failure(exc) from exc

    def _refusal(self, status: int) -> EngineError:
        engine = self.engine
        if status in self.input_at_fault:
            return InputRejected(engine, f"the server refuses what it was sent (status {status})")
        match status:
            case 401 | 403:
                return EngineUnavailable(engine, f"the server turns us away (status {status}); is the API key right?")
            case 404:
                return EngineUnavailable(engine, "the server has no such address or model (status 404)")
            case 429:
                return EngineFailed(engine, "the server is asked too often (status 429)")
            case _:
                return EngineFailed(engine, f"status {status}")

    def _failure(self, error: httpx.RequestError | httpx.InvalidURL) -> EngineError:
        match error:
            case httpx.ConnectTimeout() | httpx.ConnectError():
                return EngineUnavailable(self.engine, f"cannot connect to {self.http.base_url.netloc.decode()}")
            case httpx.TimeoutException():
                return EngineTimeout(self.engine, "the server was silent for too long")
            case _:
                return EngineFailed(self.engine, f"the exchange broke off ({type(error).__name__})")


@asynccontextmanager
async def open_endpoint(
    engine: str, url: str, api_key: SecretStr | None, *, silence_seconds: float, input_at_fault: frozenset[int]
) -> AsyncGenerator[Endpoint]:
    """`input_at_fault`: the statuses by which such a server blames what it was sent, and not itself. The server need
    not be there yet: whether it is shows at each call. Proxies of the environment are not used.
    """
    headers = {} if api_key is None else {"Authorization": f"Bearer {api_key.get_secret_value()}"}
    timeout = httpx.Timeout(silence_seconds, connect=min(CONNECT_SECONDS, silence_seconds))
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, trust_env=False) as http:
        yield Endpoint(engine, http, input_at_fault)


@asynccontextmanager
async def unwinding(response: httpx.Response, parts: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """`parts`, which are made of the content. The HTTP libraries stack generators that none of them closes; when the
    listener leaves early, a read from the closed connection unwinds them all.
    """
    try:
        yield parts
    finally:
        with CancelScope(shield=True):
            await response.aclose()
            with suppress(httpx.RequestError, httpx.StreamError):
                async for _ in parts:
                    pass


class _OnePiece(httpx.AsyncByteStream):
    """A body that is not a generator: httpx leaves its own unfinished when a call is cancelled, and trio minds."""

    def __init__(self, content: bytes) -> None:
        self._rest = [content]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._rest:
            raise StopAsyncIteration
        return self._rest.pop()
