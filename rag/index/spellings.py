"""The names of a collection that are spelt much like one that it does not have."""

from collections.abc import Iterable

import tantivy

LIKE = 68  # of 100: what two spellings of one name share at least (rapidfuzz's ratio of their patterns)
MOST = 12  # spellings taken for one name
SHORTEST = 4  # letters of a pattern; shorter ones are like too many


class Spellings:
    """The vocabulary of names, listed when an unknown name is first asked for, and anew when the index has grown."""

    def __init__(self) -> None:
        self._size = -1
        self._forms: list[str] = []

    def near(self, forms: Iterable[str], searcher: tantivy.Searcher) -> list[tuple[str, float]]:
        """Patterns of the collection like one of these, with their likeness (0–1)."""
        if self._size != searcher.num_docs:
            self._size = searcher.num_docs
            self._forms = [name for name, _ in searcher.terms_with_prefix("names", "")]
        # Imported here: most questions name nothing that is unknown.
        from rapidfuzz import fuzz, process

        found: dict[str, float] = {}
        for form in forms:
            if len(form) >= SHORTEST:
                close = process.extract(form, self._forms, scorer=fuzz.ratio, limit=MOST, score_cutoff=LIKE)
                found |= {name: max(score / 100, found.get(name, 0.0)) for name, score, _ in close}
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
