"""Smart Turn's shape, on a network made here: it hears how loud the last half second is."""

import threading
from pathlib import Path

import anyio
import anyio.to_thread
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from resilience.errors import EngineFailed, EngineUnavailable, InputRejected
from tests.made.speech import noise, silence, tone, utterance
from voice.settings import TurnDetectionSettings
from voice.turn_detection.detector import Together
from voice.turn_detection.lexical import Lexical
from voice.turn_detection.melody import BANDS, FRAMES, spectrogram
from voice.turn_detection.opening import open_turn_detector
from voice.turn_detection.smart_turn import SmartTurn, find_smart_turn, open_smart_turn
from voice.types import Utterance

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Its work is done in real threads."""
    return "asyncio"


def make_network(file: Path, *, name: str = "input_features", frames: int = FRAMES, factor: float = -8.0) -> Path:
    """Sigmoid of `factor` times the mean of the last fifty frames: with a factor below 0, quiet ends are finished."""
    initial = [
        helper.make_tensor("first", TensorProto.INT64, [1], [frames - 50]),
        helper.make_tensor("last", TensorProto.INT64, [1], [frames]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [2]),
        helper.make_tensor("factor", TensorProto.FLOAT, [1], [factor]),
    ]
    nodes = [
        helper.make_node("Slice", [name, "first", "last", "axis"], ["end"]),
        helper.make_node("ReduceMean", ["end"], ["loudness"], axes=[1, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["loudness"], ["column"], axes=[1]),
        helper.make_node("Mul", ["column", "factor"], ["scaled"]),
        helper.make_node("Sigmoid", ["scaled"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", BANDS, frames])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    model.ir_version = 8
    onnx.save(model, str(file))
    return file


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return make_network(tmp_path / "smart-turn-v3.1-cpu.onnx")


HUMMING = tone(1.5, level=0.5)
PATIENCE_SECONDS = 30


async def test_it_judges_the_end_of_what_was_said(network: Path) -> None:
    async with open_smart_turn(network) as detector:
        breaking_off = await detector.completion(utterance(HUMMING), None)
        fading_out = await detector.completion(utterance(HUMMING + silence(1.0)), None)
    assert breaking_off is not None
    assert fading_out is not None
    assert fading_out > breaking_off


async def test_nothing_said_is_nothing_to_go_by(network: Path) -> None:
    async with open_smart_turn(network) as detector:
        assert await detector.completion(utterance(b""), "yes") is None


async def test_nobody_waits_until_another_was_judged() -> None:
    class Slow:
        def __init__(self) -> None:
            self.begun, self.may_end = threading.Event(), threading.Event()

        def run(self, names: object, given: object) -> list[np.ndarray]:
            self.begun.set()
            assert self.may_end.wait(PATIENCE_SECONDS)
            return [np.array([[0.9]])]

    network = Slow()
    detector = SmartTurn(network)
    judged: list[float | None] = []

    async def judge() -> None:
        judged.append(await detector.completion(utterance(HUMMING), None))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(judge)
        await anyio.to_thread.run_sync(network.begun.wait, PATIENCE_SECONDS)
        await judge()
        network.may_end.set()
    await judge()
    assert judged == [None, 0.9, 0.9]


async def test_it_is_at_work_for_no_more_than_its_share_of_the_time() -> None:
    now = 0.0

    class Taking:
        def run(self, names: object, given: object) -> list[np.ndarray]:
            nonlocal now
            now += 2.0
            return [np.array([[0.9]])]

    detector = SmartTurn(Taking(), share=0.25, clock=lambda: now)
    said = utterance(HUMMING)
    assert await detector.completion(said, None) == 0.9
    now = 7.9
    assert await detector.completion(said, None) is None
    now = 8.0
    assert await detector.completion(said, None) == 0.9


async def test_audio_at_another_rate_is_refused(network: Path) -> None:
    async with open_smart_turn(network) as detector:
        with pytest.raises(InputRejected):
            await detector.completion(utterance(HUMMING, rate=8_000), None)


@pytest.mark.parametrize("wrong", [{"name": "pixels"}, {"frames": 400}])
async def test_another_network_is_not_taken_for_it(tmp_path: Path, wrong: dict[str, object]) -> None:
    file = make_network(tmp_path / "other.onnx", **wrong)  # type: ignore[arg-type]  # one of several keywords
    with pytest.raises(EngineUnavailable, match="no Smart Turn"):
        async with open_smart_turn(file):
            pass


async def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "smart-turn-v3.onnx"
    file.write_bytes(b"not a network")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        async with open_smart_turn(file):
            pass


async def test_what_is_no_probability_is_a_failure() -> None:
    class Mad:
        def run(self, names: object, given: object) -> list[np.ndarray]:
            return [np.array([[7.0]])]

    with pytest.raises(EngineFailed):
        await SmartTurn(Mad()).completion(utterance(HUMMING), None)


# -- the spectrogram ---------------------------------------------------------------------------------------------


def samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, np.int16)


def test_a_tone_is_bright_in_its_own_band_and_at_the_end() -> None:
    shown = spectrogram(samples(tone(2.0, hertz=1000.0)))
    assert shown.shape == (BANDS, FRAMES)
    assert shown.dtype == np.float32
    brightest = shown.mean(axis=1).argmax()
    assert 25 <= brightest <= 27  # 1 kHz is 15 of 45.2 mels, so the 26th of 80 bands
    assert shown[brightest, -150:].mean() > shown[brightest, :500].mean() + 1


def test_only_the_last_eight_seconds_are_shown() -> None:
    last = noise(8.0, seed=1)
    np.testing.assert_array_equal(spectrogram(samples(noise(3.0) + last)), spectrogram(samples(last)))


def test_loudness_does_not_matter() -> None:
    one = noise(8.0, level=0.02)
    twice = (samples(one) * 2).astype(np.int16)
    np.testing.assert_allclose(spectrogram(samples(one)), spectrogram(twice), atol=1e-3)


def test_it_is_what_the_model_was_trained_on() -> None:
    """The same as another implementation of Whisper's features gives, frame by frame."""
    from faster_whisper.feature_extractor import FeatureExtractor

    sound = samples(tone(3.0) + noise(5.0))
    whole = sound.astype(np.float32) / 32_768
    whole = (whole - whole.mean()) / np.sqrt(whole.var() + 1e-7)
    theirs = FeatureExtractor(chunk_length=8)(whole, padding=0)
    np.testing.assert_allclose(spectrogram(sound), theirs[:, :FRAMES], atol=1e-3)


