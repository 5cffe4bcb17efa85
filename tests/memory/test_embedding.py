"""MiniLM without torch: against a BERT written out in numpy, and against what is known of the real one."""

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import numpy.typing as npt
import pytest
from pydantic import TypeAdapter, ValidationError
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from memory.embedding.catalog import open_embedder
from memory.embedding.minilm import open_minilm
from memory.embedding.rows import batches
from memory.embedding.sentence_bert import SentenceBert, SentenceModel, load
from memory.embedding.settings import EmbeddingSettings, FastembedSpec, NoEmbeddingSpec
from resilience.errors import EngineUnavailable

pytestmark = pytest.mark.anyio

Floats = npt.NDArray[np.float32]

LAYERS, HEADS, WIDTH, WIDER, PLACES = 2, 2, 8, 16, 512
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "my", "dog", "is", "called", "rex", "what", "the", "name", "##s"]
SHORT, LONG, ODD = "my dog", "what is the name my dog is called", "qwerty rexs Rex"


@pytest.fixture
def anyio_backend() -> str:
    """Real threads keep their own time."""
    return "asyncio"


def make_bert(folder: Path) -> SentenceModel:
    """Random weights in the files that MiniLM has."""
    random = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for layer in range(LAYERS):
        for name, into, out in [
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", WIDTH, WIDER),
            ("output.dense", WIDER, WIDTH),
        ]:
            shapes[f"encoder.layer.{layer}.{name}.weight"] = (out, into)
            shapes[f"encoder.layer.{layer}.{name}.bias"] = (out,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"encoder.layer.{layer}.{name}.weight"] = (WIDTH,)
            shapes[f"encoder.layer.{layer}.{name}.bias"] = (WIDTH,)
    folder.mkdir(parents=True)
    weights = {name: random.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}
    save_file(weights, folder / "model.safetensors")
    config = {
        "hidden_size": WIDTH,
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer: Any = Tokenizer(models.WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(length=128)  # as the published file has it
    tokenizer.save(str(folder / "tokenizer.json"))
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    return SentenceModel("tiny", folder, digests)


def by_hand(model: SentenceModel, tokens: list[int]) -> Floats:
    """A BERT's forward pass over one text, and the mean of it."""
    from math import erf

    from safetensors.numpy import load_file

    w = {name: each.astype(np.float64) for name, each in load_file(model.folder / "model.safetensors").items()}

    def linear(x: Any, name: str) -> Any:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: Any, name: str) -> Any:
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def gelu(x: Any) -> Any:
        return x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2)))

    x = w["embeddings.word_embeddings.weight"][tokens]
    x = x + w["embeddings.position_embeddings.weight"][: len(tokens)] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    part = WIDTH // HEADS
    for layer in range(LAYERS):
        own = f"encoder.layer.{layer}"
        query, key, value = (linear(x, f"{own}.attention.self.{each}") for each in ("query", "key", "value"))
        seen = np.zeros_like(x)
        for head in range(HEADS):
            mine = slice(head * part, (head + 1) * part)
            alike = np.exp(query[:, mine] @ key[:, mine].T / np.sqrt(part))
            seen[:, mine] = alike / alike.sum(-1, keepdims=True) @ value[:, mine]
        x = norm(x + linear(seen, f"{own}.attention.output.dense"), f"{own}.attention.output.LayerNorm")
        x = norm(
            x + linear(gelu(linear(x, f"{own}.intermediate.dense")), f"{own}.output.dense"), f"{own}.output.LayerNorm"
        )
    mean = x.mean(0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


@pytest.fixture
def model(tmp_path: Path) -> SentenceModel:
    return make_bert(tmp_path / "tiny")


@pytest.fixture
def tiny(model: SentenceModel) -> SentenceBert:
    return load(model, threads=1)


async def test_it_computes_what_a_bert_computes(model: SentenceModel, tiny: SentenceBert) -> None:
    rows = await tiny.embed([SHORT, LONG, ODD, ""])
    expected = [
        by_hand(model, [2, 4, 5, 3]),
        by_hand(model, [2, 9, 6, 10, 11, 4, 5, 6, 7, 3]),
        by_hand(model, [2, 1, 8, 12, 8, 3]),
        by_hand(model, [2, 3]),
    ]
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, np.stack(expected), atol=1e-5)


async def test_company_changes_nothing_and_the_order_is_kept(tiny: SentenceBert) -> None:
    texts = [LONG * 9, SHORT, LONG, ODD, "", LONG * 30, SHORT] * 3
    together = await tiny.embed(texts)
    alone = np.concatenate([await tiny.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


async def test_the_end_of_a_long_text_is_left_out(tiny: SentenceBert) -> None:
    rows = await tiny.embed(["dog " * 254, "dog " * 254 + "rex", "dog " * 200_000])
    np.testing.assert_allclose(rows[1:], rows[:2], atol=1e-6)


async def test_nothing_in_nothing_out(tiny: SentenceBert) -> None:
    assert (await tiny.embed([])).shape == (0, WIDTH)


async def test_half_a_character_is_no_obstacle(tiny: SentenceBert) -> None:
    assert np.isfinite(await tiny.embed(["my \ud800 dog"])).all()


async def test_whoever_leaves_early_leaves_it_in_order(tiny: SentenceBert) -> None:
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tiny.embed, [LONG] * 2000)
            await anyio.sleep(0.01)
            scope.cancel()
    assert (await tiny.embed([SHORT])).shape == (1, WIDTH)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_file_is_named(model: SentenceModel, name: str) -> None:
    file = model.folder / name
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    with pytest.raises(EngineUnavailable, match=f"{name} is damaged"):
        load(model, threads=1)
    file.unlink()
    with pytest.raises(EngineUnavailable, match=f"{name} cannot be read: No such file"):
        load(model, threads=1)


def test_a_version_is_its_weights(model: SentenceModel) -> None:
    assert model.version == f"tiny/{model.digests['model.safetensors'][:8]}"


def test_batches_are_of_a_length_and_hold_every_text_once() -> None:
    texts = ["x" * length for length in (900, 3, 2000, 0, 90, 4, 95, 800)]
    found = [*batches(texts)]
    assert found == [[3, 1, 5, 4, 6], [7], [0], [2]]
    assert [*batches([])] == []


async def test_the_real_one_knows_what_means_the_same() -> None:
    said = ["my dog is called Rex", "the name of my dog is Rex", "I have a puppy named Rex", "what is my dog's name?"]
    async with open_minilm() as engine:
        rows = await engine.embed([*said, "the tax office opens at nine"])
    assert (engine.model, engine.dimensions) == ("all-MiniLM-L6-v2/53aa5117", 384)
    same, near, asked, unrelated = rows[1:] @ rows[0]
    assert 0.9 < same <= 1
    assert same > near > asked > 0.5 > 0.2 > unrelated
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


async def test_none_is_a_choice(tmp_path: Path) -> None:
    async with open_embedder(NoEmbeddingSpec(), tmp_path) as engine:
        assert engine is None


@pytest.mark.skipif(importlib.util.find_spec("fastembed") is not None, reason="fastembed is installed here")
async def test_a_library_that_is_not_there_says_how_it_gets_there(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="pip install fastembed"):
        async with open_embedder(FastembedSpec(), tmp_path):
            pass


def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    settings: TypeAdapter[EmbeddingSettings] = TypeAdapter(EmbeddingSettings)
    with pytest.raises(ValidationError, match="'minilm', 'fastembed', 'openai-compatible', 'none'"):
        settings.validate_python({"engine": "word2vec"})
