"""The records that travel through the house. All are frozen; a change makes a new one.

Offsets count Unicode code points of `Article.text`, from 0, end exclusive, so that
`article.text[start:end]` is the span in Python and in any editor that counts characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

Verdict = Literal["supported", "partly", "unsupported", "contradicted"]
Status = Literal["answered", "abstained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a loader found in a file: a text, and what the format itself says about it."""

    path: Path
    text: str  # as stored later: line ends are \n, no other change
    row: int | None = None  # 1-based place in a file that holds several; None: the file is one document
    id: str | None = None  # the format's own id (guid, `id`); None: it has none
    title: str | None = None
    published: date | None = None
    source: str | None = None
    byline: str | None = None
    url: str | None = None
    language: str | None = None  # ISO 639-1 code as the format states it


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article. Its text is stored once and never changed: every offset points into it."""

    id: str
    text: str
    sha256: str  # of the text in UTF-8, hexadecimal
    body_start: int = 0  # where the body begins when the text opens with a header such as a date line
    title: str | None = None
    published: date | None = None  # None: the article does not say; never guessed
    source: str | None = None  # who published this copy
    byline: str | None = None
    dateline: str | None = None  # such as "RALEIGH, N.C."
    origins: tuple[str, ...] = ()  # agencies and outlets that the text itself credits, as it spells them
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of whole sentences; always `article.text[start:end] == text`."""

    id: str
    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a question may draw on. Days are inclusive; an undated article passes only without `since`/`until`."""

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()  # publishers, compared without case; empty: all
    as_of: date | None = None  # the day the question is asked on: articles published later do not exist yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a question was understood. The filters bind; days and recency only move passages up."""

    question: str  # as answered: a follow-up completed
    query: str  # the words searched for and answered: "What happened yesterday?" with the day written out
    filters: Filters  # the caller's own, with what the question itself asks explicitly
    days: tuple[tuple[date, date], ...] = ()  # first and last day of each time the question is about
    recent: bool = False  # it asks for the latest
    kind: str | None = None  # what is asked for: "who", "where", "when", "how many", …; None: open
    notes: tuple[str, ...] = ()  # what was understood, in words: "“last Friday” is 18 January 2019"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that search found, with its article."""

    passage: Passage
    article: Article
    score: float  # fused rank score; comparable within one search only
    copies: tuple[str, ...] = ()  # ids of articles whose near-identical passage stands behind this one
    story: str | None = None  # the same for articles that tell of one event; None: no other article does


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One of the texts that an article has had."""

    article_id: str
    number: int  # 1 for the first
    sha256: str  # of the text: what a citation of this version carries
    title: str | None
    published: date | None  # as this version states it
    seen: date | None  # the day on which it was taken in; None: a release took it in that did not note it
    since: date | None  # the first day on which it is known to have stood; None: it is undated
    until: date | None  # the day from which the next version stands; None: this one still stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event as several articles tell it."""

    id: str  # made from its first article's: the same for as long as that is the first
    title: str | None  # the headline of the article that is most like the others
    article_ids: tuple[str, ...]  # by day of publication, undated ones last
    first: date | None  # day of the first dated article; None: none is dated
    last: date | None
    outlets: tuple[
        str, ...
    ]  # publishers of these articles, those of the most first; unknown ones are left out
    size: int  # articles: two or more
    copies: tuple[tuple[str, ...], ...]  # ids of articles with nearly the same text, a group each


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A span of an article, with what a reader needs to find it; `article.text[start:end] == quote`."""

    article_id: str
    title: str | None
    source: str | None
    published: date | None
    url: str | None
    start: int
    end: int
    quote: str
    sha256: str  # of the article's text when it was cited


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A time that a cited text names, and the day it means."""

    text: str  # as written: "Friday"
    day: date
    article_id: str
    start: int  # of the expression in the article's text
    end: int
    borrowed_from: str | None = None  # the dated article of the same story whose day was used; None: its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who says so, for one cited text: outlet → agency credited → speaker quoted."""

    article_id: str
    outlet: str | None  # who published it; None: unknown
    agency: str | None  # whom the text credits for it
    speaker: str | None  # whom it quotes, as written: "a military source"
    standing: Literal["named", "official", "anonymous"] | None  # of the speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence of an answer."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    score: float  # 0–1: how far the cited spans support the text
    reason: str | None = None  # for the verdict, in words; None: the text is a quote
    occasions: tuple[Occasion, ...] = ()  # when: the days that the cited texts give
    attributions: tuple[Attribution, ...] = ()  # who says so, one for each citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One side of a conflict."""

    text: str  # as the articles give it: "23 people"
    citations: tuple[Citation, ...]
    origins: tuple[str, ...]  # the known origins behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Articles that give different values for one thing."""

    aspect: str  # what they differ on: "people killed"
    kind: Literal["contradiction", "update"]  # update: a later report revises an earlier count
    values: tuple[Value, ...]  # two or more
    sentence: str  # for the reader: "Sources differ on …"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """How many reports stand behind an answer, and how many of them are independent."""

    articles: int
    independent: int  # known origins; articles that credit the same agency, or copy each other, count once
    unknown: int  # articles that credit nobody: perhaps independent, perhaps not
    names: tuple[str, ...]  # the known origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question: cited statements, or the reason why there are none."""

    question: str
    status: Status
    statements: tuple[Statement, ...]
    reason: str | None  # why it abstained: what was searched, what came nearest, what is missing
    origins: Origins | None  # None when it abstained
    conflicts: tuple[Conflict, ...] = ()  # where the articles of this answer contradict or update each other
    plan: Plan | None = None  # how the question was understood
    passages: tuple[Hit, ...]  # those considered, best first
    model: str | None  # the language model that wrote what is no quotation; None: there was none
    notice: str | None  # what the reader should know about how the answer came about; None: all went as set
    usage: Mapping[
        str, int
    ]  # tokens the model read and wrote, under the endpoint's own names; empty without one
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """The first event of an answer: what it will draw on."""

    passages: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of text as a language model writes it, not checked yet."""

    text: str


Event = Retrieved | Delta | Statement | Answer  # in this order; an Answer is the last
