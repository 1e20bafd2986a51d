"""Small collections for tests: an embedding model without a model file, articles, and what a collection
answers."""

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunking import split_passages
from rag.domain import Article, Filters, Passage
from rag.index.corpus import Corpus, Staged

LIMITS: dict[str, int] = {"max_bytes": 1_000_000, "max_chars": 100_000}
SIZES: dict[str, int] = {"words": 40, "overlap": 1}


class WordEmbedder:
    """Sums a random direction for each word: texts that share words are near each other."""

    def __init__(self, name: str = "words", dimensions: int = 32) -> None:
        self.fingerprint = f"{name}-{dimensions}"
        self.dimensions = dimensions
        self.encoded: list[str] = []  # every text that was ever asked for

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        matrix = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(matrix, texts, strict=True):
            for word in sorted(set(text.lower().split())):
                row += _direction(word, self.fingerprint, self.dimensions)
            row /= np.linalg.norm(row) or 1.0
        return matrix


@cache
def _direction(word: str, salt: str, dimensions: int) -> NDArray[np.float32]:
    seed = hashlib.sha256(f"{salt} {word}".encode()).digest()
    return np.random.default_rng(list(seed)).normal(size=dimensions).astype(np.float32)


def article(article_id: str, text: str, **fields: Any) -> Article:
    """An article with its text's digest."""
    return Article(id=article_id, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), **fields)


def staged(articles: Iterable[Article], embedder: Any) -> list[Staged]:
    """Articles with their passages and embeddings, as `Corpus.add` takes them."""
    batch: list[Staged] = []
    for one in articles:
        passages = split_passages(one, **SIZES)
        batch.append((one, passages, embedder.encode([passage.text for passage in passages])))
    return batch


def news(number: int, *, seed: int = 0, sentences: int = 12) -> str:
    """A made-up report; the same numbers give the same text."""
    chance = random.Random(f"{seed}/{number}")
    places, things = ("Aleppo", "Idlib", "Hama", "Homs"), ("market", "school", "bridge", "convoy", "hospital")
    lines = [
        f"In {chance.choice(places)} {chance.randrange(2, 90)} people were {chance.choice(('killed', 'hurt'))} near "
        f"the {chance.choice(things)} on day {chance.randrange(400)}, report {number} said."
        for _ in range(sentences)
    ]
    return " ".join(lines)


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """A JSON Lines file of documents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(numbers: Iterable[int], *, seed: int = 0) -> list[dict[str, Any]]:
    """Documents with an id, a title, a date and a source."""
    first = date(2017, 1, 1)
    return [
        {
            "id": f"news-{number}",
            "title": f"Report {number}",
            "date": (first + timedelta(days=number)).isoformat(),
            "source": ("SANA", "Reuters", "TASS")[number % 3],
            "text": news(number, seed=seed),
        }
        for number in numbers
    ]


QUESTIONS = (
    "How many people were killed near the school in Aleppo?",
    "Who was hurt at the bridge?",
    "report 7",
)
FILTERS = (
    Filters(),
    Filters(since=date(2017, 1, 5), sources=("sana", "TASS")),
    Filters(as_of=date(2017, 1, 9)),
)


def everything(corpus: Corpus, embedder: Any) -> dict[str, Any]:
    """All that a collection says: articles, passages, embeddings, and what it finds."""
    articles = corpus.articles()
    ids = [passage.id for one in articles for passage in split_passages(one, **SIZES)]
    passages: dict[str, tuple[Passage, Article]] = corpus.passages(ids)
    return {
        "articles": articles,
        "passages": {key: passage for key, (passage, _) in passages.items()},
        "vectors": {key: vector.tolist() for key, vector in corpus.passage_vectors(ids).items()},
        "nearest": [
            corpus.nearest(embedder.encode([question])[0], 15, filters)
            for question in QUESTIONS
            for filters in FILTERS
        ],
        "matching": [corpus.matching(question, 15, filters) for question in QUESTIONS for filters in FILTERS],
    }
