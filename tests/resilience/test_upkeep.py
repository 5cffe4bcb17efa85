"""How one part is kept open and well: opening, probing, opening anew, closing. On a clock that jumps."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from resilience.breaker import BreakerState, CircuitBreaker, Transition
from resilience.errors import EngineFailed, EngineUnavailable, InputRejected
from resilience.settings import BreakerSettings
from resilience.upkeep import CLOSING_SECONDS, LONGEST_BETWEEN_OPENINGS, MOST_HANGING, Upkeep

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

PROBE_SECONDS = 5.0
CHECK_SECONDS = 60.0


@dataclass
class Part:
    number: int


@dataclass
class Workshop:
    """Makes parts, and knows how those are."""

    refuses: str = ""
    hangs: bool = False
    closing_hangs: bool = False
    fault: Exception | None = None
    fault_of_first: Exception | None = None
    """Gone as soon as the part is opened anew."""
    opened: int = 0
    closed: int = 0
    open_now: int = 0
    probes: list[float] = field(default_factory=list)
    go_on: anyio.Event = field(default_factory=anyio.Event)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Part]:
        if self.refuses:
            raise EngineUnavailable("part", self.refuses)
        self.opened += 1
        self.open_now += 1
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)  # a part may have tasks of its own
            try:
                yield Part(self.opened)
            finally:
                if self.closing_hangs:
                    await self.go_on.wait()
                self.closed += 1
                self.open_now -= 1
                tasks.cancel_scope.cancel()

    async def probe(self, part: Part) -> None:
        self.probes.append(anyio.current_time())
        if self.hangs:
            await anyio.sleep_forever()
        fault = self.fault or (self.fault_of_first if part.number == 1 else None)
        if fault is not None:
            raise fault


@dataclass
class House:
    workshop: Workshop
    breaker: CircuitBreaker
    upkeep: Upkeep[Part]
    changes: list[bool]

    async def until(self, state: BreakerState) -> None:
        while self.breaker.state is not state:
            await anyio.sleep(0.1)

    def works(self) -> bool:
        return self.upkeep.part is not None and self.breaker.admits

    def ask(self, error: Exception | None = None) -> None:
        with pytest.raises(type(error)) if error else self.breaker.guard(), self.breaker.guard():
            if error:
                raise error

    def open_breaker(self) -> None:
        for _ in range(self.breaker.settings.consecutive_failures):
            self.ask(EngineFailed("part", "out of order"))


@asynccontextmanager
async def a_house(
    workshop: Workshop, *, told: bool = True, may_probe: Callable[[], bool] = lambda: True
) -> AsyncGenerator[House]:
    """`told`: upkeep hears at once when the breaker moves."""
    changes: list[bool] = []

    def moved(_: Transition) -> None:
        if told:
            upkeep.wake()

    async def may(_: CircuitBreaker) -> bool:
        return may_probe()

    breaker = CircuitBreaker("part", BreakerSettings(), probed=True, moved=moved)
    upkeep: Upkeep[Part] = Upkeep(
        breaker,
        workshop.open,
        workshop.probe,
        probe_seconds=PROBE_SECONDS,
        check_seconds=CHECK_SECONDS,
        changed=lambda: changes.append(upkeep.part is not None),
        may_probe=may,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(upkeep.run)
        await upkeep.tried.wait()
        yield House(workshop, breaker, upkeep, changes)
        tasks.cancel_scope.cancel()


async def test_a_part_is_there_once_it_has_answered_a_probe_and_is_closed_at_the_end() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        assert house.upkeep.part == Part(1)
        assert house.changes == [True]
        assert len(workshop.probes) == 1
    assert workshop.closed == 1


async def test_what_cannot_be_opened_is_tried_again_ever_more_rarely_and_is_there_within_a_minute() -> None:
    workshop = Workshop(refuses="no such model")
    async with a_house(workshop) as house:
        assert not house.works()
        assert house.upkeep.fault == "no such model"
        tries = []
        for _ in range(6):
            await anyio.sleep(0.01)
            left = house.upkeep.seconds_to_next_try
            assert left is not None
            tries.append(left)
            await anyio.sleep(left)
        assert tries[:4] == sorted(tries[:4])
        assert tries[0] > 3.9
        assert tries[-1] <= LONGEST_BETWEEN_OPENINGS
        workshop.refuses = ""
        await anyio.sleep(60)
        assert house.upkeep.part == Part(1)
        assert house.upkeep.fault == ""


async def test_what_cannot_be_opened_is_tried_at_once_when_asked_to() -> None:
    workshop = Workshop(refuses="no such model")
    async with a_house(workshop) as house:
        workshop.refuses = ""
        house.upkeep.retry()
        before = anyio.current_time()
        await house.upkeep.tried.wait()
        assert house.upkeep.part is not None
        assert anyio.current_time() == before


async def test_a_part_that_cannot_do_its_first_probe_is_never_shown() -> None:
    workshop = Workshop(fault=EngineFailed("part", "it makes no sound"))
    async with a_house(workshop) as house:
        assert house.upkeep.fault == "it makes no sound"
        await anyio.sleep(200)
        assert workshop.opened > 3
        assert workshop.open_now == 0
        assert True not in house.changes


async def test_a_first_probe_that_hangs_is_a_failed_one() -> None:
    workshop = Workshop(hangs=True)
    async with a_house(workshop) as house:
        assert "5 s" in house.upkeep.fault
        assert anyio.current_time() < 100


async def test_a_plain_question_that_is_rejected_is_the_part_s_fault() -> None:
    workshop = Workshop(fault=InputRejected("part", "the server refuses what it was sent (status 400)"))
    async with a_house(workshop) as house:
        assert "status 400" in house.upkeep.fault


async def test_a_rejected_question_does_not_leave_the_breaker_half_open() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        workshop.fault = InputRejected("part", "the server refuses what it was sent (status 400)")
        house.open_breaker()
        await anyio.sleep(house.breaker.settings.open_seconds + 0.5)
        assert len(workshop.probes) == 2
        assert house.breaker.state is BreakerState.OPEN


async def test_an_open_breaker_is_closed_by_a_probe_and_by_nobody_s_turn() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        house.open_breaker()
        opened_at = anyio.current_time()
        while not house.works():
            assert house.breaker.state is BreakerState.OPEN
            await anyio.sleep(0.1)
        assert anyio.current_time() - opened_at <= house.breaker.settings.open_seconds + 1
        assert len(workshop.probes) == 2


@pytest.mark.parametrize("told", [True, False])
async def test_what_recovers_is_back_within_a_minute_however_long_it_was_away(told: bool) -> None:
    workshop = Workshop()
    async with a_house(workshop, told=told) as house:
        await anyio.sleep(13)
        workshop.fault = EngineFailed("part", "out of order")
        house.open_breaker()
        await anyio.sleep(600)
        assert not house.works()
        workshop.fault = None
        recovered_at = anyio.current_time()
        while not house.works():
            await anyio.sleep(0.1)
        assert anyio.current_time() - recovered_at <= 60


async def test_two_failed_probes_have_the_part_opened_anew() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        workshop.fault_of_first = EngineFailed("part", "its process is gone")
        house.open_breaker()
        await house.until(BreakerState.CLOSED)
        assert house.upkeep.part == Part(2)
        assert (workshop.opened, workshop.closed) == (2, 1)
        assert house.changes == [True, False, True]


async def test_a_probe_waits_for_leave() -> None:
    allowed = False
    workshop = Workshop()
    async with a_house(workshop, may_probe=lambda: allowed) as house:
        house.open_breaker()
        await anyio.sleep(100)
        assert len(workshop.probes) == 1
        allowed = True
        await anyio.sleep(11)
        assert house.breaker.state is BreakerState.CLOSED


async def test_a_part_that_nobody_asks_is_asked_whether_it_is_well() -> None:
    workshop = Workshop()
    async with a_house(workshop):
        await anyio.sleep(CHECK_SECONDS * 3.5)
        assert len(workshop.probes) == 4


async def test_a_part_that_is_in_use_is_not_asked() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        for _ in range(20):
            await anyio.sleep(CHECK_SECONDS / 2)
            house.ask()
        assert len(workshop.probes) == 1


async def test_an_unused_part_that_died_is_opened_anew_before_anybody_asks_it() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        workshop.fault_of_first = EngineFailed("part", "its process is gone")
        await anyio.sleep(CHECK_SECONDS + 2)
        assert house.upkeep.part == Part(2)
        assert house.breaker.admits


async def test_one_failed_call_is_enough_to_find_out_about_the_next_one() -> None:
    workshop = Workshop()
    async with a_house(workshop) as kept:
        workshop.fault = EngineFailed("part", "out of order")
        kept.ask(workshop.fault)
        kept.upkeep.suspect()
        await anyio.sleep(3)
        assert not kept.works()


async def test_a_part_that_was_suspected_wrongly_stays() -> None:
    workshop = Workshop()
    async with a_house(workshop) as kept:
        kept.ask(EngineFailed("part", "a passing weakness"))
        kept.upkeep.suspect()
        await anyio.sleep(3)
        assert kept.works()
        assert len(workshop.probes) == 2  # at its opening, and now


async def test_a_part_that_an_operator_switched_off_is_left_alone() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        house.breaker.force("open")
        await anyio.sleep(10 * CHECK_SECONDS)
        assert len(workshop.probes) == 1


async def test_closing_that_hangs_is_left_to_itself_and_another_part_is_opened_beside_it() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        workshop.closing_hangs = True
        workshop.fault_of_first = EngineFailed("part", "stuck")
        await anyio.sleep(CHECK_SECONDS + CLOSING_SECONDS + 2)
        assert house.upkeep.part == Part(2)
        assert workshop.open_now == 2


async def test_not_more_than_one_hangs_beside_a_new_one_until_it_comes_to_an_end() -> None:
    workshop = Workshop()
    async with a_house(workshop) as house:
        workshop.closing_hangs = True
        workshop.fault = EngineFailed("part", "stuck")
        await anyio.sleep(1000)
        assert workshop.open_now == MOST_HANGING + 1
        assert "restarting" in house.upkeep.fault
        workshop.fault = None
        workshop.go_on.set()
        await anyio.sleep(60)
        assert house.upkeep.part is not None
        assert workshop.open_now == 1


async def test_the_house_can_be_left_though_closing_hangs() -> None:
    workshop = Workshop(closing_hangs=True)
    async with a_house(workshop):
        before = anyio.current_time()
    assert anyio.current_time() - before <= CLOSING_SECONDS + 1


async def test_a_bug_in_a_part_is_its_failure_and_ends_nothing_else() -> None:
    workshop = Workshop(fault=ZeroDivisionError())
    async with a_house(workshop) as house:
        assert "ZeroDivisionError" in house.upkeep.fault
        workshop.fault = None
        await anyio.sleep(60)
        assert house.upkeep.part is not None


async def test_a_bug_in_opening_a_part_is_its_failure_too() -> None:
    class Broken(Workshop):
        @asynccontextmanager
        async def open(self) -> AsyncGenerator[Part]:
            if not self.opened:
                raise ZeroDivisionError
            yield Part(0)

    async with a_house(Broken()) as house:
        assert "ZeroDivisionError" in house.upkeep.fault


async def test_opening_that_hangs_is_given_up() -> None:
    hanging = True

    class Slow(Workshop):
        @asynccontextmanager
        async def open(self) -> AsyncGenerator[Part]:
            if hanging:
                await anyio.sleep_forever()
            async with super().open() as part:
                yield part

    async with a_house(Slow()) as house:
        assert "not ready within" in house.upkeep.fault
        hanging = False
        await anyio.sleep(60)
        assert house.upkeep.part is not None
