"""What is measured of a claim against its evidence. tools/train_verifier.py learns from it, the scorer weighs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.answering.verification.alignment import Alignment
from rag.answering.verification.reading import FALLING, NEGATIONS, RISING
from rag.answering.verification.speech import other_speaker
from rag.answering.verification.thesaurus import ADJECTIVE, ADVERB, NOUN, VERB, Kinship, Thesaurus

_KINSHIPS: tuple[Kinship, ...] = (
    "synonym", "derived", "broader", "narrower", "sibling", "opposite", "none", "same",
)  # fmt: skip
_NEIGHBOURS = 2  # content words on each side of a word
_WINDOW = 7  # words around a place of the evidence in which the word's neighbours are looked for
_PLACES = 6  # of the evidence, at most, where a word's neighbours are looked for
_GAP = 3  # words from a matched neighbour within which another word may stand in for the claim's
SHARPNESS = 12.0  # of the weights with which a word's best counterparts are told from the rest


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Of one claim: a row for each word that counts, and figures of the whole."""

    rows: NDArray[np.float32]  # words × figures
    pairs: NDArray[np.float32]  # words × 2 × dimensions: the word and its counterpart in context
    whole: NDArray[np.float32]
    words: tuple[str, ...]  # those of the rows, as written in lower case


def measure(alignments: Sequence[Alignment], entailed: Sequence[float], thesaurus: Thesaurus) -> Features:
    """The features of a claim of one or several sentences, each aligned with the same evidence.

    `entailed`: for each the logit that the evidence says it (rag/entailment.py).
    """
    parts = [
        _sentence(alignment, logit, thesaurus) for alignment, logit in zip(alignments, entailed, strict=True)
    ]
    figures = np.stack([part.whole for part in parts])
    return Features(
        rows=np.concatenate([part.rows for part in parts]),
        pairs=np.concatenate([part.pairs for part in parts]),
        whole=np.concatenate([figures.max(axis=0), figures.min(axis=0), figures.mean(axis=0)]),
        words=tuple(word for part in parts for word in part.words),
    )


def _sentence(alignment: Alignment, entailed: float, thesaurus: Thesaurus) -> Features:
    claim = alignment.claim
    places = claim.places("content", "number", "name", "turn") or [0]
    held_nearest = alignment.present(alignment.evidence.owner == alignment.nearest)
    held_chosen = alignment.present(alignment.in_chosen)
    held_anywhere = alignment.present(np.ones_like(alignment.in_chosen))
    best, sharp = _counterparts(alignment, places)
    rows = [
        np.concatenate(
            [
                _kind(alignment, place, thesaurus),
                [held_nearest[place], held_chosen[place], held_anywhere[place]],
                _kin(alignment, place, held_chosen, thesaurus),
                _likeness(alignment, place),
                _surroundings(alignment, place, held_chosen),
                _stand_in(alignment, place, held_chosen, thesaurus),
                [
                    alignment.alike[place, best[row]],
                    alignment.meaning[alignment.evidence.owner[best[row]]],
                    alignment.meaning.max(),
                    sharp[row],
                ],
            ]
        )
        for row, place in enumerate(places)
    ]
    return Features(
        rows=np.array(rows, dtype=np.float32),
        pairs=np.stack([claim.vectors[places], alignment.evidence.vectors[best]], axis=1),
        whole=_whole(alignment, entailed, held_chosen, held_anywhere),
        words=tuple(claim.lower[place] for place in places),
    )


