"""What a person chooses about talking takes effect at once, in all their sessions, and can be asked for by voice."""

import anyio
import pytest

from app.events import Chosen, PageCame
from app.manner import Manner, TurnEnding, usual
from app.own_manner import OwnManner
from app.turn import Turn
from graph.types import Directive, Loudness, Pitch, Prefers, SpeakingRate, TurnEnd, Waiting
from resilience.breaker import CircuitBreaker
from resilience.ladder import Ladder, Rung
from tests.app.story import Story, story
from tests.fakes import LOUD, QUIET, Room, ScriptedStt, ScriptedTts, Talker
from voice.ladders import TieredTextToSpeech
from voice.pauses import Pauses
from voice.settings import BargeInSettings, EndpointingSettings
from voice.tiers import Means, Tier
from voice.types import AudioFrame, Delivery, KnownVoice, Reason, TalkBegan, TalkEnded

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

FIXED = EndpointingSettings(adapts=False)
VOICES = (
    KnownVoice("espeak:en-us", "American English, a man", "en"),
    KnownVoice("espeak:en-us+f2", "American English, a woman", "en"),
)


async def frames(told: Story, pcm: bytes, seconds: float) -> None:
    for _ in range(round(100 * seconds)):
        await told.ends.microphone.send(AudioFrame(pcm))
    await anyio.sleep(0.01)


async def test_a_house_may_leave_it_to_everybody_to_start_voice() -> None:
    house = usual(EndpointingSettings(), BargeInSettings(), 1.0, hands_free=False)
    assert OwnManner(house).now.hands_free is False
    assert OwnManner(house, {"hands_free": True}).now.hands_free is True


async def test_more_patience_is_had_from_the_next_pause_on() -> None:
    talker = Talker("Hi.")
    async with story(talker, Room(), endpointing=FIXED) as told:
        await told.happens(Chosen({"patience": "very-patient"}))
        await frames(told, LOUD, 1)
        await frames(told, QUIET, 3)
        assert talker.asked == []
        await frames(told, QUIET, 1)
        assert len(talker.asked) == 1


async def test_who_holds_the_talk_button_may_pause_as_long_as_they_like_and_says_one_thing() -> None:
    room, talker, stt = Room(), Talker("Hi."), ScriptedStt("the whole of it")
    async with story(talker, room, stt=stt) as told:
        await told.happens(Chosen({"ending": "hold"}))
        await told.ends.microphone.send(TalkBegan())
        await frames(told, LOUD, 1)
        await frames(told, QUIET, 3)
        await frames(told, LOUD, 1)
        assert talker.asked == []
        await told.ends.microphone.send(TalkEnded())
        await anyio.sleep(1)
    assert [text for _, text in talker.asked] == ["the whole of it"]
    assert stt.calls[-1].audio.seconds == pytest.approx(5, abs=0.1)


async def test_without_the_talk_button_nothing_is_heard_of_who_has_one() -> None:
    room, talker = Room(), Talker("Hi.")
    async with story(talker, room, manner=OwnManner(Manner(ending="toggle"))) as told:
        await told.say()
        await anyio.sleep(5)
    assert talker.asked == []
    assert "hearing" not in room.states


async def test_what_was_begun_without_the_button_still_ends_by_itself() -> None:
    talker = Talker("Hi.")
    async with story(talker, Room()) as told:
        await frames(told, LOUD, 1)
        await told.happens(Chosen({"ending": "hold"}))
        await frames(told, QUIET, 1)
        await anyio.sleep(1)
    assert len(talker.asked) == 1


async def test_over_ends_the_turn_as_soon_as_it_is_chosen() -> None:
    talker, stt = Talker("Hi."), ScriptedStt("that is all, over")
    async with story(talker, Room(), stt=stt) as told:
        await told.happens(Chosen({"ending": "over"}))
        await told.say(quiet=60)
        await told.say(loud=0, quiet=10)
        await anyio.sleep(1)
    assert [text for _, text in talker.asked] == ["that is all"]


