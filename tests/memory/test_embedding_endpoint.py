"""An embedder behind OpenAI's HTTP API, against a real server on the loopback."""

import base64
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI, Request, Response

from memory.embedding.catalog import open_embedder
from memory.embedding.settings import OpenAiEmbeddingSpec
from memory.protocols import Embedder
from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

Row = dict[str, Any]


@pytest.fixture
def anyio_backend() -> str:
    """A real server does not keep to a clock that jumps."""
    return "asyncio"


def numbers_of(text: str) -> list[float]:
    return [float(len(text)), 3.0, -1.0]


def in_floats(texts: list[str]) -> list[Row]:
    return [{"index": index, "embedding": numbers_of(text)} for index, text in enumerate(texts)]


def in_base64_and_backwards(texts: list[str]) -> list[Row]:
    def written(text: str) -> str:
        return base64.b64encode(np.array(numbers_of(text), "<f4").tobytes()).decode()

    return [{"index": index, "embedding": written(text)} for index, text in enumerate(texts)][::-1]


class Server:
    def __init__(self, rows: Callable[[list[str]], Any] = in_floats, status: int = 200) -> None:
        self.bodies: list[Row] = []
        self.authorization: str | None = None
        self.app = FastAPI()

        @self.app.post("/v1/embeddings")
        async def embeddings(request: Request) -> Response:
            body = await request.json()
            self.bodies.append(body)
            self.authorization = request.headers.get("authorization")
            answer = {"object": "list", "data": rows(body["input"]), "usage": {"total_tokens": 3}}
            return Response(json.dumps(answer), status, media_type="application/json")


@asynccontextmanager
async def engine_at(server: Server, **settings: object) -> AsyncGenerator[Embedder]:
    async with serving(server.app) as base:
        spec = {"url": f"{base}/v1", "model": "e5", "dimensions": 3, **settings}
        async with open_embedder(OpenAiEmbeddingSpec.model_validate(spec), Path()) as engine:
            assert engine is not None
            yield engine


@pytest.mark.parametrize("rows", [in_floats, in_base64_and_backwards])
async def test_vectors_come_at_unit_length_in_the_order_of_the_texts(rows: Callable[[list[str]], Any]) -> None:
    server = Server(rows)
    texts = ["one", "two and", "a third"]
    async with engine_at(server, api_key="sesame", texts_at_once=2) as engine:
        vectors = await engine.embed(texts)
    expected = np.array([numbers_of(text) for text in texts])
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-6)
    assert (engine.model, engine.dimensions) == ("e5/3", 3)
    assert vectors.dtype == np.float32
    assert [body["input"] for body in server.bodies] == [texts[:2], texts[2:]]
    assert server.bodies[0]["model"] == "e5"
    assert server.authorization == "Bearer sesame"


async def test_no_text_is_sent_that_servers_refuse() -> None:
    server = Server()
    async with engine_at(server, longest_characters=100) as engine:
        await engine.embed(["", "x" * 101, "a \ud800"])
        assert (await engine.embed([])).shape == (0, 3)
    assert [body["input"] for body in server.bodies] == [[" ", "x" * 100, "a ?"]]


@pytest.mark.parametrize(
    "data",
    [
        None,
        "nothing",
        [],
        [{"index": 1, "embedding": [1, 2, 3]}],
        [{"index": 0, "embedding": [1, 2]}],
        [{"index": 0, "embedding": [0, 0, 0]}],
        [{"index": 0, "embedding": [1, 1e300, 1]}],
        [{"index": 0, "embedding": "no base64!"}],
        [{"index": 0, "embedding": "AAAA"}],
        [{"index": 0, "embedding": ["a", "b", "c"]}],
    ],
)
async def test_an_answer_that_is_no_vector_of_that_size_is_a_failure(data: Any) -> None:
    async with engine_at(Server(lambda _: data)) as engine:
        with pytest.raises(EngineFailed):
            await engine.embed(["hello"])


@pytest.mark.parametrize(
    ("status", "error"), [(400, InputRejected), (413, InputRejected), (401, EngineUnavailable), (500, EngineFailed)]
)
async def test_a_refusal_is_told_apart_by_who_is_to_blame(status: int, error: type[Exception]) -> None:
    async with engine_at(Server(status=status), api_key="sesame") as engine:
        with pytest.raises(error) as caught:
            await engine.embed(["hello"])
    assert "sesame" not in str(caught.value)
    assert "hello" not in str(caught.value)


async def test_a_server_that_is_silent_for_too_long_is_given_up() -> None:
    def in_a_while(texts: list[str]) -> list[Row]:
        time.sleep(0.3)
        return in_floats(texts)

    async with engine_at(Server(in_a_while), silence_seconds=0.1) as engine:
        with pytest.raises(EngineTimeout):
            await engine.embed(["hello"])
