"""Near-identical passages: one wire text printed by several outlets is one piece of evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.domain import Hit

SHINGLE = 5  # words: short enough to survive small edits, long enough not to be a common phrase
# Share of the shorter passage's shingles found in the other. An outlet's light edit of a wire text keeps well
# over this, two reports of one event written independently stay under a tenth.
SAME = 0.7
Shingles = frozenset[tuple[str, ...]]


def shingles(stems: Sequence[str]) -> Shingles:
    """Every run of five word stems."""
    if len(stems) < SHINGLE:
        return frozenset({tuple(stems)})
    return frozenset(zip(*(stems[place:] for place in range(SHINGLE)), strict=False))


def collapse(hits: Iterable[tuple[Hit, Sequence[str]]], limit: int) -> list[Hit]:
    """The best `limit` of different passages; each lists the articles whose copy of it came later in `hits`.

    Each hit comes with the stems of its passage's words.
    """
    kept: list[tuple[Hit, Shingles]] = []
    for hit, stems in hits:
        own = shingles(stems)
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
