"""The detectors on speech that flite and espeak-ng make, and on what is not speech."""

import numpy as np
import pytest

from tests.made.speech import noise, silence, speech, tone
from voice.protocols import VoiceActivityDetector
from voice.settings import VadSettings
from voice.vad.gated import open_vad
from voice.vad.silero import WINDOW_BYTES, SileroVad, load_silero
from voice.vad.webrtc import WebrtcVad

SPEECH = silence(1.0) + speech("what time is it", "kal16") + silence(1.0)


def windows(pcm: bytes, size: int = WINDOW_BYTES) -> list[bytes]:
    return [pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size)]


def heard(vad: VoiceActivityDetector, pcm: bytes) -> list[float]:
    return [vad.probability(window) for window in windows(pcm, vad.window_bytes)]


@pytest.fixture(params=["webrtc", "silero", "gated"])
def vad(request: pytest.FixtureRequest) -> VoiceActivityDetector:
    detectors: dict[str, VoiceActivityDetector] = {
        "webrtc": WebrtcVad(1),
        "silero": SileroVad(load_silero()),
        "gated": open_vad(VadSettings()),
    }
    return detectors[request.param]


def test_speech_is_heard_between_the_silences_around_it(vad: VoiceActivityDetector) -> None:
    said = heard(vad, SPEECH)
    second = 32_000 // vad.window_bytes
    assert max(said[: second - 1]) < 0.5
    assert sum(p > 0.5 for p in said[second:-second]) > 0.6 * len(said[second:-second])
    assert said[-1] < 0.5


def test_a_detector_that_was_reset_is_as_good_as_new(vad: VoiceActivityDetector) -> None:
    speaking = SPEECH[32_000:]
    first = heard(vad, speaking)
    vad.reset()
    heard(vad, speaking[:16_384])  # left in mid-word
    vad.reset()
    assert heard(vad, speaking) == first


def test_probabilities_are_probabilities(vad: VoiceActivityDetector) -> None:
    assert all(0.0 <= p <= 1.0 for p in heard(vad, SPEECH + noise(0.5, 1.0) + tone(0.5)))


@pytest.mark.parametrize("sound", [silence(1.0), noise(1.0), tone(1.0)], ids=["silence", "noise", "tone"])
def test_what_is_no_speech_is_not_confirmed(sound: bytes) -> None:
    assert max(heard(open_vad(VadSettings()), sound)) < 0.5


def test_noise_passes_the_gate_and_is_turned_away_behind_it() -> None:
    assert max(heard(WebrtcVad(1, WINDOW_BYTES), noise(1.0))) == 1.0
    assert max(heard(open_vad(VadSettings()), noise(1.0))) < 0.5


def test_the_buffer_that_was_handed_in_is_left_as_it_was() -> None:
    vad = SileroVad(load_silero())
    window = windows(SPEECH)[40]
    copy = bytes(bytearray(window))
    vad.probability(window)
    assert window == copy


def test_silero_remembers_what_it_heard() -> None:
    window = windows(SPEECH)[40]
    fresh, used = SileroVad(load_silero()), SileroVad(load_silero())
    for earlier in windows(SPEECH)[:40]:
        used.probability(earlier)
    assert fresh.probability(window) != used.probability(window)


def test_silero_takes_several_windows_as_it_takes_them_one_by_one() -> None:
    one_by_one, at_once = SileroVad(load_silero()), SileroVad(load_silero())
    last = heard(one_by_one, SPEECH[: 45 * WINDOW_BYTES])[-1]
    assert at_once.probability(SPEECH[: 45 * WINDOW_BYTES]) == pytest.approx(last, abs=1e-5)


def test_detectors_share_the_network_and_nothing_else() -> None:
    alone = heard(SileroVad(load_silero()), SPEECH)
    one, other = SileroVad(load_silero()), SileroVad(load_silero())
    together = []
    for window, disturbance in zip(windows(SPEECH), windows(noise(5.0)), strict=False):
        together.append(one.probability(window))
        other.probability(disturbance)
    assert together == alone[: len(together)]
    assert load_silero() is load_silero()


@pytest.mark.parametrize("voice", ["slt", "awb", "kal16", "en-us", "en-gb"])
@pytest.mark.parametrize("lead_seconds", [0.4, 3.0])
def test_the_gate_delays_an_onset_by_no_more_than_the_preroll(voice: str, lead_seconds: float) -> None:
    pcm = silence(lead_seconds) + speech("please repeat that", voice) + silence(0.5)
    alone = np.array(heard(SileroVad(load_silero()), pcm)) > 0.5
    gated = np.array(heard(open_vad(VadSettings()), pcm)) > 0.5
    assert gated.any()
    assert gated.argmax() - alone.argmax() <= 0.4 / 0.032


def test_a_window_of_an_odd_length_is_heard_whole_by_the_gate() -> None:
    vad = WebrtcVad(1, window_bytes=1024)  # 32 ms: three pieces of 10 ms and 2 ms over
    assert any(heard(vad, SPEECH))
    assert vad.window_bytes == 1024
