"""The field names of news dumps: a JSON object or a table row → Document."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from rag.dates.fields import DayOrder, day_of, is_ambiguous, order_shown_by
from rag.domain import Document
from rag.loaders.content import UnreadableError
from rag.loaders.markup import html_paragraphs, looks_like_html, without_title

Fields = Mapping[str, object]

# Names are compared in lower case without anything but letters and digits: "Publish Date" is publish_date.
# In each line the first name that holds something wins.
TEXT = (
    "text", "body", "content", "articlebody", "article", "maintext", "fulltext", "bodyhtml", "bodytext",
    "articletext", "articlecontent", "contenttext", "contenthtml", "story", "plaintext", "document",
)  # fmt: skip
LAST_RESORT = ("description", "shortdescription", "summary", "abstract")  # often no more than a teaser
ID = ("id", "guid", "uuid", "uri", "articleid", "docid", "documentid", "newsid", "itemid", "unitid")
TITLE = ("title", "headline", "articletitle", "newstitle", "webtitle")
PUBLISHED = (
    "date", "published", "publishedat", "publishdate", "pubdate", "publishedon", "publicationdate",
    "datepublished", "datepublish", "publicationtime", "publishtime", "webpublicationdate", "articledate",
    "firstcreated", "versioncreated", "datetime", "timestamp", "created", "createdat",
)  # fmt: skip
SOURCE = (
    "source", "publisher", "outlet", "publication", "newspaper", "sitename", "site", "sourcename",
    "sourcedomain", "domain", "provider",
)  # fmt: skip
URL = ("url", "link", "weburl", "articleurl", "permalink", "canonicalurl")
BYLINE = ("author", "byline", "authors", "creator", "by", "articleauthor", "writer", "journalist")
LANGUAGE = ("language", "lang", "inlanguage", "languagecode")

# Where Guardian, Elasticsearch and others put the fields one level down.
_WRAPPERS = ("fields", "_source", "article")
# What names a thing that is an object itself.
_INNER = ("name", "title", "main", "original", "value", "#text")
_ABSENT = {"", "nan", "none", "null", "n/a", "nat", "unknown"}  # what programs write for nothing
_LONGEST_ABSENT = 20  # longer ones need not be looked at, and a text is long
_PUNCTUATION = re.compile(r"[\W_]+")


class Columns:
    """The date columns of one file: looks through all rows, once, when a value such as 1/2/2017 needs it."""

    def __init__(self, rows: Callable[[], Iterable[Fields]]) -> None:
        self._rows = rows
        self._orders: dict[str, DayOrder] | None = None

    def day(self, name: str, value: object) -> date | None:
        """The day in a field of this name; None when its column does not show how to read it."""
        if not is_ambiguous(value):
            return day_of(value)
        if self._orders is None:
            self._orders = self._look()
        return day_of(value, self._orders.get(name))

    def _look(self) -> dict[str, DayOrder]:
        shown: dict[str, set[DayOrder]] = {}
        for row in self._rows():
            for name, value in by_name(row).items():
                if name in PUBLISHED and (order := order_shown_by(value)):
                    shown.setdefault(name, set()).add(order)
        return {name: orders.pop() for name, orders in shown.items() if len(orders) == 1}


def by_name(row: Fields) -> dict[str, object]:
    """The fields that hold something, by their plain names; of equal names the first one."""
    named: dict[str, object] = {}
    for name, value in _all_fields(row):
        if value is not None and value != "":
            named.setdefault(plain(name), value)
    return named


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A field name as it is compared: "Publish-Date" and publish_date are both publishdate."""
    return _PUNCTUATION.sub("", name[:200]).lower()


def has_text(row: object) -> bool:
    """Whether a JSON value is an object with a field for the text."""
    return isinstance(row, Mapping) and _has_prose(by_name(row), TEXT)


def has_teaser(row: object) -> bool:
    """Whether a JSON value is an object with a description and a date; a description alone is no article."""
    if not isinstance(row, Mapping):
        return False
    named = by_name(row)
    return _has_prose(named, LAST_RESORT) and any(name in named for name in PUBLISHED)


