"""Exact similarity: every live embedding in memory, scored with NumPy.

For filtered questions, where Chroma's own filters take seconds, and whenever Chroma's folder may not be
opened.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.domain import Filters
from rag.index.rows import STANDING, Matrix, Table

# Digits of a cosine that are kept, so that equal embeddings tie whichever way they were summed.
DIGITS = 7
# How far a sum in float32 may be from the one in float64 by which candidates are finally ordered.
TOLERANCE = 1e-5


class Exact:
    """The passages at one revision of the collection."""

    def __init__(self, table: Table, revision: int) -> None:
        self.revision = revision
        self._table = table

    def nearest(self, vector: Matrix, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The `k` passages that pass the filters with the highest cosine, best first, ties by id."""
        places = np.flatnonzero(self._passing(filters))
        if not places.size:
            return []
        scores = self._scores(places, vector)
        if scores.size > k:
            bar = np.partition(scores, -k)[-k] - TOLERANCE  # ties with the last one included, however many
            places = places[scores >= bar]
        candidates = {self._table.ids[place]: self._table.vectors[place] for place in places}
        return ranked(candidates, vector)[:k]

    def ids_by_key(self, keys: Sequence[int], *, as_of: date | None = None) -> dict[int, str]:
        """Passage ids of those among these keys whose version of the article stands, or stood on that day."""
        places = np.searchsorted(self._table.keys, keys)
        places[places == len(self._table.keys)] = 0
        found = (self._table.keys[places] == keys) & self._standing(as_of)[places]
        return {
            key: self._table.ids[place]
            for key, place, there in zip(keys, places.tolist(), found.tolist(), strict=True)
            if there
        }

    def published(self, ids: Iterable[str]) -> dict[str, date | None]:
        """The publication days of these passages' articles; an unknown id is left out."""
        places = {key: place for key in ids if (place := self._places.get(key)) is not None}
        days = self._table.published[list(places.values())].tolist()
        return {key: date.fromordinal(day) if day else None for key, day in zip(places, days, strict=True)}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self._table.ids)}

    def _scores(self, places: NDArray[np.intp], vector: Matrix) -> Matrix:
        vectors = self._table.vectors
        # Copying rows together costs more than scoring them: worth it for a small part only.
        few = places.size * 4 < len(vectors)
        # Not `@`: BLAS sets a thread on every core to it, which wait for each other, spinning, where other work has
        # one of them. Beside a job on two cores, 38,450 passages take 24 ms so and 12 ms on one thread, and 8.0 ms of
        # processor time against 3.4.
        scores: Matrix = np.vecdot(vectors[places] if few else vectors, vector)
        return scores if few else scores[places]

    def _passing(self, filters: Filters) -> NDArray[np.bool_]:
        days = self._table.published
        keep = self._standing(filters.as_of)
        if filters.since is not None:
            keep &= days >= filters.since.toordinal()
        if filters.until is not None:
            keep &= (days > 0) & (days <= filters.until.toordinal())
        if filters.sources:
            wanted = {source.casefold() for source in filters.sources}
            numbers = [number for number, name in enumerate(self._table.names) if name in wanted]
            keep &= np.isin(self._table.sources, numbers)
        return keep

    def _standing(self, as_of: date | None) -> NDArray[np.bool_]:
        """The passages of what the articles say now, or said on a day."""
        since, until = self._table.since, self._table.until
        if as_of is None:
            standing: NDArray[np.bool_] = until == STANDING
            return standing
        day = as_of.toordinal()
        stood: NDArray[np.bool_] = (since <= day) & (day < until)
        return stood


def ranked(candidates: Mapping[str, Matrix], vector: Matrix) -> list[tuple[str, float]]:
    """Candidates with their cosine to `vector`, best first, ties by id; embeddings are of length 1 or 0."""
    if not candidates:
        return []
    matrix = np.stack(list(candidates.values())).astype(np.float64)
    cosines: Iterable[float] = np.round(matrix @ vector.astype(np.float64), DIGITS).tolist()
    return sorted(zip(candidates, cosines, strict=True), key=lambda pair: (-pair[1], pair[0]))
