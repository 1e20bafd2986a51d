"""The record: articles, their passages and the passages' embeddings, in SQL. All else is derived from it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select

from rag.domain import Article, Filters, Passage, Version
from rag.errors import ArticleNotFound
from rag.index.database import Database, chunked
from rag.index.rows import (
    STANDING,
    STORED,
    Entry,
    Matrix,
    Notes,
    Table,
    article_of,
    passage_of,
    passing,
    select_kept,
    storable,
    with_text,
)
from rag.index.tables import LIVE, PENDING, articles, embeddings, passages, tombstones, versions
from rag.index.versions import standing

# Articles read into memory together where all of them are gone through.
ARTICLES_AT_ONCE = 200

# Read for each search, so built once: that takes as long as running it. Of a text that came back, which has passages
# of one id twice, those of the live version come last.
_PASSAGES = (
    with_text(passages.c.id.label("passage_id"), passages.c.begins, passages.c.ends, passages.c.article_key)
    .where(passages.c.article_key == articles.c.key, articles.c.state >= LIVE)
    .where(passages.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(articles.c.state.desc())
)


class Store:
    """Articles, passages and embeddings. One process writes at a time: the home's lock sees to that."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def notes(self) -> Notes:
        """The collection's notes about itself."""
        with self._database.begin() as connection:
            return Notes.read(connection)

    def article(self, article_id: str, sha256: str | None = None) -> Article:
        """The live article with this id, or its version whose SHA-256 begins so. Raises ArticleNotFound."""
        if sha256 is None:
            found = list(self.articles_by_id([article_id]).values())
        else:
            # The live version last, should a former one have the very same text.
            query = with_text().where(articles.c.id.in_(storable([article_id])), articles.c.state >= LIVE)
            with self._database.begin() as connection:
                rows = connection.execute(query.order_by(articles.c.state.desc())).all()
            found = [article_of(row) for row in rows if row.sha256.startswith(sha256.lower())]
        if not found:
            raise ArticleNotFound(article_id, sha256)
        return found[-1]

    def versions(self, article_id: str) -> list[Version]:
        """The texts that the article has had, the latest last. Raises ArticleNotFound."""
        columns = (articles.c[name] for name in ("id", "sha256", "title", "published", "state"))
        times = (versions.c[name] for name in ("number", "seen", "since", "until"))
        query = select(*columns, *times).outerjoin(versions, versions.c.article_key == articles.c.key)
        wanted = articles.c.id.in_(storable([article_id]))
        with self._database.begin() as connection:
            rows = connection.execute(query.where(wanted, articles.c.state >= LIVE)).all()
        if not rows:
            raise ArticleNotFound(article_id)
        return sorted(map(_version, rows), key=lambda version: version.number)

    def articles_by_id(self, ids: Iterable[str]) -> dict[str, Article]:
        """The live articles among these ids."""
        found: dict[str, Article] = {}
        with self._database.begin() as connection:
            for some in chunked(storable(ids)):
                query = with_text().where(articles.c.state == LIVE, articles.c.id.in_(some))
                found.update((row.id, article_of(row)) for row in connection.execute(query))
        return found

    def article_with_passages(self, article_id: str) -> tuple[Article, list[Passage]]:
        """The live article with this id and its passages, in the order of its text. Raises ArticleNotFound."""
        with self._database.begin() as connection:
            wanted = articles.c.id.in_(storable([article_id]))
            row = connection.execute(with_text().where(articles.c.state == LIVE, wanted)).one_or_none()
            if row is None:
                raise ArticleNotFound(article_id)
            owner = article_of(row)
            query = select(passages.c.id, passages.c.begins, passages.c.ends)
            query = query.where(passages.c.article_key == row.key).order_by(passages.c.key)
            return owner, [passage_of(*part, owner) for part in connection.execute(query)]

    def articles(
        self, filters: Filters, *, limit: int | None = None, offset: int = 0, after: str | None = None
    ) -> list[Article]:
        """Articles that pass the filters, ordered by id; with `after`, those that follow that id."""
        query = with_text().where(standing(filters.as_of), *passing(filters))
        if after is not None:
            query = query.where(articles.c.id > after)
        query = query.order_by(articles.c.id).limit(limit).offset(offset)
        with self._database.begin() as connection:
            return [article_of(row) for row in connection.execute(query)]

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
        """The passages among these ids in the same order, each with its version of the article."""
        asked = list(ids)
        found: dict[str, tuple[Passage, Article]] = {}
        owners: dict[int, Article] = {}
        with self._database.begin() as connection:
            for some in chunked(asked):
                for row in connection.execute(_PASSAGES, {"ids": some}).all():
                    key, begins, ends, owner = row[:4]
                    if owner not in owners:
                        owners[owner] = article_of(row)
                    found[key] = passage_of(key, begins, ends, owners[owner]), owners[owner]
        return {key: found[key] for key in asked if key in found}

    def published(self, ids: Iterable[str]) -> dict[str, date | None]:
        """The publication days of the articles of these passages, as their versions state them."""
        found: dict[str, date | None] = {}
        with self._database.begin() as connection:
            for some in chunked(storable(ids)):
                query = select_kept(passages.c.id, articles.c.published).where(passages.c.id.in_(some))
                query = query.order_by(articles.c.state.desc())
                found.update((row.id, row.published) for row in connection.execute(query))
        return found

    def vectors_by_key(self, keys: Iterable[int]) -> dict[str, Matrix]:
        """Passage ids and embeddings of the live passages among these keys."""
        return self._vectors(keys, passages.c.key, articles.c.state == LIVE)

    def vectors_by_id(self, ids: Iterable[str]) -> dict[str, Matrix]:
        """Embeddings of the passages among these ids."""
        return self._vectors(ids, passages.c.id, articles.c.state >= LIVE)

    def _vectors(
        self, values: Iterable[Any], column: ColumnElement[Any], wanted: ColumnElement[bool]
    ) -> dict[str, Matrix]:
        found: dict[str, Matrix] = {}
        with self._database.begin() as connection:
            for some in chunked(values):
                query = select_kept(passages.c.id, embeddings.c.vector).where(wanted, column.in_(some))
                query = query.where(embeddings.c.passage_key == passages.c.key)
                found.update((row.id, np.frombuffer(row.vector, STORED)) for row in connection.execute(query))
        return found

    def ids_by_key(self, keys: Sequence[int], *, as_of: date | None = None) -> dict[int, str]:
        """Passage ids of those among these keys whose version of the article stands, or stood on that day."""
        found: dict[int, str] = {}
        with self._database.begin() as connection:
            for some in chunked(keys):
                query = select_kept(passages.c.key, passages.c.id).where(passages.c.key.in_(some))
                rows = connection.execute(query.where(standing(as_of)))
                found.update((row.key, row.id) for row in rows)
        return found

    def table(self, dimensions: int) -> Table:
        """Every passage that is kept with its vector, ordered by key."""
        owners = select(articles.c.key, articles.c.published, articles.c.source_key).where(
            articles.c.state >= LIVE
        )
        # Of the others the day of publication says all.
        corrected = select(versions).where(or_(versions.c.number > 1, versions.c.until.is_not(None)))
        parts = select_kept(passages.c.key, passages.c.id, passages.c.article_key).order_by(passages.c.key)
        # A plain scan, and rows fetched together: half the time of a join read row by row.
        vectors = select(embeddings.c.passage_key, embeddings.c.vector).order_by(embeddings.c.passage_key)
        with self._database.begin() as connection:
            sources = {key: (day, name) for key, day, name in connection.execute(owners).all()}
            times = {row.article_key: (row.since, row.until) for row in connection.execute(corrected)}
            keys, ids, article_keys = zip(*connection.execute(parts).all(), strict=True)
            kept = set(keys)
            found = (vector for key, vector in connection.execute(vectors).all() if key in kept)
            flat = np.frombuffer(b"".join(found), STORED)
        names = sorted({name for _, name in sources.values() if name is not None})
        place = {name: number for number, name in enumerate(names)}
        about = {}
        for key, (day, name) in sources.items():
            since, until = times.get(key, (day, None))
            about[key] = (
                _ordinal(day),
                _ordinal(since),
                STANDING if until is None else _ordinal(until),
                place.get(name, -1),
            )
        days, begins, ends, numbers = zip(*(about[key] for key in article_keys), strict=True)
        return Table(
            keys=np.array(keys, np.int64),
            ids=list(ids),
            published=np.array(days, np.int32),
            since=np.array(begins, np.int32),
            until=np.array(ends, np.int32),
            sources=np.array(numbers, np.int32),
            names=names,
            vectors=flat.reshape(len(ids), dimensions),
        )

    def kept_entries(self) -> Iterator[list[Entry]]:
        """The passages that are kept, those of some articles at a time, in key order."""
        return self._entries(articles.c.state >= LIVE, after=0)

    def pending_entries(self) -> Iterator[list[Entry]]:
        """The same for passages that are not live yet."""
        return self._entries(articles.c.state <= PENDING, after=self.notes().promoted)

    def kept_articles(self) -> Iterator[list[tuple[Article, int]]]:
        """All articles and their former versions with their states, some at a time, in key order."""
        for rows in self._owners(articles.c.state >= LIVE, after=0):
            yield [(article_of(row), row.state) for row in rows]

    def _entries(self, wanted: ColumnElement[bool], *, after: int) -> Iterator[list[Entry]]:
        for rows in self._owners(wanted, after=after):
            with self._database.begin() as connection:
                found = _entries(connection, {row.key: article_of(row) for row in rows})
            yield found

    def _owners(self, wanted: ColumnElement[bool], *, after: int) -> Iterator[Sequence[Row[Any]]]:
        while True:
            query = with_text().where(wanted, articles.c.key > after)
            with self._database.begin() as connection:
                rows = connection.execute(query.order_by(articles.c.key).limit(ARTICLES_AT_ONCE)).all()
            if not rows:
                return
            after = rows[-1].key
            yield rows

    def vectors(self) -> Iterator[tuple[int, bytes, bool]]:
        """Every passage's key, embedding as it is stored, and whether it is kept; in key order."""
        query = (
            select(passages.c.key, embeddings.c.vector, articles.c.state)
            .where(passages.c.article_key == articles.c.key, embeddings.c.passage_key == passages.c.key)
            .order_by(passages.c.key)
        )
        with self._database.begin() as connection:
            for row in connection.execute(query.execution_options(yield_per=1_000)):
                yield row.key, row.vector, row.state >= LIVE

    def waiting(self) -> tuple[int, int]:
        """How many articles are pending, and how many removed passages the indexes may still hold."""
        with self._database.begin() as connection:
            notes = Notes.read(connection)
            pending = select(func.count()).where(articles.c.key > notes.promoted, articles.c.state <= PENDING)
            buried = select(func.count()).select_from(tombstones)
            return connection.scalar(pending) or 0, connection.scalar(buried) or 0

    def buried(self) -> list[int]:
        """Keys of passages that Chroma and tantivy may still hold though the record does not."""
        query = select(tombstones.c.passage_key).order_by(tombstones.c.passage_key)
        with self._database.begin() as connection:
            return list(connection.scalars(query))

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

    def days(self) -> list[tuple[date, str | None, int]]:
        """How many live articles each source published on each day, by day; without the undated ones."""
        query = (
            select(articles.c.published, articles.c.source, func.count())
            .where(articles.c.state == LIVE, articles.c.published.is_not(None))
            .group_by(articles.c.published, articles.c.source)
            .order_by(articles.c.published, articles.c.source)
        )
        with self._database.begin() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _version(row: Row[Any]) -> Version:
    """A version; the first one of an earlier release's home is not noted."""
    since = row.published if row.number is None else row.since
    return Version(
        article_id=row.id,
        number=row.number or 1,
        sha256=row.sha256,
        title=row.title,
        published=row.published,
        seen=row.seen,
        since=since,
        until=row.until,
    )


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _entries(connection: Connection, owners: dict[int, Article]) -> list[Entry]:
    query = (
        select(passages, embeddings.c.vector)
        .where(passages.c.article_key.in_(owners), embeddings.c.passage_key == passages.c.key)
        .order_by(passages.c.key)
    )
    found = []
    for row in connection.execute(query):
        article = owners[row.article_key]
        vector = np.frombuffer(row.vector, STORED)
        found.append(Entry.of(row.key, article.text[row.begins : row.ends], article, vector))
    return found
