import math
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import anyio
import pytest

from resilience.breaker import BreakerState, CircuitBreaker
from resilience.bulkhead import Bulkhead
from resilience.containing import CLOSING_SECONDS
from resilience.errors import AllRungsFailed, EngineBusy, EngineError, EngineFailed, InputRejected
from resilience.ladder import CutShort, Ladder, Rung, StepDown
from resilience.retry import NO_RETRY, Retry
from resilience.settings import BreakerSettings

pytestmark = pytest.mark.anyio

BROKEN = EngineFailed("broken", "boom")
TWICE = BreakerSettings(consecutive_failures=2, open_seconds=60, longest_open_seconds=60)


class Engine:
    """Gives its answers, then fails if told to. `fail` may change while it runs; `stops`: what it does at its end."""

    def __init__(
        self,
        *answers: str,
        fail: Exception | None = None,
        delay: float = 0.0,
        fails: int = 1000,
        lingers: float = 0.0,
        stops: Callable[[], None] = lambda: None,
    ) -> None:
        self.answers, self.fail, self.delay, self.fails = answers, fail, delay, fails
        self.lingers, self.stops = lingers, stops
        self.calls = self.closed = 0

    async def ask(self) -> str:
        self.calls += 1
        await anyio.sleep(self.delay)
        self._maybe_fail()
        return self.answers[0]

    async def stream(self) -> AsyncGenerator[str, None]:
        self.calls += 1
        try:
            for answer in self.answers if not self.fail or self.calls > self.fails else self.answers[:1]:
                await anyio.sleep(self.delay)
                yield answer
            self._maybe_fail()
        finally:
            self.closed += 1
            await anyio.sleep(self.lingers)
            self.stops()

    def _maybe_fail(self) -> None:
        if self.fail and self.calls <= self.fails:
            raise self.fail


def rung(name: str, engine: Engine, retry: Retry = NO_RETRY, bulkhead: Bulkhead | None = None) -> Rung[Engine]:
    return Rung(name, engine, CircuitBreaker(name, TWICE), 1.0, 0.5, retry, bulkhead)


def ladder(*engines: Engine, events: list[StepDown] | None = None) -> Ladder[Engine]:
    rungs = [rung(f"r{n}", engine) for n, engine in enumerate(engines)]
    return Ladder("test", rungs, stepped_down=(events if events is not None else []).append)


async def streamed(steps: Ladder[Engine], *, restart: bool = False) -> list[str]:
    async with aclosing(steps.stream(lambda e: e.stream(), restart=restart)) as output:
        return [item async for item in output]


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


@pytest.mark.usefixtures("virtual_time")
async def test_the_deadline_of_a_hung_engine_is_waited_for_once() -> None:
    steps = ladder(Engine("late", delay=60), Engine("ok"))
    for _ in range(3):
        assert await steps.ask(lambda e: e.ask()) == "ok"
    assert anyio.current_time() == pytest.approx(1.0)


async def test_when_all_fail_every_cause_is_kept() -> None:
    steps = ladder(Engine(fail=EngineFailed("a", "1")), Engine(fail=EngineFailed("b", "2")))
    with pytest.raises(AllRungsFailed) as failed:
        await steps.ask(lambda e: e.ask())
    assert [attempt.engine for attempt in failed.value.attempts] == ["a", "b"]


async def test_a_stream_falls_to_the_next_rung_before_its_first_output() -> None:
    assert await streamed(ladder(Engine(fail=BROKEN), Engine("a", "b"))) == ["a", "b"]


async def test_a_stream_that_dies_in_the_middle_is_cut_short_and_asked_no_more() -> None:
    dying, spare = Engine("a", fail=BROKEN), Engine("b")
    steps = ladder(dying, spare)
    async with aclosing(steps.stream(lambda e: e.stream())) as output:
        assert await anext(output) == "a"
        with pytest.raises(CutShort):
            await anext(output)
    assert await streamed(steps) == ["b"]
    assert dying.calls == 1


async def test_a_stream_that_may_begin_anew_does_so_on_the_next_rung() -> None:
    steps = ladder(Engine("a", fail=BROKEN), Engine("b", fail=BROKEN), Engine("c", "d"))
    assert await streamed(steps, restart=True) == ["a", "b", "c", "d"]


async def test_beginning_anew_comes_to_an_end_also_when_no_breaker_may_open() -> None:
    steps = ladder(Engine("a", fail=BROKEN), Engine("b", fail=BROKEN))
    for each in steps.rungs:
        each.breaker.force("closed")
    with pytest.raises(AllRungsFailed):
        await streamed(steps, restart=True)


