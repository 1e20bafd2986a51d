"""Near-identical passages: one wire text printed by several outlets is one piece of evidence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag.domain import Hit

SHINGLE = 5  # words: short enough to survive small edits, long enough not to be a common phrase
# Shingles are taken where a word of so many characters stands, about one in five: both texts are cut at the same
# words, so the share that they have in common stays the same, at a fifth of the cost.
ANCHOR = 8
FEW = 8  # with fewer such words, all shingles are taken
# Share of the shorter passage's shingles found in the other. An outlet's light edit of a wire text keeps well
# over this, two reports of one event written independently stay under a tenth.
SAME = 0.7
Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """Runs of five words of a text, in lower case, that begin with a long one; all of them where few do."""
    words = text.lower().split()
    if len(words) < SHINGLE:
        return frozenset({tuple(words)})
    places: Sequence[int] = [place for place, word in enumerate(words[: 1 - SHINGLE]) if len(word) >= ANCHOR]
    if len(places) < FEW:
        places = range(len(words) - SHINGLE + 1)
    return frozenset([tuple(words[place : place + SHINGLE]) for place in places])


def collapse(hits: Iterable[Hit], limit: int) -> list[Hit]:
    """The best `limit` of different passages; each lists the articles whose copy of it came later in `hits`."""
    kept: list[Hit] = []
    sizes: list[int] = []
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for hit in hits:
        own = shingles(hit.passage.text)
        shared = Counter([place for shingle in holders.keys() & own for place in holders[shingle]])
        same = (place for place in sorted(shared) if shared[place] >= SAME * min(len(own), sizes[place]))
        place = next(same, None)
        if place is not None:
            kept[place] = _with_copy(kept[place], hit)
        elif len(kept) < limit:
            for shingle in own:
                holders[shingle].append(len(kept))
            kept.append(hit)
            sizes.append(len(own))
    return kept


def _with_copy(hit: Hit, copy: Hit) -> Hit:
    known = {hit.article.id, *hit.copies}
    new = tuple(key for key in (copy.article.id, *copy.copies) if key not in known)
    return replace(hit, copies=hit.copies + new)
