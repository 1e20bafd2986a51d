"""Records → text for people: wrapped and coloured on a terminal, one line per item in a pipe.

Text from articles is untrusted: it never reaches the terminal with characters that a terminal obeys.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from rag.domain import Answer, Article, Citation, Hit, Statement, Story, Value, Version
from rag.telling import borrowed, cited, counted, standing_of, who_says, with_days

if TYPE_CHECKING:
    # Both bring Chroma with them, which showing text does not need.
    from rag.index.reading import Statistics
    from rag.ingest import IngestReport, Progress

LISTED = 20  # lines of a list of failures or duplicates: about one screen

# Control characters, direction controls (they can show a text backwards), byte order marks, lone
# surrogates and the invisible tag characters. Each becomes one visible character, so offsets hold.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANK = re.compile("[\t\n\u2028\u2029]")


def screen() -> Console:
    """Where records are shown: stdout, with colours if it is a terminal and NO_COLOR is not set."""
    return Console(highlight=False)


@contextmanager
def progress_bar(verb: str) -> "Iterator[Callable[[Progress], None]]":
    """A bar on stderr that is gone when the work is done; none unless stderr is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(verb), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def show(step: "Progress") -> None:
            # A single file may hold thousands of articles, so the count of files is not enough.
            counts = f"{step.documents:,} articles, {step.passages:,} passages"
            bar.update(task, completed=step.files, total=step.files_total, description=counts)

        yield show


def printable(text: str) -> str:
    r"""The text on one line, fit for a terminal, character for character as long as before.

    >>> printable("20 people\nwere \x1b[31mkilled")
    '20 people were �[31mkilled'
    """
    return _BLANK.sub(" ", printable_lines(text))


def printable_lines(text: str) -> str:
    """The same with its lines and tabs kept."""
    return _UNSAFE.sub("\ufffd", text)


def show_answer(console: Console, answer: Answer) -> None:
    """The sentences with their [n] and the cited spans; or why there is no answer."""
    if answer.notice:
        _print(console, Text(f"Note: {printable(answer.notice)}\n", style="yellow"))
    if answer.plan is not None and answer.plan.notes:
        _print(console, Text(f"Understood: {printable('; '.join(answer.plan.notes))}\n", style="dim"))
    if answer.status == "abstained":
        _print(console, Text.assemble(("No answer. ", "bold"), printable(answer.reason or "")))
        return
    citations = cited(answer)
    for statement in answer.statements:
        _print(console, _sentence(statement, citations))
    for conflict in answer.conflicts:
        _print(console, Text(f"\n{printable(conflict.sentence)}", style="yellow"))
        for value in conflict.values:
            _print(console, _side(value, citations), indent=4)
    for statement in answer.statements:
        if note := borrowed(statement.occasions):
            _print(console, Text(f"\n{printable(note)}", style="dim"))
    if answer.origins is not None:
        _print(console, Text(f"\nReported by {printable(standing_of(answer.origins))}", style="dim"))
    _show_sources(console, answer, citations)


def _show_sources(console: Console, answer: Answer, citations: Sequence[Citation]) -> None:
    _print(console, Text("\nSources", style="bold"))
    said = {
        citation: attribution
        for statement in answer.statements
        for citation, attribution in zip(statement.citations, statement.attributions, strict=False)
    }
    for number, citation in enumerate(citations, start=1):
        place = f"article {citation.article_id}, characters {citation.start}-{citation.end}"
        about = f"{citation.source or 'source not named'}, {_day(citation)}, {place}"
        _print(console, Text.assemble((f"[{number}] ", "cyan"), printable(about)), hang=4)
        _print(console, Text(printable(citation.quote)), indent=4)
        if citation in said and (who := who_says(said[citation])):
            _print(console, Text(printable(who), style="dim"), indent=4)


