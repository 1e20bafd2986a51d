"""HTML pages: the article's text without menus and advertising (trafilatura), and what the page states."""

import logging
from collections.abc import Iterator
from copy import deepcopy

from rag.domain import Document
from rag.loaders.content import TREE_BYTES, Content, UnreadableError
from rag.loaders.markup import Element, decode_markup, html_text, looks_like_html, parse_html, without_title
from rag.loaders.page_metadata import PageFacts, host_of, page_facts

_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
# A page's longest paragraph must be as long as one sentence; menus and cookie notes are shorter.
_SENTENCE = 60
# The largest of 2,000 real pages has 10,000; the time that trafilatura takes grows with the square of them.
_MOST_ELEMENTS = 25_000
_FROM_CJK = "\u2e80"  # from here on one character says as much as three


def read_web_page(content: Content) -> Iterator[Document]:
    """The one document of an HTML page."""
    yield page_document(content, decode_markup(content.read(TREE_BYTES), mend=True))


def page_document(content: Content, page: str) -> Document:
    """The article of a page. Raises UnreadableError when there is none."""
    if not page.strip():
        raise UnreadableError("is empty")
    root = parse_html(page)
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise UnreadableError(f"has more than {_MOST_ELEMENTS:,} elements; no article needs so many")
    facts = page_facts(root)
    found, heuristic = _article(root)
    found = without_title(found, facts.title or heuristic.title)
    stated = _body_in_metadata(facts)
    # trafilatura too falls back on it, but without its paragraphs.
    if not _is_article(found) or " ".join(found).split() == " ".join(stated).split():
        found = stated
    if not _is_article(found):
        raise UnreadableError("holds no article: no running text was found in the page")
    return Document(
        path=content.path,
        text="\n\n".join(found),
        title=facts.title or heuristic.title,
        published=facts.published,
        source=facts.source or heuristic.source or host_of(facts.url),
        byline=facts.byline or heuristic.byline,
        url=facts.url or heuristic.url,
        language=facts.language,
    )


def _article(root: Element) -> tuple[list[str], PageFacts]:
    """The paragraphs of the article, and what trafilatura makes of the page where it states nothing."""
    # Imported here: it takes half a second, and only web pages need it.
    import trafilatura

    logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # its failures are told by us
    # Its date is not used: where a page states none it takes one from the text or an image's address.
    extracted = trafilatura.bare_extraction(
        deepcopy(root),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False},
    )
    if extracted is None or isinstance(extracted, dict):
        return [], PageFacts(None, None, None, None, None, None, None)
    lines = (line.translate(_INVISIBLE).strip() for line in (extracted.text or "").splitlines())
    return [line for line in lines if line], PageFacts(
        extracted.title, None, extracted.sitename, extracted.author, extracted.url, None, None
    )


def _body_in_metadata(facts: PageFacts) -> list[str]:
    if facts.body is None:
        return []
    text = html_text(facts.body) if looks_like_html(facts.body) else facts.body
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_article(found: list[str]) -> bool:
    return max((sum(3 if c >= _FROM_CJK else 1 for c in line) for line in found), default=0) >= _SENTENCE
