"""An embedder that fails or hangs is left alone; one that was asked before is not asked again."""

from collections.abc import Sequence

import anyio
import numpy as np
import pytest

from memory.cache import Cache
from memory.cache_layer import Key
from memory.embedding.cached import CachedEmbedder
from memory.embedding.guarded import SECONDS, TEXTS, GuardedEmbedder
from memory.types import Vectors
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import CircuitOpen, EngineError, EngineFailed, EngineTimeout
from resilience.settings import BreakerSettings

pytestmark = pytest.mark.anyio


class MoodyEmbedder:
    """Says how long a text is; fails, or is slow, when told to."""

    def __init__(self, model: str = "length/1") -> None:
        self.model = model
        self.dimensions = 2
        self.error: EngineError | None = None
        self.seconds = 0.0
        self.asked: list[tuple[str, ...]] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(tuple(texts))
        await anyio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        rows = np.array([[len(text), 1] for text in texts], np.float32).reshape(len(texts), 2)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def guarded(inner: MoodyEmbedder) -> tuple[GuardedEmbedder, CircuitBreaker]:
    breaker = CircuitBreaker("embedder", BreakerSettings(consecutive_failures=2, open_seconds=2, jitter=0), probed=True)
    return GuardedEmbedder(inner, breaker), breaker


async def test_what_is_asked_goes_through_and_comes_back() -> None:
    inner = MoodyEmbedder()
    embedder, _ = guarded(inner)
    assert (embedder.model, embedder.dimensions) == ("length/1", 2)
    np.testing.assert_array_equal(await embedder.embed(["a", "b"]), await inner.embed(["a", "b"]))
    assert (await embedder.embed([])).shape == (0, 2)


async def test_after_repeated_failures_nobody_asks_it_any_more() -> None:
    inner = MoodyEmbedder()
    inner.error = EngineFailed("x", "no")
    embedder, _ = guarded(inner)
    for error in (EngineFailed, EngineFailed, CircuitOpen):
        with pytest.raises(error):
            await embedder.embed(["a"])
    assert len(inner.asked) == 2


@pytest.mark.usefixtures("virtual_time")
async def test_many_texts_may_take_longer_than_few() -> None:
    inner = MoodyEmbedder()
    inner.seconds = SECONDS + 1
    embedder, _ = guarded(inner)
    with pytest.raises(EngineTimeout):
        await embedder.embed(["a"] * TEXTS)
    assert len(await embedder.embed(["a"] * (TEXTS + 1))) == TEXTS + 1


@pytest.mark.usefixtures("virtual_time")
async def test_only_a_probe_finds_out_that_it_is_well_again() -> None:
    inner = MoodyEmbedder()
    inner.error = EngineFailed("x", "no")
    embedder, breaker = guarded(inner)
    for _ in range(2):
        with pytest.raises(EngineFailed):
            await embedder.embed(["a"])
    inner.error = None
    await anyio.sleep(3)
    with pytest.raises(CircuitOpen):
        await embedder.embed(["a"])
    await embedder.probe()
    assert breaker.state is BreakerState.CLOSED


async def test_only_what_was_never_asked_is_computed_and_all_of_it_at_once() -> None:
    inner = MoodyEmbedder()
    embedder = CachedEmbedder(inner, Cache(1_000_000))
    assert (embedder.model, embedder.dimensions) == ("length/1", 2)
    first = await embedder.embed(["one", "three"])
    again = await embedder.embed(["three", "seventeen", "one", "", "three"])
    assert inner.asked == [("one", "three"), ("seventeen", "")]
    np.testing.assert_array_equal(again[[2, 0]], first)
    np.testing.assert_array_equal(again, await inner.embed(["three", "seventeen", "one", "", "three"]))
    assert (await embedder.embed([])).shape == (0, 2)


async def test_what_comes_from_the_cache_is_the_callers_own() -> None:
    embedder = CachedEmbedder(MoodyEmbedder(), Cache(1_000_000))
    (await embedder.embed(["one"]))[:] = 0
    assert (await embedder.embed(["one"])).all()


async def test_another_model_has_vectors_of_its_own() -> None:
    cache = Cache(1_000_000)
    one, other = MoodyEmbedder("length/1"), MoodyEmbedder("length/2")
    await CachedEmbedder(one, cache).embed(["hello"])
    await CachedEmbedder(other, cache).embed(["hello"])
    assert other.asked == [("hello",)]


async def test_a_failure_is_not_kept() -> None:
    inner = MoodyEmbedder()
    embedder = CachedEmbedder(inner, Cache(1_000_000))
    inner.error = EngineFailed("x", "no")
    with pytest.raises(EngineFailed):
        await embedder.embed(["hello"])
    inner.error = None
    assert (await embedder.embed(["hello"])).shape == (1, 2)


async def test_what_is_no_vector_of_that_size_is_not_believed() -> None:
    cache, inner = Cache(1_000_000), MoodyEmbedder()

    async def nonsense(keys: Sequence[Key]) -> list[bytes]:
        return [b"abc" for _ in keys]

    await cache.get([Key.of("embedding", inner.model, "hello")], nonsense)
    assert (await CachedEmbedder(inner, cache).embed(["hello", "you"])).shape == (2, 2)
