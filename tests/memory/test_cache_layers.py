"""The cache's far layers: a file on a real disk, and a real Redis."""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
import redis

from memory.cache import open_cache
from memory.cache_file import open_file_layer
from memory.cache_redis import open_redis_layer
from memory.cache_settings import CacheSettings
from resilience.errors import EngineUnavailable
from tests.made.redis import RedisServer, redis_server
from tests.memory.values import A, B, Maker, key, until, value_of

pytestmark = pytest.mark.anyio

SETTINGS = CacheSettings()


@pytest.fixture
def anyio_backend() -> str:
    """Real disks and a real Redis, whose client is for asyncio only."""
    return "asyncio"


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> Iterator[RedisServer]:
    running.flush()
    yield running
    running.kill()
    running.start()


# -- the file ------------------------------------------------------------------------------------------------


async def test_the_file_survives_a_restart_and_is_its_owners_alone(tmp_path: Path) -> None:
    file, make = tmp_path / "new" / "cache.sqlite", Maker()
    async with open_cache(SETTINGS, file) as cache:
        await cache.get([A, B], make)
        await until(lambda: bool(cache.figures()[1].bytes))
        assert {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()} == {0o600}
    async with open_cache(SETTINGS, file) as cache:
        assert await cache.get([A, B], make) == [value_of(A), value_of(B)]
        assert [(each.layer, each.hits, each.bytes) for each in cache.figures()] == [("memory", 0, 16), ("file", 2, 16)]
    assert make.made == [[A, B]]


async def test_the_file_is_bounded_and_what_was_not_used_for_longest_goes(tmp_path: Path) -> None:
    keys = [key(str(number)) for number in range(10)]
    async with open_file_layer(tmp_path / "cache.sqlite", 80) as layer:
        for each in keys:
            await layer.keep({each: value_of(each)})
        await layer.find([keys[0]])
        await layer.keep({A: value_of(A), B: bytes(81)})
        left = await layer.find([*keys, A, B])
        assert left.keys() == {keys[0], *keys[3:], A}
        assert layer.held == {"embedding": 72}


async def test_bytes_are_counted_by_kind_also_after_a_restart(tmp_path: Path) -> None:
    file, spoken = tmp_path / "cache.sqlite", key("a", "speech")
    for expected in ({"embedding": 8, "speech": 100}, {"embedding": 16, "speech": 100}):
        async with open_file_layer(file, 1000) as layer:
            await layer.keep({spoken: bytes(100), key(str(expected)): bytes(8)})
            assert layer.held == expected


async def test_nothing_of_what_was_emptied_is_left_in_any_file(tmp_path: Path) -> None:
    secret, other = b"the sound of a secret", b"the sound of another"
    async with open_file_layer(tmp_path / "cache.sqlite", 1_000_000) as layer:
        await layer.keep({A: secret * 10_000, key("x", "speech"): other})
        await layer.find([A])
        assert any(secret in each.read_bytes() for each in tmp_path.iterdir())
        assert await layer.forget() == 2
        left = b"".join(each.read_bytes() for each in tmp_path.iterdir())
        assert secret not in left
        assert other not in left
        assert A.digest.encode() not in left
        assert layer.held == {}
        assert len(left) < 100_000  # most of it an index for the journal, made anew each time
        await layer.keep({B: value_of(B)})
        assert await layer.find([A, B]) == {B: value_of(B)}


async def test_what_had_to_go_is_overwritten(tmp_path: Path) -> None:
    secret = b"the sound of a secret"
    async with open_file_layer(tmp_path / "cache.sqlite", 20_000) as layer:
        await layer.keep({A: secret * 900})
        await layer.keep({B: bytes(10_000)})
        assert await layer.find([A]) == {}
    assert not any(secret in each.read_bytes() for each in tmp_path.iterdir())


async def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    file.write_bytes(b"This is no database, it is a letter. " * 200)
    async with open_file_layer(file, 1000) as layer:
        await layer.keep({A: value_of(A)})
        assert await layer.find([A]) == {A: value_of(A)}


async def test_where_no_file_can_be_the_cache_goes_without(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(EngineUnavailable):
        async with open_file_layer(tmp_path / "taken" / "cache.sqlite", 1000):
            pass
    async with open_cache(SETTINGS, tmp_path / "taken" / "cache.sqlite") as cache:
        assert await cache.get([A], Maker()) == [value_of(A)]
        assert [each.layer for each in cache.figures()] == ["memory"]


async def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    async with open_file_layer(file, 1000) as layer:
        await layer.keep({A: value_of(A)})
        with sqlite3.connect(file) as busy:
            busy.execute("BEGIN IMMEDIATE")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(layer.keep, {B: value_of(B)})
                await anyio.sleep(0.02)
                assert await layer.find([A, B]) == {A: value_of(A)}
                busy.rollback()
        busy.close()
        assert await layer.find([B]) == {B: value_of(B)}


# -- Redis ---------------------------------------------------------------------------------------------------


async def test_processes_share_what_is_in_redis_for_a_while(server: RedisServer) -> None:
    make = Maker()
    for _ in range(2):
        async with open_cache(SETTINGS, None, redis_url=server.url, redis_prefix="house:") as cache:
            assert await cache.get([A, B], make) == [value_of(A), value_of(B)]
    assert make.made == [[A, B]]
    with redis.Redis.from_url(server.url) as client:
        names = client.keys()
        assert sorted(names) == sorted(f"house:cache:{each}".encode() for each in (A, B))
        assert all(0 < client.ttl(name) <= 7 * 86_400 for name in names)


async def test_only_what_is_ours_is_emptied_in_redis(server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("house:breaker:x", "kept")
    async with open_redis_layer(server.url, "house:", keep_seconds=60) as layer:
        await layer.keep({key(str(number)): b"x" for number in range(1200)})
        assert await layer.forget() == 1200
    with redis.Redis.from_url(server.url) as client:
        assert client.keys() == [b"house:breaker:x"]


async def test_redis_that_hangs_is_given_up_and_its_late_answers_are_nobodys(server: RedisServer) -> None:
    async with open_redis_layer(server.url, "house:", keep_seconds=60) as layer:
        await layer.keep({A: value_of(A), B: value_of(B)})
        server.pause()
        for _ in range(2):
            with anyio.move_on_after(0.02) as patience:
                await layer.find([A])
            assert patience.cancelled_caught
        server.resume()
        assert await layer.find([B]) == {B: value_of(B)}


async def test_without_redis_nothing_is_different_but_the_erasing_says_so(server: RedisServer) -> None:
    server.kill()
    async with open_cache(SETTINGS, None, redis_url=server.url) as cache:
        assert await cache.get([A], Maker()) == [value_of(A)]
        with pytest.raises(EngineUnavailable, match="does not answer"):
            await cache.forget()
