"""`dateline eval`: parse, call, show. Loaded only when it is used."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.benchmarks import benchmarks
from rag import UsageError
from rag.terminal import printable

if TYPE_CHECKING:
    from eval.judge import Judge

FAILED = 1

app = typer.Typer(
    help="Measure answers: runs over datasets, reports, a gate, and the benchmarks.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

Dataset = Annotated[
    str, typer.Option(metavar="D", help="Questions in JSON Lines, or `seeds`: those that come with Dateline.")
]
Articles = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Ask of these articles. Default: of the collection in --home."),
]
Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the collection.")]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where runs are kept. Default: evaluations in the home.")
]
JudgeModel = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="Judge with this model too, through ragas. Its key: OPENAI_API_KEY."),
]
JudgeUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The judge's OpenAI-compatible endpoint. Default: OPENAI_BASE_URL, else OpenAI."
    ),
]
JudgeTimeout = Annotated[float, typer.Option(min=1, metavar="S", help="Seconds for one call of the judge.")]
JudgeTokens = Annotated[int, typer.Option(min=64, metavar="N", help="Tokens it may write in one call.")]
JudgeParallel = Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Calls of the judge at a time.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


@app.command()
def run(
    dataset: Dataset = "seeds",
    articles: Articles = None,
    config: Annotated[
        list[Path] | None,
        typer.Option(metavar="C", help="A file of DATELINE_… settings; may be repeated, a run for each."),
    ] = None,
    home: Home = None,
    out: Out = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the run's folder.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first questions only.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Questions at a time.")] = 2,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Score these answers of another system; nothing is asked."),
    ] = None,
    ragas: Annotated[bool, typer.Option("--ragas", help="With ragas's metrics that need no model.")] = False,
    judge: JudgeModel = None,
    judge_url: JudgeUrl = None,
    judge_metric: Annotated[
        list[str] | None,
        typer.Option(metavar="M", help="Judge by this metric; may be repeated. Default: all five."),
    ] = None,
    judge_contexts: Annotated[
        int, typer.Option(min=1, metavar="N", help="Passages, best first, that the judge is shown.")
    ] = 5,
    judge_timeout: JudgeTimeout = 300,
    judge_tokens: JudgeTokens = 8192,
    judge_parallel: JudgeParallel = 1,
    price: Annotated[
        tuple[float, float],
        typer.Option(metavar="IN OUT", help="Of a million tokens that the judge reads, writes."),
    ] = (0, 0),
    as_json: Json = False,
) -> None:
    """Ask every question, score the answers, and keep both in a folder.

    Run again after an interruption, it goes on. Exits with 1 when a question had to be left out.
    """
    # Brings NumPy and pydantic, which --help need not wait for; so below.
    from eval import evaluation, judging
    from eval.dataset import read_dataset

    chosen = judge_of(judge, judge_url, judge_timeout, judge_tokens, contexts=judge_contexts, price=price)
    if ragas or chosen:
        judging.check_ragas()
    if name and len(config or ()) > 1:
        raise UsageError("--name is for one run; without it each --config has a name of its own")
    kept = runs_folder(home, out)
    path = evaluation.find_dataset(dataset)
    asked = evaluation.limited(read_dataset(path), limit)
    articles, asked_home = evaluation.sources(path, articles, home)
    summaries = []
    for each in config or (None,):
        settings = evaluation.read_config(each)
        with evaluation.newsroom_for(settings, articles, asked_home) as newsroom:
            folder, summary = evaluation.evaluate(
                newsroom,
                asked,
                kept,
                config=settings.name,
                name=name,
                parallel=parallel,
                answers=answers,
                ragas=ragas,
                judging=evaluation.judging_with(
                    chosen, kept, judge_metric or judging.METRICS, parallel=judge_parallel, bar=bar
                ),
                bar=bar,
            )
        summaries.append(summary)
        if not as_json:
            show_summary(folder.path, summary)
    if as_json:
        print_json(summaries[0] if len(summaries) == 1 else summaries)
    if any(summary["problems"] for summary in summaries):
        raise typer.Exit(FAILED)


@app.command()
def make(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Where accepted questions go.")],
    drafts: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where drafts are kept. Default: DATASET with .drafts.jsonl."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Draft with this model; without it, drafts are reviewed."),
    ] = None,
    url: JudgeUrl = None,
    count: Annotated[int, typer.Option(min=1, metavar="N", help="Drafts wanted.")] = 20,
    articles: Articles = None,
    home: Home = None,
) -> None:
    """Draft questions from the articles with a model, or, without --model, accept, edit or reject the drafts."""
    from eval import drafts as drafting
    from eval import evaluation
    from eval.folder import read_rows

    drafts = drafts or dataset.with_suffix(".drafts.jsonl")
    writer = judge_of(model, url, 300, 1024)
    with evaluation.newsroom_for(evaluation.read_config(None), articles, home) as newsroom:
        if writer is None:
            texts = {
                row["drafted_from"]: newsroom.article(row["drafted_from"]).text for row in read_rows(drafts)
            }
            counts = drafting.review(read_rows(drafts), dataset, lambda row: decide(row, texts))
            typer.echo(f"{dataset}: {counts['accepted']} accepted, {counts['rejected']} rejected")
            return
        with bar("Drafting") as told:
            drafted = drafting.draft(newsroom, writer, count, drafts, told=told)
    for reason, times in sorted(drafted.refused.items()):
        complain(f"{times} drafts dropped: {reason}")
    typer.echo(f"{drafts}: {len(drafted.rows)} drafts; review them with: dateline eval make {dataset}")


def decide(row: Mapping[str, Any], texts: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What a person says of a draft: the row to keep, or None."""
    from eval.drafts import fault_of

    while True:
        shown = [
            row["question"],
            f"  answer: {'; '.join(row['answers']) or 'none: it is not in the articles'}",
        ]
        shown += [f"  {each['article_id']}: {each['quote']}" for each in row["evidence"]]
        typer.echo("\n".join(map(printable, shown)))
        fault = fault_of(row, texts[row["drafted_from"]])
        if fault:
            complain(f"cannot be accepted like this: {fault}")
        answer = typer.prompt("[a]ccept, [e]dit or [r]eject", default="r" if fault else "a")
        if answer == "r":
            return None
        if answer == "a" and not fault:
            return row
        if answer == "e":
            row = {**row, "question": typer.prompt("question", default=row["question"])}
            if row["answerable"]:
                row = {**row, "answers": [typer.prompt("answer", default=row["answers"][0])]}


