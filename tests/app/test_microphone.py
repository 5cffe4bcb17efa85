from collections.abc import Generator
from contextlib import contextmanager

import anyio
import numpy as np
import pytest
from anyio.streams.memory import MemoryObjectReceiveStream
from hypothesis import given
from hypothesis import strategies as st

from app.microphone import Microphone
from voice.errors import AudioRejected
from voice.types import AudioFrame, MicrophoneClosed, MicrophoneItem

Ear = MemoryObjectReceiveStream[MicrophoneItem]


@contextmanager
def a_microphone(size: int = 2000) -> Generator[tuple[Microphone, Ear]]:
    near, ear = anyio.create_memory_object_stream[MicrophoneItem](size)
    with near, ear:
        microphone = Microphone(near)
        microphone.open()
        yield microphone, ear


def heard(ear: Ear) -> bytes:
    pcm = b""
    try:
        while True:
            item = ear.receive_nowait()
            pcm += item.pcm if isinstance(item, AudioFrame) else b""
    except anyio.WouldBlock:
        return pcm


@given(st.lists(st.binary(max_size=70), max_size=30))
def test_chunks_of_any_length_lose_not_a_sample(chunks: list[bytes]) -> None:
    with a_microphone() as (microphone, ear):
        for chunk in chunks:
            microphone.take(chunk, "pcm16")
        sent = b"".join(chunks)
        assert heard(ear) == sent[: len(sent) // 2 * 2]


def test_ten_minutes_in_one_chunk_come_in_pieces_of_a_second() -> None:
    with a_microphone() as (microphone, ear):
        microphone.take(bytes(600 * 32_000), "pcm16")
        frames = [ear.receive_nowait() for _ in range(600)]
        assert {frame.seconds for frame in frames if isinstance(frame, AudioFrame)} == {1.0}


@pytest.mark.parametrize(
    ("data", "mime"), [(b"\0\0", "audio/webm"), ("text", "pcm16"), (None, "pcm16"), ({"a": 1}, "pcm16"), (b"\0\0", "")]
)
def test_what_is_not_pcm_is_refused_in_words(data: object, mime: str) -> None:
    with a_microphone() as (microphone, _):
        with pytest.raises(AudioRejected, match="pcm16"):
            microphone.take(data, mime)


@pytest.mark.parametrize("rate", [0, 7_999, 192_000])
def test_a_rate_that_no_microphone_has_is_refused_and_the_allowed_ones_named(rate: int) -> None:
    with a_microphone() as (microphone, _):
        with pytest.raises(AudioRejected, match="8000 to 96000"):
            microphone.open(rate)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_another_rate_is_resampled(rate: int) -> None:
    with a_microphone() as (microphone, ear):
        microphone.open(rate)
        tone = (10_000 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)).astype("<i2").tobytes()
        for at in range(0, len(tone), 1024):
            microphone.take(tone[at : at + 1024], "pcm16")
        samples = np.frombuffer(heard(ear), "<i2").astype(float)
        assert len(samples) == pytest.approx(32_000, rel=0.02)
        spectrum = np.abs(np.fft.rfft(samples))
        assert np.argmax(spectrum) * 16_000 / len(samples) == pytest.approx(440, abs=2)


def test_audio_far_faster_than_real_time_is_refused_and_what_was_taken_is_kept() -> None:
    with a_microphone(size=11) as (microphone, ear):
        for _ in range(10):
            microphone.take(b"\1\0" * 512, "pcm16")
        with pytest.raises(AudioRejected, match="faster"):
            microphone.take(b"\1\0" * 512, "pcm16")
        microphone.close()
        assert [type(ear.receive_nowait()) for _ in range(11)] == [AudioFrame] * 10 + [MicrophoneClosed]


def test_after_a_refusal_nothing_is_heard_until_the_microphone_is_opened_again() -> None:
    with a_microphone() as (microphone, ear):
        with pytest.raises(AudioRejected):
            microphone.take(b"RIFF", "audio/webm")
        microphone.take(b"\1\0", "pcm16")
        assert heard(ear) == b""
        microphone.open()
        microphone.take(b"\1\0", "pcm16")
        assert heard(ear) == b"\1\0"


def test_a_session_that_is_gone_hears_nothing_and_that_is_no_error() -> None:
    with a_microphone() as (microphone, ear):
        ear.close()
        microphone.take(b"\1\0", "pcm16")
        microphone.close()
