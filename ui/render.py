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
from rag.dossier import Form
from rag.telling import borrowed, day_in_words, standing_of, who_says
from rag.wire import harmless
from ui.addresses import host, web_address
from ui.conversation import Conversation, Exchange
from ui.evaluations import Run
from ui.plain import plain
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
FORMS: tuple[tuple[Form, str], ...] = (("html", "Dossier"), ("md", "Markdown"), ("json", "JSON"))


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
        "plain": plain,
        "seconds": seconds,
        "sign": SIGNS.__getitem__,
        "unique_in_order": lambda items: list(dict.fromkeys(items)),
        "verdict_in_words": verdict_in_words,
        "web_address": web_address,
        "when": when,
        "who_says_so": who_says_so,
    }
    environment.globals |= {
        "forms": FORMS,
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
    return day_in_words(date) if date else "undated"


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
    return f"Reported by {clip(standing_of(origins), 400)}."


def verdict_in_words(statement: Statement) -> str:
    """How a sentence stands; one without a reason is a quote."""
    if statement.verdict == "supported" and statement.reason is None:
        return "word for word from the article"
    return VERDICTS[statement.verdict]


def who_says_so(statement: Statement) -> list[str]:
    """Whose word it is, a line for each that differs; articles that do not say are left out."""
    told = [(said.outlet, who_says(said)) for said in statement.attributions]
    lines = [clip(f"{outlet}: {whose}" if outlet else whose, 240) for outlet, whose in told if whose]
    return list(dict.fromkeys(lines))


def when(statement: Statement) -> list[str]:
    """The days that its times mean, and a word on those read from another article's date."""
    lines = [
        f"“{clip(each.text, 60)}” is {day(each.day)}"
        for each in statement.occasions
        if str(each.day.year) not in each.text
    ]
    lines += [clip(said, 300)] if (said := borrowed(statement.occasions)) else []
    return list(dict.fromkeys(lines))


def seconds(timings_ms: Mapping[str, float]) -> str:
    """The whole time that an answer took."""
    return f"{sum(timings_ms.values()) / 1000:.1f} s"


def outlets(held: Statistics | None) -> Iterable[str]:
    """The outlets of a collection, most articles first."""
    return () if held is None else tuple(held.sources)


def clip(text: str, longest: int) -> str:
    """The text, cut at a word where there is one, with an ellipsis when something was left out."""
    if len(text) <= longest:
        return text
    kept = text[:longest]
    at_word = kept.rsplit(None, 1)[0] if any(map(str.isspace, kept)) else kept
    return f"{at_word}…"
