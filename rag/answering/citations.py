"""A model's draft → its sentences, each with the numbers of the passages it cites.

Models write marks in many ways: [1], [1][3], [1, 3], [1-3], 【1】, [^1], [Source 1], before or behind
the full stop. A mark belongs to the sentence it stands in or follows; one that opens a line, to the next one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from rag.domain import Citation, Hit
from rag.sentences import Span, split_sentences

MAX_MARK = 100  # characters; a longer bracket is text
# Characters behind a sentence that make its end certain, whatever it is: see rag/sentences.py.
LOOK_AHEAD = 60

# Three digits at most: [2019] is a year that an editor put in, never the number of a passage.
_NUMBER = r"\^?(?<!\d)\d{1,3}(?!\d)"
_LABEL = r"(?:(?:source|passage|article|document|doc|ref|citation)s?[ ]?[:#.]?[ ]?)?"
_ITEM = rf"{_LABEL}{_NUMBER}(?:[ ]?[-–—][ ]?{_NUMBER})?(?:†[^\]】］\n]{{0,30}})?"
_MARK = rf"[\[【［][ ]?{_ITEM}(?:[ ]?(?:[,;，、]|\band\b|&)[ ]?{_ITEM}){{0,20}}[ ]?[.,]?[ ]?[\]】］]"
_MARKS = re.compile(rf"(?P<space>[ \t]{{0,8}})(?P<marks>{_MARK}(?:[ \t]{{0,8}}{_MARK})*)", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})(?:[ ]?[-–—][ ]?({_NUMBER}))?")
_DAGGER = re.compile(r"†[^\]】］,;，、\n]*")
_OPENING, _CLOSING = "[【［", "]】］"
_LINE_START = re.compile(r"(?:[-*•>]|\d{1,2}[.)])?\s*\Z")
# Once the next word is written, no more can come of a sentence, and no mark; unless a quotation ends, and a speaker.
_FOLLOWED = re.compile(r"[.!?…][^\S\n]+[^\W_]+\W")
_JOINS = frozenset(".,;:!?)…\n \t”’\"'")


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence of a draft without its marks."""

    text: str
    marks: tuple[int, ...] = ()  # numbers of passages, from 1, each once, in the order written


@dataclass(frozen=True, slots=True)
class CitedDraft:
    """A draft taken apart."""

    sentences: tuple[DraftSentence, ...]
    unknown: int  # numbers that name no passage; they were dropped


@dataclass(frozen=True, slots=True)
class _Mark:
    place: int  # in the text without marks; of one that opens a line: where the line begins
    end: int  # in the draft
    opens: bool  # stands at the beginning of a line
    numbers: tuple[int, ...]


class DraftReader:
    """Reads a draft as it streams in; a mark or a sentence may be cut anywhere between two chunks.

    >>> reader = DraftReader(passages=3)
    >>> reader.feed("Twenty people died [") + reader.feed("1].") + reader.finish()
    [DraftSentence(text='Twenty people died.', marks=(1,))]
    """

    def __init__(self, *, passages: int) -> None:
        self._passages = passages
        self._draft = ""  # what no finished sentence has taken yet
        self.unknown = 0  # numbers so far that name no passage; they are dropped

    def feed(self, chunk: str) -> list[DraftSentence]:
        """Take the next piece of the draft; the sentences that are certain now, often none."""
        self._draft += chunk
        return self._release(_without_cut_mark(self._draft), ended=False)

    def finish(self) -> list[DraftSentence]:
        """The draft has ended: the sentences that were still open."""
        sentences = self._release(self._draft, ended=True)
        self._draft = ""
        return sentences

    def _release(self, draft: str, *, ended: bool) -> list[DraftSentence]:
        text, marks, places = _take_marks_out(draft)
        spans = [*takewhile(lambda span: ended or _is_certain(text, span), split_sentences(text))]
        if not ended and not spans:
            return []
        owners = [_owner(mark, spans, text) for mark in marks]
        sentences = []
        for number, (start, end) in enumerate(spans):
            own = [mark for mark, owner in zip(marks, owners, strict=True) if owner == number]
            sentences.append(DraftSentence(text[start:end], self._known(own)))
        taken = [mark.end for mark, owner in zip(marks, owners, strict=True) if owner is not None]
        self._draft = self._draft[max([places[spans[-1][1] - 1] + 1, *taken]) if spans else len(draft) :]
        return sentences

    def _known(self, marks: list[_Mark]) -> tuple[int, ...]:
        numbers = [number for mark in marks for number in mark.numbers]
        known = [number for number in numbers if 1 <= number <= self._passages]
        self.unknown += len(numbers) - len(known)
        return tuple(dict.fromkeys(known))


