"""A claim's sentence laid against the sentences that are to support it: which of them do, and word by word where."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.reading import Reading
from rag.answering.verification.speech import Heard, listen

CHOSEN = 4  # sentences a claim's sentence may rest on
WORTH = 0.08  # share of the claim's content that a neighbouring sentence must add to be worth citing
GAIN = 0.01  # share of the claim's weight that a further sentence must add
LIKENESS = 0.4  # cosine of two words in context from which on they say something like each other
SOFT = 0.8  # what a word that is only alike counts, at most, against the same word
ROUNDED = 0.005  # relative difference at which two numbers count as one: "1.5 million" for 1,497,000


class Evidence:
    """The sentences of some contexts with their words side by side."""

    def __init__(self, sentences: Sequence[Reading]) -> None:
        self.sentences = tuple(sentence for sentence in sentences if sentence.words)
        counts = [len(sentence.words) for sentence in self.sentences]
        self.starts = np.cumsum([0, *counts])
        self.owner = np.repeat(np.arange(len(counts)), counts)  # sentence of each word
        self.lower = [word for sentence in self.sentences for word in sentence.lower]
        self.stems = np.array([word.stem for sentence in self.sentences for word in sentence.words])
        kinds = np.array([kind for sentence in self.sentences for kind in sentence.kinds])
        self.content = np.isin(kinds, ("content", "number", "name"))
        if self.sentences:
            self.values = np.concatenate([sentence.values for sentence in self.sentences])
            self.negated = np.concatenate([sentence.negated for sentence in self.sentences])
            self.vectors = np.concatenate([sentence.vectors for sentence in self.sentences])
            self.meanings = np.stack([sentence.meaning for sentence in self.sentences])

    @cached_property
    def heard(self) -> list[Heard]:
        """Who speaks in each sentence."""
        return listen([sentence.text for sentence in self.sentences])


@dataclass(frozen=True, eq=False)
class Alignment:
    """A claim's sentence against evidence that has at least one word. Matrices: claim words × evidence words."""

    claim: Reading
    evidence: Evidence

    @cached_property
    def same(self) -> NDArray[np.bool_]:
        """The same word or the same number."""
        stems = np.array([word.stem for word in self.claim.words])
        same = stems[:, None] == self.evidence.stems[None]
        values, others = self.claim.values[:, None], self.evidence.values[None]
        with np.errstate(invalid="ignore"):
            numbers = np.abs(values - others) <= ROUNDED * np.abs(values) * (np.abs(values) >= 1000)
        both = ~np.isnan(values) & ~np.isnan(others)
        found: NDArray[np.bool_] = np.where(both, numbers, same)
        return found

    @cached_property
    def alike(self) -> NDArray[np.float32]:
        """Cosines of the words in their contexts."""
        cosines: NDArray[np.float32] = self.claim.vectors @ self.evidence.vectors.T
        return cosines

    @cached_property
    def meaning(self) -> NDArray[np.float32]:
        """Cosine of the claim's sentence with each sentence of the evidence."""
        cosines: NDArray[np.float32] = self.evidence.meanings @ self.claim.meaning
        return cosines

    @cached_property
    def carrying(self) -> NDArray[np.bool_]:
        """Which words of the claim carry content."""
        return np.array([kind in ("content", "number", "name") for kind in self.claim.kinds])

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """Each word's share of the claim's content; they add up to 1 where there is content."""
        weights = (self.claim.weights * self.carrying).astype(np.float32)
        return weights / np.float32(max(float(weights.sum()), 1e-9))

    @cached_property
    def matches(self) -> NDArray[np.float32]:
        """Claim words × sentences: how well the sentence's best word stands for the claim's, 0–1."""
        soft = SOFT * np.clip((self.alike - LIKENESS) / (1 - LIKENESS), 0, 1)
        best = np.where(self.same, 1.0, soft)
        return np.maximum.reduceat(best, self.evidence.starts[:-1], axis=1).astype(np.float32)

    @cached_property
    def coverage(self) -> NDArray[np.float32]:
        """Share of the claim's content that each sentence holds."""
        shares: NDArray[np.float32] = self.weights @ self.matches
        return shares

    @cached_property
    def closeness(self) -> NDArray[np.float32]:
        """Coverage and meaning together: what sentences are ranked by."""
        return self.coverage + np.float32(0.3) * self.meaning

    def borne_out(self, run: range) -> float:
        """How well a run of sentences holds the claim, by coverage and meaning, less for each sentence of it."""
        together = self.weights @ self.matches[:, run].max(axis=1)
        return float(together + 0.3 * self.meaning[run].max()) - WORTH * len(run)

    @cached_property
    def nearest(self) -> int:
        """The sentence closest to the claim."""
        return int(self.closeness.argmax())

    @cached_property
    def chosen(self) -> list[int]:
        """The sentences that together hold most of the claim, most useful first."""
        held = np.zeros(len(self.claim.words), dtype=np.float32)
        chosen: list[int] = []
        while len(chosen) < min(CHOSEN, len(self.evidence.sentences)):
            together = self.weights @ np.maximum(self.matches, held[:, None])
            gain = together + 0.1 * self.closeness
            gain[chosen] = -np.inf
            best = int(gain.argmax())
            if chosen and together[best] - float(self.weights @ held) < GAIN:
                break
            chosen.append(best)
            held = np.maximum(held, self.matches[:, best])
        return chosen

    @cached_property
    def support(self) -> str:
        """The chosen sentences in their order."""
        return " ".join(self.evidence.sentences[place].text for place in sorted(self.chosen))

    @cached_property
    def held(self) -> NDArray[np.float32]:
        """How well the chosen sentences together stand for each word."""
        best: NDArray[np.float32] = self.matches[:, self.chosen].max(axis=1)
        return best

    @cached_property
    def in_chosen(self) -> NDArray[np.bool_]:
        """Which words of the evidence stand in the chosen sentences."""
        return np.isin(self.evidence.owner, self.chosen)

    @cached_property
    def chosen_words(self) -> frozenset[str]:
        """The content words of the chosen sentences, in lower case."""
        return frozenset(
            self.evidence.lower[each] for each in np.flatnonzero(self.in_chosen & self.evidence.content)
        )

    @cached_property
    def unmatched(self) -> NDArray[np.intp]:
        """Places of the content words of the chosen sentences that the claim does not have."""
        matched = self.same[self.carrying].any(axis=0)
        return np.flatnonzero(self.in_chosen & self.evidence.content & ~matched)

    def present(self, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which words of the claim stand as they are among these words of the evidence."""
        found: NDArray[np.bool_] = np.any(self.same & where, axis=1)
        return found