# -- which is found, and how they are heard together -------------------------------------------------------------


def test_a_file_a_folder_or_nothing(tmp_path: Path, network: Path) -> None:
    newer = make_network(tmp_path / "smart-turn-v3.2-cpu.onnx")
    make_network(tmp_path / "smart-turn-v3.2-gpu.onnx")
    assert find_smart_turn(network) == network
    assert find_smart_turn(tmp_path) == newer
    assert find_smart_turn(tmp_path / "nowhere") is None


@pytest.fixture
def pipecat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of that name on the path, which breaks when it is imported; the folder of its networks."""
    data = tmp_path / "pipecat" / "audio" / "turn" / "smart_turn" / "data"
    data.mkdir(parents=True)
    (tmp_path / "pipecat" / "__init__.py").write_text("raise ImportError('never to be imported')")
    monkeypatch.syspath_prepend(tmp_path)
    return data


async def test_the_one_that_pipecat_carries_is_found_and_pipecat_not_imported(pipecat: Path) -> None:
    assert find_smart_turn(None) is None
    file = make_network(pipecat / "smart-turn-v3.2-cpu.onnx")
    assert find_smart_turn(None) == file
    async with open_turn_detector(TurnDetectionSettings(), "en") as detector:
        assert isinstance(detector, Together)


async def test_a_damaged_one_that_lies_about_is_passed_over(pipecat: Path) -> None:
    (pipecat / "smart-turn-v3.2-cpu.onnx").write_bytes(b"not a network")
    async with open_turn_detector(TurnDetectionSettings(), "en") as detector:
        assert isinstance(detector, Lexical)


async def test_what_was_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    missing = TurnDetectionSettings(smart_turn=tmp_path / "nothing")
    with pytest.raises(EngineUnavailable):
        async with open_turn_detector(missing, "en"):
            pass


async def test_only_what_is_wanted_is_opened(network: Path) -> None:
    async with open_turn_detector(TurnDetectionSettings(words=False, smart_turn=network), "en") as detector:
        assert isinstance(detector, SmartTurn)
    async with open_turn_detector(TurnDetectionSettings(words=False, melody=False), "en") as detector:
        assert detector is None


class Fixed:
    def __init__(self, likely: float | None) -> None:
        self.likely = likely
        self.asked = 0

    def by_words(self, text: str) -> float | None:
        return self.likely

    async def completion(self, heard: Utterance, text: str | None) -> float | None:
        self.asked += 1
        return self.likely


@pytest.mark.parametrize("certain", [0.0, 0.05, 0.95, 1.0])
async def test_when_the_words_are_certain_the_melody_is_not_even_asked(certain: float) -> None:
    melody = Fixed(0.5)
    assert await Together(Fixed(certain), melody).completion(utterance(HUMMING), "") == certain
    assert melody.asked == 0


@pytest.mark.parametrize(
    ("words", "melody", "both"),
    [(0.75, 0.75, 0.9), (None, 0.3, 0.3), (0.6, None, 0.6), (None, None, None), (0.8, 0.2, 0.5), (0.75, 0.5, 0.75)],
)
async def test_else_they_are_two_witnesses(words: float | None, melody: float | None, both: float | None) -> None:
    likely = await Together(Fixed(words), Fixed(melody)).completion(utterance(HUMMING), "")
    assert likely == (both if both is None else pytest.approx(both))


async def test_a_melody_that_says_no_outweighs_one_that_says_yes() -> None:
    no, yes = [await Together(Fixed(0.5), Fixed(each)).completion(utterance(HUMMING), "") for each in (0.0, 1.0)]
    assert no is not None
    assert yes is not None
    assert no + yes < 0.95


def test_the_first_guess_is_that_of_the_words() -> None:
    assert Together(Fixed(0.7), Fixed(0.1)).by_words("well") == 0.7
