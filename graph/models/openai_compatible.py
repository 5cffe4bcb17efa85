"""Any server that chats the way OpenAI's does: POST {url}/chat/completions, answered as a stream of events."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import anyio
import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError
from pydantic import BaseModel, ValidationError

from graph.models.thinking import SpokenPart
from graph.prompts import chat_messages
from graph.protocols import LanguageModel
from graph.settings import OpenAiLanguageSpec
from graph.types import Prompt
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected

ENGINE = "openai-compatible"
_CONNECT_SECONDS = 3.0
_PROMPT_AT_FAULT = frozenset({400, 413, 422})
_NOT_ADMITTED = frozenset({401, 403})
_END = "[DONE]"


class _Delta(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Chunk(BaseModel):
    choices: list[_Choice] = []
    error: Any = None


class OpenAiLanguageModel:
    def __init__(self, http: httpx.AsyncClient, spec: OpenAiLanguageSpec) -> None:
        self._http = http
        self._spec = spec

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Leaving closes the connection, which tells the server to stop."""
        spoken = SpokenPart()
        async with aclosing(self._deltas(prompt)) as deltas:
            async for delta in deltas:
                if piece := spoken.feed(delta):
                    yield piece
        if piece := spoken.end():
            yield piece

    async def _deltas(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        body = {
            "model": self._spec.model,
            "messages": chat_messages(prompt),
            "stream": True,
            "max_tokens": self._spec.max_tokens,
            "temperature": self._spec.temperature,
        }
        finished = False
        try:
            async with self._http.stream("POST", "chat/completions", content=_written(body)) as response:
                _check(response)
                async with _events_of(response) as events:
                    async for event in events:
                        if event.data == _END:
                            return
                        for choice in _chunk(event.data).choices[:1]:
                            finished = finished or choice.finish_reason is not None
                            if choice.delta.content:
                                yield choice.delta.content
        except (httpx.RequestError, httpx.InvalidURL) as exc:
            raise _failure(exc, self._spec) from exc
        except SSEError as exc:
            raise EngineFailed(ENGINE, "the answer is not a stream of events") from exc
        if not finished:
            raise EngineFailed(ENGINE, "the answer broke off")


@asynccontextmanager
async def _events_of(response: httpx.Response) -> AsyncGenerator[AsyncIterator[ServerSentEvent]]:
    """The HTTP libraries stack generators that none of them closes. When the listener leaves early, a read from the
    closed connection unwinds them all.
    """
    events = EventSource(response).aiter_sse()
    try:
        yield events
    finally:
        with anyio.CancelScope(shield=True):
            await response.aclose()
            with suppress(httpx.RequestError, SSEError):
                async for _ in events:
                    pass


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")  # lone surrogates cannot be sent


def _chunk(data: str) -> _Chunk:
    try:
        chunk = _Chunk.model_validate_json(data)
    except ValidationError as exc:
        raise EngineFailed(ENGINE, "the answer is not a chat completion in JSON") from exc
    if chunk.error is not None:
        raise EngineFailed(ENGINE, "the server reported an error in the middle of the answer")
    return chunk


def _check(response: httpx.Response) -> None:
    """What a server says about a refusal may repeat the key or the prompt, so only its status is passed on."""
    status = response.status_code
    if response.is_success:
        return
    if status in _PROMPT_AT_FAULT:
        raise InputRejected(ENGINE, f"the server refuses the prompt (status {status}); it may be too long")
    if status in _NOT_ADMITTED:
        raise EngineUnavailable(ENGINE, f"the server does not admit us (status {status}); is the API key right?")
    if status == httpx.codes.NOT_FOUND:
        raise EngineUnavailable(ENGINE, "the server has no such model, or no chat completions at this URL (status 404)")
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise EngineFailed(ENGINE, "the server is asked too often (status 429)")
    raise EngineFailed(ENGINE, f"status {status}")


def _failure(error: httpx.RequestError | httpx.InvalidURL, spec: OpenAiLanguageSpec) -> EngineError:
    match error:
        case httpx.ConnectTimeout():
            return EngineUnavailable(ENGINE, f"{spec.url} does not answer")
        case httpx.TimeoutException():
            return EngineTimeout(ENGINE, "the server was silent for too long")
        case httpx.ConnectError():
            return EngineUnavailable(ENGINE, f"cannot connect to {spec.url}")
        case _:
            return EngineFailed(ENGINE, f"the exchange broke off: {type(error).__name__}")


@asynccontextmanager
async def open_openai_language_model(spec: OpenAiLanguageSpec) -> AsyncGenerator[LanguageModel]:
    """The server need not be there yet: whether it is shows at each call. Proxies of the environment are not used."""
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    if spec.api_key is not None:
        headers["Authorization"] = f"Bearer {spec.api_key.get_secret_value()}"
    silence = max(spec.first_output_seconds, spec.stall_seconds)
    timeout = httpx.Timeout(silence, connect=min(_CONNECT_SECONDS, silence))
    base = str(spec.url).rstrip("/") + "/"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=timeout, trust_env=False) as http:
        yield OpenAiLanguageModel(http, spec)
