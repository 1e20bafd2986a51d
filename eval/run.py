"""Ask every question of a dataset and keep what came of it, in a folder that an interrupted run goes on from."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eval.dataset import Case
from eval.folder import RunFolder, append_row, read_json, read_rows, write_json, write_rows
from eval.samples import Sample, named_articles, plain_answer, read_sample
from rag import ArticleNotFound, DatelineError, Filters, Newsroom, Turn

Ask = Callable[[Case], dict[str, Any]]  # the answer in plain data
Told = Callable[[int, int], None]  # questions done, questions in all


@dataclass(frozen=True, slots=True)
class Answered:
    """One row of a run: the answer in plain data, or why there is none."""

    case: Case
    answer: dict[str, Any] | None
    error: str | None
    ms: float


def asking(newsroom: Newsroom) -> Ask:
    """How a question is put to a newsroom."""

    def ask(case: Case) -> dict[str, Any]:
        history = [Turn(question=question, answer=answer) for question, answer in case.history]
        return plain_answer(newsroom.ask(case.question, Filters(as_of=case.as_of), history=history))

    return ask


def answer_all(
    cases: Sequence[Case], folder: RunFolder, ask: Ask, *, parallel: int = 1, told: Told | None = None
) -> list[Answered]:
    """Ask what has not been asked yet, `parallel` at a time; the rows come back, and are kept, in order.

    A question that fails is kept with its error and asked again by the next run.
    """
    kept = _kept(folder)
    known = {case.id: _read(case, kept[case.id]) for case in cases if case.id in kept}
    open_cases = [case for case in cases if case.id not in known]
    begun = datetime.now(UTC)
    with ThreadPoolExecutor(parallel) as pool:
        waiting = [pool.submit(_ask, ask, case) for case in open_cases]
        try:
            for future in as_completed(waiting):
                row = future.result()
                known[row.case.id] = row
                append_row(folder.partial, _plain(row) | {"ms": row.ms})
                if told:
                    told(len(known), len(cases))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    rows = [known[case.id] for case in cases]
    if open_cases or folder.partial.exists():  # it may have been stopped between the last answer and here
        _keep(folder, rows, begun)
    folder.partial.unlink(missing_ok=True)
    return rows


def samples_of(rows: Sequence[Answered], newsroom: Newsroom) -> list[Sample]:
    """What can be scored: the questions that got an answer or an abstention, with the texts they point into."""
    answered = [(row.case, row.answer) for row in rows if row.answer is not None]
    wanted = {key for case, answer in answered for key in named_articles(case, answer)}
    texts = {key: text for key in sorted(wanted) if (text := _text(newsroom, key)) is not None}
    return [read_sample(case, answer, texts) for case, answer in answered]


def check_cases(cases: Sequence[Case], newsroom: Newsroom) -> tuple[list[Case], list[str]]:
    """The cases whose gold articles are all there, with their gold sentences in them; and a line for each other."""
    usable, faults = [], []
    for case in cases:
        fault = _fault(case, newsroom)
        if fault:
            faults.append(f"question {case.id!r}: {fault}; it is not scored")
        else:
            usable.append(case)
    return usable, faults


def _fault(case: Case, newsroom: Newsroom) -> str | None:
    for key in case.gold_article_ids:
        if _text(newsroom, key) is None:
            return f"its article {key!r} is not in the collection"
    for key, quote in case.evidence:
        text = _text(newsroom, key)
        if text is None:
            return f"its article {key!r} is not in the collection"
        if quote not in text:
            return f"its evidence “{quote[:60]}” does not stand in article {key!r}"
    return None


def _text(newsroom: Newsroom, article_id: str) -> str | None:
    try:
        return newsroom.article(article_id).text
    except ArticleNotFound:
        return None


def _ask(ask: Ask, case: Case) -> Answered:
    started = time.perf_counter()
    try:
        answer, error = ask(case), None
    except DatelineError as exc:
        answer, error = None, str(exc)
    return Answered(case, answer, error, round(1000 * (time.perf_counter() - started), 1))


def _kept(folder: RunFolder) -> dict[str, dict[str, Any]]:
    """What an earlier run got answered, finished or not."""
    times = read_json(folder.times)["ms"] if folder.times.exists() else {}
    rows = [{"ms": times.get(row["id"], 0.0)} | row for row in read_rows(folder.answers)]
    return {row["id"]: row for row in (*rows, *read_rows(folder.partial)) if row.get("answer")}


def _keep(folder: RunFolder, rows: Sequence[Answered], begun: datetime) -> None:
    write_rows(folder.answers, (_plain(row) for row in rows))
    ended = datetime.now(UTC)
    ordered = sorted(row.ms for row in rows)
    write_json(
        folder.times,
        {
            "started": begun.isoformat(timespec="seconds"),
            "finished": ended.isoformat(timespec="seconds"),
            "p50_ms": ordered[len(ordered) // 2],
            "p95_ms": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
            "ms": {row.case.id: row.ms for row in rows},
        },
    )


def _plain(row: Answered) -> dict[str, Any]:
    return {"id": row.case.id, "question": row.case.question, "answer": row.answer, "error": row.error}


def _read(case: Case, row: dict[str, Any]) -> Answered:
    return Answered(case, row["answer"], row.get("error"), row["ms"])
