import json
from collections.abc import Generator
from pathlib import Path

import pytest
from anyio import to_thread
from click.testing import CliRunner, Result

from app.hub.catalogue import find
from app.hub.cli import models
from app.hub.types import Model
from tests.made.hub import MadeHub, made_hub
from tests.made.logs import logging_kept
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

VOICE = "piper-de-de-thorsten"


@pytest.fixture
def anyio_backend() -> str:
    """The command has a loop of its own; the test's only waits for it."""
    return "asyncio"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.chdir(tmp_path)
    with logging_kept():
        yield tmp_path


async def run(*arguments: str, url: str = "http://127.0.0.1:9") -> Result:
    env = {
        "NIGHTINGALE_DATA_DIR": "data",
        "NIGHTINGALE_HUB__URL": url,
        "NIGHTINGALE_HUB__RETRY_SECONDS": "0",
        "NIGHTINGALE_HUB__KEEP_FREE_BYTES": "0",
    }
    return await to_thread.run_sync(lambda: CliRunner().invoke(models, arguments, env=env))


def a_hub_with(model: Model) -> MadeHub:
    return MadeHub(files={model.repo: {file.path: file.name.encode() * 1000 for file in model.files}})


async def test_the_list_names_every_model_with_its_licence() -> None:
    result = await run("list")
    assert result.exit_code == 0
    assert "whisper-base.en\tabsent\tstt\t148 MB\tMIT\t" in result.stdout
    assert "Llama 3.2 Community License (not open source)" in result.stdout


async def test_a_model_is_pulled_listed_verified_and_removed(elsewhere: Path) -> None:
    async with serving(made_hub(a_hub_with(find(VOICE)))) as url:
        pulled = await run("pull", VOICE, url=url)
    assert pulled.exit_code == 0
    assert pulled.stdout.startswith(f"{VOICE}: installed in ")
    assert "100 %" in pulled.stderr
    assert (elsewhere / "data" / "models" / VOICE / "de_DE-thorsten-medium.onnx").exists()

    rows = json.loads((await run("list", "--json")).stdout)["models"]
    assert [row["id"] for row in rows if row["state"] == "installed"] == [VOICE]

    checked = json.loads((await run("verify", "--json")).stdout)["models"]
    assert checked == [{"id": VOICE, "whole": True, "code": None, "detail": ""}]

    removed = await run("remove", VOICE)
    assert (removed.exit_code, removed.stdout) == (0, f"{VOICE}: removed\n")


async def test_a_damaged_model_fails_verification(elsewhere: Path) -> None:
    async with serving(made_hub(a_hub_with(find(VOICE)))) as url:
        await run("pull", VOICE, url=url)
    (elsewhere / "data" / "models" / VOICE / "de_DE-thorsten-medium.onnx").write_bytes(b"x")

    result = await run("verify")
    assert result.exit_code == 1
    assert "pull it again" in result.stdout


async def test_a_pull_without_network_fails_in_plain_words_and_leaves_nothing(elsewhere: Path) -> None:
    result = await run("pull", VOICE)
    assert result.exit_code == 1
    assert f"Error: {VOICE}: cannot reach 127.0.0.1" in result.stderr
    assert list((elsewhere / "data" / "models").iterdir()) == []


@pytest.mark.parametrize("command", ["pull", "verify", "remove"])
async def test_an_unknown_model_is_answered_with_those_there_are(command: str) -> None:
    result = await run(command, "wisper")
    assert result.exit_code == 1
    assert "no model is called 'wisper'; there are " in result.stderr


async def test_what_is_not_installed_cannot_be_removed() -> None:
    result = await run("remove", VOICE)
    assert result.exit_code == 1
    assert f"Error: {VOICE} is not installed" in result.stderr


async def test_a_setting_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTINGALE_PORT", "none")
    result = await run("list")
    assert result.exit_code == 1
    assert "NIGHTINGALE_PORT" in result.stderr
