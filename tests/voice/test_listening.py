from collections.abc import Iterator, Sequence
from itertools import pairwise

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import LOUD, QUIET, LoudnessVad
from voice.endpointing import Endpointer
from voice.listening import Ear, HeardEvent, listen
from voice.settings import EndpointingSettings
from voice.turn_detection.lexical import without_over
from voice.types import (
    AudioFrame,
    Lull,
    MicrophoneClosed,
    MicrophoneItem,
    Resumed,
    SoftEnd,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    TalkBegan,
    TalkEnded,
    Utterance,
)

pytestmark = pytest.mark.anyio
SETTINGS = EndpointingSettings(onset_seconds=0.1, shortest_seconds=0.2, lull_seconds=2, silence_seconds=0.5)


async def hear(
    *items: bytes | MicrophoneItem, settings: EndpointingSettings = SETTINGS, preroll_seconds: float = 0.3
) -> list[HeardEvent]:
    microphone, frames = anyio.create_memory_object_stream[MicrophoneItem](len(items))
    heard, events = anyio.create_memory_object_stream[HeardEvent](1000)
    for item in items:
        microphone.send_nowait(AudioFrame(item) if isinstance(item, bytes) else item)
    microphone.close()
    await listen(frames, heard, LoudnessVad(), Endpointer(settings), preroll_seconds=preroll_seconds)
    with events:
        return [event async for event in events]


def kinds(events: list[HeardEvent]) -> list[type]:
    return [type(event) for event in events if not isinstance(event, Speaking)]


def utterances(events: list[HeardEvent]) -> list[Utterance]:
    return [event for event in events if isinstance(event, Utterance)]


async def test_an_utterance_comes_whole_with_what_went_before_it() -> None:
    events = await hear(QUIET * 100, LOUD * 100, QUIET * 60)
    (utterance,) = utterances(events)
    pcm = utterance.audio.pcm
    assert pcm.count(LOUD) == 100
    assert pcm.index(b"\x40") // 2 == pytest.approx(0.2 * 16_000, abs=160)  # 0.3 s of pre-roll less the onset
    assert kinds(events) == [SpeechStarted, SoftEnd, Utterance]
    assert utterance.pause_seconds == pytest.approx(0.5)
    assert utterance.revision == 1


async def test_while_somebody_speaks_the_utterance_so_far_is_to_be_had() -> None:
    growing = [event.utterance for event in await hear(LOUD * 200, QUIET * 60) if isinstance(event, Speaking)]
    assert len(growing) >= 3
    assert len({each.started_at for each in growing}) == 1
    assert all(a.audio.pcm == b.audio.pcm[: len(a.audio.pcm)] for a, b in pairwise(growing))


async def test_an_utterance_says_how_much_of_it_the_ear_took_for_speech() -> None:
    events = await hear(QUIET * 100, LOUD * 80, QUIET * 30, LOUD * 40, QUIET * 60)
    (utterance,) = utterances(events)
    assert utterance.speech_seconds == pytest.approx(1.2)
    so_far = [each.utterance.speech_seconds for each in events if isinstance(each, Speaking | SoftEnd)]
    assert so_far == pytest.approx([0.6, 0.8, 0.8, 1.1, 1.2], abs=0.11)


async def test_of_what_was_pressed_for_nobody_judges_how_much_is_speech() -> None:
    (utterance,) = utterances(await hear(TalkBegan(), QUIET * 50, LOUD * 30, TalkEnded()))
    assert utterance.speech_seconds is None


async def test_a_closing_microphone_ends_the_utterance_and_a_new_one_begins_afresh() -> None:
    events = await hear(LOUD * 50, MicrophoneClosed(), LOUD * 50, MicrophoneClosed())
    first, second = utterances(events)
    assert first.audio.pcm == LOUD * 50
    assert second.audio.pcm == LOUD * 50


async def test_a_click_is_dropped() -> None:
    events = await hear(QUIET * 50, LOUD * 12, QUIET * 60)
    assert kinds(events) == [SpeechStarted, SpeechDropped]


async def test_a_closed_stream_in_mid_sentence_loses_nothing() -> None:
    (utterance,) = utterances(await hear(LOUD * 40 + LOUD[:100]))
    assert utterance.audio.pcm == LOUD * 40 + LOUD[:100]


