"""The figures of a run: each question's scores, and what they come to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics import Metric, hit_at
from eval.samples import Sample
from eval.statistics import estimate

CURVE = 12  # ranks of the retrieval curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One question's scores, by metric."""

    id: str
    type: str
    scores: Mapping[str, float | None]
    failures: Mapping[str, str]  # why a judged metric has no number, by metric


def score_all(
    samples: Sequence[Sample],
    metrics: Sequence[Metric],
    judged: Mapping[str, Mapping[str, float | str]] | None = None,
    *,
    told: Callable[[int, int], None] | None = None,
) -> list[Scored]:
    """All metrics of all samples; `judged` has a judge's numbers, or its failures in words, by id and metric."""
    rows = []
    for place, sample in enumerate(samples, start=1):
        given = (judged or {}).get(sample.case.id, {})
        scores: dict[str, float | None] = {metric.name: _rounded(metric.score(sample)) for metric in metrics}
        scores |= {name: value if isinstance(value, float) else None for name, value in given.items()}
        failures = {name: value for name, value in given.items() if isinstance(value, str)}
        rows.append(Scored(id=sample.case.id, type=sample.case.type, scores=scores, failures=failures))
        if told:
            told(place, len(samples))
    return rows


def summarise(
    rows: Sequence[Scored], samples: Sequence[Sample], answers: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What a run comes to: its part of summary.json that the scores decide."""
    return {
        "metrics": figures(rows),
        "by_type": {
            kind: {
                name: {"value": figure["value"], "n": figure["n"]}
                for name, figure in figures([row for row in rows if row.type == kind]).items()
            }
            for kind in sorted({row.type for row in rows})
        },
        "retrieval_curve": _curve(samples),
        "model": next((answer["model"] for answer in answers if answer.get("model")), None),
        "usage": _usage(answers),
    }


def figures(rows: Sequence[Scored]) -> dict[str, dict[str, Any]]:
    """For each metric that any question has a number for, or a judge failed on: mean, interval, n, failures."""
    names = dict.fromkeys(name for row in rows for name in (*row.scores, *row.failures))
    found = {}
    for name in names:
        figure = estimate([row.scores.get(name) for row in rows])
        failures = Counter(row.failures[name].partition(":")[0] for row in rows if name in row.failures)
        if figure is None and not failures:
            continue
        known = asdict(figure) if figure else {"value": None, "low": None, "high": None, "n": 0}
        found[name] = known | {"failures": dict(sorted(failures.items()))}
    return found


def _curve(samples: Sequence[Sample]) -> list[float | None]:
    """Share of questions with a gold passage among the first 1, 2, … passages."""
    curve = []
    for depth in range(1, CURVE + 1):
        hits = [score for sample in samples if (score := hit_at(depth)(sample)) is not None]
        curve.append(round(sum(hits) / len(hits), 4) if hits else None)
    return curve


def _usage(answers: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for answer in answers:
        total.update(answer.get("usage") or {})
    return dict(sorted(total.items()))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
