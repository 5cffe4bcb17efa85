"""What holds for every recogniser that this machine has: real libraries on made models, a real server, and `typed`.

`AudioFrame` takes any bytes, so half a sample is possible; recognisers refuse it.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI, UploadFile

from resilience.errors import EngineError, InputRejected
from tests.made.servers import serving
from tests.made.speech import louder, noise, read_wav, silence, speech, utterance, word_errors
from tests.made.whisper import make_whisper
from voice.catalog import open_stt
from voice.protocols import SpeechToText
from voice.settings import FasterWhisperSpec, OpenAiSttSpec, PocketsphinxSpec, TypedSpec
from voice.types import Transcript, Utterance

pytestmark = pytest.mark.anyio

QUESTION = "what time is it"
SPEECH = utterance(speech(QUESTION, "kal16"))
RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "speech"

ENGINES = ("faster-whisper", "pocketsphinx", "openai-compatible", "typed")
HEARING = ENGINES[:-1]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real engines do not keep to a clock that jumps."""
    return str(request.param)


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("whisper"), QUESTION)


def transcription_server() -> FastAPI:
    """Hears the question in whatever is not quiet; a second in which nothing is heard is no speech."""
    app = FastAPI()

    @app.post("/v1/audio/transcriptions")
    async def transcriptions(file: UploadFile) -> dict[str, str]:
        pcm, _ = read_wav(await file.read())
        return {"text": QUESTION if any(pcm) else ""}

    return app


@asynccontextmanager
async def opened(name: str, whisper: Path) -> AsyncGenerator[SpeechToText, None]:
    match name:
        case "faster-whisper":
            async with open_stt(FasterWhisperSpec(model=whisper, device="cpu")) as engine:
                yield engine
        case "pocketsphinx":
            async with open_stt(PocketsphinxSpec()) as engine:
                yield engine
        case "openai-compatible":
            async with serving(transcription_server()) as base:
                spec = OpenAiSttSpec.model_validate({"url": f"{base}/v1", "model": "whisper-1"})
                async with open_stt(spec) as engine:
                    yield engine
        case _:
            async with open_stt(TypedSpec()) as engine:
                yield engine


@pytest.fixture(params=ENGINES)
async def engine(request: pytest.FixtureRequest, scripted: Path) -> AsyncGenerator[SpeechToText, None]:
    async with opened(request.param, scripted) as each:
        yield each


@pytest.fixture(params=HEARING)
async def hearing(request: pytest.FixtureRequest, scripted: Path) -> AsyncGenerator[SpeechToText, None]:
    """All but `typed`, which hears nothing."""
    async with opened(request.param, scripted) as each:
        yield each


async def test_speech_gives_its_words(hearing: SpeechToText) -> None:
    heard = await hearing.transcribe(SPEECH)
    assert word_errors(QUESTION, heard.text)[0] == 0
    assert heard.engine in HEARING
    assert heard.confidence is None or 0.0 <= heard.confidence <= 1.0


@pytest.mark.parametrize(
    "nothing", [b"", bytes(2), silence(0.01), silence(2.0)], ids=["empty", "one sample", "10 ms", "silence"]
)
async def test_no_sound_gives_no_words(engine: SpeechToText, nothing: bytes) -> None:
    assert (await engine.transcribe(utterance(nothing))).text == ""


@pytest.mark.parametrize(
    "sound",
    [b"\xff\x7f", louder(SPEECH.audio.pcm, 50.0), noise(0.3, 1.0), SPEECH.audio.pcm + silence(35.0)],
    ids=["one loud sample", "clipped", "noise", "longer than 30 s"],
)
async def test_any_other_sound_gives_a_transcript(engine: SpeechToText, sound: bytes) -> None:
    assert isinstance(await engine.transcribe(utterance(sound)), Transcript)


@pytest.mark.parametrize(
    "wrong", [utterance(bytes(800), rate=8_000), utterance(bytes(801))], ids=["8 kHz", "odd bytes"]
)
async def test_audio_of_another_kind_is_rejected_and_the_engine_not_blamed(
    hearing: SpeechToText, wrong: Utterance
) -> None:
    with pytest.raises(InputRejected) as caught:
        await hearing.transcribe(wrong)
    assert not caught.value.blames_engine


async def test_a_cancelled_call_leaves_the_engine_usable(hearing: SpeechToText) -> None:
    for seconds in (0.0, 0.01, 0.05):
        with anyio.move_on_after(seconds):
            await hearing.transcribe(utterance(SPEECH.audio.pcm * 10))
    assert word_errors(QUESTION, (await hearing.transcribe(SPEECH)).text)[0] == 0


async def test_two_callers_at_once_get_each_their_own_answer(hearing: SpeechToText) -> None:
    async with anyio.create_task_group() as tasks:
        speaking = tasks.create_task(hearing.transcribe(SPEECH))
        silent = tasks.create_task(hearing.transcribe(utterance(silence(1.0))))
        also_speaking = tasks.create_task(hearing.transcribe(SPEECH))
    assert word_errors(QUESTION, speaking.return_value.text)[0] == 0
    assert silent.return_value.text == ""
    assert also_speaking.return_value.text == speaking.return_value.text


async def test_an_engine_fails_as_an_engine_or_not_at_all(engine: SpeechToText) -> None:
    for pcm in (b"", b"\x01", bytes(3), noise(0.001), louder(noise(0.2), 1e6)):
        for rate in (16_000, 44_100, 1):
            with suppress(EngineError):
                await engine.transcribe(utterance(pcm, rate=rate))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings of people beside this checkout")
async def test_people_are_understood_well_enough_by_pocketsphinx() -> None:
    said = json.loads((RECORDINGS / "transcripts.json").read_text())
    wrong = total = 0
    async with open_stt(PocketsphinxSpec()) as engine:
        for name, words in said.items():
            pcm, rate = read_wav((RECORDINGS / name).read_bytes())
            errors, count = word_errors(words, (await engine.transcribe(utterance(pcm, rate=rate))).text)
            wrong, total = wrong + errors, total + count
    assert wrong / total <= 0.34
