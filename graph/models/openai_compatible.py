"""Any server that chats the way OpenAI's does: POST {url}/chat/completions, answered as a stream of events."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from httpx_sse import EventSource, SSEError
from pydantic import BaseModel, ValidationError

from graph.models.thinking import SpokenPart
from graph.prompts import chat_messages
from graph.protocols import LanguageModel
from graph.settings import OpenAiLanguageSpec
from graph.types import Prompt
from resilience.endpoint import Endpoint, open_endpoint, unwinding
from resilience.errors import EngineFailed

ENGINE = "openai-compatible"
PROMPT_AT_FAULT = frozenset({400, 413, 422})
HEADERS = {"Content-Type": "application/json", "Accept": "text/event-stream"}
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
    def __init__(self, server: Endpoint, spec: OpenAiLanguageSpec) -> None:
        self._server = server
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
        body: dict[str, Any] = {
            "model": self._spec.model,
            "messages": chat_messages(prompt),
            "stream": True,
            "max_tokens": self._spec.max_tokens,
            "temperature": self._spec.temperature,
        }
        if prompt.schema is not None:
            body["temperature"] = 0
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": prompt.schema},
            }
        finished = False
        try:
            async with (
                self._server.post("chat/completions", content=_written(body), headers=HEADERS) as response,
                unwinding(response, EventSource(response).aiter_sse()) as events,
            ):
                async for event in events:
                    if event.data == _END:
                        return
                    for choice in _chunk(event.data).choices[:1]:
                        finished = finished or choice.finish_reason is not None
                        if choice.delta.content:
                            yield choice.delta.content
        except SSEError as exc:
            raise EngineFailed(ENGINE, "the answer is not a stream of events") from exc
        if not finished:
            raise EngineFailed(ENGINE, "the answer broke off")


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


@asynccontextmanager
async def open_openai_language_model(spec: OpenAiLanguageSpec) -> AsyncGenerator[LanguageModel]:
    """See `open_endpoint`."""
    async with open_endpoint(
        ENGINE,
        str(spec.url),
        spec.api_key,
        silence_seconds=max(spec.first_output_seconds, spec.stall_seconds),
        input_at_fault=PROMPT_AT_FAULT,
    ) as server:
        yield OpenAiLanguageModel(server, spec)
