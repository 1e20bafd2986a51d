"""How well differing sources are told from agreeing ones: `python -m eval.conflicts --questions F [--json] [--show]`.

Each row is {id, question, passages: [{id, text, source?}], values: [{value, passage_ids, variants?}], conflict}. The
passages are given to the product as if search had found them, all bearing on the question.

precision     of the questions said to be in conflict, the share that are
recall        of the questions in conflict, the share that are said to be
base          share of questions in conflict: the precision of always saying so
values        of the conflicts rightly found, the share where two of the values shown are two of those annotated
n             questions
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.claims import read_claims
from rag.answering.conflicts import Conflicts
from rag.answering.lexicon import Lexicon
from rag.domain import Article, Conflict, Hit, Passage
from rag.embeddings import StaticEmbedder
from rag.errors import UsageError
from rag.reader import Reader


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question and what was found."""

    row: dict[str, Any]
    found: tuple[Conflict, ...]

    @property
    def shows_values(self) -> bool:
        """Whether two of the values shown are two different ones of those annotated."""
        shown = [_words(value.text) for conflict in self.found for value in conflict.values]
        matched = {
            number
            for number, value in enumerate(self.row["values"])
            for spelled in (value["value"], *value.get("variants", ()))
            if any(_words(spelled) & words for words in shown)
        }
        return len(matched) > 1


def hits_of(row: dict[str, Any]) -> list[Hit]:
    """The passages of a row as search would have found them, each an article of its own."""
    return [_hit(passage) for passage in row["passages"]]


def _hit(passage: dict[str, Any]) -> Hit:
    key, text = str(passage["id"]), passage["text"]
    article = Article(
        id=key, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), source=passage.get("source")
    )
    whole = Passage(id=f"{key}:0", article_id=key, start=0, end=len(text), text=text)
    return Hit(passage=whole, article=article, score=1.0)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def measure(outcomes: Sequence[Outcome]) -> dict[str, float | int | None]:
    """The figures named above; None where there is nothing to count."""
    said = [outcome for outcome in outcomes if outcome.found]
    true = [outcome for outcome in outcomes if outcome.row["conflict"]]
    right = [outcome for outcome in said if outcome.row["conflict"]]
    return {
        "precision": _share(len(right), len(said)),
        "recall": _share(len(right), len(true)),
        "base": _share(len(true), len(outcomes)),
        "values": _share(sum(outcome.shows_values for outcome in right), len(right)),
        "n": len(outcomes),
    }


def _share(some: int, of: int) -> float | None:
    return round(some / of, 4) if of else None


def show(outcome: Outcome) -> str:
    """One question with what was found, for reading."""
    said = "; ".join(conflict.sentence for conflict in outcome.found) or "no conflict"
    annotated = [value["value"] for value in outcome.row["values"]]
    mark = "ok " if bool(outcome.found) == outcome.row["conflict"] else "BAD"
    return f"{mark} {outcome.row['id']} {outcome.row['question']} {annotated}\n      {said}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, count and print; 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.conflicts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every question with what was found")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        rows = read_claims(options.questions, "id", "question", "passages", "values", "conflict")
    except UsageError as exc:
        print(exc, file=sys.stderr)
        return 2
    conflicts = Conflicts(Reader(), Lexicon(StaticEmbedder()))
    outcomes = [Outcome(row, conflicts.find(row["question"], hits_of(row))) for row in rows]
    if options.show:
        print("\n".join(map(show, outcomes)))
    scores = measure(outcomes)
    if options.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:<10} {value}" for name, value in scores.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
