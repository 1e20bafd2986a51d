"""Which articles may tell one story: each is compared with the few that share its telling words, never with all.

Words weigh by how rare they are. In a small collection every word is rare, so the collection's own counts are
mixed with what is known of English: as if PRIOR further articles, of news at large, were in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.index.signature import SKETCH, Signature

Numbers = NDArray[np.int64]
Values = NDArray[np.float64]

PRIOR = 1_000
# Of 12/rank an article at large is expected to hold a word in its head: fitted by eye to Zipf's law.
ZIPF = 12.0
# Telling words by which an article is looked up, and how many of those that share one are looked at, nearest in
# time first. So the work for an article is bounded, however many there are.
ANCHORS, REACH = 20, 64
MOST_COMPARED = 64
BANDS = 16  # of a sketch: texts that share four shingles of five share a band nearly always (.96)
LEAST = 0.04  # a likeness below this is not kept
# Likenesses are multiples of this: their sums are then exact, and the same in whatever order they are made.
STEP = 2.0**-20
# Likeness fades with the days between two articles, to 70 % of itself: reports of one event come within weeks, but
# dates in collections are often those of a later copy.
FLOOR, FADING_DAYS = 0.7, 30.0
UNDATED_DAYS = 30.0  # assumed between an article without a date and any other
# Share of the shorter text's shingles found in the other from which on two texts are copies of one another.
COPY = 0.7
AT_ONCE = 512  # articles looked up together


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of articles that are alike, by their places in a list; each pair once, the smaller place first."""

    one: Numbers
    other: Numbers
    likeness: Values  # LEAST to 1
    copies: NDArray[np.bool_]  # whether the two are nearly the same text


class Linking:
    """The signatures of a collection, ready to be compared. Articles are known by their places in the list."""

    def __init__(self, signatures: Sequence[Signature], days: Numbers) -> None:
        """`days`: ordinals of the days of publication, 0 for an undated article."""
        self._days = days
        sizes = np.array([len(s.words) for s in signatures], np.int64)
        self._owners = np.repeat(np.arange(len(signatures)), sizes)
        self._starts = np.searchsorted(self._owners, np.arange(len(signatures) + 1))
        self._words, self._values = _weighed(signatures, self._owners)
        self._sketches = np.array([s.sketch for s in signatures], np.uint32).reshape(-1, SKETCH)
        self._shingles = np.array([s.shingles for s in signatures], np.float64)
        self._post()

    def links(self, places: Numbers) -> Links:
        """The links of these articles with all that there are."""
        found = [self._linked(places[start : start + AT_ONCE]) for start in range(0, len(places), AT_ONCE)]
        one, other, likeness, copies = (
            (np.concatenate(column) for column in zip(*found, strict=True)) if found else _NOTHING
        )
        pairs = np.stack([np.minimum(one, other), np.maximum(one, other)])
        _, first = np.unique(pairs[0] * len(self._days) + pairs[1], return_index=True)
        return Links(pairs[0][first], pairs[1][first], likeness[first], copies[first])

    def _post(self) -> None:
        """Lay out which articles share an anchor, those of one anchor together and in order of days."""
        heavy = np.lexsort((self._words, -self._values, self._owners))
        place = np.arange(len(heavy)) - self._starts[self._owners[heavy]]
        heavy = heavy[place < ANCHORS]
        bands = _bands(self._sketches)
        keys = np.concatenate([self._words[heavy].astype(np.uint64), bands.ravel()])
        owners = np.concatenate([self._owners[heavy], np.repeat(np.arange(len(bands)), BANDS)])
        values = np.concatenate([self._values[heavy], np.ones(bands.size)])
        order = np.lexsort((owners, self._days[owners], keys))
        self._posted, self._weights, keys = owners[order], values[order], keys[order]
        begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: keys.size])
        lengths = np.diff(np.append(begins, len(keys)))
        self._first = np.repeat(begins, lengths).astype(np.int64)
        self._last = self._first + np.repeat(lengths, lengths)
        self._postings = np.argsort(self._posted, kind="stable")
        self._postings_of = np.searchsorted(self._posted[self._postings], np.arange(len(self._days) + 1))

    def _linked(self, places: Numbers) -> tuple[Numbers, Numbers, Values, NDArray[np.bool_]]:
        one, other = self._candidates(places)
        likeness = self._cosines(one, other) * self._nearness(one, other)
        shared = self._containment(one, other)
        copies = shared >= COPY
        likeness = np.where(copies, np.maximum(likeness, shared), likeness)
        likeness = np.round(likeness / STEP) * STEP
        kept = likeness >= LEAST
        return one[kept], other[kept], likeness[kept], copies[kept]

    def _candidates(self, places: Numbers) -> tuple[Numbers, Numbers]:
        """For each article those that share the most of its anchors, by weight; MOST_COMPARED at most."""
        own = np.concatenate(
            [np.arange(self._postings_of[p], self._postings_of[p + 1]) for p in places.tolist()]
        )
        own = self._postings[own]
        low = np.maximum(self._first[own], own - REACH // 2)
        high = np.minimum(self._last[own], own + REACH // 2 + 1)
        found = _ranges(low, high)
        asking = np.repeat(own, high - low)
        one, other = self._posted[asking], self._posted[found]
        pairs, inverse = np.unique(one * len(self._days) + other, return_inverse=True)
        scores = _sums(inverse, self._weights[asking] * self._weights[found], len(pairs))
        one, other = np.divmod(pairs, len(self._days))
        scores = scores[one != other]
        one, other = one[one != other], other[one != other]
        order = np.lexsort((other, -scores, one))
        one, other = one[order], other[order]
        place = np.arange(len(one)) - np.searchsorted(one, one)
        return one[place < MOST_COMPARED], other[place < MOST_COMPARED]

    def _cosines(self, one: Numbers, other: Numbers) -> Values:
        """The cosines of pairs sorted by their first."""
        scratch = np.zeros(int(self._words.max(initial=0)) + 1)
        cosines = np.zeros(len(one))
        for place, begin, end in _runs(one):
            words = slice(self._starts[place], self._starts[place + 1])
            scratch[self._words[words]] = self._values[words]
            cosines[begin:end] = self._products(scratch, other[begin:end])
            scratch[self._words[words]] = 0.0
        return cosines

    def _products(self, scratch: Values, others: Numbers) -> Values:
        low, high = self._starts[others], self._starts[others + 1]
        terms = _ranges(low, high)
        products = scratch[self._words[terms]] * self._values[terms]
        return _sums(np.repeat(np.arange(len(others)), high - low), products, len(others))

    def _nearness(self, one: Numbers, other: Numbers) -> Values:
        apart = np.abs(self._days[one] - self._days[other]).astype(np.float64)
        apart[(self._days[one] == 0) | (self._days[other] == 0)] = UNDATED_DAYS
        nearness: Values = FLOOR + (1 - FLOOR) * np.exp(-apart / FADING_DAYS)
        return nearness

    def _containment(self, one: Numbers, other: Numbers) -> Values:
        """About what share of the shorter text's shingles is in the other one."""
        jaccard = np.mean(self._sketches[one] == self._sketches[other], axis=1)
        sizes = self._shingles[one], self._shingles[other]
        shared = jaccard / (1 + jaccard) * (sizes[0] + sizes[1])
        share: Values = np.minimum(1.0, shared / np.maximum(1.0, np.minimum(*sizes)))
        return share


_NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_))


