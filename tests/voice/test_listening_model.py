"""Whatever is said, pressed, judged and closed: its sound is handed on once, in order, and none of it is missing."""

from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import LoudnessVad
from voice.endpointing import Endpointer
from voice.listening import Ear, HeardEvent
from voice.settings import EndpointingSettings
from voice.types import (
    SAMPLE_RATE,
    AudioFrame,
    Lull,
    MicrophoneClosed,
    Resumed,
    SoftEnd,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    TalkBegan,
    TalkEnded,
    Utterance,
)

SETTINGS = EndpointingSettings(onset_seconds=0.1, shortest_seconds=0.2, silence_seconds=0.5, longest_seconds=3)
PREROLL_SECONDS = 0.3
WINDOW = 160


class Sound(NamedTuple):
    """So many windows and samples."""

    is_loud: bool
    windows: int
    samples: int = 0


Step = Sound | Literal["press", "let go", "close", "finished", "unfinished", "over"]

STEPS = st.lists(
    st.one_of(
        st.builds(Sound, st.booleans(), st.integers(1, 70), st.integers(0, WINDOW - 1)),
        st.builds(Sound, st.booleans(), st.integers(1, 40), st.just(0)),
        st.sampled_from(["press", "let go", "close", "finished", "unfinished", "over"]),
    ),
    max_size=16,
)


class SignVad(LoudnessVad):
    """Samples above zero are speech."""

    def probability(self, window: bytes) -> float:
        return float(int.from_bytes(window[:2], "little", signed=True) > 0)


class Told:
    """What was said to the ear, every stretch of sound under a number of its own, and what the ear made of it."""

    def __init__(self, ending: str) -> None:
        self.endpointer = Endpointer(SETTINGS.model_copy(update={"ending": ending}))
        self.ear = Ear(SignVad(), self.endpointer, PREROLL_SECONDS)
        self.events: list[HeardEvent] = []
        self.lengths: dict[int, int] = {}
        self.owed: set[int] = set()
        """The stretches that must be handed on."""
        self._held: set[int] | None = None
        self._automatic = ending == "automatic"

    def tell(self, step: Step, chunk: int) -> None:
        match step:
            case Sound():
                self._sound(step, chunk)
            case "press":
                self.events += self.ear.take(TalkBegan())
                self._held = self._held or set()
            case "let go":
                self.events += self.ear.take(TalkEnded())
                self._let_go()
            case "close":
                self.events += self.ear.take(MicrophoneClosed())
                self._let_go()
            case "over":
                self.endpointer.finish(self.endpointer.revision)
            case "finished" | "unfinished":
                self.endpointer.tell(self.endpointer.revision, float(step == "finished"))

    def over(self) -> None:
        self.events += self.ear.close()
        self._let_go()

    def _sound(self, sound: Sound, chunk: int) -> None:
        number = len(self.lengths) + 1
        self.lengths[number] = length = WINDOW * sound.windows + sound.samples
        pcm = (number if sound.is_loud else -number).to_bytes(2, "little", signed=True) * length
        for at in range(0, len(pcm), 2 * chunk):
            self.events += self.ear.take(AudioFrame(pcm[at : at + 2 * chunk]))
        if self._held is not None:
            self._held.add(number)
        # less by two windows: it may begin and end in the middle of one
        elif (
            self._automatic and sound.is_loud and sound.windows - 2 >= SETTINGS.shortest_seconds * SAMPLE_RATE / WINDOW
        ):
            self.owed.add(number)

    def _let_go(self) -> None:
        held, self._held = self._held or set(), None
        if sum(self.lengths[each] for each in held) >= (SETTINGS.shortest_seconds * SAMPLE_RATE) + WINDOW:
            self.owed |= held


def told(steps: list[Step], ending: str, chunk: int) -> Told:
    story = Told(ending)
    for step in steps:
        story.tell(step, chunk)
    story.over()
    return story


def runs(pcm: bytes) -> list[tuple[int, int]]:
    """The stretches in it, and how many samples of each."""
    samples = np.abs(np.frombuffer(pcm, "<i2"))
    edges = [0, *np.flatnonzero(np.diff(samples)) + 1, len(samples)]
    return [(int(samples[begin]), int(end - begin)) for begin, end in pairwise(edges) if begin < end]


ENDINGS = st.sampled_from(["automatic", "push-to-talk", "over"])
CHUNKS = st.sampled_from([WINDOW, 61, 512, 4096])


@settings(max_examples=40, deadline=None)
@given(STEPS, ENDINGS, CHUNKS)
def test_what_was_said_or_pressed_for_is_handed_on_once_and_in_order(
    steps: list[Step], ending: str, chunk: int
) -> None:
    story = told(steps, ending, chunk)
    handed_on = [run for event in story.events if isinstance(event, Utterance) for run in runs(event.audio.pcm)]
    numbers = [number for number, _ in handed_on]
    assert numbers == sorted(numbers)
    for number in set(numbers) | story.owed:
        samples = sum(length for each, length in handed_on if each == number)
        assert samples <= story.lengths[number], "doubled"
        if number in story.owed:
            assert samples == story.lengths[number], "missing"


@settings(max_examples=40, deadline=None)
@given(STEPS, ENDINGS)
def test_each_utterance_begins_pauses_and_ends_in_order_and_is_never_too_long(steps: list[Step], ending: str) -> None:
    events = [each for each in told(steps, ending, 512).events if not isinstance(each, Speaking | MicrophoneClosed)]
    state = "silence"
    for event in events:
        kind = type(event)
        assert (kind, state) in FOLLOWS
        state = FOLLOWS[kind, state]
    assert state == "silence"
    for utterance in (each for each in events if isinstance(each, Utterance)):
        longest = SETTINGS.longest_seconds + PREROLL_SECONDS + SETTINGS.onset_seconds
        assert utterance.audio.seconds <= longest
        assert utterance.ended_at - utterance.started_at <= SETTINGS.longest_seconds + WINDOW / SAMPLE_RATE
    for before, after in pairwise(each for each in events if isinstance(each, Utterance)):
        assert before.ended_at <= after.started_at


FOLLOWS = {
    (SpeechStarted, "silence"): "speech",
    (Lull, "speech"): "lull",
    (Resumed, "lull"): "speech",
    (SoftEnd, "lull"): "pause",
    (Utterance, "lull"): "silence",
    (Resumed, "pause"): "speech",
    (SpeechDropped, "speech"): "silence",
    (Utterance, "speech"): "silence",
    (Utterance, "pause"): "silence",
}


@settings(max_examples=30, deadline=None)
@given(STEPS, ENDINGS, st.sampled_from([61, 161, 512, 4096]))
def test_the_length_of_a_chunk_changes_nothing(steps: list[Step], ending: str, chunk: int) -> None:
    for one, other in zip(told(steps, ending, chunk).events, told(steps, ending, WINDOW).events, strict=True):
        is_same = one == other  # what differs may be very long
        assert is_same
