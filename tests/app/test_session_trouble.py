"""Stories of one connected user to whom something goes wrong: nothing that they said is lost, and they are told."""

from typing import Any

import anyio
import pytest

from app.events import Chosen, OnOffer, StopPressed
from app.keeping import Keeping
from app.manner import Manner
from app.own_manner import OwnManner
from app.turn import SayingId, new_saying
from app.turnstile import Turnstile
from graph.types import Account, Fetched
from resilience.errors import EngineFailed
from tests.app.story import story
from tests.fakes import Log, Meters, Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import EndpointingSettings
from voice.tiers import Ability, Means, Tier
from voice.types import Reason, Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

DEAF = Means(hears=Ability(False, Reason("nothing-stt")))
MUTE = Means(speaks=Ability(False, Reason("nothing-tts")))


class Nobody:
    """The last rung of the ladder."""

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return Transcript("", engine="typed")


class Slow:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.was_on_disk: list[bool] = []

    async def transcribe(self, utterance: Utterance) -> Transcript:
        kept = [each for each in self.log.kept.values() if isinstance(each, Utterance)]
        self.was_on_disk.append(any(each.audio is utterance.audio for each in kept))
        await anyio.sleep(20)
        return Transcript("hello", engine="slow")


async def test_a_recording_is_on_disk_before_anybody_tries_to_understand_it() -> None:
    log = Log()
    slow = Slow(log)
    async with story(Talker("Hi."), Room(), stt=slow, log=log) as told:
        await told.say()
        await anyio.sleep(30)
    assert slow.was_on_disk == [True]
    assert list(log.outcomes.values()) == ["answered"]


async def test_what_nobody_could_understand_is_given_back_with_its_recording() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=Nobody()) as told:
        await told.say()
        await anyio.sleep(1)
    (offer,) = room.offers.values()
    assert offer.reason == "No speech recogniser was working."
    assert offer.seconds is not None
    assert offer.seconds > 0.5
    assert "kept the recording" in " ".join(room.captions)


async def test_what_was_given_back_is_answered_when_the_user_wants_it() -> None:
    room, stt = Room(), ScriptedStt(EngineFailed("x", "boom"), "what time is it")

    class Ladder:
        async def transcribe(self, utterance: Utterance) -> Transcript:
            try:
                return await stt.transcribe(utterance)
            except EngineFailed:
                return Transcript("", engine="typed")

    async with story(Talker("Noon."), room, stt=Ladder()) as told:
        await told.say()
        await anyio.sleep(1)
        (saying,) = room.offers
        await told.happens(OnOffer(saying, answer=True))
        await anyio.sleep(1)
        assert room.offers == {}
        assert [text for _, text in room.users] == ["what time is it"]
        assert room.captions[-1] == "Noon."
        assert sorted(told.log.outcomes.values()) == ["answered", "taken-up"]


async def test_what_is_tried_again_in_vain_is_given_back_again() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=ScriptedStt("")) as told:
        await told.say(loud=200)
        await anyio.sleep(0.3)
        (saying,) = room.offers
        await told.happens(OnOffer(saying, answer=True))  # while the assistant still says what became of it
        await anyio.sleep(3)
        assert len(room.offers) == 1
        assert saying not in room.offers


async def test_an_answer_that_nobody_saw_nor_will_gives_the_question_back() -> None:
    room = Room()
    async with story(Talker("Noon."), room) as told:
        room.keeps_replies = False
        await told.type("what time is it")
        await anyio.sleep(1)
        (offer,) = room.offers.values()
        assert offer.text == "what time is it"
        assert list(told.log.outcomes.values()) == ["offered"]


async def test_speech_without_words_that_breaks_in_is_given_back_when_the_answer_is_over() -> None:
    room = Room(seconds_per_frame=0.1, sentence_seconds=1.0)
    stt = ScriptedStt("one", "")
    async with story(Talker("One is said."), room, stt=stt, tts=ScriptedTts(frames=30)) as told:
        await told.say()
        await anyio.sleep(0.5)
        await told.say(loud=90)
        await anyio.sleep(10)
    assert room.captions[0] == "One is said."
    assert "no words" in room.captions[1]
    assert len(room.offers) == 1
    assert sorted(told.log.outcomes.values()) == ["answered", "offered"]


