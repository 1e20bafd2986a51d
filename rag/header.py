"""What stands before the body of a news text: its date, byline, publisher and dateline.

Only what is written as a header counts. A date in the running narrative says when something happened, not
when it was published; a date without its year, or one whose day could be its month, says too little.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from rag.credits import calls_itself_outlet, is_outlet
from rag.dates.written import DATE, MONTH, NUMBER, written_day

HEAD_LINES = 10  # non-empty lines in which a header may stand
LINE_CHARS = 160  # a longer line is a paragraph

_ZONE = (
    r"(?:\s?(?:Z|UTC|GMT|BST|CES?T|IST|E[DS]?T|C[DS]T|[MP][DS]?T|KSA)\b)?(?:\s?[+-]\d{1,2}(?::?\d{2})?\b)?"
)
_TIME = (
    r"(?:(?:T|[ ,|–-]{1,3}(?:at )?)"
    r"(?:\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?"
    rf"|(?<=at )\d{{4}}|\d{{4}}(?=\s?(?:UTC|GMT))){_ZONE})?"
)
_LABEL = (
    r"(?P<label>(?:(?:First )?(?:Published|Posted|Issued|Released)(?: online| at| on)?|Publication date"
    r"|Date of publication|Dated?|Pubdate)\s*:?\s+)?"
)
_DATED = re.compile(rf"\s*{_LABEL}{DATE}{_TIME}", re.IGNORECASE)
# `*The Larkhaven Courier, 17 March 2023*`, `The Porto Times - May 6, 2024`: whose issue of what day it is.
_ISSUED = re.compile(
    r"(?P<name>[A-ZÀ-Þ][\w.'’&-]*(?: (?:of |the |and )?[A-ZÀ-Þ][\w.'’&-]*){0,5})(?:\s*[,|·•]\s*|\s+[—–-]\s+)"
    rf"(?i:{DATE}{_TIME})"
)
# What may stand between an opening date and the body, or begin it. `July 4, 2022, was …` is narrative.
_PARTING = re.compile(r"[^\S\n]*(?:\Z|\n|[—–|:-]+\s|(?=[(\"“‘'«]))|\.?\s+(?=[^\W_a-z]|[\"“‘'«(—–]|by )")

_PERSON = r"[A-ZÀ-Þ][\w.'’-]*(?: (?:(?:al|el|de|da|di|van|von|bin)[ -])?[A-ZÀ-Þ][\w.'’-]*){1,3}"
_PERSONS = rf"(?P<names>{_PERSON}(?:(?:,? and|,? &|,) {_PERSON})*?)"
_BYLINE = re.compile(
    rf"(?P<by>(?:By|BY|Author:|Written by)\s+)?{_PERSONS}(?P<rest>\s*[,|•·/(–—-]\s*(?P<role>.*))?"
)
_UPDATED = re.compile(rf"(?:Last )?(?:Updated?|Modified)(?: at| on)?:?\s+{DATE}.*", re.IGNORECASE)
_SOURCE = re.compile(r"(?:Source|Publisher|Publication|Published by|Outlet):\s+(?P<name>\S.{0,59})")

_BRACKETED = re.compile(
    r"(?P<lead>[^()\n]{0,60}?)(?:\s*\(|\s/)(?P<outlet>[^()/\n]{2,40})[)/]\.?\s*(?P<dash>[—–-]{1,2}\s*)?"
)
_DASHED = re.compile(r"(?P<lead>[^()\n]{2,60}?)\s*(?P<dash>[—–]\s*|(?<=\s)--?\s+)(?=[\"“‘'«]?[A-ZÀ-Þ\d]|\Z)")
_LEAD_DATE = re.compile(
    rf",?\s+(?P<named>(?:{MONTH} {NUMBER}|{NUMBER} {MONTH})(?:,? (?P<year>\d{{4}}))?)(?P<numeric>)[.,]?\Z"
)
_PLACE = re.compile(
    r"[A-ZÀ-Þ][^\W\d_]*\.?(?:(?:, |[ /.'’-])(?:(?:al|de|of|el)[ -])?[A-ZÀ-Þ][^\W\d_]*\.?){0,5}"
)
# In capitals before a dash, and no place.
_NO_PLACE = frozenset(
    ["BREAKING", "COVID", "EXCLUSIVE", "FIFA", "ISIS", "LIVE", "NASA", "NATO", "OPEC", "OPINION", "REGIONAL"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the head of a text says; None where it says nothing."""

    body_start: int = 0  # behind the header that opens the text; 0 when a headline stands first
    lead_start: int = 0  # about where the headline begins, or the first sentence where there is none
    published: date | None = None
    source: str | None = None
    byline: str | None = None
    dateline: str | None = None


