"""ninjs, the IPTC's news in JSON: generations 3 (camelCase names), 2 and 1.

Specification: https://iptc.org/standards/ninjs/. Generation 1 has `body_…` and `headline`, 2 and 3 lists.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from rag.dates.fields import day_of
from rag.domain import Document
from rag.loaders.content import UnreadableError
from rag.loaders.fields import first_words, has_text, plain, words
from rag.loaders.markup import html_paragraphs, html_text, looks_like_html, parse_xml, without_title
from rag.loaders.nitf import is_nitf, nitf_document

_TYPES = {
    "text", "audio", "video", "picture", "graphic", "composite", "component", "package", "event", "planning",
}  # fmt: skip
_MAIN = ("main", "")  # roles of the one to take; a list without roles begins with it


def is_ninjs(row: object) -> bool:
    """Whether a JSON value is a ninjs object, by the fields that only ninjs has."""
    if not isinstance(row, Mapping):
        return False
    named = _named(row)
    standard = named.get("standard")
    if isinstance(standard, Mapping) and words(standard.get("name")) == "ninjs":
        return True
    lists = any(_is_valued(named.get(name)) for name in ("bodies", "headlines", "descriptions"))
    body = any(name.lower().startswith("body_") for name in row)
    first = (body and not has_text(row)) or (
        "versioncreated" in named and (body or named.get("type") in _TYPES)
    )
    return ("uri" in named or "guid" in named) and (lists or first)


def ninjs_document(row: Mapping[str, object], *, path: Path, place: int | None) -> Document:
    """The article in a ninjs object. Raises UnreadableError when it is withdrawn or carries no text."""
    named = _named(row)
    status = named.get("pubstatus")
    if status in ("canceled", "cancelled", "withheld"):
        raise UnreadableError(f"its provider has {status} it")
    title = _headline(row, named)
    inner = _body(row, named, title, path, place)
    if not inner.text.strip():
        kind = named.get("type")
        raise UnreadableError(f"is a ninjs {kind if kind in _TYPES else 'object'} without a body")
    return Document(
        path=path,
        row=place,
        text=inner.text,
        id=first_words(named, ("uri", "guid")),
        title=title or inner.title,
        published=_published(named) or inner.published,
        source=_source(named),
        byline=first_words(named, ("by", "byline", "bylines")) or inner.byline,
        url=words(named.get("url")),
        language=words(named.get("language")),
    )


def _named(row: Mapping[str, object]) -> dict[str, object]:
    return {plain(name): value for name, value in row.items() if value is not None}


def _is_valued(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) and "value" in item for item in value)


def _headline(row: Mapping[str, object], named: Mapping[str, object]) -> str | None:
    headlines = named.get("headlines")
    entries = [item for item in headlines if isinstance(item, Mapping)] if isinstance(headlines, list) else []
    entries.sort(key=lambda item: item.get("role", "") not in _MAIN)
    values = [item.get("value") for item in entries]
    values += [row.get("headline_main"), named.get("headline"), named.get("title")]
    found = next((found for value in values if (found := words(value))), None)
    return html_text(found) if found and looks_like_html(found) else found


def _published(named: Mapping[str, object]) -> date | None:
    names = ("firstcreated", "contentcreated", "versioncreated")  # as in NewsML-G2
    return next((day for name in names if (day := day_of(named.get(name)))), None)


def _source(named: Mapping[str, object]) -> str | None:
    return first_words(named, ("provider", "source", "copyrightholder", "infosources", "infosource"))


def _body(
    row: Mapping[str, object], named: Mapping[str, object], title: str | None, path: Path, place: int | None
) -> Document:
    """The best of the bodies: HTML keeps its paragraphs, NITF too, plain text often does not."""
    prose: str | None = None
    nitf: Document | None = None
    for form, value in _bodies(row, named):
        if value.startswith(("<nitf", "<?xml")):
            nitf = nitf or _nitf(value, path, place)
        elif "html" in form or looks_like_html(value):
            if found := without_title(html_paragraphs(value), title):
                return Document(path=path, row=place, text="\n\n".join(found))
        elif not value.startswith("<"):
            prose = prose or value
    return nitf or Document(path=path, row=place, text=prose or "")


def _bodies(row: Mapping[str, object], named: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What form each body says it is in, and its value; the main one first."""
    listed = named.get("bodies")
    entries = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    for item in sorted(entries, key=lambda item: item.get("role", "") not in _MAIN):
        form = f"{item.get('contentType') or item.get('contenttype')} {item.get('role')}".lower()
        if isinstance(value := item.get("value"), str):
            yield form, value.strip()
    for name, value in row.items():
        if name.lower().startswith("body_") and isinstance(value, str):
            yield name.lower(), value.strip()


def _nitf(text: str, path: Path, place: int | None) -> Document | None:
    """The NITF in a body; None when it is damaged or empty, for another body may do."""
    try:
        root = parse_xml(text)
    except UnreadableError:
        return None
    found = nitf_document(root, path=path, row=place) if is_nitf(root) else None
    return found if found is not None and found.text else None