def show_hits(console: Console, hits: Sequence[Hit]) -> None:
    """Passages that were found, best first."""
    for rank, hit in enumerate(hits, start=1):
        if rank > 1:
            _print(console, Text())
        _print(
            console, Text.assemble((f"{rank}. ", "cyan"), (printable(_headline(hit.article)), "bold")), hang=4
        )
        place = f"characters {hit.passage.start}-{hit.passage.end}"
        _print(console, Text(printable(f"{_about(hit.article)}, {place}"), style="dim"), indent=4)
        _print(console, Text(printable(hit.passage.text)), indent=4)
        if hit.copies:
            copies = f"Nearly the same text: {', '.join(hit.copies)}"
            _print(console, Text(printable(copies), style="dim"), indent=4)


def show_articles(console: Console, articles: Iterable[Article]) -> None:
    """Two lines per article on a terminal; in a pipe one: id, date, source and title between tabs."""
    for article in articles:
        if console.is_terminal:
            _show_headline(console, article)
        else:
            cells = (article.id, _day(article), article.source or "", article.title or "")
            _print(console, Text("\t".join(map(printable, cells))))


def show_stories(console: Console, stories: Iterable[Story]) -> None:
    """Three lines per story on a terminal; in a pipe one: first and last day, size, outlets and title between tabs."""
    for story in stories:
        if console.is_terminal:
            about = f"{_days(story)}, {counted(story.size, 'article')}, {_outlets(story)}"
            _print(console, Text(printable(story.title or "Untitled"), style="bold"), hang=4)
            _print(console, Text(printable(about)), indent=4)
            _print(console, Text(printable(", ".join(story.article_ids)), style="dim"), indent=4)
        else:
            days = [day.isoformat() if day else "" for day in (story.first, story.last)]
            cells = (*days, str(story.size), ", ".join(story.outlets), story.title or "")
            _print(console, Text("\t".join(map(printable, cells))))


def show_names(console: Console, names: Iterable[str]) -> None:
    """One name a line."""
    for name in names:
        _print(console, Text(printable(name)))


def show_versions(console: Console, versions: Iterable[Version]) -> None:
    """One line per version: number, hash, the days between which it stood, the day it was seen, and the title."""
    for version in versions:
        days = (version.since, version.until, version.seen)
        cells = [str(version.number), version.sha256, *(day.isoformat() if day else "" for day in days)]
        if console.is_terminal:
            first, last, seen = cells[2:]
            since = f"from {first}" if first else "from ever"
            until = f"until {last}" if last else "until now"
            about = f"{since} {until}, seen {seen or 'before this was noted'}"
            _print(
                console,
                Text(printable(f"{version.number}. {version.title or 'Untitled'}"), style="bold"),
                hang=4,
            )
            _print(console, Text(about), indent=4)
            _print(console, Text(version.sha256, style="dim"), indent=4)
        else:
            _print(console, Text("\t".join([*cells, printable(version.title or "")])))


def show_article(console: Console, article: Article) -> None:
    """The text; on a terminal, below what is known of the article."""
    if console.is_terminal:
        known = {
            "title": article.title,
            "source": article.source,
            "date": _day(article),
            "byline": article.byline,
            "dateline": article.dateline,
            "credits": ", ".join(article.origins),
            "url": article.url,
            "language": article.language,
        }
        show_pairs(console, {name: value for name, value in known.items() if value})
        console.print()
    _print(console, Text(printable_lines(article.text)))


def show_report(console: Console, report: "IngestReport") -> None:
    """The closing table of an ingest, then what was not taken in and why."""
    counts = {
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "duplicate": len(report.duplicates),
        "failed": len(report.failures),
    }
    show_pairs(console, {name: f"{number:,}" for name, number in counts.items()})
    _show_some(
        console, "Duplicates", [f"{each.name}: same text as article {each.of}" for each in report.duplicates]
    )
    _show_some(console, "Failed", [f"{each.name}: {each.reason}" for each in report.failures])