async def test_what_is_chosen_in_one_session_holds_and_is_shown_in_the_others() -> None:
    here, there, own = Room(), Room(), OwnManner(Manner())
    talker = Talker("Hi.")
    async with story(Talker("Hi."), here, manner=own) as one, story(talker, there, manner=own) as other:
        await one.happens(Chosen({"ending": "hold", "barge_in": "off"}))
        await anyio.sleep(0.1)
        assert here.manners[-1] == there.manners[-1] == Manner(ending="hold", barge_in="off")
        await other.say()
        await anyio.sleep(2)
    assert talker.asked == []


async def test_who_wants_no_sound_here_still_has_it_where_another_page_is_open() -> None:
    here, there, own = Room(), Room(), OwnManner(Manner())
    async with story(Talker("Hi."), here, manner=own) as one, story(Talker("Hi."), there, manner=own) as other:
        await one.happens(Chosen({"tier": "stt-only"}))
        await other.happens(PageCame(Means()))
        assert there.manners[-1].tier == "full"
        assert [tier.word for tier, _, _ in there.tiers] == ["full"]
    later = Room()
    async with story(Talker("Hi."), later, manner=own) as told:
        await told.happens(PageCame(Means()))
    assert [tier.word for tier, _, _ in later.tiers] == ["stt-only"]


async def test_a_page_that_comes_is_shown_what_was_chosen_before_and_answered_so() -> None:
    room, tts = Room(), ScriptedTts()
    manner = OwnManner(Manner(patience="unhurried"), {"tier": "stt-only", "volume": 0.5}, lost=True)
    async with story(Talker("Hi."), room, tts=tts, manner=manner) as told:
        await told.happens(PageCame(Means()))
        assert room.volume == 0.5  # also for what is no answer
        await told.happens(PageCame(Means()))
        await told.type("hello")
        await anyio.sleep(1)
    assert room.manners == 2 * [Manner(tier="stt-only", patience="unhurried", volume=0.5)]
    assert room.notices == [("warning", "manner-lost")]
    assert [(tier.word, change) for tier, _, change in room.tiers] == 2 * [("stt-only", None)]
    assert tts.said == []


async def test_the_pauses_of_one_session_are_known_in_the_next() -> None:
    pauses = Pauses()
    manner = OwnManner(Manner(), pauses=pauses)
    async with story(Talker("Hi."), Room(), manner=manner) as told:
        for _ in range(3):
            await frames(told, LOUD, 1)
            await frames(told, QUIET, 0.5)
        await frames(told, QUIET, 1)
    assert pauses.as_record() == pytest.approx([0.5, 0.5], abs=0.1)


async def test_patience_that_was_asked_for_by_voice_is_had_and_shown() -> None:
    room, own = Room(), OwnManner(Manner())
    async with story(Talker(Waiting(1), "All right."), room, manner=own) as told:
        await told.say()
        await anyio.sleep(1)
    assert own.now.patience == "unhurried"
    assert room.manners == [own.now]


async def test_who_goes_on_before_the_answer_was_heard_has_asked_once() -> None:
    room, own = Room(), OwnManner(Manner())
    talker = Talker(Waiting(1), SpeakingRate(1.2), "All right.", delay=0.3)
    async with story(talker, room, stt=ScriptedStt("be more", "patient"), manner=own) as told:
        await told.say()
        await anyio.sleep(0.7)
        assert own.now.patience == "unhurried"
        await told.say(quiet=150)
        await anyio.sleep(3)
    assert len(talker.asked) == 2
    assert own.now == Manner(patience="unhurried", rate=1.2)


async def test_the_most_patient_says_so_when_asked_for_more() -> None:
    room, own = Room(), OwnManner(Manner(), {"patience": "very-patient"})
    async with story(Talker(Waiting(1), "All right."), room, manner=own) as told:
        await told.say(quiet=400)
        await anyio.sleep(3)
    assert room.captions == ["All right.", "I wait as long as I can already."]


