"""The gate: does a run fall below the baseline by more than it may?

A baseline is a file that lies with the program: the figures of a run that was good enough, each question's scores,
and how far each metric may fall. The extractive answerer gives the same answers every time, so a tolerance only has
room for what other processors round otherwise; a metric whose every fall is a fault has none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.evaluation import read_scores
from eval.folder import FORMAT, RunFolder, read_json, write_json
from eval.statistics import difference
from rag import UsageError

TOLERANCE = 0.02
NO_TOLERANCE = {"quote_exactness": 0.0, "orders_ignored": 0.0}
LISTED = 3  # questions named with a metric that fell

Scores = Mapping[str, Mapping[str, float | None]]


def make_baseline(folder: RunFolder) -> dict[str, Any]:
    """What a later run is held against."""
    summary = _finished(folder)
    measured = {name: figure for name, figure in summary["metrics"].items() if figure["value"] is not None}
    return {
        "format": FORMAT,
        "dataset": summary["dataset"],
        "tolerances": {name: NO_TOLERANCE.get(name, TOLERANCE) for name in measured},
        "metrics": {name: {"value": figure["value"], "n": figure["n"]} for name, figure in measured.items()},
        "scores": {
            key: {name: score for name, score in scores.items() if score is not None}
            for key, scores in read_scores(folder).items()
        },
    }


def save_baseline(folder: RunFolder, path: Path) -> None:
    """Write it; tolerances that were set by hand in the file that is replaced stay."""
    baseline = make_baseline(folder)
    if path.exists():
        set_by_hand = read_baseline(path)["tolerances"]
        baseline["tolerances"] |= {
            name: value for name, value in set_by_hand.items() if name in baseline["tolerances"]
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, baseline)


def read_baseline(path: Path) -> dict[str, Any]:
    """Raises UsageError where the file is no baseline."""
    baseline = read_json(path)
    missing = {"dataset", "tolerances", "metrics", "scores"} - set(baseline)
    if missing:
        raise UsageError(
            f"{path} is no baseline (no {min(missing)!r}); `dateline eval gate RUN --save FILE` makes one"
        )
    return baseline


def reasons_against(folder: RunFolder, baseline: Mapping[str, Any]) -> list[str]:
    """Why the run may not pass, in words; none: it passes."""
    summary = _finished(folder)
    if summary["dataset"]["sha256"] != baseline["dataset"]["sha256"]:
        return [
            "the baseline is of other questions; make one of these with `dateline eval gate RUN --save FILE`"
        ]
    now, before = read_scores(folder), baseline["scores"]
    reasons = [f"{key} was scored in the baseline and is not now" for key in before if key not in now]
    for name, tolerance in baseline["tolerances"].items():
        figure = summary["metrics"].get(name)
        was = baseline["metrics"][name]["value"]
        if figure is None or figure["value"] is None:
            reasons.append(f"{name} was {was:.3f} and has nothing to count now")
        elif round(was - figure["value"], 4) > tolerance:
            reasons.append(_fall(name, was, figure["value"], tolerance, before, now))
    return reasons


def _finished(folder: RunFolder) -> dict[str, Any]:
    if not folder.summary.exists():
        raise UsageError(f"{folder.path} holds no finished run")
    return read_json(folder.summary)


def _fall(name: str, was: float, value: float, tolerance: float, before: Scores, now: Scores) -> str:
    shared = [key for key in before if key in now]
    test = difference([before[key].get(name) for key in shared], [now[key].get(name) for key in shared])
    chance = f", p = {test.p:.4f}" if test else ""
    fell = fallen(name, before, now)
    named = ", ".join(f"{key} by {by:.2f}" for key, by in fell[:LISTED])
    more = f" and {len(fell) - LISTED} more" if len(fell) > LISTED else ""
    return f"{name} fell from {was:.3f} to {value:.3f} (at most {tolerance:g} is let pass{chance})" + (
        f": {named}{more}" if fell else ""
    )


def fallen(name: str, before: Scores, now: Scores) -> list[tuple[str, float]]:
    """The questions on which a metric fell and by how much, the furthest first."""
    falls = []
    for key, scores in before.items():
        was, value = scores.get(name), now.get(key, {}).get(name)
        if was is not None and value is not None and value < was:
            falls.append((key, was - value))
    return sorted(falls, key=lambda fall: (-fall[1], fall[0]))