def show_info(console: Console, held: "Statistics") -> None:
    """What a collection holds."""
    sources = [f"{name} ({number:,})" for name, number in held.sources.items()]
    more = f" and {len(sources) - LISTED:,} more" if len(sources) > LISTED else ""
    pairs = {
        "articles": f"{held.articles:,}",
        "passages": f"{held.passages:,}",
        "days": f"{held.first} to {held.last}" if held.first else "",
        "sources": ", ".join(sources[:LISTED]) + more,
        "embedder": held.embedder,
        "size": f"{held.size_bytes / 1_000_000:,.1f} MB",
        "unfinished": f"{counted(held.pending, 'article')}; the next ingest finishes them"
        if held.pending
        else "",
    }
    show_pairs(console, {name: value for name, value in pairs.items() if value})


def _show_some(console: Console, heading: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    _print(console, Text(f"\n{heading}", style="bold"))
    for line in lines[:LISTED]:
        _print(console, Text(printable(line)), hang=4)
    if len(lines) > LISTED:
        _print(console, Text(f"and {len(lines) - LISTED:,} more; --json lists all", style="dim"))


def show_pairs(console: Console, pairs: Mapping[str, object]) -> None:
    """Names and values, one pair a line, values aligned."""
    width = max(map(len, pairs), default=0) + 2
    for name, value in pairs.items():
        _print(console, Text.assemble((name.ljust(width), "dim"), printable(str(value))), hang=width)


def _show_headline(console: Console, article: Article) -> None:
    _print(console, Text(printable(_about(article))), hang=4)
    _print(console, Text(printable(_headline(article)), style="dim"), indent=4)


def _side(value: Value, citations: Sequence[Citation]) -> Text:
    marks = "".join(f"[{citations.index(citation) + 1}]" for citation in value.citations)
    origins = f" {', '.join(value.origins)}" if value.origins else ""
    return Text.assemble(printable(value.text), " ", (marks, "cyan"), (printable(origins), "dim"))


def _sentence(statement: Statement, citations: Sequence[Citation]) -> Text:
    marks = "".join(f"[{citations.index(citation) + 1}]" for citation in statement.citations)
    doubt = "" if statement.verdict == "supported" else f" ({statement.verdict})"
    text = with_days(statement.text, statement.occasions)
    return Text.assemble(printable(text), " ", (marks, "cyan"), (doubt, "yellow"))


def _about(article: Article) -> str:
    return f"article {article.id}, {article.source or 'source not named'}, {_day(article)}"


def _headline(article: Article) -> str:
    return article.title or "Untitled"


def _days(story: Story) -> str:
    if story.first is None or story.last is None:
        return "undated"
    return f"{story.first}" if story.first == story.last else f"{story.first} to {story.last}"


def _outlets(story: Story) -> str:
    return ", ".join(story.outlets) or "sources not named"


def _day(record: Article | Citation) -> str:
    return record.published.isoformat() if record.published else "undated"


def _print(console: Console, text: Text, *, indent: int = 0, hang: int = 0) -> None:
    """Print at an indent; on a terminal wrap at words, later lines moved in by `hang` more.

    In a pipe nothing is wrapped: there a line is one item.
    """
    if not console.is_terminal:
        console.file.write(f"{' ' * indent}{text.plain}\n")  # print() would expand the tabs of an article
        return
    width = max(console.width - indent - hang, 20)
    lines = [
        line
        for whole in text.split("\n", allow_blank=True)
        for line in whole.divide(_breaks(whole.plain, width))
    ]
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text(" " * (indent + (hang if number else 0))) + line, soft_wrap=True)


def _breaks(line: str, width: int) -> list[int]:
    """Where to break a line so that words stay whole: an address or an id that is broken cannot be copied."""
    breaks, used = [], 0
    for word in re.finditer(r"\S+\s*", line):
        if used and used + cell_len(word.group().rstrip()) > width:
            breaks.append(word.start())
            used = 0
        used += cell_len(word.group())
    return breaks
