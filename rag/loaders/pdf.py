"""PDF: the text of the pages (pypdf), its lines put together to paragraphs again."""

import io
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rag.domain import Document
from rag.loaders.content import Content, UnreadableError

_SECONDS = 60.0  # for one file; a page made to be slow must not hold up the others
_PAGE_BYTES = 8 * 2**20  # drawing instructions of one page; a dense newspaper page has under 1 MB

_ENCRYPTED = "is encrypted; save it without a password"
_SENTENCE_END = re.compile(r"[.!?:…。！？][\"'”’»)\]]*$")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_LIGATURES = {0xAD: "", **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}}
_NUMBERS = re.compile(r"\d+")
# Titles that the program put in, not the author.
_NO_TITLE = re.compile(
    r"microsoft \w+ - |untitled|document\d*$|.*\.(docx?|pdf|indd|qxd|html?|rtf|odt|tex|dvi|ps)$", re.I
)
_SHORT = 0.75  # a line this much shorter than the page's usual one ends a paragraph, if a sentence ends there
_HEADING = 0.6  # and one this short is a heading or a byline even without a full stop


def read_pdf(content: Content) -> Iterator[Document]:
    """The one document of a PDF. Dates are not taken from it: they say when the file was made."""
    # Imported here: it takes a fifth of a second, and only PDFs need it.
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # its failures are told by us
    data = content.read()
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError(_ENCRYPTED)
        text = _text(reader.pages, content)
        title, author, language = _facts(reader)
    except DependencyError as exc:  # AES needs another package
        raise UnreadableError(_ENCRYPTED) from exc
    except PyPdfError as exc:
        raise UnreadableError(f"is a damaged PDF, or none at all ({exc})") from exc
    if not text.strip():
        raise UnreadableError("holds no text: its pages are probably scanned; run it through OCR first")
    yield Document(path=content.path, text=text, title=title, byline=author, language=language)


def paragraphs_of(pages: Sequence[str]) -> str:
    """The text of the pages with one blank line between paragraphs and every broken word whole again."""
    kept = _without_running_heads([[line.strip() for line in page.split("\n")] for page in pages])
    known = Counter(word.casefold() for page in kept for line in page for word in re.findall(r"[\w-]+", line))
    usual = _usual_length(kept)
    found: list[str] = []
    last = ""
    for page in kept:
        for n, line in enumerate(page):
            following = line or next((rest for rest in page[n + 1 :] if rest), "")
            if not line:
                # A gap in the middle of a sentence is a picture or a column's end, not a paragraph's.
                if last and (_SENTENCE_END.search(last) or not following[:1].islower()):
                    last = ""
                continue
            if last and not _ends_paragraph(last, line, usual):
                found[-1] = _joined(found[-1], line, known)
            else:
                found.append(line)
            last = line
    return "\n\n".join(found).translate(_LIGATURES)


def _text(pages: Any, content: Content) -> str:
    until = time.monotonic() + _SECONDS

    def watch_the_clock(*_: object) -> None:
        """Called for every drawing instruction, for a page may repeat its parts without end."""
        if time.monotonic() > until:
            raise UnreadableError(f"takes longer than {_SECONDS:.0f} s to read; print it to a new PDF")

    texts: list[str] = []
    size = 0
    for page in pages:
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > _PAGE_BYTES:
            raise UnreadableError(f"page {len(texts) + 1} is too complex to read; print it to a new PDF")
        texts.append(page.extract_text(visitor_operand_before=watch_the_clock))
        watch_the_clock()  # pypdf passes over what is raised within a part, and half a page would pass for all
        size += len(texts[-1])
        if size > content.max_chars:
            raise content.too_long()
    return paragraphs_of(texts)


def _facts(reader: Any) -> tuple[str | None, str | None, str | None]:
    """Title, author and language, where a person seems to have set them."""
    metadata = reader.metadata or {}
    title = str(metadata.get("/Title") or "").strip()
    author = str(metadata.get("/Author") or "").strip()
    language = reader.root_object.get("/Lang")
    return (
        None if not title or _NO_TITLE.match(title) else title,
        author if " " in author else None,  # a single word is an account's name
        str(language) if language else None,
    )


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """The pages without page numbers, and without the first and last lines that most of them share.

    The first line of the first page stays: there the running head is the title.
    """
    edges: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in page if line]
        edges.update({_NUMBERS.sub("#", line) for line in (lines[:1] + lines[-1:])})
    shared = {line for line, count in edges.items() if count >= 3 and count > len(pages) / 2} | {"#"}

    def trimmed(page: list[str], *, first: bool) -> list[str]:
        filled = [n for n, line in enumerate(page) if line]
        ends = set(filled[-1:] if first else filled[:1] + filled[-1:])
        return [line for n, line in enumerate(page) if n not in ends or _NUMBERS.sub("#", line) not in shared]

    return [trimmed(page, first=page is pages[0]) for page in pages] if len(pages) > 1 else pages


def _usual_length(pages: list[list[str]]) -> int:
    """How long a full line is: a length that a tenth of the lines reach."""
    lengths = sorted((len(line) for page in pages for line in page if line), reverse=True)
    return lengths[len(lengths) // 10] if lengths else 0


def _ends_paragraph(line: str, following: str, usual: int) -> bool:
    if following[:1].islower() or _BROKEN_WORD.search(line):
        return False
    if _SENTENCE_END.search(line):
        return len(line) < _SHORT * usual
    return len(line) < _HEADING * usual


def _joined(text: str, line: str, known: Counter[str]) -> str:
    """Two lines of one paragraph; a word broken at the line's end is made whole."""
    broken, rest = _BROKEN_WORD.search(text), _NEXT_WORD.match(line)
    if broken is None or rest is None:
        return f"{text}{'' if text.endswith('-') else ' '}{line}"
    head, tail = broken.group(1), rest.group()
    if text.endswith("\u00ad"):
        return text[:-1] + line
    # US-led, al-Tahtani and words that are written with a hyphen elsewhere keep it.
    compound = head[-1:].isupper() or not tail[:1].islower()
    hyphened, whole = known[f"{head}-{tail}".casefold()], known[f"{head}{tail}".casefold()]
    if compound or hyphened > whole:
        return f"{text[:-1]}-{line}"
    return text[:-1] + line
