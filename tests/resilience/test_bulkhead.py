import anyio
import pytest

from resilience.bulkhead import Bulkhead
from resilience.errors import EngineBusy

pytestmark = pytest.mark.anyio


class Work:
    """Calls that stay at their place until they are let go."""

    def __init__(self, bulkhead: Bulkhead, seconds: float = 60.0) -> None:
        self.bulkhead, self.seconds = bulkhead, seconds
        self.at_it: list[str] = []
        self.refused: list[str] = []
        self.go = anyio.Event()

    async def call(self, name: str) -> None:
        try:
            async with self.bulkhead.place(self.seconds):
                self.at_it.append(name)
                await self.go.wait()
        except EngineBusy:
            self.refused.append(name)


async def test_as_many_work_as_there_are_places_some_wait_and_one_more_is_refused_at_once() -> None:
    work = Work(Bulkhead("x", places=2, waiting=1))
    async with anyio.create_task_group() as tasks:
        for name in "abcd":
            tasks.start_soon(work.call, name)
            await anyio.wait_all_tasks_blocked()
        assert (work.at_it, work.refused) == (["a", "b"], ["d"])
        work.go.set()
    assert work.at_it == ["a", "b", "c"]


async def test_who_leaves_by_an_error_or_a_cancellation_gives_the_place_back() -> None:
    bulkhead = Bulkhead("x", places=1, waiting=0)
    with pytest.raises(ValueError, match="boom"):
        async with bulkhead.place(1):
            raise ValueError("boom")
    with anyio.CancelScope() as scope:
        async with bulkhead.place(1):
            scope.cancel()
            await anyio.sleep_forever()
    async with bulkhead.place(1):
        pass


async def test_who_is_cancelled_in_the_queue_leaves_it() -> None:
    work = Work(Bulkhead("x", places=1, waiting=1))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work.call, "a")
        await anyio.wait_all_tasks_blocked()
        with anyio.CancelScope() as impatient:
            async with anyio.create_task_group() as others:
                others.start_soon(work.call, "b")
                await anyio.wait_all_tasks_blocked()
                impatient.cancel()
        tasks.start_soon(work.call, "c")
        await anyio.wait_all_tasks_blocked()
        assert work.refused == []
        work.go.set()
    assert work.at_it == ["a", "c"]


@pytest.mark.usefixtures("virtual_time")
async def test_who_has_waited_long_enough_is_told_that_it_is_busy() -> None:
    bulkhead = Bulkhead("x", places=1, waiting=5)
    async with bulkhead.place(1):
        with pytest.raises(EngineBusy, match="within 3 s"):
            async with bulkhead.place(3):
                raise AssertionError
        assert anyio.current_time() == pytest.approx(3)
