"""What a Qdrant server that is not well means to the house. How it keeps memories is in the contract of all stores."""

import time
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from pydantic import TypeAdapter, ValidationError

from memory.catalog import open_memory
from memory.qdrant_edge import QdrantEdge
from memory.qdrant_server import open_qdrant_server
from memory.settings import MemorySettings, QdrantServerSpec
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable
from tests.made.servers import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """A real server does not keep to a clock that jumps."""
    return "asyncio"


def spec(**values: object) -> MemorySettings:
    settings: MemorySettings = TypeAdapter(MemorySettings).validate_python(values)
    return settings


async def refused(url: str, **values: object) -> EngineError:
    settings = spec(store="qdrant-server", url=url, **values)
    assert isinstance(settings, QdrantServerSpec)
    with pytest.raises(EngineError) as failure:
        async with open_qdrant_server(settings):
            pass
    return failure.value


@pytest.mark.parametrize(("status", "kind"), [(401, EngineUnavailable), (403, EngineUnavailable), (500, EngineFailed)])
async def test_a_refusal_is_told_without_a_word_of_the_servers(status: int, kind: type[EngineError]) -> None:
    app = FastAPI()

    @app.get("/{path:path}")
    def refuse() -> Response:
        return Response("Sarah's secret-key", status)

    async with serving(app) as url:
        error = await refused(url)
    assert type(error) is kind
    assert str(status) in error.reason
    assert "secret" not in str(error)


async def test_a_server_that_says_nothing_is_given_up() -> None:
    app = FastAPI()

    @app.get("/{path:path}")
    def wait() -> None:
        time.sleep(1.5)

    async with serving(app) as url:
        assert type(await refused(url, answer_seconds=1)) is EngineTimeout


async def test_a_server_that_is_not_there_is_told() -> None:
    assert type(await refused("http://127.0.0.1:9")) is EngineUnavailable


async def test_settings_choose_the_store(tmp_path: Path) -> None:
    async with open_memory(spec(store="qdrant-edge"), tmp_path, None) as memory:
        assert isinstance(memory, QdrantEdge)
    with pytest.raises(EngineUnavailable):
        async with open_memory(spec(store="qdrant-server", url="http://127.0.0.1:9"), tmp_path, None):
            pass


def test_a_wrong_store_fails_with_the_list_of_right_ones() -> None:
    with pytest.raises(ValidationError, match="'qdrant-edge', 'qdrant-server'"):
        spec(store="qdrant")
