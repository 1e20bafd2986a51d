"""Records → plain data: what `--json` prints, field for field as `rag.domain` declares it, and what clients of
the HTTP API get: the same, with citations in the shape that other APIs give them.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from rag.domain import Article, Citation, Hit

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"

# Characters that JSON lets through as they are, though a terminal would act on them or hide them:
# DEL and the C1 controls, direction controls, line separators, byte order mark, tag characters.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")


def to_plain(value: object) -> Plain:
    """Plain data for one record, or for a list, tuple or mapping of them.

    Days become ISO dates and paths strings. The article of a Hit comes without its text.

    >>> to_plain({"published": date(2019, 1, 20)})
    {'published': '2019-01-20'}
    """
    return _plain(value, to_plain)


def to_client(value: object) -> Plain:
    """The same with citations as `char_location`; offsets are 0-based, the end exclusive."""
    if isinstance(value, Citation):
        return {
            "type": "char_location",
            "article_id": value.article_id,
            "document_title": value.title,
            "cited_text": value.quote,
            "start_char_index": value.start,
            "end_char_index": value.end,
            "source": value.source,
            "published": to_client(value.published),
            "url": value.url,
            "sha256": value.sha256,
        }
    return _plain(value, to_client)


def _plain(value: object, inner: Callable[[object], Plain]) -> Plain:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case date():
            return value.isoformat()
        case PurePath():
            return str(value)
        case Hit():
            return _fields(value, inner) | {"article": without_text(value.article)}
        case Mapping():
            return {str(key): inner(item) for key, item in value.items()}
        case list() | tuple():
            return [inner(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, inner)
    raise TypeError(f"{type(value).__name__} has no plain form")


def without_text(article: Article) -> Plain:
    """What is known of an article, without the text itself."""
    return {name: item for name, item in _fields(article, to_plain).items() if name != "text"}


def to_json(value: object, *, encoding: str = "utf-8") -> str:
    r"""One JSON document, indented, that means the same whatever prints it.

    Characters that a terminal obeys or hides, and all that `encoding` cannot write, are escaped.

    >>> print(to_json(["Deir Ezzor", "red\x9b31m"]))
    [
      "Deir Ezzor",
      "red\u009b31m"
    ]
    """
    document = json.dumps(to_plain(value), ensure_ascii=False, indent=2, allow_nan=False)
    document = _UNSAFE.sub(lambda found: json.dumps(found.group())[1:-1], document)
    try:
        document.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(to_plain(value), indent=2, allow_nan=False)
    return document


def harmless(text: str) -> str:
    r"""The text, character for character as long, without what acts on the text around it; lines are kept.

    >>> harmless("20 people\u202e were killed")
    '20 people� were killed'
    """
    return _UNSAFE.sub("\ufffd", _CONTROL.sub("\ufffd", text))


def _fields(record: "DataclassInstance", inner: Callable[[object], Plain]) -> dict[str, Plain]:
    return {field.name: inner(getattr(record, field.name)) for field in fields(record)}
