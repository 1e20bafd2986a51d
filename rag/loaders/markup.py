"""HTML, XHTML and NITF elements → paragraphs of plain text; XML that cannot hurt."""

import re
import sys
from collections.abc import Iterable
from html.entities import html5
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types
from lxml import html as lxml_html

from rag.loaders.content import UnreadableError
from rag.loaders.encoding import decode

Element = Any  # an lxml element

_HEAD = 1024  # bytes in which HTML and XML must declare their charset
_UTF16_STARTS = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))  # XML in UTF-16 may go without a mark
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml.{0,300}?\?>", re.DOTALL)
_PROLOG = re.compile(
    r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_START_TAG = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_NUMBERED = re.compile(r"&#([xX][0-9a-fA-F]{1,12}|[0-9]{1,12});")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAGS = re.compile(
    r"</(?:p|div|a|b|i|em|strong|span|ul|ol|li|h[1-6]|blockquote|figure|article|section|body|html|table)\s*>"
    r"|<br\s*/?>|<p(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\n{2,}")

# Elements whose edges end a paragraph: HTML's blocks and NITF's.
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "abstract", "block",
    "body.content", "bq", "fn", "hedline", "hl1", "hl2", "note",
))  # fmt: skip
_CELLS = frozenset(["td", "th"])
# Elements that hold no running text of the article.
_SKIPPED = frozenset((
    "audio", "button", "canvas", "figure", "form", "head", "iframe", "math", "nav", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "title", "video", "custom-table",
    "ed-msg", "media",
))  # fmt: skip
# Where a word may be broken, shown only when it is; and the mark of a byte order.
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")


def decode_markup(data: bytes, *, mend: bool = False) -> str:
    """The text of an HTML or XML file in the charset that it declares; `mend` as in `decode`."""
    for start, encoding in _UTF16_STARTS:
        if data.startswith(start):
            return data.decode(encoding, "replace")
    head = data[:_HEAD]
    declared = _XML_CHARSET.search(head) or _META_CHARSET.search(head)
    name = declared.group(1).decode("ascii") if declared else None
    # A page that could declare UTF-16 in ASCII is not in UTF-16.
    if name is not None and name.lower().startswith("utf-16"):
        name = None
    return decode(data, declared=name, mend=mend)


def root_name(text: str) -> str:
    """The name of the first element, without its prefix; "" when there is none."""
    start = _START_TAG.match(text, _root_start(text))
    return start.group(1) if start else ""


