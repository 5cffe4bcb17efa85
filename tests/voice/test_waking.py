"""What a sleeping ear lets through, and what it keeps."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LOUD, QUIET, WORD, WORD_LASTS, LoudnessVad, MarkedWord
from voice.endpointing import Endpointer
from voice.listening import Ear, HeardEvent
from voice.settings import EndpointingSettings
from voice.types import (
    AudioFrame,
    Called,
    MicrophoneClosed,
    MicrophoneItem,
    SpeechDropped,
    SpeechStarted,
    TalkBegan,
    TalkEnded,
    Utterance,
)
from voice.wake.watch import DEAF_SECONDS, Watch
from voice.wake.words import Heeded, holds

SETTINGS = EndpointingSettings(onset_seconds=0.1, shortest_seconds=0.2, silence_seconds=0.5)
SECRET = b"\x55\x33" * 160  # loud, and like nothing else
CALL = [WORD] * WORD_LASTS
DEAF = [QUIET] * round(100 * DEAF_SECONDS)


class DeafVad(LoudnessVad):
    """In a room in which only we speak."""

    def probability(self, window: bytes) -> float:
        return 0.0


class Bed:
    """An ear that may sleep."""

    def __init__(self, late_seconds: float = 0.1, vad: LoudnessVad | None = None) -> None:
        self.vad = vad or LoudnessVad()
        self.word = MarkedWord(late_seconds)
        self.own_voice_says_it = False
        self.watch = Watch(lambda: self.own_voice_says_it)
        self.watch.heed(Heeded("okay-nabu", self.word, 0.5, late_seconds))
        self.ear = Ear(self.vad, Endpointer(SETTINGS), 0.3, self.watch)

    def hear(self, *items: bytes | MicrophoneItem) -> list[HeardEvent]:
        frames = (AudioFrame(item) if isinstance(item, bytes) else item for item in items)
        return [event for frame in frames for event in self.ear.take(frame)]

    def asleep(self) -> "Bed":
        self.watch.sleep()
        self.hear(*DEAF)
        return self


def said(events: Sequence[HeardEvent]) -> list[bytes]:
    return [event.audio.pcm for event in events if isinstance(event, Utterance)]


def kinds(events: Sequence[HeardEvent]) -> list[type]:
    return [type(event) for event in events]


def test_asleep_nothing_that_is_said_is_heard() -> None:
    bed = Bed().asleep()
    assert bed.hear(*[SECRET] * 300, *[QUIET] * 100) == []
    assert bed.vad.resets == 0  # it was not even asked
    assert bed.watch.asleep


@given(before=st.integers(0, 200), piece=st.sampled_from([1, 3, 17, 100]), late=st.integers(0, 20))
def test_of_what_was_said_before_the_word_not_a_byte_is_in_what_is_heard(before: int, piece: int, late: int) -> None:
    bed = Bed(late / 100).asleep()
    sound = SECRET * before + b"".join(CALL) + LOUD * 50 + QUIET * 80
    events = bed.hear(*(sound[at : at + 320 * piece] for at in range(0, len(sound), 320 * piece)))
    (heard,) = said(events)
    assert b"\x55" not in heard
    assert heard.count(LOUD) == 50
    assert WORD not in heard


def test_who_goes_on_in_one_breath_is_heard_from_the_first_syllable_on() -> None:
    bed = Bed(late_seconds=0.15).asleep()
    events = bed.hear(*CALL, *[LOUD] * 60, *[QUIET] * 80)
    assert kinds(events)[:2] == [Called, SpeechStarted]
    assert said(events)[0].startswith(LOUD * 60)


def test_a_word_that_is_noticed_before_its_end_is_waited_out() -> None:
    bed = Bed(late_seconds=-0.2)
    bed.word.late_seconds = 0.0
    bed.asleep()
    events = bed.hear(*CALL, *[SECRET] * 20, *[LOUD] * 60, *[QUIET] * 80)
    assert said(events)[0].startswith(LOUD * 60)


def test_who_pauses_after_the_word_says_nothing_with_it() -> None:
    events = Bed().asleep().hear(*CALL, *[QUIET] * 200)
    assert kinds(events) == [Called]


def test_what_is_being_said_when_it_falls_asleep_has_never_been() -> None:
    bed = Bed()
    bed.hear(*[QUIET] * 20, *[SECRET] * 100)
    bed.watch.sleep()
    assert SpeechDropped in kinds(bed.hear(QUIET))
    bed.hear(*DEAF)
    (heard,) = said(bed.hear(*CALL, *[LOUD] * 50, *[QUIET] * 80))
    assert b"\x55" not in heard


def test_nor_is_what_went_just_before_it() -> None:
    bed = Bed()
    bed.hear(*[QUIET] * 20, *[SECRET] * 5)  # too little to be speech
    bed.asleep()
    (heard,) = said(bed.hear(*CALL, *[LOUD] * 50, *[QUIET] * 80))
    assert b"\x55" not in heard


@pytest.mark.parametrize("end", [MicrophoneClosed(), TalkEnded()])
def test_nor_is_it_said_when_the_microphone_closes_or_the_button_goes_up(end: MicrophoneItem) -> None:
    bed = Bed()
    bed.hear(*[SECRET] * 100)
    bed.watch.sleep()
    assert said([*bed.hear(end), *bed.ear.close()]) == []


def test_the_talk_button_wakes() -> None:
    bed = Bed().asleep()
    bed.hear(*[SECRET] * 50)
    events = bed.hear(TalkBegan(), *[LOUD] * 50, TalkEnded())
    assert kinds(events)[0] is Called
    assert said(events)[0].count(LOUD) == 50
    assert b"\x55" not in said(events)[0]


def test_in_an_utterance_that_begins_with_it_the_word_is_left_out() -> None:
    events = Bed().hear(*CALL, *[LOUD] * 60, *[QUIET] * 80)
    assert Called in kinds(events)
    (heard,) = said(events)
    assert WORD not in heard
    assert heard.count(LOUD) == 60


def test_in_the_middle_of_an_utterance_it_is_a_word_like_others() -> None:
    events = Bed().hear(*[LOUD] * 200, *CALL, *[LOUD] * 60, *[QUIET] * 80)
    assert Called not in kinds(events)
    assert b"".join(CALL) in said(events)[0]


def test_awake_the_word_counts_only_in_what_the_ear_takes_for_speech() -> None:
    """The detector is deaf to our own voice, and what it does not hear calls nobody."""
    bed = Bed(vad=DeafVad())
    assert bed.hear(*CALL, *[QUIET] * 100) == []


def test_the_echo_of_our_own_voice_that_says_the_word_wakes_nobody() -> None:
    bed = Bed().asleep()
    bed.own_voice_says_it = True
    assert bed.hear(*CALL, *[QUIET] * 50) == []
    bed.watch.sleep()
    bed.own_voice_says_it = False
    assert bed.hear(*CALL, *[QUIET] * 50) == []  # it has just said how to wake it
    bed.hear(*DEAF)
    assert kinds(bed.hear(*CALL, *[QUIET] * 50)) == [Called]


def test_where_a_word_is_chosen_every_microphone_opens_asleep() -> None:
    bed = Bed()
    bed.watch.guards = True
    bed.hear(MicrophoneClosed())
    assert bed.watch.asleep


def test_nobody_listens_for_a_word_that_was_given_up() -> None:
    bed = Bed().asleep()
    bed.watch.heed(None)
    assert bed.hear(*CALL, *[LOUD] * 100, *[QUIET] * 80) == []


@pytest.mark.parametrize("text", ["Say Okay, Nabu.", "okay nabu", "“OKAY NABU!”"])
def test_a_text_is_known_to_hold_the_word(text: str) -> None:
    assert holds(text, "okay-nabu")
    assert not holds("okay, nabuco", "okay-nabu")
