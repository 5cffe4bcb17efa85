"""A server on loopback that behaves, and one that misbehaves in every way a stream can."""

import json
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import pytest
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import SecretStr

from graph.models.openai_compatible import open_openai_language_model
from graph.protocols import LanguageModel
from graph.settings import OpenAiLanguageSpec
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from tests.graph.prompts import asking
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

KEY = "sk-secret-of-sarah"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """On a real clock: the server has a thread of its own."""
    return str(request.param)


def delta(text: str | None, *, finish: str | None = None) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}) + "\n\n"


DONE = "data: [DONE]\n\n"
HELLO = (delta(""), delta("Hel"), delta("lo."), delta(None, finish="stop"), DONE)


@dataclass
class Server:
    """Says what it was told to say, piece by piece; a number among the pieces is a pause in seconds."""

    pieces: Iterable[str | float] = HELLO
    status: int = 200
    content_type: str = "text/event-stream"
    breaks_off: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    sent: int = 0
    left: bool = False

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/chat/completions")
        async def complete(request: Request) -> Response:
            self.asked.append(await request.json())
            self.keys.append(request.headers.get("authorization"))
            if self.status != 200:
                return Response(f'{{"error": "no, {KEY}"}}', self.status)
            return StreamingResponse(self._stream(), media_type=self.content_type)

        return app

    async def _stream(self) -> AsyncGenerator[str, None]:
        finished = False
        try:
            for piece in self.pieces:
                if isinstance(piece, str):
                    self.sent += 1
                    yield piece
                else:
                    await anyio.sleep(piece)
            finished = not self.breaks_off
        finally:
            self.left = not finished
        if self.breaks_off:
            raise ConnectionAbortedError("the server dies here")


@asynccontextmanager
async def talking_to(server: Server, *, seconds: float = 5, key: str | None = None) -> AsyncGenerator[LanguageModel]:
    async with serving(server.app()) as url:
        spec = OpenAiLanguageSpec.model_validate(
            {
                "url": f"{url}/v1",
                "model": "tiny",
                "api_key": None if key is None else SecretStr(key),
                "first_output_seconds": seconds,
                "stall_seconds": seconds,
                "max_tokens": 77,
                "temperature": 0.25,
            }
        )
        async with open_openai_language_model(spec) as model:
            yield model


async def pieces_of(model: LanguageModel, question: str = "Who are you?", *history: str) -> list[str]:
    async with aclosing(model.generate(asking(question, *history))) as answer:
        return [piece async for piece in answer]


async def failure_of(server: Server, *, seconds: float = 5) -> tuple[list[str], EngineError]:
    got: list[str] = []
    async with talking_to(server, seconds=seconds) as model, aclosing(model.generate(asking())) as answer:
        try:
            async for piece in answer:
                got.append(piece)  # noqa: PERF401 -- what came before the failure counts
        except EngineError as exc:
            return got, exc
    raise AssertionError("it did not fail")


async def test_the_answer_comes_in_the_pieces_the_server_sends() -> None:
    async with talking_to(Server()) as model:
        assert await pieces_of(model) == ["Hel", "lo."]