def parse_xml(text: str) -> Element:
    """The root of an XML document, with nothing expanded, loaded or fetched. Raises UnreadableError."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(harmless_xml(text), parser)
    except etree.XMLSyntaxError as exc:
        if "depth" in str(exc):
            raise UnreadableError("is nested too deeply") from exc
        raise UnreadableError(f"is not well-formed XML ({exc.msg})") from exc


def refuse_entities(text: str) -> None:
    """Raise UnreadableError when a document declares entities of its own: no news format does, all bombs do."""
    root = _root_start(text)
    if "<!ENTITY" in text[:root] or text[root : root + 9].upper() == "<!DOCTYPE":
        raise UnreadableError("declares XML entities of its own, which are not read")


def harmless_xml(text: str) -> bytes:
    """An XML document as UTF-8 without declaration, HTML's named entities as characters.

    Raises UnreadableError like `refuse_entities`.
    """
    refuse_entities(text)
    text = _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1)
    text = _NUMBERED.sub(_numbered_character, _NAMED_ENTITY.sub(_character, text))
    return _NOT_IN_XML.sub("\ufffd", text).lstrip().encode()


def parse_html(text: str) -> Element:
    """The root of an HTML page or fragment. Raises UnreadableError when there is none, or it is too deep."""
    # lxml.html's parser, not etree's: trafilatura takes only its elements.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    text = _DECLARATION.sub("", text, count=1)
    try:
        root = etree.fromstring(_NOT_IN_XML.sub("\ufffd", text).encode(), parser)
    except etree.XMLSyntaxError as exc:
        raise UnreadableError(f"is not HTML ({exc.msg})") from exc
    if root is None:
        raise UnreadableError("is not HTML: it has no element")
    # libxml2 stops at 256 levels and keeps what it has: half an article would pass for the whole.
    if any("depth" in entry.message for entry in parser.error_log):
        raise UnreadableError("is nested too deeply")
    return root


def html_text(fragment: str) -> str:
    """The plain text of an HTML fragment, paragraphs separated by blank lines."""
    return "\n\n".join(html_paragraphs(fragment))


def html_paragraphs(fragment: str) -> list[str]:
    """The paragraphs of an HTML fragment."""
    return paragraphs(parse_html(fragment)) if fragment.strip() else []


def looks_like_html(text: str) -> bool:
    """Whether a text is marked up as HTML rather than plain."""
    return _TAGS.search(text) is not None


def paragraphs(root: Element) -> list[str]:
    """The paragraphs of running text under an element, in order; a `br` is a line end within one."""
    found: list[str] = []
    pieces: list[str] = []

    def close() -> None:
        found.extend(_paragraphs_of("".join(pieces)))
        pieces.clear()

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local_name(element)
        if event == "start":
            if name in _BLOCKS:
                close()
            if name in _SKIPPED:
                walk.skip_subtree()
            else:
                pieces.append(_opening(name) + _inner(element, name))
        else:
            if name in _BLOCKS:
                close()
            elif name == "q":
                pieces.append("”")
            if element is not root:
                pieces.append(" ".join((element.tail or "").splitlines()))
    close()
    return found


def one_line(element: Element | None) -> str | None:
    """All text of an element on one line; None when there is none."""
    if element is None:
        return None
    return " ".join("".join(element.itertext()).translate(_INVISIBLE).split()) or None


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute of an element; None when there is no such element, or nothing in it."""
    return None if element is None else ((element.get(name) or "").strip() or None)


def local_name(element: Element) -> str:
    """The name of an element without its namespace; "" for a comment or a processing instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Element | None, *names: str) -> Element | None:
    """The first child down a path of local names, whatever their namespace; None when there is none."""
    for name in names:
        if element is None:
            return None
        element = next((inner for inner in element if local_name(inner) == name), None)
    return element


def children(element: Element | None, name: str) -> list[Element]:
    """All children with this local name."""
    return [] if element is None else [inner for inner in element if local_name(inner) == name]


def without_title(found: Iterable[str], title: str | None) -> list[str]:
    """The paragraphs without a first one that only repeats the title."""
    kept = list(found)
    if kept and title is not None and _folded(kept[0]) == _folded(title):
        del kept[0]
    return kept


def _root_start(text: str) -> int:
    """Where the prolog ends: declaration, comments, and a document type whose subset is simple."""
    at = 0
    while skipped := _PROLOG.match(text, at):
        at = skipped.end()
    return at


def _opening(name: str) -> str:
    if name == "br":
        return "\n"
    if name in _CELLS:
        return " | "
    return "“" if name == "q" else ""


def _inner(element: Element, name: str) -> str:
    text = element.text or ""
    return text if name == "pre" else " ".join(text.splitlines())


def _paragraphs_of(raw: str) -> list[str]:
    """Paragraphs of the text between two block edges: line ends in it come from `br` and `pre` only."""
    lines = (_SPACES.sub(" ", line).strip(" |") for line in raw.translate(_INVISIBLE).split("\n"))
    return [part.strip("\n") for part in _BREAKS.split("\n".join(lines)) if part.strip("\n")]


def _character(entity: re.Match[str]) -> str:
    name = entity.group(1)
    return entity.group() if name in _XML_ENTITIES else html5.get(f"{name};", entity.group())


def _numbered_character(reference: re.Match[str]) -> str:
    """The reference as it is, unless it stands for what no XML may hold, such as half a pair of surrogates."""
    number = reference.group(1)
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return "\ufffd" if code > sys.maxunicode or _NOT_IN_XML.match(chr(code)) else reference.group()


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
