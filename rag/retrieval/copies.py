"""Near-identical passages: one wire text printed by several outlets is one piece of evidence."""

from collections.abc import Sequence
from dataclasses import replace

from rag.domain import Hit
from rag.language import tokens

SHINGLE = 5  # words: short enough to survive small edits, long enough not to be a common phrase
# Share of the shorter passage's shingles found in the other. An outlet's light edit of a wire text keeps well
# over this, two reports of one event written independently stay under a tenth.
SAME = 0.7


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of five word stems of a text."""
    stems = [token.stem for token in tokens(text)]
    if len(stems) < SHINGLE:
        return frozenset({tuple(stems)})
    return frozenset(tuple(stems[place : place + SHINGLE]) for place in range(len(stems) - SHINGLE + 1))


def collapse(hits: Sequence[Hit]) -> list[Hit]:
    """Keep the best of each set of near-identical passages; it lists the articles of the others."""
    kept: list[tuple[Hit, frozenset[tuple[str, ...]]]] = []
    for hit in hits:
        own = shingles(hit.passage.text)
        for place, (better, seen) in enumerate(kept):
            if len(own & seen) >= SAME * min(len(own), len(seen)):
                kept[place] = (_with_copy(better, hit), seen)
                break
        else:
            kept.append((hit, own))
    return [hit for hit, _ in kept]


def _with_copy(hit: Hit, copy: Hit) -> Hit:
    known = {hit.article.id, *hit.copies}
    new = tuple(key for key in (copy.article.id, *copy.copies) if key not in known)
    return replace(hit, copies=hit.copies + new)
