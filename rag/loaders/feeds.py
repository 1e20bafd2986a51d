"""RSS 0.9x to 2.0 and Atom files: one document for each entry (feedparser)."""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from rag.dates.fields import day_of
from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.fields import words
from rag.loaders.markup import harmless_xml, html_text, parse_xml

_ADDRESSED = re.compile(r"\S+@\S+(?:\s*\((?P<name>[^()]*)\))?")
_HTML = ("text/html", "application/xhtml+xml")


def read_feed(content: Content, text: str) -> Iterator[Document | LoadError]:
    """The entries of a feed; one without text gets a LoadError, the others are read."""
    feed = _parsed(text)
    if not feed.entries:
        if feed.bozo:
            raise UnreadableError(f"is not a feed that can be read ({feed.bozo_exception})")
        raise UnreadableError("is a feed without entries")
    for row, entry in enumerate(feed.entries, 1):
        try:
            yield _document(entry, feed.feed, content, row)
        except UnreadableError as exc:
            yield LoadError(content.path, str(exc), row=row)


def _parsed(text: str) -> Any:
    # Imported here: it takes a quarter of a second, and only feeds need it.
    import feedparser  # type: ignore[import-untyped]  # ships no types

    xml = harmless_xml(text)
    try:
        parse_xml(text)
    except UnreadableError as exc:
        # Feeds are often not well-formed, and feedparser reads them all the same; but not for ever.
        if "deep" in str(exc):
            raise
    # The tags are taken out below, so there is nothing to sanitize; there is no address to resolve links by.
    return feedparser.parse(io.BytesIO(xml), sanitize_html=False, resolve_relative_uris=False)


def _document(entry: Any, feed: Any, content: Content, row: int) -> Document:
    text = _text(entry)
    if not text.strip():
        raise UnreadableError("the entry holds no text: neither content nor a summary")
    return Document(
        path=content.path,
        row=row,
        text=text,
        id=words(entry.get("id"))
        or words(entry.get("link")),  # RSS: without guid the link is what stays the same
        title=_title(entry),
        published=_published(entry),
        source=_source(entry, feed),
        byline=_byline(entry),
        url=words(entry.get("link")),
        language=words(_content(entry).get("language")) or words(feed.get("language")),
    )


def _content(entry: Any) -> Any:
    """The entry's content, HTML before plain text; its summary when it has none."""
    full = sorted(entry.get("content", []), key=lambda part: part.get("type") not in _HTML)
    return next((part for part in full if (part.get("value") or "").strip()), entry.get("summary_detail", {}))


def _text(entry: Any) -> str:
    part = _content(entry)
    value = part.get("value") or ""
    return value if part.get("type") == "text/plain" and "<" not in value else html_text(value)


def _title(entry: Any) -> str | None:
    title = words(entry.get("title"))
    return title if title is None or "<" not in title else words(html_text(title))


def _byline(entry: Any) -> str | None:
    """The author's name; RSS has it behind an address, as in `desk@example.com (Ana Kovač)`."""
    author = words(entry.get("author"))
    if author is not None and (addressed := _ADDRESSED.fullmatch(author)):
        return words(addressed.group("name"))
    return author


def _published(entry: Any) -> date | None:
    # The strings, not feedparser's times: those are in UTC, where the day may be another one.
    # And dict.get, because an entry's own get answers `updated` with `published`, and warns.
    stated = (dict.get(entry, name) for name in ("published", "created", "updated"))
    return next((day for value in stated if (day := day_of(value))), None)


def _source(entry: Any, feed: Any) -> str | None:
    """The outlet that an aggregator names for the entry, else the feed's own."""
    own = entry.get("source", {})
    return (
        words(own.get("title"))
        or words(entry.get("publisher"))
        or words(feed.get("publisher"))
        or words(feed.get("title"))
    )
