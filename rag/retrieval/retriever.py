"""Question → passages: keywords and vectors fused, near-identical passages collapsed."""

import math
from datetime import date
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.domain import Filters, Hit
from rag.embeddings import Embedder
from rag.index.corpus import Corpus
from rag.retrieval.copies import collapse
from rag.retrieval.fusion import fuse

DEPTH = 100  # candidates taken from each index; the gold passage is deeper in fewer than 1 question of 50
KEYWORD_WEIGHT, VECTOR_WEIGHT = 1.0, 0.5
RECENCY_WEIGHT = 1.0  # an article of the day asked on counts this much more than an old one
RECENCY_DAYS = 7.0  # after which that advantage falls to 1/e


class Retriever(BaseRetriever):
    """Hybrid search over a Corpus; also a LlamaIndex retriever whose nodes carry their character offsets."""

    def __init__(self, corpus: Corpus, embedder: Embedder, *, limit: int = 12, filters: Filters | None = None) -> None:
        super().__init__()
        self._corpus = corpus
        self._embedder = embedder
        self._limit = limit
        self._filters = filters or Filters()

    def search(self, question: str, filters: Filters, *, limit: int) -> list[Hit]:
        """The passages that bear on a question, best first, at most `limit`."""
        keywords = self._corpus.matching(question, DEPTH, filters)
        vectors = self._corpus.nearest(self._embedder.encode([question])[0], DEPTH, filters)
        scores = fuse(
            [
                (KEYWORD_WEIGHT, [key for key, _ in keywords]),
                (VECTOR_WEIGHT, [key for key, _ in vectors]),
            ]
        )
        found = self._corpus.passages(list(scores))
        hits = [
            Hit(passage=passage, article=article, score=scores[key] * _recency(article.published, filters.as_of))
            for key, (passage, article) in found.items()
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.passage.id))
        return collapse(hits)[:limit]

    def _retrieve(self, query_bundle: QueryBundle, **_: Any) -> list[NodeWithScore]:
        hits = self.search(query_bundle.query_str, self._filters, limit=self._limit)
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in hits]


def _recency(published: date | None, as_of: date | None) -> float:
    """How much more an article counts for being recent on the day of the question; 1 when either is unknown."""
    if published is None or as_of is None:
        return 1.0
    age = (as_of - published).days
    return 1.0 + RECENCY_WEIGHT * math.exp(-max(age, 0) / RECENCY_DAYS)


def _node(hit: Hit) -> TextNode:
    article = hit.article
    about = {
        "article_id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "sha256": article.sha256,
    }
    return TextNode(
        id_=hit.passage.id,
        text=hit.passage.text,
        start_char_idx=hit.passage.start,
        end_char_idx=hit.passage.end,
        metadata=about,
        excluded_embed_metadata_keys=list(about),
    )