async def test_input_that_is_refused_in_the_middle_opens_nothing() -> None:
    steps = ladder(Engine("a", fail=InputRejected("x", "too long")))
    with pytest.raises(CutShort):
        await streamed(steps)
    assert steps.rungs[0].breaker.state is BreakerState.CLOSED


@pytest.mark.usefixtures("virtual_time")
async def test_silence_in_mid_stream_is_a_failure() -> None:
    steps = ladder(Engine("a", "b", delay=0.9))
    async with aclosing(steps.stream(lambda e: e.stream())) as output:
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


async def test_only_those_that_are_named_are_asked() -> None:
    steps = ladder(Engine("a"), Engine("b"))
    assert await steps.ask(lambda e: e.ask(), among=steps.rungs[1:]) == "b"


# -- who answered -------------------------------------------------------------------------------------------------


async def test_whoever_asks_learns_which_rung_answers() -> None:
    steps = ladder(Engine(fail=BROKEN), Engine("a", "b"))
    who: list[str] = []
    await steps.ask(lambda e: e.ask(), answering=lambda rung: who.append(rung.name))
    async with aclosing(steps.stream(lambda e: e.stream(), answering=lambda rung: who.append(rung.name))) as output:
        assert await anext(output) == "a"
        assert who == ["r1", "r1"]
        assert await anext(output) == "b"
    assert who == ["r1", "r1"]


async def test_a_rung_that_ends_well_without_output_has_answered() -> None:
    who: list[str] = []
    assert [
        item async for item in ladder(Engine()).stream(lambda e: e.stream(), answering=lambda r: who.append(r.name))
    ] == []
    assert who == ["r0"]


# -- engines that break, and engines that do not stop -----------------------------------------------------------------


async def test_a_bug_in_an_engine_is_that_engines_failure() -> None:
    events = list[StepDown]()
    steps = ladder(Engine(fail=KeyError("x")), Engine("ok"), events=events)
    assert await steps.ask(lambda e: e.ask()) == "ok"
    assert await streamed(steps) == ["ok"]
    assert [event.error.reason for event in events] == ["it broke (KeyError)"] * 2


async def test_an_engine_that_is_not_even_asked_rightly_is_a_failed_engine() -> None:
    def wrong(engine: Engine) -> AsyncGenerator[str, None]:
        if engine.answers == ("x",):
            raise TypeError
        return engine.stream()

    assert [item async for item in ladder(Engine("x"), Engine("ok")).stream(wrong)] == ["ok"]


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("fault", [{"fail": BROKEN}, {"delay": 60.0}])
async def test_an_engine_that_does_not_stop_does_not_keep_the_next_one_waiting(fault: dict[str, object]) -> None:
    stuck = Engine("x", lingers=math.inf)
    stuck.fail, stuck.delay = fault.get("fail"), fault.get("delay", 0.0)  # type: ignore[assignment]  # one of each
    steps = ladder(stuck, Engine("ok"))
    assert (await streamed(steps, restart=True))[-1] == "ok"
    assert anyio.current_time() <= 1.0 + 1e-9


@pytest.mark.usefixtures("virtual_time")
async def test_leaving_an_engine_that_does_not_stop_takes_a_moment_at_most() -> None:
    stuck = Engine("a", "b", lingers=math.inf)
    async with aclosing(ladder(stuck).stream(lambda e: e.stream())) as output:
        await anext(output)
    assert stuck.closed == 1
    assert anyio.current_time() == pytest.approx(CLOSING_SECONDS)


async def test_an_engine_that_breaks_while_it_is_closed_troubles_nobody() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    steps = ladder(Engine("a", "b", stops=broken))
    async with aclosing(steps.stream(lambda e: e.stream())) as output:
        assert await anext(output) == "a"
    assert steps.standing is not None


@pytest.mark.usefixtures("virtual_time")
async def test_a_cancelled_listener_leaves_at_once_and_the_engine_is_closed() -> None:
    engine = Engine("a", "b", delay=0.4)
    with anyio.move_on_after(0.6):
        await streamed(ladder(engine))
    assert engine.closed == 1
    assert anyio.current_time() == pytest.approx(0.6)


@pytest.mark.usefixtures("virtual_time")
async def test_an_engine_may_stop_properly_also_when_its_listener_is_cancelled() -> None:
    stopped: list[float] = []
    engine = Engine("a", "b", lingers=0.1, stops=lambda: stopped.append(anyio.current_time()))
    with anyio.move_on_after(2):
        async with aclosing(ladder(engine).stream(lambda e: e.stream())) as output:
            await anext(output)
            await anyio.sleep_forever()
    assert stopped == [pytest.approx(2.1)]


