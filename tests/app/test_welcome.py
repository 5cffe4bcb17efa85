"""The first start: five questions, answered by voice, that can be passed over, gone back in and asked again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest

from app.events import Mention
from app.manner import Manner
from app.own_manner import OwnManner
from app.welcome.asking import SECTION, Welcome
from app.welcome.words import QUESTIONS, Move, _wordings, move_of
from graph.strings import LANGUAGES, said
from graph.types import Account, Directive, FallAsleep, GoTo, Language, Mute, Quiet
from graph.words import bare
from tests.app.story import Story, story
from tests.fakes import Room, ScriptedStt, Talker
from tests.made.speech import speech
from voice.turn_detection.lexical import Lexical
from voice.types import KnownVoice

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

VOICES = (KnownVoice("espeak:en-us+f2", "American woman", "en"), KnownVoice("espeak:en-gb", "British man", "en"))


@asynccontextmanager
async def welcomed(own: OwnManner, talker: Talker, room: Room, hears: str = "louder") -> AsyncGenerator[Story]:
    """The first question has been asked."""
    welcome = Welcome(talker, own)
    async with story(welcome, room, manner=own, stt=ScriptedStt(hears), detector=Lexical("en")) as told:
        await told.happens(Mention(welcome.begins()))
        await anyio.sleep(5)
        yield told


def text(key: str) -> str:
    return said("en", key, SECTION)


def told_last(room: Room, *keys: str) -> bool:
    """Whether the last of what was said are these texts of the first start, whole."""
    return " ".join(room.captions).endswith(" ".join(text(each) for each in keys))


async def answer(told: Story, text: str) -> None:
    await told.type(text)
    await anyio.sleep(5)


async def test_five_answers_set_up_how_they_talk_and_it_does_not_begin_again() -> None:
    own, room, talker = OwnManner(Manner(), voices=lambda: VOICES), Room(), Talker("Hi.")
    async with welcomed(own, talker, room) as told:
        for words in ("louder", "it's fine", "slower", "yes", "another voice", "Fine!", "I'll say over", "Okay Nabu."):
            await answer(told, words)
    assert own.now == Manner(
        volume=1.25,
        rate=1 / 1.2,
        voice="espeak:en-us+f2",
        ending="over",
        wake_word="okay-nabu",
        welcomed=True,
        greeted=1,
    )
    assert talker.asked == []
    assert room.captions[0] == f"{text('hello')} {text('sound')}"
    assert text("done") in " ".join(room.captions)


async def test_what_answers_no_question_is_answered_as_ever_and_the_question_asked_again() -> None:
    own, room, talker = OwnManner(Manner()), Room(), Talker("It is noon.", Account("with-memory", "", ()))
    async with welcomed(own, talker, room) as told:
        await answer(told, "what time is it")
        assert [text for _, text in talker.asked] == ["what time is it"]
        assert "It is noon." in room.captions
        assert told_last(room, "back", "sound")
        await answer(told, "quieter")
    assert own.now.volume == pytest.approx(0.8)
    assert len(talker.settled) == 1


async def test_all_of_it_can_be_passed_over_and_asked_for_again() -> None:
    own, room, talker = OwnManner(Manner()), Room(), Talker("Hi.", Account("with-memory", "", ()))
    async with welcomed(own, talker, room) as told:
        await answer(told, "skip it all")
        assert own.now == Manner(welcomed=True, greeted=1)
        await answer(told, "louder")
        assert len(talker.asked) == 1
        await answer(told, "set me up again")
        assert told_last(room, "sound")
        await answer(told, "skip")
        await answer(told, "go back")
        assert told_last(room, "sound")


async def test_a_question_that_is_not_to_be_answered_is_passed_and_what_was_chosen_stays_as_it_was() -> None:
    own, room = OwnManner(Manner()), Room()
    async with welcomed(own, Talker("Hi."), room) as told:
        for _ in QUESTIONS:
            await answer(told, "skip this question")
    assert own.now == Manner(welcomed=True, greeted=1)


async def test_who_goes_on_before_they_are_answered_answers_one_question() -> None:
    own, room = OwnManner(Manner()), Room()
    async with welcomed(own, Talker("Hi."), room) as told:
        await told.type("slower")
        await told.type("fine")
        await anyio.sleep(5)
    assert told_last(room, "speed")
    assert own.now == Manner(greeted=1)


async def test_an_answer_given_by_voice_is_begun_in_the_pause_and_counts_once() -> None:
    own, room = OwnManner(Manner()), Room()
    async with welcomed(own, Talker("Hi."), room) as told:
        await told.say()
        await anyio.sleep(5)
    assert own.now.volume == pytest.approx(1.25)
    assert told_last(room, "changed", "sound")


async def test_who_goes_on_about_other_things_is_told_how_to_come_back_and_left_alone() -> None:
    own, room, talker = OwnManner(Manner()), Room(), Talker("It is noon.", Account("with-memory", "", ()))
    async with welcomed(own, talker, room) as told:
        await answer(told, "what time is it")
        assert told_last(room, "back", "sound")
        await answer(told, "and now")
        assert told_last(room, "aside")
        await answer(told, "louder")
        assert room.captions[-1] == "It is noon."
        assert [said for _, said in talker.asked] == ["what time is it", "and now", "louder"]
        await answer(told, "set me up")
        assert told_last(room, "sound")


async def test_each_question_is_asked_once_more_and_may_be_answered_late() -> None:
    own, room = OwnManner(Manner()), Room()
    async with welcomed(own, Talker("It is noon.", Account("with-memory", "", ())), room) as told:
        for words, at in (("louder", "sound"), ("fine", "speed"), ("faster", "speed"), ("fine", "voice")):
            await answer(told, "what time is it")
            assert "It is noon." in room.captions
            await answer(told, words)
            assert told_last(room, at)
    assert (own.now.volume, own.now.rate) == (1.25, 1.2)


async def test_a_turn_that_is_asked_again_is_about_something_else_once() -> None:
    own, room = OwnManner(Manner()), Room(seconds_per_frame=0.3)
    talker = Talker("It is noon.", Account("with-memory", "", ()), delay=0.1)
    async with welcomed(own, talker, room) as told:
        await told.type("what time")
        await anyio.sleep(0.25)  # the reminder is on its way, and nothing was heard yet
        await answer(told, "is it")
        assert [said for _, said in talker.asked] == ["what time", "what time\nis it"]
        assert told_last(room, "back", "sound")


async def test_a_turn_that_is_foreseen_is_about_something_else_once() -> None:
    own, room, talker = OwnManner(Manner()), Room(), Talker("It is noon.", Account("with-memory", "", ()))
    async with welcomed(own, talker, room, hears="what time is it") as told:
        for keys in (("back", "sound"), ("aside",)):
            await told.say()
            await anyio.sleep(5)
            assert told_last(room, *keys)
    assert len(talker.foreseen) == 2


async def test_who_answers_into_the_question_answers_that_one() -> None:
    own, room = OwnManner(Manner()), Room(seconds_per_frame=0.1)
    async with welcomed(own, Talker("Hi."), room) as told:
        await told.type("fine")
        while room.captions[-1] != "Good." or len(room.frames) < 1:
            await anyio.sleep(0.01)
        await anyio.sleep(0.2)
        await answer(told, "slower")
    assert own.now.rate == pytest.approx(1 / 1.2)


async def test_what_an_answer_asks_comes_before_what_we_asked() -> None:
    own, room, talker = OwnManner(Manner()), Room(), Talker("Shall I?", Account("with-memory", "", ()))
    async with welcomed(own, talker, room) as told:
        await answer(told, "delete this conversation")
        await answer(told, "yes")
    assert [said for _, said in talker.asked] == ["delete this conversation", "yes"]
    assert room.captions[-2:] == ["Shall I?", "Shall I?"]


async def test_who_wants_to_read_is_not_asked_how_they_like_what_they_hear() -> None:
    own, room = OwnManner(Manner(tier="stt-only")), Room()
    async with story(Welcome(Talker("Hi."), own), room, manner=own) as told:
        await answer(told, "set me up")
        assert told_last(room, "patience")
        await answer(told, "go back")
        assert told_last(room, "patience")


@pytest.mark.parametrize("leaves", [Quiet(), GoTo(""), Mute(), FallAsleep()])
async def test_who_turns_away_is_asked_nothing(leaves: Directive) -> None:
    own, room = OwnManner(Manner()), Room()
    async with welcomed(own, Talker("Hm.", leaves, Account("with-memory", "", ())), room) as told:
        await answer(told, "that will do")
    assert room.captions[-1] == "Hm."


async def test_it_begins_by_itself_on_two_visits_and_once_on_each() -> None:
    own = OwnManner(Manner())
    visits = [Welcome(Talker("Hi."), own) for _ in range(3)]
    begun = [(bool(each.begins()), bool(each.begins())) for each in visits]
    assert begun == [(True, False), (True, False), (False, False)]


async def test_who_was_welcomed_before_is_not_asked() -> None:
    welcome = Welcome(Talker("Hi."), OwnManner(Manner(welcomed=True)))
    assert welcome.begins() == ""


SAID: list[tuple[Language, str, str, Move | None]] = [
    ("en", "sound", "a little louder please", "more"),
    ("en", "sound", "That's loud enough, thank you", "fine"),
    ("en", "sound", "tell me about loud music", None),
    ("en", "sound", "No.", "more"),
    ("en", "speed", "No.", "again"),
    ("en", "waking", "hey jarvis", "hey-jarvis"),
    ("en", "waking", "only with a wake word", "okay-nabu"),
    ("en", "patience", "I will say when I'm done", "over"),
    ("de", "sound", "etwas lauter bitte", "more"),
    ("de", "sound", "Nein.", "more"),
    ("de", "speed", "das ist gut so", "fine"),
    ("de", "patience", "sehr geduldig", "very-patient"),
    ("de", "", "richte mich ein", "begin"),
    ("fr", "sound", "un peu plus fort", "more"),
    ("fr", "patience", "non", "again"),
    ("fr", "voice", "une autre voix", "another"),
    ("fr", "waking", "toujours", "always"),
    ("fr", "patience", "passe tout", "leave"),
    ("es", "speed", "un poco más lento", "less"),
    ("es", "sound", "no", "more"),
    ("es", "sound", "está bien así", "fine"),
    ("es", "waking", "siempre", "always"),
    ("es", "speed", "skip this question", "pass"),
]


@pytest.mark.parametrize(("language", "question", "text", "move"), SAID)
def test_answers_are_understood_in_each_language(
    language: Language, question: str, text: str, move: Move | None
) -> None:
    assert move_of(bare(text), question, (language, "en")) == move


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_can_be_answered_and_left_in_each_language(language: Language) -> None:
    wordings = _wordings(language)
    assert wordings.keys() == _wordings("en").keys()
    for question, each in wordings.items():
        assert [move for move, _ in each] == [move for move, _ in _wordings("en")[question]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_it_with_its_answers_takes_less_than_two_minutes(language: Language) -> None:
    texts = ["hello", *(f"good {each}" for each in QUESTIONS), "done"]
    spoken = " ".join(said(language, key, SECTION) for each in texts for key in each.split())
    seconds = len(speech(spoken, language)) / 32_000
    assert seconds + 5 * len(QUESTIONS) < 120  # five seconds to think and to answer
