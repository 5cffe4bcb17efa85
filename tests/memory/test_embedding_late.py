"""An embedder that is asked before it is open."""

import pytest

from memory.embedding.catalog import late_embedder
from memory.embedding.late import LateEmbedder
from memory.embedding.minilm import open_minilm
from memory.embedding.settings import MiniLmSpec, NoEmbeddingSpec
from resilience.errors import EngineUnavailable
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio


async def test_until_it_is_there_it_has_no_vectors_and_then_it_has() -> None:
    late, inner = LateEmbedder("bag/1", 64), BagOfWords()
    with pytest.raises(EngineUnavailable, match="being opened"):
        await late.embed(["A dog."])
    late.arrived(inner)
    assert (await late.embed(["A dog."])).tolist() == (await inner.embed(["A dog."])).tolist()
    assert late.tried.is_set()


async def test_what_could_not_be_opened_says_so() -> None:
    late = LateEmbedder("bag/1", 64)
    late.arrived(None)
    assert late.tried.is_set()
    with pytest.raises(EngineUnavailable, match="not there"):
        await late.embed(["A dog."])


async def test_one_that_is_not_known_before_is_known_then() -> None:
    late = late_embedder(NoEmbeddingSpec())
    assert not late.is_known
    late.arrived(BagOfWords("bag/2", 32))
    assert (late.is_known, late.model, late.dimensions) == (True, "bag/2", 32)


async def test_the_one_that_comes_with_the_house_is_called_what_it_was_said_to_be() -> None:
    late = late_embedder(MiniLmSpec())
    async with open_minilm() as inner:
        assert (late.model, late.dimensions) == (inner.model, inner.dimensions)
