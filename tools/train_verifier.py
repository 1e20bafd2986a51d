"""Train rag/models/verifier/verifier.npz, which weighs the features of a claim (rag/answering/verification/).

    python tools/train_verifier.py --claims development/summedits/claims.jsonl            # cross-validate, then train
    python tools/train_verifier.py --claims F [--claims G] --check H                      # H is only scored

The data are not part of this repository; rag/models/verifier/README.md names them. Claims are left out by origin
in turn, so that the figures printed are about kinds of text that the weights have not seen.
"""

import argparse
import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.features import Features
from rag.answering.verification.scorer import FILE, Scorer, pair_figures
from rag.answering.verification.verifier import Verifier
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment
from rag.pairs import MODELS

Array = NDArray[np.float32]

AXES = 96  # principal axes of the words' vectors that are kept
PROJECTED = 48
HIDDEN = 32
EPOCHS = 6
BATCH = 64
RATE = 3e-3
DECAY = 1e-2
DROPOUT = 0.4
MEMBERS = 3  # networks whose logits are averaged: each has seen the claims in another order
REFUSED = 10.0  # logit of a claim that the checks beside the scorer refuse
RESTRICTED = 0.5  # weight of what is known of single words


@dataclass(frozen=True, eq=False)
class Claims:
    """Claims with their features; `bounds[i]:bounds[i + 1]` are the rows of the i-th."""

    false: Array  # 1 for a claim that is not supported
    origins: NDArray[np.str_]
    bounds: NDArray[np.intp]
    rows: Array
    pairs: Array
    whole: Array
    licensed: NDArray[np.bool_]  # of each row's word: a supported claim on the same context uses it as well
    refused: NDArray[np.bool_]  # by the checks beside the scorer

    def pick(self, chosen: NDArray[np.bool_]) -> "Claims":
        kept = np.repeat(chosen, np.diff(self.bounds))
        bounds = np.cumsum([0, *np.diff(self.bounds)[chosen]])
        return Claims(
            self.false[chosen], self.origins[chosen], bounds, self.rows[kept], self.pairs[kept], self.whole[chosen],
            self.licensed[kept], self.refused[chosen],
        )  # fmt: skip


