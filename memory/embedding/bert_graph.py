"""A BERT that embeds sentences, written down as an ONNX graph over the weights where they lie.

The graph is some kilobytes of steps; every weight is a reference into the safetensors file, which onnxruntime maps into
memory. So it is made anew at each start, in milliseconds, and nothing of it has to be kept.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 20, 9
"""The first with Gelu, and its file format."""
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "embedding"
_FAR_BELOW = -10_000.0
"""Added to the attention on padding, before the softmax."""


def bert_graph(weights: Path, config: dict[str, Any]) -> bytes:
    """Token numbers and their mask in, the mean of what the last layer says of the tokens out, at unit length."""
    graph = _Graph(weights)
    heads = config["num_attention_heads"]
    width = config["hidden_size"]
    epsilon = config["layer_norm_eps"]

    def linear(x: str, name: str) -> str:
        turned = graph.node("Transpose", graph.weight(f"{name}.weight"), perm=[1, 0])
        return graph.node("Add", graph.node("MatMul", x, turned), graph.weight(f"{name}.bias"))

    def norm(x: str, name: str) -> str:
        scale, bias = graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")
        return graph.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def of_heads(x: str, name: str, order: Sequence[int]) -> str:
        apart = graph.node("Reshape", linear(x, name), graph.integers(0, 0, heads, width // heads))
        return graph.node("Transpose", apart, perm=order)

    ids, mask = INPUTS
    length = graph.node("Slice", graph.node("Shape", ids), graph.integers(1), graph.integers(2))
    positions = graph.weight("embeddings.position_embeddings.weight")
    place = graph.node("Slice", positions, graph.integers(0), length, graph.integers(0))
    first_sentence = graph.node("Gather", graph.weight("embeddings.token_type_embeddings.weight"), graph.integers(0))
    x = graph.node("Gather", graph.weight("embeddings.word_embeddings.weight"), ids)
    x = norm(graph.node("Add", x, graph.node("Add", place, first_sentence)), "embeddings.LayerNorm")

    present = graph.node("Cast", mask, to=TensorProto.FLOAT)
    absent = graph.node("Sub", graph.number(1.0), graph.node("Unsqueeze", present, graph.integers(1, 2)))
    penalty = graph.node("Mul", absent, graph.number(_FAR_BELOW))
    for layer in range(config["num_hidden_layers"]):
        own = f"encoder.layer.{layer}"
        query = of_heads(x, f"{own}.attention.self.query", [0, 2, 1, 3])
        key = of_heads(x, f"{own}.attention.self.key", [0, 2, 3, 1])
        value = of_heads(x, f"{own}.attention.self.value", [0, 2, 1, 3])
        alike = graph.node("Mul", graph.node("MatMul", query, key), graph.number((width // heads) ** -0.5))
        attention = graph.node("Softmax", graph.node("Add", alike, penalty), axis=-1)
        seen = graph.node("Transpose", graph.node("MatMul", attention, value), perm=[0, 2, 1, 3])
        seen = linear(graph.node("Reshape", seen, graph.integers(0, 0, width)), f"{own}.attention.output.dense")
        x = norm(graph.node("Add", x, seen), f"{own}.attention.output.LayerNorm")
        thought = graph.node("Gelu", linear(x, f"{own}.intermediate.dense"))
        x = norm(graph.node("Add", x, linear(thought, f"{own}.output.dense")), f"{own}.output.LayerNorm")

    counted = graph.node("Unsqueeze", present, graph.integers(2))
    total = graph.node("ReduceSum", graph.node("Mul", x, counted), graph.integers(1), keepdims=0)
    mean = graph.node("Div", total, graph.node("ReduceSum", counted, graph.integers(1), keepdims=0))
    return graph.written(graph.node("LpNormalization", mean, axis=-1, p=2), width)


class _Graph:
    """Steps and values so far; each is called by a name, which `node` and its like answer with."""

    def __init__(self, weights: Path) -> None:
        self._file = weights.name
        self._stored, self._begin = _header(weights)
        self._nodes: list[Any] = []
        self._values: dict[str, Any] = {}

    def node(self, kind: str, *inputs: str, **how: Any) -> str:
        name = f"step-{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **how))
        return name

    def weight(self, name: str) -> str:
        stored = self._stored[name]
        begin, end = stored["data_offsets"]
        value = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=stored["shape"])
        value.data_location = TensorProto.EXTERNAL
        for key, said in {"location": self._file, "offset": self._begin + begin, "length": end - begin}.items():
            value.external_data.add(key=key, value=str(said))
        self._values[name] = value
        return name

    def integers(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))

    def number(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))

    def written(self, output: str, width: int) -> bytes:
        self._nodes.append(helper.make_node("Identity", [output], [OUTPUT]))
        inputs = [helper.make_tensor_value_info(each, TensorProto.INT64, ["texts", "tokens"]) for each in INPUTS]
        outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", width])]
        graph = helper.make_graph(self._nodes, "bert", inputs, outputs, [*self._values.values()])
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        written: bytes = model.SerializeToString()
        return written

    def _constant(self, value: Any) -> str:
        name = f"constant-{len(self._values)}"
        self._values[name] = numpy_helper.from_array(value, name)
        return name


def _header(weights: Path) -> tuple[dict[str, Any], int]:
    """What a safetensors file says of its tensors, and where their data begin."""
    with weights.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length
