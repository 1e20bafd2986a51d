"""One or more runs read back, and as Markdown for a pull request; `eval.page` is the page of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from eval.compare import compare
from eval.evaluation import read_scores
from eval.folder import FORMAT, RunFolder, read_json, read_rows
from rag import UsageError
from rag.terminal import printable_lines

LISTED = 10  # questions in Markdown


@dataclass(frozen=True)
class Run:
    """A finished run, read back."""

    folder: RunFolder

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def summary(self) -> dict[str, Any]:
        if not self.folder.summary.exists():
            raise UsageError(f"{self.folder.path} holds no finished run; `dateline eval run` ends it")
        summary = read_json(self.folder.summary)
        if summary.get("format") != FORMAT:
            raise UsageError(
                f"{self.folder.path} is of format {summary.get('format')}, this program reads {FORMAT}"
            )
        return summary

    @cached_property
    def scores(self) -> dict[str, dict[str, float | None]]:
        return read_scores(self.folder)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        kept = {row["id"]: row for row in read_rows(self.folder.scores)}
        return {row["id"]: kept.get(row["id"], {}) | row for row in read_rows(self.folder.answers)}

    @cached_property
    def times(self) -> dict[str, Any]:
        return read_json(self.folder.times) if self.folder.times.exists() else {}

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        figures: dict[str, dict[str, Any]] = self.summary["metrics"]
        return figures


def judge_words(card: Mapping[str, Any] | None) -> str:
    """How good a check is, to stand beside what it found."""
    if card is None or card["balanced_accuracy"] is None:
        return "not measured"
    interval = f"[{card['low']:.2f}, {card['high']:.2f}]"
    return f"balanced accuracy {card['balanced_accuracy']:.2f} {interval} on {card['n']} claims"


def badness(run: Run, key: str) -> tuple[float, float, str]:
    """Orders questions, worst first: wrong before right, then by the mean of all scores."""
    scores = {name: score for name, score in run.scores.get(key, {}).items() if score is not None}
    decisive = [scores[name] for name in ("answer_containment", "abstention_recall") if name in scores]
    right = min(decisive, default=1.0)
    mean = sum(scores.values()) / len(scores) if scores else 0.0
    return right, mean, key


# -- Markdown ---------------------------------------------------------------------------------------------


def markdown(runs: Sequence[Run]) -> str:
    """A table of the figures, of the differences where there are two runs, and the worst questions."""
    lines = [f"### Evaluation: {', '.join(_cell(run.name) for run in runs)}", ""]
    lines += _figures_table(runs)
    if len(runs) == 2:
        lines += ["", *comparison(runs[0], runs[1])]
    last = runs[-1]
    lines += ["", *(f"- left out: {_cell(problem)}" for problem in last.summary["problems"])]
    wrong = [
        key for key in sorted(last.rows, key=lambda key: badness(last, key)) if badness(last, key)[0] < 1
    ]
    if wrong:
        lines += ["", f"<details><summary>{len(wrong)} questions went wrong</summary>", ""]
        lines += ["| question | type | answered with |", "|---|---|---|"]
        lines += [_wrong_row(last, key) for key in wrong[:LISTED]]
        lines += ["", "</details>"]
    return "\n".join(lines).rstrip() + "\n"


def comparison(first: Run, second: Run) -> list[str]:
    """Each metric of two runs side by side, as a Markdown table."""
    rows, unpaired = compare(first.scores, second.scores)
    lines = [
        "| metric | before | after | difference | 95 % interval | p | |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row.metric} | {row.first:.3f} | {row.second:.3f} | {row.by.value:+.3f} "
            f"| {row.by.low:+.3f} to {row.by.high:+.3f} | {row.by.p:.3f} | {row.verdict} |"
            for row in rows
        ),
    ]
    return lines + ([f"\nOnly in one of the runs: {', '.join(map(_cell, unpaired))}"] if unpaired else [])


def _figures_table(runs: Sequence[Run]) -> list[str]:
    names = metric_names(runs)
    lines = [f"| metric | {' | '.join(_cell(run.name) for run in runs)} |", "|---" * (len(runs) + 1) + "|"]
    return lines + [f"| {name} | {' | '.join(_figure_words(run, name) for run in runs)} |" for name in names]


def _figure_words(run: Run, name: str) -> str:
    figure = run.metrics.get(name)
    if figure is None:
        return "–"
    failed = f"; {failures(figure)}" if figure["failures"] else ""
    if figure["value"] is None:
        return f"–{failed}"
    words = f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}] n={figure['n']}{failed}"
    return f"{words}; {beside}" if (beside := judged_by(run, name)) else words


def judged_by(run: Run, name: str) -> str:
    """The judge's own figure, which stands beside every score that depends on its judgement of support."""
    judge = run.summary["judge"]
    if name == "faithfulness" and judge:
        return f"judge: {judge_words(judge['measured'])}"
    if name == "statement_support":
        return f"verifier: {judge_words(run.summary['verifier'])}"
    return ""


def failures(figure: Mapping[str, Any]) -> str:
    return "failed: " + ", ".join(f"{count} {why}" for why, count in figure["failures"].items())


def _wrong_row(run: Run, key: str) -> str:
    row = run.rows[key]
    said = (
        " ".join(each["text"] for each in row["answer"]["statements"])
        or f"abstained: {row['answer']['reason']}"
    )
    return f"| {_cell(key)} {_cell(row['question'])} | {_cell(row['type'])} | {_cell(said[:300])} |"


def _cell(text: str) -> str:
    """Text of articles and models on one line of a table, with nothing that Markdown would act on."""
    safe = escape(printable_lines(text), quote=False).replace("|", "\\|").replace("`", "\\`")
    for sign in "[]*_!":
        safe = safe.replace(sign, f"\\{sign}")
    return " ".join(safe.split())


def metric_names(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run.metrics))
