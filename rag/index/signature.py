"""What tells one article's story from another's: the words of its head, and a sketch of its whole text.

A signature depends on the article alone, so it is made once and kept. How much a word weighs depends on the
collection and is left to `rag.index.linking`.
"""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rag.domain import Article
from rag.language import STOPWORDS, Token, tokens

# An article says what happened in its headline and first sentences; further down it tells what else there is. On
# the news clusters 80 words and a headline that counts three times give F1 .90 where whole texts give .83.
LEAD_WORDS, TITLE_COUNTS = 80, 3
LEAD_CHARS = 1_200  # that the first words are looked for in: some 200 words, half of them content
MOST_COUNTED = 255
UNRANKED = 60_000  # the rank of a word that the vocabulary lacks; it has some 30,000
# Words of a shingle: short enough to survive small edits, long enough not to be a common phrase.
SHINGLE = 5
# What is sketched of a text, about 650 words: copies are cut at their ends, and the rest would cost time.
SKETCHED_CHARS = 4_000
# Numbers of a sketch: the share of shingles that two texts have in common is then known to about .04.
SKETCH = 128
_WORD = re.compile(r"\w+")
_HEAD = np.dtype([("terms", "<u4"), ("shingles", "<u4")])
_TERM = np.dtype([("word", "<u4"), ("rank", "<u2"), ("count", "u1")])
_CHANCE = np.random.Generator(np.random.PCG64(20_190_120))  # the same numbers in every process
_ODD, _SHIFT = (_CHANCE.integers(0, 2**63, SKETCH, np.uint64) for _ in range(2))
_ODD = _ODD * np.uint64(2) + np.uint64(1)
_PLACES = _CHANCE.integers(0, 2**63, SHINGLE, np.uint64) * np.uint64(2) + np.uint64(1)


@dataclass(frozen=True, slots=True)
class Signature:
    """The words that an article opens with, and a MinHash sketch of its text (Broder 1997)."""

    words: NDArray[np.uint32]  # hashes of word stems, each once, ascending
    ranks: NDArray[
        np.uint16
    ]  # how common each is in English, as `rag.embeddings` ranks words: 0 the commonest
    counts: NDArray[np.uint8]  # how often each occurs; in the headline is three times
    shingles: int  # runs of five words in the text
    sketch: NDArray[np.uint32]  # SKETCH numbers; texts share about as many as they share shingles

    @classmethod
    def of(cls, article: Article, rank: Callable[[str], int | None]) -> Self:
        """The signature of an article; `rank` tells how common a word is, None for one that is not known."""
        counts: Counter[int] = Counter()
        ranks: dict[int, int] = {}
        for word, weight in _head(article):
            key = _hash(word.stem)
            counts[key] += weight
            ranks[key] = min(ranks.get(key, UNRANKED), _rank(rank, word.text))
        words = np.array(sorted(counts), np.uint32)
        shingles = _shingles(article.text[article.body_start : article.body_start + SKETCHED_CHARS])
        return cls(
            words=words,
            ranks=np.array([ranks[key] for key in words.tolist()], np.uint16),
            counts=np.array([min(counts[key], MOST_COUNTED) for key in words.tolist()], np.uint8),
            shingles=len(shingles),
            sketch=_sketch(shingles),
        )

    def to_bytes(self) -> bytes:
        """As it is stored."""
        terms = np.empty(len(self.words), _TERM)
        terms["word"], terms["rank"], terms["count"] = self.words, self.ranks, self.counts
        head = np.array([(len(terms), self.shingles)], _HEAD)
        return head.tobytes() + terms.tobytes() + self.sketch.astype("<u4").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The signature that was stored so."""
        [(count, shingles)] = np.frombuffer(data, _HEAD, 1).tolist()
        terms = np.frombuffer(data, _TERM, count, _HEAD.itemsize)
        sketch = np.frombuffer(data, "<u4", offset=_HEAD.itemsize + terms.nbytes)
        return cls(terms["word"], terms["rank"], terms["count"], shingles, sketch)


def _head(article: Article) -> Iterator[tuple[Token, int]]:
    """The content words of headline and lead, with what each counts."""
    for word in tokens(article.title or ""):
        if _is_content(word):
            yield word, TITLE_COUNTS
    lead = article.text[article.body_start : article.body_start + LEAD_CHARS]
    for word in [word for word in tokens(lead) if _is_content(word)][:LEAD_WORDS]:
        yield word, 1


def _is_content(word: Token) -> bool:
    return word.stem not in STOPWORDS and word.text.lower() not in STOPWORDS


def _rank(rank: Callable[[str], int | None], word: str) -> int:
    found = rank(word)
    return UNRANKED if found is None else min(found, UNRANKED)


@lru_cache(maxsize=200_000)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "replace"))


def _shingles(text: str) -> NDArray[np.uint64]:
    """A hash of each run of five words; of the whole text when it has fewer words."""
    words = np.array([_hash(word) for word in _WORD.findall(text.lower())], np.uint64)
    length = min(SHINGLE, words.size)
    if not length:
        return words
    runs = len(words) - length + 1
    return sum((words[i : i + runs] * _PLACES[i] for i in range(length)), np.zeros(runs, np.uint64))


def _sketch(shingles: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """For each of SKETCH hash functions the smallest value that a shingle takes (multiply-add-shift)."""
    if not shingles.size:
        return np.zeros(SKETCH, np.uint32)
    values: NDArray[np.uint64] = shingles[:, np.newaxis] * _ODD + _SHIFT
    least: NDArray[np.uint64] = values.min(axis=0)
    return (least >> np.uint64(32)).astype(np.uint32)
