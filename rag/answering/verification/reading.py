"""One sentence read for comparison: its words, what kind each is, and a vector for each in its context."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.thesaurus import Thesaurus
from rag.embeddings import MiniLMEmbedder
from rag.language import STOPWORDS, Token, names, numbers, tokens
from rag.threads import Memo

# content: carries meaning of its own; turn: a function word that can turn the meaning ("not", "only", "before")
WordKind = Literal["content", "number", "name", "turn", "function"]

NEGATIONS = frozenset(
    """not no never without none nobody nothing neither nor cannot t hardly unable fail failed fails
    instead lack lacks denied refused refuses""".split()
)
TURNS = NEGATIONS | frozenset(
    """only all any both few more less most least every each some several many but before after until again
    however although despite rather than except over under above below up down may might must could
    should would will can against same other exactly first last just even still yet also while unless""".split()
)
NEGATION_REACH = 5  # words behind a negation that it may turn
RISING = frozenset(
    """rise rose risen rises rising increase increases increased increasing grow grew grown grows growing
    gain gains gained gaining climb climbed jump jumped surge surged surging soar soared improve
    improved improves improving expand expanded expands advance advanced boost boosts boosted boosting
    raise raised raises raising strengthen strengthened higher more greater upward enhance enhanced
    enhances hike hikes hiked widened accelerated up""".split()
)
FALLING = frozenset(
    """fall fell fallen falls falling decrease decreases decreased decreasing decline declined declines
    declining drop dropped drops dropping lose lost loses losing shrink shrank shrinking plunge plunged
    reduce reduced reduces reducing lower lowered lowers lowering weaken weakened worsen worsened less
    smaller downward cut cuts cutting slump slumped sink sank hinder hinders hindered diminish
    diminished slash slashed narrowed slowed tumbled down""".split()
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A sentence taken apart; the lists and the rows of `vectors` run along its words."""

    text: str
    words: tuple[Token, ...]
    lower: tuple[str, ...]
    kinds: tuple[WordKind, ...]
    values: NDArray[np.float64]  # of a number; NaN for any other word and for "dozens"
    weights: NDArray[np.float32]  # 0–1: how much the word tells
    negated: NDArray[np.bool_]  # stands behind a negation
    vectors: NDArray[np.float32]  # rows of length 1; zero rows for words the model did not see
    meaning: NDArray[np.float32]  # of the whole sentence, length 1

    def places(self, *kinds: WordKind) -> list[int]:
        return [place for place, kind in enumerate(self.kinds) if kind in kinds]


class Reader:
    """Reads sentences; what was read is kept, so that a passage is read once for all claims on it."""

    def __init__(self, encoder: MiniLMEmbedder, thesaurus: Thesaurus, *, kept: int = 1_000) -> None:
        self._encoder = encoder
        self._thesaurus = thesaurus
        self.read = Memo(self._read, kept=kept)

    def _read(self, text: str) -> Reading:
        words = tokens(text)
        lower = tuple(word.text.lower() for word in words)
        values, kinds = _kinds(text, words, lower, self._thesaurus)
        vectors, meaning = self._vectors(text, words)
        return Reading(
            text=text,
            words=tuple(words),
            lower=lower,
            kinds=kinds,
            values=values,
            weights=np.array([self._thesaurus.weight(word) for word in lower], dtype=np.float32),
            negated=_negated(lower),
            vectors=vectors,
            meaning=meaning,
        )

    def _vectors(self, text: str, words: Sequence[Token]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        states, spans = self._encoder.states(text)
        rows = np.zeros((len(words), states.shape[1]), dtype=np.float32)
        place = 0
        for (start, end), state in zip(spans, states, strict=True):
            if start == end:
                continue
            while place < len(words) and words[place].end <= start:
                place += 1
            if place < len(words) and words[place].start < end:
                rows[place] += state
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        meaning = states.mean(axis=0)
        return rows / np.maximum(lengths, 1e-9), meaning / np.linalg.norm(meaning)


def _kinds(
    text: str, words: Sequence[Token], lower: Sequence[str], thesaurus: Thesaurus
) -> tuple[NDArray[np.float64], tuple[WordKind, ...]]:
    quantities, named = numbers(text), names(text)
    values = np.full(len(words), np.nan)
    kinds: list[WordKind] = []
    for place, word in enumerate(words):
        quantity = next((each for each in quantities if each.start <= word.start < each.end), None)
        if quantity is not None:
            values[place] = quantity.value
            kinds.append("number")
        elif lower[place] in TURNS:
            kinds.append("turn")
        elif word.is_capitalised and any(start <= word.start < end for start, end in named):
            ordinary = place == 0 and word.text[1:].islower() and thesaurus.knows(lower[place])
            acronym = len(word.text) > 1 and word.text.isupper()
            stop = lower[place] in STOPWORDS and not acronym
            kinds.append("function" if stop else "content" if ordinary else "name")
        else:
            kinds.append("function" if lower[place] in STOPWORDS else "content")
    return values, tuple(kinds)


def _negated(lower: Sequence[str]) -> NDArray[np.bool_]:
    marks = np.zeros(len(lower), dtype=np.bool_)
    for place, word in enumerate(lower):
        if word in NEGATIONS:
            marks[place + 1 : place + 1 + NEGATION_REACH] = True
    return marks
