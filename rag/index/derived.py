"""The derived indexes in their folders: opened when they are sound, built anew from the record when they are
not.

Each building goes into a new folder; the record names the folder in use, so that a switch is one transaction
and an interrupted building leaves the index in use as it was.

Who may open Chroma's folder, which a second process must never have open while one writes: whoever holds
`vectors.lock`. A writer keeps it until it closes; a reader takes it for one search. Who does not get it, or
finds the folder unsound, scores embeddings from the record instead, which is exact, and slower on large
collections. tantivy lets any number of readers work beside one writer.
"""

import logging
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from rag.domain import Filters
from rag.errors import StorageError
from rag.index.changes import Changes
from rag.index.inspection import looks_whole
from rag.index.keywords import FORM, Keywords
from rag.index.lock import Lock
from rag.index.rows import Entry, Matrix, Notes
from rag.index.seal import Seal
from rag.index.store import Store

if TYPE_CHECKING:
    from rag.index.vectors import Vectors

logger = logging.getLogger(__name__)

# How long a writer waits for a reader's search to end before it gives up.
READER_SECONDS = 10.0
# Passages handed to an index at once while building it.
BUILD_BATCH = 5_000
# Passages from which on looking a suspect vector index over is quicker than building it anew.
INSPECT_FROM = 10_000


class Closable(Protocol):
    """What every index can."""

    def close(self) -> None:
        """Let go of the files."""


Index = TypeVar("Index", bound=Closable)


class Derived(ABC, Generic[Index]):
    """One derived index of a home. Changing it is for the process that holds the home's lock."""

    kind: ClassVar[str]  # the folder in the home that holds this index's folders
    form: ClassVar[dict[str, str]] = {}  # the notes that say how it was made

    def __init__(self, home: Path, store: Store, changes: Changes) -> None:
        self._home, self._store, self._changes = home, store, changes
        self._guard = RLock()
        self._index: Index | None = None
        self._folder = ""  # of `_index`
        self._changing = False  # whether this process has torn the seal

    def sound(self, notes: Notes) -> bool:
        """Whether the index is as it was left, or is being changed by this very process."""
        return self._changing or (self._current(notes) and Seal(self._home / self._named(notes)).holds())

    def ready(self, notes: Notes) -> Index:
        """The index, open for writing; built anew from the record when it was not sound."""
        with self._guard:
            index = self._index if self._changing else None
            if index is None:
                index = self._taken(notes) or self._rebuilt(notes)
                Seal(self._home / self._folder).tear()
                self._changing = True
            return index

    def build(self, batches: Iterable[Sequence[Entry]], dimensions: int, notes: Notes) -> str:
        """Build an index of these passages in a new folder, seal it, and return the folder's name."""
        with self._guard:
            folder = self._unused(notes)
            index = self._open(folder, dimensions)
            try:
                for entries in _regrouped(batches):
                    self._fill(index, entries)
            finally:
                index.close()
            Seal(self._home / folder).set()
            return folder

    def renew(self, notes: Notes) -> None:
        """Build the index anew from the passages of the record, and switch to it."""
        folder = self.build(self._store.kept_entries(), notes.dimensions, notes)
        self._changes.note(**{self.kind: folder}, **self.form)
        self.switch(self._store.notes())

    def switch(self, notes: Notes) -> None:
        """Let go of every folder but the one that the record now names, and remove the others."""
        with self._guard:
            if self._folder != self._named(notes):
                self.give_up()
            for path in (self._home / self.kind).glob("*"):
                if path.is_dir() and f"{self.kind}/{path.name}" != self._named(notes):
                    Seal(path).tear()
                    shutil.rmtree(path, ignore_errors=True)

    def give_up(self) -> None:
        """Let go of the index without sealing it: what it holds is not known to be right."""
        with self._guard:
            index, self._index, self._changing = self._index, None, False
            if index is not None:
                with suppress(StorageError):
                    index.close()

    def close(self) -> None:
        """Let go of the index, and seal it when it was changed."""
        with self._guard:
            index, self._index = self._index, None
            with suppress(OSError, StorageError):  # without a seal it is looked over next time
                if index is not None:
                    index.close()
                    if self._changing:
                        Seal(self._home / self._folder).set()
            self._changing = False

    @abstractmethod
    def _named(self, notes: Notes) -> str:
        """The folder that the record names for this index."""

    @abstractmethod
    def _open(self, folder: str, dimensions: int) -> Index: ...

    @abstractmethod
    def _fill(self, index: Index, entries: Sequence[Entry]) -> None: ...

    @abstractmethod
    def _usable(self, notes: Notes) -> bool:
        """Whether a folder whose seal is missing or does not hold can be used as it is."""

    def _current(self, notes: Notes) -> bool:
        """Whether the index was made the way it is made today."""
        return all(getattr(notes, name) == value for name, value in self.form.items())

    def _taken(self, notes: Notes) -> Index | None:
        """The index of the folder in use, if it can be used as it is."""
        folder = self._named(notes)
        if self._index is not None and self._folder == folder:
            return self._index
        if not self._current(notes) or not (Seal(self._home / folder).holds() or self._usable(notes)):
            return None
        try:
            return self._take(folder, notes.dimensions)
        except StorageError:
            return None

    def _take(self, folder: str, dimensions: int) -> Index:
        self._folder, self._index = folder, self._open(folder, dimensions)
        return self._index

    def _rebuilt(self, notes: Notes) -> Index:
        if notes.size:
            logger.warning(
                "%s was damaged, left in the middle of a change, or made by an older version; building it anew",
                self._home / self.kind,
            )
        self.renew(notes)
        return self._take(self._named(self._store.notes()), notes.dimensions)

    def _unused(self, notes: Notes) -> str:
        paths = [*(self._home / self.kind).glob("*"), self._home / self._named(notes)]
        numbers = [int(path.name) for path in paths if path.name.isdecimal()]
        return f"{self.kind}/{max(numbers, default=0) + 1}"


