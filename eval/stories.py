"""How well articles are grouped by event, and what that costs as a collection grows.

    python -m eval.stories --articles F [--json]
    python -m eval.stories --scale --articles F [--small 2000] [--large 20000] [--json]

The first ingests the articles and compares pairs of those that have a `story`: two of one event should be in one story.
The second measures the processor time that stories take for an article (signing, linking, grouping and all reading and
writing for it) in two collections, one ten times the other. Where the file has too few articles, they come again
and again with their capitalised words exchanged among each other, so that each round tells of other people and places.
The small collection is an even sample of the large one: the same years, with a tenth of the articles a day.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from eval.dataset import newsroom_of, read_copies, read_rows
from rag import Article, Newsroom
from rag.errors import DatelineError, UsageError
from rag.index.changes import Changes
from rag.index.database import Database, chunked
from rag.index.stories import Stories

SMALL, LARGE = 2_000, 20_000
STAGED_AT_ONCE = 500
_NAME = re.compile(r"\b[A-Z]\w+")


def measure(
    newsroom: Newsroom, rows: Sequence[Mapping[str, Any]], copies: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Precision, recall and F1 over pairs of articles, and n, the articles compared."""
    told = {key: story.id for story in newsroom.stories() for key in story.article_ids}
    found = [
        next((told[key] for key in copies[row["id"]] if key in told), copies[row["id"]][0]) for row in rows
    ]
    right = pairs(Counter(zip(found, (row["story"] for row in rows), strict=True)))
    precision = right / (pairs(Counter(found)) or 1)
    recall = right / (pairs(Counter(row["story"] for row in rows)) or 1)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / ((precision + recall) or 1), 4),
        "n": len(rows),
    }


def pairs(groups: Mapping[Any, int]) -> int:
    """Pairs that are in one group."""
    return sum(size * (size - 1) // 2 for size in groups.values())


def scale(rows: Sequence[Mapping[str, Any]], small: int, large: int) -> dict[str, float]:
    """Milliseconds of processor time for an article in a small and in a large collection, and their ratio."""
    every = list(islice(rounds(rows), large))
    cost_ms("warm up", every[:10])  # reads the word list
    costs = [
        cost_ms(name, some) for name, some in (("small", every[:: large // small][:small]), ("large", every))
    ]
    return {
        "small": small,
        "large": large,
        "small_ms_per_article": round(costs[0], 3),
        "large_ms_per_article": round(costs[1], 3),
        "ratio": round(costs[1] / costs[0], 2),
    }


def cost_ms(name: str, articles: Sequence[Article]) -> float:
    """Processor time that their stories take, for one of these articles."""
    with tempfile.TemporaryDirectory(prefix=f"dateline-{name.split()[0]}-") as folder:
        database = Database.open(f"sqlite:///{folder}/articles.db")
        changes = Changes(database)
        for some in chunked(articles, STAGED_AT_ONCE):
            changes.stage([(article, (), np.zeros((0, 1), np.float32)) for article in some])
            changes.promote()
        started = time.process_time()
        Stories(database).update()
        seconds = time.process_time() - started
        database.close()
    return 1000 * seconds / len(articles)


def rounds(rows: Sequence[Mapping[str, Any]]) -> Iterator[Article]:
    """The articles, and then again and again with other names."""
    names = sorted({name for row in rows for name in _NAME.findall(row["text"])})
    for number in range(1_000):
        others = names if number == 0 else random.Random(number).sample(names, len(names))  # noqa: S311 - not for secrets
        exchanged = dict(zip(names, others, strict=True))
        for row in rows:
            title, text = (renamed(row.get(field) or "", exchanged) for field in ("title", "text"))
            day = date.fromisoformat(row["date"][:10]) if row.get("date") else None
            digest = hashlib.sha256(text.encode()).hexdigest()
            yield Article(
                id=f"{row['id']}-{number}",
                text=text,
                sha256=digest,
                title=title or None,
                published=day,
                source=row.get("source"),
            )


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with these words in the place of those."""
    return _NAME.sub(lambda found: names.get(found[0], found[0]), text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.stories", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--articles", type=Path, required=True, help="JSON Lines; those with a `story` are compared"
    )
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument("--scale", action="store_true", help="measure the cost at two sizes instead")
    parser.add_argument("--small", type=int, default=SMALL, help="articles; default: %(default)s")
    parser.add_argument("--large", type=int, default=LARGE, help="articles; default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    if not 0 < options.small <= options.large:
        parser.error("--small must be at least 1 and at most --large")
    try:
        rows = [row for _, row in read_rows(options.articles, "text")]
        figures = scale(rows, options.small, options.large) if options.scale else compared(options, rows)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:<22} {value:g}" for name, value in figures.items()))
    return 0


def compared(options: argparse.Namespace, rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The figures of the articles that have a story; raises UsageError where none has."""
    known = [
        {**row, "id": str(row["id"])}
        for row in rows
        if row.get("story") is not None and row.get("id") is not None
    ]
    if not known:
        raise UsageError(f"{options.articles}: no article has a 'story'")
    with newsroom_of(options.articles, options.home) as newsroom:
        return measure(newsroom, known, read_copies(options.articles))


if __name__ == "__main__":
    sys.exit(main())
