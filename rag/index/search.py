"""Search over the collection: the nearest embeddings and the best matching words, live passages only."""

from collections.abc import Iterable, Sequence
from datetime import date
from threading import RLock

from rag.domain import Filters
from rag.index.derived import DerivedKeywords, DerivedVectors
from rag.index.exact import Exact, ranked
from rag.index.rows import Matrix, Notes
from rag.index.store import Store

NO_FILTERS = Filters()
# Passages up to which every embedding is read and scored instead of asking Chroma. At 38,450 passages of 256
# numbers that takes 3.4 ms of processor time for a search, and Chroma with its candidates' embeddings 7 ms; reading
# them all takes 0.3 s once, opening Chroma 0.2 s and importing it 1.2 s; and scoring them all misses nothing, where
# Chroma finds 99.7 % of the best sixty.
EXACT_UP_TO = 50_000
# Candidates that Chroma is asked for beyond twice `k`: passages that are gone, and near ties, are among them.
OVERFETCH = 50
# Candidates beyond which exact scoring of all is quicker: the embedding of an empty question ties with
# everything.
MOST_CANDIDATES = 2_000


class Search:
    """Both kinds of search; results depend on what the collection holds, not on how it came in."""

    def __init__(self, store: Store, vectors: DerivedVectors, keywords: DerivedKeywords) -> None:
        self.exact_up_to = EXACT_UP_TO
        self._store, self._vectors, self._keywords = store, vectors, keywords
        self._exact: Exact | None = None
        self._guard = RLock()

    def nearest(self, vector: Matrix, k: int, filters: Filters, notes: Notes) -> list[tuple[str, float]]:
        """The `k` passages nearest to `vector` with their cosines, best first, ties by id."""
        if not notes.size or k < 1:
            return []
        if filters == NO_FILTERS and notes.size > self.exact_up_to:
            found = self._approximate(vector, k, notes)
            if found is not None:
                return found
        return self._all_embeddings(notes).nearest(vector, k, filters)

    def matching(
        self, question: str, k: int, filters: Filters, notes: Notes, days: Sequence[tuple[date, date]] = ()
    ) -> list[tuple[str, float]]:
        """The `k` passages with the highest BM25, best first, ties by id; with `days`, of those that name one."""
        if not notes.size or k < 1:
            return []
        wanted = k
        while True:
            hits = self._keywords.matching(question, wanted, filters, notes, days)
            keys = [key for key, _ in hits]
            live = self._at_hand(notes).ids_by_key(keys, as_of=filters.as_of)
            if len(live) >= k or len(hits) < wanted:
                break
            wanted *= 2
        found = [(live[key], score) for key, score in hits if key in live]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def rarity(self, stems: Iterable[str], notes: Notes) -> dict[str, float]:
        """How telling each word is; see Keywords.rarity."""
        return self._keywords.rarity(stems, notes) if notes.size else {}

    def published(self, ids: Iterable[str], notes: Notes) -> dict[str, date | None]:
        """The publication days of the articles of these passages; an unknown id is left out."""
        return self._at_hand(notes).published(ids)

    def _at_hand(self, notes: Notes) -> "Exact | Store":
        """What tells about passages the quicker: the table in memory, if there is one, else the record."""
        with self._guard:
            current = self._exact is not None and self._exact.revision == notes.revision
            return self._exact if current and self._exact is not None else self._store

    def _approximate(self, vector: Matrix, k: int, notes: Notes) -> list[tuple[str, float]] | None:
        """Chroma's candidates, scored exactly; None when Chroma cannot be asked, or not all ties be told."""
        wanted = 2 * k + OVERFETCH
        while wanted <= MOST_CANDIDATES:
            keys = self._vectors.nearest(vector, wanted, notes)
            if keys is None:
                return None
            found = ranked(self._store.vectors_by_key(keys), vector)
            # Done when every live passage is among the candidates, or they reach beyond those that tie with the
            # last one.
            if len(found) == notes.size or (len(found) > k and found[-1][1] < found[k - 1][1]):
                return found[:k]
            if len(keys) < wanted:  # its graph does not lead to all of them
                return None
            wanted *= 2
        return None

    def _all_embeddings(self, notes: Notes) -> Exact:
        with self._guard:
            if self._exact is None or self._exact.revision != notes.revision:
                self._exact = Exact(self._store.table(notes.dimensions), notes.revision)
            return self._exact
