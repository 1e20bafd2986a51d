"""Judging a run, sample by sample and metric by metric, so that it can be interrupted; and measuring the judge."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from eval.folder import RunFolder, append_row, read_json, read_rows, write_json
from eval.judge import Judge, JudgeError, Tally
from eval.samples import Sample
from eval.statistics import COVERAGE, RESAMPLES, SEED
from rag import UsageError

VERIFIER = "verifier"  # Dateline's own check, measured like any judge
METRICS = ("faithfulness", "response_relevancy", "context_precision", "context_recall", "factual_correctness")
Told = Callable[[int, int], None]


def check_ragas() -> None:
    """Raises UsageError where ragas is not installed."""
    if find_spec("ragas") is None:
        raise UsageError("judges and --ragas need ragas; install it with: pip install 'dateline[eval]'")


def judge_run(
    judge: Judge,
    samples: Sequence[Sample],
    folder: RunFolder,
    names: Sequence[str],
    *,
    parallel: int = 1,
    told: Told | None = None,
) -> dict[str, dict[str, float | str]]:
    """Each sample's judged scores, or failures in words. What was judged before is taken from the folder."""
    check_ragas()
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise UsageError(f"no judged metric is called {unknown[0]!r}; there are: {', '.join(METRICS)}")
    # Takes seconds to import.
    from eval.ragas_metrics import judge_sample, judged_metrics

    kept = {
        (row["id"], row["metric"]): row
        for row in read_rows(folder.judgements)
        if row.get("judge") == judge.model and row.get("value") is not None
    }
    digests = {sample.case.id: _digest(sample, judge) for sample in samples}
    chosen = [metric for metric in judged_metrics() if metric.name in names]
    tasks = [(metric, sample) for metric in chosen for sample in samples if metric.applies(sample)]
    done: dict[tuple[str, str], Mapping[str, Any]] = {
        key: row for key, row in kept.items() if row["answer"] == digests.get(key[0])
    }
    open_tasks = [task for task in tasks if (task[1].case.id, task[0].name) not in done]

    async def one(limit: asyncio.Semaphore, metric: Any, sample: Sample) -> None:
        async with limit:
            value, failure, tally = await judge_sample(metric, judge, sample)
        key = sample.case.id, metric.name
        row = {
            "id": key[0],
            "metric": key[1],
            "judge": judge.model,
            "answer": digests[key[0]],
            "value": value,
            "failure": failure,
            **tally.plain(),
        }
        done[key] = row
        append_row(folder.judgements, row)
        if told:
            told(len(done), len(tasks))

    async def everything() -> None:
        limit = asyncio.Semaphore(parallel)
        await asyncio.gather(*(one(limit, metric, sample) for metric, sample in open_tasks))

    asyncio.run(everything())
    judged: dict[str, dict[str, float | str]] = {}
    for metric, sample in tasks:
        row = done[sample.case.id, metric.name]
        value = row["failure"] if row["value"] is None else float(row["value"])
        judged.setdefault(sample.case.id, {})[metric.name] = value
    return judged


def judge_account(judge: Judge, folder: RunFolder, card: Mapping[str, Any] | None) -> dict[str, Any]:
    """What judging a run took, over all its attempts, and how good the judge is."""
    rows = [row for row in read_rows(folder.judgements) if row.get("judge") == judge.model]
    usage: Counter[str] = Counter()
    retries: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for row in rows:
        usage.update(row["usage"])
        retries.update(row["retries"])
        if row["failure"]:
            failures[row["failure"].partition(":")[0]] += 1
    return {
        "model": judge.model,
        "calls": sum(row["calls"] for row in rows),
        "retries": dict(sorted(retries.items())),
        "failures": dict(sorted(failures.items())),
        "usage": dict(sorted(usage.items())),
        "cost": judge.cost(usage),
        "measured": card,
    }


# -- how good a judge is ----------------------------------------------------------------------------------


