"""JSON and JSON Lines: one article, a list of them, an object that holds a list, or one object a line."""

import codecs
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import TextIO

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.encoding import decode, encoding_of, has_damage
from rag.loaders.fields import LAST_RESORT, TEXT, has_teaser, has_text, kind_of, names_of, plain
from rag.loaders.ninjs import is_ninjs
from rag.loaders.rows import Row, documents

_SMALL = 8 * 2**20  # bytes; a larger file is never held as a whole
_SAMPLE = 2**18  # bytes that show the encoding and the shape
_DEEPEST_LIST = 3  # levels below which no list of articles is looked for
_DEEPEST = 200  # levels of a value in a large file; the parser's memory grows with the square of them

_PIECE = 2**20  # bytes read at a time; the parser goes through an unfinished string again with every piece

_UNQUOTED = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))


def read_json(content: Content) -> Iterator[Document | LoadError]:
    """The articles of a .json file; a list that breaks off gives those before the break."""
    head, is_whole = _head(content)
    encoding = encoding_of(head[:_SAMPLE], whole=len(head) <= _SAMPLE)
    if not head.strip():
        raise UnreadableError("is empty")
    if _is_lines(head, encoding):
        yield from read_json_lines(content)
    elif is_whole:
        yield from _small(decode(head), content)
    elif encoding not in ("utf-8", "utf-8-sig"):
        yield from _small(decode(content.read()), content)
    else:
        yield from _large(head, content)


def read_json_lines(content: Content) -> Iterator[Document | LoadError]:
    """The articles of a JSON Lines file; a broken line costs only itself."""
    with content.open() as stream:
        head = stream.peek()
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") and not _is_lines(head, "utf-8"):
        yield from read_json(content)
        return
    yield from documents(content, lambda: _lines(content))


def _head(content: Content) -> tuple[bytes, bool]:
    """The beginning of a file, and whether it is all of it; up to where its data is damaged."""
    head = bytearray()
    with content.open() as stream:
        while len(head) <= _SMALL:
            try:
                piece = stream.read1(_SMALL)
            except UnreadableError:
                if not head:
                    raise
                return bytes(head), False
            if not piece:
                return bytes(head), True
            head += piece
    return bytes(head), False


def _lines(content: Content) -> Iterator[Row]:
    with content.open() as stream:
        for place, line in enumerate(_as_text(stream, content.record_limit), 1):
            if isinstance(line, UnreadableError):
                yield place, line
            elif line.strip():
                yield place, _value(line)


def _as_text(stream: io.BufferedReader, longest: int) -> Iterator[str | UnreadableError]:
    """The lines of a stream; of one that is too long only that."""
    encoding = encoding_of(stream.peek(), whole=False)
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    text = io.TextIOWrapper(stream, encoding, errors=errors, newline="\n")
    while line := text.readline(longest):
        if len(line) == longest and not line.endswith("\n"):
            _skip_line(text, longest)
            yield UnreadableError(f"is a line of more than {longest:,} characters")
        else:
            yield line


def _skip_line(text: TextIO, longest: int) -> None:
    while (rest := text.readline(longest)) and not rest.endswith("\n"):
        pass


def _value(line: str) -> object:
    if has_damage(line):
        return UnreadableError("is not valid UTF-8")
    try:
        return json.loads(line.rstrip("\r\n"), strict=False)  # tabs within strings are common
    except json.JSONDecodeError as exc:
        return UnreadableError(f"is not valid JSON (column {exc.colno}: {exc.msg})")
    except (ValueError, RecursionError) as exc:
        return UnreadableError(_why(exc))


def _is_lines(head: bytes, encoding: str) -> bool:
    """Whether the first line is an object by itself and something follows it."""
    first, _, rest = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n").partition("\n")
    if not first.lstrip().startswith("{") or not rest.strip():
        return False
    return isinstance(_value(first), Mapping)


def _small(text: str, content: Content) -> Iterator[Document | LoadError]:
    try:
        value = json.loads(text, strict=False)
    except json.JSONDecodeError as exc:
        fault = f"is not valid JSON (line {exc.lineno}, column {exc.colno}: {exc.msg})"
        if not text.lstrip().startswith("["):
            raise UnreadableError(fault) from exc
        data = text.encode("utf-8", "replace")
        yield from documents(content, lambda: _streamed(io.BytesIO(data), "item"))
        return
    except (ValueError, RecursionError) as exc:
        raise UnreadableError(_why(exc)) from exc
    rows = list(_rows_in(value))
    yield from documents(content, lambda: iter(rows))


