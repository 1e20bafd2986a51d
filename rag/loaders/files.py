"""Which files to read, and who reads them: by suffix, then by what they hold."""

import errno
import html
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders.content import Content, UnreadableError
from rag.loaders.encoding import is_storable, storable
from rag.loaders.json_files import read_json, read_json_lines
from rag.loaders.languages import language_code
from rag.loaders.markdown import read_markdown
from rag.loaders.pdf import read_pdf
from rag.loaders.tables import read_table
from rag.loaders.text import read_text
from rag.loaders.web_page import read_web_page
from rag.loaders.xml_files import read_xml

_Reader = Callable[[Content], Iterator[Document | LoadError]]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys((".txt", ".text"), read_text),
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_web_page),
    ".pdf": read_pdf,
    ".json": read_json,
    **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
    **dict.fromkeys((".csv", ".tsv"), read_table),
    **dict.fromkeys((".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml"), read_xml),
}
_KINDS = "txt, md, html, pdf, json, jsonl, csv, tsv, xml, rss, atom, nitf or newsml"
_UNKNOWN = f"is not of a kind that is read ({_KINDS}, each also with .gz)"

_HOPELESS = 1_000  # rows; when not one of so many can be read, the others will not be better
_LONGEST_FIELD = 1_000  # characters of a title, byline or the like
_LONGEST_ID = 500
_ENTITY = re.compile(r"&#?\w{1,31};")
_BY = re.compile(r"by:?\s+", re.IGNORECASE)


def load(path: Path, *, max_bytes: int, max_chars: int) -> Iterator[Document | LoadError]:
    """The documents of one file, and a LoadError for it or for each row that cannot be read; never raises.

    `max_bytes` bounds the file and what it unpacks to, `max_chars` the text of one document. Texts come with
    \\n as line end and without NUL and lone surrogates; their fields are one line each.
    """
    try:
        yield from _outcomes(Content(path, max_bytes, max_chars))
    except Exception as exc:  # whatever a parser raises on a damaged file, the other files go on
        yield _failure(path, exc)


def _outcomes(content: Content) -> Iterator[Document | LoadError]:
    reader = _READERS.get(content.suffix)
    if reader is None:
        raise UnreadableError(_UNKNOWN)
    if not is_storable(str(content.path)):
        raise UnreadableError("its name is not UTF-8; rename it")
    read = failed = 0
    for outcome in reader(content):
        finished = outcome if isinstance(outcome, LoadError) else _finished(outcome, content.max_chars)
        read += isinstance(finished, Document)
        failed += isinstance(finished, LoadError)
        yield finished
        if failed == _HOPELESS and not read:
            raise UnreadableError(f"none of its first {failed:,} rows can be read; the rest was not tried")
    if not read and not failed:
        raise UnreadableError("holds no articles")


def discover(paths: Sequence[Path]) -> Iterator[Path | LoadError]:
    """The files to read under `paths`, each once, a folder's sorted by name; hidden ones in it are left out.

    Files of unknown kinds in a folder are passed over. What was asked for and cannot be read is a LoadError.
    """
    named = set(paths)
    seen: set[str] = set()
    waiting = list(reversed(paths))
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            is_folder = stat.S_ISDIR(status.st_mode)
            is_wanted = path in named or is_folder or (_is_known(path) and stat.S_ISREG(status.st_mode))
            real = os.path.realpath(path)
            if not is_wanted or real in seen:  # seen: named twice, or a link that leads back
                continue
            seen.add(real)
            if is_folder:
                visible = (entry for entry in path.iterdir() if not entry.name.startswith("."))
                waiting.extend(sorted(visible, reverse=True))
            else:
                yield _checked(path, status)
        except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
            if path in named or _is_known(path) or isinstance(exc, PermissionError):
                yield _failure(path, exc)


def _is_known(path: Path) -> bool:
    return Content(path, 0, 0).suffix in _READERS


def _checked(path: Path, status: os.stat_result) -> Path | LoadError:
    """The path, unless it is plain from outside that it cannot be read."""
    if not _is_known(path):
        return LoadError(path, _UNKNOWN)
    if not stat.S_ISREG(status.st_mode):
        return LoadError(path, "is not a regular file")
    if not os.access(path, os.R_OK):
        return LoadError(path, "there is no permission to read it")
    return path


def _finished(document: Document, max_chars: int) -> Document | LoadError:
    """The document with a text and fields that every store can hold, or what is wrong with its text."""
    text = document.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = storable(text)
    if not text.strip():
        return LoadError(document.path, "is empty: it holds no text", row=document.row)
    if len(text) > max_chars:
        reason = f"the text has {len(text):,} characters, more than {max_chars:,}"
        return LoadError(
            document.path, f"{reason}; split it or raise DATELINE_MAX_ARTICLE_CHARS", row=document.row
        )
    url = _line(document.url)
    return replace(
        document,
        text=text,
        id=None if document.id is None or len(document.id) > _LONGEST_ID else _line(document.id),
        title=_line(document.title),
        source=_line(document.source),
        byline=_without_by(_line(document.byline)),
        url=url if url is not None and url.lower().startswith(("http://", "https://")) else None,
        language=language_code(document.language),
    )


def _line(value: str | None) -> str | None:
    """A field as one line, its HTML entities as characters; None when nothing is left, or far too much."""
    if value is None or len(value) > _LONGEST_FIELD:
        return None
    named = _ENTITY.sub(lambda entity: html.unescape(entity.group()), value)
    return storable(" ".join(named.split())) or None


def _without_by(byline: str | None) -> str | None:
    return None if byline is None else byline[found.end() :] if (found := _BY.match(byline)) else byline


def _failure(path: Path, fault: Exception) -> LoadError:
    """What to tell about a file; a path that no terminal could print is shown as far as it can be."""
    shown = path if is_storable(str(path)) else Path(storable(str(path)))
    return LoadError(shown, _reason(fault))


def _reason(fault: Exception) -> str:
    """One line about what went wrong."""
    if isinstance(fault, UnreadableError):
        return str(fault)
    if isinstance(fault, FileNotFoundError):
        return "does not exist"
    if isinstance(fault, PermissionError):
        return "there is no permission to read it"
    if isinstance(fault, IsADirectoryError):
        return "is not a regular file"
    if isinstance(fault, OSError) and fault.errno == errno.ELOOP:
        return "is a link that leads back to itself"
    if isinstance(fault, OSError) and fault.strerror:
        return f"cannot be read: {fault.strerror}"
    if isinstance(fault, RecursionError):
        return "is nested too deeply"
    if isinstance(fault, MemoryError):
        return "does not fit into memory; split it"
    return str(UnreadableError(f"is damaged: its parser failed with {type(fault).__name__} ({fault})"))
