"""Does search find a place in another spelling: `python -m eval.names --places P --articles A [--json]`.

For each place two of its Latin spellings are taken, not two names of it that have little in common. In one article, a
place that it names is replaced by the first spelling, everywhere in it; the question, "What happened in …?", has the
second. A hit at ten: the article is among the first ten. The articles are real but for the name, and each is used once.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, islice
from pathlib import Path
from typing import Any

from eval.dataset import newsroom_of, read_rows
from rag import Newsroom
from rag.errors import DatelineError, UsageError

DEPTH = 10
PASSAGES = 30
PAIRS = 400  # places used of a longer list
# Below this two names of a place are no spellings of one name: Sverdlovsk-44 and Novouralsk. `--any` takes those too.
SHARED = 0.4
# A name in news begins with a capital; GeoNames also lists machine transliterations in lower case ("zha lan ji").
_SPELLING = re.compile(r"[A-ZÀ-ÞĀ-Ž][\w'’ -]{2,}")
_PLACE = re.compile(r"\b(?:in|near|from|of|to) ([A-Z][a-z]{3,}(?:[ -][A-Z][a-z]{2,})?)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two spellings of one place."""

    id: str
    written: str  # in the article
    asked: str  # in the question


def read_pairs(path: Path, *, shared: float = SHARED) -> list[Pair]:
    """One pair for each place that has two spellings, chosen by a hash of its id; raises UsageError.

    `shared`: the share of their letters, in order, that two spellings have in common at least.
    """
    pairs: list[Pair] = []
    for number, row in read_rows(path, "name"):
        try:
            spellings = sorted({row["name"], *row["variants"]})
        except (KeyError, TypeError) as exc:
            raise UsageError(f"{path}, row {number}: no list of variants in it") from exc
        usable = {_letters(each): each for each in spellings if _SPELLING.fullmatch(each)}
        key = str(row.get("id", number))
        shuffled = sorted(usable.values(), key=lambda each: _digest(f"{key} {each}"))
        found = (
            Pair(id=key, written=a, asked=b) for a, b in combinations(shuffled, 2) if _share(a, b) >= shared
        )
        pairs += islice(found, 1)
    if not pairs:
        raise UsageError(f"{path}: no place has two spellings")
    return sorted(pairs, key=lambda pair: _digest(pair.id))[:PAIRS]


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(each for each in plain if not unicodedata.combining(each)))


def _share(one: str, other: str) -> float:
    return SequenceMatcher(None, _letters(one), _letters(other)).ratio()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def substituted(articles: Path, pairs: Sequence[Pair]) -> Iterator[tuple[dict[str, Any], Pair | None]]:
    """The articles, with the pair whose spelling took the place of a name in each, as far as there are pairs."""
    waiting = iter(pairs)
    for number, row in read_rows(articles, "text"):
        place = _place_in(row["text"])
        pair = next(waiting, None) if place else None
        if place and pair:
            row = {**row, "id": f"{number}-{pair.id}", "text": _put(row["text"], place, pair.written)}
            row["title"] = _put(row.get("title") or "", place, pair.written)
        yield row, pair


def _place_in(text: str) -> str | None:
    """The place that the text names most often, if it names one twice."""
    counts = Counter(_PLACE.findall(text))
    place, count = counts.most_common(1)[0] if counts else ("", 0)
    return place if count >= 2 else None


def _put(text: str, place: str, name: str) -> str:
    return re.sub(rf"\b{re.escape(place)}\b", lambda _: name, text)


def measure(newsroom: Newsroom, gold: Sequence[tuple[str, Pair]]) -> list[tuple[Pair, bool]]:
    """For each pair, whether the article is among the first ten."""
    found = []
    for article_id, pair in gold:
        hits = newsroom.search(f"What happened in {pair.asked}?", limit=PASSAGES)
        articles = list(dict.fromkeys(key for hit in hits for key in (hit.article.id, *hit.copies)))[:DEPTH]
        found.append((pair, article_id in articles))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(prog="python -m eval.names", description=__doc__)
    parser.add_argument("--places", type=Path, required=True)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--any", action="store_true", help="any two names of a place, however different")
    parser.add_argument("--missed", action="store_true", help="list the pairs that are not found")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        rows = list(
            substituted(options.articles, read_pairs(options.places, shared=0.0 if options.any else SHARED))
        )
        gold = [(row["id"], pair) for row, pair in rows if pair]
        if not gold:
            raise UsageError(f"{options.articles}: no article names a place twice")
        with tempfile.TemporaryDirectory(prefix="dateline-names-") as folder:
            file = Path(folder) / "articles.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row, _ in rows), encoding="utf-8")
            with newsroom_of(file, None) as newsroom:
                found = measure(newsroom, gold)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    scores = {"hit@10": round(sum(hit for _, hit in found) / len(found), 4), "n": len(found)}
    if options.missed:
        for pair, hit in found:
            if not hit:
                print(f"{pair.id}: {pair.written!r} asked for as {pair.asked!r}", file=sys.stderr)
    print(json.dumps(scores) if options.json else f"hit@10 {scores['hit@10']:g}\nn      {scores['n']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
