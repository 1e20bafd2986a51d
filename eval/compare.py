"""Two runs on the same questions: what the second has over the first, and whether that may be chance."""

from collections.abc import Mapping
from dataclasses import dataclass

from eval.statistics import Difference, difference

CERTAIN = 0.05  # a p below it is called a difference

Scores = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One metric in two runs."""

    metric: str
    first: float
    second: float
    by: Difference

    @property
    def verdict(self) -> str:
        if self.by.p >= CERTAIN or not self.by.value:
            return "no certain difference"
        return "better" if self.by.value > 0 else "worse"


def compare(first: Scores, second: Scores) -> tuple[list[Row], list[str]]:
    """The metrics that both runs have, over the questions both scored; and the questions that only one did."""
    shared = [key for key in first if key in second]
    names = dict.fromkeys(name for key in shared for name in (*first[key], *second[key]))
    rows = []
    for name in names:
        ours = [first[key].get(name) for key in shared]
        theirs = [second[key].get(name) for key in shared]
        by = difference(ours, theirs)
        if by is not None:
            rows.append(Row(metric=name, first=_mean(ours), second=_mean(theirs), by=by))
    return rows, sorted(set(first) ^ set(second))


def _mean(scores: list[float | None]) -> float:
    known = [score for score in scores if score is not None]
    return round(sum(known) / len(known), 4)
