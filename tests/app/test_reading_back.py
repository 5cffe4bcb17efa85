"""What was hardly made out is read back, and answered once: when the user has said that it is right."""

import anyio
import pytest

from app.manner import Manner
from app.own_manner import OwnManner
from app.reading_back import BOUNDS, judge
from app.turn import SayingId
from graph.wordings.plainly import PLAINLY
from tests.app.story import Story, story
from tests.fakes import Log, Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import BargeInSettings
from voice.types import Transcript

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

HARDLY = Transcript("turn on the light", "scripted", "en", 0.2)
HEARD = "I heard: “turn on the light”. Is that right?"


async def say(told: Story) -> None:
    await told.say()
    await anyio.sleep(2)


def settled(log: Log) -> list[str]:
    return [str(log.outcomes[each]) for each in log.kept]


async def test_it_is_not_answered_before_the_user_has_said_yes() -> None:
    room, log, talker = Room(), Log(), Talker("Done.")
    async with story(talker, room, log=log, stt=ScriptedStt(HARDLY, "Yes, please.")) as told:
        await say(told)
        assert (room.captions, room.users, talker.asked) == ([HEARD], [], [])
        await say(told)
    assert room.captions == [HEARD, "Done."]
    assert [text for _, text in room.users] == [text for _, text in talker.asked] == ["turn on the light"]
    assert settled(log) == ["answered", "no-words"]


async def test_after_a_no_its_recording_is_on_offer_and_its_words_are_gone() -> None:
    room, log, talker = Room(), Log(), Talker("Done.")
    async with story(talker, room, log=log, stt=ScriptedStt(HARDLY, "no", "turn off the light")) as told:
        await say(told)
        await say(told)
        [offer] = room.offers.values()
        assert (offer.text, offer.seconds is None) == ("", False)
        await say(told)
    assert room.captions == [HEARD, "Please say it again, or type it.", "Done."]
    assert [text for _, text in talker.asked] == ["turn off the light"]
    assert settled(log) == ["offered", "no-words", "answered"]


@pytest.mark.parametrize(
    ("said", "asked"), [("turn off the fan", "turn off the fan"), ("No, I said turn off the fan", "Turn off the fan")]
)
async def test_other_words_are_answered_instead(said: str, asked: str) -> None:
    log, talker = Log(), Talker("Done.")
    async with story(talker, Room(), log=log, stt=ScriptedStt(HARDLY, said)) as told:
        await say(told)
        await say(told)
    assert [text for _, text in talker.asked] == [asked]
    assert settled(log) == ["taken-up", "answered"]


async def test_yes_can_be_typed() -> None:
    talker = Talker("Done.")
    async with story(talker, Room(), stt=ScriptedStt(HARDLY)) as told:
        await say(told)
        await told.type("yes")
        await anyio.sleep(1)
    assert [text for _, text in talker.asked] == ["turn on the light"]


async def test_yes_may_be_said_into_the_question_which_is_not_asked_again() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("Done.")
    stt, tts = ScriptedStt(HARDLY, "yes"), ScriptedTts(frames=40)
    async with story(talker, room, stt=stt, tts=tts) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(20)
    assert room.captions == [HEARD, "Done."]
    assert len(talker.asked) == 1


@pytest.mark.parametrize("text", ["stop", "Wait.", "mm-hm"])
async def test_a_word_to_the_reply_is_never_read_back(text: str) -> None:
    room = Room()
    async with story(Talker("Done."), room, stt=ScriptedStt(Transcript(text, "scripted", "en", 0.1))) as told:
        await say(told)
    assert room.captions == ["Done."]


async def test_the_same_words_are_not_read_back_twice_in_a_row() -> None:
    room, talker = Room(), Talker("Done.")
    async with story(talker, room, stt=ScriptedStt(HARDLY, "no", HARDLY, HARDLY)) as told:
        for _ in range(3):
            await say(told)
    assert [text for _, text in talker.asked] == ["turn on the light"]


@pytest.mark.parametrize("confidence", [None, 0.4, 0.9])
async def test_what_was_made_out_well_or_nobody_knows_how_is_answered_at_once(confidence: float | None) -> None:
    room = Room()
    transcript = Transcript("turn on the light", "scripted", "en", confidence)
    async with story(Talker("Done."), room, stt=ScriptedStt(transcript)) as told:
        await say(told)
    assert room.captions == ["Done."]


async def test_whoever_does_not_want_it_is_not_asked() -> None:
    room = Room()
    manner = OwnManner(Manner(), {"reads_back": False})
    async with story(Talker("Done."), room, stt=ScriptedStt(HARDLY), manner=manner) as told:
        await say(told)
    assert room.captions == ["Done."]