def _weighed(signatures: Sequence[Signature], owners: Numbers) -> tuple[Numbers, Values]:
    """For each word of each article its number and its weight; the weights of an article have the length 1."""
    if not owners.size:
        return owners, np.zeros(0)
    hashes = np.concatenate([s.words for s in signatures])
    ranks = np.concatenate([s.ranks for s in signatures]).astype(np.float64)
    counts = np.concatenate([s.counts for s in signatures]).astype(np.float64)
    _, words, frequencies = np.unique(hashes, return_inverse=True, return_counts=True)
    expected = PRIOR * -np.expm1(-ZIPF / np.maximum(ranks, 1.0))
    rarity = np.log((len(signatures) + PRIOR) / (frequencies[words] + expected))
    values = (1 + np.log(counts)) * np.maximum(rarity, 1e-3)
    lengths = np.sqrt(_sums(owners, values**2, int(owners[-1]) + 1))
    return words.astype(np.int64), values / lengths[owners]


def _sums(groups: Numbers, values: Values, count: int) -> Values:
    """The sum of the values of each group, in float64."""
    return np.bincount(groups, values, count).astype(np.float64, copy=False)


def _bands(sketches: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """A number for each band of each sketch, of a range that no word's number is in."""
    rows = sketches.reshape(-1, BANDS, SKETCH // BANDS).astype(np.uint64)
    mixed = np.zeros((len(sketches), BANDS), np.uint64)
    for column in range(rows.shape[2]):
        mixed = (mixed ^ rows[:, :, column]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed | np.uint64(1 << 63)


def _ranges(low: Numbers, high: Numbers) -> Numbers:
    """The numbers from low to high, high excluded, of one range after the other."""
    lengths = high - low
    ends = np.cumsum(lengths)
    return np.repeat(low - ends + lengths, lengths) + np.arange(ends[-1] if ends.size else 0)


def _runs(values: Numbers) -> Iterator[tuple[int, int, int]]:
    """Each value of a sorted array, with where it begins and ends."""
    begins = np.flatnonzero(np.diff(values, prepend=-1))
    ends = np.append(begins, len(values))[1:]
    yield from zip(values[begins].tolist(), begins.tolist(), ends.tolist(), strict=True)
