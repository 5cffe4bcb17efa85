"""Piper voices that the tests make: a tiny one that can be heard, and one of true size for the benchmark.

A piper model takes `input` int64[1, phonemes], `input_lengths` int64[1] and `scales` float[3] (noise, length,
noise of the lengths), and gives `output` float[1, 1, 1, samples]. The tiny voice is a table with one waveform for
each phoneme, made of formants; the length scale cuts it longer or shorter.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Samples = npt.NDArray[np.float64]

RATE = 22_050
HOP = 256
ROW_HOPS = 24
"""Room for a length scale of 2.4 and more."""
PITCH_SAMPLES = HOP // 2
"""172 Hz, and phonemes join in phase."""
SYMBOLS = 256

VOWELS = {
    "i": (280, 2250, 2900), "ɪ": (400, 1950, 2550), "e": (450, 2100, 2600), "ɛ": (550, 1800, 2500),
    "æ": (690, 1660, 2400), "a": (750, 1300, 2500), "ɑ": (710, 1100, 2450), "ɒ": (600, 900, 2400),
    "ɔ": (560, 850, 2400), "o": (480, 850, 2400), "ʊ": (440, 1020, 2250), "u": (310, 870, 2250),
    "ʌ": (620, 1200, 2400), "ə": (500, 1400, 2400), "ɐ": (620, 1300, 2400), "ɜ": (480, 1350, 1700),
    "ɚ": (480, 1350, 1700), "ᵻ": (400, 1900, 2500),
}  # fmt: skip
SONORANTS = {
    "l": (360, 1100, 2600), "ɹ": (330, 1060, 1400), "r": (330, 1060, 1400), "w": (290, 610, 2150),
    "j": (260, 2070, 3000), "m": (250, 1000, 2200), "n": (250, 1500, 2500), "ŋ": (250, 2000, 2700),
    "ɾ": (300, 1600, 2500),
}  # fmt: skip
FRICATIVES = {
    "s": (4500, 7500, 0.25), "ʃ": (2200, 5000, 0.25), "f": (1200, 8000, 0.1), "θ": (1500, 8000, 0.08),
    "h": (500, 2500, 0.1), "z": (4000, 7500, 0.2), "ʒ": (2000, 5000, 0.2), "v": (800, 5000, 0.15),
    "ð": (1000, 5000, 0.15),
}  # fmt: skip
STOPS = {
    "p": (400, 1500), "b": (200, 1000), "t": (3000, 6000), "d": (2500, 5000), "k": (1300, 2800),
    "ɡ": (1200, 2500), "ʔ": (300, 600),
}  # fmt: skip


def make_piper(path: Path) -> Path:
    """Write `path` (an `.onnx` file) and its settings; 3 MB, a tenth of a second."""
    table, hops = _phoneme_table()
    graph = _Graph()
    one = graph.value(np.array([1], np.int64))
    last = graph.value(np.array([-1], np.int64))
    wave = graph.add("Cast", graph.add("Gather", graph.value(table.astype(np.float16)), "input"), to=TensorProto.FLOAT)
    length_scale = graph.add("Slice", "scales", one, graph.value(np.array([2], np.int64)), graph.value(np.array([0])))
    scaled = graph.add("Mul", graph.add("Gather", graph.value(hops), "input"), length_scale)
    kept = graph.add("Mul", graph.add("Ceil", scaled), graph.value(np.array(HOP, np.float32)))
    column = graph.add("Reshape", kept, graph.value(np.array([-1, 1], np.int64)))
    mask = graph.add("Less", graph.value(np.arange(table.shape[1], dtype=np.float32)[None]), column)
    sound = graph.add("Compress", graph.add("Reshape", wave, last), graph.add("Reshape", mask, last), axis=0)
    graph.output("Reshape", sound, graph.value(np.array([1, 1, 1, -1], np.int64)))
    graph.save(path, "tiny_piper")
    _write_settings(path)
    return path


def make_true_size_piper(path: Path, quality: Literal["medium", "high"] = "medium") -> Path:
    """Random weights in the layers of a real voice (text encoder, flow, HiFi-GAN), three hops a phoneme: it hisses,
    and takes as long as a real one. The duration predictor, which is small, is left out.
    """
    hidden = 192
    graph = _Graph()
    x = _text_encoder(graph, hidden)
    x = graph.add("Resize", x, "", graph.value(np.array([1, 1, 3], np.float32)), mode="nearest")
    for _ in range(4):
        x = _coupling(graph, x, hidden)
    graph.output("Unsqueeze", _decoder(graph, x, hidden, quality), graph.ints(1))
    graph.save(path, "true_size_piper")
    _write_settings(path)
    return path


@dataclass
class _Graph:
    """An ONNX graph as it grows: every call names its own result."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def value(self, array: npt.NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, *values: int) -> str:
        return self.value(np.array(values, np.int64))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def output(self, operator: str, *inputs: str) -> None:
        self.nodes.append(helper.make_node(operator, list(inputs), ["output"]))

    def weights(self, *shape: int, fan_in: float | None = None) -> str:
        scale = np.float32(1 / np.sqrt(fan_in if fan_in is not None else np.prod(shape[1:])))
        return self.value(self.random.standard_normal(shape, dtype=np.float32) * scale)

    def conv(self, x: str, width_in: int, width_out: int, kernel: int = 1, dilation: int = 1) -> str:
        pad = dilation * (kernel - 1) // 2
        bias = self.value(np.zeros(width_out, np.float32))
        weights = self.weights(width_out, width_in, kernel)
        return self.add("Conv", x, weights, bias, kernel_shape=[kernel], dilations=[dilation], pads=[pad, pad])

    def split(self, x: str, start: int, end: int) -> str:
        """Channels `start` to `end`."""
        return self.add("Slice", x, self.ints(start), self.ints(end), self.ints(1))

    def save(self, path: Path, name: str) -> None:
        inputs = [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ]
        output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "time"])
        graph = helper.make_graph(self.nodes, name, inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
        onnx.checker.check_model(model)
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(path))


