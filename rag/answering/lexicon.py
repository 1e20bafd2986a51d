"""How rare a word is, and which words can stand for it, from the bundled word lists and the static model.

Rarity comes from the model's vocabulary, whose order follows the words' frequency in English. The collection's own
counts would not do: in a folder of two articles every word is rare.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.thesaurus import thesaurus
from rag.embeddings import StaticEmbedder
from rag.language import Token, fold

# How well a related word stands for the one asked for.
KIN = {"same": 1.0, "synonym": 0.9, "derived": 0.9, "narrower": 0.7, "broader": 0.6}
SYNONYM = 0.5  # cosine from which two words count as related where the thesaurus is silent
# Words that name the same thing begin alike: Syria/Syrian, Turkey/Turkish, Iran/Iranians.
SHARED_PREFIX = 4


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

    def _best_kin(self, word: Token, present: Sequence[Token], cosine: NDArray[np.float32]) -> float:
        best = 0.8 * float(cosine.max()) if cosine.max() >= SYNONYM else 0.0
        lower, kinship = word.text.lower(), thesaurus().kinship
        return max(best, *(KIN.get(kinship(other.text.lower(), lower), 0.0) for other in present))

    def _embed(self, words: Sequence[Token]) -> NDArray[np.float32]:
        new = sorted({word.text.lower() for word in words} - self._vectors.keys())
        if new:
            self._vectors.update(zip(new, self._embedder.encode(new), strict=True))
        return np.stack([self._vectors[word.text.lower()] for word in words])


class Words:
    """A set of words in which other forms and spellings of a word are found too: see `same_word`."""

    def __init__(self, words: Iterable[Token]) -> None:
        self._stems: set[str] = set()
        self._names: dict[str, list[Token]] = {}
        for word in words:
            self._stems.add(word.stem)
            if word.is_capitalised:
                self._names.setdefault(word.stem[:1], []).append(word)

    def __contains__(self, word: Token) -> bool:
        if word.stem in self._stems:
            return True
        return word.is_capitalised and any(same_word(word, name) for name in self._names.get(word.stem[:1], ()))


def same_word(one: Token, other: Token) -> bool:
    """One word in two forms or spellings: killed/killing, Syria/Syrian, Baghuz/Baghouz."""
    if one.stem == other.stem:
        return True
    if not (one.is_capitalised and other.is_capitalised) or min(len(one.text), len(other.text)) < SHARED_PREFIX:
        return False
    if one.stem[:SHARED_PREFIX] == other.stem[:SHARED_PREFIX] and abs(len(one.text) - len(other.text)) <= 3:
        return True
    return len(skeleton(one.text)) >= 3 and skeleton(one.text) == skeleton(other.text)


@lru_cache(maxsize=100_000)
def skeleton(word: str) -> str:
    """What survives transliteration: the consonants, doubled ones once; vowels vary with the writer."""
    kept = ""
    for character in fold(word):
        if character not in "aeiouyhw" and not kept.endswith(character):
            kept += character
    return kept