async def test_what_could_not_be_settled_is_settled_with_the_next_turn() -> None:
    log = Log()
    async with story(Talker("Hi."), Room(), log=log) as told:
        log.settling_fails = EngineFailed("turn log", "the disk is full")
        await told.type("hello")
        await anyio.sleep(1)
        assert log.outcomes == {}
        log.settling_fails = None
        await told.type("hello again")
        await anyio.sleep(1)
        assert list(log.outcomes.values()) == ["answered", "answered"]


async def test_what_could_not_be_kept_to_be_given_back_is_not_said_to_be_kept_and_offered_once_it_is() -> None:
    room, log = Room(), Log()
    async with story(Talker("Hi."), room, stt=Nobody(), log=log) as told:
        log.settling_fails = EngineFailed("turn log", "the disk is full")
        await told.say()
        await anyio.sleep(1)
        assert room.captions == ["No speech recogniser was working. Please say it again, or type it."]
        assert room.offers == {}
        log.settling_fails = None
        await told.type("hello")
        await anyio.sleep(1)
        assert len(room.offers) == 1


async def test_two_settlements_at_once_are_each_made_once_and_each_knows_of_its_own() -> None:
    room, meters = Room(), Meters()

    class Sluggish(Log):
        async def settle(self, *args: Any, **options: Any) -> int:
            await anyio.sleep(0.1)
            return await super().settle(*args, **options)

    log = Sluggish()
    keeping = Keeping(log, room, OwnManner(Manner()), meters.turn_settled)
    kept: dict[str, bool] = {}

    async def settle(saying: SayingId) -> None:
        kept[saying] = await keeping.settle([saying], "offered", reason="It failed.")

    sayings = [new_saying() for _ in range(3)]
    for each in sayings:
        await keeping.typed(each, "hello")
    async with anyio.create_task_group() as tasks:
        for each in sayings:
            tasks.start_soon(settle, each)
    assert kept == dict.fromkeys(sayings, True)
    assert set(room.offers) == set(sayings)


async def test_what_was_given_back_can_be_dismissed() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=Nobody()) as told:
        await told.say()
        await anyio.sleep(1)
        (saying,) = room.offers
        await told.happens(OnOffer(saying, answer=False))
        assert room.offers == {}
        assert told.log.outcomes[saying] == "dismissed"


async def test_an_answer_that_fails_gives_the_question_back() -> None:
    room = Room()
    async with story(Talker("Yes.", fails=EngineFailed("graph", "boom")), room) as told:
        await told.type("what time is it")
        await anyio.sleep(1)
    (offer,) = room.offers.values()
    assert offer.text == "what time is it"
    assert "kept your question" in " ".join(room.captions)
    assert room.states[-1] == "ready"


async def test_every_saying_is_settled_once_and_says_how() -> None:
    room = Room(seconds_per_frame=0.1, sentence_seconds=1.0)
    stt = ScriptedStt("one", "two", "mm-hm", "")
    async with story(Talker("One is said. Two is not."), room, stt=stt, tts=ScriptedTts(frames=10)) as told:
        await told.say()
        await anyio.sleep(1.35)
        await told.say()  # cuts the first
        await anyio.sleep(0.5)
        await told.say()  # mm-hm
        await anyio.sleep(5)
        await told.say(loud=30)  # no words
        await anyio.sleep(1)
        await told.type("stop me")
        await anyio.sleep(0.2)
        await told.happens(StopPressed())
        await anyio.sleep(1)
    assert list(told.log.outcomes.values()) == ["cut", "no-words", "answered", "no-words", "cut"]
    assert told.meters.outcomes == list(told.log.outcomes.values())