def _phoneme_table() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """A waveform for every phoneme id, and how many hops of it are its natural length."""
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    size = HOP * ROW_HOPS
    table, hops = np.zeros((SYMBOLS, size), np.float32), np.zeros(SYMBOLS, np.float32)
    sound_of = _sounds(size)
    fade_in = np.minimum(1, np.arange(size) / 40)
    for phoneme, ids in DEFAULT_PHONEME_ID_MAP.items():
        sound, length = sound_of(phoneme)
        table[ids[0]], hops[ids[0]] = sound * fade_in, length
    return table, hops


def _sounds(size: int) -> Callable[[str], tuple[Samples, int]]:
    random = np.random.default_rng(0)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    pulses = np.zeros(size)
    pulses[::PITCH_SAMPLES] = 1
    voice = np.fft.rfft(pulses) / (1 + hertz / 400)

    def loudest_at(level: float, wave: Samples) -> Samples:
        return np.asarray(level * wave / (np.abs(wave).max() + 1e-9), np.float64)

    def formants(centres: tuple[int, ...], level: float, tilt: float) -> Samples:
        widths = [60 + 40 * k for k in range(len(centres))]
        parts = [
            c * w / (c**2 - hertz**2 + 1j * hertz * w) * tilt**k
            for k, (c, w) in enumerate(zip(centres, widths, strict=True))
        ]
        return loudest_at(level, np.fft.irfft(voice * np.sum(parts, axis=0), size))

    def noise(low: int, high: int, level: float) -> Samples:
        band = (hertz > low) & (hertz < high)
        return loudest_at(level, np.fft.irfft(np.fft.rfft(random.standard_normal(size)) * band, size))

    def burst(low: int, high: int) -> Samples:
        after = np.arange(size) - 4 * HOP
        return noise(low, high, 1.0) * (after > 0) * np.exp(-np.maximum(0, after) / 150)

    def sound_of(phoneme: str) -> tuple[Samples, int]:
        if phoneme in VOWELS:
            return formants(VOWELS[phoneme], 0.8, 1.0), 8
        if phoneme in SONORANTS:
            return formants(SONORANTS[phoneme], 0.5, 0.6), 5
        if phoneme in FRICATIVES:
            low, high, level = FRICATIVES[phoneme]
            return noise(low, high, 2 * level), 7
        if phoneme in STOPS:
            return burst(*STOPS[phoneme]), 6
        return np.zeros(size), 3 if phoneme == " " else 10 if phoneme == "," else 16 if phoneme in ".?!;:" else 0

    return sound_of


