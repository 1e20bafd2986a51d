"""Question → passages: keywords, vectors and nearness in time fused, near-identical passages collapsed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.domain import Filters, Hit
from rag.embeddings import Embedder
from rag.index.corpus import Corpus
from rag.retrieval.copies import collapse
from rag.retrieval.fusion import fuse, ranks

LOOKED_AT = 3  # times as many passages as wanted are looked at for copies
DEPTH = 100  # candidates taken from each index
TRIES = 5  # searches, while the collection changes during each: a writer commits every second or so
# Chosen on RealTimeQA's development questions (python -m eval.retrieval): with the nearness in time hit@5 is .85,
# without it .68; vectors at a third of the keywords' weight add recall at ten without costing the first place.
KEYWORDS, VECTORS, TIME = 1.0, 0.3, 1.0


class Retriever(BaseRetriever):
    """Hybrid search over a Corpus; also a LlamaIndex retriever whose nodes carry their character offsets."""

    def __init__(
        self, corpus: Corpus, embedder: Embedder, *, limit: int = 12, filters: Filters | None = None
    ) -> None:
        super().__init__()
        self._corpus = corpus
        self._embedder = embedder
        self._limit = limit
        self._filters = filters or Filters()

    def search(self, question: str, filters: Filters, *, limit: int) -> list[Hit]:
        """The passages that bear on a question, best first, at most `limit`, all of one state of the collection."""
        for _ in range(TRIES):
            revision = self._corpus.revision()
            hits = self._search(question, filters, limit=limit)
            if self._corpus.revision() == revision:
                break
        return hits

    def _search(self, question: str, filters: Filters, *, limit: int) -> list[Hit]:
        keywords = self._corpus.matching(question, DEPTH, filters)
        vectors = self._corpus.nearest(self._embedder.encode([question])[0], DEPTH, filters)
        found = self._corpus.passages(sorted({key for key, _ in (*keywords, *vectors)}))
        published = {key: article.published for key, (_, article) in found.items()}
        scores = fuse(
            [
                (KEYWORDS, ranks([key for key, _ in keywords if key in found])),
                (VECTORS, ranks([key for key, _ in vectors if key in found])),
                (TIME, nearness(published, filters.as_of)),
            ]
        )
        hits = [
            Hit(passage=found[key][0], article=found[key][1], score=score) for key, score in scores.items()
        ]
        return collapse(hits[: LOOKED_AT * limit], limit)

    def _retrieve(self, query_bundle: QueryBundle, **_: Any) -> list[NodeWithScore]:
        hits = self.search(query_bundle.query_str, self._filters, limit=self._limit)
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in hits]


def nearness(published: Mapping[str, date | None], as_of: date | None) -> dict[str, int]:
    """Ranks by days before the question was asked, articles of one day sharing a rank; undated ones have none."""
    if as_of is None:
        return {}
    ages = {key: abs((as_of - day).days) for key, day in published.items() if day is not None}
    places = {age: rank for rank, age in enumerate(sorted(set(ages.values())), start=1)}
    return {key: places[age] for key, age in ages.items()}


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
