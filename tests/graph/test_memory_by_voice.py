"""What a user may say about memory itself: told, asked, explained, forgotten, left off the record."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.conversation import Conversations, open_conversations
from graph.settings import GraphSettings
from graph.types import TurnId
from resilience.errors import EngineUnavailable
from tests.graph.fakes import ListedMemory, ScriptedModel
from tests.graph.talking import SARAH, house, offline, pieces, say

pytestmark = pytest.mark.anyio

MONDAY = datetime(2025, 3, 3, 12, 5, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the SQLite saver knows no other


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def let_pass(self, days: int) -> None:
        self.now += timedelta(days)


def with_clock(clock: Clock, memory: ListedMemory, **titles: str) -> AbstractAsyncContextManager[Conversations]:
    async def title_of(thread: str) -> str:
        return titles.get(thread, "")

    return open_conversations(
        models=offline(),
        memory=memory,
        checkpoints=None,
        settings=GraphSettings(study=False),
        title_of=title_of,
        clock=clock,
    )


async def noted(conversations: Conversations, memory: ListedMemory) -> list[str]:
    await conversations.notebook.caught_up(SARAH)
    return memory.texts("sarah")


async def test_it_says_why_it_knows_a_thing_when_it_was_told_where_and_in_which_words() -> None:
    clock = Clock()
    async with with_clock(clock, ListedMemory(), one="Holidays") as conversations:
        await say(conversations.of("one", SARAH), "1", "By the way, my dog is called Rex.")
        clock.let_pass(2)
        talk = conversations.of("two", SARAH)
        assert await say(talk, "1", "what is my dog called") == "Your dog is called Rex."
        assert await say(talk, "2", "how do you know that?") == (
            "That your dog is called Rex: you told me on Monday, 3 March 2025, in our conversation “Holidays”. "
            "You said: “By the way, my dog is called Rex”."
        )


async def test_it_says_why_it_knows_what_it_is_asked_about() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "i live in leeds")
        assert "you told me on Monday, 3 March 2025, in this conversation" in await say(
            talk, "2", "how do you know where i live"
        )
        assert "not come from my notes" in await say(talk, "3", "how do you know my name")


async def test_what_did_not_come_from_notes_is_said_not_to() -> None:
    async with house(ScriptedModel("It is blue.")) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "which colour is the sky")
        assert "not come from my notes" in await say(talk, "2", "how do you know that")


async def test_forget_that_means_what_was_just_told_back() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "my dog is called rex and i live in leeds")
        await say(talk, "2", "what is my dog called")
        assert await say(talk, "3", "forget that") == "All right. I forget that your dog is called Rex."
        assert await noted(conversations, memory) == ["The user lives in Leeds."]
        assert "not come from my notes" in await say(talk, "4", "how do you know that")


async def test_forget_that_means_what_was_just_explained() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "i live in leeds")
        await say(talk, "2", "how do you know where i live")
        await say(talk, "3", "forget that")
        assert await noted(conversations, memory) == []


async def test_what_was_told_can_be_forgotten_before_the_store_has_it(tmp_path: Path) -> None:
    memory = ListedMemory(fails=EngineUnavailable("memory", "locked"))
    async with open_conversations(
        models=offline(),
        memory=memory,
        checkpoints=None,
        settings=GraphSettings(study=False),
        notebook=tmp_path / "notebook.sqlite",
        clock=lambda: MONDAY,
    ) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "i like xylophones")
        assert await say(talk, "2", "forget that") == "All right. I forget that you like xylophones."
    assert b"xylophones" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


async def test_what_was_noted_outlives_the_process_that_could_not_store_it(tmp_path: Path) -> None:
    for fails in (EngineUnavailable("memory", "locked"), None):
        memory = ListedMemory(fails=fails)
        async with open_conversations(
            models=offline(),
            memory=memory,
            checkpoints=tmp_path / "threads.sqlite",
            settings=GraphSettings(study=False),
            notebook=tmp_path / "notebook.sqlite",
            clock=lambda: MONDAY,
        ) as conversations:
            if fails:
                await say(conversations.of("t", SARAH), "1", "i like tea")
    assert memory.texts("sarah") == ["The user likes tea."]


async def test_off_the_record_nothing_is_noted_until_it_is_over() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        assert "off the record" in await say(talk, "1", "let's go off the record")
        assert "stays off the record" in await say(talk, "2", "my name is sarah")
        assert "I note nothing" in await say(talk, "3", "remember that i like tea")
        await say(conversations.of("another", SARAH), "1", "i like jam")
        assert (await say(talk, "4", "back on the record")).startswith("Back on the record")
        await say(talk, "5", "i like gin")
        assert await noted(conversations, memory) == ["The user likes jam.", "The user likes gin."]


async def test_a_model_is_told_that_it_is_off_the_record() -> None:
    model = ScriptedModel("I see.")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "off the record")
        await say(talk, "2", "i like tea")
        await say(talk, "3", "on the record")
        await say(talk, "4", "i like jam")
    assert [each.off_the_record for each in model.prompts] == [True, False]


async def test_off_the_record_holds_even_where_its_answer_was_never_heard() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        await pieces(talk, "1", "off the record")
        await say(talk, "2", "i like tea")
        assert await noted(conversations, memory) == []


async def test_a_turn_that_grew_past_off_the_record_has_not_asked_for_it() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        await pieces(talk, "1", "off the record")
        await say(talk, "1", "off the record player fell my cat")
        await say(talk, "2", "i like tea")
        assert await noted(conversations, memory) == ["The user likes tea."]


async def test_one_turn_can_be_left_off_the_record() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        answer = await say(talk, "1", "don't remember this, but i like gin")
        assert "stays off the record" in answer
        await say(talk, "2", "i like tea")
        assert await noted(conversations, memory) == ["The user likes tea."]


async def test_while_the_user_has_paused_it_nothing_is_noted_and_the_answer_says_so() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        await conversations.notebook.pause(SARAH, True)
        assert "I note nothing" in await say(conversations.of("t", SARAH), "1", "remember that i like tea")
        assert await noted(conversations, memory) == []


async def test_a_secret_is_not_noted_and_the_user_is_told() -> None:
    memory, model = ListedMemory(), ScriptedModel("Fine.")
    async with house(model, memory) as conversations:
        talk = conversations.of("t", SARAH)
        assert await say(talk, "1", "my password is hunter2") == (
            "Fine. I keep no passwords in my memory, so I have not noted that."
        )
        answer = await say(talk, "2", "remember that the wifi password is swordfish")
        assert answer == "I keep no passwords in my memory, so I have not noted that."
        assert await noted(conversations, memory) == []


async def test_a_secret_beside_a_fact_is_left_out_and_the_user_is_told() -> None:
    memory = ListedMemory()
    async with house(ScriptedModel("Fine."), memory) as conversations:
        talk = conversations.of("t", SARAH)
        answer = await say(talk, "1", "remember that the rent goes off my card 4111 1111 1111 1111 on mondays")
        assert "I have left the card number out of my notes." in answer
        assert "4111" not in answer
        assert await noted(conversations, memory) == ["The rent goes off their card [card number] on mondays."]


async def test_what_was_told_at_some_time_is_told_back() -> None:
    clock, memory = Clock(), ListedMemory()
    async with with_clock(clock, memory) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "my dog is called rex and i live in leeds")
        clock.let_pass(8)
        await say(talk, "2", "i like tea")
        clock.let_pass(1)
        assert await say(talk, "3", "what did i tell you last week") == ("Your dog is called Rex. You live in Leeds.")
        assert await say(talk, "4", "what did i tell you about my dog last week") == "Your dog is called Rex."
        assert await say(talk, "6", "what did i tell you on tuesday") == "You like tea."
        assert "nothing that you told me then" in await say(talk, "5", "what did i tell you last year")


async def test_a_plan_is_told_on_its_day_and_not_when_it_is_over() -> None:
    clock = Clock()
    async with with_clock(clock, ListedMemory()) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "i have a dentist appointment tomorrow")
        await say(talk, "2", "i am going to rome next week")
        appointment = "You have a dentist appointment on Tuesday, 4 March 2025."
        assert await say(talk, "3", "what are my plans") == (
            f"{appointment} You are going to rome in the week of 10 March 2025."
        )
        assert await say(talk, "4", "what do i have planned tomorrow") == appointment
        clock.let_pass(3)
        assert await say(talk, "5", "what are my plans") == "You are going to rome in the week of 10 March 2025."


async def test_all_about_somebody_is_found_by_who_they_are() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "my sister anna lives in oslo")
        await say(talk, "2", "i live in leeds")
        assert await say(talk, "3", "what do you know about my sister") == (
            "Your sister is called Anna. Your sister Anna lives in Oslo."
        )
        assert await say(talk, "4", "where do i live") == "You live in Leeds."


async def test_what_is_noted_is_on_disk_before_the_turn_is_settled(tmp_path: Path) -> None:
    memory = ListedMemory(fails=EngineUnavailable("memory", "locked"))
    async with open_conversations(
        models=ScriptedModel("Fine."),
        memory=memory,
        checkpoints=None,
        settings=GraphSettings(study=False),
        notebook=tmp_path / "notebook.sqlite",
    ) as conversations:
        talk = conversations.of("t", SARAH)
        await pieces(talk, "1", "i like tea")
        await talk.settle(TurnId("1"), "Fine.", complete=True)
        assert b"likes tea" in (tmp_path / "notebook.sqlite").read_bytes()
