"""One or more runs as one page that needs nothing else: no script, no font, nothing fetched."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval import plots
from eval.compare import compare
from eval.dataset import Case
from eval.report import Run, badness, failures, judge_words, judged_by, metric_names
from rag.terminal import printable_lines

STYLE = Path(__file__).parent / "report.css"
LOW = 0.5  # a score below it is shown in red
# Left out of the table by type: they say the same as their neighbour.
LESS = {"retrieval_hit@3", "retrieval_hit@10", "answer_f1"}


def page(runs: Sequence[Run], cases: Mapping[str, Case]) -> str:
    """The page; `cases` say what the right answers are, as far as the dataset is at hand."""
    title = f"Evaluation: {', '.join(run.name for run in runs)}"
    sections = [
        f"<h1>{_h(title)}</h1>",
        _about(runs),
        _problems(runs),
        "<h2>Figures</h2>",
        _legend(runs),
        _html_table(runs),
        _changes(runs),
        "<h2>Scores with intervals</h2>",
        _intervals(runs),
        "<h2>By type of question</h2>",
        *(_by_type(run) for run in runs),
        "<h2>Retrieval</h2>",
        _legend(runs),
        plots.curve([plots.Series(run.name, run.summary["retrieval_curve"]) for run in runs]),
        "<h2>Time to an answer</h2>",
        _waiting(runs),
        "<h2>Questions, worst first</h2>",
        _questions(runs, cases),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        # Nothing on the page may reach out, whatever an article or a model wrote.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_h(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>{''.join(sections)}</main></body></html>\n"
    )


def _about(runs: Sequence[Run]) -> str:
    rows = []
    for run in runs:
        summary = run.summary
        asked = summary["questions"]
        judge = summary["judge"]
        judged = f"{judge['model']}, {judge_words(judge['measured'])}; {_effort(judge)}" if judge else "none"
        rows.append(
            f"<tr><th>{_h(run.name)}</th><td>{_h(summary['dataset']['name'])}</td><td>{_h(summary['config'])}</td>"
            f"<td>{asked['scored']} of {asked['asked']}</td><td>{_h(summary['model'] or 'none: quoted')}</td>"
            f"<td>{_h(judge_words(summary['verifier']))}</td><td>{_h(judged)}</td>"
            f"<td>{_h(str(run.times.get('started', ''))[:16].replace('T', ' '))}</td></tr>"
        )
    heads = "run dataset configuration scored model verifier judge started".split()
    return f"<table class='about'><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{''.join(rows)}</table>"


def _effort(judge: Mapping[str, Any]) -> str:
    retries = ", ".join(f"{count} {why}" for why, count in judge["retries"].items()) or "none"
    cost = f", cost {judge['cost']:g}" if judge["cost"] else ""
    return f"{judge['calls']} calls, {sum(judge['usage'].values()):,} tokens{cost}, tried again: {retries}"


def _problems(runs: Sequence[Run]) -> str:
    lines = [f"<li>{_h(problem)}</li>" for run in runs for problem in run.summary["problems"]]
    return f"<div class='problems'><b>Left out</b><ul>{''.join(lines)}</ul></div>" if lines else ""


def _legend(runs: Sequence[Run]) -> str:
    if len(runs) == 1:
        return ""
    marks = (
        f"<span><i class='b{place % plots.RUN_COLOURS}'></i>{_h(run.name)}</span>"
        for place, run in enumerate(runs)
    )
    return f"<p class='legend'>{''.join(marks)}</p>"


def _html_table(runs: Sequence[Run]) -> str:
    head = "".join(f"<th>{_h(run.name)}</th>" for run in runs)
    rows = []
    for name in metric_names(runs):
        cells = "".join(f"<td>{_figure_html(run, name)}</td>" for run in runs)
        rows.append(f"<tr><th>{_h(name)}</th>{cells}</tr>")
    return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _figure_html(run: Run, name: str) -> str:
    figure = run.metrics.get(name)
    if figure is None:
        return "–"
    parts = []
    if figure["value"] is not None:
        parts.append(
            f"<b>{figure['value']:.3f}</b> <small>[{figure['low']:.3f}, {figure['high']:.3f}]</small>"
        )
    parts.append(f"<small>n={figure['n']}</small>")
    if figure["failures"]:
        parts.append(f"<small class='bad'>{_h(failures(figure))}</small>")
    if beside := judged_by(run, name):
        parts.append(f"<small class='beside'>{_h(beside)}</small>")
    return " ".join(parts)


def _changes(runs: Sequence[Run]) -> str:
    if len(runs) != 2:
        return ""
    rows, _ = compare(runs[0].scores, runs[1].scores)
    body = "".join(
        f"<tr class='{row.verdict}'><th>{_h(row.metric)}</th><td>{row.first:.3f}</td><td>{row.second:.3f}</td>"
        f"<td>{row.by.value:+.3f} <small>[{row.by.low:+.3f}, {row.by.high:+.3f}]</small></td>"
        f"<td>{row.by.p:.3f}</td><td>{row.verdict}</td></tr>"
        for row in rows
    )
    return (
        "<h2>What changed</h2><table><tr><th></th><th>before</th><th>after</th><th>difference</th>"
        f"<th>p</th><th></th></tr>{body}</table>"
    )


def _intervals(runs: Sequence[Run]) -> str:
    names = [
        name for name in metric_names(runs) if any((run.metrics.get(name) or {}).get("n") for run in runs)
    ]
    bars = [[_bar(run, name) for name in names] for run in runs]
    return _legend(runs) + plots.intervals(names, bars, [run.name for run in runs])


def _bar(run: Run, name: str) -> plots.Bar | None:
    figure = run.metrics.get(name)
    if figure is None or figure["value"] is None:
        return None
    return plots.Bar(figure["value"], figure["low"], figure["high"])


def _by_type(run: Run) -> str:
    names = [name for name in run.metrics if name not in LESS]
    head = "".join(f"<th><span>{_h(name)}</span></th>" for name in names)
    rows = []
    for kind, figures in run.summary["by_type"].items():
        cells = "".join(_shade(figures.get(name)) for name in names)
        rows.append(f"<tr><th>{_h(kind)}</th>{cells}</tr>")
    table = f"<caption>{_h(run.name)}</caption><tr><th></th>{head}</tr>{''.join(rows)}"
    return f"<div class='wide'><table class='heat'>{table}</table></div>"


def _shade(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "<td class='none'></td>"
    value = figure["value"]
    return f"<td class='h{int(10 * value)}' title='n={figure['n']}'>{value:.2f}</td>"


def _waiting(runs: Sequence[Run]) -> str:
    lines = [
        f"<p>{_h(run.name)}: half within {run.times['p50_ms']:.0f} ms, 95 % within {run.times['p95_ms']:.0f} ms</p>"
        for run in runs
        if run.times
    ]
    series = [plots.Series(run.name, list(run.times.get("ms", {}).values())) for run in runs]
    return "".join(lines) + plots.waiting(series)


def _questions(runs: Sequence[Run], cases: Mapping[str, Case]) -> str:
    last = runs[-1]
    keys = sorted(last.rows, key=lambda key: badness(last, key))
    return "".join(_question(runs, key, cases.get(key)) for key in keys)


def _question(runs: Sequence[Run], key: str, case: Case | None) -> str:
    last = runs[-1]
    row = last.rows[key]
    wrong = badness(last, key)[0] < 1
    parts = [f"<p class='expected'>{_expected(case)}</p>"]
    for place, run in enumerate(runs):
        if key in run.rows:
            label = (
                f"<h4><i class='b{place % plots.RUN_COLOURS}'></i>{_h(run.name)}</h4>"
                if len(runs) > 1
                else ""
            )
            parts.append(label + _answer(run.rows[key]) + _scores(run, key))
    mark = "<span class='mark bad'>wrong</span>" if wrong else "<span class='mark good'>right</span>"
    kind = f"<span class='type'>{_h(row.get('type') or '')}</span>"
    summary = f"{mark}<span class='id'>{_h(key)}</span> {_h(row['question'])} {kind}"
    return f"<details{' open' if wrong else ''}><summary>{summary}</summary>{''.join(parts)}</details>"


def _expected(case: Case | None) -> str:
    if case is None:
        return ""
    if case.answerable is False:
        return "Expected: no answer, for it is not in the articles."
    return f"Expected one of: {_h('; '.join(case.answers))}" if case.answers else ""


def _answer(row: Mapping[str, Any]) -> str:
    answer = row["answer"]
    if answer is None:
        return f"<p class='bad'>Failed: {_h(row['error'])}</p>"
    if answer["status"] == "abstained":
        return f"<p class='abstained'>Abstained. {_h(answer['reason'] or '')}</p>"
    return "".join(_statement(each) for each in answer["statements"])


def _statement(statement: Mapping[str, Any]) -> str:
    quotes = "".join(
        f"<li><cite>{_h(each['article_id'])} {each['start']}–{each['end']}</cite> {_h(each['quote'])}</li>"
        for each in statement["citations"]
    )
    verdict = statement["verdict"]
    return f"<p><span class='verdict {_h(verdict)}'>{_h(verdict)}</span> {_h(statement['text'])}</p><ul>{quotes}</ul>"


def _scores(run: Run, key: str) -> str:
    row = run.rows[key]
    known = [(name, score) for name, score in run.scores.get(key, {}).items() if score is not None]
    chips = [
        f"<span class='chip{' low' if score < LOW else ''}'>{_h(name)} {score:.2f}</span>"
        for name, score in known
    ]
    failed = [
        f"<span class='chip bad'>{_h(name)}: {_h(why)}</span>"
        for name, why in (row.get("failures") or {}).items()
    ]
    return f"<p class='chips'>{''.join(chips + failed)}</p>"


def _h(text: object) -> str:
    """Text of articles, models and files: escaped, and without characters that hide or turn others round."""
    return escape(printable_lines(str(text)))
