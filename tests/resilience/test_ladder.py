from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import pytest

from resilience.breaker import CircuitBreaker
from resilience.errors import AllRungsFailed, EngineError, EngineFailed
from resilience.ladder import CutShort, Ladder, Rung, StepDown

pytestmark = pytest.mark.anyio


class Engine:
    def __init__(self, *answers: str, fail: EngineError | None = None, delay: float = 0.0) -> None:
        self.answers, self.fail, self.delay = answers, fail, delay
        self.calls = self.closed = 0

    async def ask(self) -> str:
        self.calls += 1
        await anyio.sleep(self.delay)
        if self.fail:
            raise self.fail
        return self.answers[0]

    async def stream(self) -> AsyncGenerator[str, None]:
        self.calls += 1
        try:
            for answer in self.answers:
                await anyio.sleep(self.delay)
                yield answer
            if self.fail:
                raise self.fail
        finally:
            self.closed += 1


def ladder(*engines: Engine, events: list[StepDown] | None = None) -> Ladder[Engine]:
    rungs = [Rung(f"r{n}", e, CircuitBreaker(f"r{n}", threshold=2), 1.0, 0.5) for n, e in enumerate(engines)]
    return Ladder("test", rungs, stepped_down=(events if events is not None else []).append)


BROKEN = EngineFailed("broken", "boom")


async def test_the_next_rung_answers_and_the_broken_one_is_spared_after_a_while() -> None:
    broken, spare, events = Engine(fail=BROKEN), Engine("hello"), list[StepDown]()
    steps = ladder(broken, spare, events=events)
    for _ in range(4):
        assert await steps.ask(lambda e: e.ask()) == "hello"
    assert broken.calls == 2
    assert [event.rung for event in events] == ["r0", "r0"]
    assert steps.standing is not None
    assert steps.standing.engine is spare


@pytest.mark.usefixtures("virtual_time")
async def test_a_hung_engine_is_a_failed_engine() -> None:
    steps = ladder(Engine("late", delay=60), Engine("ok"))
    assert await steps.ask(lambda e: e.ask()) == "ok"
    assert anyio.current_time() == pytest.approx(1.0)


async def test_when_all_fail_every_cause_is_kept() -> None:
    steps = ladder(Engine(fail=EngineFailed("a", "1")), Engine(fail=EngineFailed("b", "2")))
    with pytest.raises(AllRungsFailed) as failed:
        await steps.ask(lambda e: e.ask())
    assert [attempt.engine for attempt in failed.value.attempts] == ["a", "b"]


async def test_a_stream_falls_to_the_next_rung_before_its_first_output() -> None:
    steps = ladder(Engine(fail=BROKEN), Engine("a", "b"))
    assert [item async for item in steps.stream(lambda e: e.stream())] == ["a", "b"]


async def test_a_stream_that_dies_in_the_middle_is_cut_short_and_asked_no_more() -> None:
    dying, spare = Engine("a", fail=BROKEN), Engine("b")
    steps = ladder(dying, spare)
    output = steps.stream(lambda e: e.stream())
    assert await anext(output) == "a"
    with pytest.raises(CutShort):
        await anext(output)
    assert [item async for item in steps.stream(lambda e: e.stream())] == ["b"]


@pytest.mark.usefixtures("virtual_time")
async def test_silence_in_mid_stream_is_a_failure() -> None:
    steps = ladder(Engine("a", "b", delay=0.9))
    output = steps.stream(lambda e: e.stream())
    assert await anext(output) == "a"
    with pytest.raises(CutShort):
        await anext(output)
    assert anyio.current_time() == pytest.approx(1.4)


async def test_leaving_a_stream_early_closes_the_engine_and_blames_nobody() -> None:
    engine = Engine("a", "b", "c")
    steps = ladder(engine)
    for _ in range(3):
        async with aclosing(steps.stream(lambda e: e.stream())) as output:
            assert await anext(output) == "a"
    assert engine.closed == 3
    assert steps.standing is not None


async def test_a_call_goes_on_with_the_rungs_it_started_with() -> None:
    old, new = Engine("old", "old"), Engine("new")
    steps = ladder(old)
    async with aclosing(steps.stream(lambda e: e.stream())) as output:
        assert await anext(output) == "old"
        steps.replace([Rung("new", new, CircuitBreaker("new"), 1.0, 1.0)])
        assert await anext(output) == "old"
    assert await steps.ask(lambda e: e.ask()) == "new"