@app.command()
def judge(
    claims: Annotated[
        Path,
        typer.Option(
            metavar="F", help="Claims in JSON Lines: {id, claim, context, label}.", show_default=False
        ),
    ],
    judge: JudgeModel = None,
    judge_url: JudgeUrl = None,
    judge_timeout: JudgeTimeout = 300,
    judge_tokens: JudgeTokens = 8192,
    judge_parallel: JudgeParallel = 1,
    home: Home = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Measure a judge on labelled claims; without --judge, Dateline's own check.

    Its balanced accuracy is kept, and stands beside every score that it gives in later runs.
    """
    from eval import evaluation, judging
    from eval.claims import read_claims

    rows = read_claims(claims, "id", "claim", "context", "label")
    if not rows:
        raise UsageError(f"{claims}: no claims in it")
    chosen = judge_of(judge, judge_url, judge_timeout, judge_tokens)
    kept = runs_folder(home, out)
    if chosen:
        rows_path = judging.card_path(kept, chosen.model).with_suffix(".jsonl")
        with bar("Judging") as told:
            verdicts = judging.measure_judge(chosen, rows, rows_path, parallel=judge_parallel, told=told)
    else:
        verdicts = judging.measure_verifier(evaluation.verifier(), rows)
    name = chosen.model if chosen else judging.VERIFIER
    card = judging.card_of(name, verdicts, claims=claims.name, sha256=judging.file_digest(claims))
    path = judging.keep_card(kept, card)
    if as_json:
        print_json(card)
    else:
        typer.echo(f"{path}\n{card_line(card)}")


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", show_default=False)],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one page that needs nothing else.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(metavar="D", help="The questions, where they are not Dateline's own.")
    ] = None,
) -> None:
    """Show runs: Markdown on stdout, for a pull request; with --html a page with plots and every answer."""
    from eval import evaluation
    from eval.dataset import read_dataset
    from eval.folder import RunFolder
    from eval.page import page
    from eval.report import Run, markdown

    shown = [Run(RunFolder(path)) for path in runs]
    if html is None:
        typer.echo(markdown(shown), nl=False)
        return
    questions = dataset or evaluation.find_dataset(shown[-1].summary["dataset"]["name"])
    cases = {case.id: case for case in read_dataset(questions).cases} if questions.is_file() else {}
    try:
        html.write_text(page(shown, cases), encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"--html {html}: {exc.strerror}") from exc
    typer.echo(f"{html}")


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="BEFORE", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="AFTER", show_default=False)],
) -> None:
    """What a run has over another on the same questions, with a test of significance."""
    from eval.folder import RunFolder
    from eval.report import Run, comparison

    typer.echo("\n".join(comparison(Run(RunFolder(first)), Run(RunFolder(second)))))


@app.command()
def gate(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="Default: the baseline's questions are run.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="B", help="Hold the run against this file; exits with 1 where it falls below."),
    ] = None,
    save: Annotated[Path | None, typer.Option(metavar="B", help="Make the run the baseline.")] = None,
    articles: Articles = None,
    home: Home = None,
    out: Out = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Questions at a time.")] = 2,
) -> None:
    """Refuse a change that makes answers worse than the baseline allows."""
    from eval import evaluation
    from eval import gate as gates
    from eval.dataset import read_dataset
    from eval.folder import RunFolder

    if baseline is None and save is None:
        raise UsageError("a gate needs --baseline FILE, or --save FILE to make one")
    held = gates.read_baseline(baseline) if baseline else None
    if run is None:
        path = evaluation.find_dataset(held["dataset"]["name"] if held else "seeds")
        asked_of, asked_home = evaluation.sources(path, articles, home)
        with evaluation.newsroom_for(evaluation.read_config(None), asked_of, asked_home) as newsroom:
            folder, _ = evaluation.evaluate(
                newsroom, read_dataset(path), runs_folder(home, out), parallel=parallel, bar=bar
            )
    else:
        folder = RunFolder(run)
    if save:
        gates.save_baseline(folder, save)
        typer.echo(f"{save}")
    if held is None:
        return
    reasons = gates.reasons_against(folder, held)
    for reason in reasons:
        complain(reason)
    if reasons:
        raise typer.Exit(FAILED)
    typer.echo(f"{folder.path}: no metric fell below the baseline")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", show_default=False)] = None,
) -> None:
    """Run a benchmark, as `python -m eval.NAME` does; without NAME, list them."""
    known = benchmarks()
    if name is None or name in {"--help", "-h"}:
        width = max(map(len, known))
        typer.echo("\n".join(f"{each:<{width}}  {about}" for each, about in known.items()))
        return
    if name not in known:
        raise UsageError(f"no benchmark is called {name!r}; there are: {', '.join(known)}")
    # A process of its own, because some measure memory or start others from a clean state.
    done = subprocess.run([sys.executable, "-m", f"eval.{name}", *context.args], check=False)  # noqa: S603 (our own)
    raise typer.Exit(done.returncode)


def judge_of(
    model: str | None,
    url: str | None,
    timeout: float,
    tokens: int,
    *,
    contexts: int = 5,
    price: tuple[float, float] = (0, 0),
) -> "Judge | None":
    """The judge that the options name."""
    if model is None:
        return None
    from eval.judge import Judge

    return Judge(
        model=model,
        base_url=url or os.environ.get("OPENAI_BASE_URL"),
        api_key=os.environ.get("OPENAI_API_KEY"),
        timeout=timeout,
        max_tokens=tokens,
        contexts=contexts,
        price=price,
    )


def card_line(card: dict[str, Any] | None) -> str:
    """How good a judge is, in words."""
    if card is None:
        return "not measured; `dateline eval judge` does it"
    if card["balanced_accuracy"] is None:
        return f"no verdict on {card['claims']['name']}"
    interval = f"[{card['low']:.2f}, {card['high']:.2f}]"
    failed = f", {sum(card['failures'].values())} failed" if card["failures"] else ""
    return (
        f"balanced accuracy {card['balanced_accuracy']:.2f} {interval} "
        f"on {card['n']} claims of {card['claims']['name']}{failed}"
    )


def runs_folder(home: Path | None, out: Path | None) -> Path:
    """Where runs are kept."""
    from rag import Settings

    return out or Settings.load(home=home).home / "evaluations"


def show_summary(path: Path, summary: dict[str, Any]) -> None:
    """The figures on stdout, what was left out on stderr."""
    for problem in summary["problems"]:
        complain(problem)
    asked = summary["questions"]
    typer.echo(f"{path}: {asked['scored']} questions scored, {asked['left_out']} left out")
    judge = summary["judge"]
    if judge:
        typer.echo(f"judge {judge['model']}: {card_line(judge['measured'])}")
        typer.echo(
            f"judge: {judge['calls']} calls, {sum(judge['usage'].values()):,} tokens, cost {judge['cost']:g}, "
            f"retries {judge['retries'] or 'none'}"
        )
    typer.echo(f"verifier: {card_line(summary['verifier'])}")
    for name, figure in summary["metrics"].items():
        value = "  –  " if figure["value"] is None else f"{figure['value']:.3f}"
        interval = "" if figure["value"] is None else f"[{figure['low']:.3f}, {figure['high']:.3f}]"
        failures = ", ".join(f"{count} {why}" for why, count in figure["failures"].items())
        typer.echo(
            f"{name:<22} {value}  {interval:<14}  n={figure['n']}"
            + (f"  failed: {failures}" * bool(failures))
        )


def print_json(document: object) -> None:
    import json

    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def complain(message: str) -> None:
    typer.echo(f"dateline: {printable(message)}", err=True)


@contextmanager
def bar(verb: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr that is gone when the work is done; none unless stderr is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
