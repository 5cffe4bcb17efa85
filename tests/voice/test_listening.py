from itertools import pairwise

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import LOUD, QUIET, LoudnessVad
from voice.endpointing import Endpointer
from voice.listening import HeardEvent, listen
from voice.settings import EndpointingSettings
from voice.types import AudioFrame, MicrophoneClosed, Speaking, SpeechDropped, SpeechStarted, Utterance

pytestmark = pytest.mark.anyio
SETTINGS = EndpointingSettings(onset_seconds=0.1, shortest_seconds=0.2, silence_seconds=0.5)


async def hear(*items: bytes | MicrophoneClosed) -> list[HeardEvent]:
    microphone, frames = anyio.create_memory_object_stream[AudioFrame | MicrophoneClosed](len(items))
    heard, events = anyio.create_memory_object_stream[HeardEvent](1000)
    for item in items:
        microphone.send_nowait(AudioFrame(item) if isinstance(item, bytes) else item)
    microphone.close()
    await listen(frames, heard, LoudnessVad(), Endpointer(SETTINGS), preroll_seconds=0.3)
    with events:
        return [event async for event in events]


def utterances(events: list[HeardEvent]) -> list[Utterance]:
    return [event for event in events if isinstance(event, Utterance)]


async def test_an_utterance_comes_whole_with_what_went_before_it() -> None:
    events = await hear(QUIET * 100, LOUD * 100, QUIET * 60)
    (utterance,) = utterances(events)
    pcm = utterance.audio.pcm
    assert pcm.count(LOUD) == 100
    assert pcm.index(b"\x40") // 2 == pytest.approx(0.2 * 16_000, abs=160)  # 0.3 s of pre-roll less the onset
    assert [type(event) for event in events if not isinstance(event, Speaking)] == [SpeechStarted, Utterance]


async def test_while_somebody_speaks_the_utterance_so_far_is_to_be_had() -> None:
    growing = [event.utterance for event in await hear(LOUD * 200, QUIET * 60) if isinstance(event, Speaking)]
    assert len(growing) >= 3
    assert len({each.started_at for each in growing}) == 1
    assert all(a.audio.pcm == b.audio.pcm[: len(a.audio.pcm)] for a, b in pairwise(growing))


async def test_a_closing_microphone_ends_the_utterance_and_a_new_one_begins_afresh() -> None:
    events = await hear(LOUD * 50, MicrophoneClosed(), LOUD * 50, MicrophoneClosed())
    first, second = utterances(events)
    assert first.audio.pcm == LOUD * 50
    assert second.audio.pcm == LOUD * 50


async def test_a_click_is_dropped() -> None:
    events = await hear(QUIET * 50, LOUD * 12, QUIET * 60)
    assert [type(event) for event in events if not isinstance(event, Speaking)] == [SpeechStarted, SpeechDropped]


async def test_a_closed_stream_in_mid_sentence_loses_nothing() -> None:
    (utterance,) = utterances(await hear(LOUD * 40 + LOUD[:100]))
    assert utterance.audio.pcm == LOUD * 40 + LOUD[:100]


STORY = QUIET * 40 + LOUD * 60 + QUIET * 20 + LOUD * 30 + QUIET * 70 + LOUD * 50 + QUIET * 60


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, len(STORY) // 2), max_size=40))
def test_any_chopping_of_the_same_audio_gives_the_same_turns(cuts: list[int]) -> None:
    edges = sorted({0, *(2 * cut for cut in cuts), len(STORY)})
    pieces = [STORY[a:b] for a, b in pairwise(edges)]
    chopped = anyio.run(hear, *pieces, backend="trio")
    whole = anyio.run(hear, STORY, backend="trio")
    assert utterances(chopped) == utterances(whole)
    assert len(utterances(whole)) == 2