class DerivedVectors(Derived["Vectors"]):
    """The Chroma index of a home."""

    kind = "chroma"

    def __init__(self, home: Path, store: Store, changes: Changes, *, writing: bool) -> None:
        super().__init__(home, store, changes)
        self._writing = writing
        self._lock = Lock(home / "vectors.lock")
        self._sealed: tuple[int, int] | None = None  # the seal under which a reader opened the index

    def ready(self, notes: Notes) -> "Vectors":
        """See Derived. Raises HomeLocked when a reader does not let go of the index."""
        self._lock.acquire(wait=READER_SECONDS)
        return super().ready(notes)

    def build(self, batches: Iterable[Sequence[Entry]], dimensions: int, notes: Notes) -> str:
        """See Derived. Raises HomeLocked when a reader does not let go of the index."""
        self._lock.acquire(wait=READER_SECONDS)
        return super().build(batches, dimensions, notes)

    def close(self) -> None:
        """See Derived."""
        super().close()
        self._lock.release()

    def nearest(self, vector: Matrix, k: int, notes: Notes) -> list[int] | None:
        """About the `k` passage keys nearest to the vector; None when Chroma may not, or cannot, be asked
        now."""
        with self._guard:
            index = self._index if self._changing else None
            if index is None:
                return self._borrowed(vector, k, notes)
        return self._asked(index, vector, k)  # outside the guard: searches go on while a batch is written

    def _borrowed(self, vector: Matrix, k: int, notes: Notes) -> list[int] | None:
        try:
            if not self._lock.try_acquire():
                return None
            seal = Seal(self._home / notes.chroma)
            if self._index is not None and (self._folder, self._sealed) != (notes.chroma, seal.identity()):
                self.give_up()  # another process has changed it since
            if self._index is None and not seal.holds():
                return None
            found = self._asked(self._index or self._take(notes.chroma, notes.dimensions), vector, k)
            # Opening the index wrote a line into Chroma's own SQLite file.
            seal.set()
            self._sealed = seal.identity()
        except (OSError, StorageError):
            return None
        finally:
            if not self._writing:
                self._lock.release()
        return found

    def _asked(self, index: "Vectors", vector: Matrix, k: int) -> list[int] | None:
        try:
            return index.nearest(vector, k)
        except StorageError as exc:
            logger.warning("%s; searching the record instead", exc)
            self.give_up()
            return None

    def _named(self, notes: Notes) -> str:
        return notes.chroma

    def _open(self, folder: str, dimensions: int) -> "Vectors":
        # Imported here because it imports Chroma: two seconds that a small collection's questions need not
        # wait for.
        from rag.index.vectors import Vectors

        return Vectors(self._home / folder, dimensions)

    def _fill(self, index: "Vectors", entries: Sequence[Entry]) -> None:
        index.add([entry.key for entry in entries], np.stack([entry.vector for entry in entries]))

    def _usable(self, notes: Notes) -> bool:
        # Chroma can crash the process on what it finds: another process looks first.
        return notes.size >= INSPECT_FROM and looks_whole(self._home / notes.chroma, self._store, notes)