async def test_what_was_dropped_goes_before_what_follows_at_once() -> None:
    click = QUIET * 50 + LOUD * 12 + QUIET * 50
    events = await hear(click + LOUD * 50 + QUIET * 60, preroll_seconds=0.9)
    assert kinds(events) == [SpeechStarted, SpeechDropped, SpeechStarted, SoftEnd, Utterance]
    (utterance,) = utterances(events)
    assert utterance.audio.pcm.count(LOUD) == 62


async def test_a_pause_hands_on_what_was_said_and_speech_takes_it_back() -> None:
    events = await hear(LOUD * 60, QUIET * 30, LOUD * 40, QUIET * 60)
    assert kinds(events) == [SpeechStarted, SoftEnd, Resumed, SoftEnd, Utterance]
    first, second = (event for event in events if isinstance(event, SoftEnd))
    (resumed,) = (event for event in events if isinstance(event, Resumed))
    (utterance,) = utterances(events)
    assert first.utterance.audio.pcm == LOUD * 60 + QUIET * 20
    assert second.utterance.audio.pcm == LOUD * 60 + QUIET * 30 + LOUD * 40 + QUIET * 20
    assert utterance.audio.pcm == second.utterance.audio.pcm + QUIET * 30
    assert (first.revision, resumed.revision, second.revision, utterance.revision) == (1, 1, 2, 2)


async def test_a_lull_hands_on_what_was_said_before_the_pause_does() -> None:
    events = await hear(LOUD * 60, QUIET * 60, settings=SETTINGS.model_copy(update={"lull_seconds": 0.06}))
    assert kinds(events) == [SpeechStarted, Lull, SoftEnd, Utterance]
    lull, soft_end = events[-3:-1]
    assert isinstance(lull, Lull)
    assert isinstance(soft_end, SoftEnd)
    assert lull.utterance.audio.pcm == LOUD * 60 + QUIET * 6
    assert lull.revision == soft_end.revision == utterances(events)[0].revision


async def test_speech_soon_after_the_end_says_so_and_nothing_between_is_lost() -> None:
    events = await hear(LOUD * 60 + QUIET * 65 + LOUD * 40 + QUIET * 200 + LOUD * 40)
    assert [event.reopens for event in events if isinstance(event, SpeechStarted)] == [False, True, False]
    first, second, _ = utterances(events)
    assert (first.audio.pcm + second.audio.pcm).startswith(LOUD * 60 + QUIET * 65 + LOUD * 40 + QUIET * 50)


async def test_pressed_to_talk_an_utterance_is_what_was_said_until_the_release() -> None:
    manual = SETTINGS.model_copy(update={"ending": "push-to-talk"})
    said = LOUD * 40 + QUIET * 200 + LOUD * 40 + LOUD[:100]
    events = await hear(LOUD * 30, TalkBegan(), said, TalkEnded(), LOUD[100:] + LOUD * 50, settings=manual)
    (utterance,) = utterances(events)
    assert utterance.audio.pcm == LOUD * 29 + said  # 0.3 s of pre-roll, the window of the press among them
    assert kinds(events) == [SpeechStarted, SoftEnd, Resumed, Utterance]


async def test_a_press_that_nobody_let_go_ends_with_the_microphone() -> None:
    manual = SETTINGS.model_copy(update={"ending": "push-to-talk"})
    events = await hear(TalkBegan(), LOUD * 40, MicrophoneClosed(), LOUD * 40, settings=manual)
    assert kinds(events) == [SpeechStarted, Utterance, MicrophoneClosed]


@pytest.mark.parametrize(("completion", "seconds"), [(1.0, 0.27), (None, 0.5), (0.0, 2.4)])
def test_who_listens_may_say_during_the_pause_how_long_to_wait(completion: float | None, seconds: float) -> None:
    endpointer = Endpointer(SETTINGS)
    for event in live([LOUD * 50, *[QUIET] * 300], endpointer):
        if isinstance(event, SoftEnd):
            endpointer.tell(event.revision, completion)
        if isinstance(event, Utterance):
            assert event.pause_seconds == pytest.approx(seconds, abs=0.02)
            return
    raise AssertionError("it never ended")


