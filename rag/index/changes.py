"""What may change in the record, each change one transaction. One process at a time: the home's lock sees to
that."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from rag.domain import Article, Passage
from rag.errors import ArticleNotFound
from rag.index.database import Database, chunked, write_meta
from rag.index.rows import STORED, Entry, Matrix, Notes, article_row, passage_row, storable
from rag.index.tables import LIVE, PENDING, articles, embeddings, files, holdings, passages, texts, tombstones


class Changes:
    """Changes of articles, passages, embeddings and notes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, **values: str | int | None) -> None:
        """Set notes; None removes one."""
        with self._database.begin() as connection:
            write_meta(connection, **values)

    def stage(self, batch: Sequence[tuple[Article, Sequence[Passage], Matrix]]) -> list[Entry]:
        """Write articles as pending, with their passages and embeddings."""
        entries: list[Entry] = []
        rows: dict[Table, list[dict[str, Any]]] = {articles: [], texts: [], passages: [], embeddings: []}
        with self._database.begin() as connection:
            key = Notes.read(connection).last_key
            for article, parts, matrix in batch:
                key += 1
                owner = key
                rows[articles].append(article_row(article, owner))
                rows[texts].append({"article_key": owner, "text": article.text})
                for passage, vector in zip(parts, matrix, strict=True):
                    key += 1
                    rows[passages].append(passage_row(passage, key, owner))
                    rows[embeddings].append({"passage_key": key, "vector": vector.astype(STORED).tobytes()})
                    entries.append(Entry.of(key, passage.text, article, vector))
            for table, values in rows.items():
                if values:
                    connection.execute(insert(table), values)
            write_meta(connection, last_key=key)
        return entries

    def promote(self) -> None:
        """Make every pending article live; the versions they replace leave tombstones."""
        with self._database.begin() as connection:
            replaced: list[int] = []
            for some in chunked(_pending(connection).values()):
                query = select(articles.c.key).where(articles.c.id.in_(some), articles.c.state == LIVE)
                replaced += connection.scalars(query)
            _bury(connection, replaced)
            _enliven(connection)

    def replace_all(self, **notes: str | int | None) -> None:
        """Make the pending articles the collection, in indexes of their own, and set these notes with it."""
        with self._database.begin() as connection:
            former = select(articles.c.key).where(articles.c.state == LIVE)
            _remove_live(connection, list(connection.scalars(former)))
            connection.execute(delete(tombstones))  # the new indexes never held those
            _enliven(connection)
            write_meta(connection, **notes)

    def discard_pending(self) -> None:
        """Remove what an interrupted reindex staged."""
        with self._database.begin() as connection:
            _remove(connection, list(_pending(connection)))
            write_meta(connection, reindexing=None)

    def retire(self, ids: Sequence[str]) -> None:
        """Take live articles out; all of them or, with ArticleNotFound, none."""
        with self._database.begin() as connection:
            keys: dict[str, int] = {}
            for some in chunked(storable(ids)):
                query = select(articles.c.id, articles.c.key)
                rows = connection.execute(query.where(articles.c.id.in_(some), articles.c.state == LIVE))
                keys.update((row.id, row.key) for row in rows)
            for article_id in ids:
                if article_id not in keys:
                    raise ArticleNotFound(article_id)
            _bury(connection, list(keys.values()))
            for some in chunked(keys):
                # Their files must be read when they are ingested again, and so must those of their copies.
                paths = select(holdings.c.path).where(holdings.c.held_as.in_(some))
                connection.execute(delete(files).where(files.c.path.in_(paths)))
                connection.execute(delete(holdings).where(holdings.c.held_as.in_(some)))

    def forget(self, keys: Sequence[int]) -> None:
        """Clear tombstones once the derived indexes no longer hold these passages."""
        with self._database.begin() as connection:
            write_meta(connection, deleted=Notes.read(connection).deleted + len(keys))
            for some in chunked(keys):
                connection.execute(delete(tombstones).where(tombstones.c.passage_key.in_(some)))


def _pending(connection: Connection) -> dict[int, str]:
    """Keys and ids of the pending articles, found without going through the live ones."""
    promoted = Notes.read(connection).promoted
    query = select(articles.c.key, articles.c.id).where(
        articles.c.key > promoted, articles.c.state == PENDING
    )
    return {row.key: row.id for row in connection.execute(query)}


def _enliven(connection: Connection) -> None:
    """Make the pending articles live."""
    keys, size = list(_pending(connection)), 0
    for some in chunked(keys):
        size += connection.scalar(select(func.count()).where(passages.c.article_key.in_(some))) or 0
        connection.execute(update(articles).where(articles.c.key.in_(some)).values(state=LIVE))
    _count(connection, articles=len(keys), passages=size)
    write_meta(connection, promoted=Notes.read(connection).last_key)


def _bury(connection: Connection, article_keys: Sequence[int]) -> None:
    """Remove live articles, leaving a tombstone for each of their passages."""
    keys = _remove_live(connection, article_keys)
    if keys:
        connection.execute(insert(tombstones), [{"passage_key": key} for key in keys])


def _remove_live(connection: Connection, article_keys: Sequence[int]) -> list[int]:
    keys = _remove(connection, article_keys)
    _count(connection, articles=-len(article_keys), passages=-len(keys))
    return keys


def _count(connection: Connection, *, articles: int, passages: int) -> None:
    """Keep count of what is live: counting anew for each batch would take longer with each."""
    notes = Notes.read(connection)
    write_meta(
        connection,
        revision=notes.revision + 1,
        articles=notes.articles + articles,
        size=notes.size + passages,
    )


def _remove(connection: Connection, article_keys: Sequence[int]) -> list[int]:
    """Remove articles with all that belongs to them; returns their passages' keys."""
    removed: list[int] = []
    for some in chunked(article_keys):
        keys = list(connection.scalars(select(passages.c.key).where(passages.c.article_key.in_(some))))
        for gone in chunked(keys):
            connection.execute(delete(embeddings).where(embeddings.c.passage_key.in_(gone)))
        connection.execute(delete(passages).where(passages.c.article_key.in_(some)))
        connection.execute(delete(texts).where(texts.c.article_key.in_(some)))
        connection.execute(delete(articles).where(articles.c.key.in_(some)))
        removed += keys
    return removed
