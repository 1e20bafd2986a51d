"""Does a day asked about find the weekday that meant it: `python -m eval.days --articles A [--json]`.

From articles that say "on Friday" and no more, a question with the day and a place: "What happened in Idlib on 5 April
2017?". A hit: the article it was made from is among the first. `*_without_day` is the same question without its day.
Copies of an article count as the article.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.dataset import newsroom_of, read_rows
from rag import Newsroom
from rag.dates import find_dates
from rag.errors import DatelineError, UsageError

DEPTHS = (1, 5, 10)
PASSAGES = 30
QUESTIONS = 150
HEAD = 60  # characters that may be the article's own date line
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
_PLACE = re.compile(r"\b(?:in|near) ((?:[Aa]l-)?[A-Z][a-z]{3,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCase:
    """A question made from an article."""

    article_id: str
    place: str
    day: date

    def question(self, *, with_day: bool) -> str:
        """The question in words."""
        day = f" on {self.day.day} {self.day:%B %Y}" if with_day else ""
        return f"What happened in {self.place}{day}?"


def read_cases(articles: Path) -> list[DayCase]:
    """At most 150 questions, chosen by a hash of their articles' ids; raises UsageError where there is none."""
    cases = sorted(_cases(articles), key=lambda case: hashlib.sha256(case.article_id.encode()).digest())
    if not cases:
        raise UsageError(f"{articles}: no dated article names a weekday and a place")
    return cases[:QUESTIONS]


def _cases(articles: Path) -> Iterator[DayCase]:
    for number, row in read_rows(articles, "text"):
        body, place = row["text"][HEAD:], _PLACE.search(row["text"], HEAD)
        if not (place and row.get("date")):
            continue
        published = date.fromisoformat(row["date"])
        named = (each for each in find_dates(body, published) if _WEEKDAY.fullmatch(each.text))
        day = next((each.day for each in named if each.day and 0 < (published - each.day).days < 7), None)
        if day and str(day.year) not in body:
            yield DayCase(article_id=str(row.get("id", number)), place=place[1], day=day)


def measure(newsroom: Newsroom, cases: Sequence[DayCase]) -> dict[str, float]:
    """Shares of the questions whose article is among the first 1, 5 and 10."""
    scores: dict[str, float] = {}
    for with_day, ending in ((True, ""), (False, "_without_day")):
        ranks = [_rank(newsroom, case.question(with_day=with_day), case.article_id) for case in cases]
        for depth in DEPTHS:
            scores[f"hit@{depth}{ending}"] = round(sum(rank <= depth for rank in ranks) / len(ranks), 4)
    return {**scores, "n": len(cases)}


def _rank(newsroom: Newsroom, question: str, article_id: str) -> float:
    hits = newsroom.search(question, limit=PASSAGES)
    found = list(dict.fromkeys(key for hit in hits for key in (hit.article.id, *hit.copies)))
    return found.index(article_id) + 1 if article_id in found else float("inf")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(prog="python -m eval.days", description=__doc__)
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        cases = read_cases(options.articles)
        with newsroom_of(options.articles, options.home) as newsroom:
            scores = measure(newsroom, cases)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    print(json.dumps(scores) if options.json else "\n".join(f"{k:<20} {v:g}" for k, v in scores.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
