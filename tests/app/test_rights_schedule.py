"""What is done by itself every so often, told on a clock that jumps."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from app.rights.schedule import Diary, DiaryFile, Task, keep_schedule
from app.rights.types import RightsError
from resilience.errors import EngineFailed

pytestmark = pytest.mark.anyio

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Page:
    """A `Diary` in mind."""

    done: dict[str, datetime] = field(default_factory=dict)

    async def read(self) -> dict[str, datetime]:
        return dict(self.done)

    async def write(self, done: Mapping[str, datetime]) -> None:
        self.done = dict(done)


@dataclass
class Clock:
    since: float = field(default_factory=anyio.current_time)
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return MIDNIGHT + timedelta(seconds=anyio.current_time() - self.since) + self.ahead


@dataclass
class Work:
    clock: Clock
    fails: list[Exception] = field(default_factory=list)
    at: list[timedelta] = field(default_factory=list)

    async def __call__(self) -> None:
        self.at.append(self.clock() - MIDNIGHT)
        if self.fails:
            raise self.fails.pop(0)


@asynccontextmanager
async def kept(diary: Diary, clock: Clock, *tasks: Task) -> AsyncGenerator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: keep_schedule(diary, tasks, now=clock))
        yield
        group.cancel_scope.cancel()


@pytest.mark.usefixtures("virtual_time")
async def test_a_task_is_done_once_each_round() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page(), clock, Task("sweep", HOUR, work)):
        await anyio.sleep(3.5 * 3600)
    assert work.at == [0 * HOUR, 1 * HOUR, 2 * HOUR, 3 * HOUR]


@pytest.mark.usefixtures("virtual_time")
async def test_one_that_may_wait_is_first_done_after_a_round() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page(), clock, Task("backup", HOUR, work, at_once=False)):
        await anyio.sleep(1.5 * 3600)
    assert work.at == [HOUR]


@pytest.mark.usefixtures("virtual_time")
async def test_what_was_missed_while_the_house_was_closed_is_done_at_the_start() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page({"backup": MIDNIGHT - 25 * HOUR}), clock, Task("backup", 24 * HOUR, work, at_once=False)):
        await anyio.sleep(60)
    assert work.at == [timedelta()]


@pytest.mark.usefixtures("virtual_time")
async def test_what_was_done_before_the_house_was_closed_is_not_done_again() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page({"backup": MIDNIGHT - 20 * HOUR}), clock, Task("backup", 24 * HOUR, work)):
        await anyio.sleep(4.5 * 3600)
    assert work.at == [4 * HOUR]


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("failure", [EngineFailed("backup", "the disk is full"), RightsError("not so")])
async def test_one_that_failed_is_tried_again_soon(failure: Exception) -> None:
    clock, page = Clock(), Page()
    work = Work(clock, [failure])
    async with kept(page, clock, Task("backup", 24 * HOUR, work)):
        await anyio.sleep(3600)
    assert work.at == [timedelta(), timedelta(minutes=10)]
    assert page.done["backup"] == MIDNIGHT + timedelta(minutes=10)


@pytest.mark.usefixtures("virtual_time")
async def test_a_clock_that_is_put_forward_is_noticed() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page(), clock, Task("backup", 24 * HOUR, work)):
        await anyio.sleep(60)
        clock.ahead = timedelta(days=2)
        await anyio.sleep(3600)
    assert len(work.at) == 2


@pytest.mark.usefixtures("virtual_time")
async def test_a_clock_that_was_put_back_makes_nobody_wait_for_years() -> None:
    clock = Clock()
    work = Work(clock)
    async with kept(Page({"sweep": MIDNIGHT + timedelta(days=4000)}), clock, Task("sweep", HOUR, work)):
        await anyio.sleep(1.5 * 3600)
    assert work.at == [HOUR]


async def test_with_nothing_to_do_nothing_is_done() -> None:
    await keep_schedule(Page(), [], now=lambda: MIDNIGHT)


async def test_the_diary_outlives_the_process_and_damage(tmp_path: Path) -> None:
    file = tmp_path / "schedule.json"
    assert await DiaryFile(file).read() == {}
    await DiaryFile(file).write({"backup": MIDNIGHT})
    assert await DiaryFile(file).read() == {"backup": MIDNIGHT}
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text('{"backup": 7}')
    assert await DiaryFile(file).read() == {}
