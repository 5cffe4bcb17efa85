"""Recordings over HTTP, behind the guards of the house."""

import io
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.api.recordings import recordings_router
from app.codec import Format
from app.ends import TurnLog
from app.packing import Packer
from app.recordings import RecordingSettings
from app.security.headers import SecurityHeaders
from app.security.hosts import AllowedOrigins
from app.turn import SayingId, new_saying
from app.turns import Turns, open_turns
from memory.types import UserId
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import tone, utterance

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads: no jumping clock."""
    return str(request.param)


SAID = utterance(tone(0.5))


@dataclass
class Counter:
    client: httpx.AsyncClient
    turns: Turns
    log: TurnLog
    saying: SayingId

    @property
    def url(self) -> str:
        return f"/api/recordings/{self.saying}"


@asynccontextmanager
async def a_counter(folder: Path, settings: RecordingSettings = KEEP_ALL) -> AsyncGenerator[Counter]:
    async with open_turns(folder, settings, answer_seconds=PATIENCE_SECONDS) as turns:
        app = FastAPI()
        app.include_router(recordings_router(lambda: turns, lambda request: UserId(request.headers["User"])))
        guarded = AllowedOrigins(SecurityHeaders(app))
        log, saying = turns.of(str(uuid4()), "local"), new_saying()
        await log.recorded(saying, SAID)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(guarded), base_url="http://localhost", headers={"User": "local"}
        ) as client:
            yield Counter(client, turns, log, saying)


async def test_a_recording_is_heard_as_it_was_said(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.get(counter.url)
        assert answer.status_code == 200
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert sound.readframes(sound.getnframes()) == SAID.audio.pcm


async def test_it_is_for_this_page_only_and_leaves_no_copy(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        headers = (await counter.client.get(counter.url)).headers
        assert headers["content-type"] == "audio/wav"
        assert headers["content-disposition"].startswith("inline")
        assert headers["cache-control"] == "no-store"
        assert headers.get_list("x-content-type-options") == ["nosniff"]
        assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_player_may_ask_for_a_part(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.get(counter.url, headers={"Range": "bytes=0-3"})
        assert (answer.status_code, answer.content) == (206, b"RIFF")


@pytest.mark.parametrize(("form", "sound", "begins"), [("flac", "audio/flac", b"fLaC"), ("opus", "audio/ogg", b"OggS")])
async def test_a_packed_recording_is_served_as_what_it_is_also_in_part(
    form: Format, sound: str, begins: bytes, tmp_path: Path
) -> None:
    async with a_counter(tmp_path, RecordingSettings(format=form)) as counter:
        await counter.log.settle([counter.saying], "answered")
        await Packer(counter.turns, form).pack_all()
        whole = await counter.client.get(counter.url)
        assert (whole.status_code, whole.headers["content-type"], whole.content[:4]) == (200, sound, begins)
        part = await counter.client.get(counter.url, headers={"Range": "bytes=4-99"})
        assert (part.status_code, part.content) == (206, whole.content[4:100])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_it_is_not_there_for_anybody_but_who_said_it(method: str, tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        assert (await counter.client.request(method, counter.url, headers={"User": "ben"})).status_code == 404
        assert (await counter.client.get(counter.url)).status_code == 200


@pytest.mark.parametrize("saying", ["5f0c9a4e-0000-4000-8000-00000000abcd", "x", "..%2F..%2Fturns.sqlite", "%00"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_there_is_nothing_else_to_be_had_there(method: str, saying: str, tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.request(method, f"/api/recordings/{saying}")
        assert answer.status_code == 404


async def test_an_erased_recording_is_gone_from_the_disk(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        assert (await counter.client.delete(counter.url)).status_code == 204
        assert not [*tmp_path.glob("recordings/*/*")]
        assert (await counter.client.get(counter.url)).status_code == 404
        assert (await counter.client.delete(counter.url)).status_code == 404


async def test_an_offer_that_was_nothing_but_its_recording_goes_with_it(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        await counter.log.settle([counter.saying], "offered")
        await counter.client.delete(counter.url)
        assert await counter.log.offers() == ()


async def test_other_people_s_pages_cannot_erase_it(tmp_path: Path) -> None:
    async with a_counter(tmp_path) as counter:
        answer = await counter.client.delete(counter.url, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
        assert (await counter.client.get(counter.url)).status_code == 200


async def test_a_log_that_cannot_be_read_is_said_with_its_code(tmp_path: Path) -> None:
    async with open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        pass
    app = FastAPI()
    app.include_router(recordings_router(lambda: turns, lambda _: UserId("local")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for method in ("GET", "DELETE"):
            answer = await client.request(method, f"/api/recordings/{uuid4()}")
            assert answer.status_code == 503
            assert answer.json()["code"] == "engine-failed"


async def test_while_the_house_opens_there_is_none_yet() -> None:
    app = FastAPI()
    app.include_router(recordings_router(lambda: None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get(f"/api/recordings/{uuid4()}")).status_code == 503
