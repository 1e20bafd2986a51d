"""Many rankings into one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

# The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
# Rank Learning Methods" (SIGIR 2009): it damps the lead of the very first ranks.
K = 60


def fuse(rankings: Sequence[tuple[float, Sequence[str]]]) -> Mapping[str, float]:
    """Reciprocal rank fusion of (weight, ids best first); ids map to scores, best first, ties by id.

    >>> list(fuse([(1.0, ["a", "b"]), (1.0, ["b", "c"])]))
    ['b', 'a', 'c']
    """
    scores: dict[str, float] = defaultdict(float)
    for weight, ids in rankings:
        for rank, key in enumerate(ids, start=1):
            scores[key] += weight / (K + rank)
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))
