"""Tiny llama models, made of nothing: a real GGUF with a real tokenizer that llama.cpp loads in milliseconds.

`scripted` says one reply whatever it is asked: embeddings are one-hot, attention and feed-forward write zeros, and
the output matrix is a table of which token follows which, so greedy and sampled decoding both walk the reply and then
end. `small` has random weights, and what it says depends on what it read; the others are random and of the true size.
These may be scripted too, which makes a reply at the true speed, for benchmarks.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import numpy.typing as npt

Preset = Literal["scripted", "small", "qwen2.5-0.5b", "qwen2.5-1.5b", "llama3.2-1b"]
Quantisation = Literal["f32", "f16", "q8_0", "q4_0"]

REPLY = "Hello, I am a tiny test model."
END_OF_TEXT, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIALS = (END_OF_TEXT, START, END)
THINKING = ("<think>", "</think>")
"""Tokens of their own, as in models that think; written out, not hidden like the special ones."""
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_TRAINING_TEXT = """
Hello there. My name is Sarah. What time is it? Please remember that my dog is called Rex.
I live in London and I like to drink tea in the morning. The weather is nice today, is it not?
You are a helpful voice assistant. Answer in one or two short sentences. The user said this.
system user assistant tool the and for that with this have from they will would there their what about which
"""
_WORDS = re.compile(r" ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+")
_PIECES = re.compile(r"</?think>|" + _WORDS.pattern)


@dataclass(frozen=True, slots=True)
class Shape:
    architecture: Literal["llama", "qwen2"]
    layers: int
    width: int
    heads: int
    key_heads: int
    feed_forward: int
    vocabulary: int
    context: int
    tied: bool = False

    @property
    def head_width(self) -> int:
        return self.width // self.heads


SHAPES: dict[Preset, Shape] = {
    "scripted": Shape("llama", 2, 512, 8, 2, 128, 512, 2048),
    "small": Shape("llama", 8, 256, 4, 2, 768, 512, 8192),
    "qwen2.5-0.5b": Shape("qwen2", 24, 896, 14, 2, 4864, 151_936, 32_768, tied=True),
    "qwen2.5-1.5b": Shape("qwen2", 28, 1536, 12, 2, 8960, 151_936, 32_768, tied=True),
    "llama3.2-1b": Shape("llama", 16, 2048, 32, 8, 8192, 128_256, 32_768, tied=True),
}
_FILE_TYPES: dict[Quantisation, tuple[int, Any]] = {
    "f32": (0, gguf.GGMLQuantizationType.F32),
    "f16": (1, gguf.GGMLQuantizationType.F16),
    "q8_0": (7, gguf.GGMLQuantizationType.Q8_0),
    "q4_0": (2, gguf.GGMLQuantizationType.Q4_0),
}
_COARSE = frozenset({gguf.GGMLQuantizationType.Q4_0})


def make_gguf(
    path: Path,
    *,
    reply: str = REPLY,
    familiar: str = "",
    endless: bool = False,
    preset: Preset = "scripted",
    scripted: bool = False,
    quantisation: Quantisation = "f32",
    layers: int | None = None,
    chat_template: str = CHAT_TEMPLATE,
) -> Path:
    """Write a model to `path`. A scripted reply may not use a token twice. The tokenizer is trained on its ASCII part:
    each word is a token, and a letter beyond ASCII is several. An endless one starts over instead of ending. The words
    of `familiar` become tokens too where the vocabulary is large, as common words are in real models.
    """
    shape = SHAPES[preset]
    scripted = scripted or preset == "scripted"
    if layers is not None:
        shape = replace(shape, layers=layers)
    learnt = (_TRAINING_TEXT + familiar) * 2 + f"{reply.encode('ascii', 'replace').decode()}\n" * 50
    tokenizer = _Tokenizer.trained(learnt, min(shape.vocabulary, 2048 if familiar else 512))
    # Of a large one, no more than a matrix is ever in memory.
    writer = gguf.GGUFWriter(path, shape.architecture, use_temp_file=shape.width > 512)
    file_type, tensor_type = _FILE_TYPES[quantisation]
    _describe(writer, preset, shape)
    _write_tokenizer(writer, tokenizer, shape.vocabulary)
    writer.add_chat_template(chat_template)
    writer.add_file_type(file_type)
    writer.add_quantization_version(2)
    tensors = _Tensors(writer, tensor_type)
    if scripted:
        _write_script(tensors, shape, tokenizer, reply, endless=endless)
    else:
        tensors.random("token_embd.weight", shape.vocabulary, shape.width)
        tensors.ones("output_norm.weight", shape.width)
        if not shape.tied:
            tensors.random("output.weight", shape.vocabulary, shape.width)
    for layer in range(shape.layers):
        _write_layer(tensors, f"blk.{layer}.", shape, silent=scripted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: Any, preset: Preset, shape: Shape) -> None:
    writer.add_name(f"made-{preset}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(1e4 if shape.architecture == "llama" else 1e6)
    writer.add_vocab_size(shape.vocabulary)


def _byte_letters() -> dict[int, str]:
    """GPT-2's way of writing every byte as a printable letter."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(others)}


LETTERS = _byte_letters()


