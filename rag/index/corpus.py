"""The collection: the record in SQL, and the vector and keyword indexes kept in step with it.

How a batch goes in, so that whatever stops in the middle can be finished later:

1. one SQL transaction writes the articles as *pending*, with their passages and embeddings;
2. the embeddings go into Chroma, the words into tantivy;
3. one SQL transaction makes the pending articles *live*; the versions they replace leave tombstones;
4. Chroma and tantivy drop the tombstoned passages, and the tombstones are cleared.

Search returns live passages only, so the version that answered before goes on answering until step 3.
`recover` does steps 2 to 4 for whatever an interrupted run left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from rag.domain import Article, Filters, Passage
from rag.errors import EmbedderMismatch, StorageError, UsageError
from rag.index.database import Database, storage_error
from rag.index.exact import Exact, ranked
from rag.index.keywords import Keywords
from rag.index.ledger import Ledger
from rag.index.lock import Lock
from rag.index.store import Entry, Notes, Store
from rag.index.tables import LIVE, PENDING
from rag.index.vectors import Vectors

if TYPE_CHECKING:  # importing it imports llama_index, which opening a corpus does not need
    from rag.embeddings import Embedder

Matrix = NDArray[np.float32]
EVERYTHING = Filters()

# Candidates that Chroma is asked for beyond twice `k`: dead passages and near ties are among them.
OVERFETCH = 50
# How long a writer waits for a reader's search to end before it gives up.
READER_SECONDS = 10.0
Staged = tuple[Article, Sequence[Passage], Matrix]


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


class Corpus:
    """The collection in one home folder. Use as a context manager, or call `close`.

    Opened for writing it holds the home's lock, and a second writer is refused. Opened for reading it needs no
    lock: beside a writer in another process it scores embeddings from the record instead of opening Chroma.
    """

    def __init__(self, home: Path, database: Database, embedder: "Embedder", lock: Lock | None) -> None:
        self.home = home
        self.ledger = Ledger(database)
        self._store = Store(database)
        self._embedder = embedder
        self._lock = lock
        self._vectors_lock = Lock(home / "vectors.lock")
        self._vectors: Vectors | None = None
        self._vectors_epoch = -1
        self._keywords: Keywords | None = None
        self._keywords_folder: str | None = None
        self._keywords_revision = -1
        self._exact: Exact | None = None
        self._guard = RLock()

    @classmethod
    def open(cls, home: Path, *, database_url: str | None = None, embedder: "Embedder", writing: bool) -> Self:
        """Open the collection in `home`; one opened for writing finishes what an interrupted run left.

        Raises HomeLocked when writing and another process is, StorageError when the folder cannot be used.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise storage_error(home, exc) from exc
        lock = Lock(home / "lock") if writing else None
        if lock is not None:
            lock.acquire()
        try:
            database = Database.open(database_url) if database_url else Database.in_folder(home)
            corpus = cls(home, database, embedder, lock)
            if writing:
                corpus.recover()
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return corpus

    def close(self) -> None:
        """Let go of every file and of the lock."""
        with self._guard:
            if self._keywords is not None:
                self._keywords.close()
            if self._vectors is not None:
                self._vectors.close()
            self._keywords = self._vectors = None
            self._store.close()
            self._vectors_lock.release()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading ------------------------------------------------------------------------------------------

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises ArticleNotFound."""
        return self._store.article(article_id)

    def articles(
        self, filters: Filters | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[Article]:
        """Articles that pass the filters, ordered by id."""
        return self._store.articles(filters or EVERYTHING, limit=limit, offset=offset)

    def articles_by_id(self, ids: Iterable[str]) -> dict[str, Article]:
        """The articles among these ids; an unknown id is left out."""
        return self._store.articles_by_id(ids)

    def holders(self, digests: Iterable[str]) -> dict[str, str]:
        """For each of these texts (by SHA-256) that is in the collection: the id of its article."""
        return self._store.ids_by_sha256(digests)

    def count(self) -> int:
        """How many articles there are."""
        return self._store.counts()["articles"]

    def statistics(self) -> Statistics:
        """What the collection holds."""
        first, last = self._store.span()
        size = sum(path.stat().st_size for path in self.home.rglob("*") if path.is_file())
        notes = self._store.notes()
        sources = self._store.sources()
        return Statistics(
            **self._store.counts(), first=first, last=last, sources=sources, embedder=notes.embedder, size_bytes=size
        )

    def passages(self, ids: Iterable[str]) -> dict[str, tuple[Passage, Article]]:
        """The passages among these ids, each with its article; an unknown id is left out."""
        return self._store.passages(ids)

    def passage_vectors(self, ids: Iterable[str]) -> dict[str, Matrix]:
        """The stored embeddings of these passages; an unknown id is left out."""
        return self._store.vectors_by_id(ids)

    def nearest(self, vector: Matrix, k: int, filters: Filters = EVERYTHING) -> list[tuple[str, float]]:
        """The `k` passages nearest to `vector` (of length 1) with their cosines, best first, ties by id.

        Raises EmbedderMismatch when the collection was embedded with another model.
        """
        notes = self._store.notes()
        self._check_embedder(notes)
        if notes.dimensions is None or k < 1:
            return []
        if vector.shape != (notes.dimensions,) or not np.isfinite(vector).all():
            raise ValueError(f"a vector of {notes.dimensions} finite numbers expected, not {vector.shape}")
        found = self._approximate(vector, k, notes) if filters == EVERYTHING else None
        return found if found is not None else self._scored(notes).nearest(vector, k, filters)

    def matching(self, question: str, k: int, filters: Filters = EVERYTHING) -> list[tuple[str, float]]:
        """The `k` passages with the highest BM25 for the question's words, best first, ties by id."""
        notes = self._store.notes()
        if notes.keywords is None or k < 1:
            return []
        keywords = self._open_keywords(notes)
        wanted = k
        while True:
            hits = keywords.matching(question, wanted, filters)
            live = self._store.ids_by_key(key for key, _ in hits)
            if len(live) >= k or len(hits) < wanted:
                break
            wanted *= 2
        found = [(live[key], score) for key, score in hits if key in live]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    # -- writing ------------------------------------------------------------------------------------------

    def cut_into(self, *, words: int, overlap: int) -> None:
        """Note how articles are cut into passages. Raises UsageError when they have been cut otherwise so far."""
        wanted, notes = f"{words} words, {overlap} shared sentences", self._store.notes()
        self._check_embedder(notes)
        if notes.passages is None or not self.count():
            self._store.note(passages=wanted)
        elif notes.passages != wanted:
            raise UsageError(
                f"the collection is cut into passages of {notes.passages}, the settings say {wanted}; "
                "run `dateline reindex`, or set DATELINE_PASSAGE_WORDS and DATELINE_PASSAGE_OVERLAP back"
            )

    def add(self, batch: Sequence[Staged]) -> None:
        """Put articles in, each with its passages and their embeddings (one row each, of length 1 or 0).

        An article whose id is already there replaces that one. Ids are unique within a batch.
        """
        with self._guard:
            notes = self._begin_writing()
            entries = self._store.stage(batch)
            self._derive(entries, notes)
            self._store.promote()
            self._sweep()

    def remove(self, ids: Sequence[str]) -> None:
        """Take articles out; all of them or, with ArticleNotFound, none."""
        with self._guard:
            self._begin_writing()
            self._store.retire(ids)
            self._sweep()

    def recover(self) -> None:
        """Finish what an interrupted run left; without effect on a collection that is in step."""
        counts = self._store.counts()
        if not counts["pending"] and not counts["tombstones"]:
            return
        with self._guard:
            notes = self._begin_writing()
            vectors, keywords = self._open_vectors(notes), self._open_keywords(notes)
            for entries in self._store.entries(PENDING):
                keys = [entry.key for entry in entries]
                known_vectors, known_words = vectors.present(keys), keywords.present(keys)
                _add_vectors(vectors, [entry for entry in entries if entry.key not in known_vectors])
                keywords.add([entry for entry in entries if entry.key not in known_words])
            keywords.commit()
            self._store.promote()
            self._sweep()

    # -- the derived indexes ------------------------------------------------------------------------------

    def _check_embedder(self, notes: Notes) -> None:
        if notes.embedder is not None and notes.embedder != self._embedder.fingerprint:
            raise EmbedderMismatch(notes.embedder, self._embedder.fingerprint)

    def _begin_writing(self) -> Notes:
        """Note the model on the first write, and that the derived indexes are about to change."""
        if self._lock is None:
            raise StorageError(f"{self.home} was opened for reading only")
        notes = self._store.notes()
        self._check_embedder(notes)
        if notes.embedder is None:
            self._store.note(
                embedder=self._embedder.fingerprint,
                dimensions=self._embedder.dimensions,
                vectors="chroma/1",
                keywords="keywords/1",
            )
        if self._vectors is None:
            self._vectors_lock.acquire(wait=READER_SECONDS)
            self._store.note(epoch=notes.epoch + 1)
        return self._store.notes()

    def _derive(self, entries: Sequence[Entry], notes: Notes) -> None:
        _add_vectors(self._open_vectors(notes), entries)
        keywords = self._open_keywords(notes)
        keywords.add(entries)
        keywords.commit()

    def _sweep(self) -> None:
        """Drop tombstoned passages from the derived indexes."""
        keys = self._store.buried()
        if keys:
            notes = self._store.notes()
            self._open_vectors(notes).delete(keys)
            keywords = self._open_keywords(notes)
            keywords.delete(keys)
            keywords.commit()
            self._store.forget(keys)

    def _open_vectors(self, notes: Notes) -> Vectors:
        """Chroma, opened by whoever holds its lock; opened anew when another process has written since."""
        if self._vectors is not None and self._vectors_epoch != notes.epoch:
            self._vectors.close()
            self._vectors = None
        if self._vectors is None:
            if notes.vectors is None or notes.dimensions is None:
                raise StorageError(f"{self.home} has no vector index yet")
            self._vectors = Vectors(self.home / notes.vectors, notes.dimensions)
            self._vectors_epoch = notes.epoch
        return self._vectors

    def _open_keywords(self, notes: Notes) -> Keywords:
        with self._guard:
            if self._keywords is None or self._keywords_folder != notes.keywords:
                if notes.keywords is None:
                    raise StorageError(f"{self.home} has no keyword index yet")
                if self._keywords is not None:
                    self._keywords.close()
                self._keywords = Keywords(self.home / notes.keywords)
                self._keywords_folder = notes.keywords
            elif self._keywords_revision != notes.revision:
                self._keywords.reload()
            self._keywords_revision = notes.revision
            return self._keywords

    def _approximate(self, vector: Matrix, k: int, notes: Notes) -> list[tuple[str, float]] | None:
        """Chroma's nearest, scored exactly; None when Chroma may not be opened now."""
        with self._guard:
            held = self._vectors_lock.held
            if not held and not self._vectors_lock.try_acquire():
                return None
            try:
                vectors = self._open_vectors(notes)
                wanted = 2 * k + OVERFETCH
                while True:
                    keys = vectors.nearest(vector, wanted)
                    candidates = self._store.vectors_by_key(keys)
                    if len(candidates) >= k or len(keys) < wanted:
                        return ranked(candidates, vector)[:k]
                    wanted *= 2
            except StorageError:
                return None
            finally:
                if not held:
                    self._vectors_lock.release()

    def _scored(self, notes: Notes) -> Exact:
        with self._guard:
            if self._exact is None or self._exact.revision != notes.revision:
                self._exact = Exact(self._store.table(notes.dimensions or 0), notes.revision)
            return self._exact


def _add_vectors(vectors: Vectors, entries: Sequence[Entry]) -> None:
    if entries:
        vectors.add([entry.key for entry in entries], np.stack([entry.vector for entry in entries]))
