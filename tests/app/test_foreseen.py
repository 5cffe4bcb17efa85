"""The answer is begun in a pause that may be the end: it is there when it was one, and unknown when it was not."""

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.events import BrowserCan, Chosen, StopPressed
from app.turn import SayingId
from app.turnstile import Turnstile
from graph.types import Account, SpeakingRate
from resilience.errors import EngineFailed
from tests.app.story import Story, story
from tests.fakes import LOUD, QUIET, Log, Room, ScriptedStt, ScriptedTts, Talker
from voice.settings import EndpointingSettings
from voice.tiers import Ability
from voice.turn_detection.detector import Together
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame, Reason, Transcript, Utterance

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

AUTOMATIC = EndpointingSettings(adapts=False)
PAUSE = 22
"""Frames of 10 ms that are a pause, and no end."""
QUESTION = "what is for lunch today"
ACCOUNT = Account("with-memory", "scripted", ())


async def speak(told: Story, loud: int, quiet: int) -> None:
    """As it comes from a microphone: a frame each 10 ms."""
    for pcm, count in ((LOUD, loud), (QUIET, quiet)):
        for _ in range(count):
            await told.ends.microphone.send(AudioFrame(pcm))
            await anyio.sleep(0.01)


async def test_when_it_was_the_end_the_answer_sounds_at_once() -> None:
    room, talker = Room(), Talker("It is noon.", ACCOUNT, delay=0.04)
    stt, tts = ScriptedStt(QUESTION, delay=0.01), ScriptedTts(delay=0.02)
    async with story(talker, room, stt=stt, tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=30)
        assert talker.asked == []
        assert (room.users, room.captions, room.frames) == ([], [], [])
        assert (told.log.kept, told.log.texts) == ({}, {})
        while not talker.asked:
            await speak(told, loud=0, quiet=1)
        now = anyio.current_time()
        while not room.frames:
            await anyio.sleep(0.001)
        assert anyio.current_time() - now < 0.005
        await anyio.sleep(1)
    assert room.captions == tts.said == ["It is noon."]
    assert (len(room.frames), len(stt.calls), len(talker.foreseen)) == (3, 1, 1)
    assert talker.asked == talker.foreseen == room.users
    assert talker.settled == [(talker.asked[0][0], "It is noon.", True)]
    assert [record["foreseen"] for record in told.log.records.values()] == [True]
    assert told.meters.fates == [True]


async def test_the_sentences_that_follow_come_in_their_order() -> None:
    room, talker, tts = Room(), Talker("One is here. ", "Two is ", "here. Three.", ACCOUNT, delay=0.06), ScriptedTts()
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=60)
        await anyio.sleep(1)
    assert room.captions == tts.said == ["One is here.", "Two is here.", "Three."]
    assert (len(talker.asked), len(room.frames)) == (1, 9)


async def test_who_goes_on_was_never_answered() -> None:
    room, talker, log = Room(), Talker("Ok.", ACCOUNT), Log()
    stt, tts = ScriptedStt("turn on", "turn on the light", "turn on the light now please"), ScriptedTts()
    async with story(talker, room, stt=stt, tts=tts, log=log, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        for _ in range(2):
            await speak(told, loud=50, quiet=PAUSE)
        await speak(told, loud=50, quiet=2)
        assert [text for _, text in talker.foreseen] == ["turn on the light"]
        assert talker.closed == 1
        assert (talker.asked, talker.settled, room.users, room.captions) == ([], [], [], [])
        assert (log.kept, log.texts, log.outcomes, log.records) == ({}, {}, {}, {})
        await speak(told, loud=0, quiet=100)
    assert [text for _, text in talker.asked] == [text for _, text in room.users] == ["turn on the light now please"]
    assert len(log.kept) == 1
    assert told.meters.fates == [False, True]


async def test_it_is_begun_in_the_lull_before_the_pause() -> None:
    talker, room = Talker("Ok.", ACCOUNT), Room()
    stt = ScriptedStt(QUESTION, "what time is it in rome")
    async with story(talker, room, stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=8)
        assert [text for _, text in talker.foreseen] == [QUESTION]
        await speak(told, loud=50, quiet=4)
        assert (talker.closed, told.meters.fates) == (1, [False])
        assert (talker.asked, room.users, told.log.kept) == ([], [], {})
        await speak(told, loud=0, quiet=60)
    assert [text for _, text in talker.asked] == ["what time is it in rome"]


async def test_words_that_sound_finished_and_a_voice_that_does_not_begin_it_for_a_moment_only() -> None:
    talker = Talker("Ok.", ACCOUNT, delay=0.5)
    detector = Together(Lexical("en"), Unfinished())
    async with story(talker, Room(), stt=ScriptedStt("i went home"), detector=detector, endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=19)
        assert (len(talker.foreseen), talker.closed) == (1, 0)
        await speak(told, loud=0, quiet=10)
        assert (talker.asked, talker.closed, told.meters.fates) == ([], 1, [False])
        await speak(told, loud=0, quiet=250)
    assert [text for _, text in talker.asked] == ["i went home"]


async def test_an_answer_is_neither_seen_nor_heard_before_what_was_said_is_on_disk() -> None:
    room, talker, log = Room(), Talker("Ok.", ACCOUNT), SlowDisk()
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), log=log, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=45)
        assert (len(talker.asked), log.kept) == (1, {})
        assert (room.users, room.captions, room.frames) == ([], [], [])
        await anyio.sleep(0.5)
        assert (len(log.kept), [text for _, text in room.users], room.captions) == (1, [QUESTION], ["Ok."])
        await anyio.sleep(0.5)
    assert [*log.texts.values()] == [QUESTION]
    assert [*log.outcomes.values()] == ["answered"]


