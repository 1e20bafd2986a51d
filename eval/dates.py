"""How often a time in a news text is given its right day: `python -m eval.dates --cases F [--json]`.

A case is an expression in its line (`context`), the day of publication, and the day it means. Right is the very
day; an expression that is not found, or is given a month, is wrong.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.dataset import read_rows
from rag.dates import find_dates
from rag.errors import DatelineError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCase:
    """One expression and what it means."""

    id: str
    text: str
    article_id: str
    context: str  # the line that it stands in
    published: date
    value: str  # ISO day
    nth: int  # which of the expressions of the same words in this line, from 0


def read_cases(path: Path) -> list[DateCase]:
    """The cases of a file; raises UsageError that names the row."""
    seen: Counter[tuple[str, str, str]] = Counter()
    cases = []
    for number, row in read_rows(path, "text"):
        try:
            key = (str(row["article_id"]), row["context"], row["text"])
            cases.append(
                DateCase(
                    id=str(row.get("id", number)),
                    text=row["text"],
                    article_id=str(row["article_id"]),
                    context=row["context"],
                    published=date.fromisoformat(row["published"]),
                    value=str(row["value"]),
                    nth=seen[key],
                )
            )
        except KeyError as exc:
            raise UsageError(f"{path}, row {number}: no {exc} in it") from exc
        except (TypeError, ValueError) as exc:
            raise UsageError(f"{path}, row {number}: {exc}") from exc
        seen[key] += 1
    if not cases:
        raise UsageError(f"{path}: no case in it")
    return cases


def given(case: DateCase) -> str | None:
    """The value that the expression is given; None: it is not found."""
    starts = list(_places(case.context, case.text))
    if not starts:
        return None
    start = starts[min(case.nth, len(starts) - 1)]
    found = (
        each.value
        for each in find_dates(case.context, case.published)
        if each.start < start + len(case.text) and start < each.end
    )
    return next(found, None)


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m eval.dates", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--wrong", action="store_true", help="list the cases that come out wrong")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        cases = read_cases(options.cases)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2
    answers = [given(case) for case in cases]
    right = sum(answer == case.value for answer, case in zip(answers, cases, strict=True))
    scores = {"accuracy": round(right / len(cases), 4), "n": len(cases)}
    if options.wrong:
        for answer, case in zip(answers, cases, strict=True):
            if answer != case.value:
                print(
                    f"{case.id}: {case.text!r} of {case.published} is {case.value}, not {answer}: {case.context}",
                    file=sys.stderr,
                )
    print(json.dumps(scores) if options.json else f"accuracy {scores['accuracy']:g}\nn        {len(cases)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
