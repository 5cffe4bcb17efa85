from collections.abc import Callable

import numpy as np
import pytest

from resilience.errors import EngineFailed, InputRejected
from tests.made.speech import louder, noise, resampled, silence, speech, tone
from voice.sound_check import SoundCheck, is_noise, longest_seconds
from voice.tts.portions import framed
from voice.types import AudioFrame

SPOKEN = "She sells sea shells by the sea shore, 3 for a dollar."


def checked(pcm: bytes, sentence: str = "Good morning.", *, sample_rate: int = 16_000, rate: float = 1.0) -> bytes:
    """What of it may be heard, in frames of 40 ms."""
    check = SoundCheck("x", sentence, rate)
    heard = b"".join(each.pcm for frame in framed(pcm, sample_rate) for each in check.take(frame))
    check.end()
    return heard


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16", "en-us", "en-us+whisper", "en-us+croak"])
@pytest.mark.parametrize("sample_rate", [8_000, 16_000, 48_000])
def test_speech_passes_as_it_is(voice: str, sample_rate: int) -> None:
    pcm = resampled(speech(SPOKEN, voice), 16_000, sample_rate)
    assert checked(pcm, SPOKEN, sample_rate=sample_rate) == pcm


def test_speech_that_is_overdriven_passes() -> None:
    pcm = louder(speech(SPOKEN), 3.0)
    assert checked(pcm, SPOKEN) == pcm


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(EngineFailed, match="half a sample"):
        SoundCheck("x", "Hi.", 1.0).take(AudioFrame(b"\x01" * 321))


@pytest.mark.parametrize("sample_rate", [-1, 0, 1, 7_999, 192_000])
def test_a_rate_that_no_voice_has_is_refused(sample_rate: int) -> None:
    with pytest.raises(EngineFailed, match="Hz"):
        SoundCheck("x", "Hi.", 1.0).take(AudioFrame(b"\x01\x00" * 320, sample_rate))


def _bytes_swapped(pcm: bytes) -> bytes:
    return np.frombuffer(pcm, "<i2").byteswap().tobytes()


def _floats(pcm: bytes) -> bytes:
    return (np.frombuffer(pcm, "<i2") / np.float32(32_768)).astype("<f4").tobytes()


def _anything(pcm: bytes) -> bytes:
    return np.random.default_rng(0).bytes(len(pcm))


def _full_scale(pcm: bytes) -> bytes:
    return louder(pcm, 1e6)


@pytest.mark.parametrize("garbled", [_bytes_swapped, _floats, _anything, _full_scale])
def test_what_is_no_pcm_is_refused_within_a_few_frames(garbled: Callable[[bytes], bytes]) -> None:
    with pytest.raises(EngineFailed, match="noise"):
        checked(garbled(tone(0.4)))


def test_faint_noise_passes() -> None:
    assert not is_noise(AudioFrame(noise(0.04, level=0.3)))


@pytest.mark.parametrize("pcm", [b"", silence(0.5)])
def test_silence_for_words_is_refused(pcm: bytes) -> None:
    with pytest.raises(EngineFailed, match="no sound"):
        checked(pcm)


@pytest.mark.parametrize("sentence", ["…", "👍", "***", ""])
def test_where_there_is_nothing_to_say_silence_is_right(sentence: str) -> None:
    assert checked(silence(0.5), sentence) == b""


def test_silence_for_another_script_is_not_the_voices_fault() -> None:
    with pytest.raises(InputRejected):
        checked(b"", "你好")


def test_the_silence_before_the_first_sound_is_kept_until_there_is_one() -> None:
    check = SoundCheck("x", "Hi.", 1.0)
    quiet, loud = AudioFrame(silence(0.1)), AudioFrame(tone(0.1))
    assert check.take(quiet) == []
    assert check.take(loud) == [quiet, loud]
    assert check.take(quiet) == [quiet]


@pytest.mark.parametrize("sound", [silence, tone])
def test_sound_without_end_is_refused(sound: Callable[[float], bytes]) -> None:
    check = SoundCheck("x", "Good morning.", 1.0)
    for _ in range(int(longest_seconds("Good morning."))):
        check.take(AudioFrame(sound(1.0)))
    with pytest.raises(EngineFailed, match="does not stop"):
        check.take(AudioFrame(sound(2.0)))


def test_slow_speech_may_take_longer() -> None:
    pcm = tone(1.5 * longest_seconds("Hi."))
    assert checked(pcm, "Hi.", rate=0.5) == pcm


@pytest.mark.parametrize("sentence", ["999999999999", "100 %", "你好世界", "K"])
def test_what_is_long_to_say_may_be_said(sentence: str) -> None:
    pcm = speech(sentence, "en-us")
    assert checked(pcm, sentence) == pcm
