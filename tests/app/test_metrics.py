"""What a scrape of the house says."""

from collections.abc import Mapping
from dataclasses import dataclass

import anyio
import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from app.api.metrics import metrics_router
from app.telemetry.metrics import Metrics
from memory.cache import Cache, Figures
from resilience.breaker import BreakerState, Transition
from resilience.breakers import Breakers
from resilience.errors import EngineTimeout
from resilience.ladder import StepDown
from resilience.settings import BreakerSettings
from voice.tiers import Tier

pytestmark = pytest.mark.anyio


def scraped(metrics: Metrics, breakers: Breakers | None = None) -> dict[tuple[str, ...], float]:
    """By name and label values (labels in the order of the alphabet), what is not zero."""
    page = metrics.page(breakers or Breakers()).decode()
    return {
        (sample.name.removeprefix("nightingale_"), *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.value and not sample.name.endswith("_created")
    }


async def test_each_breaker_is_in_one_state_and_gone_when_it_is_dropped() -> None:
    breakers, metrics = Breakers(), Metrics()
    breakers.new("memory", BreakerSettings()).trip("the disk is gone")
    breakers.new("hub", BreakerSettings())
    assert scraped(metrics, breakers) == {
        ("breaker_state", "memory", "open"): 1,
        ("breaker_state", "hub", "closed"): 1,
    }
    breakers.drop("memory")
    assert scraped(metrics, breakers) == {("breaker_state", "hub", "closed"): 1}


async def test_what_breakers_and_ladders_do_is_counted() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.transition(Transition("memory", BreakerState.CLOSED, BreakerState.OPEN, 1, "gone"))
        metrics.stepped_down(StepDown("stt", "whisper", EngineTimeout("whisper", "no output within 3 s")))
    assert scraped(metrics) == {
        ("breaker_transitions_total", "memory", "open"): 2,
        ("step_downs_total", "engine-timeout", "stt", "whisper"): 2,
    }


async def test_sessions_are_counted_where_they_are_now() -> None:
    metrics = Metrics()
    for _ in range(3):
        metrics.session_began(Tier.FULL)
    metrics.tier_changed(Tier.FULL, Tier.TTS_ONLY)
    metrics.session_ended(Tier.FULL)
    metrics.sessions_waiting(4)
    assert scraped(metrics) == {
        ("sessions", "full"): 1,
        ("sessions", "tts-only"): 1,
        ("tier_changes_total", "tts-only", "full"): 1,
        ("sessions_waiting",): 4,
    }


async def test_turns_are_counted_by_how_they_ended_and_timed() -> None:
    metrics = Metrics()
    metrics.turn_settled("answered", 2)
    metrics.turn_settled("offered")
    metrics.turn_shed("retrieve")
    metrics.sign_of_life(2.4)
    told = scraped(metrics)
    assert told["turns_total", "answered"] == 2
    assert told["turns_total", "offered"] == 1
    assert told["turns_shed_total", "retrieve"] == 1
    assert ("sign_of_life_seconds_bucket", "2.0") not in told
    assert told["sign_of_life_seconds_bucket", "2.5"] == 1


async def test_two_houses_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.turn_settled("answered")
    assert scraped(other) == {}


async def test_each_layer_of_the_cache_says_what_it_saved() -> None:
    figures = [Figures("speech", "memory", 3, 1, 500), Figures("speech", "file", 0, 1, 0)]
    page = Metrics().page(Breakers(), figures).decode()
    for line in (
        'nightingale_cache_hits_total{kind="speech",layer="memory"} 3.0',
        'nightingale_cache_misses_total{kind="speech",layer="file"} 1.0',
        'nightingale_cache_bytes{kind="speech",layer="memory"} 500.0',
    ):
        assert line in page


@dataclass
class AHouse:
    metrics: Metrics
    breakers: Breakers
    cache: Cache
    waiting: int
    queues: Mapping[str, int]


async def test_the_page_is_there_when_the_house_is_open() -> None:
    house: AHouse | None = None
    app = FastAPI()
    app.include_router(metrics_router(lambda: house))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/metrics")).status_code == 503
        house = AHouse(Metrics(), Breakers(), Cache(0), waiting=3, queues={"inbox": 2, "notebook": 0})
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "nightingale_sessions_waiting 3.0" in answer.text
    assert 'nightingale_queue{where="inbox"} 2.0' in answer.text


async def test_what_may_only_grow_by_a_fault_is_counted_when_it_is_asked_for() -> None:
    metrics = Metrics()
    hoard: list[object] = []

    def blocks() -> float:
        metrics.process()
        return scraped(metrics)["python_blocks",]

    before = blocks()
    hoard += [[n] for n in range(100_000)]
    assert blocks() - before > 90_000
    async with anyio.create_task_group() as tasks:
        alone = scraped(metrics)["tasks",]
        for _ in range(5):
            tasks.start_soon(anyio.sleep_forever)
        await anyio.wait_all_tasks_blocked()
        metrics.process()
        assert scraped(metrics)["tasks",] == alone + 5
        tasks.cancel_scope.cancel()


async def test_each_step_of_a_turn_is_timed_and_the_way_to_the_first_sound() -> None:
    metrics = Metrics()
    metrics.turn_timed([("pause", 0.0, 0.3), ("thinking", 0.3, 0.7), ("speaking", 0.75, 9.75)])
    metrics.turn_timed([("thinking", 0.0, 0.25)])
    told = scraped(metrics)
    sums = {label: value for (name, label, *_), value in told.items() if name == "turn_seconds_sum"}
    assert sums == pytest.approx({"pause": 0.3, "thinking": 0.65, "speaking": 9.0, "first-sound": 0.75})
    assert told["turn_seconds_count", "first-sound"] == 1


async def test_answers_that_were_begun_early_are_counted_by_what_became_of_them() -> None:
    metrics = Metrics()
    for stood in (True, False, True):
        metrics.foreseen(stood=stood)
    assert scraped(metrics) == {("foreseen_answers_total", "stood"): 2, ("foreseen_answers_total", "fell"): 1}
