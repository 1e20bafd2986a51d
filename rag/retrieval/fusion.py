"""Many rankings into one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods"
# (SIGIR 2009), damp the first ranks by 60. News questions have few right articles, so the first ranks should count:
# on RealTimeQA's development questions 10 gives MRR .66, 60 gives .60 (weights as in retriever.py).
K = 10


def fuse(rankings: Sequence[tuple[float, Mapping[str, int]]]) -> dict[str, float]:
    """Reciprocal rank fusion of (weight, ranks from 1 by id); ids map to scores, best first, ties by id.

    >>> list(fuse([(1.0, ranks(["a", "b"])), (1.0, ranks(["b", "c"]))]))
    ['b', 'a', 'c']
    """
    scores: dict[str, float] = defaultdict(float)
    for weight, places in rankings:
        for key, rank in places.items():
            scores[key] += weight / (K + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))


def ranks(ids: Sequence[str]) -> dict[str, int]:
    """Ids in order, best first, with their ranks."""
    return {key: rank for rank, key in enumerate(ids, start=1)}
