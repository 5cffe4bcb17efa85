"""A voice with a cache: what it saves its engine, what it never keeps, and whom it never passes off as another."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import HttpUrl

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed
from resilience.ladder import Ladder, Rung
from tests.fakes import ScriptedTts
from tests.made.piper import make_piper
from voice.ladders import TieredTextToSpeech
from voice.probes import probe_tts
from voice.protocols import TextToSpeech
from voice.settings import CaptionsSpec, EspeakSpec, OpenAiTtsSpec, PiperSpec, TtsSpec
from voice.tts.cached import LONGEST_SECONDS, CachedVoice, Saying, open_cached, packed, unpacked
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice

pytestmark = pytest.mark.anyio

SENTENCE = "All right."


class Shelf:
    """A `SoundCache`: keeps all it is given."""

    def __init__(self) -> None:
        self.sounds: dict[Saying, bytes] = {}
        self.coming_again: set[Saying] = set()

    async def find(self, saying: Saying, *, patient: bool) -> bytes | None:
        return self.sounds.get(saying)

    def keeper(self, saying: Saying, *, comes_again: bool) -> Callable[[bytes], None]:
        def keep(sound: bytes) -> None:
            self.sounds[saying] = sound
            if comes_again:
                self.coming_again.add(saying)

        return keep


def cached(engine: TextToSpeech, shelf: Shelf, name: str = "one/1") -> CachedVoice:
    return CachedVoice(engine, shelf, lambda: name)


def tiered(*voices: TextToSpeech, breakers: list[CircuitBreaker] | None = None) -> TieredTextToSpeech:
    rungs = [Rung(str(n), each, CircuitBreaker(f"tts/{n}"), 10.0, 5.0) for n, each in enumerate(voices)]
    if breakers is not None:
        breakers += [rung.breaker for rung in rungs]
    return TieredTextToSpeech(Ladder("tts", rungs))


async def sound_of(voice: TieredTextToSpeech | TextToSpeech, sentence: str = SENTENCE, rate: float = 1.0) -> AudioFrame:
    async with aclosing(voice.synthesize(sentence, Delivery(rate=rate))) as frames:
        all_ = [frame async for frame in frames]
    return AudioFrame(b"".join(frame.pcm for frame in all_), all_[0].sample_rate)


# -- what it saves -------------------------------------------------------------------------------------------


async def test_the_second_time_the_engine_is_not_asked_and_the_sound_is_the_same() -> None:
    engine = ScriptedTts()
    voice = tiered(cached(engine, Shelf()))
    assert await sound_of(voice) == await sound_of(voice, f" {SENTENCE} ")
    assert engine.said == [SENTENCE]


async def test_who_speaks_is_told_also_when_it_comes_from_the_cache() -> None:
    voice, told = tiered(cached(ScriptedTts(), Shelf())), list[str]()
    for _ in range(2):
        async with aclosing(voice.synthesize(SENTENCE, answering=told.append)) as frames:
            _ = [frame async for frame in frames]
    assert told == ["0", "0"]


async def test_what_comes_from_the_cache_says_nothing_of_the_engines_health() -> None:
    breakers = list[CircuitBreaker]()
    voice = tiered(cached(ScriptedTts(), Shelf()), breakers=breakers)
    await sound_of(voice)
    asked_at = breakers[0].asked_at
    await sound_of(voice)
    assert breakers[0].asked_at == asked_at


async def test_a_voice_that_is_left_alone_does_not_speak_from_the_cache() -> None:
    first, second = ScriptedTts(), ScriptedTts()
    breakers = list[CircuitBreaker]()
    voice = tiered(cached(first, Shelf()), second, breakers=breakers)
    await sound_of(voice)
    breakers[0].trip("it is ill")
    await sound_of(voice)
    assert (first.said, second.said) == ([SENTENCE], [SENTENCE])


async def test_a_probe_asks_the_engine_itself() -> None:
    engine, shelf = ScriptedTts(), Shelf()
    voice = cached(engine, shelf)
    await sound_of(voice, "Ready.")
    await probe_tts(voice)
    assert engine.said == ["Ready.", "Ready."]


# -- what it never keeps -------------------------------------------------------------------------------------


async def test_a_sentence_that_was_cut_is_not_kept() -> None:
    engine, shelf = ScriptedTts(frames=3), Shelf()
    async with aclosing(tiered(cached(engine, shelf)).synthesize(SENTENCE)) as frames:
        await anext(frames)
        await anext(frames)
    assert shelf.sounds == {}


async def test_a_sentence_that_the_engine_could_not_end_is_not_kept() -> None:
    shelf = Shelf()
    broken = ScriptedTts(fail=EngineFailed("one", "no more"), fail_at=2)
    await sound_of(tiered(cached(broken, shelf), ScriptedTts()))
    assert shelf.sounds == {}


async def test_silence_and_noise_are_not_kept() -> None:
    shelf = Shelf()
    noise = np.random.default_rng(0).integers(-32768, 32767, 1600, np.int16).tobytes()
    for bad in (bytes(3200), noise):
        await sound_of(tiered(cached(Bytes(bad), shelf), ScriptedTts()))
    assert shelf.sounds == {}


class Bytes:
    """One frame of just these bytes."""

    def __init__(self, pcm: bytes) -> None:
        self._pcm = pcm

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        yield AudioFrame(self._pcm)


async def test_what_is_long_is_not_kept() -> None:
    shelf, long = Shelf(), "A sentence that goes on and on, " * 5
    await sound_of(tiered(cached(ScriptedTts(frames=int(LONGEST_SECONDS * 10) + 1), shelf)), long)
    assert shelf.sounds == {}


async def test_a_damaged_sound_is_not_played() -> None:
    engine, shelf = ScriptedTts(), Shelf()
    voice = tiered(cached(engine, shelf))
    whole = await sound_of(voice)
    [saying] = shelf.sounds
    sound = shelf.sounds[saying]
    for damaged in (b"", b"abc", sound[:-5], sound[:4] + b"no zlib", packed(AudioFrame(bytes(2 * 96_000 * 13)))):
        shelf.sounds[saying] = damaged
        assert await sound_of(voice) == whole
    assert len(engine.said) == 6


@given(st.binary(max_size=400), st.sampled_from([8000, 22_050, 48_000]))
def test_packing_gives_every_sample_back(pcm: bytes, sample_rate: int) -> None:
    sound = AudioFrame(pcm[: len(pcm) - len(pcm) % 2], sample_rate)
    assert unpacked(packed(sound)) == (sound if sound.pcm else None)


# -- whose it is ---------------------------------------------------------------------------------------------


async def test_what_was_said_once_serves_every_rate_and_pitch() -> None:
    engine, shelf = ScriptedTts(frames=10), Shelf()
    plain = await sound_of(tiered(cached(engine, shelf)))
    fast = await sound_of(tiered(cached(engine, shelf)), rate=2.0)
    assert len(engine.said) == 1
    assert fast.seconds == pytest.approx(plain.seconds / 2, abs=0.04)


async def test_what_an_engine_says_faster_itself_is_filed_apart_from_what_it_says_as_usual() -> None:
    engine, shelf = Quick(), Shelf()
    voice = tiered(cached(engine, shelf))
    await sound_of(voice, rate=1.5)
    await sound_of(voice, rate=1.5)
    assert engine.rates == [1.5]
    await sound_of(voice)
    await sound_of(voice, rate=1.2)
    assert engine.rates == [1.5, 1.0]


class Quick(ScriptedTts):
    """Says everything as fast as it is wanted."""

    voices = (KnownVoice("quick", "Quick", "en"),)

    def takes(self, wanted: Delivery) -> Delivery:
        return Delivery(rate=wanted.rate)


@pytest.mark.parametrize("differs", ["voice", "words"])
async def test_what_another_voice_said_or_other_words_are_not_found(differs: str) -> None:
    engine, shelf = ScriptedTts(), Shelf()
    await sound_of(tiered(cached(engine, shelf)))
    other = cached(engine, shelf, "one/2" if differs == "voice" else "one/1")
    words = "All right!" if differs == "words" else SENTENCE
    await sound_of(tiered(other), words)
    assert len(engine.said) == 2


@asynccontextmanager
async def an_engine() -> AsyncGenerator[TextToSpeech, None]:
    yield ScriptedTts()


async def names(spec: TtsSpec, clock: Callable[[], datetime] = lambda: datetime(2026, 5, 1, tzinfo=UTC)) -> set[str]:
    """What the sound of a sentence is filed under; nothing where there is no cache."""
    shelf = Shelf()
    async with open_cached(spec, an_engine(), shelf, clock) as engine:
        await sound_of(engine)
    return {each.voice for each in shelf.sounds}


async def test_a_piper_voice_is_known_by_its_files_not_by_their_name(tmp_path: Path) -> None:
    model = make_piper(tmp_path / "voice.onnx")
    before = await names(PiperSpec(model=model))
    moved = model.rename(tmp_path / "other.onnx")
    settings = Path(f"{model}.json").rename(tmp_path / "other.onnx.json")
    assert await names(PiperSpec(model=moved)) == before
    assert await names(PiperSpec(model=moved, speaker=3)) != before
    settings.write_text(settings.read_text().replace("0.667", "0.5"))
    assert await names(PiperSpec(model=moved)) != before


async def test_a_piper_voice_that_cannot_be_read_goes_without(tmp_path: Path) -> None:
    assert await names(PiperSpec(model=tmp_path / "gone.onnx")) == set()


async def test_what_a_server_said_is_believed_for_a_day() -> None:
    today = datetime(2026, 5, 1, 12, tzinfo=UTC)
    spec = OpenAiTtsSpec(url=HttpUrl("http://127.0.0.1:1/v1"), model="m", voice="a")
    one = await names(spec, lambda: today)
    assert await names(spec, lambda: today + timedelta(hours=11)) == one
    assert await names(spec, lambda: today + timedelta(hours=13)) != one
    assert await names(spec.model_copy(update={"voice": "b"}), lambda: today) != one
    assert not any("127.0.0.1" in each for each in one)


async def test_voices_as_quick_as_a_look_go_without() -> None:
    assert await names(EspeakSpec()) == await names(CaptionsSpec()) == set()