# -- asking again ----------------------------------------------------------------------------------------------------

AGAIN = Retry(retries=3, first_wait_seconds=0.1, jitter=0)


@pytest.mark.usefixtures("virtual_time")
async def test_what_fails_by_chance_is_asked_again_before_the_next_rung_is() -> None:
    events, flaky, spare = list[StepDown](), Engine("ok", fail=BROKEN, fails=1), Engine("spare")
    steps = Ladder("test", [rung("flaky", flaky, AGAIN), rung("spare", spare)], stepped_down=events.append)
    assert await steps.ask(lambda e: e.ask()) == "ok"
    assert (flaky.calls, spare.calls, events) == (2, 0, [])


@pytest.mark.usefixtures("virtual_time")
async def test_no_try_goes_through_a_breaker_that_the_tries_have_opened() -> None:
    broken = Engine(fail=BROKEN)
    steps = Ladder("test", [rung("broken", broken, AGAIN), rung("spare", Engine("spare"))])
    assert await steps.ask(lambda e: e.ask()) == "spare"
    assert broken.calls == 2


@pytest.mark.usefixtures("virtual_time")
async def test_all_tries_together_take_no_longer_than_one_may() -> None:
    slow = Engine("x", fail=BROKEN, delay=0.7)
    steps = Ladder("test", [rung("slow", slow, AGAIN), rung("spare", Engine("spare"))])
    assert await steps.ask(lambda e: e.ask()) == "spare"
    assert slow.calls == 2
    assert anyio.current_time() == pytest.approx(1.0, abs=0.001)


@pytest.mark.usefixtures("virtual_time")
async def test_nothing_is_asked_again_after_its_first_output() -> None:
    dying = Engine("a", fail=BROKEN)
    steps = Ladder("test", [rung("dying", dying, AGAIN), rung("spare", Engine("b"))])
    assert await streamed(steps, restart=True) == ["a", "b"]
    assert dying.calls == 1


# -- too many at once --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("virtual_time")
async def test_who_finds_no_place_is_answered_by_the_next_rung_and_nobody_is_blamed() -> None:
    busy, events = Engine("busy", delay=0.9), list[StepDown]()
    first = rung("busy", busy, bulkhead=Bulkhead("busy", places=1, waiting=0))
    steps = Ladder("test", [first, rung("spare", Engine("spare"))], stepped_down=events.append)
    answers: list[str] = []

    async def ask() -> None:
        answers.append(await steps.ask(lambda e: e.ask()))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(ask)
    assert sorted(answers) == ["busy", "spare", "spare", "spare"]
    assert {type(event.error) for event in events} == {EngineBusy}
    assert first.breaker.state is BreakerState.CLOSED


@pytest.mark.usefixtures("virtual_time")
async def test_waiting_for_a_place_is_part_of_the_rungs_time() -> None:
    slow = Engine("slow", delay=0.9)
    first = rung("slow", slow, bulkhead=Bulkhead("slow", places=1, waiting=5))
    steps = Ladder("test", [first, rung("spare", Engine("spare"))])
    ends: dict[float, list[str]] = {}

    async def ask() -> None:
        answer = await steps.ask(lambda e: e.ask())
        ends.setdefault(round(anyio.current_time(), 3), []).append(answer)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(ask)
    assert ends == {0.5: ["spare", "spare"], 0.9: ["slow"]}


@pytest.mark.usefixtures("virtual_time")
async def test_nobody_queues_before_an_open_breaker() -> None:
    first = rung("full", Engine("x"), bulkhead=Bulkhead("full", places=1, waiting=5))
    assert first.bulkhead is not None
    steps = Ladder("test", [first, rung("spare", Engine("spare"))])
    first.breaker.trip("boom")
    async with first.bulkhead.place(1):
        assert await steps.ask(lambda e: e.ask()) == "spare"
    assert anyio.current_time() == 0


async def test_a_place_is_kept_until_the_stream_is_over() -> None:
    bulkhead = Bulkhead("x", places=1, waiting=0)
    steps = Ladder("test", [rung("x", Engine("a", "b"), bulkhead=bulkhead)])
    async with aclosing(steps.stream(lambda e: e.stream())) as output:
        await anext(output)
        with pytest.raises(EngineBusy):
            async with bulkhead.place(1):
                raise AssertionError
    async with bulkhead.place(1):
        pass


def test_an_engine_that_is_busy_is_not_to_blame() -> None:
    error: EngineError = EngineBusy("x", "full")
    assert not error.blames_engine
