"""Way 1 through the house: file → Article → passages → article store, vectors, keywords.

A collection is not a mirror of a folder: an article stays when its file goes, until it is removed by its id.
Which article a document is (a new one, another version of one, a copy) is told by `rag.index.identity`.
"""

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.chunking import split_passages
from rag.domain import Article, Document, Passage
from rag.errors import LoadError
from rag.index.corpus import Corpus, embedded
from rag.index.identity import Finding, Identities, Kind, Place
from rag.index.ledger import FileRead, Held, Look, Sighting, name_of
from rag.index.rows import Matrix
from rag.loaders import discover, load
from rag.metadata import describe

if TYPE_CHECKING:  # importing it imports llama_index
    from rag.embeddings import Embedder

# Raise it when loaders, metadata or passages change what they make of the same bytes: files are then read
# again.
READER = 1
# Passages that go in together: enough to spread the cost of two commits, few enough to be done in a second.
BATCH_PASSAGES = 1_000
# Documents and unchanged files that are compared with the collection together, and the documents' characters.
WINDOW_ITEMS = 256
WINDOW_CHARS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an ingest or a reindex has come; sent after each file and after each batch."""

    files: int  # files done with; a reindex counts articles here
    files_total: int
    documents: int  # documents read, or known from unchanged files
    passages: int  # passages embedded and stored
    path: Path | None  # the file in hand; None: none in particular


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document whose text is in the collection already."""

    name: str  # its file, and its row where the file holds several
    of: str  # id of the article that holds the text


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a row of one, that could not be taken in."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did. Everything is in the order in which it was read."""

    added: tuple[str, ...]  # article ids
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]
    failures: tuple[Failure, ...]
    passages: int  # passages written
    embedded: int  # those of them whose text was embedded: a second ingest of the same files embeds none


