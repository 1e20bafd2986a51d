"""The runs of `dateline eval` in a home, read from their folders; docs/evaluation.md describes the files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FOLDER = "evaluations"
SHOWN = 20  # runs, the latest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric of one run."""

    name: str
    value: float | None  # 0–1, more is better; None: there were only failures
    low: float | None  # 95 % interval
    high: float | None
    n: int  # questions that have a number
    before: float | None = None  # the value in the previous run of the same dataset; None: there is none

    @property
    def change(self) -> float | None:
        """How far the value moved since then."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished run."""

    name: str
    dataset: str
    config: str
    model: str | None
    finished: str  # ISO 8601; empty: not known
    scored: int  # questions
    p50_ms: float | None  # of a question
    figures: tuple[Figure, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there was a run before it to compare with."""
        return any(each.change is not None for each in self.figures)


def runs(home: Path) -> tuple[Run, ...]:
    """The finished runs, the latest first, each compared with the one before it of its dataset."""
    found = [run for folder in sorted((home / FOLDER).glob("*")) if (run := _read(folder))]
    found.sort(key=lambda run: (run.finished, run.name))
    last: dict[str, Mapping[str, float | None]] = {}
    compared = []
    for run in found:
        before = last.get(run.dataset, {})
        figures = tuple(replace(each, before=before.get(each.name)) for each in run.figures)
        compared.append(replace(run, figures=figures))
        last[run.dataset] = {each.name: each.value for each in run.figures}
    return tuple(reversed(compared[-SHOWN:]))


def _read(folder: Path) -> Run | None:
    """None for what is no finished run, or of another format than this program writes."""
    try:
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
        times = _times(folder)
        return Run(
            name=folder.name,
            dataset=str(summary["dataset"]["name"]),
            config=str(summary["config"]),
            model=summary.get("model"),
            finished=str(times.get("finished", "")),
            scored=int(summary["questions"]["scored"]),
            p50_ms=times.get("p50_ms"),
            figures=tuple(
                Figure(
                    name=str(name), value=each["value"], low=each["low"], high=each["high"], n=int(each["n"])
                )
                for name, each in summary["metrics"].items()
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _times(folder: Path) -> dict[str, Any]:
    path = folder / "times.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}