def read(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def featured(files: Sequence[Path], cache: Path) -> Claims:
    """The claims with their features, measured once and then kept in the cache folder."""
    claims = read(files)
    verifier = Verifier(MiniLMEmbedder(), Entailment(), scorer=Scorer({}))
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    rag = Path(__file__).parents[1] / "rag"
    besides = [rag / name for name in ("answering/cues.py", "entailment.py", "language.py", "pairs.py")]
    model = MODELS / "entailment" / "model.onnx.gz"
    for file in sorted([*(rag / "answering" / "verification").glob("*.py"), *besides, model]):
        key.update(file.read_bytes())
    stored = cache / f"features-{key.hexdigest()[:16]}.npz"
    words: list[list[str]]
    if not stored.exists():
        measured: list[Features] = []
        refused: list[bool] = []
        for number, claim in enumerate(claims):
            contexts = lines(claim["context"])
            measured.append(verifier.measure(claim["claim"], contexts))
            refused.append(verifier.refuses(claim["claim"], contexts))
            if number % 500 == 0:
                print(f"  measured {number} of {len(claims)}", flush=True)
        np.savez(
            stored,
            bounds=np.cumsum([0, *(len(each.rows) for each in measured)]),
            rows=np.concatenate([each.rows for each in measured]),
            pairs=np.concatenate([each.pairs for each in measured]).astype(np.float16),
            whole=np.stack([each.whole for each in measured]),
            words=np.array([word for each in measured for word in each.words]),
            refused=np.array(refused),
        )
    with np.load(stored) as data:
        bounds = data["bounds"]
        words = [data["words"][start:end].tolist() for start, end in pairwise(bounds)]
        return Claims(
            false=np.array([claim["label"] != "supported" for claim in claims], dtype=np.float32),
            origins=np.array([claim["origin"] for claim in claims]),
            bounds=bounds,
            rows=data["rows"],
            pairs=data["pairs"].astype(np.float32),
            whole=data["whole"],
            licensed=np.array([flag for flags in licensed(claims, words) for flag in flags]),
            refused=data["refused"],
        )


def lines(context: str) -> list[str]:
    return [line for line in context.split("\n") if line.strip()]


def licensed(claims: list[dict[str, Any]], words: list[list[str]]) -> Iterator[list[bool]]:
    """For each claim's words whether a supported claim about the same context uses them, too."""
    known: dict[str, set[str]] = defaultdict(set)
    for claim, used in zip(claims, words, strict=True):
        if claim["label"] == "supported":
            known[claim["context"]].update(used)
    for claim, used in zip(claims, words, strict=True):
        yield [claim["label"] == "supported" or word in known[claim["context"]] for word in used]


def balanced_accuracy(false: Array, logits: Array) -> float:
    wrong, right = false == 1, false == 0
    return float(((logits[wrong] > 0).mean() + (logits[right] <= 0).mean()) / 2)


def area(false: Array, logits: Array) -> float:
    """Area under the ROC curve."""
    ranks = np.argsort(np.argsort(logits))
    wrong = int(false.sum())
    return float((ranks[false == 1].sum() - wrong * (wrong - 1) / 2) / (wrong * (len(false) - wrong)))


class Member:
    """One network, trained by gradient descent written out: rows → score of each word → the worst one → claim."""

    def __init__(self, claims: Claims, axes: Array, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.row_scale = (claims.rows.mean(axis=0), claims.rows.std(axis=0) + 1e-3)
        self.whole_scale = (claims.whole.mean(axis=0), claims.whole.std(axis=0) + 1e-3)
        self.axes = axes
        pair, row = 3 * AXES, claims.rows.shape[1]
        self.weights = {
            "project": self._start(pair, PROJECTED), "project_bias": np.zeros(PROJECTED, np.float32),
            "hidden": self._start(PROJECTED + row, HIDDEN), "hidden_bias": np.zeros(HIDDEN, np.float32),
            "out": self._start(HIDDEN, 1)[:, 0], "out_bias": np.full(1, -2.0, np.float32),
            "whole": np.zeros(claims.whole.shape[1], np.float32), "whole_bias": np.zeros(1, np.float32),
        }  # fmt: skip
        self.moments = {name: (np.zeros_like(w), np.zeros_like(w)) for name, w in self.weights.items()}
        self.steps = 0

    def _start(self, inputs: int, outputs: int) -> Array:
        bound = 1 / np.sqrt(inputs)
        return self.random.uniform(-bound, bound, (inputs, outputs)).astype(np.float32)

    def train(self, claims: Claims) -> None:
        rows = scaled(claims.rows, self.row_scale)
        whole = scaled(claims.whole, self.whole_scale)
        pairs = pair_figures(claims.pairs, self.axes)
        share = claims.false.mean()
        balance = np.where(claims.false == 1, 0.5 / share, 0.5 / (1 - share)).astype(np.float32)
        for _ in range(EPOCHS):
            order = self.random.permutation(len(claims.false))
            for first in range(0, len(order), BATCH):
                batch = order[first : first + BATCH]
                sizes = np.diff(claims.bounds)[batch]
                places = np.concatenate([np.arange(claims.bounds[i], claims.bounds[i + 1]) for i in batch])
                owner = np.repeat(np.arange(len(batch)), sizes)
                self._step(
                    pairs[places], rows[places], whole[batch], owner, claims.false[batch], balance[batch],
                    claims.licensed[places],
                )  # fmt: skip

    def _mask(self, shape: tuple[int, ...]) -> Array:
        return (self.random.random(shape, dtype=np.float32) >= DROPOUT) / np.float32(1 - DROPOUT)

    def _step(
        self, pairs: Array, rows: Array, whole: Array, owner: NDArray[np.intp], false: Array, balance: Array,
        licensed: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        w = self.weights
        count = len(false)
        pairs = pairs * self._mask(pairs.shape)
        projected = np.maximum(pairs @ w["project"] + w["project_bias"], 0)
        inputs = np.concatenate([projected, rows], axis=1)
        hidden = np.maximum(inputs @ w["hidden"] + w["hidden_bias"], 0)
        mask = self._mask(hidden.shape)
        dropped = hidden * mask
        scores = dropped @ w["out"] + w["out_bias"]
        whole = whole * self._mask(whole.shape)
        logits, hardest = worst(scores, owner, count)
        logits = logits + whole @ w["whole"] + w["whole_bias"]
        error = balance * (sigmoid(logits) - false) / count
        open_logits, hardest_open = worst(np.where(licensed, np.float32(-30), scores), owner, count)
        open_error = RESTRICTED * balance * (sigmoid(open_logits) - false) / count
        down = error[owner] * hardest + open_error[owner] * (hardest_open & ~licensed)
        down += RESTRICTED * licensed * sigmoid(scores) / max(int(licensed.sum()), 1)
        gradient = {"whole": whole.T @ error, "whole_bias": error.sum(keepdims=True)}
        gradient |= {"out": dropped.T @ down, "out_bias": down.sum(keepdims=True)}
        back = down[:, None] * w["out"][None] * mask * (hidden > 0)
        gradient |= {"hidden": inputs.T @ back, "hidden_bias": back.sum(axis=0)}
        further = (back @ w["hidden"].T)[:, :PROJECTED] * (projected > 0)
        gradient |= {"project": pairs.T @ further, "project_bias": further.sum(axis=0)}
        self._descend(gradient)

    def _descend(self, gradient: dict[str, Array]) -> None:
        """One step of AdamW."""
        self.steps += 1
        for name, slope in gradient.items():
            first, second = self.moments[name]
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            mean, spread = first / (1 - 0.9**self.steps), second / (1 - 0.999**self.steps)
            self.weights[name] *= 1 - RATE * DECAY
            self.weights[name] -= RATE * mean / (np.sqrt(spread) + 1e-8)

    def export(self) -> dict[str, Array]:
        scales = {
            "row_mean": self.row_scale[0], "row_spread": self.row_scale[1],
            "whole_mean": self.whole_scale[0], "whole_spread": self.whole_scale[1],
        }  # fmt: skip
        return {**self.weights, **scales}


def scaled(values: Array, scale: tuple[Array, Array]) -> Array:
    return np.clip((values - scale[0]) / scale[1], -4, 4).astype(np.float32)


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(values, -60, 60)))


def worst(scores: Array, owner: NDArray[np.intp], count: int) -> tuple[Array, NDArray[np.bool_]]:
    """The highest score per claim, and where it stands; the words of a claim are neighbours."""
    top = np.maximum.reduceat(scores, np.searchsorted(owner, np.arange(count)))
    return top, scores == top[owner]


def principal_axes(claims: Claims) -> Array:
    vectors = claims.pairs[::5, 0]
    _, _, axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return axes[:AXES].astype(np.float32)


def fit(claims: Claims, seed: int = 0) -> Scorer:
    axes = principal_axes(claims)
    members = []
    for number in range(MEMBERS):
        member = Member(claims, axes, seed + number)
        member.train(claims)
        members.append(member.export())
    stacked = {name: np.stack([member[name] for member in members]).astype(np.float32) for name in members[0]}
    return Scorer({"axes": axes, **stacked})


def logits_of(scorer: Scorer, claims: Claims) -> Array:
    return np.array(
        [
            scorer.logit(claims.rows[start:end], claims.pairs[start:end], whole)[0]
            for start, end, whole in zip(claims.bounds, claims.bounds[1:], claims.whole, strict=False)
        ],
        dtype=np.float32,
    )


def report(name: str, claims: Claims, logits: Array) -> None:
    found = {
        origin: (
            round(
                100
                * balanced_accuracy(claims.false[claims.origins == origin], logits[claims.origins == origin]),
                1,
            ),
            round(area(claims.false[claims.origins == origin], logits[claims.origins == origin]), 3),
        )
        for origin in sorted(set(claims.origins))
    }
    print(
        f"{name}: balanced accuracy {100 * balanced_accuracy(claims.false, logits):.1f}, by origin "
        f"{np.mean([each[0] for each in found.values()]):.1f}; area {area(claims.false, logits):.3f}, by origin "
        f"{np.mean([each[1] for each in found.values()]):.3f}"
    )
    for origin, figures in found.items():
        print(f"    {origin}: {figures[0]} {figures[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--claims", type=Path, action="append", required=True, help="claims.jsonl to learn from"
    )
    parser.add_argument(
        "--check", type=Path, action="append", default=[], help="claims.jsonl that is only scored"
    )
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()), help="folder for features")
    parser.add_argument("--save", action="store_true", help="write the weights into the package")
    args = parser.parse_args()
    claims = featured(args.claims, args.cache)
    logits = np.zeros(len(claims.false), np.float32)
    for origin in sorted(set(claims.origins)):
        out = claims.origins == origin
        logits[out] = logits_of(fit(claims.pick(~out)), claims.pick(out))
    report("each origin left out in turn", claims, logits)
    report(
        "the same with the checks beside it", claims, np.where(claims.refused, np.float32(REFUSED), logits)
    )
    scorer = fit(claims)
    for file in args.check:
        other = featured([file], args.cache)
        report(f"{file.parent.name}, not learnt from", other, logits_of(scorer, other))
    if args.save:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        scorer.save(FILE)
        print(
            f"{FILE.name}: {FILE.stat().st_size / 1e6:.2f} MB, sha256 {hashlib.sha256(FILE.read_bytes()).hexdigest()}"
        )


if __name__ == "__main__":
    main()
