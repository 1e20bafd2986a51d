"""The record: articles, their passages and the passages' embeddings, in SQL. Everything else is derived from it."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import Table as SqlTable

from rag.domain import Article, Filters, Passage
from rag.errors import ArticleNotFound
from rag.index.database import Database, chunked, read_meta, write_meta
from rag.index.tables import LIVE, PENDING, articles, embeddings, files, holdings, passages, texts, tombstones

Matrix: TypeAlias = NDArray[np.float32]
_STATED = tuple(field.name for field in fields(Article) if field.name != "text")
# What SQL cannot hold: PostgreSQL no NUL, neither of them half a surrogate pair.
UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
_STORED = np.dtype("<f4")
# Articles read into memory together where all of them are gone through.
ARTICLES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as the derived indexes need it."""

    key: int
    text: str
    title: str | None
    published: date | None
    source_key: str | None
    vector: Matrix

    @classmethod
    def of(cls, key: int, text: str, article: Article, vector: Matrix) -> Self:
        """An entry for a passage of this article."""
        source_key = _source_key(article.source)
        return cls(key, text, article.title, article.published, source_key, vector)


@dataclass(frozen=True, slots=True)
class Notes:
    """What the collection notes about itself; read in one statement before each search."""

    revision: int = 0  # grows with every change that a search could see
    size: int = 0  # live passages
    embedder: str | None = None  # fingerprint of the model that made the embeddings; None: there are none yet
    dimensions: int = 0
    passages: str | None = None  # how articles were cut into passages
    chroma: str = "chroma/0"  # folder of the vector index; 0: there is none yet
    keywords: str = "keywords/0"  # folder of the keyword index; 0: there is none yet
    deleted: int = 0  # passages that were deleted from the keyword index since it was built
    reindexing: str | None = None  # not None: pending articles belong to an unfinished reindex


NUMBERS = {"revision", "size", "dimensions", "deleted"}


@dataclass(frozen=True, slots=True)
class Table:
    """Every live passage with its vector, in one order that is the same in every process."""

    keys: NDArray[np.int64]
    ids: list[str]
    published: NDArray[np.int32]  # day number, 0: undated
    sources: NDArray[np.int32]  # place in `names`, -1: unknown
    names: list[str]
    vectors: Matrix


