"""Those who listen for a wake word, on speech made here."""

import pytest

from resilience.errors import EngineUnavailable
from tests.fakes import MarkedWord
from tests.made.speech import noise, silence, speech
from voice.endpointing import Endpointer
from voice.listening import Ear
from voice.protocols import WakeWord
from voice.settings import EndpointingSettings, VadSettings
from voice.types import AudioFrame, Called, Utterance
from voice.vad.gated import open_vad
from voice.wake.micro import load_micro
from voice.wake.open import load_open
from voice.wake.opening import LISTENERS, Listener, first_of, open_wake_word
from voice.wake.watch import STEP_BYTES, Watch
from voice.wake.words import Heeded, WordName, said

pytestmark = pytest.mark.anyio
SPELT: dict[WordName, str] = {"okay-nabu": "okay naboo"}


@pytest.fixture
def anyio_backend() -> str:
    """Networks are loaded in a thread."""
    return "asyncio"


def called(name: WordName, voice: str = "slt") -> bytes:
    return speech(SPELT.get(name, said(name)), voice)


def most(ear: WakeWord, pcm: bytes) -> float:
    return max(ear.process(pcm[at : at + STEP_BYTES]) for at in range(0, len(pcm), STEP_BYTES))


@pytest.mark.parametrize("name", ["okay-nabu", "hey-jarvis", "alexa"])
async def test_a_word_is_heard_when_it_is_said_and_not_when_others_are(name: WordName) -> None:
    heeded = await open_wake_word(name, "normal")
    assert most(heeded.ear, silence(2) + called(name) + silence(0.5)) >= heeded.threshold
    heeded.ear.reset()
    others = silence(2) + speech("what is the weather like in london tomorrow morning") + noise(1)
    assert most(heeded.ear, others) < heeded.threshold


async def test_open_wake_word_hears_its_words_where_it_is_installed() -> None:
    heeded = await first_of(LISTENERS["hey-jarvis"][1:], "hey-jarvis", "normal")
    assert most(heeded.ear, silence(2) + called("hey-jarvis") + silence(0.5)) >= heeded.threshold
    heeded.ear.reset()
    assert most(heeded.ear, silence(2) + speech("what is the weather like in london")) < heeded.threshold


async def test_when_it_is_to_forget_nothing_is_left_of_what_was_heard() -> None:
    ear = load_open("hey-jarvis")
    most(ear, silence(1) + called("hey-jarvis"))
    ear.reset()
    assert not vars(ear)["_features"].audio.any()
    assert most(ear, silence(2)) < 0.1


async def test_a_piece_of_any_length_is_taken() -> None:
    ear = load_micro("alexa")
    sound = silence(2) + called("alexa") + silence(0.5)
    assert max(ear.process(sound[at : at + 998]) for at in range(0, len(sound), 998)) > 0.9


@pytest.mark.parametrize("question", ["what time is it", "turn off the light"])
async def test_who_goes_on_in_one_breath_is_heard_from_the_first_syllable_on(question: str) -> None:
    watch = Watch()
    watch.heed(await open_wake_word("okay-nabu", "normal"))
    watch.sleep()
    ear = Ear(open_vad(VadSettings()), Endpointer(EndpointingSettings()), 0.4, watch)
    before, word, after = speech("my secret is this"), _trimmed(called("okay-nabu")), _trimmed(speech(question))
    sound = silence(2) + before + silence(1) + word + after + silence(2)
    events = [each for at in range(0, len(sound), 1024) for each in ear.take(AudioFrame(sound[at : at + 1024]))]
    assert sum(isinstance(each, Called) for each in events) == 1
    (heard,) = (each.audio.pcm for each in events if isinstance(each, Utterance))
    length = len(heard) - (len(heard) - _last_sound(heard))
    assert length >= len(after) - 0.03 * 32_000  # its first syllable
    assert length <= len(after) + 0.3 * 32_000  # and little of the word


def _trimmed(pcm: bytes) -> bytes:
    return pcm[_first_sound(pcm) : _last_sound(pcm)]


def _first_sound(pcm: bytes) -> int:
    return next(at for at in range(0, len(pcm), 320) if _is_loud(pcm[at : at + 320]))


def _last_sound(pcm: bytes) -> int:
    return next(at + 320 for at in range(len(pcm) // 320 * 320 - 320, -1, -320) if _is_loud(pcm[at : at + 320]))


def _is_loud(piece: bytes) -> bool:
    samples = memoryview(piece[: len(piece) // 2 * 2]).cast("h")
    return max(map(abs, samples), default=0) > 300


async def test_when_the_first_cannot_listen_the_next_one_does() -> None:
    found = await first_of([_broken("no model"), _working], "alexa", "high")
    assert found.threshold == 0.3
    assert isinstance(found, Heeded)


async def test_when_nobody_can_the_reasons_are_told() -> None:
    with pytest.raises(EngineUnavailable, match=r"one.*; .*two"):
        await first_of([_broken("one"), _broken("two")], "alexa", "high")


def _broken(reason: str) -> Listener:
    def load(_: WordName) -> WakeWord:
        raise EngineUnavailable("broken", reason)

    return Listener(load, {}, 0.0)


_working = Listener(lambda _: MarkedWord(), {"low": 0.7, "normal": 0.5, "high": 0.3}, 0.1)
