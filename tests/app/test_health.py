"""How the parts are: asked so that no turn has to find out, and said in words that help."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI

from app.api.breakers import breakers_router
from app.api.health import health_router
from app.engines import EngineRoom, Openers, Wanted, open_engine_room
from app.health import Health, Part, Shares, history_part, hub_part, memory_part, open_health
from app.standing import Standing
from app.telemetry.lateness import Lateness
from memory.cache import Cache
from resilience.attempt import attempt
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.breakers import Breakers
from resilience.errors import EngineFailed
from resilience.settings import BreakerSettings, ResilienceSettings
from resilience.sharing import SharingStanding

pytestmark = pytest.mark.anyio

QUICK = BreakerSettings(consecutive_failures=1, open_seconds=2, longest_open_seconds=30, jitter=0)


class Patient:
    """A part that is well, or is not."""

    def __init__(self, breakers: Breakers, name: str = "memory") -> None:
        self.breaker = breakers.new(name, QUICK, probed=True)
        self.fault = ""
        self.probes = 0

    async def probe(self) -> None:
        with attempt(self.breaker, 1.0, probe=True):
            self.probes += 1
            if self.fault:
                raise EngineFailed(self.breaker.name, self.fault)

    async def use(self) -> None:
        with attempt(self.breaker, 1.0):
            if self.fault:
                raise EngineFailed(self.breaker.name, self.fault)

    @property
    def part(self) -> Part:
        return memory_part(self.breaker, self.probe)


def no_gpus() -> list[Standing]:
    return []


@asynccontextmanager
async def a_ward(check_seconds: float = 60) -> AsyncGenerator[tuple[Health, Patient]]:
    breakers = Breakers()
    patient = Patient(breakers)
    health = Health(check_seconds, None, no_gpus)
    with breakers.watched(health.moved):
        async with health.watching(patient.part):
            yield health, patient


async def break_down(patient: Patient, fault: str = "the disk is gone") -> None:
    patient.fault = fault
    with pytest.raises(EngineFailed):
        await patient.use()


@pytest.mark.usefixtures("virtual_time")
async def test_a_part_that_nobody_uses_is_asked_now_and_then() -> None:
    async with a_ward(check_seconds=60) as (_, patient):
        await anyio.sleep(59)
        assert patient.probes == 0
        await anyio.sleep(122)
        assert patient.probes == 3


@pytest.mark.usefixtures("virtual_time")
async def test_a_part_that_is_in_use_needs_no_asking() -> None:
    async with a_ward(check_seconds=60) as (_, patient):
        for _ in range(10):
            await anyio.sleep(30)
            await patient.use()
        assert patient.probes == 0


@pytest.mark.usefixtures("virtual_time")
async def test_a_part_that_recovers_is_back_before_its_longest_open_time_is_over() -> None:
    async with a_ward() as (_, patient):
        await break_down(patient)
        await anyio.sleep(300)
        patient.fault = ""
        await anyio.sleep(QUICK.longest_open_seconds + 1)
        assert patient.breaker.state is BreakerState.CLOSED


@pytest.mark.usefixtures("virtual_time")
async def test_what_is_ill_is_asked_ever_more_rarely() -> None:
    async with a_ward() as (_, patient):
        await break_down(patient)
        await anyio.sleep(120)
        assert 4 <= patient.probes <= 8


@pytest.mark.usefixtures("virtual_time")
async def test_what_an_operator_switched_off_is_not_asked() -> None:
    async with a_ward(check_seconds=10) as (health, patient):
        patient.breaker.force("open")
        await anyio.sleep(300)
        assert patient.probes == 0
        (standing,) = health.parts()
        assert (standing.state, standing.breaker) == ("failed", "forced-open")
        assert "operator" in standing.detail


@pytest.mark.usefixtures("virtual_time")
async def test_an_ill_part_says_why_what_that_means_and_when_it_is_asked_again() -> None:
    async with a_ward() as (health, patient):
        await break_down(patient, "its process ended unexpectedly")
        (standing,) = health.parts()
        assert standing.kind == "memory"
        assert (standing.state, standing.breaker, standing.next_try_seconds) == ("failed", "open", 2.0)
        assert standing.detail.startswith("Its process ended unexpectedly. Conversations go on")
        assert standing.remedy
        patient.fault = ""
        await anyio.sleep(3)
        assert health.parts() == [
            replace(standing, state="in-use", detail="", remedy="", breaker="closed", next_try_seconds=None)
        ]


@pytest.mark.usefixtures("virtual_time")
async def test_a_closed_part_is_a_part_no_more() -> None:
    breakers = Breakers()
    patient = Patient(breakers)
    health = Health(5, None, no_gpus)
    async with health.watching(patient.part):
        pass
    await anyio.sleep(60)
    assert (health.parts(), patient.probes) == ([], 0)


@pytest.mark.usefixtures("virtual_time")
async def test_nobody_but_a_user_causes_a_question_to_the_hub() -> None:
    breaker = Breakers().new("hub", QUICK)
    health = Health(5, None, no_gpus)
    async with health.watching(hub_part(breaker)):
        breaker.trip("cannot reach huggingface.co")
        await anyio.sleep(600)
        (standing,) = health.parts()
        assert breaker.state is BreakerState.HALF_OPEN
        assert "It is asked again when somebody wants a model." in standing.detail


@dataclass
class ToldBySharing:
    told: SharingStanding

    def standing(self) -> SharingStanding:
        return self.told


@pytest.mark.parametrize(
    ("told", "states"),
    [
        (SharingStanding("", works=False, reason=""), []),
        (SharingStanding("redis://there:6379", works=True, reason=""), ["in-use"]),
        (SharingStanding("redis://there:6379", works=False, reason="no answer"), ["failed"]),
    ],
)
async def test_redis_is_a_part_where_it_is_set(told: SharingStanding, states: list[str]) -> None:
    sharing: Shares = ToldBySharing(told)
    parts = Health(60, sharing, no_gpus).parts()
    assert [each.state for each in parts] == states
    assert all("redis://there:6379" in each.detail + each.remedy for each in parts)


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_graphics_cards_are_looked_at_from_a_thread() -> None:
    card = Standing("gpu", "GPU 0: Made", "in-use", "1.0 of 8.0 GB of its memory are in use.")
    async with open_health(60, Breakers(), look_at_gpus=lambda: [card]) as health:
        with anyio.fail_after(20):
            while not health.parts():
                await anyio.sleep(0.01)
        assert health.parts() == [card]


async def test_the_room_on_the_disk_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, state, asks_for_room in ((10**9, "in-use", False), (2 * 10**8, "in-use", True), (10**7, "failed", True)):
        monkeypatch.setattr("app.folder.shutil.disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        async with open_health(60, Breakers(), data=tmp_path, look_at_gpus=list) as health:
            with anyio.fail_after(20):
                while not health.parts():
                    await anyio.sleep(0.01)
            (told,) = health.parts()
        assert (told.kind, told.state, bool(told.remedy)) == ("disk", state, asks_for_room)


# -- over HTTP ---------------------------------------------------------------------------------------------------


def nobody(_: float) -> None:
    pass


@dataclass
class AHouse:
    """As much of a house as is looked at, with its last rungs only."""

    engines: EngineRoom
    health: Health
    breakers: Breakers
    arranged: anyio.Event
    cache: Cache
    lateness: Lateness
    sessions: tuple[()] = ()

    async def get(self, path: str) -> httpx.Response:
        return await self.ask("GET", path)

    async def ask(self, method: str, path: str, content: str | None = None) -> httpx.Response:
        app = FastAPI()
        app.include_router(health_router(lambda: self))
        app.include_router(breakers_router(lambda: self.breakers))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.request(method, path, content=content)


@pytest.fixture
async def house() -> AsyncGenerator[AHouse]:
    breakers = Breakers()
    async with open_engine_room(ResilienceSettings(), breakers, openers=Openers()) as engines:
        yield AHouse(engines, Health(60, None, no_gpus), breakers, anyio.Event(), Cache(0), Lateness(nobody))


async def test_a_house_without_engines_is_only_starting(house: AHouse) -> None:
    answer = await house.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "starting"})
    assert (await house.get("/health/startup")).status_code == 503
    assert (await house.get("/health/live")).status_code == 200


async def test_ready_says_which_tier_and_why_not_a_better_one(house: AHouse) -> None:
    await house.engines.arrange(Wanted((), (), ()))
    memory = Patient(house.breakers)
    async with house.health.watching(memory.part):
        memory.breaker.trip("the disk is gone")
        answer = await house.get("/health/ready")
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["status"], told["tier"]) == (200, "ready", "text")
    assert told["tier_means"] == "type and read"
    assert len(told["why"]) == 2
    assert "No speech recogniser is working" in told["why"][0]
    assert {each["kind"] for each in told["engines"]} == {"stt", "tts", "language"}
    assert [(each["name"], each["breaker"]) for each in told["parts"]] == [("Long-term memory", "open")]


async def test_ready_says_how_late_the_event_loop_was(house: AHouse) -> None:
    await house.engines.arrange(Wanted((), (), ()))
    house.lateness.saw(0.0421, 0.003)
    told = (await house.get("/health/ready")).json()
    assert (told["loop_late_seconds"], told["loop_blocked_seconds"]) == (0.0421, 0.003)


async def test_every_breaker_is_listed_by_its_name(house: AHouse) -> None:
    house.breakers.new("memory", QUICK).trip("the disk is gone")
    house.breakers.new("hub", QUICK)
    told: list[dict[str, Any]] = (await house.get("/api/breakers")).json()
    assert [(each["name"], each["state"], each["reason"]) for each in told] == [
        ("hub", "closed", ""),
        ("memory", "open", "the disk is gone"),
    ]
    assert 1 < told[1]["seconds_to_probe"] <= 2


@pytest.mark.parametrize(
    ("force", "state"), [('"open"', "forced-open"), ('"closed"', "forced-closed"), ("null", "closed")]
)
async def test_an_operator_has_the_last_word(house: AHouse, force: str, state: str) -> None:
    breaker = house.breakers.new("stt/faster-whisper (base)", QUICK)
    answer = await house.ask("PUT", "/api/breakers/stt/faster-whisper%20(base)", f'{{"force": {force}}}')
    assert (answer.status_code, answer.json()["state"], breaker.state) == (200, state, state)


async def test_a_name_that_is_none_is_not_found(house: AHouse) -> None:
    answer = await house.ask("PUT", "/api/breakers/nothing", '{"force": "open"}')
    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-breaker")


@pytest.mark.parametrize("content", ["", "open", "{}", '{"force": "ajar"}', '{"force": "open", "for": 3}', "[]"])
async def test_a_word_that_is_none_is_answered_with_those_that_are(house: AHouse, content: str) -> None:
    breaker: CircuitBreaker = house.breakers.new("memory", QUICK)
    answer = await house.ask("PUT", "/api/breakers/memory", content)
    assert answer.status_code == 422
    assert '{"force": "open"}' in answer.json()["detail"]
    assert breaker.state is BreakerState.CLOSED


async def test_the_history_is_missed_in_its_own_words() -> None:
    patient = Patient(Breakers(), "history")
    health = Health(60, None, no_gpus)
    patient.breaker.trip("database is locked")
    async with health.watching(history_part(patient.breaker, patient.probe)):
        (standing,) = health.parts()
    assert standing.detail.startswith("Database is locked. Conversations go on; what is said meanwhile")
