"""A reply that is asked for before it is certain that the user has finished: one like any other, or never been."""

import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from pydantic import SecretStr

from graph.conversation import Conversation, Conversations, open_conversations
from graph.settings import GraphSettings
from graph.types import Account, Directive, TurnId
from memory.settings import CheckpointSettings, PostgresCheckpointsSpec, SqliteCheckpointsSpec
from tests.graph.fakes import HangingModel, ListedMemory, ScriptedModel
from tests.graph.talking import NOON, SARAH, first_words, house, offline, pieces, say
from tests.made import postgres

pytestmark = pytest.mark.anyio

ONE, TWO = TurnId("1"), TurnId("2")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # LangGraph's savers know no other


async def begun(reply: AsyncGenerator[str | Directive, None]) -> list[str]:
    """What it says, up to where it waits to stand."""
    said = []
    async for piece in reply:
        if isinstance(piece, Account):
            break
        if isinstance(piece, str):
            said.append(piece)
    return said


async def texts(conversations: Conversations) -> list[str]:
    return [each.text for each in await conversations.history("t", SARAH)]


def rows(file: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as kept:
        return [row for table in ("checkpoints", "writes") for row in kept.execute(f"SELECT * FROM {table}")]


async def test_a_reply_that_stands_is_one_like_any_other() -> None:
    model, memory = ScriptedModel("Nice ", "name."), ListedMemory()
    async with house(model, memory) as conversations:
        talk = conversations.of("t", SARAH)
        async with aclosing(talk.reply(ONE, "my name is sarah", provisional=True)) as reply:
            assert await begun(reply) == ["Nice ", "name."]
            await anyio.sleep(0.1)
            assert talk.stands(ONE)
            assert [piece async for piece in reply] == []
        await talk.settle(ONE, "Nice name.", complete=True)
        assert await texts(conversations) == ["my name is sarah", "Nice name."]
        await say(talk, "2", "and my dog is called rex")
        assert await texts(conversations) == [
            "my name is sarah", "Nice name.", "and my dog is called rex", "Nice name.",
        ]  # fmt: skip
    assert memory.texts("sarah") == ["The user's name is Sarah.", "The user's dog is called Rex."]
    assert len(model.prompts) == 2


async def test_one_that_falls_has_never_been(tmp_path: Path) -> None:
    memory, file = ListedMemory(), tmp_path / "threads.sqlite"
    async with house(ScriptedModel("Hm. "), memory, checkpoints=file) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "good morning to you all")
        before = rows(file)
        for _ in range(3):
            async with aclosing(talk.reply(TWO, "my name is", provisional=True)) as reply:
                await begun(reply)
        await anyio.wait_all_tasks_blocked()
        assert rows(file) == before
        assert not talk.stands(TWO)
        await say(talk, "2", "my name is sarah")
        assert await texts(conversations) == ["good morning to you all", "Hm.", "my name is sarah", "Hm."]
    assert memory.texts("sarah") == ["The user's name is Sarah."]


async def test_one_that_stands_before_it_is_written_is_kept_too() -> None:
    async with house(ScriptedModel("One. ", "Two.")) as conversations:
        talk = conversations.of("t", SARAH)
        async with aclosing(talk.reply(ONE, "count for me", provisional=True)) as reply:
            assert await first_words(reply) == "One. "
            assert talk.stands(ONE)
            assert [piece for piece in [each async for each in reply] if isinstance(piece, str)] == ["Two."]
        await talk.settle(ONE, "One.", complete=False)
        assert await texts(conversations) == ["count for me", "One."]


async def test_one_that_stood_and_was_cut_leaves_its_question() -> None:
    model = HangingModel("One. ")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        async with aclosing(talk.reply(ONE, "count for me", provisional=True)) as reply:
            await first_words(reply)
            assert talk.stands(ONE)
        assert model.closed == 1
        await talk.settle(ONE, "One.", complete=False)
        assert await texts(conversations) == ["count for me", "One."]


async def test_a_model_that_hangs_in_one_that_falls_is_left_at_once() -> None:
    model = HangingModel("One. ")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        async with aclosing(talk.reply(ONE, "count for me", provisional=True)) as reply:
            await first_words(reply)
        assert model.closed == 1
        assert await texts(conversations) == []


async def test_another_reply_on_the_thread_ends_one_that_does_not_stand() -> None:
    async with house(ScriptedModel("Yes.")) as conversations:
        talk, other = conversations.of("t", SARAH), conversations.of("t", SARAH)
        async with aclosing(talk.reply(ONE, "is it", provisional=True)) as reply:
            await begun(reply)
            assert await say(other, "2", "is it raining") == "Yes."
            assert not talk.stands(ONE)
        assert await texts(conversations) == ["is it raining", "Yes."]


async def test_it_does_not_end_the_reply_that_is_being_given_on_its_thread() -> None:
    model = HangingModel("One. ")
    async with house(model) as conversations:
        talk, other = conversations.of("t", SARAH), conversations.of("t", SARAH)
        async with aclosing(other.reply(ONE, "count for me")) as reply:
            assert await first_words(reply) == "One. "
            async with aclosing(talk.reply(TWO, "is it", provisional=True)) as ahead:
                with anyio.move_on_after(0.05):
                    await first_words(ahead)
            assert model.closed == 0


@pytest.mark.parametrize("patience", range(0, 60, 3))
async def test_wherever_one_falls_the_thread_stays_whole(patience: int) -> None:
    memory = ListedMemory()
    async with house(ScriptedModel("One. ", "Two."), memory) as conversations:
        talk = conversations.of("t", SARAH)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_read, talk, "my name is bob and")
            for _ in range(patience):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        await say(talk, "1", "my dog is called rex")
        assert await texts(conversations) == ["my dog is called rex", "One. Two."]
    assert memory.texts("sarah") == ["The user's dog is called Rex."]


async def _read(talk: Conversation, text: str) -> None:
    async with aclosing(talk.reply(ONE, text, provisional=True)) as reply:
        async for _ in reply:
            pass


@pytest.fixture(scope="module")
def on_server() -> Generator[CheckpointSettings]:
    if (reason := postgres.why_not()) is not None:
        pytest.skip(reason)
    with postgres.a_postgres() as address:
        yield PostgresCheckpointsSpec(url=SecretStr(address), answer_seconds=5)


@asynccontextmanager
async def house_on(where: CheckpointSettings) -> AsyncGenerator[Conversations]:
    async with open_conversations(
        models=offline(),
        memory=ListedMemory(),
        checkpoints=None,
        checkpoints_in=where,
        settings=GraphSettings(study=False),
        clock=lambda: NOON,
    ) as conversations:
        yield conversations


async def test_on_a_server_it_is_the_same(on_server: CheckpointSettings) -> None:
    for where in (SqliteCheckpointsSpec(), on_server):
        async with house_on(where) as conversations:
            talk = conversations.of("t", SARAH)
            async with aclosing(talk.reply(ONE, "what time", provisional=True)) as reply:
                await begun(reply)
            assert await texts(conversations) == []
            async with aclosing(talk.reply(ONE, "what time is it", provisional=True)) as reply:
                assert await begun(reply) == ["It is 12:05."]
                assert talk.stands(ONE)
                assert [piece async for piece in reply] == []
            await talk.settle(ONE, "It is 12:05.", complete=True)
            assert await texts(conversations) == ["what time is it", "It is 12:05."]
            assert await pieces(talk, "2", "say that again") == ["It is 12:05."]
