"""The texts that an article has had. A text that another one replaces under the same id stays in the record and in
the indexes as a *former* version, and search returns its passages where a question is asked as of a day on which
it stood.

A version stands from the day of publication that it states. A correction that states none, or the former one's, is
known to stand from the day on which it was first seen, that is taken in: earlier it may have stood, but nothing
says so. It stands until the next one does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select

from rag.index.database import chunked
from rag.index.tables import LIVE, articles, versions


def standing(as_of: date | None) -> ColumnElement[bool]:
    """The condition on an article row that it is what the collection said on a day; None: what it says now."""
    live = articles.c.state == LIVE
    if as_of is None:
        return live
    late = select(versions.c.article_key).where(
        versions.c.number > 1, versions.c.until.is_(None), versions.c.since > as_of
    )
    stood = select(versions.c.article_key).where(
        versions.c.until > as_of, or_(versions.c.since.is_(None), versions.c.since <= as_of)
    )
    published = or_(articles.c.published.is_(None), articles.c.published <= as_of)
    return or_(and_(live, published, articles.c.key.not_in(late)), articles.c.key.in_(stood))


@dataclass(frozen=True, slots=True)
class Succession:
    """What becomes of live articles when others take their place."""

    dropped: list[int]  # keys of those with the same text: only what is said of it has changed
    former: dict[int, int]  # keys of those with another text, with the state of a former version


def succeed(connection: Connection, fresh: Iterable[Row[Any]], today: date) -> Succession:
    """Note the versions that these articles (key, id, sha256, published) are; the live ones of their ids end."""
    coming = list(fresh)
    live = _live(connection, (row.id for row in coming))
    known = of_articles(connection, (row.key for row in live.values()))
    outcome, rows = Succession([], {}), []
    for row in coming:
        before = live.get(row.id)
        if before is None:
            rows.append(_row(row, number=1, seen=today, since=row.published))
            continue
        was = known.get(before.key) or _row(before, number=1, seen=None, since=before.published)
        if before.sha256 == row.sha256:
            since = row.published if was["number"] == 1 else was["since"]
            rows.append({**was, "article_key": row.key, "since": since})
            outcome.dropped.append(before.key)
        else:
            since = _since(row, before, was, today)
            rows.append({**was, "until": since})
            rows.append(_row(row, number=was["number"] + 1, seen=today, since=since))
            outcome.former[before.key] = LIVE + was["number"]
    put(connection, rows)
    return outcome


def of_articles(connection: Connection, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The rows of these articles, by key; one of an earlier release has none."""
    found: dict[int, dict[str, Any]] = {}
    for some in chunked(keys):
        query = select(versions).where(versions.c.article_key.in_(some))
        found.update((row.article_key, dict(row._mapping)) for row in connection.execute(query))
    return found


def put(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows in the place of those that the articles had."""
    listed = [dict(row) for row in rows]
    drop(connection, (row["article_key"] for row in listed))
    if listed:
        connection.execute(insert(versions), listed)


def drop(connection: Connection, keys: Iterable[int]) -> None:
    """Remove the rows of articles."""
    for some in chunked(keys):
        connection.execute(delete(versions).where(versions.c.article_key.in_(some)))


def _live(connection: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    columns = (articles.c[name] for name in ("key", "id", "sha256", "published"))
    query = select(*columns).where(articles.c.state == LIVE)
    found: dict[str, Row[Any]] = {}
    for some in chunked(ids):
        found.update((row.id, row) for row in connection.execute(query.where(articles.c.id.in_(some))))
    return found


def _row(article: Row[Any], *, number: int, seen: date | None, since: date | None) -> dict[str, Any]:
    return {"article_key": article.key, "number": number, "seen": seen, "since": since, "until": None}


def _since(row: Row[Any], before: Row[Any], was: Mapping[str, Any], today: date) -> date:
    """The day from which a text stands that replaces another."""
    restated = row.published is not None and (before.published is None or row.published > before.published)
    since: date = row.published if restated else today
    return max(since, was["since"] or since)