def document(row: Fields, *, path: Path, place: int | None, columns: Columns) -> Document:
    """The article in one row. Raises UnreadableError when it holds no text."""
    named = by_name(row)
    title = first_words(named, TITLE)
    return Document(
        path=path,
        row=place,
        text=_text(row, named, title),
        id=_id(named),
        title=title,
        published=_published(named, columns),
        source=first_words(named, SOURCE),
        byline=first_words(named, BYLINE),
        url=first_words(named, URL),
        language=first_words(named, LANGUAGE),
    )


def first_words(named: Mapping[str, object], names: Iterable[str]) -> str | None:
    """The first of these fields that says something, as words."""
    return next((found for name in names if name in named and (found := words(named[name]))), None)


def words(value: object) -> str | None:
    """A value as a person would write it: the name of a thing, names joined by commas; None for nothing."""
    if isinstance(value, str):
        return None if _is_absent(value) else value.strip()
    if isinstance(value, Mapping):
        return next(
            (found for key in _INNER if isinstance(found := value.get(key), str) and found.strip()), None
        )
    if isinstance(value, list):
        return ", ".join(filter(None, (words(item) for item in value if not isinstance(item, list)))) or None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    return None


def _is_absent(text: str) -> bool:
    return (len(text) <= _LONGEST_ABSENT or text.isspace()) and text.strip().lower() in _ABSENT


def plain_text(text: str, title: str | None) -> str:
    """A text field without its HTML, if it is HTML, and then without its repeated title."""
    if not looks_like_html(text):
        return text
    return "\n\n".join(without_title(html_paragraphs(text), title))


def names_of(row: Fields) -> str:
    """The field names of a row for a message, a few of them."""
    names = [repr(name[:40]) for name in list(row)[:12]]
    return ", ".join(names) + (", …" if len(row) > len(names) else "") if names else "none"


def _all_fields(row: Fields) -> Iterator[tuple[str, object]]:
    yield from row.items()
    for name in _WRAPPERS:
        inner = row.get(name)
        if isinstance(inner, Mapping):
            yield from inner.items()


def _has_prose(named: Mapping[str, object], names: Iterable[str]) -> bool:
    return any(_is_prose(named.get(name)) for name in names)


def _is_prose(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _text(row: Fields, named: Mapping[str, object], title: str | None) -> str:
    present = [name for name in (*TEXT, *LAST_RESORT) if name in named]
    if not present:
        raise UnreadableError(
            f"holds no text: no field named text, body, content or article (it has {names_of(row)})"
        )
    for name in present:
        value = named[name]
        text = "\n\n".join(value) if isinstance(value, list) and _is_prose(value) else value
        if isinstance(text, str) and not _is_absent(text):
            return plain_text(text, title)
    if all(_is_prose(named[name]) for name in present):
        raise UnreadableError(f"its text is empty (field {present[0]!r})")
    raise UnreadableError(f"its field {present[0]!r} holds {kind_of(named[present[0]])}, not a text")


def kind_of(value: object) -> str:
    """What a JSON value is, for a message."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Mapping):
        return "an object"
    if value is None:
        return "null"
    return {str: "a string", int: "a number", float: "a number", list: "a list"}.get(
        type(value), "something else"
    )


def _id(named: Mapping[str, object]) -> str | None:
    for name in ID:
        value = named.get(name)
        if isinstance(value, Mapping):  # MongoDB's {"$oid": …}
            value = value.get("$oid")
        if isinstance(value, str | int | float) and not isinstance(value, bool) and (found := words(value)):
            return found
    return None


def _published(named: Mapping[str, object], columns: Columns) -> date | None:
    for name in PUBLISHED:
        if name not in named:
            continue
        value = named[name]
        if isinstance(value, Mapping):  # MongoDB's {"$date": …}
            value = value.get("$date")
        if day := columns.day(name, value):
            return day
    return None