async def test_a_turn_that_the_user_stops_before_its_answer_was_silenced_by_them() -> None:
    room = Room()
    async with story(Talker("Hi.", delay=5), room) as told:
        await told.type("hello")
        await anyio.sleep(1)
        await told.happens(StopPressed())
        await anyio.sleep(1)
    assert list(told.log.outcomes.values()) == ["silenced"]
    assert room.offers == {}


async def test_a_turn_of_two_utterances_is_settled_with_both() -> None:
    async with story(Talker("Ok.", delay=1), Room(), stt=ScriptedStt("turn on", "the light")) as told:
        await told.say()
        await anyio.sleep(0.2)
        await told.say()
        await anyio.sleep(3)
    assert list(told.log.outcomes.values()) == ["answered", "answered"]


async def test_leaving_before_the_answer_leaves_the_turn_to_be_offered() -> None:
    async with story(Talker("Ok.", delay=9), Room()) as told:
        await told.type("hello")
        await anyio.sleep(1)
    assert told.log.outcomes == {}
    assert told.log.has_let_go


async def test_a_log_that_cannot_be_written_costs_a_word_and_no_turn() -> None:
    room = Room()
    async with story(Talker("Hi."), room, log=Log(full=EngineFailed("turn log", "the disk is full"))) as told:
        await told.type("hello")
        await told.say()
        await anyio.sleep(3)
    assert room.captions == ["Hi.", "Hi."]
    assert room.notices == [("warning", "turn-log")]


async def test_somebody_who_waits_is_told_that_work_goes_on() -> None:
    room, log = Room(), Log()
    async with story(Talker("Hi.", delay=12), room, stt=Slow(log), log=log) as told:
        await told.say()
        await anyio.sleep(2.4)
        assert room.details == ["still making out what you said"]
        await anyio.sleep(40)
    assert "still working on the answer; it takes longer than usual" in room.details
    assert told.meters.signs == [2.0]


async def test_somebody_who_broke_in_and_is_not_understood_yet_is_told_so() -> None:
    class SlowSecond:
        calls = 0

        async def transcribe(self, utterance: Utterance) -> Transcript:
            self.calls += 1
            await anyio.sleep(0 if self.calls == 1 else 15)
            return Transcript("" if self.calls > 1 else "talk", engine="slow")

    room = Room(seconds_per_frame=0.1)
    async with story(Talker("One. Two."), room, stt=SlowSecond(), tts=ScriptedTts(frames=30)) as told:
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(2.4)
        assert room.details == ["still making out what you said"]
        await anyio.sleep(40)
    assert room.log == ["paused", "resumed", "ended"]
    assert room.states[-1] == "ready"


async def test_a_stop_does_not_end_the_company_of_what_is_still_being_understood() -> None:
    room, log = Room(), Log()
    async with story(Talker("Hi."), room, stt=Slow(log), log=log) as told:
        await told.say()
        await told.happens(StopPressed())
        await anyio.sleep(2.4)
        assert room.details == ["still making out what you said"]


async def test_a_cough_while_the_answer_is_awaited_does_not_end_the_company() -> None:
    room = Room()
    async with story(Talker("Hi.", delay=9), room) as told:
        await told.type("hello")
        await anyio.sleep(0.5)
        await told.say(loud=12)
        await anyio.sleep(3)
        assert room.details == ["still working on the answer"]


async def test_a_quick_answer_needs_no_company() -> None:
    room = Room()
    async with story(Talker("Hi.", delay=0.5), room) as told:
        await told.say()
        await anyio.sleep(30)
    assert room.details == []
    assert told.meters.signs == [0.5]


async def test_a_lost_ear_is_shown_at_once_and_said_in_the_thread() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.type("hello")
        await anyio.sleep(1)
        await told.engines_are(DEAF)
        tier, why, change = room.tiers[-1]
        assert (tier, why) == (Tier.TTS_ONLY, "No speech recogniser is working.")
        assert change is not None
        assert not change.is_recovery
        await anyio.sleep(1)
        assert room.captions[-1] == "I cannot hear you just now, so please type."


