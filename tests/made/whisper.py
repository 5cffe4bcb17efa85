"""A Whisper in CTranslate2's format with made-up weights, which faster-whisper loads like any other.

`scripted` says its one sentence whatever it hears, silence included: embeddings are orthogonal and every layer of the
decoder passes its input through, so the projection picks each token's successor. The other presets have random
weights, those with the names of OpenAI's models their true dimensions; these may be scripted too, which makes a
sentence at the true speed, for benchmarks.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from ctranslate2.specs import whisper_spec
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

SENTENCE = "what time is it"
Preset = Literal["scripted", "random", "tiny.en", "base.en", "small.en"]

_SPECIALS = [
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
]  # fmt: skip
_TIMESTAMPS = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
_MELS = 80
_CERTAINTY = 20.0
"""Logit of the scripted successor; all others are near zero."""


@dataclass(frozen=True, slots=True)
class _Shape:
    encoder_layers: int
    decoder_layers: int
    heads: int
    width: int
    text_tokens: int


_FULL_VOCABULARY = 51_864 - len(_SPECIALS) - len(_TIMESTAMPS)
_SHAPES: dict[Preset, _Shape] = {
    "scripted": _Shape(1, 1, 2, 64, 800),
    "random": _Shape(1, 1, 2, 64, 400),
    "tiny.en": _Shape(4, 4, 6, 384, _FULL_VOCABULARY),
    "base.en": _Shape(6, 6, 8, 512, _FULL_VOCABULARY),
    "small.en": _Shape(12, 12, 12, 768, _FULL_VOCABULARY),
}


def make_whisper(
    folder: Path,
    text: str = SENTENCE,
    *,
    preset: Preset = "scripted",
    scripted: bool = False,
    quantization: str | None = None,
) -> Path:
    """Write a model into `folder` and return it. The scripted one takes 2 MB and some milliseconds; no word of its
    `text` may come twice, and fifty are the most.
    """
    shape = _SHAPES[preset]
    tokenizer = _tokenizer(text, shape.text_tokens)
    weights = _Weights(shape, np.random.default_rng(0))
    if scripted or preset == "scripted":
        spec = weights.spec(transparent=True)
        _script(spec, tokenizer, text, shape.width)
    else:
        spec = weights.spec(transparent=False)
        weights.babble(spec, tokenizer.get_vocab_size())
    names = {number: token for token, number in tokenizer.get_vocab().items()}
    spec.register_vocabulary([names[number] for number in range(len(names))])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokenizer.token_to_id("<|endoftext|>")]
    spec.config.lang_ids = [tokenizer.token_to_id("<|en|>")]
    spec.config.alignment_heads = [[shape.decoder_layers - 1, 0]]
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    features = {"feature_size": _MELS, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def _tokenizer(text: str, text_tokens: int) -> Any:
    """Byte-level BPE that knows `text`, filled up so that the special tokens have their numbers of real models."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=text_tokens, initial_alphabet=alphabet, show_progress=False, min_frequency=1
    )
    tokenizer.train_from_iterator([" " + text] * 20, trainer)
    vocabulary = tokenizer.get_vocab()
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    vocabulary.update({f"PAD{number}": number for number in range(len(vocabulary), text_tokens)})
    tokenizer.model = models.BPE(vocab=vocabulary, merges=merges)
    tokenizer.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in _SPECIALS + _TIMESTAMPS])
    return tokenizer


