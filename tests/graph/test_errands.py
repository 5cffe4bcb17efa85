"""What is asked of the house, and of the way in which it talks: brought to the desk, told, and never remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from graph.conversation import Conversation
from graph.prompts import LENGTHS, SYSTEM
from graph.strings import said
from graph.types import AnswerLength, Errand, GoTo, Language, Mute, Pitch, Prefers, Seen, SpeakingRate, TurnId
from resilience.errors import EngineError, EngineFailed
from tests.graph.fakes import ListedMemory, ScriptedModel
from tests.graph.talking import SARAH, house, pieces, say

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """LangGraph runs on asyncio."""
    return "asyncio"


@dataclass
class ScriptedDesk:
    """Says this of each errand. `fails`: raises it instead."""

    seen: Mapping[str, Seen] = field(default_factory=dict)
    language: Language = "en"
    length: AnswerLength = "normal"
    fails: EngineError | None = None
    asked: list[Errand] = field(default_factory=list)

    async def see_to(self, errand: Errand) -> Seen:
        self.asked.append(errand)
        if self.fails:
            raise self.fails
        return self.seen.get(errand.name, Seen("Done."))


DELETING = {"delete-conversation": Seen("“Rome”, for good. Yes or no?", confirm=True)}


async def test_an_errand_is_seen_to_by_the_desk_and_its_deeds_are_told() -> None:
    desk = ScriptedDesk({"new-conversation": Seen("A new one.", (GoTo(""),))})
    async with house() as conversations:
        told = await pieces(conversations.of("t", SARAH, desk), "1", "Start a new conversation, please.")
    assert told == [GoTo(""), "A new one."]
    assert desk.asked == [Errand("new-conversation")]


async def test_an_errand_says_what_it_is_about_as_the_user_wrote_it() -> None:
    desk = ScriptedDesk()
    async with house() as conversations:
        talk = conversations.of("t", SARAH, desk)
        await say(talk, "1", "Rename this conversation to Trip to Rome.")
        await say(talk, "2", "open the second one")
        await say(talk, "3", "No, I meant the garden")
    assert desk.asked == [
        Errand("rename-conversation", "Trip to Rome"),
        Errand("open-conversation", "#2"),
        Errand("meant", "the garden"),
    ]


async def test_what_is_asked_first_is_done_after_a_yes_only() -> None:
    desk = ScriptedDesk(DELETING)
    async with house() as conversations:
        talk = conversations.of("t", SARAH, desk)
        assert "Yes or no?" in await say(talk, "1", "delete this conversation")
        assert await say(talk, "2", "yes please")
        assert desk.asked == [Errand("delete-conversation"), Errand("delete-conversation", confirmed=True)]


async def test_a_no_leaves_it_as_it_is() -> None:
    desk = ScriptedDesk(DELETING)
    async with house() as conversations:
        talk = conversations.of("t", SARAH, desk)
        await say(talk, "1", "delete the conversation about Rome")
        assert await say(talk, "2", "no") == said("en", "left-alone")
        assert desk.asked == [Errand("delete-conversation", "Rome")]
        assert await say(talk, "3", "yes") != "Done."


async def test_a_yes_that_grows_is_still_a_yes_to_the_same() -> None:
    """The turn is asked again, with more of the user's words."""
    desk = ScriptedDesk(DELETING)
    async with house() as conversations:
        talk = conversations.of("t", SARAH, desk)
        await say(talk, "1", "delete this conversation")
        await pieces(talk, "2", "yes")
        await say(talk, "2", "yes please")
        assert desk.asked[-1] == Errand("delete-conversation", confirmed=True)


async def test_without_a_desk_it_is_said_that_this_is_not_to_be_had() -> None:
    async with house(ScriptedModel("I mean that, too.")) as conversations:
        talk = conversations.of("t", SARAH)
        assert await say(talk, "1", "mute the microphone") == said("en", "no-desk")
        assert await say(talk, "2", "no, I meant Paris") == "I mean that, too."


async def test_a_desk_that_fails_is_told_of_in_plain_words() -> None:
    desk = ScriptedDesk(fails=EngineFailed("history", "a disk"))
    async with house() as conversations:
        assert await say(conversations.of("t", SARAH, desk), "1", "list my conversations") == said("en", "desk-away")


async def test_commands_never_reach_the_memory() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk())
        for number, text in enumerate(
            (
                "rename this conversation to my sister is called Emma",
                "search my conversations for I live in Berlin",
                "No, I meant I like tea",
                "add Nguyen to my words",
                "Siobhan is pronounced shivawn",
                "slower",
            )
        ):
            await say(talk, str(number), text)
        assert await conversations.notebook.caught_up(SARAH)
    assert memory.kept.get(SARAH, []) == []


