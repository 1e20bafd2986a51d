"""NewsML-G2 of the IPTC: one newsItem, or a newsMessage that carries several.

Specification: https://iptc.org/standards/newsml-g2/. Elements are found by their local names, because
agencies also send messages without the namespace.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from rag.dates.fields import day_of
from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.markup import (
    Element,
    attribute,
    child,
    children,
    html_text,
    local_name,
    one_line,
    paragraphs,
    parse_xml,
    without_title,
)  # fmt: skip
from rag.loaders.nitf import is_nitf, nitf_document
from rag.loaders.page_metadata import host_of

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# What the aliases of the IPTC's standard catalog stand for, where it matters; a message may define others.
_NEWSCODES = "http://cv.iptc.org/newscodes/"
_STANDARD_ALIASES = {"ninat": f"{_NEWSCODES}ninature/", "stat": f"{_NEWSCODES}pubstatusg2/"}
_TEXT = f"{_NEWSCODES}ninature/text"
_WITHDRAWN = {f"{_NEWSCODES}pubstatusg2/{status}": status for status in ("canceled", "withheld")}
_HTML_TYPES = ("text/html", "application/xhtml+xml")


def read_newsml_g2(content: Content, text: str) -> Iterator[Document | LoadError]:
    """The text items of a NewsML-G2 file; its pictures and other media are passed over."""
    root = parse_xml(text)
    if local_name(root) == "newsItem":
        yield _document(root, content, None)
        return
    items = [item for item_set in children(root, "itemSet") for item in item_set if local_name(item)]
    if local_name(root) != "newsMessage" or not items:
        raise UnreadableError(f"carries no news: its root element is <{local_name(root)}> without newsItem")
    read = 0
    for row, item in enumerate(items, 1):
        if local_name(item) != "newsItem" or not _is_text(item, root):
            continue
        read += 1
        try:
            yield _document(item, content, row, message=root)
        except UnreadableError as exc:
            yield LoadError(content.path, str(exc), row=row)
    if not read:
        raise UnreadableError(f"carries no text: none of its {len(items)} items is a text item")


def _is_text(item: Element, message: Element) -> bool:
    """Whether an item is a text by its class, or holds one that no class tells of."""
    content = child(item, "contentSet")
    inline = children(content, "inlineXML") + children(content, "inlineData")
    return bool(inline) or _Catalog.of(item, message).uri(child(item, "itemMeta", "itemClass")) == _TEXT


@dataclass(frozen=True, slots=True)
class _Catalog:
    """What the prefixes of qcodes stand for in one item."""

    aliases: dict[str, str]

    @classmethod
    def of(cls, *holders: Element | None) -> "_Catalog":
        """The catalogs of an item and of the message around it; catalogs elsewhere are not fetched."""
        aliases = dict(_STANDARD_ALIASES)
        for holder in holders:
            for catalog in [*children(holder, "catalog"), *children(child(holder, "header"), "catalog")]:
                aliases |= {
                    scheme.get("alias"): scheme.get("uri", "") for scheme in children(catalog, "scheme")
                }
        return cls(aliases)

    def uri(self, element: Element | None) -> str:
        """The concept that an element names by `uri` or `qcode`, as a URI; "" when it names none."""
        if element is None:
            return ""
        alias, _, code = (element.get("qcode") or "").partition(":")
        return element.get("uri") or self.aliases.get(alias, f"{alias}:") + code


def _document(item: Element, content: Content, row: int | None, message: Element | None = None) -> Document:
    catalog = _Catalog.of(item, message)
    status = catalog.uri(child(item, "itemMeta", "pubStatus"))
    if status in _WITHDRAWN:
        raise UnreadableError(f"its provider has {_WITHDRAWN[status]} it")
    meta = child(item, "contentMeta")
    headline = _headline(item, meta)
    inner = _inner_document(item, content, row, headline)
    if not inner.text.strip():
        raise UnreadableError("carries no text: neither inlineXML nor inlineData holds one")
    return replace(
        inner,
        id=item.get("guid") or inner.id,
        title=headline or inner.title,
        published=_published(item, meta) or inner.published,
        source=_source(item) or inner.source,
        byline=_byline(meta) or inner.byline,
        language=_language(item, meta) or inner.language,
    )


def _inner_document(item: Element, content: Content, row: int | None, headline: str | None) -> Document:
    """The text of the item, as the best of its renditions has it: NITF, then (X)HTML, then plain text."""
    content_set = child(item, "contentSet")
    inline = [(inner, local_name(inner)) for xml in children(content_set, "inlineXML") for inner in xml]
    for element, _ in inline:
        if is_nitf(element):
            return nitf_document(element, path=content.path, row=row)
    for element, name in inline:
        if name in ("html", "body", "div", "section", "article", "p") and (found := paragraphs(element)):
            text = "\n\n".join(without_title(found, headline))
            return Document(path=content.path, row=row, text=text)
    data = children(content_set, "inlineData")
    for element in sorted(data, key=lambda element: element.get("contenttype") not in _HTML_TYPES):
        raw = "".join(element.itertext())
        if element.get("contenttype") in _HTML_TYPES:
            raw = "\n\n".join(without_title(html_text(raw).split("\n\n"), headline))
        if raw.strip() and element.get("encoding") is None:  # else it is base64 or packed
            return Document(path=content.path, row=row, text=raw)
    return Document(path=content.path, row=row, text="")


def _headline(item: Element, meta: Element | None) -> str | None:
    headlines = children(meta, "headline")
    main = [headline for headline in headlines if (headline.get("role") or "").rpartition(":")[2] == "main"]
    return next(filter(None, map(one_line, main + headlines)), None) or one_line(
        child(item, "itemMeta", "title")
    )


def _published(item: Element, meta: Element | None) -> date | None:
    # The version comes last: a correction two years later does not make the event two years later.
    item_meta = child(item, "itemMeta")
    places = (
        child(item_meta, "firstCreated"),
        child(meta, "contentCreated"),
        child(item_meta, "versionCreated"),
    )
    return next((day for place in places if (day := day_of(one_line(place)))), None)


def _source(item: Element) -> str | None:
    provider = child(item, "itemMeta", "provider")
    holder = child(item, "rightsInfo", "copyrightHolder")
    named = (
        one_line(child(provider, "name"))
        or _code(provider)
        or one_line(child(holder, "name"))
        or _code(holder)
    )
    return named or host_of(None if provider is None else provider.get("uri"))


def _byline(meta: Element | None) -> str | None:
    stated = one_line(child(meta, "by"))
    names = [name for creator in children(meta, "creator") if (name := one_line(child(creator, "name")))]
    return stated or ", ".join(names) or None


def _language(item: Element, meta: Element | None) -> str | None:
    language = child(meta, "language")
    return attribute(language, "tag") or attribute(item, _LANG)


def _code(element: Element | None) -> str | None:
    """The literal name of a party, or its code without the prefix: nprov:AP is AP."""
    if element is None:
        return None
    return attribute(element, "literal") or (attribute(element, "qcode") or "").rpartition(":")[2] or None
