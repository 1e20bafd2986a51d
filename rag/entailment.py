"""The bundled judge of entailment: reads a claim and a passage together, and says whether the passage says it."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from rag.pairs import MODELS, PairModel
from rag.threads import side_by_side

TOKENS = 256  # read of a claim and a passage together
# Of one run: alone it took 38 ms in place of 66 on a slow machine, two at once 36 each in place of 34.
THREADS = 2
KEPT = 1024  # judgements


class Entailment:
    """Judges claims of one sentence against passages of a few, 10 to 65 ms each on one core; remembers what it judged.

    >>> judge = Entailment()
    >>> passage = "Ana Ruiz succeeded Pedro Vidal as mayor in 2011."
    >>> judge.logit("Pedro Vidal succeeded Ana Ruiz.", passage) < judge.logit("Ana Ruiz succeeded Vidal.", passage)
    True
    """

    def __init__(self, folder: Path = MODELS / "entailment") -> None:
        """Read the model. Raises EmbeddingError."""
        self._model = PairModel(folder, tokens=TOKENS, threads=THREADS)
        self._judged = lru_cache(KEPT)(self._judge)

    def logit(self, claim: str, passage: str) -> float:
        """Of the passage saying what the claim does: above 0 where it is more likely than not."""
        return self._judged(claim, passage)

    def logits(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        """Of each claim with its passage; see `logit`."""
        return side_by_side(lambda pair: self._judged(*pair), list(zip(claims, passages, strict=True)))

    def _judge(self, claim: str, passage: str) -> float:
        _, (entailed,) = self._model.run(claim, passage, ["entailed"])
        return float(entailed[0, 0])