def ingest(
    paths: Sequence[Path],
    corpus: Corpus,
    embedder: "Embedder",
    *,
    words: int,
    overlap: int,
    max_bytes: int,
    max_chars: int,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Take in the articles of files and folders. Files that have not changed since the last time are skipped.

    What cannot be read is reported and nothing else is lost by it. When the embedding model or the storage
    fails, its error is raised; what was taken in before stays, and the next ingest goes on from there.
    """
    corpus.cut_into(words=words, overlap=overlap)
    run = _Run(corpus, embedder, words=words, overlap=overlap, progress=progress)
    files = run.discovered(paths)
    for path in files:
        run.take(path, max_bytes=max_bytes, max_chars=max_chars)
    run.finish()
    # A copy of a text that an update of this run has replaced is a copy no longer: now the text is its own.
    for path in run.bereft(files):
        run.take_again(path, max_bytes=max_bytes, max_chars=max_chars)
    run.finish()
    corpus.settle()
    return run.report()


def reindex(
    corpus: Corpus,
    embedder: "Embedder",
    *,
    words: int,
    overlap: int,
    progress: Callable[[Progress], None] | None = None,
) -> int:
    """Make passages, embeddings and indexes anew from the stored articles; returns the number of passages.

    With the embedding model and the sizes of before, only the indexes are: nothing is embedded. The old ones
    answer until the new ones are whole.
    """
    total = corpus.count()

    def tell(articles: int, passages: int) -> None:
        if progress is not None:
            progress(
                Progress(files=articles, files_total=total, documents=articles, passages=passages, path=None)
            )

    def split(article: Article) -> list[Passage]:
        return split_passages(article, words=words, overlap=overlap)

    return corpus.rebuild(embedder, split, words=words, overlap=overlap, progress=tell)


@dataclass(frozen=True, slots=True)
class _Work:
    """An article to write, with its passages; `vectors` is None when they are to be embedded."""

    article: Article
    passages: Sequence[Passage]
    vectors: Matrix | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that waits to be compared with the collection."""

    article: Article
    place: Place
    named: bool  # whether its id comes from the format itself


class _Run:
    """One ingest: documents are compared with the collection in windows and written in batches."""

    def __init__(
        self,
        corpus: Corpus,
        embedder: "Embedder",
        *,
        words: int,
        overlap: int,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._corpus, self._embedder = corpus, embedder
        self._words, self._overlap = words, overlap
        self._progress = progress
        self._identities = Identities(corpus)
        self._outcomes: dict[
            Place, tuple[Kind, str]
        ] = {}  # with the article's id; of a duplicate, the holder's
        self._failures: dict[tuple[Place, str], Failure] = {}
        self._failing: set[Path] = set()
        self._looks: dict[str, Look] = {}
        self._touched: dict[str, Look] = {}
        self._window: list[_Waiting | FileRead | Path] = []  # a path: an unchanged file
        self._window_chars = 0
        self._batch: list[_Work] = []
        self._batch_passages = 0
        self._sightings: list[Sighting] = []
        self._replacing: list[Sighting] = []  # those of updates that end a text
        self._done: list[FileRead] = []
        self._bereft: set[str] = set()
        self._files = self._files_total = self._documents = self._passages = self._embedded = 0

    def discovered(self, paths: Sequence[Path]) -> list[Path]:
        """The files to read; what cannot be read is noted as a failure."""
        found = [item for item in discover(paths) if not self._failed(item)]
        files = [item for item in found if isinstance(item, Path)]
        self._files_total = len(files)
        self._looks = self._corpus.ledger.looks(files)
        return files

    def take(self, path: Path, *, max_bytes: int, max_chars: int) -> None:
        """Take in one file, unless it has not changed since it was last taken in."""
        if self._unchanged(path, _reader(max_chars)):
            self._wait(path)
        else:
            self._load(path, max_bytes=max_bytes, max_chars=max_chars)
        self._files += 1
        self._tell(path)

    def take_again(self, path: Path, *, max_bytes: int, max_chars: int) -> None:
        """Take in a file that relied on a text which is gone."""
        self._identities.forget(path)
        self._load(path, max_bytes=max_bytes, max_chars=max_chars)

    def finish(self) -> None:
        """Compare and write everything that waits."""
        self._compare()
        self._write()

    def bereft(self, files: Sequence[Path]) -> list[Path]:
        """Those of the files that held a copy of a text which an update of this run has replaced."""
        return [path for path in files if name_of(path) in self._bereft]

    def report(self) -> IngestReport:
        """What the run did."""

        def ids(wanted: Kind) -> tuple[str, ...]:
            return tuple(article_id for kind, article_id in self._outcomes.values() if kind == wanted)

        return IngestReport(
            added=ids("added"),
            updated=ids("updated"),
            unchanged=ids("unchanged"),
            duplicates=tuple(
                Duplicate(str(place), holder)
                for place, (kind, holder) in self._outcomes.items()
                if kind == "duplicate"
            ),
            failures=tuple(self._failures.values()),
            passages=self._passages,
            embedded=self._embedded,
        )

    # -- file → articles ----------------------------------------------------------------------------------

    def _unchanged(self, path: Path, reader: str) -> bool:
        known = self._looks.get(name_of(path))
        try:
            look = known and known.still(path, reader)
        except OSError:
            return False  # the loader says what is wrong with it
        if look is not None and look is not known:
            self._touched[name_of(path)] = look
        return look is not None

    def _load(self, path: Path, *, max_bytes: int, max_chars: int) -> None:
        before, last_row = _look(path, max_bytes, _reader(max_chars)), 0
        for item in load(path, max_bytes=max_bytes, max_chars=max_chars):
            if isinstance(item, LoadError):
                self._failed(item)
            else:
                last_row = max(last_row, item.row or 0)
                self._describe(item)
        if before is not None:
            self._wait(FileRead(path, before, last_row))

    def _describe(self, document: Document) -> None:
        article, place = describe(document), Place(document.path, document.row)
        self._documents += 1
        if article.text[article.body_start :].strip():
            self._wait(_Waiting(article, place, named=bool(document.id)))
        else:
            self._fail(place, "holds no text")

    def _wait(self, item: "_Waiting | FileRead | Path") -> None:
        self._window.append(item)
        self._window_chars += len(item.article.text) if isinstance(item, _Waiting) else 0
        if len(self._window) >= WINDOW_ITEMS or self._window_chars >= WINDOW_CHARS:
            self._compare()

    # -- articles → what they are -------------------------------------------------------------------------

    def _compare(self) -> None:
        """Find out what waits, in the order of the files, and pass on the articles that are to be written."""
        window, self._window, self._window_chars = self._window, [], 0
        held = self._corpus.ledger.held(name_of(item) for item in window if isinstance(item, Path))
        self._identities.look_up(
            [(item.article, item.place) for item in window if isinstance(item, _Waiting)]
        )
        for item in window:
            if isinstance(item, Path):
                self._keep(item, held.get(name_of(item)))
            elif isinstance(item, _Waiting):
                self._place(self._identities.of(item.article, item.place, named=item.named), item)
            elif item.path not in self._failing:  # one with a failure is read again next time
                self._done.append(item)

    def _keep(self, path: Path, held: Sequence[Held] | None) -> None:
        if held is None:
            self._bereft.add(name_of(path))
            return
        for item in held:
            place = Place(path, item.row)
            self._note(place, self._identities.of_held(item, place), item.held_as)
        self._documents += len(held)

    def _place(self, finding: Finding, item: _Waiting) -> None:
        if finding.claimant is not None:
            self._fail(
                item.place,
                f"its id {item.article.id!r} is already that of another text, in {finding.claimant}",
            )
            return
        holder = finding.holder or finding.article.id
        self._note(item.place, finding.kind, holder)
        sighting = Sighting(name_of(item.place.path), item.place.row, finding.article.id, holder, item.named)
        self._sightings.append(sighting)
        if finding.kind in ("added", "updated"):
            if finding.former is not None and finding.former.sha256 != finding.article.sha256:
                self._replacing.append(sighting)
            self._add(finding)

    def _note(self, place: Place, kind: Kind, article_id: str) -> None:
        known = self._outcomes.get(place)
        if (
            known is None or known[0] == "duplicate"
        ):  # a second look at a file may only turn a copy into an article
            self._outcomes[place] = (kind, article_id)

    # -- articles → passages → indexes --------------------------------------------------------------------

    def _add(self, finding: Finding) -> None:
        article = finding.article
        passages = split_passages(article, words=self._words, overlap=self._overlap)
        self._batch.append(_Work(article, passages, self._stored_vectors(finding, passages)))
        self._batch_passages += len(passages)
        if self._batch_passages >= BATCH_PASSAGES:
            self._write()

    def _stored_vectors(self, finding: Finding, passages: Sequence[Passage]) -> Matrix | None:
        """The embeddings of a former version with the same passages: then only what is said about it
        changed."""
        if finding.former is None or finding.former.sha256 != finding.article.sha256 or not passages:
            return None
        ids = [passage.id for passage in passages]
        former = self._corpus.passages(ids)
        if [former[key][0] for key in ids if key in former] != list(passages):
            return None
        vectors = self._corpus.passage_vectors(ids)
        return np.stack([vectors[key] for key in ids])

    def _write(self) -> None:
        """Write what waits: sightings first, so that a file's own ids are known even after a crash."""
        ledger = self._corpus.ledger
        ledger.touch(self._touched)
        ledger.sight(self._sightings)
        bereft = ledger.release(self._replacing)
        self._corpus.add(self._embedded_batch())
        ledger.record(read for read in self._done if name_of(read.path) not in bereft)
        self._bereft |= bereft
        self._passages += self._batch_passages
        self._batch, self._sightings, self._replacing, self._done, self._touched = [], [], [], [], {}
        self._batch_passages = 0
        self._tell(None)

    def _embedded_batch(self) -> list[tuple[Article, Sequence[Passage], Matrix]]:
        texts = [p.text for work in self._batch if work.vectors is None for p in work.passages]
        fresh, batch = embedded(self._embedder, texts), []
        self._embedded += len(texts)
        for work in self._batch:
            vectors = work.vectors
            if vectors is None:
                vectors, fresh = fresh[: len(work.passages)], fresh[len(work.passages) :]
            batch.append((work.article, work.passages, vectors))
        return batch

    # -- telling ------------------------------------------------------------------------------------------

    def _failed(self, item: object) -> bool:
        if isinstance(item, LoadError):
            self._fail(Place(item.path, item.row), item.reason)
        return isinstance(item, LoadError)

    def _fail(self, place: Place, reason: str) -> None:
        self._failing.add(place.path)
        self._failures[place, reason] = Failure(str(place), reason)

    def _tell(self, path: Path | None) -> None:
        if self._progress is not None:
            self._progress(
                Progress(
                    files=self._files,
                    files_total=self._files_total,
                    documents=self._documents,
                    passages=self._passages,
                    path=path,
                )
            )


def _reader(max_chars: int) -> str:
    """How files are read; one that was read otherwise is read again."""
    return f"{READER}, at most {max_chars} characters"


def _look(path: Path, max_bytes: int, reader: str) -> Look | None:
    """A look at a file; None for one that is not to be read whole, such as a pipe."""
    try:
        status = path.stat()
        regular = stat.S_ISREG(status.st_mode) and status.st_size <= max_bytes
        return Look.at(path, reader) if regular else None
    except OSError:
        return None  # the loader says what is wrong with it