def read_header(text: str) -> Header:
    """The header of a news text.

    >>> read_header(" date 2019-01-20 The ministry said …").published
    datetime.date(2019, 1, 20)
    """
    published, at = _opening_date(text)
    header = Header(body_start=at, lead_start=at, published=published)
    opening = True  # nothing but header was seen yet
    lines = list(_head_lines(text, at))
    for (start, end), behind in zip_longest(lines, lines[1:], fillvalue=(len(text), len(text))):
        line = text[start:end].strip(" \t*_")
        told = _read_line(line, text[slice(*behind)].strip(), header)
        if told is not None:
            header = replace(told, body_start=end, lead_start=end) if opening else told
            continue
        dateline = _dateline(text[start : min(end, start + LINE_CHARS)])
        if dateline is not None:
            place, day, length = dateline
            header = replace(header, dateline=place, published=header.published or day)
            header = replace(header, lead_start=start + length) if opening else header
            break
        if len(line) > LINE_CHARS:
            break
        opening = False
    return _settled(header, text)


def _settled(header: Header, text: str) -> Header:
    """The header with its offsets on a character that is no space; a text that is all header is all body."""
    body, lead = (
        at + len(text[at:]) - len(text[at:].lstrip()) for at in (header.body_start, header.lead_start)
    )
    if body == len(text):
        return replace(header, body_start=0, lead_start=0)
    return replace(
        header, body_start=body if header.body_start else 0, lead_start=body if lead == len(text) else lead
    )


def _opening_date(text: str) -> tuple[date | None, int]:
    """The date that the text opens with and where the body begins behind it; (None, 0) without one."""
    dated = _DATED.match(text)
    parting = dated and _PARTING.match(text, dated.end())
    return (written_day(dated), parting.end()) if dated and parting else (None, 0)


def _head_lines(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Spans of the first lines that are not blank."""
    lines = 0
    while start < len(text) and lines < HEAD_LINES:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if text[start:end].strip():
            lines += 1
            yield start, end
        start = end + 1


def _read_line(line: str, behind: str, header: Header) -> Header | None:
    """The header with what this line adds, or None where it is no header line; `behind` is the next line."""
    if len(line) > LINE_CHARS:
        return None
    if _UPDATED.match(line) or is_outlet(line):
        return header
    dated = _DATED.match(line)
    if dated and (dated["label"] or dated.end() == len(line)):
        return replace(header, published=header.published or written_day(dated))
    issued = _ISSUED.fullmatch(line)
    if issued and calls_itself_outlet(issued["name"]):
        day = written_day(issued)
        return replace(header, source=header.source or issued["name"], published=header.published or day)
    by = _BYLINE.fullmatch(line)
    if by and (
        by["by"] or is_outlet(by["role"] or behind)
    ):  # `By Jane Doe`, `Jane Doe, USA TODAY`, on two lines
        dated = _DATED.search(by["rest"] or "")
        names = None if is_outlet(by["names"]) else by["names"]
        day = written_day(dated) if dated else None
        return replace(header, byline=header.byline or names, published=header.published or day)
    source = _SOURCE.fullmatch(line)
    return replace(header, source=header.source or source["name"].strip()) if source else None


def is_date_line(line: str) -> bool:
    """Whether a line says of when a text is, and nothing else.

    >>> is_date_line("Published: 10 June 2024"), is_date_line("Released 10 June 2024, the film made a profit.")
    (True, False)
    """
    return _DATED.fullmatch(line) is not None


def dateline_length(line: str) -> int:
    """Characters of the dateline that opens a line; 0 where none does.

    >>> dateline_length("OSLO, 5 May 2024 (NTB) - The bridge is closed.")
    25
    """
    found = _dateline(line[:LINE_CHARS])
    return found[2] if found else 0


def _dateline(line: str) -> tuple[str | None, date | None, int] | None:
    """Place, date and length of the dateline that opens the line; the place is None in `(CNN) The …`."""
    for pattern in (_BRACKETED, _DASHED):
        match = pattern.match(line)
        if match is None:
            continue
        dated = _LEAD_DATE.search(match["lead"])
        lead = match["lead"][: dated.start()] if dated else match["lead"]
        place, outlet = _without_outlet(lead.strip())
        known = is_outlet(match.groupdict().get("outlet") or outlet)
        capitals = place.split(",")[0].isupper() and len(place) >= 4
        placed = not place or (_PLACE.fullmatch(place) and place.upper() not in _NO_PLACE)
        if (known or (match["dash"] and capitals)) and placed:
            day = written_day(dated) if dated and dated["year"] else None
            return place or None, day, match.end()
    return None


def _without_outlet(lead: str) -> tuple[str, str]:
    """The place and the outlet of `Damascus, SANA` or `New York CNN Business`; the outlet may be empty."""
    words = lead.split(" ")
    for first in range(max(0, len(words) - 3), len(words)):
        if is_outlet(" ".join(words[first:])):
            return " ".join(words[:first]).rstrip(" ,"), " ".join(words[first:])
    return lead, ""