@pytest.mark.parametrize(
    ("ending", "until"),
    [("over", "you say: over"), ("hold", "you let go of the button"), ("toggle", "you press the button again")],
)
@pytest.mark.parametrize(
    ("wish", "patience"),
    [(Waiting(1), "unhurried"), (Waiting(-1), "brisk"), (Prefers("patience", "very-patient"), "very-patient")],
)
async def test_where_no_silence_ends_a_turn_who_asks_for_patience_hears_what_does(
    ending: TurnEnding, until: str, wish: Directive, patience: str
) -> None:
    room, own = Room(), OwnManner(Manner(ending=ending))
    async with story(Talker(wish, "All right."), room, manner=own) as told:
        await told.type("take your time")
        await anyio.sleep(1)
    assert own.now.patience == patience
    assert room.captions[-1] == f"That counts when your turns end by themselves again. Now I wait until {until}."


@pytest.mark.parametrize(
    ("chosen", "directive", "words"),
    [
        ({"rate": 3.0}, SpeakingRate(1.25), "I speak as fast as I can already."),
        ({"rate": 0.5}, SpeakingRate(0.8), "I speak as slowly as I can already."),
        ({"volume": 2.0}, Loudness(1.5), "I speak as loudly as I can already."),
        ({"volume": 0.1}, Loudness(0.5), "I speak as quietly as I can already."),
        ({"pitch": 2.0}, Pitch(1.2), "My voice is as high as I can make it already."),
        ({"pitch": 0.5}, Pitch(0.8), "My voice is as low as I can make it already."),
    ],
)
async def test_whoever_asks_for_more_than_there_is_is_told(
    chosen: dict[str, object], directive: Directive, words: str
) -> None:
    room, own = Room(), OwnManner(Manner(), chosen)
    async with story(Talker(directive, "All right."), room, manner=own) as told:
        await told.type("more of it")
        await anyio.sleep(3)
    assert own.chosen == chosen
    assert room.captions == ["All right.", words]


async def test_a_voice_that_was_asked_for_speaks_from_the_answer_on() -> None:
    tts, own = ScriptedTts(), OwnManner(Manner(), voices=lambda: VOICES)
    async with story(Talker(Prefers("voice", "the woman's voice"), "All right."), Room(), tts=tts, manner=own) as told:
        await told.type("use the woman's voice")
        await anyio.sleep(1)
    assert own.chosen == {"voice": "espeak:en-us+f2"}
    assert [each.voice for each in tts.deliveries] == ["espeak:en-us+f2"]


async def test_a_voice_that_is_not_there_is_owned_up_to_and_nothing_changes() -> None:
    room, own = Room(), OwnManner(Manner(), {"voice": "espeak:en-us"}, voices=lambda: VOICES)
    async with story(Talker(Prefers("voice", "Pavarotti"), "All right."), room, manner=own) as told:
        await told.type("use the voice Pavarotti")
        await anyio.sleep(1)
    assert own.chosen == {"voice": "espeak:en-us"}
    assert room.captions == ["All right.", "I have no voice that is called Pavarotti."]


def _lacks(wanted: Delivery) -> Reason | None:
    return Reason("no-voice-for", (("language", Reason(f"language-{wanted.language}")), ("name", "v0"), ("own", "-")))


async def test_what_the_voice_cannot_do_is_said_once_in_the_persons_language() -> None:
    room, own = Room(), OwnManner(Manner(), {"language": "es"})
    async with story(Talker("Hola."), room, manner=own, lacking=_lacks) as told:
        for _ in range(3):
            await told.type("hola")
            await anyio.sleep(1)
    assert room.captions == [
        "Hola.",
        "No tengo voz en español. Hablo con v0, hecha para hablar en -.",
        "Hola.",
        "Hola.",
    ]


async def test_pronunciations_are_added_and_taken_off_one_by_one() -> None:
    own = OwnManner(Manner(), {"pronunciations": {"Ystrad": "us-trad"}})
    more, less = (
        Prefers("pronunciations", {"siobhan": "shivawn"}, how="with"),
        Prefers("pronunciations", ("ystrad",), how="without"),
    )
    async with story(Talker(more, less, "All right."), Room(), manner=own) as told:
        await told.type("Siobhan is pronounced shivawn")
        await anyio.sleep(1)
    assert own.now.pronunciations == {"siobhan": "shivawn"}
    assert own.delivery.pronunciations == (("siobhan", "shivawn"),)


