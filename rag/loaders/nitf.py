"""NITF, the News Industry Text Format of the IPTC (3.6 and before).

Specification: https://iptc.org/standards/nitf/
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rag.dates.fields import day_of
from rag.domain import Document
from rag.loaders.content import Content
from rag.loaders.markup import (
    Element,
    attribute,
    child,
    children,
    local_name,
    one_line,
    paragraphs,
    parse_xml,
)

_TRAILING_DASH = re.compile(r"[\s–—-]+$")


def read_nitf(content: Content, text: str) -> Iterator[Document]:
    """The one document of an NITF file."""
    yield nitf_document(parse_xml(text), path=content.path)


def nitf_document(root: Element, *, path: Path, row: int | None = None) -> Document:
    """The article under a `nitf` element; its text is empty when the element has none."""
    docdata = child(root, "head", "docdata")
    head = child(root, "body", "body.head")
    return Document(
        path=path,
        row=row,
        text="\n\n".join(_text(root, head)),
        id=attribute(child(docdata, "doc-id"), "id-string"),
        title=one_line(child(head, "hedline", "hl1")) or one_line(child(root, "head", "title")),
        published=_published(root, docdata, head),
        source=_source(root, docdata, head),
        byline=_byline(root, head),
        language=attribute(root, "baselang") or attribute(root, "{http://www.w3.org/XML/1998/namespace}lang"),
    )


def _text(root: Element, head: Element | None) -> list[str]:
    """The paragraphs of the body; the dateline stands before the first one, as it is printed."""
    content = child(root, "body", "body.content")
    found = [] if content is None else paragraphs(content)
    if not found:
        abstract = child(head, "abstract")
        found = [] if abstract is None else paragraphs(abstract)
    dateline = _TRAILING_DASH.sub("", one_line(child(head, "dateline")) or "")
    if found and dateline and not found[0].casefold().startswith(dateline.casefold()):
        found[0] = f"{dateline} — {found[0]}"
    return found


def _published(root: Element, docdata: Element | None, head: Element | None) -> date | None:
    stated = (
        attribute(child(docdata, "date.issue"), "norm"),
        attribute(child(root, "head", "pubdata"), "date.publication"),
        attribute(child(docdata, "date.release"), "norm"),
        attribute(child(head, "dateline", "story.date"), "norm"),
    )
    return next((day for value in stated if (day := day_of(value))), None)


def _source(root: Element, docdata: Element | None, head: Element | None) -> str | None:
    return (
        attribute(child(root, "head", "pubdata"), "name")
        or one_line(child(head, "distributor"))
        or attribute(child(docdata, "doc.copyright"), "holder")
        or attribute(child(docdata, "doc-id"), "regsrc")
    )


def _byline(root: Element, head: Element | None) -> str | None:
    lines = [line for byline in children(head, "byline") if (line := _credit(byline))]
    return "; ".join(lines) or one_line(child(root, "body", "body.end", "tagline"))


def _credit(byline: Element) -> str | None:
    """The line with its title set off: Ana Kovač, Staff Writer."""
    title = one_line(child(byline, "byttl"))
    line = one_line(byline)
    if title is None or line is None or line == title or not line.endswith(title):
        return line
    return f"{line.removesuffix(title).rstrip(' ,')}, {title}"


def is_nitf(element: Element) -> bool:
    """Whether an element is the root of an NITF document."""
    return local_name(element).lower() == "nitf"