def read_draft(text: str, *, passages: int) -> CitedDraft:
    """Take a whole draft apart; `passages` is how many the model was given.

    >>> read_draft("Twenty died [1, 9].", passages=2)
    CitedDraft(sentences=(DraftSentence(text='Twenty died.', marks=(1,)),), unknown=1)
    """
    reader = DraftReader(passages=passages)
    sentences = reader.feed(text) + reader.finish()
    return CitedDraft(tuple(sentences), reader.unknown)


def cite(hit: Hit, span: Span) -> Citation:
    """The citation of a span of the hit's passage; `span` counts characters of the passage's text."""
    article = hit.article
    start, end = hit.passage.start + span[0], hit.passage.start + span[1]
    return Citation(
        article_id=article.id,
        title=article.title,
        source=article.source,
        published=article.published,
        url=article.url,
        start=start,
        end=end,
        quote=article.text[start:end],
        sha256=article.sha256,
    )


def _is_certain(text: str, span: Span) -> bool:
    """Whether a sentence will end where it does now, whatever is still written; line breaks may come to mean more."""
    start, end = span
    followed = "\n" not in text[start:end] and _FOLLOWED.match(text, end - 1) is not None
    return followed or len(text) - end >= LOOK_AHEAD


def _without_cut_mark(draft: str) -> str:
    """The draft up to a bracket that may still become a mark, or a mark that more may follow."""
    opened = max(draft.rfind(bracket) for bracket in _OPENING)
    closed = max(draft.rfind(bracket) for bracket in _CLOSING)
    return draft[:opened] if opened > closed and len(draft) - opened <= MAX_MARK else draft


def _take_marks_out(draft: str) -> tuple[str, list[_Mark], list[int]]:
    """The text without marks, the marks, and for each character of the text its place in the draft."""
    pieces: list[str] = []
    places: list[int] = []
    marks: list[_Mark] = []
    at = 0

    def keep(start: int, end: int) -> None:
        pieces.append(draft[start:end])
        places.extend(range(start, end))

    for match in _MARKS.finditer(draft):
        keep(at, match.start())
        at = match.end()
        line = _line_opened(draft, match)
        place = len(places) - len(line or "")
        marks.append(_Mark(place, at, line is not None, tuple(_numbers(match["marks"]))))
        if at < len(draft) and draft[at] not in _JOINS and not marks[-1].opens:
            pieces.append(" ")  # "killed.[1]The next"
            places.append(match.start())
    keep(at, len(draft))
    return "".join(pieces), marks, places


def _line_opened(draft: str, match: re.Match[str]) -> str | None:
    """What stands before a mark that opens a line, such as a bullet; None: the mark does not open one."""
    before = draft[draft.rfind("\n", 0, match.start()) + 1 : match.start()]
    behind = draft[match.end() :].partition("\n")[0]
    opens = _LINE_START.match(before) and any(character.isalnum() for character in behind)
    return before if opens else None


def _numbers(marks: str) -> Iterator[int]:
    for first, last in _RANGE.findall(_DAGGER.sub("", marks)):
        low = int(first.lstrip("^"))
        high = int(last.lstrip("^")) if last else low
        yield from range(min(low, high), max(low, high) + 1)


def _owner(mark: _Mark, spans: list[Span], text: str) -> int | None:
    """Which of the sentences the mark belongs to; None: one that is not among them."""
    if mark.opens:
        return next((number for number, (start, _) in enumerate(spans) if start >= mark.place), None)
    before = [number for number, (start, _) in enumerate(spans) if start < mark.place]
    if not before:
        return None
    last = before[-1]
    # Behind the last sentence that is certain there may be another one, which the mark stands in.
    if last == len(spans) - 1 and text[spans[last][1] : mark.place].strip():
        return None
    return last
