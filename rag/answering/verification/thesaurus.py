"""What WordNet knows of two words: whether they mean the same, the opposite, or name things of one kind.

The file is made by tools/build_thesaurus.py; its card is beside it.
"""

import math
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

Kinship = Literal["same", "synonym", "derived", "broader", "narrower", "sibling", "opposite", "none"]

_FILE = Path(__file__).parents[2] / "models" / "thesaurus" / "thesaurus.npz"
# Endings and what replaces them, tried in order; a result counts when the thesaurus has the word.
_ENDINGS = (
    ("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""),
    ("ier", "y"), ("iest", "y"), ("er", "e"), ("er", ""), ("est", "e"), ("est", ""),
)  # fmt: skip
_NEGATIVE_PREFIXES = frozenset(("un", "in", "im", "ir", "il", "dis", "non", "de", "mis"))
_LOG_COMMONEST = math.log(25_000)  # above the count of "be", the commonest word there is one for
NOUN, VERB, ADJECTIVE, ADVERB = 1, 2, 4, 8


class Thesaurus:
    """English words and what links them. Lower-case words in, any inflection."""

    def __init__(self, file: Path = _FILE) -> None:
        with np.load(file) as arrays:
            words = arrays["words"].tobytes().decode().split("\n")
            self._parts = arrays["parts"]
            self._counts = arrays["counts"]
            self._senses = (arrays["sense_starts"], arrays["senses"])
            self._parents = (arrays["parent_starts"], arrays["parents"])
            self._place = {word: place for place, word in enumerate(words)}
            self._opposites = _links(arrays["opposites"])
            self._derived = _links(arrays["derived"])
            self._irregular: dict[str, list[int]] = {}
            forms = arrays["forms"].tobytes().decode().split("\n")
            for form, lemma in zip(forms, arrays["form_lemmas"].tolist(), strict=True):
                self._irregular.setdefault(form, []).append(lemma)
        self._lemmas = lru_cache(maxsize=50_000)(self._find_lemmas)
        self._opposite_lemmas = lru_cache(maxsize=20_000)(self._find_opposites)
        self._meaning = lru_cache(maxsize=20_000)(self._find_meaning)
        self.kinship = lru_cache(maxsize=100_000)(self._find_kinship)

    def knows(self, word: str) -> bool:
        """Whether the word, in some inflection, is in the thesaurus."""
        return bool(self._lemmas(word))

    def parts(self, word: str) -> int:
        """The parts of speech a word can be: a sum of NOUN, VERB, ADJECTIVE and ADVERB; 0 for an unknown word."""
        found = 0
        for lemma in self._lemmas(word):
            found |= int(self._parts[lemma])
        return found

    def weight(self, word: str) -> float:
        """How much a word tells: 1 for one that is rare or unknown, less the commoner it is, above 0."""
        count = max((int(self._counts[lemma]) for lemma in self._lemmas(word)), default=0)
        return 1 - math.log1p(count) / _LOG_COMMONEST

    def _find_lemmas(self, word: str) -> tuple[int, ...]:
        found = list(self._irregular.get(word, ()))
        if word in self._place:
            found.append(self._place[word])
        for ending, other in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                base = word.removesuffix(ending) + other
                bases = [base]
                if not other and len(base) > 3 and base[-1] == base[-2]:
                    bases.append(base[:-1])  # "planned" → "plan"
                found += [self._place[each] for each in bases if each in self._place]
        return tuple(dict.fromkeys(found))

    def _find_meaning(
        self, word: str
    ) -> tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[int]]:
        """Lemmas, synsets, their parents, and the lemmas derived from a word."""
        lemmas = self._lemmas(word)
        synsets = [sense for lemma in lemmas for sense in _row(self._senses, lemma)]
        parents = [parent for synset in synsets for parent in _row(self._parents, synset)]
        derived = [other for lemma in lemmas for other in self._derived.get(lemma, ())]
        return frozenset(lemmas), frozenset(synsets), frozenset(parents), frozenset(derived)

    def _find_kinship(self, left: str, right: str) -> Kinship:
        """What the first word is to the second: "narrower" when it is a kind of the second."""
        if left == right:
            return "same"
        if self.opposed(left, (right,)):
            return "opposite"
        lemmas, synsets, parents, derived = self._meaning(left)
        other_lemmas, other_synsets, other_parents, other_derived = self._meaning(right)
        if lemmas & other_lemmas:
            return "same"
        if synsets & other_synsets:
            return "synonym"
        if derived & other_lemmas or other_derived & lemmas or derived & other_derived:
            return "derived"
        if parents & other_synsets:
            return "narrower"
        if synsets & other_parents:
            return "broader"
        return "sibling" if parents & other_parents else "none"

    def opposed(self, word: str, others: Collection[str]) -> str | None:
        """The first of the other words that means the opposite, as "fell" of "rise" and "illegal" of "legal"."""
        wanted = self._opposite_lemmas(word)
        negated = _negatives(word)
        for other in others:
            if other in negated or (wanted and not wanted.isdisjoint(self._lemmas(other))):
                return other
        return None

    def _find_opposites(self, word: str) -> frozenset[int]:
        return _NONE.union(*(self._opposites.get(lemma, _NONE) for lemma in self._lemmas(word)))


_NONE: frozenset[int] = frozenset()


@lru_cache(maxsize=20_000)
def _negatives(word: str) -> frozenset[str]:
    """The word with and without a negative prefix, with -less for -ful and the other way round."""
    found = {prefix + word for prefix in _NEGATIVE_PREFIXES if len(word) > 3}
    found |= {word.removeprefix(prefix) for prefix in _NEGATIVE_PREFIXES if word.startswith(prefix)}
    if word.endswith(("less", "ful")):
        stem = word.removesuffix("less").removesuffix("ful")
        found |= {stem + "less", stem + "ful"}
        if word.endswith("less"):
            found.add(stem)
    return frozenset(each for each in found if len(each) > 3 and each != word)


def _links(pairs: np.ndarray) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for left, right in pairs.tolist():
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return {key: frozenset(values) for key, values in found.items()}


def _row(table: tuple[np.ndarray, np.ndarray], place: int) -> list[int]:
    starts, values = table
    return values[starts[place] : starts[place + 1]].tolist()  # type: ignore[no-any-return]  # NumPy types it Any


@cache
def thesaurus() -> Thesaurus:
    """The bundled thesaurus, read once."""
    return Thesaurus()
