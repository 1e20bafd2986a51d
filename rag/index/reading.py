"""What a collection can be asked: its articles with their versions, its stories, and both kinds of search."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.domain import Article, Filters, Passage, Story, Version
from rag.errors import EmbedderMismatch
from rag.index.changes import Changes
from rag.index.database import Database
from rag.index.derived import DerivedKeywords, DerivedVectors
from rag.index.rows import Matrix, Notes
from rag.index.search import NO_FILTERS, Search
from rag.index.store import Store
from rag.index.stories import Stories

if TYPE_CHECKING:  # importing it imports llama_index, which opening a corpus does not need
    from rag.embeddings import Embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a collection holds."""

    articles: int
    passages: int
    first: date | None  # publication days of the oldest and the newest dated article
    last: date | None
    sources: Mapping[str, int]  # articles of each source, most first
    embedder: str | None  # fingerprint of the model behind the embeddings; None: nothing is embedded yet
    pending: int  # articles an interrupted run left unfinished; the next ingest finishes them
    tombstones: int  # removed passages that the derived indexes still hold; search does not see them
    size_bytes: int  # everything in the home folder


class Reading:
    """The reading side of a collection: the record, and the indexes in a home folder that are derived from it."""

    def __init__(self, home: Path, database: Database, embedder: "Embedder", *, writing: bool) -> None:
        self.home = home
        self._database = database
        self._store = Store(database)
        self._changes = Changes(database)
        self._stories = Stories(database)
        self._embedder = embedder
        self._vectors = DerivedVectors(home, self._store, self._changes, writing=writing)
        self._keywords = DerivedKeywords(home, self._store, self._changes)
        self.search = Search(self._store, self._vectors, self._keywords)
        self._moment = _Moment()
        self._sources: tuple[int, dict[str, int]] = -1, {}  # the revision that they are of

    def article(self, article_id: str, sha256: str | None = None) -> Article:
        """The article with this id, or its version whose SHA-256 begins so. Raises ArticleNotFound."""
        return self._store.article(article_id, sha256)

    def versions(self, article_id: str) -> list[Version]:
        """The texts that the article has had, the latest last. Raises ArticleNotFound."""
        return self._store.versions(article_id)

    def articles(
        self,
        filters: Filters | None = None,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
    ) -> list[Article]:
        """Articles that pass the filters, ordered by id; with `after`, those that follow that id."""
        return self._store.articles(filters or NO_FILTERS, limit=limit, offset=offset, after=after)

    def article_with_passages(self, article_id: str) -> tuple[Article, list[Passage]]:
        """The article with this id and its passages, in the order of its text. Raises ArticleNotFound."""
        return self._store.article_with_passages(article_id)

    def articles_by_id(self, ids: Iterable[str]) -> dict[str, Article]:
        """The articles among these ids; an unknown id is left out."""
        return self._store.articles_by_id(ids)

    def stories(self, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[Story]:
        """Stories with an article that passes the filters, the latest first."""
        return self._stories.listed(filters, limit=limit, offset=offset)

    def stories_of(self, ids: Iterable[str]) -> dict[str, str]:
        """For each of these articles that is in a story, what is the same for all of that story."""
        return self._stories.of(ids)

    def holders(self, digests: Iterable[str]) -> dict[str, str]:
        """For each of these texts (by SHA-256) that is in the collection: the id of its article."""
        return self._store.ids_by_sha256(digests)

    def revision(self) -> int:
        """A number that grows with every change that a search could see."""
        return self._store.notes().revision

    @contextmanager
    def one_moment(self) -> Iterator[int]:
        """Let this thread read the collection's notes once for all that it asks inside; yields their revision.

        Where the collection has another revision afterwards, what was asked may be of two states.
        """
        self._moment.notes = self._store.notes()
        try:
            yield self._moment.notes.revision
        finally:
            self._moment.notes = None

    def count(self) -> int:
        """How many articles there are."""
        return self._store.notes().articles

    def statistics(self) -> Statistics:
        """What the collection holds."""
        notes, (first, last) = self._store.notes(), self._store.span()
        pending, buried = self._store.waiting()
        return Statistics(
            articles=notes.articles,
            passages=notes.size,
            first=first,
            last=last,
            sources=self._store.sources(),
            embedder=notes.embedder,
            pending=pending,
            tombstones=buried,
            size_bytes=folder_size(self.home),
        )

    def days(self) -> list[tuple[date, str | None, int]]:
        """How many articles each source published on each day, by day; without the undated ones."""
        return self._store.days()

    def passages(self, ids: Iterable[str]) -> dict[str, tuple[Passage, Article]]:
        """The passages among these ids, each with its article; an unknown id is left out."""
        return self._store.passages(ids)

    def passage_vectors(self, ids: Iterable[str]) -> dict[str, Matrix]:
        """The stored embeddings of these passages; an unknown id is left out."""
        return self._store.vectors_by_id(ids)

    def nearest(self, vector: Matrix, k: int, filters: Filters = NO_FILTERS) -> list[tuple[str, float]]:
        """The `k` passages nearest to `vector` (of length 1 or 0) with their cosines, best first, ties by id.

        Raises EmbedderMismatch when the collection was embedded with another model.
        """
        notes = self._notes()
        self._check_embedder(notes)
        if vector.shape != (self._embedder.dimensions,) or not np.isfinite(vector).all():
            raise ValueError(f"{self._embedder.dimensions} finite numbers expected, not {vector.shape}")
        return self.search.nearest(vector, k, filters, notes)

    def matching(
        self,
        question: str,
        k: int,
        filters: Filters = NO_FILTERS,
        *,
        days: Sequence[tuple[date, date]] = (),
    ) -> list[tuple[str, float]]:
        """The `k` passages with the highest BM25 for the question's words, best first, ties by id.

        With `days` (first and last of each time), of the passages that name such a day, whatever their words.
        """
        return self.search.matching(question, k, filters, self._notes(), days)

    def rarity(self, stems: Iterable[str]) -> dict[str, float]:
        """How telling each word (as `rag.language.stem` has it) is: its inverse document frequency."""
        return self.search.rarity(stems, self._notes())

    def sources(self) -> dict[str, int]:
        """How many articles each source published, most first."""
        notes = self._notes()
        revision, sources = self._sources
        if revision != notes.revision:
            sources = self._store.sources()
            self._sources = notes.revision, sources
        return sources

    def published(self, ids: Iterable[str]) -> dict[str, date | None]:
        """The publication days of the articles of these passages; an unknown id is left out."""
        return self.search.published(ids, self._notes())

    def _notes(self) -> Notes:
        return self._moment.notes or self._store.notes()

    def _check_embedder(self, notes: Notes) -> None:
        if notes.size and notes.embedder is not None and notes.embedder != self._embedder.fingerprint:
            raise EmbedderMismatch(notes.embedder, self._embedder.fingerprint)


class _Moment(threading.local):
    """The notes that a thread has read for several questions; None: each reads them for itself."""

    notes: Notes | None = None


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, some of which may go while it is looked at."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            size += path.stat().st_size
    return size