async def test_a_recovery_is_announced_once_when_it_has_held() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.type("hello")
        await anyio.sleep(1)
        await told.engines_are(DEAF)
        for _ in range(3):  # it comes and goes
            await told.engines_are(Means())
            await anyio.sleep(1)
            await told.engines_are(DEAF)
            await anyio.sleep(1)
        assert len(room.tiers) == 1
        await told.engines_are(Means())
        await anyio.sleep(10)
    assert [tier for tier, _, _ in room.tiers] == [Tier.TTS_ONLY, Tier.FULL]
    assert room.captions[1:] == ["I cannot hear you just now, so please type.", "I can hear you again."]


async def test_on_an_empty_thread_the_page_is_told_and_nothing_is_said() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.engines_are(MUTE)
        await anyio.sleep(1)
    assert [tier for tier, _, _ in room.tiers] == [Tier.STT_ONLY]
    assert room.captions == []


async def test_news_waits_until_the_reply_is_over() -> None:
    room = Room(seconds_per_frame=0.1)
    async with story(Talker("One. Two."), room, tts=ScriptedTts(frames=10)) as told:
        await told.type("talk")
        await anyio.sleep(0.5)
        await told.engines_are(DEAF)
        await anyio.sleep(5)
    assert room.captions == ["One.", "Two.", "I cannot hear you just now, so please type."]


async def test_news_waits_while_the_user_speaks() -> None:
    room = Room()
    async with story(Talker("Hi."), room) as told:
        await told.type("hello")
        await anyio.sleep(1)
        await told.say(loud=20, quiet=0)
        await told.engines_are(MUTE)
        await anyio.sleep(5)
        assert room.captions == ["Hi."]
        await told.say(loud=20)
        await anyio.sleep(1)
    assert room.captions == ["Hi.", "Hi.", "I have lost my voice, so I answer in writing."]


async def test_a_way_to_talk_can_be_picked_and_left() -> None:
    room, tts = Room(), ScriptedTts()
    async with story(Talker("Hi."), room, tts=tts) as told:
        await told.happens(Chosen({"tier": "text"}))
        await told.type("hello")
        await anyio.sleep(1)
        assert tts.said == []
        await told.happens(Chosen({"tier": "full"}))
        await told.type("hello")
        await anyio.sleep(1)
    assert tts.said == ["Hi."]
    assert [manner.tier for manner in room.manners] == ["text", "full"]
    assert [tier for tier, _, _ in room.tiers] == [Tier.TEXT, Tier.FULL]
    assert room.captions == ["Hi.", "Hi."]


async def test_a_page_that_comes_is_shown_the_tier_the_choice_and_what_is_on_offer() -> None:
    room = Room()
    async with story(Talker("Hi."), room, stt=Nobody()) as told:
        await told.say()
        await anyio.sleep(1)
        room.offers.clear()  # another page, that knows nothing
        await told.page_comes()
    assert room.tiers[-1] == (Tier.FULL, "", None)
    assert [manner.tier for manner in room.manners] == ["full"]
    assert len(room.offers) == 1


async def test_a_late_turn_leaves_out_what_is_optional() -> None:
    talker, log = Talker("Hi."), Log()
    async with story(talker, Room(), stt=Slow(log), log=log) as told:
        await told.say()
        await anyio.sleep(30)
    assert talker.hurried == [True]
    assert told.meters.sheds == ["look-ahead"]
    (record,) = log.records.values()
    assert record["look_ahead"] is False


async def test_how_an_answer_came_about_is_kept_with_the_turn() -> None:
    log = Log()
    talker = Talker("Hi.", Account("without-memory", "tiny", ("memory:engine-timeout",)))
    async with story(talker, Room(), log=log) as told:
        await told.type("hello")
        await anyio.sleep(1)
    (record,) = log.records.values()
    assert record["level"] == "without-memory"
    assert record["model"] == "tiny"
    assert record["troubles"] == ("memory:engine-timeout",)
    assert record["tier"] == "full"
    assert record["heard"] == [("Hi.", 1.0)]


