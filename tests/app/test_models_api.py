import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from pydantic import HttpUrl

from app.api.models import models_router
from app.hub.shop import ModelShop, open_shop
from app.hub.store import ModelStore
from app.hub.types import HubSettings, Model
from app.standing import Standing
from tests.made.hub import MadeHub, a_model, made_hub
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

BIG = os.urandom(3_000_000)
ENGINE = Standing("stt", "pocketsphinx", "in-use")
PART = Standing("memory", "Memory", "failed", "The disk is gone.", breaker="open", next_try_seconds=3.0)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real servers and threads: no jumping clock."""
    return str(request.param)


@dataclass
class Counter:
    """The shop with a made hub behind it and our API before it."""

    made: MadeHub
    model: Model
    store: ModelStore
    shop: ModelShop
    client: httpx.AsyncClient
    installs: list[tuple[str, ...]] = field(default_factory=list)

    async def look(self) -> dict[str, Any]:
        answer = await self.client.get("/api/models")
        assert answer.status_code == 200
        seen: dict[str, Any] = answer.json()
        return seen

    async def until(self, state: str) -> dict[str, Any]:
        with anyio.fail_after(20):
            while True:
                news = self.shop.news
                standing: dict[str, Any] = (await self.look())["models"][0]
                if standing["state"] == state:
                    return standing
                await news.wait()


@asynccontextmanager
async def a_counter(root: Path) -> AsyncGenerator[Counter]:
    made = MadeHub()
    model = a_model(made, model_bin=BIG)
    store = ModelStore(root / "models", (model,))
    counter: Counter

    async def installed_changed() -> None:
        counter.installs.append(tuple(each.model.id for each in store.installed()))

    async with serving(made_hub(made)) as url:
        settings = HubSettings(url=HttpUrl(url), retry_seconds=0, keep_free_bytes=0)
        async with open_shop(
            store, settings, standing=lambda: [ENGINE], parts=lambda: [PART], installed_changed=installed_changed
        ) as shop:
            app = FastAPI()
            app.include_router(models_router(lambda: shop))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                counter = Counter(made, model, store, shop, client)
                yield counter


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncGenerator[Counter]:
    async with a_counter(tmp_path) as counter:
        yield counter


def as_json(standing: Standing) -> list[Any]:
    return [json.loads(json.dumps(asdict(standing)))]


async def test_the_window_shows_engines_parts_models_and_free_space(counter: Counter) -> None:
    seen = await counter.look()
    assert (seen["engines"], seen["parts"]) == (as_json(ENGINE), as_json(PART))
    assert seen["free_bytes"] > 0
    assert seen["models"] == [
        {
            "id": "made",
            "kind": "stt",
            "name": "Made",
            "size_bytes": len(BIG),
            "licence": "MIT",
            "purpose": "tests",
            "language": "en",
            "state": "absent",
            "received_bytes": 0,
            "total_bytes": len(BIG),
            "error": None,
            "error_code": None,
        }
    ]


async def test_a_pulled_model_is_installed_and_the_house_is_told(counter: Counter) -> None:
    answer = await counter.client.post("/api/models/made/pull")
    assert (answer.status_code, answer.json()["state"]) == (202, "pulling")

    standing = await counter.until("installed")
    assert standing["received_bytes"] == len(BIG)
    await anyio.wait_all_tasks_blocked()
    assert counter.installs == [("made",)]


async def test_pulling_twice_is_pulling_once(counter: Counter) -> None:
    for _ in range(2):
        assert (await counter.client.post("/api/models/made/pull")).status_code == 202
    await counter.until("installed")
    assert len(counter.made.downloads) == 1


async def test_a_failed_pull_says_why_until_the_next_one(counter: Counter) -> None:
    counter.made.refuses = (403, "GatedRepo")
    await counter.client.post("/api/models/made/pull")
    standing = await counter.until("absent")
    assert "licence" in standing["error"]
    assert standing["error_code"] == "hub-refused"
    assert counter.installs == []

    counter.made.refuses = None
    await counter.client.post("/api/models/made/pull")
    assert (await counter.until("installed"))["error"] is None


async def test_a_cancelled_pull_keeps_what_came(counter: Counter) -> None:
    counter.made.stalls = True
    await counter.client.post("/api/models/made/pull")
    with anyio.fail_after(20):
        while counter.store.partial_bytes(counter.model) < 1_000_000:
            await counter.shop.news.wait()

    assert (await counter.client.delete("/api/models/made/pull")).status_code == 202
    standing = await counter.until("absent")
    assert standing["received_bytes"] > 1_000_000
    assert standing["error"] is None


async def test_a_removed_model_is_gone_and_the_house_is_told(counter: Counter) -> None:
    await counter.client.post("/api/models/made/pull")
    await counter.until("installed")
    await anyio.wait_all_tasks_blocked()

    answer = await counter.client.delete("/api/models/made")
    assert (answer.status_code, answer.json()["state"]) == (200, "absent")
    assert counter.installs == [("made",), ()]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/api/models/nothing/pull", "no-such-model"),
        ("DELETE", "/api/models/nothing/pull", "no-such-model"),
        ("DELETE", "/api/models/nothing", "no-such-model"),
        ("DELETE", "/api/models/made", "not-installed"),
    ],
)
async def test_what_is_not_there_is_a_404_with_a_stable_code(
    counter: Counter, method: str, path: str, code: str
) -> None:
    answer = await counter.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_model_that_is_being_pulled_is_not_removed(counter: Counter) -> None:
    counter.shop.pull("made")
    assert (await counter.client.delete("/api/models/made")).json()["code"] == "already-pulling"


async def test_a_damaged_model_is_shown_as_damaged(counter: Counter) -> None:
    await counter.client.post("/api/models/made/pull")
    await counter.until("installed")
    (counter.store.folder(counter.model) / "model.bin").write_bytes(b"short")
    assert (await counter.look())["models"][0]["state"] == "damaged"


async def test_while_the_house_is_not_open_the_shop_is_not_either() -> None:
    app = FastAPI()
    app.include_router(models_router(lambda: None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for path in ("/api/models", "/api/models/events"):
            assert (await client.get(path)).status_code == 503


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # trio warns of the client's own unfinished generators
async def test_the_stream_tells_the_story_of_a_pull(tmp_path: Path) -> None:
    made = MadeHub()
    model = a_model(made, model_bin=BIG)
    states: list[str] = []
    async with serving(made_hub(made)) as hub_url:
        async with serving(_app_of_its_own(tmp_path, hub_url, model)) as url, httpx.AsyncClient(base_url=url) as client:
            async with client.stream("GET", "/api/models/events") as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                with anyio.fail_after(20):
                    async for line in stream.aiter_lines():
                        if not line.startswith("data: "):
                            continue
                        states.append(json.loads(line.removeprefix("data: "))["models"][0]["state"])
                        if states == ["absent"]:
                            await client.post("/api/models/made/pull")
                        if states[-1] == "installed":
                            break
    assert states[0] == "absent"
    assert states[-1] == "installed"


def _app_of_its_own(root: Path, hub_url: str, model: Model) -> FastAPI:
    shop: ModelShop | None = None

    async def installed_changed() -> None: ...

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        nonlocal shop
        settings = HubSettings(url=HttpUrl(hub_url), retry_seconds=0, keep_free_bytes=0)
        store = ModelStore(root / "models", (model,))
        async with open_shop(store, settings, standing=lambda: (), installed_changed=installed_changed) as shop:
            yield

    app = FastAPI(lifespan=lifespan)
    app.include_router(models_router(lambda: shop))
    return app
