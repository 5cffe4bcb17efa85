"""The house's cache behind its voices: real layers, a real small voice, and the phrases of the house."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio import to_thread
from redis import Redis as RedisClient

from app.sounds import KIND, Sounds, learn_phrases, phrases
from graph.strings import said
from memory.cache import Cache, Figures, open_cache
from memory.cache_settings import CacheSettings
from resilience.breaker import CircuitBreaker
from resilience.ladder import Ladder, Rung
from tests.fakes import ScriptedTts
from tests.made.piper import make_piper
from tests.made.redis import RedisServer, redis_server
from voice.catalog import open_tts
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.sentences import sentences
from voice.settings import PiperSpec
from voice.tts.cached import CachedVoice, open_cached
from voice.types import AS_USUAL, AudioFrame, Delivery

pytestmark = pytest.mark.anyio

SENTENCE = "My name is Ada, and I live in London."


@pytest.fixture
def anyio_backend() -> str:
    """Real disks, a real Redis, a real voice."""
    return "asyncio"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_piper(tmp_path_factory.mktemp("voice") / "tiny.onnx")


class Counted:
    """A real engine, and what it was asked for."""

    def __init__(self, engine: TextToSpeech, said: list[str]) -> None:
        self._engine = engine
        self._said = said

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        self._said.append(sentence)
        async with aclosing(self._engine.synthesize(sentence, delivery)) as frames:
            async for frame in frames:
                yield frame


@asynccontextmanager
async def a_voice(model: Path, cache: Cache, said: list[str]) -> AsyncGenerator[CachedVoice, None]:
    spec = PiperSpec(model=model)

    @asynccontextmanager
    async def counted() -> AsyncGenerator[TextToSpeech, None]:
        async with open_tts(spec) as engine:
            yield Counted(engine, said)

    async with open_cached(spec, counted(), Sounds(cache)) as engine:
        assert isinstance(engine, CachedVoice)
        yield engine


def ladder(engine: TextToSpeech) -> Ladder[TextToSpeech]:
    return Ladder("tts", [Rung("one", engine, CircuitBreaker("tts/one"), 10.0, 5.0)])


async def say(voice: CachedVoice, sentence: str = SENTENCE) -> bytes:
    async with aclosing(TieredTextToSpeech(ladder(voice)).synthesize(sentence)) as frames:
        return b"".join([frame.pcm async for frame in frames])


def speech(cache: Cache) -> dict[str, Figures]:
    return {each.layer: each for each in cache.figures() if each.kind == KIND}


async def is_kept(cache: Cache, layer: str) -> None:
    with anyio.fail_after(10):
        while layer not in speech(cache) or not speech(cache)[layer].bytes:
            await anyio.sleep(0.01)


def keys_in(server: RedisServer) -> int:
    with RedisClient.from_url(server.url) as client:
        return int(client.dbsize())


async def kept(voice: CachedVoice, sentence: str = SENTENCE) -> bytes | None:
    """However slow the layers are on a busy machine."""
    frames = await voice.for_phrases().kept(sentence)
    return None if frames is None else b"".join(frame.pcm for frame in frames)


async def test_what_was_said_twice_survives_a_restart_and_what_was_said_once_does_not(
    model: Path, tmp_path: Path
) -> None:
    said, file = list[str](), tmp_path / "cache.sqlite"
    async with open_cache(CacheSettings(), file) as cache, a_voice(model, cache, said) as voice:
        sound = await say(voice)
        await say(voice, "That was said once.")
        assert await say(voice) == sound
        await is_kept(cache, "file")
        assert (speech(cache)["memory"].hits, speech(cache)["memory"].misses) == (1, 2)
    async with open_cache(CacheSettings(), file) as cache, a_voice(model, cache, said) as voice:
        assert await kept(voice) == sound
        assert await kept(voice, "That was said once.") is None
        assert (speech(cache)["file"].hits, speech(cache)["file"].misses) == (1, 1)
    assert said == [SENTENCE, "That was said once."]


async def test_houses_on_one_redis_say_a_sentence_once(model: Path, redis: RedisServer) -> None:
    said = list[str]()
    async with open_cache(CacheSettings(), None, redis_url=redis.url) as one, a_voice(model, one, said) as voice:
        sound = await say(voice)
        assert await say(voice) == sound
        with anyio.fail_after(10):
            while not await to_thread.run_sync(keys_in, redis):
                await anyio.sleep(0.01)
    async with open_cache(CacheSettings(), None, redis_url=redis.url) as other, a_voice(model, other, said) as voice:
        assert await kept(voice) == sound
        assert await say(voice) == sound
    assert said == [SENTENCE]


async def test_a_voice_goes_on_without_redis_and_nobody_waits_for_it(model: Path, redis: RedisServer) -> None:
    said = list[str]()
    redis.pause()
    try:
        async with (
            open_cache(CacheSettings(), None, redis_url=redis.url) as cache,
            a_voice(model, cache, said) as voice,
        ):
            assert await say(voice) == await say(voice)
    finally:
        redis.resume()
    assert said == [SENTENCE]


async def test_erased_it_is_said_anew_and_in_no_file(model: Path, tmp_path: Path) -> None:
    said, file = list[str](), tmp_path / "cache.sqlite"
    async with open_cache(CacheSettings(), file) as cache, a_voice(model, cache, said) as voice:
        await say(voice)
        await say(voice)
        await is_kept(cache, "file")
        assert await cache.forget() == 1
        assert [each.bytes for each in speech(cache).values()] == [0, 0]
        await say(voice)
    assert said == [SENTENCE, SENTENCE]


async def test_a_sentence_that_is_being_said_while_all_is_erased_is_not_kept() -> None:
    cache = Cache(1_000_000)
    voice = CachedVoice(ScriptedTts(), Sounds(cache), lambda: "one/1")
    async with aclosing(voice.synthesize(SENTENCE)) as frames:
        await anext(frames)
        await cache.forget()
        _ = [frame async for frame in frames]
    assert await voice.kept(SENTENCE) is None


async def test_sounds_are_bounded(model: Path) -> None:
    said, most = list[str](), 200_000
    cache = Cache(most)
    async with a_voice(model, cache, said) as voice:
        for number in range(8):
            await say(voice, f"This is sentence number {number}, and it is as long as most of them are.")
            assert sum(each.bytes for each in speech(cache).values()) <= most
        said.clear()
        await say(voice, "This is sentence number 7, and it is as long as most of them are.")
        assert said == []
        await say(voice, "This is sentence number 0, and it is as long as most of them are.")
        assert len(said) == 1


# -- the phrases of the house --------------------------------------------------------------------------------


async def test_the_phrases_are_the_sentences_that_are_said() -> None:
    async def help_() -> AsyncGenerator[str, None]:
        yield said("en", "help")

    known = await phrases()
    async with aclosing(help_()) as text, aclosing(sentences(text)) as lines:
        assert {line async for line in lines} <= {*known}
    assert {"I did not catch that.", "I have my voice back."} <= {*known}
    assert len(known) == len({*known})


async def test_phrases_are_learnt_once_and_kept_for_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    for expected in (len(await phrases()), 0):
        engine = ScriptedTts(frames=1)
        async with open_cache(CacheSettings(), file) as cache:
            voice = CachedVoice(engine, Sounds(cache), lambda: "one/1")
            await learn_phrases(ladder(voice), 1.0, lambda: False)
            await say(voice, "I did not catch that.")
            with anyio.fail_after(10):
                while speech(cache)["file"].bytes < speech(cache)["memory"].bytes:
                    await anyio.sleep(0.01)
        assert len(engine.said) == expected


async def test_a_server_and_a_voice_without_a_cache_are_not_troubled() -> None:
    engine = ScriptedTts()
    server = CachedVoice(engine, Sounds(Cache(1_000_000)), lambda: "one/1", is_ours=False)
    for voice in (engine, server):
        await learn_phrases(ladder(voice), 1.0, lambda: False)
    await learn_phrases(Ladder("tts", ()), 1.0, lambda: False)
    assert engine.said == []