async def test_a_typed_message_makes_it_void() -> None:
    room, talker = Room(), Talker("Ok.", ACCOUNT)
    async with story(talker, room, stt=ScriptedStt(QUESTION), detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=PAUSE)
        assert [text for _, text in talker.foreseen] == [QUESTION]
        await told.type("stop that")
        assert [text for _, text in talker.asked] == ["stop that"]
        await speak(told, loud=0, quiet=100)
        await anyio.sleep(1)
    assert [text for _, text in talker.asked] == ["stop that", f"stop that\n{QUESTION}"]
    assert told.meters.fates == [False]
    assert room.captions == ["Ok."]


async def test_a_wish_about_manner_is_only_granted_when_it_stands() -> None:
    talker, tts = Talker(SpeakingRate(0.5), "I will speak slower.", ACCOUNT), ScriptedTts()
    stt = ScriptedStt("speak slower", "speak slower or rather do not")
    async with story(talker, Room(), stt=stt, tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=PAUSE)
        assert len(talker.foreseen) == 1
        talker.pieces = ["As you like.", ACCOUNT]
        await speak(told, loud=50, quiet=260)
        assert tts.rates == [1.0]
        talker.pieces = [SpeakingRate(0.5), "I will speak slower.", ACCOUNT]
        stt.script = ["speak slower"]
        await speak(told, loud=50, quiet=60)
    assert tts.rates == [1.0, 0.5]
    assert told.meters.fates == [False, True]


async def test_whoever_leaves_in_the_pause_leaves_nothing_behind() -> None:
    talker, turnstile = Talker("Ok.", ACCOUNT, delay=0.5), Turnstile(1)
    async with story(
        talker, Room(), stt=ScriptedStt(QUESTION), turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=PAUSE)
        assert len(talker.foreseen) == 1
        assert turnstile.at_once() is None
    assert (talker.closed, talker.settled, told.log.outcomes) == (1, [], {})
    assert turnstile.at_once() is not None


async def test_a_model_that_hangs_holds_up_nobody_who_goes_on() -> None:
    talker, turnstile = Talker("Ok.", delay=1_000), Turnstile(1)
    stt = ScriptedStt(QUESTION, f"{QUESTION} in rome")
    async with story(
        talker, Room(), stt=stt, turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=PAUSE)
        talker.delay = 0
        await speak(told, loud=50, quiet=100)
    assert [text for _, text in talker.asked] == [f"{QUESTION} in rome"]
    assert [each[1] for each in talker.settled] == ["Ok."]


async def test_an_end_that_does_not_come_is_not_waited_for_for_ever() -> None:
    talker, turnstile = Talker("Ok.", ACCOUNT), Turnstile(1)
    async with story(
        talker, Room(), stt=ScriptedStt(QUESTION), turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=PAUSE)
        await anyio.sleep(60)
        place = turnstile.at_once()
        assert place is not None
        place.give_back()
        talker.foreseen.clear()
        await speak(told, loud=0, quiet=100)
    assert [each[1] for each in talker.settled] == ["Ok."]