async def test_how_long_each_step_took_is_kept_with_the_turn() -> None:
    log, room = Log(), Room(seconds_per_frame=0.1)
    stt = ScriptedStt("hello", delay=0.5)
    tts = ScriptedTts(frames=10, delay=0.05)
    talker = Talker(Fetched(), "Hi", " there.", delay=0.25)
    async with story(talker, room, stt=stt, tts=tts, log=log) as told:
        await told.say()
        await anyio.sleep(5)
    (record,) = log.records.values()
    steps = {name: (began, ended) for name, began, ended in record["steps"]}
    assert told.meters.timed == [record["steps"]]
    assert [*steps] == ["pause", "hearing", "waiting", "fetching", "thinking", "phrasing", "voicing", "speaking"]
    pause = EndpointingSettings().silence_seconds
    assert steps["pause"] == (0.0, pause)
    assert steps["hearing"] == (pause, pytest.approx(pause + 0.5))
    for each in ("fetching", "thinking", "phrasing"):
        assert steps[each][1] - steps[each][0] == pytest.approx(0.25)
    assert steps["voicing"][1] - steps["voicing"][0] == pytest.approx(0.05)
    assert steps["speaking"][1] - steps["speaking"][0] >= 0.9
    assert record["stt"] == "scripted"


async def test_an_answer_begins_when_its_first_sample_is_heard_and_not_when_it_is_sent() -> None:
    log, room = Log(), Room(seconds_per_frame=0.1, way_seconds=0.15)
    async with story(Talker("Hi.", "And more."), room, tts=ScriptedTts(frames=10), log=log) as told:
        await anyio.sleep(7)
        await told.type("hello")
        await anyio.sleep(5)
    (record,) = log.records.values()
    steps = {name: ended - began for name, began, ended in record["steps"]}
    assert [*steps][-2:] == ["sending", "speaking"]
    assert steps["sending"] == pytest.approx(0.15)


async def test_an_answer_that_is_cut_before_its_end_tells_when_it_began_too() -> None:
    log, room = Log(), Room(seconds_per_frame=0.1, way_seconds=0.15)
    async with story(Talker("Hi there all."), room, tts=ScriptedTts(frames=50), log=log) as told:
        await told.type("hello")
        await anyio.sleep(1)
        await told.type("and another thing")
        await anyio.sleep(0.1)
    assert "sending" in [name for name, _, _ in next(iter(log.records.values()))["steps"]]


async def test_under_overload_the_newest_waits_and_is_told_so() -> None:
    turnstile = Turnstile(1)
    first, second = Room(), Room()
    async with story(Talker("One.", delay=5), first, turnstile=turnstile) as older:
        await anyio.sleep(1)
        async with story(Talker("Two.", delay=0.1), second, turnstile=turnstile) as newer:
            await older.type("hello")
            await anyio.sleep(0.1)
            await newer.type("hello")
            await anyio.sleep(0.1)
            assert second.details == ["others are being answered first, then you"]
            assert second.captions == []
            await anyio.sleep(10)
            assert first.captions == ["One."]
            assert second.captions == ["Two."]


async def test_the_older_session_goes_first() -> None:
    turnstile = Turnstile(1)
    order: list[str] = []

    async def pass_through(name: str, since: float) -> None:
        async def told_to_wait() -> None:
            pass

        async with turnstile.passage(since, told_to_wait):
            order.append(name)
            await anyio.sleep(1)

    async with anyio.create_task_group() as tasks:
        for name, since in (("in", 9.0), ("newest", 3.0), ("older", 2.0), ("oldest", 1.0)):
            tasks.start_soon(pass_through, name, since)
            await anyio.sleep(0.01)
    assert order == ["in", "oldest", "older", "newest"]
    assert turnstile.waiting == 0


async def test_one_who_gives_up_waiting_keeps_nobody_out() -> None:
    turnstile = Turnstile(1)

    async def told_to_wait() -> None:
        pass

    async with turnstile.passage(0, told_to_wait):
        with anyio.move_on_after(1):
            async with turnstile.passage(1, told_to_wait):
                raise AssertionError
    async with turnstile.passage(2, told_to_wait):
        assert turnstile.waiting == 0
