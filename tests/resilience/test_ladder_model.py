"""The ladder against a simple model of it: random rungs, random faults, random cancellations, on a clock that jumps."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import anyio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from trio.testing import MockClock

from resilience.breaker import BreakerState, CircuitBreaker
from resilience.bulkhead import Bulkhead
from resilience.errors import EngineFailed, EngineUnavailable, InputRejected
from resilience.ladder import Ladder, Rung, StepDown
from resilience.settings import BreakerSettings

FIRST, STALL, THRESHOLD, OPEN = 2.0, 1.0, 2, 10.0
BREAKER = BreakerSettings(
    consecutive_failures=THRESHOLD, minimum_calls=10_000, open_seconds=OPEN, longest_open_seconds=OPEN, jitter=0
)

Fault = Literal["none", "refuse", "reject", "break", "lie", "hang", "stall", "die", "busy"]
FAULTS: tuple[Fault, ...] = ("none", "refuse", "reject", "break", "lie", "hang", "stall", "die", "busy")
EXAMPLES = 40
NEUTRAL = {"reject", "busy"}
IN_THE_MIDDLE = {"stall", "die"}
COST = {"hang": FIRST, "busy": FIRST / 2, "stall": STALL}
"""Seconds that a fault costs the listener."""


class Engine:
    def __init__(self, name: str) -> None:
        self.name = name
        self.fault: Fault = "none"
        self.delay = 0.0

    async def ask(self, asked: list[str]) -> str:
        asked.append(self.name)
        await anyio.sleep(self.delay)
        await self._fail()
        if self.fault in IN_THE_MIDDLE:
            raise EngineFailed(self.name, "died")
        return self.name

    async def stream(self, asked: list[str]) -> AsyncGenerator[str, None]:
        asked.append(self.name)
        await anyio.sleep(self.delay)
        await self._fail()
        yield self.name
        match self.fault:
            case "stall":
                await anyio.sleep_forever()
            case "die":
                raise EngineFailed(self.name, "died")
        yield self.name

    async def _fail(self) -> None:
        match self.fault:
            case "refuse":
                raise EngineUnavailable(self.name, "gone")
            case "reject":
                raise InputRejected(self.name, "too long")
            case "break":
                raise ZeroDivisionError
            case "lie":
                raise EngineFailed(self.name, "gave noise")
            case "hang":
                await anyio.sleep_forever()


@dataclass
class Model:
    """A rung as the ladder should see it: failures in a row, and until when it is left alone."""

    fault: Fault = "none"
    failures: int = 0
    open_until: float | None = None

    def admits(self, now: float) -> bool:
        return self.open_until is None or now >= self.open_until

    def ended(self, *, well: bool, now: float, at_once: bool = False) -> None:
        probe = self.open_until is not None
        self.failures = 0 if well else self.failures + 1
        if well:
            self.open_until = None
        elif probe or at_once or self.failures >= THRESHOLD:
            self.open_until, self.failures = now + OPEN, 0


@dataclass
class Expected:
    asked: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    answered: str = ""


class LadderMachine(RuleBasedStateMachine):
    @initialize(rungs=st.integers(1, 4))
    def build(self, rungs: int) -> None:
        self.now = 0.0
        self.clock = MockClock()
        self.engines = [Engine(f"r{number}") for number in range(rungs + 1)]
        self.models = [Model() for _ in self.engines]
        self.steps: list[StepDown] = []
        self.rungs = [
            Rung(
                each.name,
                each,
                CircuitBreaker(each.name, BREAKER, clock=self.seconds),
                FIRST,
                STALL,
                bulkhead=Bulkhead(each.name, places=1, waiting=1),
            )
            for each in self.engines
        ]
        self.ladder = Ladder("test", self.rungs, stepped_down=self.steps.append)

    def seconds(self) -> float:
        return self.clock.current_time()

    def run(self, story: Callable[[], Awaitable[None]]) -> float:
        """Tell it on a clock that starts where the last one stopped; the seconds it took."""
        self.clock = MockClock(autojump_threshold=0)
        self.clock.jump(self.now)
        anyio.run(story, backend="trio", backend_options={"clock": self.clock})
        began, self.now = self.now, self.clock.current_time()
        return self.now - began

    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def breaks(self, data: st.DataObject, fault: Fault) -> None:
        """Any rung but the last, which cannot fail."""
        number = data.draw(st.integers(0, len(self.engines) - 2))
        self.engines[number].fault = self.models[number].fault = fault

    @rule(seconds=st.floats(0.1, 2 * OPEN))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.clock.jump(seconds)

    @rule()
    def asks(self) -> None:
        asked: list[str] = []
        answered: list[str] = []

        async def story() -> None:
            async with self._crowd():
                got = await self.ladder.ask(lambda e: e.ask(asked), answering=lambda r: answered.append(r.name))
            assert answered == [got]

        before = self.now
        took = self.run(story)
        expected = self._expect(before, streaming=False)
        assert asked == expected.asked
        assert answered == [expected.answered]
        assert took <= sum(FIRST for _ in self.rungs)

    @rule()
    def listens(self) -> None:
        asked: list[str] = []
        output: list[str] = []

        async def story() -> None:
            async with self._crowd():
                async with aclosing(self.ladder.stream(lambda e: e.stream(asked), restart=True)) as items:
                    output.extend([item async for item in items])

        before = self.now
        took = self.run(story)
        expected = self._expect(before, streaming=True)
        assert asked == expected.asked
        assert output == expected.output
        assert took <= sum(FIRST + STALL for _ in self.rungs)

    @rule(delay=st.floats(0.1, 1.0), streaming=st.booleans())
    def is_cancelled(self, delay: float, streaming: bool) -> None:
        """While the first rung that is asked is still at it: nobody is blamed, no permit is lost."""
        before = [each.breaker.stand() for each in self.rungs]
        steps = len(self.steps)
        for each in self.engines:
            each.delay = 1.5

        async def story() -> None:
            with anyio.move_on_after(delay):
                if streaming:
                    async with aclosing(self.ladder.stream(lambda e: e.stream([]))) as items:
                        await anext(items)
                else:
                    await self.ladder.ask(lambda e: e.ask([]))

        standing = [each.breaker.admits for each in self.rungs]
        self.run(story)
        for each in self.engines:
            each.delay = 0.0
        after = [each.breaker.stand() for each in self.rungs]
        assert [(s.epoch, s.state, s.openings) for s in before] == [(s.epoch, s.state, s.openings) for s in after]
        assert all(now or not was for was, now in zip(standing, (r.breaker.admits for r in self.rungs), strict=True))
        assert len(self.steps) == steps

    @invariant()
    def the_breakers_are_as_the_model_says(self) -> None:
        for each, model in zip(self.rungs, self.models, strict=True):
            assert each.breaker.admits == model.admits(self.now)
            assert (each.breaker.state is BreakerState.CLOSED) == (model.open_until is None)

    @invariant()
    def the_last_rung_is_never_stepped_down_from(self) -> None:
        assert all(step.rung != self.rungs[-1].name for step in self.steps)

    @asynccontextmanager
    async def _crowd(self) -> AsyncGenerator[None]:
        """Somebody at every engine that is busy, for as long as this call takes."""
        async with AsyncExitStack() as crowd:
            for each, model in zip(self.rungs, self.models, strict=True):
                if model.fault == "busy" and each.bulkhead:
                    await crowd.enter_async_context(each.bulkhead.place(1))
            yield

    def _expect(self, now: float, *, streaming: bool) -> Expected:
        """What the model says of one call, and what it learns from it."""
        expected = Expected()
        for engine, model in zip(self.engines, self.models, strict=True):
            fault = model.fault
            if not model.admits(now):
                continue
            if fault != "busy":
                expected.asked.append(engine.name)
            if fault == "none":
                expected.output += [engine.name] * 2
                expected.answered = engine.name
                model.ended(well=True, now=now)
                return expected
            in_the_middle = streaming and fault in IN_THE_MIDDLE
            if in_the_middle:
                expected.output.append(engine.name)
            now += COST.get(fault, 0.0) if streaming or fault not in IN_THE_MIDDLE else 0.0
            if fault not in NEUTRAL:
                model.ended(well=False, now=now, at_once=in_the_middle or fault == "hang")
        raise AssertionError("the last rung always answers")


TestLadder = LadderMachine.TestCase
TestLadder.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
