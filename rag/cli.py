"""The `dateline` command: parse, call the Newsroom, show. Nothing else happens here."""

import logging
import os
import sys
from collections.abc import Callable
from datetime import date
from functools import cached_property
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from typer.core import TyperGroup

from rag import terminal
from rag.domain import Filters
from rag.dossier import form_of
from rag.errors import DatelineError, QuestionError, UsageError
from rag.keys import Keys
from rag.threads import without_blas_threads
from rag.wire import to_json, without_text

if TYPE_CHECKING:
    from rag.newsroom import Newsroom

without_blas_threads()

FAILED, WRONG_USE, ABSTAINED, INTERRUPTED = 1, 2, 3, 130
Record = TypeVar("Record")


class Guarded(TyperGroup):
    """Turns what a command raises into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a reader that left early shows here, where it is handled
        except DatelineError as exc:
            complain(str(exc))
            raise typer.Exit(WRONG_USE if isinstance(exc, UsageError) else FAILED) from exc
        except KeyboardInterrupt as exc:
            complain("interrupted; what was stored before stays")
            raise typer.Exit(INTERRUPTED) from exc
        except BrokenPipeError as exc:
            # Python flushes stdout once more at its end; without this it would complain then.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from exc
        except Exception as exc:
            # Typer's own exceptions carry their exit code.
            if hasattr(exc, "exit_code") or ctx.params.get("debug"):
                raise
            complain(f"unexpected {type(exc).__name__}: {exc} (dateline --debug shows where; please report)")
            raise typer.Exit(FAILED) from exc
        return result


class Evaluation(TyperGroup):
    """`dateline eval`, whose commands are imported when one of them is looked for."""

    @cached_property
    def _commands(self) -> Any:
        from eval.cli import app as evaluation

        return typer.main.get_group(evaluation)

    def list_commands(self, ctx: Any) -> list[str]:
        names: list[str] = self._commands.list_commands(ctx)
        return names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._commands.get_command(ctx, cmd_name)


def open_newsroom(home: Path | None) -> "Newsroom":
    """The Newsroom of the settings, in another home if one is given."""
    # Imported here because they bring pydantic, Chroma and LlamaIndex: seconds that --help need not wait for.
    from rag.newsroom import Newsroom
    from rag.settings import Settings

    return Newsroom(Settings.load(home=home))


app = typer.Typer(
    cls=Guarded,
    help="Ask questions of a collection of news articles and get answers that can be checked.",
    epilog="Exit codes: 0 answered or done, 1 failure, 2 wrong use, 3 no answer found.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
articles = typer.Typer(
    help="List, show or remove articles, and their versions.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(articles, name="articles")
app.add_typer(
    typer.Typer(
        cls=Evaluation,
        help="Measure answers: runs, reports, a gate, benchmarks.",
        no_args_is_help=True,
        rich_markup_mode=None,
    ),
    name="eval",
)
keys = typer.Typer(
    help="Make, list or remove keys of the HTTP API.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(keys, name="keys")

Home = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of the collection. Default: DATELINE_HOME, else .dateline."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
AsOf = Annotated[
    str | None, typer.Option(metavar="DATE", help="Ask as on this day: later articles do not exist yet.")
]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Only articles of this day or later.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Only articles of this day or earlier.")]
Source = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Only articles of this publisher; may be repeated.")
]
Question = Annotated[str, typer.Argument(metavar="QUESTION", show_default=False)]


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dateline {version('dateline')}")
        raise typer.Exit


@app.callback()
def dateline(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and what libraries log.")] = False,
) -> None:
    context.obj = context.obj or open_newsroom
    # Parsers of PDF and HTML log every oddity of a file; what matters of it is in the closing table.
    logging.basicConfig(level=logging.INFO if debug else logging.CRITICAL)


@app.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", show_default=False)],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take in articles: files, and folders with all below them.

    Exits with 1 when a file or a row could not be read; all others are taken in.
    """
    with newsroom_of(context, home) as newsroom, terminal.progress_bar("Reading") as show:
        report = newsroom.ingest(paths, progress=show)
    put_out(report, terminal.show_report, as_json)
    if report.failures:
        taken = report.added or report.updated or report.unchanged or report.duplicates
        others = "all others were taken in" if taken else "nothing was taken in"
        complain(f"{len(report.failures):,} could not be read; {others}")
        raise typer.Exit(FAILED)


@app.command()
def ask(
    context: typer.Context,
    question: Question,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    as_json: Json = False,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write a dossier: the answer with its evidence, .html, .md or .json."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Answer a question in sentences quoted from the articles.

    Where they do not hold the answer, says what is missing and exits with 3.
    """
    filters = filters_of(since=since, until=until, source=source, as_of=as_of)
    form = form_of(export) if export else None
    with newsroom_of(context, home) as newsroom:
        answer = newsroom.ask(question, filters)
        if export and form:
            write(export, newsroom.dossier(answer, form))
    put_out(answer, terminal.show_answer, as_json)
    if answer.status == "abstained":
        raise typer.Exit(ABSTAINED)


@app.command()
def search(
    context: typer.Context,
    question: Question,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Passages at most.")] = 10,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Show the passages that bear on a question, best first."""
    filters = filters_of(since=since, until=until, source=source, as_of=as_of)
    with newsroom_of(context, home) as newsroom:
        hits = newsroom.search(question, filters, limit=limit)
    put_out(hits, terminal.show_hits, as_json)


@app.command()
def stories(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Stories at most.")] = 20,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Stories to skip.")] = 0,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """List the events that several articles tell of, the latest first."""
    filters = filters_of(since=since, until=until, source=source, as_of=as_of)
    with newsroom_of(context, home) as newsroom:
        found = newsroom.stories(
            filters, limit=limit + 1, offset=offset
        )  # one more tells whether there is more
    put_out(found[:limit], terminal.show_stories, as_json)
    if len(found) > limit:
        complain(f"there are more: --offset {offset + limit} goes on")


