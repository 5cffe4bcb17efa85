"""A turn that was not meant: nothing of it is in the thread any more, nor on its way to memory."""

import pytest

from graph.types import TurnId
from tests.graph.fakes import ListedMemory, ScriptedModel
from tests.graph.talking import SARAH, house, pieces, say

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # LangGraph's savers know no other


async def test_a_turn_that_is_taken_back_is_not_in_the_thread_nor_in_the_next_prompt() -> None:
    model = ScriptedModel("Yes.")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "tell me of trains")
        await say(talk, "2", "tell me of plains")
        await talk.take_back(TurnId("2"))
        await say(talk, "3", "tell me of planes")
        assert [each.text for each in await conversations.history("t", SARAH)] == [
            *("tell me of trains", "Yes."),
            *("tell me of planes", "Yes."),
        ]
    assert "plains" not in str(model.prompts[-1])


async def test_what_a_turn_told_that_was_never_settled_is_not_learnt() -> None:
    memory = ListedMemory()
    async with house(ScriptedModel("Yes."), memory) as conversations:
        talk = conversations.of("t", SARAH)
        await pieces(talk, "1", "my name is bob")
        await talk.take_back(TurnId("1"))
        await say(talk, "2", "how is the weather")
        await conversations.notebook.caught_up(SARAH)
    assert memory.texts("sarah") == []


async def test_while_another_is_being_answered_its_answer_stays() -> None:
    async with house(ScriptedModel("Yes.")) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "tell me of plains")
        await pieces(talk, "2", "tell me of planes")
        await talk.take_back(TurnId("1"))
        await talk.settle(TurnId("2"), "Yes.", complete=True)
        assert [each.text for each in await conversations.history("t", SARAH)] == ["tell me of planes", "Yes."]