class Store:
    """Articles, passages and embeddings. One process writes at a time: the home's lock sees to that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- reading ------------------------------------------------------------------------------------------

    def notes(self) -> Notes:
        """The collection's notes about itself."""
        with self._database.begin() as connection:
            found = read_meta(connection)
        values: dict[str, Any] = {f.name: found[f.name] for f in fields(Notes) if f.name in found}
        return Notes(**values | {name: int(values[name]) for name in NUMBERS if name in values})

    def note(self, **values: str | int | None) -> None:
        """Set notes; None removes one."""
        with self._database.begin() as connection:
            write_meta(connection, **values)

    def article(self, article_id: str) -> Article:
        """The live article with this id. Raises ArticleNotFound."""
        found = self.articles_by_id([article_id])
        if article_id not in found:
            raise ArticleNotFound(article_id)
        return found[article_id]

    def articles_by_id(self, ids: Iterable[str]) -> dict[str, Article]:
        """The live articles among these ids."""
        found: dict[str, Article] = {}
        with self._database.begin() as connection:
            for some in chunked(storable(ids)):
                query = _with_text().where(articles.c.state == LIVE, articles.c.id.in_(some))
                found.update((row.id, _article(row)) for row in connection.execute(query))
        return found

    def articles(self, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        """Live articles that pass the filters, ordered by id."""
        query = _with_text().where(articles.c.state == LIVE, *_passing(filters))
        query = query.order_by(articles.c.id).limit(limit).offset(offset)
        with self._database.begin() as connection:
            return [_article(row) for row in connection.execute(query)]

    def ids_by_sha256(self, digests: Iterable[str]) -> dict[str, str]:
        """For each of these texts that a live article holds: that article's id."""
        found: dict[str, str] = {}
        with self._database.begin() as connection:
            for some in chunked(digests):
                query = (
                    select(articles.c.sha256, articles.c.id)
                    .where(articles.c.state == LIVE, articles.c.sha256.in_(some))
                    .order_by(articles.c.id.desc())
                )
                found.update((row.sha256, row.id) for row in connection.execute(query))
        return found

    def passages(self, ids: Iterable[str]) -> dict[str, tuple[Passage, Article]]:
        """The live passages among these ids in the same order, each with its article."""
        asked = list(ids)
        rows: dict[str, Row[Any]] = {}
        owners: dict[int, Article] = {}
        with self._database.begin() as connection:
            for some in chunked(asked):
                query = _live(passages).where(passages.c.id.in_(some))
                rows.update((row.id, row) for row in connection.execute(query))
            for keys in chunked({row.article_key for row in rows.values()}):
                query = _with_text().where(articles.c.key.in_(keys))
                owners.update((row.key, _article(row)) for row in connection.execute(query))
        found = {key: rows[key] for key in asked if key in rows and rows[key].article_key in owners}
        return {
            key: (_passage(row, owners[row.article_key]), owners[row.article_key])
            for key, row in found.items()
        }

    def vectors_by_key(self, keys: Iterable[int]) -> dict[str, Matrix]:
        """Passage ids and embeddings of the live passages among these keys."""
        return self._vectors(passages.c.key, keys)

    def vectors_by_id(self, ids: Iterable[str]) -> dict[str, Matrix]:
        """Embeddings of the live passages among these ids."""
        return self._vectors(passages.c.id, ids)

    def _vectors(self, column: ColumnElement[Any], values: Iterable[Any]) -> dict[str, Matrix]:
        found: dict[str, Matrix] = {}
        with self._database.begin() as connection:
            for some in chunked(values):
                query = _live(passages.c.id, embeddings.c.vector).where(column.in_(some))
                query = query.where(embeddings.c.passage_key == passages.c.key)
                found.update(
                    (row.id, np.frombuffer(row.vector, _STORED)) for row in connection.execute(query)
                )
        return found

    def ids_by_key(self, keys: Iterable[int]) -> dict[int, str]:
        """Passage ids of the live passages among these keys."""
        found: dict[int, str] = {}
        with self._database.begin() as connection:
            for some in chunked(keys):
                query = _live(passages.c.key, passages.c.id).where(passages.c.key.in_(some))
                found.update((row.key, row.id) for row in connection.execute(query))
        return found

    def table(self, dimensions: int) -> Table:
        """Every live passage with its vector, ordered by key."""
        owners = select(articles.c.key, articles.c.published, articles.c.source_key).where(
            articles.c.state == LIVE
        )
        parts = _live(passages.c.key, passages.c.id, passages.c.article_key).order_by(passages.c.key)
        # A plain scan, and rows fetched together: half the time of a join read row by row.
        vectors = select(embeddings.c.passage_key, embeddings.c.vector).order_by(embeddings.c.passage_key)
        with self._database.begin() as connection:
            sources = {key: (day, name) for key, day, name in connection.execute(owners).all()}
            keys, ids, article_keys = zip(*connection.execute(parts).all(), strict=True)
            live = set(keys)
            found = (vector for key, vector in connection.execute(vectors).all() if key in live)
            flat = np.frombuffer(b"".join(found), _STORED)
        names = sorted({name for _, name in sources.values() if name is not None})
        place = {name: number for number, name in enumerate(names)}
        about = {
            key: (day.toordinal() if day else 0, place.get(name, -1)) for key, (day, name) in sources.items()
        }
        days, numbers = zip(*(about[key] for key in article_keys), strict=True)
        return Table(
            keys=np.array(keys, np.int64),
            ids=list(ids),
            published=np.array(days, np.int32),
            sources=np.array(numbers, np.int32),
            names=names,
            vectors=flat.reshape(len(ids), dimensions),
        )

    def vectors(self) -> Iterator[tuple[int, bytes, bool]]:
        """Every passage's key, embedding as it is stored, and whether it is live; in key order."""
        query = (
            select(passages.c.key, embeddings.c.vector, articles.c.state)
            .where(passages.c.article_key == articles.c.key, embeddings.c.passage_key == passages.c.key)
            .order_by(passages.c.key)
        )
        with self._database.begin() as connection:
            for row in connection.execute(query.execution_options(yield_per=1_000)):
                yield row.key, row.vector, row.state == LIVE

    def counts(self) -> dict[str, int]:
        """How many live articles, live passages, pending articles and tombstones there are."""
        with self._database.begin() as connection:
            return {
                "articles": _count(connection, select(articles.c.key).where(articles.c.state == LIVE)),
                "passages": _count(connection, _live(passages.c.key)),
                "pending": _count(connection, select(articles.c.key).where(articles.c.state == PENDING)),
                "tombstones": _count(connection, select(tombstones.c.passage_key)),
            }

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day on which a live article was published."""
        query = select(func.min(articles.c.published), func.max(articles.c.published))
        with self._database.begin() as connection:
            first, last = connection.execute(query.where(articles.c.state == LIVE)).one()
        return first, last

    def sources(self) -> dict[str, int]:
        """How many live articles each source published, most first."""
        query = (
            select(articles.c.source, func.count())
            .where(articles.c.state == LIVE, articles.c.source.is_not(None))
            .group_by(articles.c.source)
        )
        with self._database.begin() as connection:
            found = [(row[0], row[1]) for row in connection.execute(query)]
        return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    # -- writing ------------------------------------------------------------------------------------------

    def stage(self, batch: Sequence[tuple[Article, Sequence[Passage], Matrix]]) -> list[Entry]:
        """Write articles as pending, with their passages and embeddings, in one transaction."""
        entries: list[Entry] = []
        rows: dict[SqlTable, list[dict[str, Any]]] = {articles: [], texts: [], passages: [], embeddings: []}
        with self._database.begin() as connection:
            found = read_meta(connection)
            key = int(found.get("last_key", 0))
            for article, parts, matrix in batch:
                key += 1
                owner = key
                rows[articles].append(_article_row(article, owner))
                rows[texts].append({"article_key": owner, "text": article.text})
                for passage, vector in zip(parts, matrix, strict=True):
                    key += 1
                    rows[passages].append(_passage_row(passage, key, owner))
                    rows[embeddings].append({"passage_key": key, "vector": vector.astype(_STORED).tobytes()})
                    entries.append(Entry.of(key, passage.text, article, vector))
            for table, values in rows.items():
                if values:
                    connection.execute(insert(table), values)
            write_meta(connection, last_key=key)
        return entries

    def entries(self, state: int) -> Iterator[list[Entry]]:
        """The passages of all articles in this state (LIVE or PENDING), some articles at a time, in key order."""
        for owners in self._owners(state):
            with self._database.begin() as connection:
                found = _entries(connection, owners)
            yield found

    def live_articles(self) -> Iterator[list[Article]]:
        """All live articles, some at a time, in key order."""
        for owners in self._owners(LIVE):
            yield list(owners.values())

    def _owners(self, state: int) -> Iterator[dict[int, Article]]:
        last = -1
        while True:
            query = _with_text().where(articles.c.state == state, articles.c.key > last)
            with self._database.begin() as connection:
                rows = connection.execute(query.order_by(articles.c.key).limit(ARTICLES_AT_ONCE)).all()
            if not rows:
                return
            last = rows[-1].key
            yield {row.key: _article(row) for row in rows}

    def promote(self) -> None:
        """Make every pending article live; the versions they replace leave tombstones."""
        with self._database.begin() as connection:
            newer = articles.alias()
            replaced = select(articles.c.key).where(
                articles.c.state == LIVE,
                exists().where(newer.c.state == PENDING, newer.c.id == articles.c.id),
            )
            _bury(connection, list(connection.scalars(replaced)))
            connection.execute(update(articles).where(articles.c.state == PENDING).values(state=LIVE))
            _advance(connection)

    def replace_all(self, **notes: str | int | None) -> None:
        """Make the pending articles the collection, in indexes of their own, and set these notes with it."""
        with self._database.begin() as connection:
            _remove(
                connection, list(connection.scalars(select(articles.c.key).where(articles.c.state == LIVE)))
            )
            connection.execute(delete(tombstones))  # the new indexes never held those
            connection.execute(update(articles).where(articles.c.state == PENDING).values(state=LIVE))
            _advance(connection)
            write_meta(connection, **notes)

    def discard_pending(self) -> None:
        """Remove what an interrupted reindex staged."""
        with self._database.begin() as connection:
            _remove(
                connection,
                list(connection.scalars(select(articles.c.key).where(articles.c.state == PENDING))),
            )
            write_meta(connection, reindexing=None)

    def retire(self, ids: Sequence[str]) -> None:
        """Take live articles out of the record; all of them or, with ArticleNotFound, none."""
        with self._database.begin() as connection:
            keys: dict[str, int] = {}
            for some in chunked(storable(ids)):
                query = select(articles.c.id, articles.c.key).where(
                    articles.c.state == LIVE, articles.c.id.in_(some)
                )
                keys.update((row.id, row.key) for row in connection.execute(query))
            for article_id in ids:
                if article_id not in keys:
                    raise ArticleNotFound(article_id)
            _bury(connection, list(keys.values()))
            for some in chunked(keys):
                # Their files must be read again when they are ingested again, and so must those of their copies.
                paths = select(holdings.c.path).where(holdings.c.held_as.in_(some))
                connection.execute(delete(files).where(files.c.path.in_(paths)))
                connection.execute(delete(holdings).where(holdings.c.held_as.in_(some)))
            _advance(connection)

    def buried(self) -> list[int]:
        """Keys of passages that Chroma and tantivy may still hold though the record does not."""
        with self._database.begin() as connection:
            return list(
                connection.scalars(select(tombstones.c.passage_key).order_by(tombstones.c.passage_key))
            )

    def forget(self, keys: Sequence[int]) -> None:
        """Clear tombstones once the derived indexes no longer hold these passages."""
        with self._database.begin() as connection:
            deleted = int(read_meta(connection).get("deleted", 0))
            write_meta(connection, deleted=deleted + len(keys))
            for some in chunked(keys):
                connection.execute(delete(tombstones).where(tombstones.c.passage_key.in_(some)))


def storable(values: Iterable[str]) -> list[str]:
    """Those of the texts that a database can hold; one that it cannot hold is in no database."""
    return [value for value in values if UNSTORABLE.search(value) is None]


def _live(*columns: Any) -> Select[Any]:
    """These columns of every passage that search may return."""
    return select(*columns).where(passages.c.article_key == articles.c.key, articles.c.state == LIVE)


def _with_text() -> Select[Any]:
    columns = (articles.c[name] for name in ("key", *_STATED))
    return select(*columns, texts.c.text).where(texts.c.article_key == articles.c.key)


def _passing(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on an article that the filters amount to."""
    day = articles.c.published
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(day >= filters.since)
    if filters.until is not None:
        conditions.append(day <= filters.until)
    if filters.as_of is not None:
        conditions.append(or_(day.is_(None), day <= filters.as_of))
    if filters.sources:
        conditions.append(
            articles.c.source_key.in_(storable(source.casefold() for source in filters.sources))
        )
    return conditions


def _bury(connection: Connection, article_keys: Sequence[int]) -> None:
    """Remove articles, leaving a tombstone for each of their passages."""
    keys = _remove(connection, article_keys)
    if keys:
        connection.execute(insert(tombstones), [{"passage_key": key} for key in keys])


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


def _advance(connection: Connection) -> None:
    revision = int(read_meta(connection).get("revision", 0)) + 1
    write_meta(connection, revision=revision, size=_count(connection, _live(passages.c.key)))


def _entries(connection: Connection, owners: dict[int, Article]) -> list[Entry]:
    query = (
        select(passages, embeddings.c.vector)
        .where(passages.c.article_key.in_(owners), embeddings.c.passage_key == passages.c.key)
        .order_by(passages.c.key)
    )
    found = []
    for row in connection.execute(query):
        article = owners[row.article_key]
        vector = np.frombuffer(row.vector, _STORED)
        found.append(Entry.of(row.key, article.text[row.begins : row.ends], article, vector))
    return found


def _source_key(source: str | None) -> str | None:
    return source.casefold() if source is not None else None


def _count(connection: Connection, query: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def _article(row: Row[Any]) -> Article:
    values = {name: getattr(row, name) for name in _STATED}
    return Article(**{**values, "text": row.text, "origins": tuple(json.loads(row.origins))})


def _passage(row: Row[Any], article: Article) -> Passage:
    text = article.text[row.begins : row.ends]
    return Passage(id=row.id, article_id=article.id, start=row.begins, end=row.ends, text=text)


def _article_row(article: Article, key: int) -> dict[str, Any]:
    values = {name: getattr(article, name) for name in _STATED}
    origins = json.dumps(article.origins, ensure_ascii=False)
    return {
        **values,
        "key": key,
        "state": PENDING,
        "origins": origins,
        "source_key": _source_key(article.source),
    }


def _passage_row(passage: Passage, key: int, owner: int) -> dict[str, Any]:
    return {"key": key, "article_key": owner, "id": passage.id, "begins": passage.start, "ends": passage.end}
