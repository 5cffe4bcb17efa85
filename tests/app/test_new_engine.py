"""A model is fetched from the page, and the house speaks with it without a restart."""

from pathlib import Path

import anyio
import httpx
import pytest

from app.hub.catalogue import CATALOGUE
from tests.browser.house import nightingale
from tests.made.hub import MadeHub, made_hub
from tests.made.piper import make_piper
from tests.made.servers import serving

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

VOICE = next(model for model in CATALOGUE if model.kind == "tts" and "en" in model.languages)
PATIENCE = 60


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def hub_with_a_made_voice(folder: Path) -> MadeHub:
    onnx = make_piper(folder / "made.onnx").read_bytes()
    config = (folder / "made.onnx.json").read_bytes()
    files = {file.path: onnx if file.name.endswith(".onnx") else config for file in VOICE.files}
    return MadeHub(files={VOICE.repo: files})


async def in_use(client: httpx.AsyncClient, kind: str) -> str:
    engines = (await client.get("/health/ready")).json()["engines"]
    return str(next(engine["name"] for engine in engines if engine["kind"] == kind and engine["state"] == "in-use"))


async def standing(client: httpx.AsyncClient) -> str:
    models = (await client.get("/api/models")).json()["models"]
    return str(next(model["state"] for model in models if model["id"] == VOICE.id))


async def until(what: str, client: httpx.AsyncClient, expected: str) -> None:
    with anyio.fail_after(PATIENCE):
        while not (await (standing(client) if what == "model" else in_use(client, "tts"))).startswith(expected):
            await anyio.sleep(0.1)


async def test_a_fetched_voice_speaks_at_once_and_a_removed_one_no_more(tmp_path: Path) -> None:
    async with (
        serving(made_hub(hub_with_a_made_voice(tmp_path))) as hub,
        nightingale(tmp_path / "data", HUB__URL=hub, HUB__KEEP_FREE_BYTES="0") as house,
        httpx.AsyncClient(base_url=house.url) as client,
    ):
        assert await in_use(client, "tts") == "espeak"
        assert (await client.post(f"/api/models/{VOICE.id}/pull")).status_code == 202
        await until("model", client, "installed")
        await until("engine", client, "piper")
        assert (await client.delete(f"/api/models/{VOICE.id}")).is_success
        await until("engine", client, "espeak")
        assert await standing(client) == "absent"


async def test_without_network_the_page_says_so_and_nothing_is_left(tmp_path: Path) -> None:
    async with (
        nightingale(tmp_path / "data", HUB__URL="http://127.0.0.1:9") as house,
        httpx.AsyncClient(base_url=house.url) as client,
    ):
        assert (await client.post(f"/api/models/{VOICE.id}/pull")).status_code == 202
        with anyio.fail_after(PATIENCE):
            while await standing(client) == "pulling":
                await anyio.sleep(0.1)
        models = (await client.get("/api/models")).json()["models"]
        error = next(model["error"] for model in models if model["id"] == VOICE.id)
        assert error
        assert list((tmp_path / "data" / "models").rglob("*.onnx*")) == []