async def test_only_who_may_pass_at_once_begins() -> None:
    talker, turnstile = Talker("Ok."), Turnstile(1)
    async with story(
        talker, Room(), stt=ScriptedStt(QUESTION), turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        busy = turnstile.at_once()
        await speak(told, loud=50, quiet=100)
        assert (talker.foreseen, talker.asked) == ([], [])
        assert busy is not None
        busy.give_back()
        await anyio.sleep(1)
    assert [each[1] for each in talker.settled] == ["Ok."]
    assert turnstile.waiting == 0


async def test_an_answer_that_was_begun_does_not_queue_again() -> None:
    room, talker, tts, turnstile = Room(), Talker("Ok.", delay=0.5), ScriptedTts(), Turnstile(1)
    async with story(
        talker,
        room,
        stt=ScriptedStt(QUESTION),
        tts=tts,
        turnstile=turnstile,
        detector=Lexical("en"),
        endpointing=AUTOMATIC,
    ) as told:
        await speak(told, loud=50, quiet=100)
    assert [each[1] for each in talker.settled] == ["Ok."]
    assert (room.details, tts.said) == ([], ["Ok."])
    assert turnstile.at_once() is not None


async def test_one_that_stands_has_all_the_time_it_needs() -> None:
    talker = Talker("Ok.", delay=30)
    async with story(talker, Room(), stt=ScriptedStt(QUESTION), detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=100)
        await anyio.sleep(40)
    assert [each[1] for each in talker.settled] == ["Ok."]
    assert len(talker.foreseen) == 1


async def test_words_that_are_made_out_too_late_are_not_answered_beforehand() -> None:
    talker, stt = Talker("Ok."), ScriptedStt(QUESTION, f"{QUESTION} in rome", delay=0.3)
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=PAUSE)
        await speak(told, loud=50, quiet=2)
        assert (len(stt.calls), talker.foreseen) == (1, [])


async def test_a_judgement_that_comes_after_the_end_begins_nothing() -> None:
    talker = Talker("Ok.")
    async with story(talker, Room(), stt=ScriptedStt(QUESTION), detector=SlowDetector(), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=100)
        await anyio.sleep(10)
    assert (talker.foreseen, len(talker.asked)) == ([], 1)


async def test_what_is_only_going_to_be_shown_is_not_spoken_beforehand() -> None:
    room, talker, tts = Room(), Talker("It is noon.", ACCOUNT), ScriptedTts()
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await told.happens(Chosen({"tier": "stt-only"}))
        await speak(told, loud=50, quiet=100)
    assert len(talker.foreseen) == 1
    assert (room.captions, tts.said) == (["It is noon."], [])


async def test_who_goes_silent_in_the_pause_hears_nothing_of_it() -> None:
    room, talker, tts = Room(), Talker("It is noon.", ACCOUNT), ScriptedTts()
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=PAUSE + 5)
        assert tts.said == ["It is noon."]
        await told.happens(BrowserCan(speaks=Ability(False, Reason("no-sound"))))
        await speak(told, loud=0, quiet=100)
    assert (room.captions, room.frames) == (["It is noon."], [])


@pytest.mark.parametrize("frames", [0, 1])
async def test_a_voice_that_fails_beforehand_is_asked_again(frames: int) -> None:
    room, talker = Room(), Talker("It is noon.", ACCOUNT)
    tts = ScriptedTts(fail=EngineFailed("tts", "out of breath"), fail_at=frames)
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), tts=tts, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=PAUSE + 5)
        tts.fail = None
        await speak(told, loud=0, quiet=100)
    assert (tts.said, len(room.frames)) == (["It is noon."] * 2, 3)


async def test_a_conversation_that_fails_beforehand_is_asked_again() -> None:
    talker = Talker("Ok.", ACCOUNT, fails=EngineFailed("checkpoints", "away"))
    async with story(talker, Room(), stt=ScriptedStt(QUESTION), detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=PAUSE + 5)
        talker.fails = None
        await speak(told, loud=0, quiet=100)
    assert [each[1] for each in talker.settled] == ["Ok."]
    assert told.meters.fates == [False]