async def test_what_is_written_stands_on_the_screen_however_it_is_said() -> None:
    room, tts = Room(), ScriptedTts()
    voice = TieredTextToSpeech(Ladder("tts", [Rung("one", tts, CircuitBreaker("tts/one"), 10.0, 5.0)]))
    own = OwnManner(Manner(pronunciations={"siobhan": "shivawn"}))
    async with story(Talker("Ask Siobhan."), room, tts=voice, manner=own) as told:
        await told.type("whom shall I ask")
        await anyio.sleep(1)
    assert (room.captions, tts.said) == (["Ask Siobhan."], ["Ask shivawn."])


@pytest.mark.parametrize("wish", [Prefers("follow_up_seconds", 5000), Prefers("of_no_such_name", 1)])
async def test_a_wish_beyond_what_can_be_chosen_is_declined(wish: Prefers) -> None:
    room, own = Room(), OwnManner(Manner())
    async with story(Talker(wish, "All right."), room, manner=own) as told:
        await told.type("wait for ever")
        await anyio.sleep(1)
    assert own.chosen == {}
    assert room.captions == ["All right.", "That is more than I can do."]


async def test_back_to_normal_is_what_the_house_has_and_leaves_the_talk_button() -> None:
    own = OwnManner(Manner(patience="unhurried"), {"patience": "brisk", "ending": "hold", "rate": 2.0, "volume": 2.0})
    back = (SpeakingRate(1.0, relative=False), Loudness(1.0, relative=False), Waiting(relative=False))
    async with story(Talker(*back, TurnEnd("silence"), "Back."), Room(), manner=own) as told:
        await told.type("go back to normal")
        await anyio.sleep(1)
    assert own.now == Manner(patience="unhurried", ending="hold")


async def test_over_is_no_longer_waited_for_once_the_user_says_so() -> None:
    own = OwnManner(Manner())
    async with story(Talker(TurnEnd("over"), "All right."), Room(), manner=own) as told:
        await told.type("i'll say over")
        await anyio.sleep(1)
    assert own.chosen == {"ending": "over"}
    async with story(Talker(TurnEnd("silence"), "All right."), Room(), manner=own) as told:
        await told.type("i won't say over any more")
        await anyio.sleep(1)
    assert own.chosen == {"ending": "automatic"}


async def test_nothing_breaks_in_from_the_moment_that_is_chosen() -> None:
    room, talker = Room(seconds_per_frame=0.1), Talker("One. Two.")
    async with story(talker, room, tts=ScriptedTts(frames=20), barge_in=BargeInSettings(mode="on")) as told:
        await told.happens(Chosen({"barge_in": "off"}))
        await told.say()
        await anyio.sleep(1)
        await told.say()
        await anyio.sleep(1)
        assert "paused" not in room.log
        assert len(talker.asked) == 1
        await anyio.sleep(5)
    assert len(talker.asked) == 2


async def test_who_asks_to_be_written_to_hears_nothing_from_the_next_answer_on() -> None:
    room = Room()
    async with story(Talker(Prefers("tier", "stt-only"), "All right."), room) as told:
        await told.type("don't speak")
        await anyio.sleep(5)
        sounded = len(room.frames)
        await told.type("and now?")
        await anyio.sleep(5)
        assert room.tiers[-1][0] is Tier.STT_ONLY
        assert len(room.frames) == sounded


@pytest.mark.parametrize(
    ("directive", "field", "before", "after"),
    [
        (Prefers("earcons", 0.5, "times"), "earcons", 1.0, 0.5),
        (Prefers("earcons", 1.25, "times"), "earcons", 0.0, 0.125),
        (Prefers("vocabulary", ("Nguyen",), "with"), "vocabulary", ("Siobhan",), ("Siobhan", "Nguyen")),
        (Prefers("vocabulary", ("siobhan",), "without"), "vocabulary", ("Siobhan", "Emma"), ("Emma",)),
        (Prefers("pronunciations", {"Nguyen": "win"}, "with"), "pronunciations", {}, {"Nguyen": "win"}),
    ],
)
async def test_a_listing_grows_and_a_number_is_multiplied(
    directive: Prefers, field: str, before: object, after: object
) -> None:
    own = OwnManner(Manner(), {field: before})
    own.follow(Turn(), directive)
    assert getattr(own.now, field) == after
