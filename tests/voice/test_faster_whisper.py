"""faster-whisper on models that are made here: loading, windows, and the guards against invention."""

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import numpy as np
import pytest
from structlog.testing import capture_logs

from resilience.errors import EngineUnavailable
from tests.made.speech import noise, silence, speech, utterance
from tests.made.whisper import SENTENCE, make_whisper
from voice.settings import FasterWhisperSpec
from voice.stt.faster_whisper import (
    FULL_WINDOW,
    FasterWhisper,
    Window,
    confidence,
    is_doubtful,
    is_invented,
    load_whisper,
    most_new_tokens,
    open_faster_whisper,
    window_frames,
)

pytestmark = pytest.mark.anyio

SPEECH = utterance(speech(SENTENCE))


@pytest.fixture
def anyio_backend() -> str:
    """Real threads do not keep to a clock that jumps."""
    return "asyncio"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("whisper"))


def spec(folder: Path, **settings: object) -> FasterWhisperSpec:
    return FasterWhisperSpec.model_validate({"model": folder, "device": "cpu", **settings})


@dataclass
class Segment:
    text: str = " hello there"
    tokens: list[int] = field(default_factory=lambda: [1, 2, 3])
    avg_logprob: float = -0.2
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.01


@pytest.mark.parametrize(
    ("seconds", "floor", "frames"),
    [
        (0.5, 10, 1000),
        (9.4, 10, 1000),
        (12.0, 10, 1250),
        (29.9, 10, 3000),
        (35.0, 10, 3000),
        (2.0, 1, 250),
        (2.0, 30, 3000),
    ],
)
def test_the_window_is_as_long_as_the_utterance_within_its_bounds(seconds: float, floor: float, frames: int) -> None:
    assert window_frames(seconds, floor) == frames


def test_the_encoder_sees_the_window_and_not_the_padding(scripted: Path) -> None:
    loaded = load_whisper(spec(scripted))
    loaded.window.frames = window_frames(2.0, 10)
    assert loaded.model.encode(np.zeros((80, FULL_WINDOW), np.float32)).shape == [1, 500, 64]


def test_another_model_of_the_same_library_keeps_its_full_window(scripted: Path) -> None:
    from faster_whisper import WhisperModel

    load_whisper(spec(scripted))
    untouched = WhisperModel(str(scripted), device="cpu", local_files_only=True)
    assert untouched.encode(np.zeros((80, FULL_WINDOW), np.float32)).shape == [1, 1500, 64]


