"""One evaluation from end to end: ask, score, and write the folder's summary."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from eval.dataset import Dataset, newsroom_of
from eval.folder import FORMAT, RunFolder, digest, manifest_of, read_json, read_rows, write_json, write_rows
from eval.foreign import read_foreign
from eval.judge import Judge
from eval.judging import VERIFIER, judge_account, judge_run, read_card
from eval.metrics import Metric, Supports, metrics_with
from eval.run import Answered, Ask, answer_all, asking, check_cases, samples_of
from eval.samples import Sample
from eval.summary import Scored, score_all, summarise
from rag import Newsroom, Settings, UsageError

DATASETS = Path(__file__).parent / "datasets"
SEEDS = Path(__file__).parent.parent / "seeds"
PREFIX = "DATELINE_"
DEFAULT = "default"
Told = Callable[[int, int], None]
Bar = Callable[[str], AbstractContextManager[Told]]
Judging = Callable[[Sequence[Sample], RunFolder], tuple[dict[str, dict[str, float | str]], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Config:
    """Settings that a run is made with, over those of the environment."""

    name: str
    settings: dict[str, str]


def find_dataset(given: str) -> Path:
    """A file, or one of Dateline's own by its name."""
    own = DATASETS / f"{given}.jsonl"
    if Path(given).is_file() or not own.exists():
        return Path(given)
    return own


def articles_of(dataset: Path) -> Path | None:
    """The articles that Dateline's own questions are asked of; None: whatever the home holds."""
    return SEEDS if dataset == DATASETS / "seeds.jsonl" and SEEDS.is_dir() else None


def sources(dataset: Path, articles: Path | None, home: Path | None) -> tuple[Path | None, Path | None]:
    """What is asked of, and the home of that collection.

    Dateline's own questions are asked of their own articles, in a passing collection: not among the reader's.
    """
    own = None if articles else articles_of(dataset)
    return (articles, home) if own is None else (own, None)


def read_config(path: Path | None) -> Config:
    """The settings of a file of DATELINE_… lines; raises UsageError. None: those of the environment."""
    if path is None:
        return Config(DEFAULT, {})
    if not path.is_file():
        raise UsageError(f"--config {path}: no such file; it holds lines such as DATELINE_PASSAGE_WORDS=120")
    try:
        lines = dotenv_values(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"--config {path} cannot be read: {exc}") from exc
    foreign = [name for name in lines if not name.upper().startswith(PREFIX)]
    if foreign:
        raise UsageError(f"--config {path}: {foreign[0]!r} is no setting of Dateline")
    settings = {name.upper().removeprefix(PREFIX).lower(): value for name, value in lines.items() if value}
    if "home" in settings:
        raise UsageError(f"--config {path}: DATELINE_HOME does not belong there; use --home")
    return Config(path.stem, settings)


@contextmanager
def newsroom_for(config: Config, articles: Path | None, home: Path | None) -> Iterator[Newsroom]:
    """The newsroom that is asked: of these articles, or of what the home holds."""
    if articles is not None:
        with newsroom_of(articles, home, **config.settings) as newsroom:
            yield newsroom
        return
    with Newsroom(Settings.load(home=home, **config.settings)) as newsroom:
        yield newsroom


def evaluate(
    newsroom: Newsroom,
    dataset: Dataset,
    out: Path,
    *,
    config: str = DEFAULT,
    name: str | None = None,
    parallel: int = 1,
    answers: Path | None = None,
    ask: Ask | None = None,
    ragas: bool = False,
    judging: Judging | None = None,
    bar: Bar | None = None,
) -> tuple[RunFolder, dict[str, Any]]:
    """Make a run, or go on with it; returns its folder and its summary.

    With `answers`, a file in the shape of `eval.foreign`, they are scored and nothing is asked. `ask` puts a question
    in another way than to the newsroom.
    """
    given = read_foreign(answers, newsroom) if answers else None
    cases = [case for case in dataset.cases if given is None or case.id in given]
    usable, faults = check_cases(cases, newsroom)
    if not usable:
        why = (*dataset.faults, *faults, f"{answers} answers none of them")[0]
        raise UsageError(f"no question of {dataset.name!r} can be scored; {why}")
    asked = [case.id if given is None else f"{case.id} {json.dumps(given[case.id])}" for case in usable]
    manifest = manifest_of(newsroom, dataset, config=config, settings=newsroom.settings, asked=asked)
    name = name or f"{dataset.name}-{config}-{digest([json.dumps(manifest, sort_keys=True)])[:8]}"
    folder = RunFolder(out / name)
    folder.begin(manifest)
    show = bar or _no_bar
    with show("Asking") as told:
        put = ask or asking(newsroom) if given is None else lambda case: given[case.id]
        rows = answer_all(usable, folder, put, parallel=parallel, told=told)
    problems = [*dataset.faults, *faults, *_failed(rows)]
    metrics = all_metrics(ragas=ragas)
    summary = score_run(folder, samples_of(rows, newsroom), rows, problems, metrics, judging=judging, bar=bar)
    return folder, summary


