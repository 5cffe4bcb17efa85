"""A cache in layers: what it saves, what it never costs, and what is left of it when it is emptied."""

from collections.abc import Mapping, Sequence

import anyio
import pytest

from memory.cache import Cache, layered
from memory.cache_layer import Key
from memory.cache_near import NearLayer
from resilience.errors import EngineFailed
from tests.memory.values import A, B, C, Maker, key, until, value_of

pytestmark = pytest.mark.anyio


class MoodyLayer:
    """In memory; fails, or hangs, when told to."""

    def __init__(self) -> None:
        self.entries: dict[Key, bytes] = {}
        self.error: EngineFailed | None = None
        self.hangs = False
        self.seconds = 0.0
        self.writes = anyio.Event()
        self.writes.set()
        self.asked = 0

    @property
    def name(self) -> str:
        return "far"

    @property
    def held(self) -> Mapping[str, int]:
        return {}

    async def _asked(self) -> None:
        self.asked += 1
        if self.hangs:
            await anyio.sleep_forever()
        if self.seconds:
            await anyio.sleep(self.seconds)
        if self.error is not None:
            raise self.error

    async def find(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        await self._asked()
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def keep(self, entries: Mapping[Key, bytes]) -> None:
        await self._asked()
        await self.writes.wait()
        self.entries |= entries

    async def forget(self) -> int:
        await self._asked()
        gone = len(self.entries)
        self.entries.clear()
        return gone


async def test_only_what_is_missing_is_made_and_all_of_it_at_once() -> None:
    cache, make = Cache(1000), Maker()
    assert await cache.get([A], make) == [value_of(A)]
    assert await cache.get([B, A, C, B], make) == [value_of(each) for each in (B, A, C, B)]
    assert make.made == [[A], [B, C]]
    assert await cache.get([], make) == []


async def test_two_who_want_the_same_at_once_have_it_made_once() -> None:
    cache, make = Cache(1000), Maker()
    make.go = anyio.Event()
    answers: list[list[bytes]] = []

    async def ask(*keys: Key) -> None:
        answers.append(await cache.get(keys, make))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, A, B)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(ask, B, C)
        tasks.start_soon(ask, C, A)
        await anyio.wait_all_tasks_blocked()
        make.go.set()
    assert make.made == [[A, B], [C]]
    assert sorted(answers) == sorted([value_of(x), value_of(y)] for x, y in [(A, B), (B, C), (C, A)])


async def test_when_the_first_leaves_the_second_has_it_made() -> None:
    cache, make = Cache(1000), Maker()
    make.go = anyio.Event()
    async with anyio.create_task_group() as tasks:
        leaving = anyio.CancelScope()

        async def leave() -> None:
            with leaving:
                await cache.get([A], make)

        tasks.start_soon(leave)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(cache.get, [A], make)
        await anyio.wait_all_tasks_blocked()
        leaving.cancel()
        await anyio.wait_all_tasks_blocked()
        make.go.set()
    assert make.made == [[A], [A]]


async def test_a_failure_is_for_everybody_who_waits_and_for_nobody_after() -> None:
    cache, make = Cache(1000), Maker()
    make.go, make.error = anyio.Event(), EngineFailed("x", "no")
    failed = 0

    async def ask() -> None:
        nonlocal failed
        with pytest.raises(EngineFailed):
            await cache.get([A], make)
        failed += 1

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        make.go.set()
    assert (failed, len(make.made)) == (3, 1)
    make.error = None
    assert await cache.get([A], make) == [value_of(A)]


async def test_memory_is_bounded_and_what_was_not_used_for_longest_goes() -> None:
    cache, make = Cache(16), Maker()
    for each in (A, B, A, C, A):
        await cache.get([each], make)
    assert make.made == [[A], [B], [C]]
    await cache.get([B], make)
    assert make.made[-1] == [B]
    (figures,) = cache.figures()
    assert (figures.hits, figures.misses, figures.bytes) == (2, 4, 16)


async def test_what_was_made_is_taken_to_the_far_layer_and_found_there() -> None:
    far, make = MoodyLayer(), Maker()
    async with layered(0, [far]) as cache:
        await cache.get([A, B], make)
    assert far.entries == {A: value_of(A), B: value_of(B)}
    async with layered(1000, [far]) as cache:
        assert await cache.get([A, B, C], make) == [value_of(each) for each in (A, B, C)]
        await cache.get([A, B, C], make)
        near, beyond = cache.figures()
    assert make.made == [[A, B], [C]]
    assert (near.layer, near.hits, near.misses) == ("memory", 3, 3)
    assert (beyond.layer, beyond.hits, beyond.misses) == ("far", 2, 1)


