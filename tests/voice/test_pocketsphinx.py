"""pocketsphinx in its process: what it hears, what it says in the meantime, and what happens when processes die."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

from resilience.errors import EngineFailed, EngineUnavailable
from tests.made.speech import silence, speech, tone, utterance, word_errors
from voice.protocols import InterimSpeechToText
from voice.settings import PocketsphinxSpec
from voice.stt import pocketsphinx
from voice.stt.phones import in_cmu_phones
from voice.stt.pocketsphinx import Pocketsphinx, as_written, open_pocketsphinx, own_words
from voice.stt.pocketsphinx_hints import Hints
from voice.types import Settled, Utterance

pytestmark = pytest.mark.anyio

QUESTION = "what time is it"
SPEECH = utterance(speech(QUESTION, "kal16"))
LONG = utterance(speech(QUESTION, "kal16") * 8)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real processes do not keep to a clock that jumps."""
    return str(request.param)


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


async def idle(process: int | None) -> None:
    """Wait until the worker has no decoder left from an earlier call."""
    assert process is not None
    while children(process):
        await anyio.sleep(0.005)


async def first_child(process: int | None) -> int:
    assert process is not None
    while not (found := children(process)):
        await anyio.sleep(0.005)
    return found[0]


async def gone(process: int) -> None:
    """Wait until a process has ended; a zombie has."""
    while True:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        await anyio.sleep(0.005)


async def look(engine: Pocketsphinx, so_far: Utterance) -> str:
    found = await engine.interim(so_far, Settled())
    assert found is not None
    return " ".join(found.words)


async def test_flite_speech_is_recognised_well_enough_to_be_of_use() -> None:
    said = [QUESTION, "what is my name", "please repeat that", "how are you today", "turn the volume down", "stop"]
    wrong = total = 0
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        for voice in ("awb", "kal16"):
            for sentence in said:
                errors, words = word_errors(
                    sentence, (await engine.transcribe(utterance(speech(sentence, voice)))).text
                )
                wrong, total = wrong + errors, total + words
    assert wrong / total <= 0.34


async def test_interim_text_grows_with_the_utterance_and_ends_near_what_was_said() -> None:
    pcm = SPEECH.audio.pcm
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert isinstance(engine, InterimSpeechToText)
        ends = range(9_600, len(pcm) + 9_600, 9_600)
        texts = [await look(engine, utterance(pcm[:end], started_at=3.0)) for end in ends]
    lengths = [len(text.split()) for text in texts]
    assert lengths[0] < lengths[-1]
    assert word_errors(QUESTION, texts[-1])[0] <= 1


async def test_a_look_at_what_was_looked_at_before_costs_nothing() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        await look(engine, SPEECH)
        assert engine.worker is not None
        os.kill(engine.worker, signal.SIGSTOP)  # nobody is asked
        assert await engine.interim(SPEECH, Settled()) is None
        os.kill(engine.worker, signal.SIGCONT)


async def test_two_growing_utterances_are_kept_apart() -> None:
    one, other = speech(QUESTION, "kal16"), speech("turn the volume down", "awb")
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        for part in (0.5, 1.0):
            heard_one = await look(engine, utterance(one[: 2 * int(len(one) * part / 2)], 1.0))
            heard_other = await look(engine, utterance(other[: 2 * int(len(other) * part / 2)], 1.0))
    assert word_errors(QUESTION, heard_one)[0] <= 2
    assert "volume" in heard_other
    assert "time" not in heard_other


async def test_a_transcript_does_not_wait_for_interim_text() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        await idle(engine.worker)
        async with anyio.create_task_group() as tasks:
            backlog = tasks.create_task(engine.interim(LONG, Settled()))
            interim = await first_child(engine.worker)
            os.kill(interim, signal.SIGSTOP)
            assert (await engine.transcribe(SPEECH)).text == "What time is it"
            os.kill(interim, signal.SIGCONT)
            await backlog


async def test_while_a_transcript_is_being_made_nothing_is_looked_into() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        await idle(engine.worker)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.transcribe, LONG)
            await first_child(engine.worker)
            assert await engine.interim(SPEECH, Settled()) is None
        assert await engine.interim(SPEECH, Settled()) is not None


async def test_a_cancelled_transcript_is_decoded_no_further() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        await idle(engine.worker)
        async with anyio.create_task_group() as tasks:
            call = tasks.create_task(engine.transcribe(LONG))
            decoder = await first_child(engine.worker)
            call.cancel()
            await call.wait()
            await gone(decoder)
        assert (await engine.transcribe(SPEECH)).text == "What time is it"


async def test_when_a_decoder_dies_its_call_fails_and_the_worker_lives() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        worker = engine.worker
        await idle(worker)

        async def kill() -> None:
            os.kill(await first_child(worker), signal.SIGKILL)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(kill)
            with pytest.raises(EngineFailed):
                await engine.transcribe(LONG)
        assert (await engine.transcribe(SPEECH)).text == "What time is it"
        assert engine.worker == worker


async def test_a_worker_that_died_is_started_anew_for_the_next_call() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        died = engine.worker
        assert died is not None
        os.kill(died, signal.SIGKILL)
        await gone(died)
        assert (await engine.transcribe(SPEECH)).text == "What time is it"
        assert engine.worker != died


