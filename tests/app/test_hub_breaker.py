"""A hub that cannot be reached is left alone for a while, and whoever asks is told when to ask again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from pydantic import HttpUrl

from app.hub.remote import Hub, open_hub
from app.hub.types import HubFailed, HubSettings, ModelError, NoNetwork, NoSuchModel
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.settings import BreakerSettings
from tests.made.hub import MadeHub, a_model, made_hub
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real servers and threads: no jumping clock."""
    return str(request.param)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Line:
    hub: Hub
    made: MadeHub
    breaker: CircuitBreaker
    clock: Clock

    async def fails(self, error: type[ModelError], words: str = ".", times: int = 1) -> None:
        model = a_model(self.made, config_json=b"{}")
        for _ in range(times):
            with pytest.raises(error, match=words):
                await self.hub.plan(model)


@asynccontextmanager
async def a_line(url: str, made: MadeHub) -> AsyncGenerator[Line]:
    clock = Clock()
    breaker = CircuitBreaker("hub", BreakerSettings(consecutive_failures=3, open_seconds=2, jitter=0), clock=clock)
    async with open_hub(HubSettings(url=HttpUrl(url)), breaker) as hub:
        yield Line(hub, made, breaker, clock)


@pytest.fixture
async def line() -> AsyncGenerator[Line]:
    made = MadeHub()
    async with serving(made_hub(made)) as url, a_line(url, made) as line:
        yield line


async def test_a_hub_that_is_out_of_reach_is_left_alone_and_said_so() -> None:
    async with a_line(NOWHERE, MadeHub()) as line:
        await line.fails(NoNetwork, "cannot reach", times=3)
        await line.fails(HubFailed, r"left alone for now, it can be asked again in 2 s: cannot reach 127\.0\.0\.1")


async def test_a_hub_that_keeps_failing_is_not_asked_any_more(line: Line) -> None:
    line.made.statuses = [500] * 10
    await line.fails(HubFailed, "status 500", times=3)
    await line.fails(HubFailed, "left alone", times=3)
    assert line.made.asked == 3


async def test_a_model_that_it_does_not_have_is_no_fault_of_the_hub(line: Line) -> None:
    line.made.refuses = (404, "RepoNotFound")
    await line.fails(NoSuchModel, times=5)
    line.made.refuses = (429, "")
    await line.fails(HubFailed, times=5)
    assert line.breaker.state is BreakerState.CLOSED


async def test_the_next_pull_after_a_while_finds_it_well_again(line: Line) -> None:
    line.made.statuses = [503] * 3
    await line.fails(HubFailed, times=3)
    line.clock.now += 3
    await line.hub.plan(a_model(line.made, config_json=b"{}"))
    assert line.breaker.state is BreakerState.CLOSED


async def test_a_download_that_breaks_off_says_nothing_against_it(line: Line) -> None:
    plan = await line.hub.plan(a_model(line.made, model_bin=b"x" * 1_000_000))
    line.made.cuts = [100_000] * 5
    for _ in range(5):
        with pytest.raises(ModelError):
            async with line.hub.content(plan, plan.files[0], 0) as content:
                _ = [chunk async for chunk in content.chunks]
    assert line.breaker.state is BreakerState.CLOSED