async def test_it_is_asked_in_the_language_that_was_spoken() -> None:
    room, german = Room(), Transcript("mach das Licht an", "scripted", "de", 0.2, is_detected=True)
    async with story(Talker("Gut."), room, stt=ScriptedStt(german, "ja, genau")) as told:
        await say(told)
        await say(told)
    assert room.captions == ["Ich habe verstanden: „mach das Licht an“. Stimmt das?", "Gut."]


async def test_what_goes_on_with_an_open_turn_is_not_read_back() -> None:
    room, talker = Room(), Talker("Ok.", delay=3)
    async with story(talker, room, stt=ScriptedStt("please", HARDLY)) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(5)
    assert talker.asked[-1][1] == "please\nturn on the light"
    assert room.captions == ["Ok."]


async def test_a_reply_that_it_falls_into_ends_and_the_question_is_asked() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One. Two. Three.")
    async with story(talker, room, stt=ScriptedStt("hello", HARDLY, "yes"), tts=ScriptedTts(frames=10)) as told:
        await told.say()
        await anyio.sleep(1.5)
        await told.say()
        await anyio.sleep(3)
        await told.say()
        await anyio.sleep(5)
    assert HEARD in room.captions
    assert [text for _, text in talker.asked] == ["hello", "turn on the light"]


async def test_where_nothing_may_break_in_the_answer_to_the_question_is_heeded_afterwards() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("Done.")
    stt, tts = ScriptedStt(HARDLY, "yes"), ScriptedTts(frames=30)
    async with story(talker, room, stt=stt, tts=tts, barge_in=BargeInSettings(mode="off")) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(10)
    assert room.captions == [HEARD, "Done."]


async def test_a_session_that_ends_meanwhile_leaves_it_in_nobodys_hands() -> None:
    room, log = Room(), Log()
    async with story(Talker("Done."), room, log=log, stt=ScriptedStt(HARDLY)) as told:
        await say(told)
    [saying] = log.kept
    assert log.has_let_go
    assert (log.texts[SayingId(saying)], log.outcomes) == ("turn on the light", {})


async def test_the_recogniser_is_told_of_the_persons_own_words_and_of_plain_commands() -> None:
    stt, manner = ScriptedStt("hello"), OwnManner(Manner(), {"vocabulary": ["Siobhan", "metformin"]})
    async with story(Talker("Hi."), Room(), stt=stt, manner=manner) as told:
        await say(told)
        manner.choose(vocabulary=None)
        await say(told)
    assert [each.vocabulary for each in stt.calls] == [("Siobhan", "metformin"), ()]
    assert all(each.expected == PLAINLY for each in stt.calls)


# -- the built-in recogniser, whose confidence is another -----------------------------------------------------------

SPHINX = BOUNDS["pocketsphinx"]
NOT_SURE = Transcript("the fan on light turn", "pocketsphinx", "en", SPHINX.hopeless / 2)
AGAIN = "I did not catch that. Please say it again, or type it."


async def test_what_was_not_made_out_is_to_be_said_again_and_is_on_offer_with_what_words_there_are() -> None:
    room, log, talker = Room(), Log(), Talker("Done.")
    async with story(talker, room, log=log, stt=ScriptedStt(NOT_SURE, "turn on the light")) as told:
        await say(told)
        [offer] = room.offers.values()
        assert (offer.text, offer.reason) == (NOT_SURE.text, "I was not sure of the words.")
        await say(told)
    assert room.captions == [AGAIN, "Done."]
    assert [text for _, text in talker.asked] == ["turn on the light"]
    assert settled(log) == ["offered", "answered"]


async def test_nobody_is_asked_to_say_it_again_twice_in_a_row() -> None:
    room, talker = Room(), Talker("Done.")
    other = Transcript("fan light on", "pocketsphinx", "en", NOT_SURE.confidence)
    async with story(talker, room, stt=ScriptedStt(NOT_SURE, other, "yes", NOT_SURE)) as told:
        for _ in range(4):
            await say(told)
    assert room.captions == [AGAIN, "I heard: “fan light on”. Is that right?", "Done.", AGAIN]
    assert [text for _, text in talker.asked] == ["fan light on"]


@pytest.mark.parametrize(
    "text",
    ["delete this conversation", "start a new conversation", "mute the microphone", "forget that", "my name is Sarah"],
)
def test_what_changes_something_or_is_remembered_must_be_surer(text: str) -> None:
    unsure = Transcript(text, "pocketsphinx", "en", (SPHINX.doubtful + SPHINX.weighty) / 2)
    assert judge(unsure, "en") == "ask"


@pytest.mark.parametrize("text", ["repeat that", "slower please", "what is the capital of France"])
def test_what_changes_nothing_need_not_be(text: str) -> None:
    unsure = Transcript(text, "pocketsphinx", "en", (SPHINX.doubtful + SPHINX.weighty) / 2)
    assert judge(unsure, "en") == "answer"
