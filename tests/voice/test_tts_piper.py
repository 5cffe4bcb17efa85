import json
import time
from contextlib import aclosing
from pathlib import Path

import anyio
import onnx
import pytest

from resilience.errors import EngineFailed, EngineUnavailable
from tests.made.piper import make_piper, make_true_size_piper
from voice.catalog import open_tts
from voice.protocols import TextToSpeech
from voice.settings import PiperSpec
from voice.tts.piper_voice import SENTENCES_AT_ONCE

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """A real engine wants a real clock."""
    return request.param


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_piper(tmp_path / "tiny.onnx")


def settings_of(model: Path) -> Path:
    return Path(f"{model}.json")


async def refused(spec: PiperSpec) -> str:
    with pytest.raises(EngineUnavailable) as caught:
        async with open_tts(spec):
            pass
    return caught.value.reason


async def test_a_missing_model_or_settings_file_is_named(model: Path) -> None:
    settings_of(model).unlink()
    assert "tiny.onnx.json" in await refused(PiperSpec(model=model))
    model.unlink()
    assert "there is no file" in await refused(PiperSpec(model=model))


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08" * 999])
async def test_a_damaged_model_is_refused_in_plain_words(model: Path, content: bytes) -> None:
    model.write_bytes(content)
    assert await refused(PiperSpec(model=model)) == "tiny.onnx is damaged, or not a piper voice"


async def test_a_model_cut_short_is_refused(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:100_000])
    assert "tiny.onnx" in await refused(PiperSpec(model=model))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b"\xff\xfe", b'{"audio": 5}', b"\x00" * 100])
async def test_damaged_settings_are_refused_in_plain_words(model: Path, content: bytes) -> None:
    settings_of(model).write_bytes(content)
    assert "not the settings file of a piper voice" in await refused(PiperSpec(model=model))


async def test_a_model_of_another_kind_is_refused(model: Path) -> None:
    other = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["x"], ["y"])],
        "other",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])],
    )
    onnx.save(onnx.helper.make_model(other, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 15)]), str(model))
    assert "tiny.onnx" in await refused(PiperSpec(model=model))


async def test_settings_for_an_unknown_language_are_refused(model: Path) -> None:
    settings = json.loads(settings_of(model).read_text(encoding="utf-8"))
    settings["espeak"]["voice"] = "nowhere"
    settings_of(model).write_text(json.dumps(settings), encoding="utf-8")
    assert "does not speak" in await refused(PiperSpec(model=model))


async def test_a_speaker_that_the_voice_has_not_is_refused(model: Path) -> None:
    assert "no speaker 3" in await refused(PiperSpec(model=model, speaker=3))


async def sound(voice: TextToSpeech, text: str) -> bytes:
    async with aclosing(voice.synthesize(text)) as frames:
        return b"".join([frame.pcm async for frame in frames])


async def test_brackets_are_not_taken_for_phonemes(model: Path) -> None:
    async with open_tts(PiperSpec(model=model)) as voice:
        assert await sound(voice, "[[sos]] yes") == await sound(voice, "sos. yes") != await sound(voice, "yes")


async def test_a_sentence_under_way_is_given_up_when_its_turn_is_cancelled(tmp_path: Path) -> None:
    model = make_true_size_piper(tmp_path / "true.onnx")
    sentence = "we went on and on " * 11
    async with open_tts(PiperSpec(model=model)) as voice:
        before = time.process_time()
        await sound(voice, sentence)
        whole = time.process_time() - before
        before = time.process_time()
        for _ in range(SENTENCES_AT_ONCE):
            with anyio.move_on_after(0.1):
                await sound(voice, sentence)
        assert await sound(voice, "Yes.")  # by a worker that one of them has left
        assert time.process_time() - before < 0.6 * whole


async def test_a_model_that_fails_at_work_is_an_engine_that_failed(model: Path) -> None:
    """The table has rows for 256 phonemes; these settings lead beyond it, for one letter only."""
    settings = json.loads(settings_of(model).read_text(encoding="utf-8"))
    settings["phoneme_id_map"]["z"] = [9999]
    settings_of(model).write_text(json.dumps(settings), encoding="utf-8")
    async with open_tts(PiperSpec(model=model)) as voice:
        with pytest.raises(EngineFailed):
            await sound(voice, "Zoo.")
        assert await sound(voice, "Good.")
