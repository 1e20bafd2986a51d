"""XML files, told apart by their root element."""

from collections.abc import Callable, Iterator

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import TREE_BYTES, Content, UnreadableError
from rag.loaders.feeds import read_feed
from rag.loaders.markup import decode_markup, refuse_entities, root_name
from rag.loaders.newsml_g2 import read_newsml_g2
from rag.loaders.nitf import read_nitf
from rag.loaders.web_page import page_document

_Reader = Callable[[Content, str], Iterator[Document | LoadError]]
_READERS: dict[str, _Reader] = {
    "rss": read_feed,
    "feed": read_feed,
    "rdf": read_feed,  # RSS 1.0
    "newsitem": read_newsml_g2,
    "newsmessage": read_newsml_g2,
    "packageitem": read_newsml_g2,
    "nitf": read_nitf,
}


def read_xml(content: Content) -> Iterator[Document | LoadError]:
    """The documents of an RSS, Atom, NewsML-G2, NITF or XHTML file."""
    # Feeds with a few damaged bytes are common; news agencies' files get the same treatment.
    text = decode_markup(content.read(TREE_BYTES), mend=True)
    if not text.strip():
        raise UnreadableError("is empty")
    refuse_entities(text)
    name = root_name(text)
    if name == "NewsML":
        raise UnreadableError("is NewsML 1; only NewsML-G2, NITF, RSS, Atom and XHTML are read")
    if name.lower() == "html":
        yield page_document(content, text)
        return
    reader = _READERS.get(name.lower())
    if reader is None:
        found = f"its root element is <{name[:40]}>" if name else "it has no root element"
        raise UnreadableError(f"is not XML news: {found}, not rss, feed, RDF, newsItem, newsMessage or nitf")
    yield from reader(content, text)
