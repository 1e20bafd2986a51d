"""What was read from where: so that unchanged files are not read again, and no article takes another's
place."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import and_, delete, insert, select, update

from rag.index.database import Database, chunked
from rag.index.tables import LIVE, articles, files, holdings

# A file may change without changing its time or size while it is this young (clocks of file systems are
# coarse).
SETTLED_NS = 2_000_000_000


def name_of(path: Path) -> str:
    """A path as the ledger knows it: absolute, and without the bytes that are no text."""
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")


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

    def unchanged(self, path: Path, reader: str) -> list[Held] | None:
        """What the file held when it was last read; None when it must be read (again).

        Size and time of change decide; where only the time differs, or is too young to be trusted, the bytes
        do. Raises OSError.
        """
        status = path.stat()
        with self._database.begin() as connection:
            row = connection.execute(select(files).where(files.c.path == name_of(path))).one_or_none()
        if row is None or row.size != status.st_size or row.reader != reader:
            return None
        if row.mtime_ns != status.st_mtime_ns:
            if digest(path) != row.sha256:
                return None
            self._touch(path, _settled(status.st_mtime_ns))
        return self._held(path)

    def _touch(self, path: Path, mtime_ns: int) -> None:
        with self._database.begin() as connection:
            connection.execute(update(files).where(files.c.path == name_of(path)).values(mtime_ns=mtime_ns))

    def _held(self, path: Path) -> list[Held] | None:
        query = (
            select(holdings.c.row, holdings.c.article_id, holdings.c.held_as, articles.c.sha256)
            .select_from(holdings)
            .outerjoin(articles, and_(articles.c.id == holdings.c.held_as, articles.c.state == LIVE))
            .where(holdings.c.path == name_of(path))
            .order_by(holdings.c.row)
        )
        with self._database.begin() as connection:
            found = [Held(row[0] or None, *row[1:]) for row in connection.execute(query)]
        return None if any(held.sha256 is None for held in found) else found

    def record(self, reads: Iterable["FileRead"]) -> None:
        """Note that every document of these files is in."""
        with self._database.begin() as connection:
            for read in reads:
                beyond = and_(holdings.c.path == name_of(read.path), holdings.c.row > read.last_row)
                connection.execute(delete(holdings).where(beyond))
                connection.execute(delete(files).where(files.c.path == name_of(read.path)))
                connection.execute(
                    insert(files).values(
                        path=name_of(read.path),
                        reader=read.reader,
                        size=read.size,
                        mtime_ns=_settled(read.mtime_ns),
                        sha256=read.sha256,
                    )
                )

    def sight(self, sightings: Iterable[Sighting]) -> None:
        """Note documents that were met."""
        rows = {(s.path, s.row or 0): {**asdict(s), "row": s.row or 0} for s in sightings}
        by_path: dict[str, list[int]] = {}
        for path, row in rows:
            by_path.setdefault(path, []).append(row)
        with self._database.begin() as connection:
            for path, numbers in by_path.items():
                for some in chunked(numbers):
                    known = and_(holdings.c.path == path, holdings.c.row.in_(some))
                    connection.execute(delete(holdings).where(known))
            if rows:
                connection.execute(insert(holdings), list(rows.values()))

    def own(self, paths: Iterable[str]) -> dict[tuple[str, int | None], str]:
        """Under which id each document of these files is kept, by file and row; copies are left out."""
        query = select(holdings).where(holdings.c.held_as == holdings.c.article_id)
        with self._database.begin() as connection:
            rows = [
                row
                for some in chunked(set(paths))
                for row in connection.execute(query.where(holdings.c.path.in_(some)))
            ]
        return {(row.path, row.row or None): row.article_id for row in rows}

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
        """Files that relied on the former text of articles about to be updated; they count as unread from now
        on."""
        found: set[str] = set()
        with self._database.begin() as connection:
            for own in updates:
                query = select(holdings.c.path, holdings.c.row).where(holdings.c.held_as == own.held_as)
                found_at = connection.execute(query)
                others = {row.path for row in found_at if (row.path, row.row) != (own.path, own.row or 0)}
                for some in chunked(others):
                    connection.execute(delete(files).where(files.c.path.in_(some)))
                found |= others
        return found


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read to its end without a failure."""

    path: Path
    reader: str  # how it was read
    last_row: int  # the last row that held a document; 0: the file is one document, or holds none
    size: int  # this and what follows: as it was just before it was read
    mtime_ns: int
    sha256: str  # of its bytes


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settled(mtime_ns: int) -> int:
    """The time to compare with later; for a file that has just changed, one that never compares equal."""
    return mtime_ns if time.time_ns() - mtime_ns > SETTLED_NS else -1
