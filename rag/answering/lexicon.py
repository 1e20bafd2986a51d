"""How rare a word is, and which words can stand for it, from the bundled word lists and the static model.

Rarity comes from the model's vocabulary, whose order follows the words' frequency in English. The collection's own
counts would not do: in a folder of two articles every word is rare.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.thesaurus import Kinship, thesaurus
from rag.embeddings import StaticEmbedder
from rag.language import Token, same_word

# How well a related word stands for the one asked for.
KIN = {"same": 1.0, "synonym": 0.9, "derived": 0.9, "narrower": 0.7, "broader": 0.6}
RELATED = 0.5  # cosine from which two words count as related where the thesaurus is silent
# Cosine under which the thesaurus is not asked: it has next to no kin there, and asking is slow.
STRANGERS = 0.0


class Lexicon:
    """Word knowledge for matching a question against sentences."""

    def __init__(self, embedder: StaticEmbedder) -> None:
        self._embedder = embedder

    def rarity(self, word: Token) -> float:
        """About 0.7 (the commonest words) to 1 (words outside the model's vocabulary, most names among them)."""
        rank = self._embedder.word_rank(word.text)
        if rank is None:
            return 1.0
        return min(1.0, 0.2 + 0.8 * math.log1p(rank) / math.log1p(30_000))

    def kinship(self, word: Token, wanted: Token) -> Kinship:
        """What the thesaurus, which knows the rarest senses, says of two words that are used alike, else "none"."""
        kin = thesaurus().kinship(word.text.lower(), wanted.text.lower())
        if kin in ("same", "none"):
            return kin
        left, right = self.embed([word.text.lower(), wanted.text.lower()])
        return kin if float(left @ right) >= RELATED else "none"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts by the static model, shape (n, dimensions)."""
        return self._embedder.encode(texts)

    def matcher(self, wanted: Sequence[Token]) -> "Matcher":
        """To look for the same words in many texts."""
        return Matcher(self, wanted)


class Matcher:
    """Looks for some words in texts; each distinct word it meets is compared once."""

    def __init__(self, lexicon: Lexicon, wanted: Sequence[Token]) -> None:
        self._lexicon = lexicon
        self._wanted = list(wanted)
        self._vectors = lexicon.embed([word.text.lower() for word in wanted])
        self._met: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def relatedness(self, present: Sequence[Token]) -> NDArray[np.float32]:
        """For each wanted word how well the best present word stands for it: 1 the same, 0 nothing like it."""
        return self._best(present, 0)

    def kinship(self, present: Sequence[Token]) -> NDArray[np.float32]:
        """The same by forms and the thesaurus alone: "wounded" is not "killed", however alike they are used."""
        return self._best(present, 1)

    def meet(self, present: Iterable[Token]) -> None:
        """Compare these words now, all at once, which is several times as quick as a few at a time."""
        self._meet({word.text: word for word in present if word.text not in self._met})

    def _best(self, present: Sequence[Token], measure: int) -> NDArray[np.float32]:
        if not self._wanted or not present:
            return np.zeros(len(self._wanted), dtype=np.float32)
        self.meet(present)
        best: NDArray[np.float32] = np.max([self._met[word.text][measure] for word in present], axis=0)
        return best

    def _meet(self, new: dict[str, Token]) -> None:
        if not new or not self._wanted:
            return
        cosines = self._lexicon.embed([text.lower() for text in new]) @ self._vectors.T
        related = np.where(cosines >= RELATED, 0.8 * cosines, 0.0).astype(np.float32)
        for word, cosine, near in zip(new.values(), cosines.tolist(), related, strict=True):
            kin = np.array(
                [_kin(each, word, by) for each, by in zip(self._wanted, cosine, strict=True)], np.float32
            )
            self._met[word.text] = np.maximum(kin, near), kin


def _kin(wanted: Token, word: Token, cosine: float) -> float:
    if same_word(wanted, word):
        return 1.0
    if cosine < STRANGERS:
        return 0.0
    return KIN.get(thesaurus().kinship(word.text.lower(), wanted.text.lower()), 0.0)
