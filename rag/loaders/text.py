"""Plain text: the file is the article, byte for byte but for its encoding."""

from collections.abc import Iterator

from rag.domain import Document
from rag.loaders.content import Content
from rag.loaders.encoding import decode

_MOST_BYTES_PER_CHAR = 4  # in UTF-8, UTF-16 and UTF-32


def read_text(content: Content) -> Iterator[Document]:
    """The one document of a .txt file."""
    yield Document(path=content.path, text=decode(text_bytes(content)))


def text_bytes(content: Content) -> bytes:
    """The bytes of a file that is all text; UnreadableError when `max_chars` characters cannot be so long."""
    most = _MOST_BYTES_PER_CHAR * (content.max_chars + 1)  # + 1: the byte order mark
    with content.open() as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise content.too_long()
    return data