async def test_interim_text_too_survives_the_death_of_its_decoder() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        await idle(engine.worker)
        half = SPEECH.audio.pcm[: len(SPEECH.audio.pcm) // 4 * 2]
        await look(engine, utterance(half))
        os.kill(await first_child(engine.worker), signal.SIGKILL)
        with pytest.raises(EngineFailed):
            await look(engine, SPEECH)
        assert word_errors(QUESTION, await look(engine, SPEECH))[0] <= 1


async def test_a_worker_that_is_stopped_ends_every_look_that_is_under_way_and_another_one_takes_over() -> None:
    async def look_in_vain(started_at: float) -> None:
        with pytest.raises(EngineFailed):
            await engine.interim(utterance(LONG.audio.pcm, started_at), Settled())

    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        worker = engine.worker
        assert worker is not None
        await idle(worker)
        async with anyio.create_task_group() as tasks:
            for started_at in (1.0, 2.0, 3.0):
                tasks.start_soon(look_in_vain, started_at)
            while len(children(worker)) < 3:
                await anyio.sleep(0.005)
            await engine.stop()
        assert (await engine.transcribe(SPEECH)).text == "What time is it"
        assert await engine.interim(SPEECH, Settled()) is not None


async def test_the_worker_ends_with_the_engine() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        worker = engine.worker
        assert worker is not None
    assert not Path(f"/proc/{worker}").exists()


async def test_a_worker_that_hangs_is_ended_all_the_same() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        worker = engine.worker
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
    assert not Path(f"/proc/{worker}").exists()


OWNER = """
import anyio
from voice.settings import PocketsphinxSpec
from voice.stt.pocketsphinx import open_pocketsphinx

async def main():
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        print(engine.worker, flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


async def test_the_worker_does_not_outlive_an_owner_that_was_killed() -> None:
    import subprocess
    import sys

    root = Path(pocketsphinx.__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, cwd=root) as owner:
        assert owner.stdout is not None
        worker = int(await to_thread.run_sync(owner.stdout.readline))
        owner.kill()
    await gone(worker)


async def test_without_sound_there_are_no_words() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert (await engine.transcribe(utterance(silence(3.0)))).text == ""


async def test_a_worker_that_cannot_load_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POCKETSPHINX_PATH", str(tmp_path))  # where the library then looks for its models
    with pytest.raises(EngineUnavailable):
        async with open_pocketsphinx(PocketsphinxSpec()):
            pass


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("", ""),
        ("what time is it", "What time is it"),
        ("i think i'm late and i'll run", "I think I'm late and I'll run"),
        ("it is indeed what i said", "It is indeed what I said"),
    ],
)
def test_words_are_written_as_one_writes_them(heard: str, written: str) -> None:
    assert as_written(heard) == written


def test_no_engine_is_open_before_it_is_opened() -> None:
    assert Pocketsphinx().worker is None


# -- how sure it is ------------------------------------------------------------------------------------------------


async def test_it_is_surer_of_what_was_said_than_of_what_is_no_english() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        right = await engine.transcribe(SPEECH)
        wrong = await engine.transcribe(utterance(speech("wie spät ist es denn gerade", "de")))
    assert right.text == "What time is it"
    assert right.confidence is not None
    assert wrong.confidence is not None
    assert wrong.confidence < 0.15 < 0.5 < right.confidence <= 1


async def test_a_saying_that_was_expected_is_surer() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        free = await engine.transcribe(SPEECH)
        expecting = await engine.transcribe(replace(SPEECH, expected=("stop", QUESTION)))
    assert free.text == expecting.text
    assert (free.confidence or 0) < (expecting.confidence or 0)


async def test_nobody_is_sure_of_no_words() -> None:
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert (await engine.transcribe(utterance(tone(0.3)))).confidence is None


async def test_a_name_of_ones_own_may_be_sure_too() -> None:
    said = replace(utterance(speech("tell me about bratislava", "awb")), vocabulary=("Bratislava",))
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert ((await engine.transcribe(said)).confidence or 0) > 0.15


# -- what it is told of who speaks -------------------------------------------------------------------------------


async def test_a_name_of_ones_own_is_heard_and_written_as_one_writes_it() -> None:
    said = utterance(speech("tell me about bratislava", "awb"))
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert "Bratislava" not in (await engine.transcribe(said)).text
        knowing = replace(said, vocabulary=("Bratislava", "Siobhan O'Hara", "北京", "…"))
        assert (await engine.transcribe(knowing)).text == "Tell me about Bratislava"
        look = await engine.interim(knowing, Settled())
        assert look is not None
        assert "Bratislava" in look.words


async def test_a_saying_that_is_expected_is_heard_where_the_words_nearly_are() -> None:
    said = utterance(silence(0.3) + speech("repeat the last answer", "slt") + silence(0.3))
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        assert (await engine.transcribe(said)).text == "Repeat the last cancer"
        expecting = replace(said, expected=("slower", "repeat", "repeat the last answer", "go on"))
        assert (await engine.transcribe(expecting)).text == "Repeat the last answer"


@pytest.mark.parametrize("saying", ["speak french", "undo this", "go to sleep"])
async def test_who_says_more_than_a_saying_is_not_taken_to_have_said_it(saying: str) -> None:
    said = utterance(silence(0.3) + speech("do they speak french in canada", "awb") + silence(0.3))
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        expecting = replace(said, expected=(saying,))
        assert (await engine.transcribe(expecting)).text == "Do they speak french in canada"


def test_words_of_ones_own_are_read_in_parts() -> None:
    [own] = own_words(("Saint-Malo",))
    assert own.parts == (("Saint", "S EY N T"), ("Malo", "M AA L OW"))


def test_sounds_that_english_has_not_are_left_out() -> None:
    assert in_cmu_phones("ʃɪvˈɔːn") == "SH IH V AO N"
    assert in_cmu_phones("ʔ") == ""


def test_hints_arrive_as_they_were_sent() -> None:
    hints = Hints(own_words(("Nguyen",)), ("stop", "go on"))
    assert Hints.unpacked(hints.packed()) == hints
