"""Files of many records: each row becomes a Document, or a LoadError that names it."""

from collections.abc import Callable, Iterator, Mapping

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.fields import Columns, Fields, document, kind_of
from rag.loaders.ninjs import is_ninjs, ninjs_document

# A row's place, 1-based, and what stands there: a JSON value, or why it cannot be read.
Row = tuple[int | None, object]


def documents(content: Content, rows: Callable[[], Iterator[Row]]) -> Iterator[Document | LoadError]:
    """The documents of all rows; `rows` can be called again, for a second look at a column."""
    columns = Columns(lambda: (value for _, value in rows() if isinstance(value, Mapping)))
    for place, value in rows():
        try:
            yield _document(value, content, place, columns)
        except UnreadableError as exc:
            yield LoadError(content.path, str(exc), row=place)


def _document(value: object, content: Content, place: int | None, columns: Columns) -> Document:
    if isinstance(value, UnreadableError):
        raise value
    if not isinstance(value, Mapping):
        raise UnreadableError(f"is {kind_of(value)}, not an object with fields")
    fields: Fields = value
    if is_ninjs(fields):
        return ninjs_document(fields, path=content.path, place=place)
    return document(fields, path=content.path, place=place, columns=columns)
