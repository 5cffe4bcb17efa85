"""The voices over HTTP: which there are, and what each sounds like."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI, Request

from app.api.voices import MOST_SAMPLES, voices_router
from app.manner import Manner
from app.manners import Manners, open_manners
from memory.types import UserId
from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed
from resilience.ladder import Ladder, Rung
from tests.fakes import ScriptedTts
from tests.made.hearing import pitch, spoken_seconds
from tests.made.speech import read_wav
from voice.catalog import open_tts
from voice.protocols import TextToSpeech
from voice.settings import EspeakSpec
from voice.tts.captions import Captions
from voice.types import AudioFrame, Delivery, KnownVoice

pytestmark = pytest.mark.anyio

ANNA, BEN = UserId("anna"), UserId("ben")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real engines want a real clock."""
    return str(request.param)


class Ill(ScriptedTts):
    voices = (KnownVoice("org/ill:x", "Ill", ""),)

    def takes(self, wanted: Delivery) -> Delivery:
        return wanted


class Desk:
    def __init__(self, client: httpx.AsyncClient, manners: Manners) -> None:
        self.client = client
        self.manners = manners

    async def sample(self, name: str, user: UserId = ANNA) -> httpx.Response:
        return await self.client.post(f"/api/voices/{quote(name, safe='')}/sample", headers={"user": user})

    async def sound(self, name: str) -> AudioFrame:
        answer = await self.sample(name)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        return AudioFrame(*read_wav(answer.content))


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncGenerator[Desk]:
    async with open_tts(EspeakSpec()) as espeak, open_manners(folder, Manner()) as manners:
        engines: tuple[TextToSpeech, ...] = (espeak, Ill(fail=EngineFailed("x", "ill")), Captions())
        rungs = [Rung(f"v{n}", each, CircuitBreaker(f"v{n}"), 5.0, 5.0) for n, each in enumerate(engines)]
        ladder = Ladder("tts", rungs)
        app = FastAPI()

        def user_of(request: Request) -> UserId:
            return UserId(request.headers["user"])

        app.include_router(voices_router(lambda: ladder, lambda: manners, user_of))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            yield Desk(client, manners)


async def test_the_voices_that_are_there_are_listed_with_their_languages(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        (await desk.manners.of(ANNA)).choose(voice="espeak:de")
        answer = (await desk.client.get("/api/voices", headers={"user": ANNA})).json()
    assert answer["voices"][0] == {"name": "espeak:en-us", "label": "American English, a man", "language": "en"}
    assert answer["chosen"] == "espeak:de"
    assert set(answer["languages"]) == {"en", "fr", "de", "es"}


async def test_each_voice_introduces_itself_as_high_and_as_fast_as_its_listener_likes(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        man, woman = await desk.sound("espeak:en-us"), await desk.sound("espeak:en-us+f2")
        assert pitch(woman) > 1.3 * pitch(man)
        (await desk.manners.of(ANNA)).choose(rate=2.0)
        assert spoken_seconds(await desk.sound("espeak:en-us")) < 0.65 * spoken_seconds(man)


async def test_a_voice_that_is_not_there_and_one_that_is_ill_are_told_apart(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        assert (await desk.sample("espeak:klingon")).status_code == 404
        assert (await desk.sample("org/ill:x")).status_code == 503


async def test_who_wants_very_many_samples_is_asked_to_wait_and_others_are_not(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for _ in range(MOST_SAMPLES):
            assert (await desk.sample("org/ill:x")).status_code == 503
        refused = await desk.sample("espeak:en-us")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert (await desk.sample("espeak:en-us", BEN)).status_code == 200


async def test_a_house_that_opens_or_closes_says_so() -> None:
    app = FastAPI()
    app.include_router(voices_router(lambda: None, lambda: None, lambda _: ANNA))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/api/voices")).status_code == 503
        assert (await client.post("/api/voices/espeak:de/sample")).status_code == 503