@dataclass(frozen=True, slots=True)
class _Tokenizer:
    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...]

    @classmethod
    def trained(cls, text: str, size: int) -> "_Tokenizer":
        """Byte-pair encoding, learnt in the plain way: merge the most frequent pair, again and again."""
        words = Counter(tuple(LETTERS[byte] for byte in word.encode()) for word in _WORDS.findall(text))
        tokens = [LETTERS[byte] for byte in range(256)]
        merges: list[tuple[str, str]] = []
        while len(tokens) < size - len(SPECIALS) - len(THINKING):
            pairs: Counter[tuple[str, str]] = Counter()
            for word, count in words.items():
                for pair in pairwise(word):
                    pairs[pair] += count
            if not pairs:
                break
            best = max(pairs, key=lambda pair: (pairs[pair], pair))
            merges.append(best)
            if (joined := "".join(best)) not in tokens:
                tokens.append(joined)
            words = Counter({_merged(word, best): count for word, count in words.items()})
        return cls((*tokens, *THINKING, *SPECIALS), tuple(merges))

    def encode(self, text: str) -> list[str]:
        pieces: list[str] = []
        for word in _PIECES.findall(text):
            if word in THINKING:
                pieces.append(word)
                continue
            letters = tuple(LETTERS[byte] for byte in word.encode())
            for merge in self.merges:
                letters = _merged(letters, merge)
            pieces += letters
        return pieces


def _merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    i = 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append("".join(pair))
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def _write_tokenizer(writer: Any, tokenizer: _Tokenizer, size: int) -> None:
    tokens = list(tokenizer.tokens)
    types = [gguf.TokenType.NORMAL] * (len(tokens) - len(THINKING) - len(SPECIALS))
    types += [gguf.TokenType.USER_DEFINED] * len(THINKING) + [gguf.TokenType.CONTROL] * len(SPECIALS)
    padding = size - len(tokens)
    tokens += [f"[PAD{i}]" for i in range(padding)]
    types += [gguf.TokenType.UNUSED] * padding
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(merge) for merge in tokenizer.merges])
    writer.add_bos_token_id(tokens.index(END_OF_TEXT))
    writer.add_eos_token_id(tokens.index(END))
    writer.add_eot_token_id(tokens.index(END))
    writer.add_pad_token_id(tokens.index(END_OF_TEXT))
    writer.add_add_bos_token(False)


def _write_script(tensors: "_Tensors", shape: Shape, tokenizer: _Tokenizer, reply: str, *, endless: bool) -> None:
    ids = {token: i for i, token in enumerate(tokenizer.tokens)}
    line_end = LETTERS[ord("\n")]  # the last token of a prompt by CHAT_TEMPLATE
    chain = [line_end, *tokenizer.encode(reply), END]
    if endless:
        chain.pop()
    if len(set(chain)) != len(chain):
        raise ValueError(f"a scripted reply may not use a token twice: {chain}")
    follows = np.zeros((shape.vocabulary, shape.width), np.float32)
    for before, after in pairwise([*chain, chain[1]] if endless else chain):
        follows[ids[after], ids[before]] = 1.0
    tensors.matrix("token_embd.weight", np.eye(shape.vocabulary, shape.width, dtype=np.float32))
    tensors.matrix("output.weight", follows, finer=True)
    tensors.ones("output_norm.weight", shape.width)


def _write_layer(tensors: "_Tensors", block: str, shape: Shape, *, silent: bool) -> None:
    keys = shape.head_width * shape.key_heads
    write = tensors.zeros if silent else tensors.random
    tensors.ones(block + "attn_norm.weight", shape.width)
    tensors.ones(block + "ffn_norm.weight", shape.width)
    tensors.random(block + "attn_q.weight", shape.width, shape.width)
    tensors.random(block + "attn_k.weight", keys, shape.width)
    tensors.random(block + "attn_v.weight", keys, shape.width)
    write(block + "attn_output.weight", shape.width, shape.width)
    if shape.architecture == "qwen2":
        for name, size in (("attn_q", shape.width), ("attn_k", keys), ("attn_v", keys)):
            tensors.add(f"{block}{name}.bias", np.zeros(size, np.float32))
    tensors.random(block + "ffn_gate.weight", shape.feed_forward, shape.width)
    tensors.random(block + "ffn_up.weight", shape.feed_forward, shape.width)
    write(block + "ffn_down.weight", shape.width, shape.feed_forward)


class _Tensors:
    def __init__(self, writer: Any, kind: Any) -> None:
        self._writer = writer
        self._kind = kind
        self._random = np.random.default_rng(0)

    def add(self, name: str, values: npt.NDArray[np.float32]) -> None:
        self._writer.add_tensor(name, values)

    def ones(self, name: str, size: int) -> None:
        self.add(name, np.ones(size, np.float32))

    def zeros(self, name: str, rows: int, columns: int) -> None:
        self.matrix(name, np.zeros((rows, columns), np.float32))

    def random(self, name: str, rows: int, columns: int) -> None:
        """Of large matrices only a block is drawn, and repeated: no speed depends on the values."""
        drawn = self._random.standard_normal(min(rows * columns, 1_000_003), dtype=np.float32)
        self.matrix(name, np.resize(drawn / np.float32(np.sqrt(columns)), (rows, columns)))

    def matrix(self, name: str, values: npt.NDArray[np.float32], *, finer: bool = False) -> None:
        """`finer`: in eight bits where others have four, as llama.cpp's own quantisation keeps the output's."""
        kind = gguf.GGMLQuantizationType.Q8_0 if finer and self._kind in _COARSE else self._kind
        if kind == gguf.GGMLQuantizationType.F32:
            self.add(name, values)
        elif kind == gguf.GGMLQuantizationType.F16:
            self._writer.add_tensor(name, values.astype(np.float16))
        else:
            self._writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
