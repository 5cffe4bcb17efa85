"""Where conversations are kept between turns: one contract, whatever they are kept in."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from pydantic import SecretStr, TypeAdapter, ValidationError

from memory.checkpoints import Checkpoints, open_checkpoints, thread_key
from memory.settings import CheckpointSettings, PostgresCheckpointsSpec, RedisCheckpointsSpec
from memory.types import NewMemory, Source, UserId
from resilience.errors import EngineError, EngineFailed, EngineUnavailable
from tests.made import postgres
from tests.made.redis import RedisServer, redis_server

pytestmark = pytest.mark.anyio

SAID = NewMemory(
    text="Likes tea",
    kind="preference",
    topic="tea",
    said_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    source=Source("a-thread", "1"),
    confidence=0.9,
)


@dataclass(frozen=True)
class Stranger:
    """Of a class that no state may contain."""

    words: str


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"  # LangGraph's savers know no other


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)
    with postgres.a_postgres() as address:
        yield address


@pytest.fixture(scope="module")
def plain_redis() -> Generator[RedisServer]:
    with redis_server() as server:
        yield server


@dataclass
class Store:
    path: Path | None
    settings: CheckpointSettings | None

    def open(self, *also: type) -> AbstractAsyncContextManager[Checkpoints]:
        return open_checkpoints(self.path, kept=(Source, *also), settings=self.settings)


def the_store(kind: str, request: pytest.FixtureRequest) -> Store:
    if kind == "postgres":
        address: str = request.getfixturevalue("server")
        return Store(None, PostgresCheckpointsSpec(url=SecretStr(address)))
    folder: Path = request.getfixturevalue("tmp_path")
    return Store(folder / "checkpoints.sqlite" if kind == "file" else None, None)


@pytest.fixture(params=["memory", "file", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    return the_store(request.param, request)


@pytest.fixture(params=["file", "postgres"])
def lasting(request: pytest.FixtureRequest) -> Store:
    """Which others may open as well."""
    return the_store(request.param, request)


@pytest.fixture
async def saver(store: Store) -> AsyncGenerator[Checkpoints]:
    async with store.open() as opened:
        yield opened
        for thread in ("anna/t", "ben/t"):
            await opened.adelete_thread(thread)


def at(thread: str, checkpoint: str | None = None) -> Any:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": "", "checkpoint_id": checkpoint}}


async def keep(saver: Checkpoints, thread: str, *said: object) -> None:
    before = await saver.aget_tuple(at(thread))
    version = saver.get_next_version(
        None if before is None else str(before.checkpoint["channel_versions"]["said"]), None
    )
    checkpoint: Checkpoint = {
        **empty_checkpoint(),
        "channel_values": {"said": [*said]},
        "channel_versions": {"said": version},
    }
    parent = None if before is None else before.checkpoint["id"]
    await saver.aput(at(thread, parent), checkpoint, {"source": "loop", "step": 1, "parents": {}}, {"said": version})


async def kept(saver: Checkpoints, thread: str) -> Any:
    found = await saver.aget_tuple(at(thread))
    return None if found is None else found.checkpoint["channel_values"]["said"]


async def how_many(saver: Checkpoints) -> int:
    async with aclosing(saver.alist(None)) as listed:  # type: ignore[type-var]  # it is a generator, and does not say so
        return len([each async for each in listed])


async def test_what_was_kept_comes_back_as_what_it_was(saver: Checkpoints) -> None:
    await keep(saver, "anna/t", SAID, "and words")
    assert await kept(saver, "anna/t") == [SAID, "and words"]


async def test_what_was_written_towards_a_step_comes_back_with_it(saver: Checkpoints) -> None:
    await keep(saver, "anna/t", "words")
    found = await saver.aget_tuple(at("anna/t"))
    assert found is not None
    await saver.aput_writes(found.config, [("said", [SAID])], "a task")
    again = await saver.aget_tuple(at("anna/t"))
    assert again is not None
    assert again.pending_writes == [("a task", "said", [SAID])]


async def test_a_thread_that_is_not_there_is_nothing(saver: Checkpoints) -> None:
    assert await kept(saver, "anna/t") is None


async def test_of_a_thread_only_the_newest_stays(saver: Checkpoints) -> None:
    for word in ("one", "two", "three"):
        await keep(saver, "anna/t", word)
    await saver.aprune(["anna/t"])
    assert await kept(saver, "anna/t") == ["three"]
    assert await how_many(saver) == 1


async def test_of_a_deleted_thread_nothing_stays_and_of_the_other_everything(saver: Checkpoints) -> None:
    await keep(saver, "anna/t", "hers")
    await keep(saver, "ben/t", "his")
    await saver.adelete_thread("anna/t")
    assert await kept(saver, "anna/t") is None
    assert await kept(saver, "ben/t") == ["his"]
    assert await how_many(saver) == 1


async def test_what_is_not_one_of_our_classes_is_not_revived(lasting: Store) -> None:
    async with lasting.open(Stranger) as careless, lasting.open() as saver:
        await keep(careless, "anna/t", Stranger("planted"))
        assert await kept(careless, "anna/t") == [Stranger("planted")]
        (found,) = await kept(saver, "anna/t")
        assert not isinstance(found, Stranger)
        await saver.adelete_thread("anna/t")


async def test_they_are_there_when_it_is_opened_again(lasting: Store) -> None:
    async with lasting.open() as first:
        await keep(first, "anna/t", SAID)
    async with lasting.open() as second:
        assert await kept(second, "anna/t") == [SAID]
        await second.adelete_thread("anna/t")


async def test_threads_from_when_there_was_one_user_are_theirs(tmp_path: Path) -> None:
    file = Store(tmp_path / "checkpoints.sqlite", None)
    async with file.open() as before:
        await keep(before, "a-thread", "words")
        found = await before.aget_tuple(at("a-thread"))
        assert found is not None
        await before.aput_writes(found.config, [("said", "more")], "a task")
    for _ in range(2):
        async with file.open() as now:
            assert await kept(now, "local/a-thread") == ["words"]
            assert await kept(now, "a-thread") is None
            again = await now.aget_tuple(at("local/a-thread"))
            assert again is not None
            assert again.pending_writes == [("a task", "said", "more")]


async def test_no_two_pairs_of_user_and_thread_share_a_key() -> None:
    names = ["a", "a/b", "b", "", "/", "a%2Fb", "%", "ä", "a b", "\ud800", "a:b"]
    keys = {thread_key(UserId(user), thread) for user in names for thread in names}
    assert len(keys) == len(names) ** 2
    assert thread_key(UserId("anna"), "0b3c-1") == "anna/0b3c-1"


async def test_rows_in_postgresql_are_gone_with_their_thread(server: str) -> None:
    import psycopg

    async with open_checkpoints(None, kept=(), settings=PostgresCheckpointsSpec(url=SecretStr(server))) as saver:
        await keep(saver, "anna/t", ["many words"])
        await keep(saver, "anna/t", ["other words"])
        found = await saver.aget_tuple(at("anna/t"))
        assert found is not None
        await saver.aput_writes(found.config, [("said", ["words to come"])], "a task")
        await saver.adelete_thread("anna/t")
        async with await psycopg.AsyncConnection.connect(server) as connection:
            for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
                rows = await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
                assert rows == (0,)


async def test_what_postgresql_refuses_is_an_engine_error(server: str) -> None:
    async with open_checkpoints(None, kept=(), settings=PostgresCheckpointsSpec(url=SecretStr(server))) as saver:
        with pytest.raises(EngineFailed, match="checkpoints: "):
            await kept(saver, "nul\0")
        assert await kept(saver, "anna/t") is None


async def test_while_postgresql_is_away_it_is_an_engine_error_and_when_it_is_back_it_works(server: str) -> None:
    spec = PostgresCheckpointsSpec(url=SecretStr(server), answer_seconds=1)
    async with open_checkpoints(None, kept=(), settings=spec) as saver:
        await keep(saver, "anna/t", "kept")
        await to_thread.run_sync(postgres.stop, server)
        try:
            for _ in range(2):
                with pytest.raises(EngineError):
                    await kept(saver, "anna/t")
        finally:
            await to_thread.run_sync(postgres.start, server)
        assert await kept(saver, "anna/t") == ["kept"]
        await saver.adelete_thread("anna/t")


async def test_a_postgresql_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    for url in (f"postgresql://night:s3cret@/none?host={tmp_path}", "postgresql://night:s3cret/@127.0.0.1/none"):
        spec = PostgresCheckpointsSpec(url=SecretStr(url), answer_seconds=2)
        with pytest.raises(EngineUnavailable, match="PostgreSQL") as told:
            async with open_checkpoints(None, kept=(), settings=spec):
                pass
        assert "s3cret" not in f"{told.value!r} {told.value.__cause__!r}"


async def test_a_redis_without_its_modules_is_refused_in_clear_words(plain_redis: RedisServer) -> None:
    spec = RedisCheckpointsSpec(url=SecretStr(plain_redis.url))
    with pytest.raises(EngineUnavailable, match="no RedisJSON and no RediSearch: checkpoints need Redis 8"):
        async with open_checkpoints(None, kept=(), settings=spec):
            pass


async def test_a_redis_that_is_not_there_is_told_without_its_password() -> None:
    for url in ("redis://:s3cret@127.0.0.1:1/0", "redis://:s3/cret@127.0.0.1:1/0"):
        with pytest.raises(EngineUnavailable, match="Redis") as told:
            async with open_checkpoints(None, kept=(), settings=RedisCheckpointsSpec(url=SecretStr(url))):
                pass
        assert "s3" not in f"{told.value!r} {told.value.__cause__!r}"


@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_an_address_of_another_kind_is_refused_and_never_shown(store: str) -> None:
    read = TypeAdapter[CheckpointSettings](CheckpointSettings)
    with pytest.raises(ValidationError, match="it should begin with"):
        read.validate_python({"store": store, "url": "mysql://night:s3cret@host/name"})
    ours = {"postgres": "postgresql://night:s3cret@host/name", "redis": "redis://:s3cret@host"}
    assert "s3cret" not in repr(read.validate_python({"store": store, "url": ours[store]}))