def _text_encoder(graph: _Graph, hidden: int) -> str:
    """Six layers of attention."""
    wide = 4 * hidden
    x = graph.add("Transpose", graph.add("Gather", graph.weights(SYMBOLS, hidden), "input"), perm=[0, 2, 1])
    for _ in range(6):
        heads = graph.ints(1, 2, hidden // 2, -1)
        query, key, value = (graph.add("Reshape", graph.conv(x, hidden, hidden), heads) for _ in range(3))
        weights = graph.add("MatMul", graph.add("Transpose", query, perm=[0, 1, 3, 2]), key)
        attention = graph.add("Transpose", graph.add("Softmax", weights, axis=-1), perm=[0, 1, 3, 2])
        mixed = graph.add("Reshape", graph.add("MatMul", value, attention), graph.ints(1, hidden, -1))
        x = graph.add("Add", x, graph.conv(mixed, hidden, hidden))
        inner = graph.add("Relu", graph.conv(x, hidden, wide, 3))
        x = graph.add("Add", x, graph.conv(inner, wide, hidden, 3))
    return graph.split(graph.conv(x, hidden, 2 * hidden), 0, hidden)


def _coupling(graph: _Graph, x: str, hidden: int) -> str:
    """One step of the flow: half of the channels say how to shift the others."""
    half = hidden // 2
    first, second = graph.split(x, 0, half), graph.split(x, half, hidden)
    y, total = graph.conv(first, half, hidden), ""
    for layer in range(4):
        z = graph.conv(y, hidden, 2 * hidden, 5)
        gate = graph.add("Sigmoid", graph.split(z, hidden, 2 * hidden))
        gated = graph.add("Mul", graph.add("Tanh", graph.split(z, 0, hidden)), gate)
        if layer < 3:
            both = graph.conv(gated, hidden, 2 * hidden)
            y = graph.add("Add", y, graph.split(both, 0, hidden))
            skip = graph.split(both, hidden, 2 * hidden)
        else:
            skip = graph.conv(gated, hidden, hidden)
        total = graph.add("Add", total, skip) if total else skip
    return graph.add("Concat", graph.add("Sub", second, graph.conv(total, hidden, half)), first, axis=1)


def _decoder(graph: _Graph, x: str, hidden: int, quality: Literal["medium", "high"]) -> str:
    """HiFi-GAN: 256 samples for each hop."""
    high = quality == "high"
    channels = 512 if high else 256
    steps = ((8, 16), (8, 16), (2, 4), (2, 4)) if high else ((8, 16), (8, 16), (4, 8))
    blocks = tuple((kernel, (1, 3, 5)) for kernel in (3, 7, 11)) if high else ((3, (1, 2)), (5, (2, 6)), (7, (3, 12)))
    x = graph.conv(x, hidden, channels, 7)
    for stride, kernel in steps:
        x = graph.add("LeakyRelu", x, alpha=0.1)
        weights = graph.weights(channels, channels // 2, kernel, fan_in=channels * kernel / stride)
        channels //= 2
        bias, pad = graph.value(np.zeros(channels, np.float32)), (kernel - stride) // 2
        x = graph.add("ConvTranspose", x, weights, bias, kernel_shape=[kernel], strides=[stride], pads=[pad, pad])
        total = ""
        for size, dilations in blocks:
            y = x
            for dilation in dilations:
                z = graph.conv(graph.add("LeakyRelu", y, alpha=0.1), channels, channels, size, dilation)
                if high:
                    z = graph.conv(graph.add("LeakyRelu", z, alpha=0.1), channels, channels, size)
                y = graph.add("Add", z, y)
            total = graph.add("Add", total, y) if total else y
        x = graph.add("Div", total, graph.value(np.array(3.0, np.float32)))
    return graph.add("Tanh", graph.conv(graph.add("LeakyRelu", x, alpha=0.01), channels, 1, 7))


def _write_settings(path: Path) -> None:
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    settings = {
        "audio": {"sample_rate": RATE, "quality": "test"},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "num_symbols": SYMBOLS,
        "num_speakers": 1,
        "speaker_id_map": {},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "hop_length": HOP,
        "language": {"code": "en-us"},
    }
    Path(f"{path}.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
