"""CSV and TSV: a header with the names of the fields, then one article in a row; read as a stream."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.encoding import encoding_of, has_damage
from rag.loaders.fields import BYLINE, ID, LAST_RESORT, PUBLISHED, SOURCE, TEXT, TITLE, URL, names_of, plain
from rag.loaders.rows import Row, documents

_DELIMITERS = ",\t;|"
_KNOWN = {*TEXT, *LAST_RESORT, *ID, *TITLE, *PUBLISHED, *SOURCE, *URL, *BYLINE}
# How much may be read again after quotes that never close, in longest records: each such quote costs one.
_SECOND_READINGS = 8


def read_table(content: Content) -> Iterator[Document | LoadError]:
    """The articles of a table; a LoadError when no column holds the text, and for each row that is broken."""
    with content.open() as stream:
        lines = _Lines(_as_text(stream), content.record_limit)
        header, _ = _header(lines)
    if not any(plain(name) in (*TEXT, *LAST_RESORT) for name in header):
        columns = names_of(dict.fromkeys(header))
        raise UnreadableError(
            f"no column holds the text: name one text, body, content or article (columns: {columns})"
        )
    yield from documents(content, lambda: _rows(content))


def _rows(content: Content) -> Iterator[Row]:
    """Each record after the header, counted from 1; blank lines are none."""
    csv.field_size_limit(max(csv.field_size_limit(), content.record_limit))  # Python's limit is 131,072
    with content.open() as stream:
        lines = _Lines(_as_text(stream), content.record_limit)
        header, delimiter = _header(lines)
        for place, cells in enumerate(_records(lines, delimiter), 1):
            yield place, cells if isinstance(cells, UnreadableError) else _fields(header, cells)


def _records(lines: "_Lines", delimiter: str) -> Iterator[list[str] | UnreadableError]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.record.clear()
        try:
            cells = next(reader, None)
        except _LineTooLongError as exc:
            yield exc
            continue
        except csv.Error as exc:
            yield _without_quoting(lines, delimiter) or UnreadableError(f"its quotes do not match ({exc})")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield cells


def _without_quoting(lines: "_Lines", delimiter: str) -> list[str] | None:
    """The broken record read again in TSV's own way, where a quote is a character like any other.

    Whatever a quote that never closes has swallowed is read again as records.
    """
    first = lines.record[0]
    lines.put_back()
    return (
        next(csv.reader([first], delimiter=delimiter, quoting=csv.QUOTE_NONE)) if delimiter == "\t" else None
    )


def _fields(header: list[str], cells: list[str]) -> dict[str, object] | UnreadableError:
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        return UnreadableError(f"has {len(cells)} cells where the header names {len(header)}")
    if any(has_damage(cell) for cell in cells):
        return UnreadableError("is not valid UTF-8")
    fields: dict[str, object] = {}
    for name, cell in zip(header, cells, strict=True):
        if cell:
            fields.setdefault(name, cell)
    return fields


def _header(lines: "_Lines") -> tuple[list[str], str]:
    """The names of the columns, and the delimiter that makes the most of them."""
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise UnreadableError("is empty")
    best: list[str] = []
    delimiter = _DELIMITERS[0]
    for candidate in _DELIMITERS:
        try:
            names = [name.strip() for name in next(csv.reader([first], delimiter=candidate), [])]
        except csv.Error:
            continue
        if (_known(names), len(names)) > (_known(best), len(best)):
            best, delimiter = names, candidate
    return best, delimiter


def _known(names: list[str]) -> int:
    return sum(plain(name) in _KNOWN for name in names)


def _as_text(stream: io.BufferedReader) -> TextIO:
    """The lines of a stream in its encoding; what is not UTF-8 becomes lone surrogates, for `has_damage`."""
    encoding = encoding_of(stream.peek(), whole=False)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(stream, encoding, errors=errors, newline="")


class _LineTooLongError(UnreadableError):
    """One line is too long; the next ones may be read."""


class _Lines:
    """The lines of a text; remembers those of the record that is being read, to read them again."""

    def __init__(self, text: TextIO, longest: int) -> None:
        self.record: list[str] = []
        self._text = text
        self._longest = longest
        self._again: deque[str] = deque()
        self._left = _SECOND_READINGS * longest

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(self._longest)
        if not line:
            raise StopIteration
        if len(line) == self._longest and not line.endswith(("\n", "\r")):
            while (rest := self._text.readline(self._longest)) and not rest.endswith(("\n", "\r")):
                pass
            raise _LineTooLongError(f"is a line of more than {self._longest:,} characters")
        self.record.append(line)
        return line

    def put_back(self) -> None:
        """Let all lines of the record but the first be read again, unless too much was already."""
        lines = self.record[1:]
        self._left -= sum(map(len, lines))
        if self._left >= 0:
            self._again.extendleft(reversed(lines))
