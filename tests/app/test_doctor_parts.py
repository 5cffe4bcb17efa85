"""What the doctor and the operator's command say of the Nightingale that is running."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import anyio
import pytest
from click.testing import CliRunner
from fastapi import FastAPI

from app.api.breakers import breakers_router
from app.doctor import Finding, running
from app.running import breakers as breakers_command
from app.security.hosts import AllowedHosts, AllowedOrigins
from app.settings import Settings
from app.standing import Standing
from resilience.breaker import BreakerState
from resilience.breakers import Breakers
from resilience.settings import BreakerSettings
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

MEMORY = Standing(
    "memory", "Long-term memory", "failed", "The disk is gone.", "Make room.", breaker="open", next_try_seconds=4.0
)
HISTORY = Standing("history", "Session history", "in-use")
FORCED = Standing("stt", "whisper", "in-use", breaker="forced-closed")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real servers: no jumping clock."""
    return str(request.param)


def settings_of(url: str) -> Settings:
    return Settings(port=int(url.rpartition(":")[2]), _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own


@asynccontextmanager
async def telling(told: object) -> AsyncGenerator[Settings]:
    app = FastAPI()

    @app.get("/health/ready")
    async def ready() -> object:
        return told

    app.add_middleware(AllowedHosts)
    async with serving(app) as url:
        yield settings_of(url)


def a_house(**more: Any) -> dict[str, Any]:
    told = {"status": "ready", "tier": "full", "tier_means": "speak and be spoken to", "why": [], "sessions": 0}
    return {**told, "engines": [], "parts": [], **more}


@pytest.mark.parametrize(("late", "verdict"), [(0.019, "ok"), (0.4, "note")])
async def test_an_event_loop_that_can_be_heard_is_named(late: float, verdict: str) -> None:
    async with telling(a_house(loop_late_seconds=late)) as settings:
        _, finding = await running(settings)
    assert (finding.verdict, finding.subject) == (verdict, "Running now: the event loop")
    assert f"{1000 * late:.0f} ms" in finding.detail


async def found(told: object) -> list[Finding]:
    async with telling(told) as settings:
        return await running(settings)


async def test_a_house_that_is_well_is_well() -> None:
    (finding,) = await found(a_house(parts=[asdict(HISTORY)]))
    assert (finding.verdict, finding.subject) == ("ok", "Running now")
    assert "speak and be spoken to" in finding.detail


async def test_what_keeps_it_from_a_better_tier_is_said() -> None:
    why = ["No voice is working: piper: no model."]
    (finding,) = await found(a_house(tier="stt-only", tier_means="speak, and read the answer", why=why))
    assert finding.verdict == "note"
    assert "No voice is working: piper: no model." in finding.detail


async def test_each_part_that_is_ill_is_named_with_what_to_do() -> None:
    house = a_house(engines=[asdict(FORCED)], parts=[asdict(HISTORY), asdict(MEMORY)])
    _, forced, memory = await found(house)
    assert (memory.verdict, memory.remedy) == ("note", "Make room.")
    assert memory.detail == "The disk is gone. It is asked again in 4 s."
    assert "operator" in forced.detail


async def test_it_says_how_much_the_cache_saved() -> None:
    near = {"kind": "speech", "layer": "memory", "hits": 6, "misses": 4, "bytes": 9000}
    file = {"kind": "speech", "layer": "file", "hits": 3, "misses": 1, "bytes": 9000}
    unused = {"kind": "embedding", "layer": "memory", "hits": 0, "misses": 0, "bytes": 0}
    _, saved = await found(a_house(cache=[near, file, unused]))
    assert (saved.verdict, saved.subject) == ("ok", "Running now: cache of speech")
    assert saved.detail == "90% of 10 were at hand (memory 6, file 3)"


async def test_a_house_that_is_starting_is_no_trouble() -> None:
    (finding,) = await found({"status": "starting"})
    assert (finding.verdict, finding.remedy) == ("note", "Ask again in a moment.")


async def test_where_nothing_runs_nothing_is_wrong() -> None:
    async with telling({}) as settings:
        pass
    (finding,) = await running(settings)
    assert finding.verdict == "ok"
    assert finding.detail.startswith("nothing at")


@pytest.mark.parametrize("told", ["hello", [1, 2], {"status": "ready", "engines": "many"}])
async def test_a_stranger_at_the_address_is_called_one(told: object) -> None:
    (finding,) = await found(told)
    assert finding.verdict == "note"
    assert "something else answers" in finding.detail


@pytest.fixture
async def operated(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Breakers]:
    breakers = Breakers(clock=lambda: 0.0)
    breakers.new("stt/faster-whisper (base)", BreakerSettings(jitter=0))
    breakers.new("memory", BreakerSettings(jitter=0)).trip("the disk is gone")
    app = FastAPI()
    app.include_router(breakers_router(lambda: breakers))
    app.add_middleware(AllowedOrigins)
    app.add_middleware(AllowedHosts)
    async with serving(app) as url:
        monkeypatch.setenv("NIGHTINGALE_PORT", url.rpartition(":")[2])
        yield breakers


async def operate(*words: str) -> tuple[int, str]:
    def in_a_thread() -> tuple[int, str]:
        done = CliRunner().invoke(breakers_command, words)
        return done.exit_code, done.output

    return await anyio.to_thread.run_sync(in_a_thread)


@pytest.mark.usefixtures("operated")
async def test_the_command_shows_every_breaker_and_why() -> None:
    code, output = await operate()
    assert code == 0
    for words in ("stt/faster-whisper (base)", "closed", "memory", "open", "the disk is gone", "asked again in 2 s"):
        assert words in output


async def test_the_command_forces_a_breaker_and_lets_it_go_again(operated: Breakers) -> None:
    breaker = operated["stt/faster-whisper (base)"]
    for word, state in (
        ("open", BreakerState.FORCED_OPEN),
        ("closed", BreakerState.FORCED_CLOSED),
        ("auto", BreakerState.CLOSED),
    ):
        assert (await operate(breaker.name, word))[0] == 0
        assert breaker.state is state


@pytest.mark.usefixtures("operated")
async def test_the_command_says_what_is_wrong_with_a_name_or_a_word() -> None:
    assert "There is no breaker called 'nothing'" in (await operate("nothing", "open"))[1]
    assert "say open, closed or auto" in (await operate("memory"))[1]
    assert (await operate("memory", "ajar"))[0] == 2


async def test_the_command_says_when_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async with telling({}) as settings:
        pass
    monkeypatch.setenv("NIGHTINGALE_PORT", str(settings.port))
    code, output = await operate()
    assert code == 1
    assert "nothing at http://127.0.0.1" in output