async def test_the_transcript_says_who_heard_it_in_which_language_and_how_surely(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        heard = await whisper.transcribe(SPEECH)
    assert (heard.text, heard.engine, heard.language) == (SENTENCE, "faster-whisper", "en")
    assert heard.confidence == pytest.approx(1.0, abs=0.01)


async def test_words_that_the_model_itself_finds_unlikely_are_heard_again_in_the_full_window(tmp_path: Path) -> None:
    babbling = spec(make_whisper(tmp_path, preset="random"))
    async with open_faster_whisper(babbling) as whisper:
        with capture_logs() as events:
            await whisper.transcribe(SPEECH)
    assert [each["event"] for each in events] == ["hearing it again in the full window"]


async def test_words_that_are_likely_are_not_heard_again(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        with capture_logs() as events:
            await whisper.transcribe(SPEECH)
    assert events == []


@pytest.mark.parametrize("nothing", [silence(2.0), noise(2.0, 0.0002), noise(0.05)], ids=["silence", "faint", "click"])
async def test_where_nothing_can_be_heard_the_model_is_not_asked(scripted: Path, nothing: bytes) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert (await whisper.transcribe(utterance(nothing))).text == ""


@pytest.mark.parametrize(
    ("segment", "invented"),
    [
        (Segment(), False),
        (Segment(no_speech_prob=0.9), False),
        (Segment(no_speech_prob=0.9, avg_logprob=-1.2), True),
        (Segment(compression_ratio=3.0), True),
        (Segment(" Thank you."), False),
        (Segment(" Thank you.", no_speech_prob=0.4), True),
        (Segment(" Thanks for watching!", avg_logprob=-0.7), True),
        (Segment(" Thank you for the tea.", avg_logprob=-0.7), False),
    ],
)
def test_a_phrase_is_taken_for_invented_only_when_the_numbers_agree(segment: Segment, invented: bool) -> None:
    assert is_invented(segment) is invented


@pytest.mark.parametrize(
    ("segments", "doubtful"),
    [
        ([], True),
        ([Segment()], False),
        ([Segment(), Segment(avg_logprob=-1.1)], True),
        ([Segment(compression_ratio=2.5)], True),
        ([Segment(avg_logprob=-1.1, no_speech_prob=0.9)], False),
    ],
)
def test_doubt_is_cast_by_no_words_unlikely_words_and_loops_but_not_by_silence(
    segments: list[Segment], doubtful: bool
) -> None:
    assert is_doubtful(segments) is doubtful


def test_confidence_weighs_segments_by_their_tokens() -> None:
    likely, unlikely = Segment(avg_logprob=-0.1, tokens=[1] * 9), Segment(avg_logprob=-1.1, tokens=[1])
    assert confidence([likely, unlikely]) == pytest.approx(np.exp(-0.2))


def test_decoding_is_bounded_and_the_bound_is_one_that_the_library_takes() -> None:
    assert most_new_tokens(1.0) == 2 * 44
    assert most_new_tokens(30.0) + 4 <= 448


async def test_a_sentence_is_not_cut_by_the_bound(tmp_path: Path) -> None:
    long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    async with open_faster_whisper(spec(make_whisper(tmp_path, long))) as whisper:
        assert (await whisper.transcribe(utterance(noise(0.5)))).text == long


async def test_speech_beyond_thirty_seconds_is_heard_in_several_windows(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert (await whisper.transcribe(utterance(noise(35.0)))).text == f"{SENTENCE} {SENTENCE}"


def copied(whole: Path, folder: Path) -> Path:
    for file in whole.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no model folder"):
        async with open_faster_whisper(spec(tmp_path / "nowhere")):
            pass


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("model.bin", "has no model.bin"),
        ("tokenizer.json", "has no tokenizer.json"),
        ("config.json", "has no config.json"),
        ("vocabulary.json", "cannot be loaded"),
    ],
)
async def test_a_model_that_lacks_a_file_is_unavailable(scripted: Path, tmp_path: Path, name: str, reason: str) -> None:
    (copied(scripted, tmp_path) / name).unlink()
    with pytest.raises(EngineUnavailable, match=reason):
        async with open_faster_whisper(spec(tmp_path)):
            pass


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0, 64, 0.5], ids=["empty", "a few bytes", "half"])
async def test_a_model_whose_download_broke_off_is_unavailable(
    scripted: Path, tmp_path: Path, name: str, kept: float
) -> None:
    file = copied(scripted, tmp_path) / name
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(tmp_path)):
            pass


async def test_a_model_that_is_something_else_is_unavailable(scripted: Path, tmp_path: Path) -> None:
    (copied(scripted, tmp_path) / "model.bin").write_bytes(noise(0.1))
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(tmp_path)):
            pass


async def test_a_tokenizer_of_another_shape_is_unavailable(scripted: Path, tmp_path: Path) -> None:
    (copied(scripted, tmp_path) / "tokenizer.json").write_text(json.dumps({"version": "1.0"}))
    with pytest.raises(EngineUnavailable, match="not a tokenizer"):
        async with open_faster_whisper(spec(tmp_path)):
            pass


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"compute_type": "int3"}])
async def test_settings_that_the_model_cannot_honour_are_refused_at_the_door(
    scripted: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(scripted, **wrong)):
            pass


async def test_a_call_that_is_given_up_does_not_wait_for_its_thread(scripted: Path) -> None:
    loaded = load_whisper(spec(scripted))
    entered, release, left = threading.Event(), threading.Event(), threading.Event()
    encode = loaded.model.encode

    def slow(features: object) -> object:
        entered.set()
        release.wait(5)
        left.set()
        return encode(features)

    loaded.model.encode = Window(slow).encode
    whisper = FasterWhisper(loaded, spec(scripted))
    async with anyio.create_task_group() as tasks:
        call = tasks.create_task(whisper.transcribe(SPEECH))
        await anyio.to_thread.run_sync(entered.wait)
        call.cancel()
        await call.wait()
        assert not left.is_set()
        release.set()
        assert (await whisper.transcribe(SPEECH)).text == SENTENCE
