"""How rare a word is, and which words can stand for it, from the bundled word lists and the static model.

Rarity comes from the model's vocabulary, whose order follows the words' frequency in English. The collection's own
counts would not do: in a folder of two articles every word is rare.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.thesaurus import thesaurus
from rag.embeddings import StaticEmbedder
from rag.language import Token, Words

# How well a related word stands for the one asked for.
KIN = {"same": 1.0, "synonym": 0.9, "derived": 0.9, "narrower": 0.7, "broader": 0.6}
SYNONYM = 0.5  # cosine from which two words count as related where the thesaurus is silent


class Lexicon:
    """Word knowledge for matching a question against sentences."""

    def __init__(self, embedder: StaticEmbedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def rarity(self, word: Token) -> float:
        """0.2 (the commonest words) to 1 (words outside the model's vocabulary, most names among them)."""
        rank = self._embedder.word_rank(word.text)
        if rank is None:
            return 1.0
        return min(1.0, 0.2 + 0.8 * math.log1p(rank) / math.log1p(30_000))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of whole texts by the static model."""
        return self._embedder.encode(texts)

    def relatedness(self, wanted: Sequence[Token], present: Sequence[Token]) -> NDArray[np.float32]:
        """For each wanted word how well the best present word stands for it: 1 the same, 0 nothing like it."""
        if not wanted or not present:
            return np.zeros(len(wanted), dtype=np.float32)
        distinct = list({word.stem: word for word in present}.values())
        known = Words(present)
        cosine = self._embed(wanted) @ self._embed(distinct).T
        return np.array(
            [
                1.0 if word in known else self._best_kin(word, distinct, row)
                for word, row in zip(wanted, cosine, strict=True)
            ],
            dtype=np.float32,
        )

    def kinship(self, wanted: Sequence[Token], present: Sequence[Token]) -> list[float]:
        """The same by the thesaurus alone: "wounded" is not "killed", however alike they are used."""
        known = Words(present)
        return [1.0 if word in known else _kin(word, present) for word in wanted]

    def _best_kin(self, word: Token, present: Sequence[Token], cosine: NDArray[np.float32]) -> float:
        return max(0.8 * float(cosine.max()) if cosine.max() >= SYNONYM else 0.0, _kin(word, present))

    def _embed(self, words: Sequence[Token]) -> NDArray[np.float32]:
        new = sorted({word.text.lower() for word in words} - self._vectors.keys())
        if new:
            self._vectors.update(zip(new, self._embedder.encode(new), strict=True))
        return np.stack([self._vectors[word.text.lower()] for word in words])


def _kin(word: Token, present: Sequence[Token]) -> float:
    lower, kinship = word.text.lower(), thesaurus().kinship
    return max((KIN.get(kinship(other.text.lower(), lower), 0.0) for other in present), default=0.0)