async def test_a_stop_after_the_end_ends_it_as_any_answer() -> None:
    room, talker, turnstile = Room(seconds_per_frame=0.1), Talker("One. ", "Two.", ACCOUNT, delay=0.2), Turnstile(1)
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await speak(told, loud=50, quiet=40)
        assert len(talker.asked) == 1
        await told.happens(StopPressed())
        assert talker.closed == 1
        await anyio.sleep(1)
        assert turnstile.at_once() is not None
        assert room.captions == []
    assert talker.settled == [(talker.asked[0][0], "", False)]


async def test_nothing_is_begun_where_it_is_not_wanted() -> None:
    talker = Talker("Ok.")
    async with story(
        talker, Room(), stt=ScriptedStt(QUESTION), detector=Lexical("en"), endpointing=AUTOMATIC, foresees=False
    ) as told:
        await speak(told, loud=50, quiet=100)
    assert talker.foreseen == []
    assert [record["foreseen"] for record in told.log.records.values()] == [False]


async def test_nothing_is_begun_on_words_that_go_on() -> None:
    talker = Talker("Ok.")
    stt = ScriptedStt("i would like to go to the")
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await speak(told, loud=50, quiet=300)
    assert (talker.foreseen, len(talker.asked)) == ([], 1)


async def test_nothing_is_begun_while_a_reply_is_under_way() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One is said. Two is said.", ACCOUNT)
    async with story(
        talker, room, stt=ScriptedStt(QUESTION), tts=ScriptedTts(10), detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        await told.type("hello")
        await speak(told, loud=30, quiet=PAUSE)
        assert talker.foreseen == []
        await speak(told, loud=0, quiet=100)
    assert [text for _, text in talker.asked] == ["hello", QUESTION]


@given(
    st.lists(st.tuples(st.integers(25, 60), st.integers(1, 60)), min_size=1, max_size=5),
    st.sampled_from([0.0, 0.03, 0.2]),
    st.sampled_from([0.0, 0.05, 0.4]),
    st.sampled_from([0.0, 0.05]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_wherever_the_user_pauses_each_utterance_is_answered_once(
    speech: list[tuple[int, int]], hearing: float, thinking: float, voicing: float
) -> None:
    room, talker = Room(), Talker("Fine. ", "And you?", ACCOUNT, delay=thinking)
    stt, tts = Numbering(hearing), ScriptedTts(2, delay=voicing)
    turnstile = Turnstile(2)
    async with story(
        talker, room, stt=stt, tts=tts, turnstile=turnstile, detector=Lexical("en"), endpointing=AUTOMATIC
    ) as told:
        for loud, quiet in speech:
            await speak(told, loud, quiet)
        await speak(told, 0, 100)
        await anyio.sleep(5)
        log = told.log
        assert sorted(log.outcomes) == sorted(log.kept)
        last_said = talker.asked[-1][1].splitlines()[-1]
        assert last_said == [*log.texts.values()][-1]
        assert room.captions[-2:] == ["Fine.", "And you?"]
        assert talker.settled[-1][1:] == ("Fine. And you?", True)
        assert {turn for turn, _ in talker.asked} >= {turn for turn, *_ in talker.settled}
        assert len({turn for turn, *_ in talker.settled}) == len(talker.settled)
        assert sum(told.meters.fates) <= len(talker.asked)
        assert turnstile.at_once() is not None
        assert turnstile.at_once() is not None
    assert len(talker.asked) + told.meters.fates.count(False) == talker.closed


class SlowDisk(Log):
    async def recorded(self, saying: SayingId, utterance: Utterance) -> None:
        await anyio.sleep(0.3)
        await super().recorded(saying, utterance)

    async def understood(self, saying: SayingId, transcript: Transcript) -> None:
        assert saying in self.kept
        await anyio.sleep(0.3)
        assert saying not in self.outcomes
        await super().understood(saying, transcript)


class Unfinished:
    def by_words(self, text: str) -> None:
        """It only listens."""

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        return 0.02


class SlowDetector:
    def by_words(self, text: str) -> None:
        """It has to listen."""

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        await anyio.sleep(5)
        return 1.0


class Numbering(ScriptedStt):
    """Makes other words out of whatever is longer."""

    def __init__(self, delay: float) -> None:
        super().__init__("", delay=delay)

    async def transcribe(self, utterance: Utterance) -> Transcript:
        self.script = [f"what about {len(utterance.audio.pcm)}"]
        return await super().transcribe(utterance)