async def test_a_correction_of_a_fact_is_one_more_fact() -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk())
        await say(talk, "1", "My sister is called Anna.")
        await say(talk, "2", "No, my sister is called Emma.")
        assert await conversations.notebook.caught_up(SARAH)
    assert any("Emma" in each.text for each in memory.kept[SARAH])


async def test_manner_is_told_to_the_session_and_answered_in_the_users_language() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk(language="fr"))
        assert await pieces(talk, "1", "parle plus lentement") == [SpeakingRate(1 / 1.2), "D'accord, plus lentement."]
        assert await pieces(talk, "2", "speak German") == [Prefers("language", "de"), said("de", "language")]
        assert (await pieces(talk, "3", "eine tiefere Stimme"))[-1] != said("fr", "lower")
        assert await pieces(talk, "4", "une voix plus grave") == [Pitch(1 / 1.12), said("fr", "lower")]


async def test_the_time_is_told_in_the_users_language() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk(language="de"))
        assert await say(talk, "1", "Wie spät ist es?") == "Es ist 12:05 Uhr."
        assert await say(talk, "2", "welcher Tag ist heute") == "Heute ist Montag, der 3. März 2025."


@pytest.mark.parametrize("length", ["brief", "normal", "full"])
async def test_the_model_is_told_how_long_answers_should_be(length: AnswerLength) -> None:
    model = ScriptedModel("Yes.")
    async with house(model) as conversations:
        await say(conversations.of("t", SARAH, ScriptedDesk(length=length)), "1", "is the sea deep")
    assert model.prompts[0].system == SYSTEM + LENGTHS[length]


async def _cut(talk: Conversation, turn: str, text: str, heard: str) -> None:
    await pieces(talk, turn, text)
    await talk.settle(TurnId(turn), heard, complete=False)


async def test_go_on_says_what_was_not_heard_from_the_sentence_that_was_cut() -> None:
    model = ScriptedModel("One is red. Two is blue. Three is green.")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        await _cut(talk, "1", "tell me about the colours", "One is red. Two is")
        await say(talk, "2", "slower")
        await _cut(talk, "3", "go on", "Two is blue. Three")
        assert await say(talk, "4", "continue please") == "Three is green."
        assert len(model.prompts) == 1


async def test_what_was_said_is_said_again_in_parts() -> None:
    async with house(ScriptedModel("The capital is Paris. It has 2.1 million people.")) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "what is the capital of France")
        assert await say(talk, "2", "louder") == "All right, louder."
        assert await say(talk, "3", "repeat the last sentence") == "It has 2.1 million people."
        assert await say(talk, "4", "what did I say") == "You said: repeat the last sentence"
        assert await say(talk, "5", "spell that") == "Paris: capital P, a, r, i, s."
        assert (await say(talk, "6", "repeat your last answer")).startswith("The capital is Paris.")


async def test_words_are_spelt_letter_by_letter() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk(language="de"))
        spelt = "O'Neil-7: großes O, Apostroph, großes N, e, i, l, Bindestrich, 7."
        assert await say(talk, "1", "Buchstabiere O'Neil-7") == spelt


async def test_help_is_read_in_sections_and_more_goes_on() -> None:
    async with house() as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk())
        assert await say(talk, "1", "what can I say") == said("en", "help")
        assert await say(talk, "2", "more") == said("en", "help-talking")
        await say(talk, "3", "slower")
        assert await say(talk, "4", "next please") == said("en", "help-voice")
        assert await say(talk, "5", "help with memory") == said("en", "help-memory")
        assert await say(talk, "6", "more") == said("en", "help-over")


async def test_more_goes_on_with_what_the_desk_reads_out() -> None:
    desk = ScriptedDesk()
    async with house() as conversations:
        talk = conversations.of("t", SARAH, desk)
        await say(talk, "1", "read my last conversation")
        await say(talk, "2", "go on")
        await say(talk, "3", "previous")
    assert desk.asked == [Errand("read-conversation"), Errand("next"), Errand("previous")]


async def test_a_deed_is_told_before_its_words() -> None:
    desk = ScriptedDesk({"mute": Seen("I hear nothing now.", (Mute(),))}, language="es")
    async with house() as conversations:
        assert await pieces(conversations.of("t", SARAH, desk), "1", "apaga el micrófono") == [
            Mute(),
            "I hear nothing now.",
        ]
