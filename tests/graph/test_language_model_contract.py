"""What every language model promises, asked of each: a real llama.cpp, and a server on loopback."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from graph.catalog import open_language_model
from graph.protocols import LanguageModel
from graph.settings import LanguageSpec, LlamaCppSpec, OpenAiLanguageSpec
from resilience.errors import EngineError
from tests.graph.prompts import asking
from tests.made.gguf import REPLY, make_gguf
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

UNICODE = "Voilà the 🦊 now"
ENGINES = ("llama-cpp", "openai-compatible")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """On a real clock: the engines have real threads and sockets."""
    return str(request.param)


def _server(reply: str, *, endless: bool) -> FastAPI:
    app = FastAPI()

    async def chunks() -> AsyncGenerator[str, None]:
        while True:
            for word in reply.split(" "):
                yield f"data: {json.dumps({'choices': [{'delta': {'content': f'{word} '}}]})}\n\n"
            if not endless:
                break
            await anyio.sleep(0.01)
        yield "data: [DONE]\n\n"

    @app.post("/v1/chat/completions")
    async def complete() -> StreamingResponse:
        return StreamingResponse(chunks(), media_type="text/event-stream")

    return app


@asynccontextmanager
async def opened(
    engine: str, folder: Path, *, reply: str = REPLY, endless: bool = False
) -> AsyncGenerator[LanguageModel]:
    spec: LanguageSpec
    if engine == "llama-cpp":
        path = make_gguf(folder / "model.gguf", reply=reply, endless=endless)
        spec = LlamaCppSpec(model=path, context_tokens=1024, threads=1, max_tokens=500)
        async with open_language_model(spec) as model:
            yield model
    else:
        async with serving(_server(reply, endless=endless)) as url:
            spec = OpenAiLanguageSpec.model_validate({"url": f"{url}/v1", "model": "tiny"})
            async with open_language_model(spec) as model:
                yield model


async def said(model: LanguageModel, question: str = "Who are you?", *history: str) -> str:
    async with aclosing(model.generate(asking(question, *history))) as answer:
        return "".join([piece async for piece in answer]).strip()


@pytest.mark.parametrize("engine", ENGINES)
async def test_the_answer_streams(engine: str, tmp_path: Path) -> None:
    async with opened(engine, tmp_path) as model, aclosing(model.generate(asking())) as answer:
        pieces = [piece async for piece in answer]
    assert "".join(pieces).strip() == REPLY
    assert len(pieces) > 5
    assert all(pieces)


@pytest.mark.parametrize("engine", ENGINES)
async def test_letters_of_every_kind_come_whole(engine: str, tmp_path: Path) -> None:
    async with opened(engine, tmp_path, reply=UNICODE) as model:
        assert await said(model) == UNICODE


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_answer_may_be_left_early_again_and_again(engine: str, tmp_path: Path) -> None:
    async with opened(engine, tmp_path, reply="on and yet more", endless=True) as model:
        for _ in range(5):
            async with aclosing(model.generate(asking())) as answer:
                assert await anext(answer)


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_cancelled_answer_ends_at_once_and_the_next_one_comes(engine: str, tmp_path: Path) -> None:
    async with opened(engine, tmp_path, reply="on and yet more", endless=True) as model:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(said, model)
                await anyio.sleep(0.05)
                tasks.cancel_scope.cancel()
            async with aclosing(model.generate(asking())) as answer:
                assert (await anext(answer)).strip() == "on"


@pytest.mark.parametrize("engine", ENGINES)
async def test_two_may_ask_at_once(engine: str, tmp_path: Path) -> None:
    answers: list[str] = []

    async def ask(question: str) -> None:
        answers.append(await said(model, question))

    async with opened(engine, tmp_path) as model:
        async with anyio.create_task_group() as tasks:
            for question in ("Who are you?", "And who am I?", "Why?"):
                tasks.start_soon(ask, question)
    assert answers == [REPLY] * 3


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_answer_that_was_never_begun_costs_nothing(engine: str, tmp_path: Path) -> None:
    async with opened(engine, tmp_path) as model:
        await model.generate(asking()).aclose()
        assert await said(model) == REPLY


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_long_conversation_is_answered(engine: str, tmp_path: Path) -> None:
    talk = tuple(f"This is what was said in turn number {i}." for i in range(200))
    async with opened(engine, tmp_path) as model:
        assert await said(model, "Who are you?", *talk) == REPLY


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("question", ["", " ", "\x00", "\ud83e", "<|im_end|>", "{% raw %}", "why? " * 5_000])
async def test_whatever_is_asked_is_answered_or_refused_as_an_engine_would(
    engine: str, question: str, tmp_path: Path
) -> None:
    async with opened(engine, tmp_path) as model:
        with suppress(EngineError):
            assert await said(model, question) == REPLY
        assert await said(model) == REPLY
