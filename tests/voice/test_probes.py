"""The questions that find out whether an engine is well: cheap, and answered by every engine that is."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from graph.models.llama_cpp import LlamaCpp, open_llama_cpp
from graph.models.offline import Offline
from graph.probes import probe_language
from graph.settings import LlamaCppSpec
from graph.types import Prompt
from resilience.attempt import deadline
from resilience.errors import EngineError, EngineFailed, EngineTimeout
from resilience.upkeep import CLOSING_SECONDS, _Life
from tests.fakes import Mute, ScriptedStt, ScriptedTts
from tests.graph.prompts import asking
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper
from tests.made.speech import utterance
from tests.made.whisper import make_whisper
from voice.probes import QUIET_SOUND, WORD, probe_stt, probe_tts
from voice.settings import EspeakSpec, FasterWhisperSpec, PiperSpec, PocketsphinxSpec
from voice.stt.faster_whisper import FasterWhisper, open_faster_whisper
from voice.stt.pocketsphinx import open_pocketsphinx
from voice.stt.sound import holds_sound, samples_of
from voice.tts import espeak_library
from voice.tts.espeak import open_espeak
from voice.tts.piper import open_piper
from voice.types import AS_USUAL, AudioFrame, Delivery, Settled

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Real engines, on a real clock."""
    return "asyncio"


class Silent:
    """A voice that answers, and whose sound is silence."""

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        yield AudioFrame(bytes(640))


class Speechless:
    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        for _ in range(0):
            yield ""


def test_the_sound_is_one_that_recognisers_listen_to() -> None:
    assert holds_sound(samples_of(QUIET_SOUND, "test"))


async def test_a_recogniser_that_finds_no_words_in_it_is_well() -> None:
    await probe_stt(ScriptedStt(""))


async def test_a_recogniser_that_fails_is_not() -> None:
    with pytest.raises(EngineFailed):
        await probe_stt(ScriptedStt(EngineFailed("scripted", "out of order")))


async def test_a_voice_is_asked_for_one_word_and_left_when_it_sounds() -> None:
    voice = ScriptedTts(frames=50)
    await probe_tts(voice)
    assert (voice.said, voice.closed) == ([WORD], 1)


@pytest.mark.parametrize("voice", [Mute(), Silent()])
async def test_a_voice_that_makes_no_sound_is_not_well(voice: Mute | Silent) -> None:
    with pytest.raises(EngineFailed):
        await probe_tts(voice)


async def test_a_language_model_is_well_when_it_begins_to_answer() -> None:
    await probe_language(Offline())
    with pytest.raises(EngineFailed):
        await probe_language(Speechless())


async def test_the_engines_of_the_house_are_well(tmp_path: Path) -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        await probe_stt(recogniser)
    async with open_faster_whisper(FasterWhisperSpec(model=make_whisper(tmp_path / "whisper"))) as whisper:
        await probe_stt(whisper)
    async with open_espeak(EspeakSpec()) as voice:
        await probe_tts(voice)
    async with open_piper(PiperSpec(model=make_piper(tmp_path / "voice.onnx"))) as piper:
        await probe_tts(piper)


# -- a language model keeps what it read -----------------------------------------------------------------------------


async def said(model: LlamaCpp, question: str, *history: str) -> str:
    return "".join([piece async for piece in model.generate(asking(question, *history))])


async def test_a_check_changes_nothing_of_what_a_language_model_has_read_or_will_say(tmp_path: Path) -> None:
    spec = LlamaCppSpec(
        model=make_gguf(tmp_path / "small.gguf", preset="small"), temperature=0, max_tokens=8, threads=1
    )
    async with open_llama_cpp(spec) as model:
        assert isinstance(model, LlamaCpp)
        await said(model, "Who are you?")
        undisturbed = await said(model, "And then?", "Who are you?", "Me.")
        await said(model, "Who are you?")
        before = model._llm.input_ids[: model._llm.n_tokens].tolist()
        await probe_language(model)
        assert model._llm.input_ids[: model._llm.n_tokens].tolist() == before
        assert await said(model, "And then?", "Who are you?", "Me.") == undisturbed


# -- engines that hang in a library, or whose process is ill -----------------------------------------------------------


async def closes_or_is_left(opened: AbstractAsyncContextManager[object]) -> bool:
    """Whether closing had to be left to itself, as `resilience.upkeep` does."""
    with anyio.move_on_after(0.2, shield=True) as patience:
        await opened.__aexit__(None, None, None)
    return patience.cancelled_caught


