"""What is a person's own, over HTTP: for whose page it is, and for who runs the house."""

import io
import os
import time
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.rights import rights_router
from app.rights.desk import Rights
from app.rights.operator import HEADER, VALID_SECONDS, make_pass
from app.rights.settings import BackupSettings
from app.rights.sweeping import sweep
from app.rights.types import PartName, Person
from app.security.hosts import AllowedOrigins
from memory.types import UserId
from resilience.errors import EngineFailed

pytestmark = pytest.mark.anyio

SECRET = "a secret of the house"
LOCAL, ANNA = UserId("local"), UserId("anna")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads: no jumping clock."""
    return str(request.param)


@dataclass
class Part:
    name: PartName = "memories"
    kept: dict[str, str] = field(default_factory=lambda: {"local": "mine", "anna": "hers"})
    away: bool = False

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        if self.away:
            raise EngineFailed("memory", "it is away")
        yield "memories.md", self.kept.get(person.user, "").encode()

    async def erase(self, person: Person) -> int:
        if self.away:
            raise EngineFailed("memory", "it is away")
        return 1 if self.kept.pop(person.user, None) else 0


@dataclass
class Counter:
    client: httpx.AsyncClient
    part: Part
    data: Path

    def as_operator(self, method: str, path: str, user: str, *, secret: str = SECRET, ago: float = 0) -> dict[str, str]:
        return {HEADER: make_pass(secret, method, path, user, time.time() - ago)}

    async def erase(self, confirm: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.request("DELETE", "/api/user", json={"confirm": confirm}, headers=headers)


async def _none(_: Path) -> int:
    return 0


@asynccontextmanager
async def a_counter(data: Path) -> AsyncGenerator[Counter]:
    part = Part()
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
    transport = httpx.ASGITransport(AllowedOrigins(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Counter(client, part, data)


def inside(answer: httpx.Response) -> str:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return packed.read("memories.md").decode()


async def test_a_page_takes_along_what_is_its_user_s(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.get("/api/export")
        assert answer.status_code == 200
        assert inside(answer) == "mine"
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == 'attachment; filename="nightingale-local.zip"'
        assert answer.headers["cache-control"] == "no-store"


async def test_of_an_export_that_was_fetched_nothing_stays_here(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        await counter.client.get("/api/export")
        assert [*(tmp_path / "temporary").iterdir()] == []


async def test_one_that_was_never_fetched_is_swept(tmp_path: Path) -> None:
    for name, age in (("export-old.zip", 7200), ("export-new.zip", 60)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    (tmp_path / "backup-old" / "copies").mkdir(parents=True)
    for folder in (tmp_path / "backup-old" / "copies", tmp_path / "backup-old"):
        os.utime(folder, (time.time() - 7200,) * 2)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert await sweep(tmp_path, hour_ago) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["export-new.zip"]
    assert await sweep(tmp_path / "nowhere", hour_ago) == 0


async def test_erasing_wants_to_be_confirmed(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        assert (await counter.client.request("DELETE", "/api/user")).status_code == 422
        assert (await counter.erase("yes")).status_code == 422
        assert (await counter.erase("anna")).status_code == 422
        assert counter.part.kept == {"local": "mine", "anna": "hers"}


@pytest.mark.parametrize("word", ["local", "erase"])
async def test_what_went_is_said(word: str, tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.erase(word)
        assert answer.status_code == 200
        told = answer.json()
        assert told["complete"]
        assert {"what": "memories", "count": 1, "trouble": ""} in told["parts"]
        assert "memories: 1" in told["text"]
        assert counter.part.kept == {"anna": "hers"}


async def test_what_did_not_go_is_said_too(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        counter.part.away = True
        answer = await counter.erase("erase")
        assert answer.status_code == 503
        assert not answer.json()["complete"]
        assert {"what": "memories", "count": 0, "trouble": "it is away"} in answer.json()["parts"]
        assert (await counter.client.get("/api/export")).json()["code"] == "engine-failed"


async def test_who_runs_the_house_may_ask_for_anybody(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.get("/api/export", headers=counter.as_operator("GET", "/api/export", ANNA))
        assert inside(answer) == "hers"
        await counter.erase("anna", counter.as_operator("DELETE", "/api/user", ANNA))
        assert counter.part.kept == {"local": "mine"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another"},
        {"secret": ""},
        {"ago": VALID_SECONDS + 5},
        {"ago": -VALID_SECONDS - 5},
        {"method": "DELETE"},
        {"path": "/api/user"},
    ],
)
async def test_a_pass_is_for_one_thing_and_a_minute_and_from_who_knows_the_secret(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    async with a_counter(tmp_path) as counter:
        headers = counter.as_operator(**{"method": "GET", "path": "/api/export", "user": ANNA, **wrong})
        assert (await counter.client.get("/api/export", headers=headers)).status_code == 403


@pytest.mark.parametrize("given", ["", "x", "..", "1.2.3", "nan.YQ==.x", "1." + "a" * 10_000 + ".ü"])
async def test_what_is_no_pass_is_refused(given: str, tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.get("/api/export", headers={HEADER.encode(): given.encode()})
        assert answer.status_code == 403


async def test_a_page_can_make_no_backup_and_who_runs_the_house_can(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        assert (await counter.client.post("/api/backup", json={})).status_code == 403
        headers = counter.as_operator("POST", "/api/backup", "operator")
        answer = await counter.client.post("/api/backup", json={}, headers=headers)
        assert answer.status_code == 200
        assert Path(answer.json()["file"]).is_file()
        assert answer.json()["memories"] is None


async def test_other_people_s_pages_cannot_erase_anything(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.erase("erase", {"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
        assert "local" in counter.part.kept


async def test_while_the_house_opens_there_is_nothing_yet(tmp_path: Path) -> None:
    app = FastAPI()
    app.include_router(rights_router(lambda: None, lambda _: LOCAL, tmp_path / "secret"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/api/export")).status_code == 503
        assert (await client.get("/api/export", headers={HEADER: "1.YQ==.x"})).status_code == 403