class DerivedKeywords(Derived[Keywords]):
    """The tantivy index of a home."""

    kind = "keywords"
    form: ClassVar[dict[str, str]] = {"keywords_form": FORM}

    def __init__(self, home: Path, store: Store, changes: Changes) -> None:
        super().__init__(home, store, changes)
        self._revision = -1
        self._makeshift: tuple[int, Keywords] | None = None

    def matching(
        self, question: str, k: int, filters: Filters, notes: Notes, days: Sequence[tuple[date, date]] = ()
    ) -> list[tuple[int, float]]:
        """At least the `k` best passage keys with their BM25, if there are so many; see Keywords.matching."""
        try:
            return self._reading(notes).matching(question, k, filters, days)
        except StorageError as exc:
            logger.warning("%s; searching an index in memory instead", exc)
            return self._in_memory(notes).matching(question, k, filters, days)

    def rarity(self, stems: Iterable[str], notes: Notes) -> dict[str, float]:
        """See Keywords.rarity."""
        try:
            return self._reading(notes).rarity(stems)
        except StorageError:  # told by `matching`, which is asked first
            return self._in_memory(notes).rarity(stems)

    def _reading(self, notes: Notes) -> Keywords:
        with self._guard:
            index = self._index if self._changing else self._taken(notes)
            if index is None:
                fresh = self._store.notes()
                # A writer may have built the index anew between the reading of the notes and now.
                return self._in_memory(notes) if fresh.keywords == notes.keywords else self._reading(fresh)
            if self._revision != notes.revision:
                index.reload()
                self._revision = notes.revision
            return index

    def _in_memory(self, notes: Notes) -> Keywords:
        """An index made for this process alone, because the one on the disk was damaged."""
        if self._makeshift is None or self._makeshift[0] != notes.revision:
            logger.warning("%s is damaged; run `dateline reindex`", self._home / notes.keywords)
            index = Keywords(None)
            for entries in self._store.kept_entries():
                index.add(entries)
            index.commit()
            self._makeshift = (notes.revision, index)
        return self._makeshift[1]

    def _named(self, notes: Notes) -> str:
        return notes.keywords

    def _open(self, folder: str, dimensions: int) -> Keywords:
        return Keywords(self._home / folder)

    def _fill(self, index: Keywords, entries: Sequence[Entry]) -> None:
        index.add(entries)
        index.commit()

    def _usable(self, notes: Notes) -> bool:
        # tantivy's commits are whole or absent: an index that was left in the middle of a change is as sound
        # as a sealed one. One that differs from its seal is not.
        folder = self._home / notes.keywords
        return folder.exists() and not Seal(folder).exists()


def _regrouped(batches: Iterable[Sequence[Entry]]) -> Iterator[list[Entry]]:
    """The same entries in batches of a size that suits the indexes."""
    group: list[Entry] = []
    for entries in batches:
        group += entries
        if len(group) >= BUILD_BATCH:
            yield group
            group = []
    if group:
        yield group
