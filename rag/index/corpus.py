"""The collection: the record in SQL, and the vector and keyword indexes kept in step with it.

How a batch goes in, so that whatever stops in the middle can be finished later:

1. one SQL transaction writes the articles as *pending*, with their passages and embeddings;
2. the embeddings go into Chroma, the words into tantivy;
3. one SQL transaction makes the pending articles *live*; the versions they replace leave tombstones;
4. Chroma and tantivy drop the tombstoned passages, and the tombstones are cleared.

Search returns live passages only, so the version that answered before goes on answering until step 3.
`recover` does steps 2 to 4 for whatever an interrupted run left.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from rag.domain import Article, Passage
from rag.errors import CorpusEmpty, EmbeddingError, StorageError, UsageError
from rag.index.database import DATABASE_FILE, Database, storage_error
from rag.index.ledger import Ledger
from rag.index.lock import Lock
from rag.index.reading import Reading, folder_size
from rag.index.rows import Matrix, Notes

if TYPE_CHECKING:  # importing it imports llama_index, which opening a corpus does not need
    from rag.embeddings import Embedder

# Free space below which nothing is written: a full disk can spoil Chroma's files, and leaves no room to mend
# them.
RESERVE_BYTES = 64_000_000
# What a batch takes on the disk, over the size of its texts and embeddings: the record, its journal, both
# indexes.
GROWTH = 6
# tantivy counts deleted passages in its statistics until it is built anew: after each change while that takes
# a moment, later when one passage in twenty is a deleted one.
REBUILD_BELOW, REBUILD_SHARE = 5_000, 0.05

Staged = tuple[Article, Sequence[Passage], Matrix]


class Corpus(Reading):
    """The collection in one home folder. Use as a context manager, or call `close`.

    Opened for writing it holds the home's lock, and a second writer is refused. Opened for reading it needs
    no lock, and goes on beside a writer in another process.
    """

    reserve_bytes = RESERVE_BYTES

    def __init__(self, home: Path, database: Database, embedder: "Embedder", lock: Lock | None) -> None:
        super().__init__(home, database, embedder, writing=lock is not None)
        self.ledger = Ledger(database)
        self._lock = lock
        self._writing_guard = RLock()
        self._unfinished = False  # whether a change by this process was interrupted

    @classmethod
    def open(
        cls, home: Path, *, database_url: str | None = None, embedder: "Embedder", writing: bool
    ) -> Self:
        """Open the collection in `home`; one opened for writing finishes what an interrupted run left.

        Raises HomeLocked when writing and another process is, CorpusEmpty when reading and nothing was ever
        ingested here, StorageError when the folder cannot be used.
        """
        if not writing and not cls.is_stored(home, database_url=database_url):
            raise CorpusEmpty(home)
        lock = _locked(home) if writing else None
        try:
            database = _database(home, database_url, writing=writing)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        corpus = cls(home, database, embedder, lock)
        if writing:
            try:
                corpus.recover()
            except BaseException:
                corpus.close()
                raise
        return corpus

    @staticmethod
    def is_stored(home: Path, *, database_url: str | None) -> bool:
        """Whether anything was ever ingested here. Raises StorageError when `home` is a file or cannot be read."""
        if _is_file(home):
            raise StorageError(
                f"{home} is a file; the collection needs a folder, named by --home or DATELINE_HOME"
            )
        return bool(database_url) or _exists(home / DATABASE_FILE)

    def close(self) -> None:
        """Let go of every file and of the lock."""
        with self._writing_guard:
            try:
                self._keywords.close()
                self._vectors.close()
            finally:
                self._database.close()
                if self._lock is not None:
                    self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- writing ------------------------------------------------------------------------------------------

    def cut_into(self, *, words: int, overlap: int) -> None:
        """Note how articles are cut into passages. Raises UsageError when they were cut otherwise so far."""
        wanted, notes = _cut(words, overlap), self._store.notes()
        self._check_writable()
        self._check_embedder(notes)
        if notes.passages is None or not self.count():
            self._changes.note(passages=wanted)
        elif notes.passages != wanted:
            raise UsageError(
                f"the collection is cut into passages of {notes.passages}, the settings say {wanted}; "
                "run `dateline reindex`, or set DATELINE_PASSAGE_WORDS and DATELINE_PASSAGE_OVERLAP back"
            )

    def add(self, batch: Sequence[Staged]) -> None:
        """Put articles in, each with its passages and their embeddings (one row each, of length 1 or 0).

        An article whose id is already there replaces that one. Ids are unique within a batch.
        """
        if not batch:
            return
        with self._writing_guard:
            self._check_writable()
            self._check_space(batch)
            self._resume()
            notes = self._adopted()
            with self._careful():
                entries = self._changes.stage(batch)
                vectors, keywords = self._vectors.ready(notes), self._keywords.ready(notes)
                vectors.add([entry.key for entry in entries], np.array([entry.vector for entry in entries]))
                keywords.add(entries)
                keywords.commit()
                self._changes.promote()
                self._sweep()

    def remove(self, ids: Sequence[str]) -> None:
        """Take articles out; all of them or, with ArticleNotFound, none."""
        with self._writing_guard:
            self._check_writable()
            self._resume()
            self._changes.retire(ids)
            with self._careful():
                self._sweep()
            self.settle()

    def recover(self) -> None:
        """Finish what an interrupted run left, and mend indexes that are not sound; else without effect."""
        with self._writing_guard:
            self._check_writable()
            notes = self._store.notes()
            if notes.reindexing is not None:
                self._changes.discard_pending()
            self._vectors.switch(notes)
            self._keywords.switch(notes)
            sound = self._vectors.sound(notes) and self._keywords.sound(notes)
            if notes.embedder is None or (sound and not any(self._store.waiting())):
                return
            with self._careful():
                self._complete(notes)
                self._sweep()
                self._compare_counts()

    def settle(self) -> None:
        """Do what waits for the end of a change: stories, and the keyword index anew where what was deleted from
        it would weigh in its statistics."""
        with self._writing_guard:
            self._stories.update()
            notes = self._store.notes()
            if notes.deleted and (notes.size <= REBUILD_BELOW or notes.deleted > REBUILD_SHARE * notes.size):
                # Nothing is lost when it fails, for want of space perhaps; what was asked for has been done.
                with suppress(StorageError), self._careful():
                    self._keywords.renew(notes)
                    self._changes.note(deleted=None)

    def rebuild(
        self,
        embedder: "Embedder",
        split: Callable[[Article], Sequence[Passage]],
        *,
        words: int,
        overlap: int,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Make everything derived anew; returns the number of passages.

        With the model and the passage sizes of before, from the stored embeddings; else by cutting and
        embedding every article again, told by `progress` (articles done, passages done). The old index
        answers until the new one is whole, also after an interruption.
        """
        with self._writing_guard:
            self._check_writable()
            self._resume()
            notes = self._store.notes()
            self._check_free(folder_size(self.home))
            self._embedder = embedder
            if (notes.embedder, notes.passages) == (embedder.fingerprint, _cut(words, overlap)):
                with self._careful():
                    self._vectors.renew(notes)
                    self._keywords.renew(notes)
                    self._changes.note(deleted=None)
            else:
                try:
                    self._reindex(split, _cut(words, overlap), notes, progress or (lambda _a, _b: None))
                except BaseException:
                    with suppress(StorageError):  # then the next writer does it
                        self._abandon_reindex()
                    raise
            self._stories.forget()
            self._stories.update()
            return self._store.notes().size

    # -- inside -------------------------------------------------------------------------------------------

    def _complete(self, notes: Notes) -> None:
        """Put into the indexes what is missing there of the pending articles, and make those live."""
        vectors, keywords = self._vectors.ready(notes), self._keywords.ready(notes)
        for entries in self._store.pending_entries():
            keys = [entry.key for entry in entries]
            stored, worded = vectors.present(keys), keywords.present(keys)
            fresh = [entry for entry in entries if entry.key not in stored]
            if fresh:
                vectors.add([entry.key for entry in fresh], np.array([entry.vector for entry in fresh]))
            keywords.add([entry for entry in entries if entry.key not in worded])
        keywords.commit()
        self._changes.promote()

    def _sweep(self) -> None:
        """Drop tombstoned passages from the derived indexes."""
        keys = self._store.buried()
        if keys:
            notes = self._store.notes()
            vectors, keywords = self._vectors.ready(notes), self._keywords.ready(notes)
            vectors.delete(keys)
            keywords.delete(keys)
            keywords.commit()
            self._changes.forget(keys)

    def _compare_counts(self) -> None:
        """Build an index anew that does not hold as many passages as the record."""
        notes = self._store.notes()
        if self._vectors.ready(notes).count() != notes.size + notes.former:
            self._vectors.renew(notes)
        if self._keywords.ready(notes).count() != notes.size + notes.former:
            self._keywords.renew(notes)

    def _reindex(
        self,
        split: Callable[[Article], Sequence[Passage]],
        cut: str,
        notes: Notes,
        progress: Callable[[int, int], None],
    ) -> None:
        self._changes.note(reindexing="yes")
        articles = passages = 0
        for some in self._store.kept_articles():
            batch, states = [article for article, _ in some], [state for _, state in some]
            parts = [split(article) for article in batch]
            matrix = embedded(self._embedder, [passage.text for some in parts for passage in some])
            ends = np.cumsum([len(some) for some in parts])[:-1]
            staged = list(zip(batch, parts, np.split(matrix, ends), strict=True))
            self._changes.stage(staged, states=states)
            articles, passages = articles + len(batch), passages + len(matrix)
            progress(articles, passages)
        dimensions = self._embedder.dimensions
        chroma = self._vectors.build(self._store.pending_entries(), dimensions, notes)
        keywords = self._keywords.build(self._store.pending_entries(), dimensions, notes)
        self._changes.replace_all(
            embedder=self._embedder.fingerprint,
            dimensions=dimensions,
            passages=cut,
            chroma=chroma,
            keywords=keywords,
            **self._keywords.form,
            deleted=None,
            reindexing=None,
        )
        self._vectors.switch(self._store.notes())
        self._keywords.switch(self._store.notes())

    def _abandon_reindex(self) -> None:
        self._changes.discard_pending()
        self._vectors.switch(self._store.notes())
        self._keywords.switch(self._store.notes())

    def _adopted(self) -> Notes:
        """The notes, with this embedding model in them when the collection was empty so far."""
        notes = self._store.notes()
        self._check_embedder(notes)
        fingerprint, dimensions = self._embedder.fingerprint, self._embedder.dimensions
        if notes.embedder == fingerprint:
            return notes
        chroma = self._vectors.build((), dimensions, notes)
        self._changes.note(embedder=fingerprint, dimensions=dimensions, chroma=chroma)
        notes = self._store.notes()
        self._vectors.switch(notes)
        return notes

    def _check_writable(self) -> None:
        if self._lock is None:
            raise StorageError(f"{self.home} was opened for reading only")

    def _check_space(self, batch: Sequence[Staged]) -> None:
        size = sum(len(article.text) + matrix.nbytes for article, _, matrix in batch)
        self._check_free(GROWTH * size)

    def _check_free(self, needed: int) -> None:
        needed += self.reserve_bytes
        free = shutil.disk_usage(self.home).free
        if free < needed:
            raise StorageError(
                f"{self.home}: {free // 1_000_000} MB are free on this disk and {needed // 1_000_000} MB needed; "
                "free some space and run the same command again"
            )

    def _resume(self) -> None:
        """Finish what this process itself began and did not finish."""
        if self._unfinished:
            self.recover()
            self._unfinished = False

    @contextmanager
    def _careful(self) -> Iterator[None]:
        """Note when a change was not finished; an index that failed is mended before it is used again."""
        try:
            yield
        except BaseException as exc:
            self._unfinished = True
            if isinstance(exc, StorageError):
                self._vectors.give_up()
                self._keywords.give_up()
            raise


def embedded(embedder: "Embedder", texts: Sequence[str]) -> Matrix:
    """The texts' embeddings, checked; one row each. Raises EmbeddingError."""
    if not texts:
        return np.zeros((0, embedder.dimensions), np.float32)
    matrix = np.asarray(embedder.encode(texts), np.float32)
    if matrix.shape != (len(texts), embedder.dimensions) or not np.isfinite(matrix).all():
        raise EmbeddingError(
            f"the embedding model {embedder.fingerprint!r} returned numbers that cannot be used (shape "
            f"{matrix.shape} for {len(texts)} texts); run the same command again, or set another model"
        )
    return matrix


def _database(home: Path, url: str | None, *, writing: bool) -> Database:
    if url:
        return Database.open(url)
    database = Database.in_folder(home, writing=writing)
    if database is None:
        raise CorpusEmpty(home)
    return database


def _locked(home: Path) -> Lock:
    lock = Lock(home / "lock")
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as exc:
        raise storage_error(home, exc) from exc
    return lock


def _cut(words: int, overlap: int) -> str:
    return f"{words} words, {overlap} shared sentences"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as exc:
        raise storage_error(path, exc) from exc


def _is_file(path: Path) -> bool:
    return _exists(path) and not path.is_dir()