@articles.command("list")
def list_articles(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Articles at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Articles to skip.")] = 0,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """List articles by id, without their texts."""
    filters = filters_of(since=since, until=until, source=source)
    with newsroom_of(context, home) as newsroom:
        found = newsroom.articles(
            filters, limit=limit + 1, offset=offset
        )  # one more tells whether there is more
    page = found[:limit]
    if as_json:
        print_json([without_text(article) for article in page])
    else:
        terminal.show_articles(terminal.screen(), page)
    if len(found) > limit:
        complain(f"there are more: --offset {offset + limit} goes on")


@articles.command("show")
def show_article(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    sha256: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="The version with this SHA-256, or one that begins so."),
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Print an article's text; with --json, all that is known.

    In a pipe the text comes alone, and the offsets of citations count in it.
    """
    with newsroom_of(context, home) as newsroom:
        article = newsroom.article(article_id, sha256)
    put_out(article, terminal.show_article, as_json)


@articles.command("versions")
def list_versions(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    as_json: Json = False,
    home: Home = None,
) -> None:
    """List the texts that an article has had, the latest last."""
    with newsroom_of(context, home) as newsroom:
        versions = newsroom.versions(article_id)
    put_out(versions, terminal.show_versions, as_json)


@articles.command("remove")
def remove_articles(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", show_default=False)],
    home: Home = None,
) -> None:
    """Remove articles from the collection, not their files."""
    with newsroom_of(context, home) as newsroom:
        newsroom.remove(ids)
    terminal.show_pairs(terminal.screen(), {"removed": len(set(ids))})


@app.command()
def reindex(context: typer.Context, home: Home = None) -> None:
    """Build the indexes anew from the stored articles.

    Needed after DATELINE_EMBEDDER or a passage size was changed.
    """
    with newsroom_of(context, home) as newsroom, terminal.progress_bar("Indexing") as show:
        passages = newsroom.reindex(progress=show)
    terminal.show_pairs(terminal.screen(), {"passages": f"{passages:,}"})


@app.command()
def info(context: typer.Context, as_json: Json = False, home: Home = None) -> None:
    """Say what the collection holds."""
    with newsroom_of(context, home) as newsroom:
        about = newsroom.info()
    put_out(about, terminal.show_info, as_json)


@keys.command("make")
def make_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    home: Home = None,
) -> None:
    """Make a key and print it; it cannot be shown again.

    As soon as there is one, every request needs one.
    """
    sys.stdout.write(keys_of(context, home).make(name) + "\n")


@keys.command("list")
def list_keys(context: typer.Context, home: Home = None, as_json: Json = False) -> None:
    """List the names of the keys."""
    names = keys_of(context, home).names()
    if as_json:
        print_json(names)
    else:
        terminal.show_names(terminal.screen(), names)


@keys.command("remove")
def remove_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    home: Home = None,
) -> None:
    """Make a key useless, at once."""
    keys_of(context, home).remove(name)
    terminal.show_pairs(terminal.screen(), {"removed": name})


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen on.")] = 8000,
    home: Home = None,
) -> None:
    """Serve the HTTP API and the chat until interrupted."""
    # Imported here because it brings FastAPI and uvicorn, which no other command needs.
    from rag import api

    with newsroom_of(context, home) as newsroom:
        api.serve(newsroom, newsroom.settings, host=host, port=port, announce=announce)


def announce(address: str) -> None:
    """One line on stdout for the person who started the server."""
    sys.stdout.write(f"Dateline is at {address} (Ctrl-C ends it)\n")
    sys.stdout.flush()


def newsroom_of(context: typer.Context, home: Path | None) -> "Newsroom":
    """The Newsroom that a command works with, opened in the way that the context holds."""
    newsroom: Newsroom = context.obj(home)
    return newsroom


def keys_of(context: typer.Context, home: Path | None) -> Keys:
    """The keys of a home."""
    with newsroom_of(context, home) as newsroom:
        return Keys(newsroom.settings.home)


def filters_of(
    *, since: str | None, until: str | None, source: list[str] | None, as_of: str | None = None
) -> Filters:
    """The filters as given; raises QuestionError for what is no date."""
    return Filters(
        since=day("--since", since),
        until=day("--until", until),
        sources=tuple(source or ()),
        as_of=day("--as-of", as_of),
    )


def day(option: str, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError as exc:
        raise QuestionError(
            f"{option} {value!r} is not a day of the calendar; write it as 2019-01-20"
        ) from exc


def write(path: Path, text: str) -> None:
    """A file that holds the text; raises UsageError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"--export {str(path)!r}: {exc.strerror}") from exc


def put_out(record: Record, show: Callable[[Console, Record], None], as_json: bool) -> None:
    """The record on stdout: shown, or as one JSON document."""
    if as_json:
        print_json(record)
    else:
        show(terminal.screen(), record)


def print_json(record: object) -> None:
    sys.stdout.write(to_json(record, encoding=sys.stdout.encoding or "utf-8") + "\n")


def complain(message: str) -> None:
    """One line to stderr, where nothing that reads our output is disturbed."""
    sys.stderr.write(f"dateline: {terminal.printable(message)}\n")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal that cannot show a letter shows its code
    app(prog_name="dateline")