def _rows_in(value: object) -> Iterator[Row]:
    """The article, or the articles, in the value of a whole file."""
    if isinstance(value, list):
        yield from enumerate(value, 1)
        return
    if not isinstance(value, Mapping):
        raise UnreadableError(f"holds {kind_of(value)}, not articles")
    if has_text(value) or is_ninjs(value):
        yield None, value
        return
    found = _list_in(value, _DEEPEST_LIST)
    if found is not None:
        yield from enumerate(found, 1)
    elif value and all(_is_article(inner) for inner in value.values()):  # {id: article, …}
        for place, (key, inner) in enumerate(value.items(), 1):
            yield place, {**inner, "id": inner.get("id", key)}
    elif has_teaser(value):
        yield None, value
    else:
        raise UnreadableError(
            f"holds no article: no field named text, body, content or article (it has {names_of(value)})"
        )


def _list_in(value: Mapping[str, object], levels: int) -> list[object] | None:
    """The first list of articles in an object, the nearest to its root."""
    nearest = [inner for inner in value.values() if isinstance(inner, list) and any(map(_is_article, inner))]
    if nearest:
        return nearest[0]
    inner_objects = [inner for inner in value.values() if isinstance(inner, Mapping)] if levels > 1 else []
    return next(
        (found for inner in inner_objects if (found := _list_in(inner, levels - 1)) is not None), None
    )


def _is_article(value: object) -> bool:
    return isinstance(value, Mapping) and (has_text(value) or has_teaser(value) or is_ninjs(value))


def _large(head: bytes, content: Content) -> Iterator[Document | LoadError]:
    """The articles of a list that is read piece by piece."""
    is_list = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    prefix = "item" if is_list else _list_prefix(content)

    def rows() -> Iterator[Row]:
        with content.open() as stream:
            _skip_mark(stream)
            yield from _streamed(Shallow(stream, content.record_limit), prefix)

    yield from documents(content, rows)


def _streamed(stream: "io.BytesIO | Shallow", prefix: str) -> Iterator[Row]:
    # Imported here: few files need it.
    import ijson  # type: ignore[import-untyped]  # ships no types

    place = 0
    try:
        for place, value in enumerate(ijson.items(stream, prefix, use_float=True, buf_size=_PIECE), 1):
            yield place, value
    except ijson.JSONError as exc:
        after = f"after item {place}" if place else "at its first item"
        raise UnreadableError(f"breaks off {after}: it is not valid JSON there ({exc})") from exc


def _list_prefix(content: Content) -> str:
    """Where the list of articles is in a large object, as ijson names it: articles.item."""
    import ijson

    with content.open() as stream:
        _skip_mark(stream)
        try:
            for prefix, event, value in ijson.parse(Shallow(stream, content.record_limit)):
                steps = prefix.split(".")
                if event != "map_key" or steps[-1] != "item" or len(steps) > _DEEPEST_LIST + 1:
                    continue
                if plain(value) in (*TEXT, *LAST_RESORT, "bodies"):
                    return str(prefix)
        except ijson.JSONError as exc:
            raise UnreadableError(f"is not valid JSON ({exc})") from exc
    raise UnreadableError(
        "holds no list of articles whose items have a field named text, body, content or article"
    )


def _skip_mark(stream: io.BufferedReader) -> None:
    if stream.peek().startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))


def _why(fault: Exception) -> str:
    return "is nested too deeply" if isinstance(fault, RecursionError) else f"is not valid JSON ({fault})"


class Shallow:
    """Lets JSON through to ijson while it is neither too deep nor holds a string longer than any article."""

    def __init__(self, stream: io.BufferedReader, longest: int) -> None:
        self._stream = stream
        self._longest = longest
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the last byte of the chunk before was a backslash in a string
        self._length = 0  # of the string so far

    def read(self, size: int) -> bytes:
        chunk = self._stream.read1(size)
        outside = self._finish_string(chunk) if self._in_string else chunk
        structure, quote, string = _UNQUOTED.sub(b"", outside).partition(b'"')
        if quote:
            self._in_string, self._length = True, 0
            self._enter(string)
        self._follow(structure)
        return chunk

    def _finish_string(self, chunk: bytes) -> bytes:
        """What comes after the string that the chunk before began; nothing when it goes on."""
        rest = chunk[1:] if self._escaped else chunk
        end = self._enter(rest)
        if end is None:
            return b""
        self._in_string = False
        return rest[end + 1 :]

    def _enter(self, string: bytes) -> int | None:
        """Where the string ends in these bytes; None when it goes on after them."""
        found = _STRING_REST.match(string)
        end = found.end() if found else 0
        self._length += end
        if self._length > self._longest:
            raise UnreadableError(
                f"holds a string of more than {self._longest:,} bytes; the rest was not read"
            )
        if end < len(string) and string[end] == ord('"'):
            return end
        self._escaped = end < len(string)
        return None

    def _follow(self, structure: bytes) -> None:
        for bracket in structure.translate(None, _NO_BRACKETS):
            self._depth += _STEPS[bracket]
            if self._depth > _DEEPEST:
                raise UnreadableError("is nested too deeply")
