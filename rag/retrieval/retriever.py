"""Plan → passages: words, meaning and time weighed together, near-identical passages collapsed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.domain import Filters, Hit, Plan
from rag.embeddings import Embedder
from rag.index.corpus import Corpus
from rag.retrieval.copies import collapse
from rag.retrieval.plan import EVENT_DAYS, plan
from rag.retrieval.rerank import EVENT, MEANING, TIME, WORDS, CloseReading, content_stems, timeliness

LOOKED_AT = 2  # times as many passages as wanted are read and looked at for copies
DEPTH = 100  # candidates taken from each index
TRIES = 5  # searches, while the collection changes during each: a writer commits every second or so


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

    def plan(self, question: str, filters: Filters) -> Plan:
        """How a question is understood in this collection; the caller's filters stand."""
        return plan(question, filters, today=datetime.now(UTC).date(), sources=lambda: self._corpus.sources())

    def search(self, question: str, filters: Filters, *, limit: int) -> list[Hit]:
        """The passages that bear on a question, best first, at most `limit`; see `find`."""
        return self.find(self.plan(question, filters), limit=limit)

    def find(self, plan: Plan, *, limit: int) -> list[Hit]:
        """The passages that bear on a planned question, best first, all of one state of the collection."""
        for _ in range(TRIES):
            with self._corpus.one_moment() as revision:
                hits = self._found(plan, limit=limit)
            if self._corpus.revision() == revision:
                break
        return hits

    def _found(self, plan: Plan, *, limit: int) -> list[Hit]:
        scores = self._scored(plan)
        best = sorted(scores, key=lambda key: (-scores[key], key))[: LOOKED_AT * limit]
        reading = CloseReading(self._corpus.rarity(content_stems(plan.query)))
        hits = [
            Hit(passage=passage, article=article, score=scores[key] + reading.score(passage, article))
            for key, (passage, article) in self._corpus.passages(best).items()
        ]
        kept = collapse(sorted(hits, key=lambda hit: (-hit.score, hit.passage.id)), limit)
        stories = self._corpus.stories_of(hit.article.id for hit in kept)
        return [replace(hit, story=stories.get(hit.article.id)) for hit in kept]

    def _scored(self, plan: Plan) -> dict[str, float]:
        """The candidates of both indexes, by the signs that need no text."""
        words = dict(self._corpus.matching(plan.query, DEPTH, plan.filters))
        named: dict[str, float] = {}
        days = [(first, last) for first, last in plan.days if (last - first).days < EVENT_DAYS]
        if days:
            named = dict(self._corpus.matching(plan.query, DEPTH, plan.filters, days=days))
        near = self._corpus.nearest(self._embedder.encode([plan.query])[0], DEPTH, plan.filters)
        meaning = dict(near)
        # One that is not among the nearest is at most as near as the last of them.
        floor = min(meaning.values(), default=0.0)
        published = self._corpus.published({**words, **named, **meaning})
        newest = max((day for day in published.values() if day), default=None)
        times = {day: timeliness(day, plan, newest) for day in set(published.values())}
        words = {**words, **named}
        highest = max(words.values(), default=0.0) or 1.0
        return {
            key: WORDS * words.get(key, 0.0) / highest
            + MEANING * meaning.get(key, floor)
            + TIME * times[day]
            + EVENT * (key in named)
            for key, day in published.items()
        }

    def _retrieve(self, query_bundle: QueryBundle, **_: Any) -> list[NodeWithScore]:
        hits = self.search(query_bundle.query_str, self._filters, limit=self._limit)
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in hits]


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