@dataclass(frozen=True, slots=True)
class _Weights:
    shape: _Shape
    random: np.random.Generator

    def spec(self, *, transparent: bool) -> Any:
        """All layers; a transparent decoder adds nothing to the token that it is given."""
        spec = whisper_spec.WhisperSpec(
            self.shape.encoder_layers, self.shape.heads, self.shape.decoder_layers, self.shape.heads
        )
        width = self.shape.width
        encoder, decoder = spec.encoder, spec.decoder
        encoder.conv1.weight, encoder.conv1.bias = (
            self._normal(width, _MELS, 3, scale=(3 * _MELS) ** -0.5),
            _zeros(width),
        )
        encoder.conv2.weight, encoder.conv2.bias = (
            self._normal(width, width, 3, scale=(3 * width) ** -0.5),
            _zeros(width),
        )
        encoder.position_encodings.encodings = self._normal(1500, width, scale=0.02)
        self._norm(encoder.layer_norm)
        for layer in encoder.layer:
            self._attention(layer.self_attention, silent=False)
            self._feed_forward(layer.ffn, silent=False)
        self._norm(decoder.layer_norm)
        decoder.position_encodings.encodings = (
            _zeros(448, width) if transparent else self._normal(448, width, scale=0.02)
        )
        for layer in decoder.layer:
            self._attention(layer.self_attention, silent=transparent)
            self._cross_attention(layer.attention, silent=transparent)
            self._feed_forward(layer.ffn, silent=transparent)
        return spec

    def babble(self, spec: Any, tokens: int) -> None:
        spec.decoder.embeddings.weight = self._normal(tokens, self.shape.width, scale=1.0)
        spec.decoder.projection.weight = spec.decoder.embeddings.weight.copy()

    def _normal(self, *shape: int, scale: float) -> NDArray[np.float32]:
        return self.random.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    def _norm(self, spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(self.shape.width, np.float32), _zeros(self.shape.width)

    def _linear(self, spec: Any, out: int, into: int, *, silent: bool = False) -> None:
        spec.weight = _zeros(out, into) if silent else self._normal(out, into, scale=into**-0.5)
        spec.bias = _zeros(out)

    def _attention(self, spec: Any, *, silent: bool) -> None:
        width = self.shape.width
        self._norm(spec.layer_norm)
        self._linear(spec.linear[0], 3 * width, width)
        self._linear(spec.linear[1], width, width, silent=silent)

    def _cross_attention(self, spec: Any, *, silent: bool) -> None:
        width = self.shape.width
        self._norm(spec.layer_norm)
        self._linear(spec.linear[0], width, width)
        self._linear(spec.linear[1], 2 * width, width)
        self._linear(spec.linear[2], width, width, silent=silent)

    def _feed_forward(self, spec: Any, *, silent: bool) -> None:
        width = self.shape.width
        self._norm(spec.layer_norm)
        self._linear(spec.linear_0, 4 * width, width)
        self._linear(spec.linear_1, width, 4 * width, silent=silent)


def _zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, np.float32)


def _script(spec: Any, tokenizer: Any, text: str, width: int) -> None:
    """Embeddings and projection that make each token call for the next one of `text`."""
    words: list[int] = tokenizer.encode(" " + text).ids
    if len(set(words)) != len(words):
        raise ValueError(f"a token comes twice in {text!r}")
    start, untimed, zero, end = (
        tokenizer.token_to_id(each)
        for each in ("<|startoftranscript|>", "<|notimestamps|>", "<|0.00|>", "<|endoftext|>")
    )
    used: Sequence[int] = [start, untimed, zero, *words]
    if len(used) >= width:
        raise ValueError(f"{text!r} is too long: {len(used)} tokens")
    # Orthonormal directions without a mean, so that the layer norms leave them alone.
    columns = [np.ones((width, 1)), np.random.default_rng(0).standard_normal((width, len(used)))]
    directions = np.linalg.qr(np.concatenate(columns, axis=1))[0][:, 1:].T
    tokens = tokenizer.get_vocab_size()
    embeddings, projection = _zeros(tokens, width), _zeros(tokens, width)
    embeddings[used] = directions * np.sqrt(width)
    for token, successor in [
        (start, zero),
        (untimed, words[0]),
        (zero, words[0]),
        *zip(words, [*words[1:], end], strict=True),
    ]:
        projection[successor] += directions[used.index(token)] * _CERTAINTY / np.sqrt(width)
    spec.decoder.embeddings.weight, spec.decoder.projection.weight = embeddings, projection