def _counterparts(alignment: Alignment, places: list[int]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each word its best counterpart in the evidence, and how far that one stands out from the rest."""
    alike = alignment.alike[places] + 0.15 * alignment.meaning[alignment.evidence.owner][None]
    top = alike.max(axis=1, keepdims=True)
    return alike.argmax(axis=1), 1 / np.exp(SHARPNESS * (alike - top)).sum(axis=1)


def _direction(word: str) -> int:
    return (word in RISING) - (word in FALLING)


def _kind(alignment: Alignment, place: int, thesaurus: Thesaurus) -> list[float]:
    claim = alignment.claim
    word, kind, parts = claim.lower[place], claim.kinds[place], thesaurus.parts(claim.lower[place])
    return [
        *(kind == each for each in ("content", "number", "name", "turn")),
        word in NEGATIONS,
        *(bool(parts & part) for part in (NOUN, VERB, ADJECTIVE, ADVERB)),
        parts == 0,
        float(claim.weights[place]),
        place == 0,
        claim.words[place].is_capitalised,
        len(word) <= 3,
        _direction(word) != 0,
        bool(claim.negated[place]),
    ]


def _kin(alignment: Alignment, place: int, held: NDArray[np.bool_], thesaurus: Thesaurus) -> list[float]:
    """What the words of the chosen sentences are to the claim's word, and which way they point."""
    claim = alignment.claim
    word = claim.lower[place]
    others = alignment.chosen_words
    kin: set[Kinship] = set()
    if claim.kinds[place] in ("content", "name"):
        if held[place]:
            kin = {"opposite"} if thesaurus.opposed(word, others) else set()
        else:
            kin = {thesaurus.kinship(word, other) for other in others}
    way = _direction(word)
    ways = {_direction(other) for other in others} if way else set()
    return [
        *(each in kin for each in _KINSHIPS[:6]),
        bool(way) and -way in ways and way not in ways,
        way in ways,
    ]


def _likeness(alignment: Alignment, place: int) -> list[float]:
    alike = alignment.alike[place]
    near, anywhere = float(alike[alignment.in_chosen].max()), float(alike.max())
    return [near, anywhere, anywhere - near]


def _neighbours(alignment: Alignment, place: int) -> tuple[list[int], list[int]]:
    carrying = np.flatnonzero(alignment.carrying)
    return list(carrying[carrying < place][-_NEIGHBOURS:]), list(carrying[carrying > place][:_NEIGHBOURS])


def _surroundings(alignment: Alignment, place: int, held: NDArray[np.bool_]) -> list[float]:
    """Whether the word's neighbours stand around its counterpart as well, and whether a negation turns only one."""
    claim, evidence = alignment.claim, alignment.evidence
    left, right = _neighbours(alignment, place)
    near = left + right
    candidates = np.flatnonzero(alignment.same[place] & alignment.in_chosen)[:_PLACES]
    if not len(candidates):
        chosen = np.flatnonzero(alignment.in_chosen)
        candidates = chosen[[int(alignment.alike[place, chosen].argmax())]]
    found, at = -1.0, int(candidates[0])
    there = alignment.same[near] | (alignment.alike[near] > 0.7)
    for candidate in candidates:
        sentence = evidence.owner[candidate]
        low = max(int(evidence.starts[sentence]), candidate - _WINDOW)
        high = min(int(evidence.starts[sentence + 1]), candidate + _WINDOW + 1)
        share = there[:, low:high].any(axis=1).sum() / max(len(near), 1)
        if share > found:
            found, at = share, int(candidate)
    return [
        float(held[near].mean()) if near else 0.0,
        float(alignment.held[near].mean()) if near else 0.0,
        found,
        float(alignment.alike[place, at]),
        bool(claim.negated[place]) != bool(evidence.negated[at]),
        bool(evidence.negated[at]),
    ]


def _stand_in(alignment: Alignment, place: int, held: NDArray[np.bool_], thesaurus: Thesaurus) -> list[float]:
    """Where the word is missing but its neighbours are there: which words stand beside them that the claim lacks."""
    if held[place]:
        return [0.0] * 9
    left, right = _neighbours(alignment, place)
    unmatched = (
        alignment.in_chosen & alignment.evidence.content & ~alignment.same[alignment.carrying].any(axis=0)
    )
    anchors = np.flatnonzero(alignment.same[left + right].any(axis=0) & alignment.in_chosen)
    others = np.flatnonzero(unmatched)
    if not len(anchors) or not len(others):
        return [-1.0] + [0.0] * 8
    owner = alignment.evidence.owner
    close = (np.abs(others[:, None] - anchors[None]) <= _GAP) & (
        owner[others][:, None] == owner[anchors][None]
    )
    others = others[close.any(axis=1)]
    if not len(others):
        return [-1.0] + [0.0] * 8
    word = alignment.claim.lower[place]
    kin = {thesaurus.kinship(word, alignment.evidence.lower[other]) for other in others}
    return [float(alignment.alike[place, others].max()), 1.0, *(each in kin for each in _KINSHIPS[:7])]


def _whole(
    alignment: Alignment,
    entailed: float,
    held_chosen: NDArray[np.bool_],
    held_anywhere: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Figures that do not grow with the claim's length, so that they mean the same for any kind of text."""
    claim, evidence, carrying = alignment.claim, alignment.evidence, alignment.carrying
    negates = any(word in NEGATIONS for word in claim.lower)
    nearest_negates = any(word in NEGATIONS for word in evidence.sentences[alignment.nearest].lower)
    numbers, names = claim.places("number"), claim.places("name")
    speaker = other_speaker(claim.text, evidence.heard)
    best = alignment.alike[carrying].max(axis=1) if carrying.any() else np.zeros(1)
    figures = [
        float(alignment.weights @ alignment.held),
        float(alignment.weights @ held_chosen),
        float(alignment.weights @ held_anywhere),
        nearest_negates,
        negates != nearest_negates,
        int((~held_anywhere[numbers]).sum()),
        int((~held_chosen[names]).sum()),
        int((~held_anywhere[names]).sum()),
        float(best.min()),
        float(best.mean()),
        1 - float(alignment.held[carrying].min()) if carrying.any() else 0.0,
        float((alignment.weights * (alignment.held < 0.5)).max()),
        _swapped(alignment),
        speaker is not None,
        entailed,
    ]
    return np.array(figures, dtype=np.float32)


def _swapped(alignment: Alignment) -> float:
    """Share of the claim's neighbouring pairs of names and numbers that stand the other way round in the evidence."""
    places = alignment.claim.places("name", "number")
    turned = pairs = 0
    for left, right in pairwise(places):
        if alignment.claim.words[left].stem == alignment.claim.words[right].stem or right - left > 12:
            continue
        for sentence in alignment.chosen:
            start, end = alignment.evidence.starts[sentence], alignment.evidence.starts[sentence + 1]
            lefts = np.flatnonzero(alignment.same[left, start:end])
            rights = np.flatnonzero(alignment.same[right, start:end])
            if len(lefts) and len(rights):
                pairs += 1
                turned += bool(lefts.min() > rights.max())
                break
    return turned / pairs if pairs else 0.0
