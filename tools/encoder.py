"""What training the models of pairs has in common: BERT's layers, batches of pairs, and the steps of the optimizer."""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

HEADS, HIDDEN, INNER = 12, 384, 1536
WORDS, PLACES = 30522, 512
BATCH = 2048  # tokens
WARM_UP = 0.06
CHECKPOINT = 250  # steps after which the weights are written


class Pair(Protocol):
    """Two texts in tokens."""

    @property
    def ids(self) -> list[int]: ...
    @property
    def kinds(self) -> list[int]: ...


P = TypeVar("P", bound=Pair)


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


class Encoder(nn.Module):
    """BERT whose embeddings and first layers stay as they are; a subclass adds the outputs."""

    def __init__(self, layers: int, frozen: int) -> None:
        super().__init__()
        self.word, self.place, self.kind = (nn.Embedding(n, HIDDEN) for n in (WORDS, PLACES, 2))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pool = nn.Linear(HIDDEN, HIDDEN)
        self.frozen = frozen
        for part in (self.word, self.place, self.kind, self.norm, *self.layers[:frozen]):
            part.requires_grad_(False)

    def below(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """What the frozen layers make of the tokens, and the mask for attention."""
        hidden = torch.where(mask[:, None, None, :], 0.0, -1e4)
        with torch.no_grad():
            x = self.norm(self.word(ids) + self.place.weight[: ids.shape[1]] + self.kind(kinds))
            for layer in self.layers[: self.frozen]:
                x = layer(x, hidden)
        return x, hidden

    def states(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """What the layers above make of that: a vector a token, and one of the pair."""
        for layer in self.layers[self.frozen :]:
            x = layer(x, hidden)
        return x, torch.tanh(self.pool(x[:, 0]))


def fresh_head(outputs: int) -> nn.Linear:
    """A layer that gives outputs, with small weights drawn at random."""
    head = nn.Linear(HIDDEN, outputs)
    nn.init.normal_(head.weight, std=0.02)
    nn.init.zeros_(head.bias)
    return head


def batches(examples: Sequence[P], draw: random.Random) -> Iterator[list[P]]:
    """All examples once, those of a length together, in random order."""
    by_length = sorted(examples, key=lambda each: (len(each.ids) // 8, draw.random()))
    made: list[list[P]] = []
    batch: list[P] = []
    for example in by_length:
        if batch and (len(batch) + 1) * len(example.ids) > BATCH:
            made.append(batch)
            batch = []
        batch.append(example)
    made.append(batch)
    draw.shuffle(made)
    yield from made


def tensors(batch: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, kinds and mask of a batch, each pairs × tokens."""
    width = max(len(each.ids) for each in batch)
    ids, kinds, mask = (torch.zeros(len(batch), width, dtype=torch.long) for _ in range(3))
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        kinds[row, : len(example.kinds)] = torch.tensor(example.kinds)
        mask[row, : len(example.ids)] = 1
    return ids, kinds, mask.bool()


def optimise(
    model: Encoder, plan: Sequence[list[P]], loss_of: Callable[[int, list[P]], Tensor], *,
    rate: float, decay: float, out: Path,
) -> None:  # fmt: skip
    """Take one step a batch of the plan, and write the weights to `out`.

    `decay` is of the rate, from each layer to the one below.
    """
    count = len(model.layers)
    groups = [
        {"params": list(layer.parameters()), "scale": decay ** (count - 1 - number)}
        for number, layer in enumerate(model.layers)
        if number >= model.frozen
    ]
    inside = {id(parameter) for layer in model.layers for parameter in layer.parameters()}
    heads = [each for each in model.parameters() if each.requires_grad and id(each) not in inside]
    optimizer = torch.optim.AdamW([*groups, {"params": heads, "scale": 1.0}], lr=rate, weight_decay=0.01)
    model.train()
    running = 0.0
    for step, batch in enumerate(plan):
        done = step / len(plan)
        for group in optimizer.param_groups:
            group["lr"] = rate * min(done / WARM_UP, (1 - done) / (1 - WARM_UP)) * group["scale"]
        loss = loss_of(step, batch)
        running += (0.02 if step else 1.0) * (float(loss.detach()) - running)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], 1.0)
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step} of {len(plan)}, loss {running:.3f}", flush=True)
        if step % CHECKPOINT == CHECKPOINT - 1:
            save(model, out)
    save(model, out)


def save(model: Encoder, out: Path) -> None:
    np.savez(out, **{name: array.numpy() for name, array in model.state_dict().items()})


def load(model: Encoder, file: Path) -> None:
    """Take over what the model has as well from a file that `save` wrote. Raises ValueError without its layers."""
    known = model.state_dict()
    with np.load(file) as stored:
        if lacking := sorted(name for name in known if "layers." in name and name not in stored.files):
            raise ValueError(f"{file} lacks {lacking[0]}: not what tools/train_reader.py wrote")
        known |= {name: torch.tensor(stored[name]) for name in stored.files if name in known}
    model.load_state_dict(known)
