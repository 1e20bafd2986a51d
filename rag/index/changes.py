"""What may change in the record, each change one transaction. One process at a time: the home's lock sees to
that."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from rag.domain import Article, Passage
from rag.errors import ArticleNotFound
from rag.index.database import Database, chunked, write_meta
from rag.index.rows import STORED, Entry, Matrix, Notes, article_row, passage_row, storable
from rag.index.tables import LIVE, PENDING, articles, embeddings, files, holdings, passages, texts, tombstones
from rag.index.versions import drop, of_articles, put, succeed


class Changes:
    """Changes of articles, passages, embeddings and notes."""

    def __init__(self, database: Database, today: Callable[[], date] = date.today) -> None:
        self._database = database
        self._today = today

    def note(self, **values: str | int | None) -> None:
        """Set notes; None removes one."""
        with self._database.begin() as connection:
            write_meta(connection, **values)

    def stage(
        self, batch: Sequence[tuple[Article, Sequence[Passage], Matrix]], *, states: Sequence[int] = ()
    ) -> list[Entry]:
        """Write articles as pending, with their passages and embeddings.

        `states` are given for articles that a reindex makes anew: those in which they are now.
        """
        entries: list[Entry] = []
        rows: dict[Table, list[dict[str, Any]]] = {articles: [], texts: [], passages: [], embeddings: []}
        with self._database.begin() as connection:
            key = Notes.read(connection).last_key
            for (article, parts, matrix), state in zip(batch, states or [LIVE] * len(batch), strict=True):
                key += 1
                owner = key
                pending = PENDING if state == LIVE else -state
                rows[articles].append(article_row(article, owner, pending))
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
        """Make every pending article live.

        One whose text it replaces becomes a former version; one with the same text, of which only what is said
        has changed, leaves tombstones.
        """
        with self._database.begin() as connection:
            outcome = succeed(connection, _pending(connection), self._today())
            _bury(connection, outcome.dropped)
            _step_back(connection, outcome.former)
            _enliven(connection)

    def replace_all(self, **notes: str | int | None) -> None:
        """Make the pending articles the collection, in indexes of their own, and set these notes with it."""
        with self._database.begin() as connection:
            renewed = {(row.id, abs(row.state) or LIVE): row.key for row in _pending(connection)}
            query = select(articles.c.key, articles.c.id, articles.c.state)
            kept = connection.execute(query.where(articles.c.state >= LIVE)).all()
            known = of_articles(connection, (row.key for row in kept))
            _remove_kept(connection, [row.key for row in kept])
            put(
                connection,
                (
                    {**known[row.key], "article_key": renewed[row.id, row.state]}
                    for row in kept
                    if row.key in known and (row.id, row.state) in renewed
                ),
            )
            connection.execute(delete(tombstones))  # the new indexes never held those
            _enliven(connection)
            write_meta(connection, **notes)

    def discard_pending(self) -> None:
        """Remove what an interrupted reindex staged."""
        with self._database.begin() as connection:
            _remove(connection, [row.key for row in _pending(connection)])
            write_meta(connection, reindexing=None)

    def retire(self, ids: Sequence[str]) -> None:
        """Take articles out, with their former versions; all of them or, with ArticleNotFound, none."""
        with self._database.begin() as connection:
            keys: dict[str, list[int]] = {}
            for some in chunked(storable(ids)):
                query = select(articles.c.id, articles.c.key)
                rows = connection.execute(query.where(articles.c.id.in_(some), articles.c.state >= LIVE))
                for row in rows:
                    keys.setdefault(row.id, []).append(row.key)
            for article_id in ids:
                if article_id not in keys:
                    raise ArticleNotFound(article_id)
            _bury(connection, [key for some in keys.values() for key in some])
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


def _pending(connection: Connection) -> Sequence[Row[Any]]:
    """Key, id, state, text hash and day of the pending articles, found without going through the live ones."""
    promoted = Notes.read(connection).promoted
    columns = (articles.c[name] for name in ("key", "id", "state", "sha256", "published"))
    query = select(*columns).where(articles.c.key > promoted, articles.c.state <= PENDING)
    return connection.execute(query).all()


def _enliven(connection: Connection) -> None:
    """Make the pending articles live, or the former versions that they were."""
    rows = _pending(connection)
    for some in chunked(row.key for row in rows):
        its = update(articles).where(articles.c.key.in_(some))
        connection.execute(its.where(articles.c.state == PENDING).values(state=LIVE))
        connection.execute(its.where(articles.c.state < PENDING).values(state=-articles.c.state))
    _count(connection, [row.key for row in rows], 1)
    write_meta(connection, promoted=Notes.read(connection).last_key)


def _step_back(connection: Connection, states: Mapping[int, int]) -> None:
    """Make live articles former versions, in these states."""
    _count(connection, states, -1)
    for key, state in states.items():
        connection.execute(update(articles).where(articles.c.key == key).values(state=state))
    _count(connection, states, 1)


def _bury(connection: Connection, article_keys: Sequence[int]) -> None:
    """Remove articles, leaving a tombstone for each of their passages."""
    keys = _remove_kept(connection, article_keys)
    if keys:
        connection.execute(insert(tombstones), [{"passage_key": key} for key in keys])


def _remove_kept(connection: Connection, article_keys: Sequence[int]) -> list[int]:
    _count(connection, article_keys, -1)
    return _remove(connection, article_keys)


def _count(connection: Connection, article_keys: Iterable[int], sign: int) -> None:
    """Add these articles to the counts, or take them out: counting anew for each batch would take longer with each."""
    added: Counter[str] = Counter()
    for some in chunked(article_keys):
        its = select(articles.c.state == LIVE, func.count()).where(articles.c.key.in_(some))
        for live, count in connection.execute(its.group_by(articles.c.state == LIVE)):
            added["articles"] += count if live else 0
        its = select(articles.c.state == LIVE, func.count()).where(
            articles.c.key.in_(some), passages.c.article_key == articles.c.key
        )
        for live, count in connection.execute(its.group_by(articles.c.state == LIVE)):
            added["size" if live else "former"] += count
    notes = Notes.read(connection)
    write_meta(
        connection,
        revision=notes.revision + 1,
        articles=notes.articles + sign * added["articles"],
        size=notes.size + sign * added["size"],
        former=notes.former + sign * added["former"],
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
        drop(connection, some)
        removed += keys
    return removed