def test_by_word_of_mouth_a_turn_ends_at_over_and_at_no_other_pause() -> None:
    endpointer = Endpointer(SETTINGS.model_copy(update={"ending": "over"}))
    said = iter(["tell me a story", "tell me a story about a whale over"])
    ended = []
    for event in live([LOUD * 50, *[QUIET] * 300, LOUD * 50, *[QUIET] * 300], endpointer):
        if isinstance(event, SoftEnd) and without_over(next(said)) is not None:
            endpointer.finish(event.revision)
        if isinstance(event, Utterance):
            ended.append(event)
    (utterance,) = ended
    assert utterance.revision == 2
    assert utterance.audio.pcm.count(LOUD) == 100


def live(frames: Sequence[bytes], endpointer: Endpointer) -> Iterator[HeardEvent]:
    """Each frame is heard only when all that came of the one before has been seen."""
    ear = Ear(LoudnessVad(), endpointer, 0.3)
    for frame in frames:
        yield from ear.take(AudioFrame(frame))
    yield from ear.close()


STORY = QUIET * 40 + LOUD * 60 + QUIET * 20 + LOUD * 30 + QUIET * 70 + LOUD * 50 + QUIET * 60


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, len(STORY) // 2), max_size=40))
def test_any_chopping_of_the_same_audio_gives_the_same_events(cuts: list[int]) -> None:
    edges = sorted({0, *(2 * cut for cut in cuts), len(STORY)})
    pieces = [STORY[a:b] for a, b in pairwise(edges)]
    chopped = anyio.run(lambda: hear(*pieces), backend="trio")
    whole = anyio.run(lambda: hear(STORY), backend="trio")
    assert chopped == whole
    assert len(utterances(whole)) == 2


SAMPLES = 160
STRETCHES = st.lists(st.tuples(st.booleans(), st.integers(1, 90)), min_size=1, max_size=25)


@settings(max_examples=100, deadline=None)
@given(STRETCHES)
def test_no_speech_is_lost_or_doubled_whatever_the_pauses(stretches: list[tuple[bool, int]]) -> None:
    """Every window is numbered, so it is seen which of them was handed on, and how often."""
    number = 0
    pcm = b""
    loud_runs: list[range] = []
    for is_loud, length in stretches:
        pcm += b"".join(numbered(number + n, is_loud) for n in range(length))
        if is_loud and loud_runs and loud_runs[-1].stop == number:
            loud_runs[-1] = range(loud_runs[-1].start, number + length)
        elif is_loud:
            loud_runs.append(range(number, number + length))
        number += length
    ear = Ear(NumberedVad(), Endpointer(SETTINGS), 0.3)
    events = [*ear.take(AudioFrame(pcm)), *ear.close()]
    handed_on = [n for utterance in utterances(events) for n in numbers(utterance.audio.pcm)]
    assert handed_on == sorted(set(handed_on))  # in order, nothing twice
    for run in loud_runs:
        if len(run) * 0.01 >= SETTINGS.shortest_seconds:
            assert set(run) <= set(handed_on)
    for event, after in pairwise(each for each in events if not isinstance(each, Speaking)):
        if isinstance(event, SoftEnd):
            assert isinstance(after, Resumed | Utterance)
            so_far = event.utterance.audio.pcm
            (whole,) = (each for each in utterances(events) if each.started_at == event.utterance.started_at)
            assert whole.audio.pcm[: len(so_far)] == so_far
            if isinstance(after, Resumed):
                assert whole.revision != event.revision
            else:
                assert whole.revision in (event.revision, None)  # None: a last moment of speech came after it


def numbered(number: int, is_loud: bool) -> bytes:
    """A window of 10 ms that can be told from all others."""
    return (number + 1 if is_loud else -number - 1).to_bytes(2, "little", signed=True) * SAMPLES


def numbers(pcm: bytes) -> list[int]:
    firsts = (int.from_bytes(pcm[at : at + 2], "little", signed=True) for at in range(0, len(pcm), 2 * SAMPLES))
    return [abs(each) - 1 for each in firsts]


class NumberedVad(LoudnessVad):
    def probability(self, window: bytes) -> float:
        return float(int.from_bytes(window[:2], "little", signed=True) > 0)
