"""Real speech, through the microphone and the house's own ear, in chunks of any size: the same turns come of it."""

import math
from functools import cache

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.microphone import Microphone
from tests.made.speech import noise, silence, speech
from voice.endpointing import Endpointer
from voice.listening import Ear, HeardEvent
from voice.settings import EndpointingSettings, VadSettings
from voice.types import MicrophoneItem, Utterance
from voice.vad.gated import open_vad

SETTINGS = EndpointingSettings()
ODD_BYTES = st.integers(1, 7_001)


@cache
def spoken() -> bytes:
    """Two turns, the first with a pause in it, and a click between them."""
    first = speech("my name is john", "awb") + silence(0.35) + speech("and I live in Boston", "awb")
    return silence(0.4) + first + silence(1.6) + noise(0.02) + silence(1.0) + speech("what time is it") + silence(1.5)


def heard(chunks: list[bytes]) -> list[HeardEvent]:
    near, far = anyio.create_memory_object_stream[MicrophoneItem](math.inf)
    with near, far:
        microphone = Microphone(near)
        microphone.open()
        for chunk in chunks:
            microphone.take(chunk, "pcm16")
        microphone.close()
        ear = Ear(open_vad(VadSettings()), Endpointer(SETTINGS), SETTINGS.preroll_seconds)
        events: list[HeardEvent] = []
        while far.statistics().current_buffer_used:
            events += ear.take(far.receive_nowait())
        return events


@cache
def heard_at_once() -> list[HeardEvent]:
    return heard([spoken()])


def test_two_turns_are_heard_and_all_of_their_sound_is_as_it_was_spoken() -> None:
    turns = [event for event in heard_at_once() if isinstance(event, Utterance)]
    assert len(turns) == 2
    assert all(turn.audio.pcm in spoken() for turn in turns)


@given(st.lists(ODD_BYTES, min_size=1, max_size=50))
@settings(max_examples=12, deadline=None)
def test_any_chopping_gives_the_same_turns(sizes: list[int]) -> None:
    chunks: list[bytes] = []
    at = 0
    while at < len(spoken()):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(spoken()[at : at + size])
        at += size
    assert heard(chunks) == heard_at_once()


@pytest.mark.parametrize("size", [1, 2, 63, 1_024, 3_072])
def test_so_do_chunks_of_one_size(size: int) -> None:
    pcm = spoken()[: 2 * 16_000 * 3]
    assert heard([pcm[at : at + size] for at in range(0, len(pcm), size)]) == heard([pcm])