@pytest.mark.usefixtures("virtual_time")
async def test_a_layer_that_hangs_costs_two_moments_and_then_nothing() -> None:
    far, make = MoodyLayer(), Maker()
    far.hangs = True
    async with layered(0, [far]) as cache:
        begun = anyio.current_time()
        for _ in range(5):
            assert await cache.get([A], make) == [value_of(A)]
        assert anyio.current_time() - begun < 0.05
    assert far.asked <= 3  # twice to read, and once at most to write


@pytest.mark.usefixtures("virtual_time")
async def test_a_layer_that_fails_is_silent_and_is_taken_back_when_it_is_well() -> None:
    far, make = MoodyLayer(), Maker()
    far.error = EngineFailed("far", "no")
    async with layered(0, [far]) as cache:
        for each in (A, B, C):
            assert await cache.get([each], make) == [value_of(each)]
        far.error = None
        with anyio.fail_after(10):
            while not far.entries:
                await cache.get([A], make)
                await anyio.sleep(0.1)


async def test_emptied_it_has_nothing_and_gets_nothing_that_was_begun_before() -> None:
    far, make = MoodyLayer(), Maker()
    async with layered(1000, [far]) as cache:
        await cache.get([A], make)
        await until(lambda: A in far.entries)
        make.go = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cache.get, [B], make)
            await anyio.wait_all_tasks_blocked()
            assert await cache.forget() == 1
            make.go.set()
        assert far.entries == {}
        await cache.get([A, B], make)
    assert make.made == [[A], [B], [A, B]]


async def test_what_waits_to_be_written_when_it_is_emptied_is_not_written_after() -> None:
    far, make = MoodyLayer(), Maker()
    far.writes = anyio.Event()
    async with layered(1000, [far]) as cache:
        await cache.get([A], make)
        await anyio.wait_all_tasks_blocked()
        await cache.get([B], make)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cache.forget)
            await anyio.wait_all_tasks_blocked()
            far.writes.set()
        await cache.get([C], make)
    assert far.entries == {C: value_of(C)}


async def test_a_layer_that_cannot_be_emptied_is_told_of_and_the_others_are_empty() -> None:
    ill, well = MoodyLayer(), MoodyLayer()
    async with layered(1000, [ill, well]) as cache:
        await cache.get([A], Maker())
        await until(lambda: A in ill.entries and A in well.entries)
        ill.error = EngineFailed("far", "no")
        with pytest.raises(EngineFailed):
            await cache.forget()
        ill.error = None
        assert well.entries == {}
        assert [each.bytes for each in cache.figures() if each.layer == "memory"] == [0]


async def test_no_kind_pushes_out_another_that_takes_less_room() -> None:
    cache = Cache(100)
    await cache.get([A, B], Maker())
    for number in range(20):
        cache.keeper(key(str(number), "speech"))(bytes(30))
    assert await cache.find(A) == value_of(A)
    assert {each.kind: each.bytes for each in cache.figures()} == {"embedding": 16, "speech": 60}
    assert await cache.find(key("19", "speech")) == bytes(30)
    assert await cache.find(key("0", "speech")) is None


async def test_what_is_kept_once_stays_here_and_goes_further_when_it_is_found() -> None:
    far = MoodyLayer()
    async with layered(1000, [far]) as cache:
        cache.keeper(A)(b"once")
        cache.keeper(B)(b"twice")
        assert await cache.find(B) == b"twice"
        assert await cache.find(B) == b"twice"
        await until(lambda: B in far.entries)
    assert far.entries == {B: b"twice"}


async def test_what_is_known_to_come_again_goes_further_at_once() -> None:
    far = MoodyLayer()
    async with layered(1000, [far]) as cache:
        cache.keeper(A, comes_again=True)(b"fixed")
    assert far.entries == {A: b"fixed"}
    async with layered(1000, [far]) as cache:
        assert await cache.find(A) == await cache.find(A) == b"fixed"
        assert [(each.layer, each.hits, each.misses) for each in cache.figures()] == [("memory", 1, 1), ("far", 1, 0)]


async def test_what_was_begun_before_it_was_emptied_is_not_kept_after() -> None:
    far = MoodyLayer()
    async with layered(1000, [far]) as cache:
        keep = cache.keeper(A, comes_again=True)
        await cache.forget()
        keep(b"old")
        assert await cache.find(A) is None
    assert far.entries == {}


def test_what_had_to_go_is_not_remembered_as_being_here() -> None:
    near = NearLayer(8)
    near.keep({A: b"12345678"}, only_here=True)
    near.keep({B: b"12345678"})
    assert not near.is_only_here(A)


@pytest.mark.usefixtures("virtual_time")
async def test_who_is_patient_is_answered_by_a_slow_layer_too() -> None:
    far = MoodyLayer()
    far.entries[A], far.seconds = b"far", 1.0
    async with layered(1000, [far]) as cache:
        assert await cache.find(A) is None
        assert await cache.find(A, patient=True) == b"far"
