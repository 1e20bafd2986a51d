"""A BERT of 384 dimensions written as an ONNX graph from its weights: in fp32, or with int8 weights.

The graph takes `input_ids`, `attention_mask` and `token_type_ids` (batch × tokens, int64). It gives `last_hidden_state`
(batch × tokens × 384); or what the weights have heads for: `rank` and `entailed` (batch × 1), `span` (batch × tokens ×
2). It uses ONNX Runtime's fused operators (domain com.microsoft).

How the int8 graph stays close to fp32 (cosine of MiniLM's sentence embeddings to fp32, 400 news sentences):

- ONNX Runtime's own `quantize_dynamic` gives a mean of 0.960, 0.993 with a scale per output channel.
  A few input channels are ten times as large as the others and eat up the one range that a tensor's
  activations get. Dividing those channels by √(their size / the median) and multiplying the weights by
  the same leaves the product as it was and gives 0.998 ("SmoothQuant", Xiao et al. 2022).
- Weights use 7 of the 8 bits: x86 processors with AVX2 but no VNNI add two products in 16 bits, which
  overflows with full-range weights (cosine falls from 0.998 to 0.994 and results differ by processor);
  with 7 bits the result is the same to the bit on both, at a mean of 0.997.
- A token's row of the word table has a scale of its own: that costs 0.00001. The reader's table came from int8 weights
  with one scale and was not trained, so that one scale gives it back as it was, and packs to 3 MB less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, NDArray[np.float32]]
Scales = Mapping[str, NDArray[np.float32]]  # name of a linear layer → what each input channel is divided by

HEADS, HIDDEN = 12, 384
WEIGHT_MAX = 63  # 7 bits with a sign; see above
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
FUSED = "com.microsoft"
# Layers whose input, from a LayerNorm or a Gelu, has outlying channels; what the attention gives has none.
SMOOTHED = ("qkv", "up", "down")

# Shows the range of each channel of the activations. Plain news prose of many kinds; none is from a test set.
CALIBRATION = (
    "The prime minister told parliament on Tuesday that the government would not seek early elections.",
    "At least 14 people were killed and dozens hurt when a bus overturned on a mountain road.",
    "Shares in the carmaker fell 6.2 percent after it cut its profit forecast for the second time this year.",
    "“We have waited nine years for this verdict,” said Maria Lopez, whose brother disappeared in 2009.",
    "United came from two goals down to win 3-2, with the decisive goal in the 89th minute.",
    "A magnitude 6.1 earthquake struck off the coast at 4:12 a.m., the survey said; no tsunami followed.",
    "Researchers found that the vaccine halved the number of hospital stays among the over-65s.",
    "The central bank raised its key rate by a quarter of a point, to 4.75%, the highest since October 2008.",
    "Rebels shelled the airport for a third night while negotiators in Geneva failed to agree on a truce.",
    "She is survived by her husband, three daughters and eleven grandchildren.",
    "How many workers will lose their jobs when the plant closes?",
    "Who signed the letter to the Security Council?",
    "The court of appeal overturned the conviction, ruling that the evidence had been obtained unlawfully.",
    "Heavy rain and winds of up to 130 km/h are expected along the northern coast from Friday evening.",
    "The company, based in Shenzhen, did not reply to a request for comment by e-mail.",
    "The ministry said 312,000 tonnes of wheat were exported in March, down from 405,000 in February.",
    "The film took $88 million in its opening weekend, a record for a documentary.",
    "Photographs showed charred vehicles and a crater some four metres wide in front of the hospital.",
    "Mr. Okafor, 54, a former governor of the state, denies all 17 charges of fraud and money laundering.",
    "The spacecraft entered orbit around the moon after a journey of five days.",
    "Officials in Washington described the talks as “frank”; those in Moscow called them useful.",
    "Nurses walked out at dozens of clinics over pay, the union said, and more strikes are planned for May.",
    "The mayor apologised.",
    "Floods have cut off the villages of the delta since Sunday, and aid workers say food is running out.",
    "The regulator fined the bank £37m for failing to report suspicious payments between 2014 and 2016.",
    "An amendment that would have delayed the law until 2031 was rejected by 51 votes to 48.",
    "The museum will return 26 bronzes, looted by colonial troops in 1897, by the end of the year.",
    "Correction: an earlier version of this article misstated the name of the river.",
    "Investigators have not ruled out sabotage, but a spokeswoman said there was no evidence of it so far.",
    "Residents heard three explosions near the barracks, followed by gunfire that lasted until dawn.",
    "The champion, who had not lost on clay in two years, withdrew with an injured wrist.",
    "Oil rose above $90 a barrel as the cartel kept its output unchanged.",
)


class Graph:
    """Collects the nodes and weights of one model; `op` and `weight` return the name of what they added."""

    def __init__(self, weights: Weights, name: str, *, int8: bool, scales: Scales, keep_inputs: bool) -> None:
        self.source = weights
        self.name = name
        self.pooled = "pooler.dense.weight" in weights  # a model of pairs
        self.int8 = int8
        self.scales = scales
        self.keep_inputs = keep_inputs
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.linear_inputs: dict[str, str] = {}

    def op(self, kind: str, inputs: Sequence[str], name: str, *, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def weight(self, name: str, values: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def norm(self, x: str, source: str, name: str) -> str:
        gain = self.weight(f"{name}.gain", self.source[f"{source}.weight"])
        bias = self.weight(f"{name}.bias", self.source[f"{source}.bias"])
        return self.op("LayerNormalization", [x, gain, bias], name, axis=-1, epsilon=1e-12)

    def linear(self, x: str, sources: Sequence[str], name: str) -> str:
        """x · Wᵀ + b, with the weights of several layers that share the input put side by side."""
        self.linear_inputs[name] = x
        matrix = np.concatenate([self.source[f"{source}.weight"] for source in sources])
        bias = self.weight(
            f"{name}.bias", np.concatenate([self.source[f"{source}.bias"] for source in sources])
        )
        if not self.int8:
            product = self.op("MatMul", [x, self.weight(f"{name}.weight", matrix.T)], f"{name}.product")
            return self.op("Add", [product, bias], name)
        if name in self.scales:
            matrix = matrix * self.scales[name]
            x = self.op("Mul", [x, self.weight(f"{name}.smooth", 1 / self.scales[name])], f"{name}.input")
        scale = np.abs(matrix).max(axis=1) / WEIGHT_MAX
        whole = np.rint(matrix / scale[:, None]).astype(np.int8)
        inputs = [x, self.weight(f"{name}.weight", whole.T), self.weight(f"{name}.scale", scale), "", bias]
        return self.op("DynamicQuantizeMatMul", inputs, name, domain=FUSED)

    def words(self) -> str:
        table = self.source["embeddings.word_embeddings.weight"]
        if not self.int8:
            return self.op("Gather", [self.weight("words.table", table), "input_ids"], "words")
        sizes = np.abs(table).max(axis=1, keepdims=True)
        scale = np.maximum((sizes.max() if self.pooled else sizes) / 127, 1e-12) * np.ones_like(sizes)
        whole = self.weight("words.table", np.rint(table / scale).astype(np.int8))
        rows = self.op(
            "Cast",
            [self.op("Gather", [whole, "input_ids"], "words.whole")],
            "words.row",
            to=TensorProto.FLOAT,
        )
        size = self.op("Gather", [self.weight("words.scale", scale), "input_ids"], "words.size")
        return self.op("Mul", [rows, size], "words")

    def embeddings(self) -> str:
        positions = self.weight("positions.table", self.source["embeddings.position_embeddings.weight"])
        types = self.weight("types.table", self.source["embeddings.token_type_embeddings.weight"])
        zero = self.weight("zero", np.array([0], np.int64))
        length = self.op("Shape", ["input_ids"], "length", start=1)
        place = self.op("Slice", [positions, zero, length, zero], "positions")
        kind = self.op("Gather", [types, "token_type_ids"], "types")
        total = self.op("Add", [self.op("Add", [self.words(), kind], "words_and_types"), place], "total")
        return self.norm(total, "embeddings.LayerNorm", "embedded")

    def layer(self, x: str, mask: str, number: int, output: str) -> str:
        source, name = f"encoder.layer.{number}", f"layer{number}"
        parts = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
        qkv = self.linear(x, parts, f"{name}.qkv")
        split = [f"{name}.{part}" for part in ("query", "key", "value")]
        self.nodes.append(
            helper.make_node("Split", [qkv], split, name=f"{name}.split", axis=-1, num_outputs=3)
        )
        seen = self.op(
            "MultiHeadAttention", [*split, "", mask], f"{name}.attention", domain=FUSED, num_heads=HEADS
        )
        seen = self.linear(seen, [f"{source}.attention.output.dense"], f"{name}.out")
        x = self.norm(
            self.op("Add", [seen, x], f"{name}.sum"), f"{source}.attention.output.LayerNorm", f"{name}.norm"
        )
        wide = self.linear(x, [f"{source}.intermediate.dense"], f"{name}.up")
        narrow = self.linear(
            self.op("Gelu", [wide], f"{name}.gelu", domain=FUSED), [f"{source}.output.dense"], f"{name}.down"
        )
        return self.norm(self.op("Add", [narrow, x], f"{name}.total"), f"{source}.output.LayerNorm", output)

    def head(self, x: str, source: str, name: str) -> str:
        """x · Wᵀ + b in fp32: small, and what is read off the model hangs on it."""
        matrix = self.weight(f"{name}.weight", self.source[f"{source}.weight"].T)
        product = self.op("MatMul", [x, matrix], f"{name}.product")
        return self.op("Add", [product, self.weight(f"{name}.bias", self.source[f"{source}.bias"])], name)

    def heads(self, x: str) -> dict[str, list[str | int]]:
        """The outputs by name, with their shapes."""
        if not self.pooled:
            return {x: ["batch", "tokens", HIDDEN]}
        first = self.op("Gather", [x, self.weight("first", np.array(0, np.int64))], "first.token", axis=1)
        pooled = self.op("Tanh", [self.head(first, "pooler.dense", "pooled")], "pooled.tanh")
        shapes: dict[str, list[str | int]] = {}
        for name in ("rank", "entailed"):
            if f"{name}.weight" in self.source:
                shapes[self.head(pooled, name, name)] = ["batch", 1]
        if "span.weight" in self.source:
            shapes[self.head(x, "span", "span")] = ["batch", "tokens", 2]
        return shapes

    def model(self) -> onnx.ModelProto:
        x = self.embeddings()
        mask = self.op("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
        layers = sum(name.endswith("intermediate.dense.bias") for name in self.source)
        for number in range(layers):
            x = self.layer(x, mask, number, "last_hidden_state" if number == layers - 1 else f"layer{number}")
        shapes = self.heads(x)
        kept = list(dict.fromkeys(self.linear_inputs.values())) if self.keep_inputs else []
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS
        ]
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()
        ]
        outputs += [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "tokens", None]) for name in kept
        ]
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.weights)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="dateline")
        onnx.checker.check_model(model)
        return model


def fp32_model(weights: Weights, name: str) -> bytes:
    """The model as it is, 90 MB for MiniLM."""
    return _bytes(Graph(weights, name, int8=False, scales={}, keep_inputs=False).model())


def int8_model(weights: Weights, name: str, scales: Scales) -> bytes:
    """The model with int8 weights, 23 MB for MiniLM; `scales` come from `smoothing`."""
    return _bytes(Graph(weights, name, int8=True, scales=scales, keep_inputs=False).model())


def probe(weights: Weights, name: str) -> tuple[bytes, dict[str, str]]:
    """The fp32 model that also gives out what enters each linear layer; per layer, that output's name."""
    graph = Graph(weights, name, int8=False, scales={}, keep_inputs=True)
    return _bytes(graph.model()), graph.linear_inputs


def smoothing(largest: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """What to divide each input channel by, from the largest value seen in it (per linear layer)."""
    chosen = {name: values for name, values in largest.items() if name.split(".")[1] in SMOOTHED}
    return {
        name: np.sqrt(np.maximum(1, values / np.median(values))).astype(np.float32)
        for name, values in chosen.items()
    }


def _bytes(model: onnx.ModelProto) -> bytes:
    return bytes(model.SerializeToString(deterministic=True))
