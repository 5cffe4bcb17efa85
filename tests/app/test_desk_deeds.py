"""What is done at the user's word: when the answer was heard, once, and so that it can be taken back."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from app.events import Event, SleepAsked
from app.manner import Manner
from app.turn import Outcome, Turn
from graph.types import Errand, FallAsleep, Forget, GoTo, Loudness, Prefers, Rename, SpeakingRate, TurnId
from memory.notes import Struck
from memory.types import NewMemory, Source
from resilience.errors import EngineUnavailable
from tests.app.desks import ANNA, NOON, Asking, Office, an_office
from tests.app.story import Story, story
from tests.fakes import LOUD, QUIET, ScriptedStt, ScriptedTts
from voice.settings import EndpointingSettings
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame

pytestmark = pytest.mark.anyio

ROME = (("user", "Which flights to Rome are there in May?"), ("assistant", "There are three, on Mondays."))
ERRANDS: Mapping[str, Errand] = {
    "rename it": Errand("rename-conversation", "rome in may"),
    "rename it again": Errand("rename-conversation", "rome in june"),
    "find rome": Errand("search-conversations", "rome"),
    "open the first": Errand("open-conversation", "#1"),
    "delete rome": Errand("delete-conversation", "trip to rome"),
    "yes": Errand("delete-conversation", "trip to rome", confirmed=True),
    "delete this": Errand("delete-conversation"),
    "yes this": Errand("delete-conversation", confirmed=True),
    "close the microphone": Errand("mute"),
    "undo": Errand("undo"),
    "no i meant rome": Errand("meant", "what about rome"),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Office]:
    async with an_office(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def a_talk(office: Office, talk: Asking | None = None, *said: str, frames: int = 3) -> AsyncGenerator[Story]:
    talk = talk or Asking(office.desk, ERRANDS)
    stt, tts = ScriptedStt(*(said or ("hello",))), ScriptedTts(frames=frames)
    deeds = office.deeds(talk)
    async with story(talk, office.room, stt=stt, tts=tts, manner=office.manner, deeds=deeds, patience=20) as told:
        yield told


async def until(happens: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not happens():
            await anyio.sleep(0.01)


def said(office: Office) -> str:
    return " ".join(office.room.captions)


async def asked(told: Story, office: Office, *words: str) -> None:
    """One after the other, each answered and seen to."""
    for each in words:
        before = office.done.count
        await told.type(each)
        with anyio.fail_after(10):
            while office.done.count == before:
                await anyio.sleep(0.01)


async def test_nobody_is_taken_elsewhere_before_the_answer_was_heard(office: Office) -> None:
    rome = await office.add("Trip to Rome", *ROME)
    office.room.seconds_per_frame = 0.1
    async with a_talk(office) as told:
        await asked(told, office, "find rome")
        await told.type("open the first")
        await until(lambda: said(office).endswith("I open “Trip to Rome”."))
        assert office.room.went == []
        await until(lambda: bool(office.room.went))
    assert office.room.went == [rome]
    assert office.room.log.index("gone") > office.room.log.index("ended")


async def test_what_they_say_into_it_is_answered_before_they_are_taken_elsewhere(office: Office) -> None:
    rome = await office.add("Trip to Rome", *ROME)
    office.room.seconds_per_frame = 0.05
    talk = Asking(office.desk, ERRANDS)
    async with a_talk(office, talk, "what a day", frames=12) as told:
        await told.type("find rome")
        await until(lambda: len(office.room.frames) > 2)
        await told.type("open the first")
        await until(lambda: "I open" in said(office))
        await anyio.sleep(0.2)
        await told.say()
        await until(lambda: "Hm." in office.room.captions)
        assert office.room.went == []
        await until(lambda: bool(office.room.went))
    assert [text for _, text in talk.asked] == ["find rome", "open the first", "what a day"]
    assert office.room.went == [rome]


async def test_a_reply_that_falls_leaves_no_trace(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    talk = Asking(office.desk, {"rename it": ERRANDS["rename it"]})
    stt, room = ScriptedStt("rename it", "rename it or do not"), office.room
    endpointing = EndpointingSettings(adapts=False)
    async with story(
        talk, room, stt=stt, detector=Lexical("en"), endpointing=endpointing, deeds=office.deeds(talk), patience=20
    ) as told:
        for loud, quiet in ((50, 25), (50, 90)):
            for pcm, count in ((LOUD, loud), (QUIET, quiet)):
                for _ in range(count):
                    await told.ends.microphone.send(AudioFrame(pcm))
            await until(lambda: len(talk.asked) > 0)
        await until(lambda: bool(told.log.outcomes))
        await anyio.sleep(0.1)
    assert talk.asked[0][1] == "rename it"
    assert room.captions == ["Hm."]
    assert await office.titles() == ["Trip to Rome"]
    assert office.here.last is not None
    assert office.here.last.deeds == []


async def test_a_conversation_is_renamed_and_undo_gives_it_its_name_back(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    async with a_talk(office) as told:
        await asked(told, office, "rename it")
        assert (await office.titles(), office.room.titles) == (["Rome in may"], ["Rome in may"])
        await asked(told, office, "undo")
        assert (await office.titles(), office.room.titles[-1]) == (["Trip to Rome"], "Trip to Rome")
        await asked(told, office, "undo")
    assert said(office).endswith("I have taken that back already.")


async def test_only_the_last_turn_is_undone(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    async with a_talk(office) as told:
        await asked(told, office, "rename it", "rename it again", "undo")
        assert await office.titles() == ["Rome in may"]
        await asked(told, office, "rename it", "how are you", "undo")
    assert await office.titles() == ["Rome in may"]
    assert said(office).endswith("at your word is gone.")


async def test_a_deletion_is_done_after_yes_with_a_receipt(office: Office) -> None:
    rome = await office.add("Trip to Rome", *ROME)
    await office.add("Baking", ("user", "How long?"))
    async with a_talk(office) as told:
        await asked(told, office, "delete rome", "how are you", "delete rome")
        assert len(await office.titles()) == 2
        await asked(told, office, "yes")
        await until(lambda: "“Trip to Rome” is deleted for good, 2 messages" in said(office))
        await asked(told, office, "undo")
    assert await office.titles() == ["Baking"]
    assert office.erased == [rome]
    assert said(office).endswith("What was deleted is gone for good: that is why I asked.")
    assert office.room.went == []


async def test_this_conversation_is_deleted_and_a_new_one_begun(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    async with a_talk(office) as told:
        await asked(told, office, "delete this", "yes this")
        await until(lambda: bool(office.room.went))
    assert (await office.titles(), office.erased, office.room.went) == ([], [office.thread], [""])
    assert ("info", "deleted") in office.room.notices
    assert "is deleted for good" not in said(office)


async def test_whoever_breaks_into_a_deletion_keeps_the_conversation_and_is_told(office: Office) -> None:
    await office.add("Trip to Rome", *ROME)
    talk = Asking(office.desk, ERRANDS)
    async with a_talk(office, talk, "what a day", frames=12) as told:
        await asked(told, office, "delete rome")
        office.room.seconds_per_frame = 0.05
        await told.type("yes")
        await until(lambda: "I delete" in said(office))
        await anyio.sleep(0.2)
        await told.say()
        await until(lambda: "I have not deleted anything" in said(office))
    assert await office.titles() == ["Trip to Rome"]


async def test_what_cannot_be_done_is_said(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    async with a_talk(office) as told:
        office.room.seconds_per_frame = 0.1
        await told.type("rename it")
        await until(lambda: bool(office.room.captions))
        await office.history.close()
        await until(lambda: "I could not do that: " in said(office))
    assert "ask me again" in said(office)


async def test_who_speaks_on_is_not_fallen_asleep_on(office: Office) -> None:
    events: list[object] = []

    async def tell(event: object) -> None:
        events.append(event)

    ends: tuple[tuple[Outcome, bool], ...] = (("cut", False), ("cut", True), ("answered", False))
    for outcome, stopped in ends:
        await office.deeds().carry_out(Turn(deeds=[FallAsleep()], stopped=stopped), outcome, tell)
    assert events == 2 * [SleepAsked()]


async def test_the_microphone_is_closed_when_the_way_back_was_told(office: Office) -> None:
    async with a_talk(office) as told:
        await asked(told, office, "close the microphone")
    assert office.room.log.index("muted") > office.room.log.index("ended")


async def test_undo_takes_back_how_they_wanted_to_be_talked_to(office: Office) -> None:
    office.manner.choose(rate=1.5)
    talk = Asking(office.desk, ERRANDS, tells=(SpeakingRate(1.2), Loudness(1.25), Prefers("tier", "stt-only")))
    async with a_talk(office, talk) as told:
        await asked(told, office, "faster and louder, and in writing")
        assert office.manner.now == Manner(rate=office.manner.now.rate, volume=1.25, tier="stt-only")
        assert office.manner.now.rate == pytest.approx(1.8)
        assert office.room.tiers[-1][0].word == "stt-only"
        await asked(told, office, "undo")
        assert office.manner.now == Manner(rate=1.5)
    assert office.room.tiers[-1][0].word == "full"


async def test_undo_forgets_what_the_turn_told_and_knows_again_what_that_replaced(office: Office) -> None:
    await office.memory.remember(ANNA, [a_home("Paris", "long ago")])
    async with a_talk(office) as told:
        await asked(told, office, "i live in rome")
        assert office.here.last is not None
        await office.notebook.note(ANNA, [a_home("Rome", office.here.last.id, office.thread)])
        await until(lambda: office.memory.texts("anna") == ["The user lives in Rome."])
        await asked(told, office, "undo")
        assert said(office).endswith("All right, I forget that again: You live in Rome.")
        await until(lambda: office.memory.texts("anna") == ["The user lives in Paris."])


async def forgotten(told: Story, office: Office, gone: Forget) -> None:
    """By the graph, when the answer was heard."""
    await asked(told, office, "forget that")
    await office.notebook.strike(ANNA, Struck(gone.ids, turns=gone.turns, everything=gone.for_good))
    await until(lambda: office.memory.texts("anna") == [])


async def test_undo_knows_again_what_was_forgotten_with_all_that_it_had_replaced(office: Office) -> None:
    homes = [a_home(where, "long ago") for where in ("Paris", "Rome")]
    *_, rome = [(await office.memory.remember(ANNA, [each]))[0] for each in homes]
    before = [each.text for each in await office.memory.everything(ANNA, superseded=True)]
    gone = Forget((rome.text,), ids=(rome.id,))
    async with a_talk(office, Asking(office.desk, ERRANDS, tells=(gone,))) as told:
        await forgotten(told, office, gone)
        await office.notebook.pause(ANNA, paused=True)
        await asked(told, office, "undo")
        assert said(office).endswith("All right, I know that again: You live in Rome.")
        await until(lambda: office.memory.texts("anna") == [rome.text])
        assert [each.text for each in await office.memory.everything(ANNA, superseded=True)] == before
    await office.memory.remember(ANNA, [a_home("Berlin", "now")])
    assert office.memory.texts("anna") == ["The user lives in Berlin."]


async def test_undo_knows_again_what_was_forgotten_on_its_way_to_memory(office: Office) -> None:
    office.memory.fails = EngineUnavailable("memory", "locked")
    await office.notebook.note(ANNA, [a_home("Rome", "just now")])
    gone = Forget(("The user lives in Rome.",), turns=(Source("elsewhere", "just now"),))
    async with a_talk(office, Asking(office.desk, ERRANDS, tells=(gone,))) as told:
        await forgotten(told, office, gone)
        await asked(told, office, "undo")
        office.memory.fails = None
        await until(lambda: office.memory.texts("anna") == ["The user lives in Rome."])


async def test_what_was_forgotten_is_gone_once_something_else_was_said(office: Office) -> None:
    (rome,) = await office.memory.remember(ANNA, [a_home("Rome", "long ago")])
    gone = Forget((rome.text,), ids=(rome.id,))
    talk = Asking(office.desk, ERRANDS, tells=(gone,))
    async with a_talk(office, talk) as told:
        await forgotten(told, office, gone)
        talk.tells = ()
        await asked(told, office, "how are you", "undo")
        assert said(office).endswith("at your word is gone.")
    assert office.memory.texts("anna") == []
    assert office.here.last is not None
    assert office.here.last.previous is not None
    assert office.here.last.previous.previous is None


@pytest.mark.parametrize("for_good", [True, False])
async def test_what_was_forgotten_for_good_or_could_not_be_kept_is_said_to_be_gone(
    office: Office, *, for_good: bool
) -> None:
    (rome,) = await office.memory.remember(ANNA, [a_home("Rome", "long ago")])
    gone = Forget((rome.text,), ids=(rome.id,), for_good=for_good)
    async with a_talk(office, Asking(office.desk, ERRANDS, tells=(gone,))) as told:
        office.memory.fails = None if for_good else EngineUnavailable("memory", "locked")
        await asked(told, office, "forget that")
        office.memory.fails = None
        await asked(told, office, "undo")
        assert " gone" in said(office).rpartition("Hm.")[2]
    assert office.memory.texts("anna") == [rome.text]  # nobody asked the graph


async def test_a_turn_that_is_asked_again_does_what_its_last_answer_says(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    office.room.seconds_per_frame = 0.1
    async with a_talk(office) as told:
        await told.type("rename it")
        await until(lambda: "call" in said(office) or bool(office.room.captions))
        await asked(told, office, "or rather not")
    assert office.room.captions[-1] == "Hm."
    assert await office.titles() == ["Trip to Rome"]


async def test_who_was_taken_elsewhere_is_taken_back_by_undo(office: Office) -> None:
    rome = await office.add("Trip to Rome", *ROME)
    async with a_talk(office) as told:
        await asked(told, office, "find rome", "open the first")
        await until(lambda: bool(office.room.went))
    assert office.manner.came_from == office.thread
    office.here.last, office.here.came_from = None, rome
    seen = await office.ask("undo")
    assert (seen.text, seen.directives) == ("All right, back to “Trip to Rome”.", (GoTo(rome),))
    office.here.last, office.here.came_from = None, "deleted"
    assert "gone for good" in (await office.ask("undo")).text
    assert "nothing" in (await office.ask("undo")).text  # that turn is the last one now


async def test_what_was_meant_takes_the_place_of_what_was_understood(office: Office) -> None:
    talk = Asking(office.desk, ERRANDS, tells=(SpeakingRate(1.2),))
    async with a_talk(office, talk, "what about roam", "no i meant rome") as told:
        await told.say()
        await until(lambda: office.done.count == 1)
        assert office.manner.now.rate == 1.2
        await told.say()
        await until(lambda: office.done.count == 2)
    first, (second, said), (again, meant) = talk.asked
    assert (said, meant, again) == ("no i meant rome", "what about rome", second)
    assert talk.taken_back == office.room.withdrawn == [first[0]]
    assert office.room.users[-1] == (second, "what about rome")
    assert office.manner.now.rate == 1.2  # once, for what was meant
    assert told.log.records[second]["instead_of"] == first[0]
    assert [*told.log.outcomes.values()] == ["answered", "answered"]


async def test_undo_of_what_was_meant_is_undo_of_that(office: Office) -> None:
    talk = Asking(office.desk, ERRANDS, tells=(SpeakingRate(1.2),))
    async with a_talk(office, talk) as told:
        await asked(told, office, "what about roam", "no i meant rome", "undo")
    assert office.manner.now.rate == 1.0


async def test_a_deed_of_a_turn_that_was_taken_back_meanwhile_is_not_done(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, id_=office.thread)
    turn, told = Turn(deeds=[Rename(office.thread, "Roam"), GoTo("")], taken_back=True), list[object]()

    async def tell(event: object) -> None:
        told.append(event)

    await office.deeds().carry_out(turn, "cut", tell)
    assert (await office.titles(), office.room.went, told) == (["Trip to Rome"], [], [])


async def test_a_talk_with_searching_renaming_deleting_and_thinking_better_of_it(office: Office) -> None:
    await office.add("Trip to Rome", *ROME, days=1)
    await office.add("Here", ("user", "hello"), id_=office.thread)
    async with a_talk(office) as told:
        await asked(told, office, "find rome", "rename it", "delete rome", "how are you", "undo")
        assert sorted(await office.titles()) == ["Rome in may", "Trip to Rome"]
        await asked(told, office, "delete rome", "yes", "find rome", "rename it again", "undo")
    assert await office.titles() == ["Rome in may"]
    assert [*told.log.outcomes.values()] == 10 * ["answered"]


def a_home(where: str, turn: str, thread: str = "elsewhere") -> NewMemory:
    at = NOON - timedelta(days=1)
    return NewMemory(f"The user lives in {where}.", "fact", at, Source(thread, TurnId(turn)), "home")


async def test_who_asks_for_sleep_is_left_alone_unless_they_go_on_talking(office: Office) -> None:
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    outcomes: tuple[Outcome, ...] = ("cut", "silenced", "answered")
    for outcome in outcomes:
        await office.deeds().carry_out(Turn(deeds=[FallAsleep()]), outcome, tell)
    assert told == [SleepAsked()]
