"""Whose a thread is, and where it goes on: the same conversation in one house after another, and never in another's."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from pydantic import SecretStr

from graph.conversation import Conversations, open_conversations
from graph.settings import GraphSettings
from memory.settings import CheckpointSettings, PostgresCheckpointsSpec
from tests.graph.fakes import ListedMemory
from tests.graph.talking import BOB, NOON, SARAH, offline, say
from tests.made import postgres

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # LangGraph's savers know no other


@pytest.fixture(scope="module")
def on_server() -> Generator[CheckpointSettings]:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)
    with postgres.a_postgres() as address:
        yield PostgresCheckpointsSpec(url=SecretStr(address), answer_seconds=2)


@asynccontextmanager
async def a_house(where: Path | CheckpointSettings | None = None) -> AsyncGenerator[Conversations]:
    async with open_conversations(
        models=offline(),
        memory=ListedMemory(),
        checkpoints=where if isinstance(where, Path) else None,
        checkpoints_in=None if isinstance(where, Path) else where,
        settings=GraphSettings(study=False),
        clock=lambda: NOON,
    ) as conversations:
        yield conversations


async def words(house: Conversations, thread: str = "t") -> list[str]:
    return [each.text for each in await house.history(thread, SARAH) if each.role == "user"]


CRAFTED = ["t", "sarah/t", "../sarah/t", "%73arah/t", "bob/../sarah/t", "t' OR '1'='1", "", "t "]


@pytest.mark.parametrize("crafted", CRAFTED)
async def test_with_whatever_id_somebody_else_comes_they_find_nothing_of_hers(crafted: str, tmp_path: Path) -> None:
    async with a_house(tmp_path / "threads.sqlite") as house:
        hers = house.of("t", SARAH)
        await say(hers, "1", "the secret word is xylophone")
        assert await house.history(crafted, BOB) == ()
        his = house.of(crafted, BOB)
        assert "xylophone" not in await say(his, "1", "say that again")
        assert "xylophone" not in await say(his, "2", "what did i say before")
        await house.forget_thread(crafted, BOB)
        assert await words(house) == ["the secret word is xylophone"]
        await say(hers, "2", "good morning")
        assert await words(house) == ["the secret word is xylophone", "good morning"]


async def test_one_id_is_two_threads_for_two_people_also_at_the_same_time() -> None:
    async with a_house() as house:
        async with anyio.create_task_group() as tasks:
            for user, said in ((SARAH, "i live in lyon"), (BOB, "i live in oslo")):
                tasks.start_soon(say, house.of("t", user), "1", said)
        assert await words(house) == ["i live in lyon"]


async def test_a_thread_goes_on_in_another_house_on_the_same_server(on_server: CheckpointSettings) -> None:
    async with a_house(on_server) as first:
        await say(first.of("t", SARAH), "1", "the secret word is xylophone")
    async with a_house(on_server) as second:
        assert await words(second) == ["the secret word is xylophone"]
        assert await say(second.of("t", SARAH), "2", "say that again")
        await second.forget_thread("t", SARAH)
        assert await words(second) == []


async def test_houses_may_open_at_once_on_a_server_that_is_empty_yet() -> None:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)

    async def open_and_say(where: CheckpointSettings, thread: str) -> None:
        async with a_house(where) as house:
            await say(house.of(thread, SARAH), "1", thread)
            assert await words(house, thread) == [thread]

    with postgres.a_postgres() as address:
        where = PostgresCheckpointsSpec(url=SecretStr(address))
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(open_and_say, where, f"t{number}")


async def test_one_house_sees_at_once_what_another_has_kept(on_server: CheckpointSettings) -> None:
    async with a_house(on_server) as first, a_house(on_server) as second:
        await say(first.of("shared", SARAH), "1", "one")
        await say(second.of("shared", SARAH), "2", "two")
        await say(first.of("shared", SARAH), "3", "three")
        assert await words(second, "shared") == ["one", "two", "three"]
        await first.forget_thread("shared", SARAH)
        assert await words(second, "shared") == []
