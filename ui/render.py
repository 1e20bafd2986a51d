"""Records → HTML. Every value that a template shows is made harmless and escaped, wherever it came from.

The templates hold the markup; this module holds the words and the numbers. Nothing here needs Gradio.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rag import Article, Filters, IngestReport, Origins, Statement, Statistics, Story
from ui.conversation import Conversation, Exchange
from ui.evaluations import Run
from ui.export import FORMATS, as_text
from ui.harmless import clip, harmless, host, web_address
from ui.reading import Reading
from ui.timeline import Timeline

NO_FILTERS = Filters()
PAGE = 25  # rows of the table of articles
STORIES = 12  # on a page
LISTED = 8  # articles of one story
SIGNS = {"supported": "✓", "partly": "◐", "unsupported": "?", "contradicted": "✕"}
VERDICTS = {
    "supported": "supported by what it cites",
    "partly": "only partly supported",
    "unsupported": "not supported by the articles",
    "contradicted": "contradicted by the articles",
}
STANDINGS = {"named": "by name", "official": "an official", "anonymous": "anonymous"}


def exchange(told: Exchange, turn: int) -> str:
    """One question with its answer, at its place in the conversation."""
    return _page("exchange.html", exchange=told, turn=turn)


def earlier(conversation: Conversation) -> str:
    """All exchanges but the last, which is still being written."""
    return "".join(exchange(told, turn) for turn, told in enumerate(conversation.exchanges[:-1]))


def latest(conversation: Conversation) -> str:
    """The last exchange."""
    turn = len(conversation.exchanges) - 1
    return exchange(conversation.exchanges[turn], turn) if conversation.exchanges else ""


def welcome(examples: Sequence[str], trouble: str | None) -> str:
    """What an empty chat shows: questions that these articles answer, or why there is nothing to ask."""
    return _page("welcome.html", examples=examples, trouble=trouble)


def article(reading: Reading) -> str:
    """An article, open at the words that were cited."""
    return _page("article.html", reading=reading)


def masthead(held: Statistics | None) -> str:
    """The page's heading with what the collection holds."""
    return _page("masthead.html", held=held)


def note(kind: str, text: str) -> str:
    """One message to the reader: of the kind `failure`, `caution` or `good`."""
    return _page("note.html", kind=kind, text=text)


def articles(page: Sequence[Article], *, offset: int, more: bool, total: int | None) -> str:
    """A page of the table of articles. `total` is None where filters make it unknown."""
    return _page("articles.html", articles=page, offset=offset, more=more, total=total, page_size=PAGE)


def stories(page: Sequence["ToldStory"], *, offset: int, more: bool) -> str:
    """A page of the events that several articles tell of."""
    return _page("stories.html", stories=page, offset=offset, more=more, page_size=STORIES)


def evaluation(found: Sequence[Run]) -> str:
    """The runs of the evaluation, the latest open."""
    return _page("evaluation.html", runs=found)


def report(done: IngestReport) -> str:
    """What an upload brought."""
    return _page("report.html", report=done)


def timeline(drawn: Timeline) -> str:
    """Articles over time by outlet, drawn and as a table."""
    return _page("timeline.html", timeline=drawn)


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story with the articles of it that are listed."""

    story: Story
    articles: tuple[tuple[int, Article], ...]  # each with its place among all that are listed


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ui", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clip": clip,
        "day": day,
        "filters_in_words": filters_in_words,
        "host": host,
        "origins_in_words": origins_in_words,
        "plain": as_text,
        "seconds": seconds,
        "sign": SIGNS.__getitem__,
        "unique_in_order": lambda items: list(dict.fromkeys(items)),
        "verdict_in_words": verdict_in_words,
        "web_address": web_address,
        "who_says_so": who_says_so,
    }
    environment.globals |= {
        "exports": tuple((each.name, each.label) for each in FORMATS),
        "no_filters": NO_FILTERS,
    }
    return environment


def _finished(value: Any) -> Any:
    """What becomes of every expression of every template before it is escaped."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _page(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


def day(date: date | None) -> str:
    """A day as people write it.

    >>> from datetime import date
    >>> day(date(2019, 1, 20))
    '20 January 2019'
    """
    return f"{date.day} {date:%B %Y}" if date else "undated"


def filters_in_words(filters: Filters) -> str:
    """What a question was limited to."""
    parts = []
    if filters.since:
        parts.append(f"from {day(filters.since)}")
    if filters.until:
        parts.append(f"until {day(filters.until)}")
    if filters.sources:
        parts.append(f"published by {clip(', '.join(filters.sources), 200)}")
    if filters.as_of:
        parts.append(f"as known on {day(filters.as_of)}")
    return ", ".join(parts) or "all of them"


def origins_in_words(origins: Origins) -> str:
    """Who stands behind an answer, in one line."""
    parts = [_count(origins.articles, "article")]
    if origins.independent:
        names = clip(", ".join(origins.names), 200)
        parts.append(f"{_count(origins.independent, 'known origin')} ({names})")
    if origins.unknown:
        parts.append(f"{_count(origins.unknown, 'article')} of unknown origin")
    return f"Reported by {', '.join(parts)}."


def verdict_in_words(statement: Statement) -> str:
    """How a sentence stands; one without a reason is a quote."""
    if statement.verdict == "supported" and statement.reason is None:
        return "word for word from the article"
    return VERDICTS[statement.verdict]


def who_says_so(statement: Statement) -> list[str]:
    """One line for each chain of attribution: outlet, agency, speaker."""
    lines = []
    for said in statement.attributions:
        speaker = said.speaker and clip(said.speaker, 80)
        if speaker and said.standing:
            speaker += f" ({STANDINGS[said.standing]})"
        chain = [part for part in (said.outlet, said.agency, speaker) if part]
        if said.agency or speaker:
            lines.append(" → ".join(clip(part, 120) for part in chain))
    return list(dict.fromkeys(lines))


def seconds(timings_ms: Mapping[str, float]) -> str:
    """The whole time that an answer took."""
    return f"{sum(timings_ms.values()) / 1000:.1f} s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def outlets(held: Statistics | None) -> Iterable[str]:
    """The outlets of a collection, most articles first."""
    return () if held is None else tuple(held.sources)
