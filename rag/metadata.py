"""Document → Article: what the format says, and where it is silent, what the text says of itself."""

import hashlib
import unicodedata

from rag.credits import credited
from rag.domain import Article, Document
from rag.header import read_header
from rag.sentences import split_sentences

TITLE_CHARS = 200
HEADLINE_CHARS = 160
ID_CHARS = 200
LEAD_CHARS = 2_000  # as much of the body as a title may come from


def describe(document: Document) -> Article:
    """The article of a document, described: the format's own fields first, then what its text says.

    What neither says is None. A file's name gives the id where the format has none; its times give nothing.

    >>> from pathlib import Path
    >>> describe(Document(path=Path("a.txt"), text=" date 2019-01-20 The ministry spoke.")).title
    'The ministry spoke.'
    """
    text = document.text
    header = read_header(text)
    return Article(
        id=_id(document),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        body_start=header.body_start,
        title=document.title or _title(text, header.lead_start),
        published=document.published or header.published,
        source=document.source or header.source,
        byline=document.byline or header.byline,
        dateline=header.dateline,
        origins=credited(text, header.body_start),
        url=document.url,
        language=document.language,
    )


def _id(document: Document) -> str:
    """The format's id, else the file's stem, with the row where the file holds several."""
    own = _printable(document.id or "")
    if own:
        return own
    name = document.path.name
    stem = document.path.with_name(name.removesuffix(".gz")).stem
    return _printable(stem if document.row is None else f"{stem}-{document.row}")


def _printable(name: str) -> str:
    """The name without control characters; one too long keeps its beginning and is told apart by a hash."""
    clean = "".join(char for char in name if unicodedata.category(char) != "Cc").strip()
    if len(clean) <= ID_CHARS:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()[:12]
    return f"{clean[: ID_CHARS - len(digest) - 1]}-{digest}"


def _title(text: str, start: int) -> str | None:
    """The headline, a short line with a blank one behind it, or else the first sentence."""
    lead = text[start : start + LEAD_CHARS].lstrip()
    line, _, rest = lead.partition("\n")
    alone = rest.strip() and not rest.partition("\n")[0].strip() and len(line) <= HEADLINE_CHARS
    if line.startswith("#") or (alone and not line.rstrip().endswith((".", ",", ";", "。"))):
        return _shortened(line.strip("#*_ \t")) or None
    return next((_shortened(lead[first:last]) for first, last in split_sentences(lead)), None)


def _shortened(title: str) -> str:
    """The title on one line, cut behind a word where it is too long."""
    title = " ".join(title.split())
    if len(title) <= TITLE_CHARS:
        return title
    return title[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:—–-") + "…"