async def test_a_language_model_that_hangs_misses_its_deadline_and_can_be_left(tmp_path: Path) -> None:
    spec = LlamaCppSpec(model=make_gguf(tmp_path / "scripted.gguf"), threads=1)
    life = _Life("llama-cpp", lambda: open_llama_cpp(spec))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(life.live)
        await life.opened.wait()
        model = life.part
        assert isinstance(model, LlamaCpp)
        with model._touching.lock:  # as a thread does that is in the library
            with pytest.raises(EngineTimeout), deadline("llama-cpp", 0.2):
                await said(model, "Who are you?")
            life.abandon()
            await life.over.wait()
        await to_thread.run_sync(model.close)
        with pytest.raises(EngineFailed):
            await said(model, "Who are you?")


async def test_a_whisper_that_hangs_misses_its_deadline_and_can_be_left(tmp_path: Path) -> None:
    opened = open_faster_whisper(FasterWhisperSpec(model=make_whisper(tmp_path / "whisper")))
    whisper = await opened.__aenter__()
    assert isinstance(whisper, FasterWhisper)
    with whisper._at_work:  # as a thread does that is in the library
        with pytest.raises(EngineTimeout), deadline("whisper", 0.2):
            await whisper.transcribe(QUIET_SOUND)
        assert await closes_or_is_left(opened)


async def test_an_espeak_that_hangs_misses_its_deadline_can_be_left_and_keeps_no_thread_waiting_for_ever() -> None:
    opened = open_espeak(EspeakSpec())
    voice = await opened.__aenter__()
    with espeak_library.LOCK:
        with pytest.raises(EngineTimeout), deadline("espeak", 0.2):
            await probe_tts(voice)
        assert await closes_or_is_left(opened)
        with pytest.raises(EngineTimeout, match="has not come back"):
            async with open_espeak(EspeakSpec()):
                pass
    with pytest.raises(EngineFailed, match="closed"):
        await probe_tts(voice)


async def test_a_worker_process_that_hangs_fails_the_probe_and_is_gone_with_its_children_when_closed() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        worker = recogniser.worker
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        with pytest.raises(EngineTimeout), deadline("pocketsphinx", 0.5):
            await probe_stt(recogniser)
    assert not Path(f"/proc/{worker}").exists()
    await empty(worker)


async def test_a_decoder_that_hangs_is_gone_with_its_worker() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        worker = recogniser.worker
        assert worker is not None
        await recogniser.interim(QUIET_SOUND, Settled())
        [decoder] = children(worker)
        for process in (decoder, worker):
            os.kill(process, signal.SIGSTOP)
    await empty(worker)


async def test_a_recogniser_whose_worker_was_killed_answers_the_next_probe() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        worker = recogniser.worker
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        with anyio.fail_after(60):
            while True:
                try:
                    await probe_stt(recogniser)
                    break
                except EngineError:
                    continue
        assert recogniser.worker != worker


async def test_a_worker_without_memory_fails_its_call_and_one_that_is_opened_anew_does_not() -> None:
    import resource

    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        worker = recogniser.worker
        assert worker is not None
        resource.prlimit(worker, resource.RLIMIT_AS, (1 << 20, 1 << 20))
        with pytest.raises(EngineFailed):
            await recogniser.transcribe(utterance(QUIET_SOUND.audio.pcm * 40))
    async with open_pocketsphinx(PocketsphinxSpec()) as another:
        await another.transcribe(utterance(QUIET_SOUND.audio.pcm * 40))


async def test_a_closed_recogniser_starts_no_worker() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as recogniser:
        pass
    with pytest.raises(EngineFailed):
        await probe_stt(recogniser)
    assert recogniser.worker is None


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


async def empty(session: int) -> None:
    """Wait until nothing of it runs; who was killed is gone a moment later."""
    with anyio.fail_after(30):
        while processes_in_session(session):
            await anyio.sleep(0.005)


def processes_in_session(session: int) -> list[str]:
    """Zombies apart: those wait for whoever adopted them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, *fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == session and state != "Z":
                found.append(entry.name)
    return found


def test_there_is_time_to_kill_a_worker_before_closing_it_is_left_to_itself() -> None:
    from voice.stt import pocketsphinx

    assert pocketsphinx._ENDING_SECONDS < CLOSING_SECONDS