def measure_judge(
    judge: Judge,
    claims: Sequence[Mapping[str, Any]],
    kept: Path,
    *,
    parallel: int = 1,
    told: Told | None = None,
) -> list[dict[str, Any]]:
    """What the judge says of labelled claims: one row each, `passed` None with the failure where it says nothing.

    Rows are added to `kept` as they come, and taken from there when the same claims are judged again.
    """
    check_ragas()
    from eval.ragas_metrics import judge_claim

    shown = {_shown(claim): claim for claim in claims}
    rows = [
        _outcome(shown[row["shown"]], row["passed"], None)
        for row in read_rows(kept)
        if row.get("shown") in shown and row.get("passed") is not None
    ]
    judged = {row["id"] for row in rows}
    left = [claim for claim in claims if claim["id"] not in judged]
    kept.parent.mkdir(parents=True, exist_ok=True)

    async def one(limit: asyncio.Semaphore, claim: Mapping[str, Any]) -> None:
        tally = Tally()
        passed: bool | None = None
        failure = None
        async with limit:
            try:
                passed = await judge_claim(judge, claim["claim"], claim["context"], tally)
            except JudgeError as error:
                failure = error.kind
        rows.append(_outcome(claim, passed, failure))
        append_row(kept, {"shown": _shown(claim), "passed": passed, "failure": failure, **tally.plain()})
        if told:
            told(len(rows), len(claims))

    async def everything() -> None:
        limit = asyncio.Semaphore(parallel)
        await asyncio.gather(*(one(limit, claim) for claim in left))

    asyncio.run(everything())
    return rows


def measure_verifier(
    supports: Callable[[str, Sequence[str], Sequence[str]], bool], claims: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The same for Dateline's own check."""
    return [
        _outcome(claim, supports(claim["claim"], claim["context"].split("\n"), ()), None) for claim in claims
    ]


def card_of(name: str, rows: Sequence[Mapping[str, Any]], *, claims: str, sha256: str) -> dict[str, Any]:
    """What is kept of a measured judge: balanced accuracy of "supported" against the rest, with its interval."""
    ordered = sorted(rows, key=lambda row: str(row["id"]))  # they come as they were judged
    known = [(bool(row["supported"]), bool(row["passed"])) for row in ordered if row["passed"] is not None]
    low, high = _interval(known)
    passed = [label for label, verdict in known if verdict]
    supported = [verdict for label, verdict in known if label]
    return {
        "judge": name,
        "claims": {"name": claims, "sha256": sha256},
        "balanced_accuracy": _balanced(known),
        "low": low,
        "high": high,
        "precision": round(sum(passed) / len(passed), 4) if passed else None,
        "recall": round(sum(supported) / len(supported), 4) if supported else None,
        "n": len(known),
        "failures": dict(sorted(Counter(row["failure"] for row in rows if row["failure"]).items())),
    }


def card_path(out: Path, name: str) -> Path:
    """Where a judge's card lies, beside the runs."""
    return out / "judges" / f"{''.join(c if c.isalnum() or c in '.-' else '-' for c in name)}.json"


def read_card(out: Path, name: str) -> dict[str, Any] | None:
    """The card of a judge that was measured; None: it was not."""
    path = card_path(out, name)
    return read_json(path) if path.exists() else None


def keep_card(out: Path, card: Mapping[str, Any]) -> Path:
    path = card_path(out, card["judge"])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, card)
    return path


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _shown(claim: Mapping[str, Any]) -> str:
    """A digest of what the judge is shown of a claim."""
    text = json.dumps([claim["claim"], claim["context"]])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _outcome(claim: Mapping[str, Any], passed: bool | None, failure: str | None) -> dict[str, Any]:
    supported = claim["label"] == "supported"
    return {"id": claim["id"], "supported": supported, "passed": passed, "failure": failure}


def _balanced(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Mean of the shares of supported and of other claims that were judged right."""
    shares = []
    for kind in (True, False):
        right = [verdict == label for label, verdict in pairs if label is kind]
        if not right:
            return None
        shares.append(sum(right) / len(right))
    return round(sum(shares) / 2, 4)


def _interval(pairs: Sequence[tuple[bool, bool]]) -> tuple[float | None, float | None]:
    """Bootstrap within the supported and within the others: a draw without one of them has no balance."""
    random = np.random.default_rng(SEED)
    kinds = [
        np.array([verdict == label for label, verdict in pairs if label is kind]) for kind in (True, False)
    ]
    if not all(kind.size for kind in kinds):
        return None, None
    values = [
        np.mean([kind[random.integers(kind.size, size=kind.size)].mean() for kind in kinds])
        for _ in range(RESAMPLES)
    ]
    edge = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(values, [edge, 100 - edge])
    return round(float(low), 4), round(float(high), 4)


def _digest(sample: Sample, judge: Judge) -> str:
    """Of all that the judge is shown of a sample."""
    shown = [sample.case.question, sample.response, sample.reference, *sample.contexts[: judge.contexts]]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