def score_run(
    folder: RunFolder,
    samples: Sequence[Sample],
    rows: Sequence[Answered],
    problems: Sequence[str],
    metrics: Sequence[Metric],
    *,
    judging: Judging | None = None,
    bar: Bar | None = None,
) -> dict[str, Any]:
    """Score what was answered and write scores.jsonl and summary.json."""
    judged, judge = judging(samples, folder) if judging else ({}, None)
    with (bar or _no_bar)("Scoring") as told:
        scored = score_all(samples, metrics, judged, told=told)
    manifest = read_json(folder.manifest)
    answers = [row.answer for row in rows if row.answer is not None]
    summary = {
        "format": FORMAT,
        "run": folder.name,
        "dataset": manifest["dataset"],
        "config": manifest["config"]["name"],
        "questions": {"asked": len(rows), "scored": len(samples), "left_out": len(problems)},
        "problems": list(problems),
        "judge": judge,
        "verifier": read_card(folder.path.parent, VERIFIER),
        **summarise(scored, samples, answers),
    }
    write_rows(folder.scores, map(_score_row, scored))
    write_json(folder.summary, summary)
    return summary


def all_metrics(*, ragas: bool = False) -> list[Metric]:
    """Ours, and ragas's own that need no model when they are wanted."""
    metrics = list(metrics_with(verifier()))
    if ragas:
        from eval.ragas_metrics import model_free_metrics  # takes seconds to import

        metrics += model_free_metrics()
    return metrics


def judging_with(
    judge: Judge | None, out: Path, names: Sequence[str], *, parallel: int = 1, bar: Bar | None = None
) -> Judging | None:
    """What has a run judged; None without a judge."""
    if judge is None:
        return None

    def judging(
        samples: Sequence[Sample], folder: RunFolder
    ) -> tuple[dict[str, dict[str, float | str]], dict[str, Any]]:
        with (bar or _no_bar)("Judging") as told:
            judged = judge_run(judge, samples, folder, names, parallel=parallel, told=told)
        return judged, judge_account(judge, folder, read_card(out, judge.model))

    return judging


@cache
def verifier() -> Supports:
    """Dateline's own check of a sentence against texts, as made without a language model; loaded once."""
    # Both load models, which listing datasets or reading a report need not.
    from rag.answering.verification import Verifier
    from rag.embeddings import MiniLMEmbedder
    from rag.entailment import Entailment

    checker = Verifier(MiniLMEmbedder(), Entailment())

    def supports(claim: str, contexts: Sequence[str], background: Sequence[str]) -> bool:
        return checker.verify(claim, contexts, background=background).verdict == "supported"

    return supports


def read_scores(folder: RunFolder) -> dict[str, dict[str, float | None]]:
    """Each question's scores by metric; raises UsageError where the run is not finished."""
    if not folder.summary.exists():
        raise UsageError(
            f"{folder.path} holds no finished run; `dateline eval run` with the same options ends it"
        )
    return {row["id"]: row["scores"] for row in read_rows(folder.scores)}


def limited(dataset: Dataset, count: int | None) -> Dataset:
    """The first questions of a dataset."""
    return dataset if count is None else replace(dataset, cases=dataset.cases[:count])


def _score_row(row: Scored) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "scores": dict(row.scores), "failures": dict(row.failures)}


def _failed(rows: Sequence[Answered]) -> list[str]:
    return [f"question {row.case.id!r} could not be answered: {row.error}" for row in rows if row.error]


@contextmanager
def _no_bar(_: str) -> Iterator[Told]:
    yield lambda done, total: None
