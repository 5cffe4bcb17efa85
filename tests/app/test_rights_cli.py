"""The same wishes from a terminal, beside a server that runs."""

import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from fastapi import FastAPI

from app.api.rights import rights_router
from app.folder import own_data_folder
from app.rights.calling import Running
from app.rights.cli import erase, export, restore
from app.rights.desk import Rights
from app.rights.reach import There
from app.rights.settings import BackupSettings
from app.rights.types import NotNow
from memory.types import UserId
from tests.app.test_rights_api import ANNA, LOCAL, SECRET, Part


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # real threads: no jumping clock


async def _none(_: Path) -> int:
    return 0


@asynccontextmanager
async def a_server(data: Path, part: Part, secret: str = SECRET) -> AsyncGenerator[There]:
    """As `reach` finds it; `secret` is what whoever asks takes for the server's."""
    rights = Rights(
        data=data,
        settings=BackupSettings(),
        registers=(),
        exporters=(part,),
        erasers=(part,),
        copy_memories=None,
        count_memories=_none,
    )
    (data / "secret").write_text(SECRET)
    app = FastAPI()
    app.include_router(rights_router(lambda: rights, lambda _: LOCAL, data / "secret"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:1") as http:
        yield There(Running(data, 1, secret, http), data, data / "backups")


@pytest.mark.anyio
async def test_the_server_that_runs_is_asked_in_anybody_s_name(tmp_path: Path) -> None:
    async with a_server(tmp_path, Part()) as server:
        file = await server.export(ANNA)
        assert file.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(file) as packed:
            assert packed.read("memories.md") == b"hers"
        assert (await server.erase(ANNA))["complete"]
        made = await server.back_up(frozenset())
        assert Path(made["file"]).parent == tmp_path / "backups"
        assert Path(made["file"]).is_file()


@pytest.mark.anyio
async def test_a_receipt_comes_also_when_something_is_left(tmp_path: Path) -> None:
    async with a_server(tmp_path, Part(away=True)) as server:
        assert not (await server.erase(ANNA))["complete"]
        with pytest.raises(NotNow, match="it is away"):
            await server.export(ANNA)
        assert [*(tmp_path / "temporary").iterdir()] == []


@pytest.mark.anyio
async def test_who_has_not_its_secret_is_refused(tmp_path: Path) -> None:
    async with a_server(tmp_path, Part(), "another") as server:
        with pytest.raises(NotNow, match="not valid"):
            await server.erase(UserId("local"))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIGHTINGALE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NIGHTINGALE_PORT", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def test_erasing_asks_for_the_name_again_and_takes_no_other(data: Path) -> None:
    done = CliRunner().invoke(erase, ["--user", "anna"], input="bert\n")
    assert done.exit_code == 1
    assert "Nothing was erased" in done.output
    assert not data.exists()


def test_a_server_that_has_the_folder_and_does_not_answer_is_named_with_what_to_do(data: Path, tmp_path: Path) -> None:
    with own_data_folder(data):
        without = CliRunner().invoke(export, [str(tmp_path / "out.zip")])
        assert "only who runs that Nightingale" in without.output
        (data / "secret").write_text(SECRET)
        done = CliRunner().invoke(export, [str(tmp_path / "out.zip")])
    assert done.exit_code == 1
    assert "does not answer at http://127.0.0.1:1" in done.output
    assert "stop it first" in done.output
    assert not (tmp_path / "out.zip").exists()


def test_nothing_is_restored_while_nightingale_runs(data: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").touch()
    with own_data_folder(data):
        done = CliRunner().invoke(restore, ["--yes", str(tmp_path / "b.zip")])
    assert done.exit_code == 1
    assert "Stop that one first" in done.output
