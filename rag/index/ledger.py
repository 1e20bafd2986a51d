"""What was read from where: so that unchanged files are not read again, and no article takes another's
place."""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from rag.index.database import Database, chunked
from rag.index.tables import LIVE, articles, files, holdings

# A file may change without changing its time or size while it is this young: clocks of file systems are
# coarse.
SETTLED_NS = 2_000_000_000
_ITS_FILE = files.c.path == bindparam("its_path")
_ITS_ROW = and_(holdings.c.path == bindparam("its_path"), holdings.c.row == bindparam("its_row"))
_LATER_ROWS = and_(holdings.c.path == bindparam("its_path"), holdings.c.row > bindparam("its_row"))


def name_of(path: Path) -> str:
    """A path as the ledger knows it: absolute, and without the bytes that are no text."""
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """A file's bytes as they were just before it was read."""

    size: int
    mtime_ns: int
    sha256: str
    reader: str  # how it was read: another way may find other articles in the same bytes

    @classmethod
    def at(cls, path: Path, reader: str) -> "Look":
        """Raises OSError."""
        status = path.stat()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(status.st_size, status.st_mtime_ns, digest, reader)

    def still(self, path: Path, reader: str) -> "Look | None":
        """The look at the same bytes now; None when they have changed, or are to be read in another way.

        Size and time decide; where the time differs, or was too young to be trusted, the bytes do. Raises
        OSError.
        """
        status = path.stat()
        if (status.st_size, reader) != (self.size, self.reader):
            return None
        if status.st_mtime_ns == self.mtime_ns:
            return self
        again = Look.at(path, reader)
        return again if again.sha256 == self.sha256 else None


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read to its end without a failure."""

    path: Path
    look: Look
    last_row: int  # the last row that held a document; 0: the file is one document, or holds none


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document in a file, and the article under which its text is kept."""

    path: str  # see `name_of`
    row: int | None  # 1-based, as the format counts; None: the file is one document
    article_id: str
    held_as: str  # another id than `article_id`: the text is a duplicate of that article
    named: bool  # whether the format gave the id, rather than the file's name


@dataclass(frozen=True, slots=True)
class Held:
    """A document of a file that was read before; `sha256` is that of the text."""

    row: int | None
    article_id: str
    held_as: str
    sha256: str


class Ledger:
    """The files that were ingested, and the documents that each one held."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def looks(self, paths: Iterable[Path]) -> dict[str, Look]:
        """How each of these files looked when it was last taken in; others are left out."""
        found: dict[str, Look] = {}
        with self._database.begin() as connection:
            for some in chunked(name_of(path) for path in paths):
                for row in connection.execute(select(files).where(files.c.path.in_(some))):
                    found[row.path] = Look(row.size, row.mtime_ns, row.sha256, row.reader)
        return found

    def held(self, names: Iterable[str]) -> dict[str, list[Held]]:
        """What each of these files held; one whose texts are not all in the collection any more is left
        out."""
        query = (
            select(
                holdings.c.path, holdings.c.row, holdings.c.article_id, holdings.c.held_as, articles.c.sha256
            )
            .select_from(holdings)
            .outerjoin(articles, and_(articles.c.id == holdings.c.held_as, articles.c.state == LIVE))
            .order_by(holdings.c.path, holdings.c.row)
        )
        found: dict[str, list[Held]] = {}
        lost: set[str] = set()
        with self._database.begin() as connection:
            for some in chunked(names):
                found.update((name, []) for name in some)
                for path, row, article_id, held_as, sha256 in connection.execute(
                    query.where(holdings.c.path.in_(some))
                ):
                    found[path].append(Held(row or None, article_id, held_as, sha256))
                    if sha256 is None:
                        lost.add(path)
        return {name: items for name, items in found.items() if name not in lost}

    def record(self, reads: Iterable[FileRead]) -> None:
        """Note that every document of these files is in."""
        listed = list(reads)
        if not listed:
            return
        places = [{"its_path": name_of(read.path), "its_row": read.last_row} for read in listed]
        with self._database.begin() as connection:
            connection.execute(delete(holdings).where(_LATER_ROWS), places)
            connection.execute(delete(files).where(_ITS_FILE), [{"its_path": p["its_path"]} for p in places])
            connection.execute(insert(files), [_row(name_of(read.path), read.look) for read in listed])

    def touch(self, looks: Mapping[str, Look]) -> None:
        """Note another time of change for files whose bytes are the same."""
        if looks:
            times = [{"its_path": name, "mtime_ns": _settled(look.mtime_ns)} for name, look in looks.items()]
            with self._database.begin() as connection:
                connection.execute(update(files).where(_ITS_FILE), times)

    def sight(self, sightings: Iterable[Sighting]) -> None:
        """Note documents that were met."""
        rows = {(s.path, s.row or 0): {**asdict(s), "row": s.row or 0} for s in sightings}
        if not rows:
            return
        places = [{"its_path": path, "its_row": row} for path, row in rows]
        with self._database.begin() as connection:
            connection.execute(delete(holdings).where(_ITS_ROW), places)
            connection.execute(insert(holdings), list(rows.values()))

    def own(self, paths: Iterable[str]) -> dict[tuple[str, int | None], str]:
        """Under which id each document of these files is kept, by file and row; copies are left out."""
        query = select(holdings).where(holdings.c.held_as == holdings.c.article_id)
        found: dict[tuple[str, int | None], str] = {}
        with self._database.begin() as connection:
            for some in chunked(set(paths)):
                for row in connection.execute(query.where(holdings.c.path.in_(some))):
                    found[row.path, row.row or None] = row.article_id
        return found

    def unnamed(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """For those of these articles whose id was made from the name of a file: the files that gave it."""
        query = select(holdings).where(holdings.c.held_as == holdings.c.article_id, ~holdings.c.named)
        found: dict[str, set[str]] = {}
        with self._database.begin() as connection:
            for some in chunked(ids):
                for row in connection.execute(query.where(holdings.c.article_id.in_(some))):
                    found.setdefault(row.article_id, set()).add(row.path)
        return found

    def release(self, updates: Iterable[Sighting]) -> set[str]:
        """Files that relied on the former text of articles about to be updated; from now on they are
        unread."""
        own = {(update.held_as, update.path, update.row or 0) for update in updates}
        found: set[str] = set()
        with self._database.begin() as connection:
            for some in chunked({article_id for article_id, _, _ in own}):
                query = select(holdings.c.held_as, holdings.c.path, holdings.c.row)
                rows = connection.execute(query.where(holdings.c.held_as.in_(some)))
                found.update(row.path for row in rows if (row.held_as, row.path, row.row) not in own)
            for names in chunked(found):
                connection.execute(delete(files).where(files.c.path.in_(names)))
        return found


def _row(name: str, look: Look) -> dict[str, Any]:
    return {**asdict(look), "path": name, "mtime_ns": _settled(look.mtime_ns)}


def _settled(mtime_ns: int) -> int:
    """The time to compare with later; for a file that has just changed, one that never compares equal."""
    return mtime_ns if time.time_ns() - mtime_ns > SETTLED_NS else -1