async def test_the_request_carries_the_conversation_and_the_settings() -> None:
    server = Server()
    async with talking_to(server, key=KEY) as model:
        await pieces_of(model, "And you?", "Hi.", "Hello.")
    (asked,) = server.asked
    assert (asked["model"], asked["stream"], asked["max_tokens"], asked["temperature"]) == ("tiny", True, 77, 0.25)
    assert [each["role"] for each in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert asked["messages"][-1]["content"].endswith("And you?")
    assert server.keys == [f"Bearer {KEY}"]


async def test_an_answer_in_json_is_asked_for_by_its_schema() -> None:
    server, schema = Server(), {"type": "object", "properties": {}}
    async with talking_to(server) as model:
        async with aclosing(model.generate(replace(asking(), schema=schema))) as answer:
            assert [piece async for piece in answer]
        await pieces_of(model)
    in_json, free = server.asked
    assert in_json["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert in_json["temperature"] == 0
    assert "response_format" not in free


async def test_no_key_no_header() -> None:
    server = Server()
    async with talking_to(server) as model:
        await pieces_of(model)
    assert server.keys == [None]


async def test_thinking_is_left_out_even_when_its_tags_are_torn() -> None:
    torn = ("<th", "ink>", "Hm.", "</thi", "nk>\n\nForty", "-two")
    async with talking_to(Server([*map(delta, torn), DONE])) as model:
        assert "".join(await pieces_of(model)) == "Forty-two"


async def test_comments_usage_and_reasoning_are_passed_over() -> None:
    odd = (
        ": ping\n\n",
        'data: {"choices": [{"delta": {"role": "assistant", "reasoning_content": "hm"}}]}\n\n',
        delta("Yes."),
        'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n',
        DONE,
    )
    async with talking_to(Server(odd)) as model:
        assert await pieces_of(model) == ["Yes."]


async def test_a_server_may_end_without_saying_done_once_the_answer_is_finished() -> None:
    async with talking_to(Server(HELLO[:-1])) as model:
        assert await pieces_of(model) == ["Hel", "lo."]


async def test_leaving_early_closes_the_connection() -> None:
    endless: list[str | float] = [0.02, delta("on and ")]
    server = Server([delta("on "), *endless * 500, DONE])
    async with talking_to(server) as model:
        async with aclosing(model.generate(asking())) as answer:
            await anext(answer)
        with anyio.fail_after(5):
            while not server.left:
                await anyio.sleep(0.01)
    assert server.sent < 500


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InputRejected),
        (413, InputRejected),
        (401, EngineUnavailable),
        (403, EngineUnavailable),
        (404, EngineUnavailable),
        (429, EngineFailed),
        (500, EngineFailed),
        (503, EngineFailed),
        (302, EngineFailed),
    ],
)
async def test_a_refusal_says_whose_fault_it_is_and_keeps_the_key_to_itself(
    status: int, kind: type[EngineError]
) -> None:
    got, error = await failure_of(Server(status=status))
    assert (got, type(error)) == ([], kind)
    assert str(status) in error.reason
    assert KEY not in str(error)


@pytest.mark.parametrize(
    "server",
    [
        Server([delta("Hel"), "data: {not json\n\n"]),
        Server([delta("Hel"), 'data: {"choices": "none"}\n\n']),
        Server([delta("Hel"), 'data: {"error": {"message": "out of memory"}}\n\n', DONE]),
        Server([delta("Hel")], breaks_off=True),
        Server([delta("Hel")]),
        Server([delta("Hel"), "data: \ufffd\n\n"]),
    ],
    ids=["garbage", "wrong shape", "error in the stream", "dies", "ends too early", "no JSON at all"],
)
async def test_a_stream_that_goes_wrong_fails_after_what_came_before(server: Server) -> None:
    got, error = await failure_of(server)
    assert (got, type(error)) == (["Hel"], EngineFailed)


async def test_an_answer_that_is_no_stream_fails() -> None:
    _, error = await failure_of(Server(["<html>Welcome!</html>"], content_type="text/html"))
    assert type(error) is EngineFailed


@pytest.mark.parametrize(("pieces", "came"), [([3.0, *HELLO], []), ([delta("Hel"), 3.0, DONE], ["Hel"])])
async def test_a_silent_server_times_out(pieces: list[str | float], came: list[str]) -> None:
    got, error = await failure_of(Server(pieces), seconds=0.2)
    assert (got, type(error)) == (came, EngineTimeout)


async def test_a_slow_first_word_within_the_limit_is_waited_for() -> None:
    async with talking_to(Server([0.3, *HELLO])) as model:
        assert await pieces_of(model) == ["Hel", "lo."]


async def test_nobody_at_the_other_end_is_an_engine_that_is_not_there() -> None:
    async with serving(FastAPI()) as url:
        pass
    spec = OpenAiLanguageSpec.model_validate({"url": f"{url}/v1", "model": "tiny"})
    async with open_openai_language_model(spec) as model:
        with pytest.raises(EngineUnavailable, match="cannot connect"):
            await pieces_of(model)


async def test_the_key_is_never_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as events:
        async with talking_to(Server(), key=KEY) as model:
            await pieces_of(model)
    assert KEY not in caplog.text + str(events) + "".join(capfd.readouterr())
