"""A memory that fails or hangs costs a turn its notes, and not its time."""

import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from memory.guarded import READ_SECONDS, GuardedMemory
from memory.in_process import open_in_process
from memory.qdrant_edge import QdrantEdge
from memory.types import EVERYTHING, Kind, Memory, MemoryId, NewMemory, Page, Part, Recalled, Source, UserId
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import CircuitOpen, EngineError, EngineFailed, EngineTimeout, InputRejected
from resilience.settings import BreakerSettings

pytestmark = pytest.mark.anyio

SARAH = UserId("sarah")
NAME = NewMemory("The user's name is Sarah.", "fact", datetime(2026, 5, 4, tzinfo=UTC), Source("t", "1"), "name")


class MoodyMemory:
    """Knows nothing; fails, or is slow, when told to."""

    def __init__(self) -> None:
        self.error: EngineError | None = None
        self.seconds = 0.0
        self.calls = 0

    async def _asked(self) -> None:
        self.calls += 1
        await anyio.sleep(self.seconds)
        if self.error is not None:
            raise self.error

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        await self._asked()
        return ()

    async def correct(self, user: UserId, id_: MemoryId, new: NewMemory) -> Memory | None:
        await self._asked()
        return None

    async def search(
        self, user: UserId, query: str, *, limit: int = 5, now: datetime | None = None
    ) -> tuple[Recalled, ...]:
        await self._asked()
        return ()

    async def everything(self, user: UserId, *, superseded: bool = False) -> tuple[Memory, ...]:
        await self._asked()
        return ()

    async def page(self, user: UserId, part: Part = EVERYTHING, *, after: int | None = None, limit: int = 100) -> Page:
        await self._asked()
        return Page((), None)

    async def counts(self, user: UserId) -> dict[Kind, int]:
        await self._asked()
        return {}

    async def behind(self, user: UserId, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
        await self._asked()
        return ()

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        await self._asked()
        return 0

    async def forget_all(self, user: UserId) -> int:
        await self._asked()
        return 0


def a_breaker(**settings: float) -> CircuitBreaker:
    own: dict[str, object] = {"consecutive_failures": 2, "open_seconds": 2, "jitter": 0, **settings}
    return CircuitBreaker("memory", BreakerSettings.model_validate(own), probed=True)


async def fail(memory: GuardedMemory, error: type[EngineError], times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(error):
            await memory.everything(SARAH)


async def test_every_verb_goes_through_and_comes_back() -> None:
    async with open_in_process() as inner:
        memory = GuardedMemory(inner, a_breaker())
        (kept,) = await memory.remember(SARAH, [NAME])
        assert await memory.everything(SARAH) == (kept,)
        assert [each.memory for each in await memory.search(SARAH, "what is my name")] == [kept]
        right = await memory.correct(SARAH, kept.id, replace(NAME, text="The user's name is Sara."))
        assert right is not None
        assert await memory.everything(SARAH, superseded=True) == (replace(kept, superseded_by=right.id), right)
        assert await memory.page(SARAH) == Page((right,), None)
        assert await memory.counts(SARAH) == {"fact": 1}
        assert await memory.behind(SARAH, [right.id]) == (replace(kept, superseded_by=right.id),)
        assert await memory.forget(SARAH, [right.id]) == 2
        assert await memory.forget_all(SARAH) == 0


async def test_after_repeated_failures_nobody_asks_it_any_more() -> None:
    inner = MoodyMemory()
    inner.error = EngineFailed("qdrant", "the disk is gone")
    memory = GuardedMemory(inner, a_breaker())
    await fail(memory, EngineFailed, 2)
    await fail(memory, CircuitOpen, 3)
    assert inner.calls == 2


async def test_what_is_wrong_with_the_question_is_not_held_against_it() -> None:
    inner = MoodyMemory()
    inner.error = InputRejected("memory", "there is nothing in it to remember")
    memory = GuardedMemory(inner, a_breaker())
    await fail(memory, InputRejected, 5)


@pytest.mark.usefixtures("virtual_time")
async def test_a_read_that_hangs_is_given_up_and_a_slow_write_is_waited_for() -> None:
    inner = MoodyMemory()
    inner.seconds = READ_SECONDS + 1
    memory = GuardedMemory(inner, a_breaker())
    await fail(memory, EngineTimeout)
    assert await memory.forget(SARAH, []) == 0


@pytest.mark.usefixtures("virtual_time")
async def test_a_turn_is_never_the_probe() -> None:
    inner = MoodyMemory()
    inner.error = EngineFailed("qdrant", "the disk is gone")
    breaker = a_breaker()
    memory = GuardedMemory(inner, breaker)
    await fail(memory, EngineFailed, 2)
    inner.error = None
    await anyio.sleep(3)
    await fail(memory, CircuitOpen)
    await memory.probe()
    assert await memory.everything(SARAH) == ()
    assert breaker.state is BreakerState.CLOSED


@asynccontextmanager
async def a_real_one(folder: Path, *, answer_seconds: float = 10) -> AsyncGenerator[tuple[QdrantEdge, GuardedMemory]]:
    edge = QdrantEdge(folder, answer_seconds=answer_seconds)
    await edge.open()
    try:
        yield edge, GuardedMemory(edge, CircuitBreaker("memory"), read_seconds=0.3)
    finally:
        with anyio.CancelScope(shield=True):
            await edge.aclose()


real = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
"""A process keeps its own time."""


@real
async def test_a_store_that_hangs_is_given_up_and_its_late_answer_is_nobodys(tmp_path: Path) -> None:
    async with a_real_one(tmp_path) as (edge, memory):
        await memory.remember(SARAH, [NAME])
        assert edge.pid is not None
        os.kill(edge.pid, signal.SIGSTOP)
        await fail(memory, EngineTimeout, 2)
        os.kill(edge.pid, signal.SIGCONT)
        assert await edge.everything(UserId("tom")) == ()
        assert [each.text for each in await edge.everything(SARAH)] == [NAME.text]


@real
async def test_a_store_that_never_answers_again_is_killed_and_begun_anew(tmp_path: Path) -> None:
    async with a_real_one(tmp_path, answer_seconds=2.0) as (edge, memory):
        await memory.remember(SARAH, [NAME])
        hung = edge.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        await fail(memory, EngineTimeout)
        await memory.probe()
        assert edge.pid != hung
        assert [each.text for each in await edge.everything(SARAH)] == [NAME.text]


@real
async def test_a_store_that_died_is_begun_anew_by_the_next_question(tmp_path: Path) -> None:
    async with a_real_one(tmp_path) as (edge, memory):
        await memory.remember(SARAH, [NAME])
        assert edge.pid is not None
        os.kill(edge.pid, signal.SIGKILL)
        await fail(memory, EngineFailed)
        await memory.probe()
        assert [each.text for each in await memory.everything(SARAH)] == [NAME.text]


@real
async def test_whoever_leaves_early_waits_for_nobody(tmp_path: Path) -> None:
    async with a_real_one(tmp_path) as (edge, memory):
        assert edge.pid is not None
        os.kill(edge.pid, signal.SIGSTOP)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(memory.search, SARAH, "what is my name")
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        os.kill(edge.pid, signal.SIGCONT)
        await edge.remember(SARAH, [NAME])
        assert [each.text for each in await edge.everything(SARAH)] == [NAME.text]
