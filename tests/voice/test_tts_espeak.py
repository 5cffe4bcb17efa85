import sys
import threading
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import anyio
import piper.voice
import pytest

from resilience.errors import EngineUnavailable
from tests.made.piper import make_piper
from voice.catalog import open_tts
from voice.protocols import TextToSpeech, Versatile
from voice.settings import EspeakSpec, PiperSpec
from voice.tts import espeak_library
from voice.tts.espeak import HIGHEST
from voice.types import AS_USUAL, Delivery, KnownVoice

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """A real engine wants a real clock."""
    return request.param


async def seconds_of(voice: TextToSpeech, text: str, delivery: Delivery = AS_USUAL) -> float:
    async with aclosing(voice.synthesize(text, delivery)) as frames:
        return sum([frame.seconds async for frame in frames])


@pytest.mark.parametrize("name", ["en-us", "en-gb", "EN-GB", "en-gb+f3", "de", "gmw/en", "English (Great Britain)"])
async def test_a_voice_is_found_by_name_language_or_identifier(name: str) -> None:
    async with open_tts(EspeakSpec(voice=name)) as voice:
        assert await seconds_of(voice, "Good morning.") > 0.4


@pytest.mark.parametrize("name", ["en-uss", "klingon-battle", "", "\x00", "d\u00e9"])
async def test_an_unknown_voice_is_refused_with_the_names_of_others(name: str) -> None:
    with pytest.raises(EngineUnavailable, match="en-us"):
        async with open_tts(EspeakSpec(voice=name)):
            pass


async def test_a_rate_beyond_what_the_engine_can_is_left_to_others() -> None:
    async with open_tts(EspeakSpec(words_per_minute=300)) as voice:
        assert isinstance(voice, Versatile)
        fastest, beyond = Delivery(rate=1.5), Delivery(rate=3, pitch=2)
        assert voice.takes(beyond) == replace(voice.takes(fastest), pitch=HIGHEST)
        text = "Good morning to all of you."
        assert await seconds_of(voice, text, beyond) == pytest.approx(await seconds_of(voice, text, fastest), rel=0.05)


async def test_it_has_voices_of_several_languages_its_own_first() -> None:
    async with open_tts(EspeakSpec(voice="de")) as voice:
        assert isinstance(voice, Versatile)
        assert voice.voices[0] == KnownVoice("espeak:de", "German, a man", "de")
        assert {each.language for each in voice.voices} == {"en", "fr", "de", "es"}
        assert len({each.name for each in voice.voices}) == len({each.label for each in voice.voices}) == 28


async def test_a_voice_that_was_set_and_is_not_among_the_usual_ones_is_known_too() -> None:
    async with open_tts(EspeakSpec(voice="en-gb+f5")) as voice:
        assert isinstance(voice, Versatile)
        assert voice.voices[0] == KnownVoice("espeak:en-gb+f5", "en-gb+f5", "en")


async def test_a_chosen_voice_and_a_chosen_language_sound_otherwise() -> None:
    async with open_tts(EspeakSpec()) as voice:
        text = "Die Nachtigall singt im Garten."
        own, german, other = [
            await seconds_of(voice, text, each)
            for each in (Delivery(), Delivery(language="de"), Delivery(voice="espeak:de", language="fr"))
        ]
    assert german == pytest.approx(other, rel=0.02)
    assert german != pytest.approx(own, rel=0.02)


async def test_it_costs_no_import_of_piper() -> None:
    program = "import sys, voice.tts.espeak_library as e; e.load(); print({'piper', 'onnxruntime'} & {*sys.modules})"
    told = await anyio.run_process([sys.executable, "-c", program])
    assert told.stdout.strip() == b"set()"


async def test_sound_comes_before_the_sentence_is_finished() -> None:
    finished = threading.Event()
    library = espeak_library.load()
    first_heard_before_the_end: list[bool] = []

    def on_audio(_pcm: bytes) -> bool:
        first_heard_before_the_end.append(not finished.is_set())
        return len(first_heard_before_the_end) < 3

    def say() -> None:
        library.say("word " * 300, voice="en-us", words_per_minute=160, on_audio=on_audio)
        finished.set()

    await anyio.to_thread.run_sync(say)
    assert first_heard_before_the_end == [True] * 3  # and saying no more stopped it


async def test_what_goes_wrong_in_a_callback_comes_out_of_the_call() -> None:
    def on_audio(_pcm: bytes) -> bool:
        raise LookupError("no one listens")

    library = espeak_library.load()
    with pytest.raises(LookupError, match="no one listens"):
        library.say("Hello.", voice="en-us", words_per_minute=160, on_audio=on_audio)
    library.say("Hello.", voice="en-us", words_per_minute=160, on_audio=lambda _pcm: True)


async def test_closing_the_engine_ends_its_thread() -> None:
    async with open_tts(EspeakSpec()) as voice:
        async with aclosing(voice.synthesize("word " * 3000)) as frames:
            async for _frame in frames:
                break
        assert any(thread.name.startswith("espeak") for thread in threading.enumerate())
    assert not any(thread.name.startswith("espeak") for thread in threading.enumerate())


async def test_piper_and_espeak_share_one_native_library_and_take_turns(tmp_path: Path) -> None:
    spec = PiperSpec(model=make_piper(tmp_path / "tiny.onnx"))
    async with (
        open_tts(spec) as piper_voice,
        open_tts(EspeakSpec()) as first,
        open_tts(EspeakSpec(voice="de")) as second,
    ):
        assert piper.voice._ESPEAK_PHONEMIZER_LOCK is espeak_library.LOCK

        async def session(voice: TextToSpeech) -> None:
            for _ in range(20):
                assert await seconds_of(voice, "Good morning, how are you?") > 0.5

        async with anyio.create_task_group() as sessions:
            for voice in (piper_voice, first, second):
                sessions.start_soon(session, voice)
                sessions.start_soon(session, voice)
