"""One SQL database: its connections, its transactions, and its errors in our words."""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, inspect, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from rag.errors import StorageError
from rag.index.tables import OLDER_SCHEMAS, SCHEMA_VERSION, meta, metadata

T = TypeVar("T")

# How long a statement waits for another program's lock on the database before it gives up.
BUSY_SECONDS = 5.0
DATABASE_FILE = "articles.db"
# Values in one IN (…): below the limits of every database (SQLite before 3.32 allowed 999).
IN_LIMIT = 900

_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space and run the same command again",
    sqlite3.SQLITE_BUSY: "another program keeps it locked: close that program and run the same command again",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked: close that program and run the same command again",
    sqlite3.SQLITE_READONLY: "it may not be written: check the permissions of the folder and of its files",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder exists and may be read and written",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore it from a backup, or ingest into a new home",
    sqlite3.SQLITE_NOTADB: "it is damaged: restore it from a backup, or ingest into a new home",
    sqlite3.SQLITE_IOERR: "the disk reports an error, or is full: check it and run the same command again",
}


class Database:
    """The article store's engine. Open it with `Database.open`; every error it raises is a StorageError."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to `url` (a SQLAlchemy URL) and make its tables when it has none."""
        try:
            engine = create_engine(url)
            name = engine.url.render_as_string()  # a password in it is masked
        except (SQLAlchemyError, ImportError) as exc:
            raise StorageError(f"DATELINE_DATABASE_URL cannot be used: {exc}".splitlines()[0]) from exc
        if engine.dialect.name == "sqlite" and engine.url.database:
            engine.dispose()
            engine = _sqlite(Path(engine.url.database), writing=True)
        database = cls(engine, name)
        database._make_tables()
        return database

    @classmethod
    def in_folder(cls, folder: Path, *, writing: bool) -> Self | None:
        """The SQLite database of a home folder; None when it is to be read and nothing was ever written."""
        path = folder / DATABASE_FILE
        database = cls(_sqlite(path, writing=writing), str(path))
        if writing:
            database._make_tables()
            return database
        try:
            written = database._has_tables()
        except StorageError:
            # Even to read, SQLite makes a small file beside the database, which a full disk or a folder that
            # may not be written forbids. Without a journal that waits to be read, the database file alone is
            # everything.
            if _has_journal(path):
                raise
            database.close()
            database = cls(_sqlite(path, immutable=True), str(path))
            written = database._has_tables()
        if written:
            database._check_schema()
        return database if written else None

    def _has_tables(self) -> bool:
        with self.begin() as connection:
            return inspect(connection).has_table(meta.name)

    def _make_tables(self) -> None:
        with self.translated():
            metadata.create_all(self.engine)
        with self.begin() as connection:
            found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
            if found is None or found in OLDER_SCHEMAS:
                write_meta(connection, schema=SCHEMA_VERSION)
        self._check_schema()

    def _check_schema(self) -> None:
        with self.begin() as connection:
            found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
        if found in OLDER_SCHEMAS:
            raise StorageError(
                f"{self.name} was written by an earlier release of Dateline; run `dateline reindex` once "
                "(nothing is embedded anew)"
            )
        if found != SCHEMA_VERSION:
            raise StorageError(
                f"{self.name} was written by another release of Dateline (schema {found}, this one reads "
                f"{SCHEMA_VERSION}); use that release, or ingest into a new home"
            )

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back on an exception.

        All that is read in it is of one moment.
        """
        with self.translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what the database or the disk raises into a StorageError that says what to do."""
        try:
            yield
        except SQLAlchemyError as exc:
            raise StorageError(f"{self.name}: {_advice(exc)}") from exc
        except OSError as exc:
            raise storage_error(Path(self.name), exc) from exc

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def storage_error(path: Path, exc: OSError) -> StorageError:
    """What a failed read or write of `path` means for the person at the keyboard."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"{path}: {_ADVICE[sqlite3.SQLITE_FULL]}")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(f"{path}: {_ADVICE[sqlite3.SQLITE_READONLY]}")
    return StorageError(f"{path}: {exc.strerror or exc}")


@contextmanager
def translated(place: Path, part: str) -> Iterator[None]:
    """Turn whatever Chroma or tantivy raises into a StorageError.

    Their Rust parts raise bare exceptions, and on damaged files panics, which are no `Exception`s.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as exc:
        raise storage_error(place, exc) from exc
    except BaseException as exc:
        if not isinstance(exc, Exception) and type(exc).__name__ != "PanicException":
            raise
        if "No space left" in str(exc) or "disk is full" in str(exc):
            raise StorageError(f"{place}: {_ADVICE[sqlite3.SQLITE_FULL]}") from exc
        raise StorageError(f"{place}: {part} failed: {' '.join(str(exc).split())}") from exc


def chunked(values: Iterable[T], size: int = IN_LIMIT) -> Iterator[Sequence[T]]:
    """The values in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


# Read for each search, so built once: that takes as long as running it.
_META = select(meta.c.name, meta.c.value)


def read_meta(connection: Connection) -> dict[str, str]:
    """Everything the collection notes about itself."""
    return dict(map(tuple, connection.execute(_META)))


def write_meta(connection: Connection, **values: str | int | None) -> None:
    """Set notes; None removes one."""
    connection.execute(delete(meta).where(meta.c.name.in_(values)))
    rows = [{"name": name, "value": str(value)} for name, value in values.items() if value is not None]
    if rows:
        connection.execute(insert(meta), rows)


def _advice(exc: SQLAlchemyError) -> str:
    original = exc.orig if isinstance(exc, DatabaseError) else None
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _ADVICE:  # the low byte is the primary code
        return _ADVICE[code & 0xFF]
    return " ".join(str(original or exc).split())


def _sqlite(path: Path, *, writing: bool = False, immutable: bool = False) -> Engine:
    options = f"?mode={'rwc' if writing else 'rw'}{'&immutable=1' if immutable else ''}"
    place = path.absolute().as_uri() + options

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            place, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
        )
        if writing:
            _tune(connection)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
    # Python's module begins a transaction with the first change only: without this, the reads of one block
    # would each see another state of the collection while a writer goes on.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _tune(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")  # readers go on while a batch is being written
    # FULL, not NORMAL: a power cut must not take back a commit that Chroma and tantivy have already seen. It
    # costs one fsync for each commit, a handful for a thousand passages.
    connection.execute("PRAGMA synchronous = FULL")


def _has_journal(path: Path) -> bool:
    journal = path.with_name(path.name + "-wal")
    try:
        return journal.stat().st_size > 0
    except OSError:
        return False
