"""What the record's rows mean: notes, passages as the indexes need them, and articles out of and into
rows."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, Select, select

from rag.domain import Article, Filters, Passage
from rag.index.database import read_meta
from rag.index.tables import LIVE, articles, passages, texts

Matrix: TypeAlias = NDArray[np.float32]
STORED = np.dtype("<f4")  # embeddings in the database
STANDING = np.iinfo(np.int32).max
# What SQL cannot hold: PostgreSQL no NUL, neither of them half a surrogate pair.
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
_STATED = tuple(field.name for field in fields(Article) if field.name != "text")


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
    articles: int = 0  # live ones
    size: int = 0  # live passages
    former: int = 0  # passages of former versions
    last_key: int = 0  # the last one handed out
    promoted: int = 0  # keys up to here belong to live articles, or to none; pending ones come after
    embedder: str | None = None  # fingerprint of the model that made the embeddings; None: there are none yet
    dimensions: int = 0
    passages: str | None = None  # how articles were cut into passages
    chroma: str = "chroma/0"  # folder of the vector index; 0: there is none yet
    keywords: str = "keywords/0"  # folder of the keyword index; 0: there is none yet
    deleted: int = 0  # passages that were deleted from the keyword index since it was built
    linked: int = 0  # articles that there were when all were last compared for stories
    keywords_form: str | None = None  # what was indexed and how; see Keywords
    reindexing: str | None = None  # not None: pending articles belong to an unfinished reindex

    @classmethod
    def read(cls, connection: Connection) -> Self:
        """The notes as they are in the database."""
        found = read_meta(connection)
        values: dict[str, Any] = {name: found[name] for name in found.keys() & cls.__slots__}
        return cls(**values | {name: int(values[name]) for name in _NUMBERS & values.keys()})


_NUMBERS = frozenset(field.name for field in fields(Notes) if isinstance(field.default, int))


@dataclass(frozen=True, slots=True)
class Table:
    """Every passage that is kept, with its vector, in one order that is the same in every process."""

    keys: NDArray[np.int64]
    ids: list[str]
    published: NDArray[np.int32]  # day number, 0: undated
    since: NDArray[np.int32]  # first day number on which its version of the article stood, 0: undated
    until: NDArray[np.int32]  # day number from which the next one stood; STANDING: it still stands
    sources: NDArray[np.int32]  # place in `names`, -1: unknown
    names: list[str]
    vectors: Matrix


def storable(values: Iterable[str]) -> list[str]:
    """Those of the texts that a database can hold; one that it cannot hold is in no database."""
    return [value for value in values if _UNSTORABLE.search(value) is None]


def select_kept(*columns: Any) -> Select[Any]:
    """These columns of every passage that a search may return, those of former versions among them."""
    return select(*columns).where(passages.c.article_key == articles.c.key, articles.c.state >= LIVE)


def with_text(*columns: Any) -> Select[Any]:
    """These columns, and all that an article is made of."""
    stated = (articles.c[name] for name in ("key", "state", *_STATED))
    return select(*columns, *stated, texts.c.text).where(texts.c.article_key == articles.c.key)


def passing(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on an article that the filters amount to, but for `as_of`: see `versions.standing`."""
    day = articles.c.published
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(day >= filters.since)
    if filters.until is not None:
        conditions.append(day <= filters.until)
    if filters.sources:
        conditions.append(
            articles.c.source_key.in_(storable(source.casefold() for source in filters.sources))
        )
    return conditions


def _source_key(source: str | None) -> str | None:
    return source.casefold() if source is not None else None


def article_of(row: Row[Any]) -> Article:
    found = row._mapping  # quicker to read than the row's attributes, which are looked up by name each time
    values = {name: found[name] for name in _STATED}
    return Article(**{**values, "text": found["text"], "origins": tuple(json.loads(found["origins"]))})


def passage_of(passage_id: str, begins: int, ends: int, article: Article) -> Passage:
    text = article.text[begins:ends]
    return Passage(id=passage_id, article_id=article.id, start=begins, end=ends, text=text)


def article_row(article: Article, key: int, state: int) -> dict[str, Any]:
    values = {name: getattr(article, name) for name in _STATED}
    origins = json.dumps(article.origins, ensure_ascii=False)
    return {
        **values,
        "key": key,
        "state": state,
        "origins": origins,
        "source_key": _source_key(article.source),
    }


def passage_row(passage: Passage, key: int, owner: int) -> dict[str, Any]:
    return {"key": key, "article_key": owner, "id": passage.id, "begins": passage.start, "ends": passage.end}
