"""How sure a figure is: bootstrap intervals, and whether two runs on the same questions differ by more than chance.

A score is a number for each question, None where it has none. Everything is seeded: the same scores give the same
figures. Methods: percentile bootstrap (Efron 1979) over questions; paired randomisation test (Fisher 1935; for
language processing Yeh 2000), which swaps the two runs question by question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
SHUFFLES = 10_000
SEED = 20190120
COVERAGE = 0.95
EVEN = 0.5  # chance that a question's two answers are swapped
CELLS = 1_000_000  # numbers in memory at a time
_Score = float | None
_Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with the interval that 95 of 100 such samples of questions would give."""

    value: float
    low: float
    high: float
    n: int  # questions that have a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a run has over another, on the questions both were asked."""

    value: float  # second minus first
    low: float
    high: float
    p: float  # of a difference at least as large if the runs were alike
    n: int  # questions with a number in either


def estimate(scores: Sequence[_Score]) -> Estimate | None:
    """Mean and interval; None where no question has a number."""
    known = np.array([score for score in scores if score is not None], dtype=float)
    if not known.size:
        return None
    draws = np.random.default_rng(SEED).integers(known.size, size=(RESAMPLES, known.size))
    low, high = _interval(known[draws].mean(axis=1))
    return Estimate(value=_round(known.mean()), low=low, high=high, n=int(known.size))


def difference(first: Sequence[_Score], second: Sequence[_Score]) -> Difference | None:
    """Paired by place. None where either has no number at all."""
    pairs = np.array(
        [(_nan(a), _nan(b)) for a, b in zip(first, second, strict=True) if a is not None or b is not None],
        dtype=float,
    ).reshape(-1, 2)
    if not pairs.size or np.isnan(pairs).all(axis=0).any():
        return None
    random = np.random.default_rng(SEED)
    value = float(np.subtract(*np.nanmean(pairs, axis=0)[::-1]))
    resampled = np.concatenate(
        [
            _gap(pairs[draws, 0], pairs[draws, 1])
            for size in _batches(RESAMPLES, len(pairs))
            for draws in [random.integers(len(pairs), size=(size, len(pairs)))]
        ]
    )
    shuffled = np.concatenate(
        [
            _gap(np.where(swap, pairs[:, 1], pairs[:, 0]), np.where(swap, pairs[:, 0], pairs[:, 1]))
            for size in _batches(SHUFFLES, len(pairs))
            for swap in [random.random((size, len(pairs))) < EVEN]
        ]
    )
    low, high = _interval(resampled[~np.isnan(resampled)])
    # The runs as they are count as one of the shuffles: p is never 0 (Davison & Hinkley 1997, 4.2).
    extreme = int((np.abs(shuffled[~np.isnan(shuffled)]) >= abs(value) - 1e-12).sum())
    p = (extreme + 1) / (SHUFFLES + 1)
    return Difference(value=_round(value), low=low, high=high, p=_round(p), n=len(pairs))


def _batches(draws: int, questions: int) -> Iterator[int]:
    """Sizes that add up to the draws and keep each batch within some ten megabytes."""
    size = max(1, CELLS // questions)
    yield from (min(size, draws - start) for start in range(0, draws, size))


def _gap(first: _Rows, second: _Rows) -> _Rows:
    """Difference of the means along rows, over the numbers there are; nan where a side has none."""
    return _row_means(second) - _row_means(first)


def _row_means(rows: _Rows) -> _Rows:
    known = ~np.isnan(rows)
    counts = known.sum(axis=1)
    sums = np.where(known, rows, 0.0).sum(axis=1)
    means: _Rows = np.divide(sums, counts, out=np.full(len(rows), np.nan), where=counts > 0)
    return means


def _interval(means: _Rows) -> tuple[float, float]:
    edge = 100 * (1 - COVERAGE) / 2
    low, high = np.percentile(means, [edge, 100 - edge])
    return _round(low), _round(high)


def _nan(score: _Score) -> float:
    return float("nan") if score is None else score


def _round(value: float) -> float:
    return round(float(value), 4)
