"""How late the event loop is."""

import time

import anyio
import pytest

from app.telemetry.lateness import EVERY_SECONDS, REMEMBERED_SECONDS, Lateness

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("virtual_time")
async def test_a_loop_that_nobody_blocks_is_on_time() -> None:
    looks: list[float] = []
    lateness = Lateness(looks.append)
    with anyio.move_on_after(10):
        await lateness.watch()
    assert len(looks) >= 10 / EVERY_SECONDS - 1
    assert max(looks) == lateness.late_seconds == pytest.approx(0)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_whoever_blocks_it_is_found() -> None:
    lateness = Lateness(lambda _: None)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lateness.watch)
        await anyio.lowlevel.checkpoint()
        time.sleep(3 * EVERY_SECONDS)
        await anyio.sleep(EVERY_SECONDS)
        tasks.cancel_scope.cancel()
    assert lateness.late_seconds >= EVERY_SECONDS
    assert lateness.blocked_seconds < lateness.late_seconds, "it slept, and did not work"


@pytest.mark.usefixtures("virtual_time")
async def test_the_worst_of_the_last_minute_is_told_and_no_older_one() -> None:
    lateness = Lateness(lambda _: None)
    for seconds in (0.3, 0.01, 0.2, 0.05):
        lateness.saw(seconds, 1.0)
        await anyio.sleep(REMEMBERED_SECONDS / 3)
    told = []
    for _ in range(4):
        told.append(lateness.late_seconds)
        await anyio.sleep(REMEMBERED_SECONDS / 3)
    assert told == [0.2, 0.2, 0.05, 0.0]


async def test_what_others_had_of_the_processor_is_not_its_own_work() -> None:
    lateness = Lateness(lambda _: None)
    for seconds, worked in ((0.2, 0.01), (0.03, 0.05)):
        lateness.saw(seconds, worked)
    assert (lateness.late_seconds, lateness.blocked_seconds) == (0.2, 0.03)
