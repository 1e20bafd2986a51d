"""Near-identical passages: one wire text printed by several outlets is one piece of evidence."""

from collections.abc import Iterable
from dataclasses import replace

from rag.domain import Hit
from rag.language import tokens

SHINGLE = 5  # words: short enough to survive small edits, long enough not to be a common phrase
# Share of the shorter passage's shingles found in the other. An outlet's light edit of a wire text keeps well
# over this, two reports of one event written independently stay under a tenth.
SAME = 0.7
Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """Every run of five word stems of a text."""
    stems = [token.stem for token in tokens(text)]
    if len(stems) < SHINGLE:
        return frozenset({tuple(stems)})
    return frozenset(tuple(stems[place : place + SHINGLE]) for place in range(len(stems) - SHINGLE + 1))


def collapse(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """The best `limit` of different passages; each lists the articles whose copy of it came later in `hits`."""
    kept: list[tuple[Hit, Shingles]] = []
    for hit in hits:
        own = shingles(hit.passage.text)
        place = next((place for place, (_, seen) in enumerate(kept) if _same(own, seen)), None)
        if place is not None:
            better, seen = kept[place]
            kept[place] = (_with_copy(better, hit), seen)
        elif len(kept) < limit:
            kept.append((hit, own))
    return [hit for hit, _ in kept]


def _same(one: Shingles, other: Shingles) -> bool:
    return len(one & other) >= SAME * min(len(one), len(other))


def _with_copy(hit: Hit, copy: Hit) -> Hit:
    known = {hit.article.id, *hit.copies}
    new = tuple(key for key in (copy.article.id, *copy.copies) if key not in known)
    return replace(hit, copies=hit.copies + new)
