"""How often search finds the right article: `python -m eval.retrieval --articles A --questions Q [--home H] [--json]`.

Article level: the rank of an article is that of its best passage; copies of one text are one article. Over the
questions that name gold articles, but for those whose gold text is a stub.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.dataset import Case, newsroom_of, read_copies, read_questions
from rag import Filters, Newsroom
from rag.errors import DatelineError, UsageError

DEPTH = 10  # articles looked at
PASSAGES = 30  # passages asked for, so that ten articles are among them


def measure(
    newsroom: Newsroom, cases: list[Case], copies: Mapping[str, Sequence[str]], *, use_as_of: bool
) -> dict[str, float]:
    """hit@1, 3, 5, 10, mrr@10 (shares of questions), n, and the median and 95th percentile time in milliseconds."""
    ranks: list[int | None] = []
    times: list[float] = []
    newsroom.search("warm up")
    for case in cases:
        filters = Filters(as_of=case.as_of if use_as_of else None)
        started = time.perf_counter()
        hits = newsroom.search(case.question, filters, limit=PASSAGES)
        times.append(1000 * (time.perf_counter() - started))
        gold = {copy for key in case.gold_article_ids for copy in copies.get(key, (key,))}
        articles = list(dict.fromkeys(key for hit in hits for key in (hit.article.id, *hit.copies)))[:DEPTH]
        ranks.append(next((r for r, key in enumerate(articles, 1) if key in gold), None))
    scores = {
        f"hit@{depth}": round(sum(rank is not None and rank <= depth for rank in ranks) / len(ranks), 4)
        for depth in (1, 3, 5, 10)
    }
    return {
        **scores,
        "mrr@10": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 4),
        "n": len(ranks),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(sorted(times)[math.ceil(0.95 * len(times)) - 1], 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(prog="python -m eval.retrieval", description=__doc__)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument(
        "--no-as-of", action="store_true", help="search without the day a question was asked on"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        cases = searchable(options.questions)
        with newsroom_of(options.articles, options.home) as newsroom:
            scores = measure(newsroom, cases, read_copies(options.articles), use_as_of=not options.no_as_of)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    if options.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:<8} {value:g}" for name, value in scores.items()))
    return 0


def searchable(questions: Path) -> list[Case]:
    """The questions that search can be scored on; raises UsageError where there is none."""
    cases = [case for case in read_questions(questions) if case.gold_article_ids and not case.gold_is_stub]
    if not cases:
        raise UsageError(f"{questions}: no question names a gold article")
    return cases


if __name__ == "__main__":
    sys.exit(main())
