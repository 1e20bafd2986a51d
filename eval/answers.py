"""How good the answers are: `python -m eval.answers --articles A --questions Q [--home H] [--json] [--show]`.

Counted over a file of questions, with exact strings and no judge:

contains_answer       of the questions known to be answerable, the share whose cited text holds an answer
answered              the share of those that were answered at all
abstention_precision  of the abstentions, the share on questions known to be unanswerable
abstention_recall     of the questions known to be unanswerable, the share abstained on
citation_precision    of the citations given to answerable questions, the share in an article named as gold
quote_exactness       of all citations, the share whose quote stands at its offsets in the article
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.dataset import Case, newsroom_of, read_questions
from rag import Answer, Filters, Newsroom
from rag.errors import DatelineError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One question and what came of it."""

    case: Case
    answer: Answer

    @property
    def answered(self) -> bool:
        return self.answer.status == "answered"

    @property
    def holds_answer(self) -> bool:
        cited = words(" ".join(statement.text for statement in self.answer.statements))
        return any(words(answer) in cited for answer in self.case.answers)


def words(text: str) -> str:
    """The casefolded words with a space on either side: `in` then compares whole words."""
    return " " + " ".join(re.findall(r"\w+", text.casefold())) + " "


def run(newsroom: Newsroom, cases: Sequence[Case]) -> list[Outcome]:
    """Ask every question."""
    return [
        Outcome(case=case, answer=newsroom.ask(case.question, Filters(as_of=case.as_of))) for case in cases
    ]


def measure(newsroom: Newsroom, outcomes: Sequence[Outcome]) -> dict[str, float | int | None]:
    """The figures named above; None where there is nothing to count."""
    answerable = [outcome for outcome in outcomes if outcome.case.answerable is True]
    unanswerable = [outcome for outcome in outcomes if outcome.case.answerable is False]
    abstained = [outcome for outcome in (*answerable, *unanswerable) if not outcome.answered]
    citations = [
        (outcome.case, citation)
        for outcome in outcomes
        for statement in outcome.answer.statements
        for citation in statement.citations
    ]
    judged = [(case, citation) for case, citation in citations if case.answerable and case.gold_article_ids]
    return {
        "contains_answer": _share([outcome.holds_answer for outcome in answerable]),
        "answered": _share([outcome.answered for outcome in answerable]),
        "abstention_precision": _share([outcome.case.answerable is False for outcome in abstained]),
        "abstention_recall": _share([not outcome.answered for outcome in unanswerable]),
        "citation_precision": _share(
            [citation.article_id in case.gold_article_ids for case, citation in judged]
        ),
        "quote_exactness": _share(
            [
                newsroom.article(citation.article_id).text[citation.start : citation.end] == citation.quote
                for _, citation in citations
            ]
        ),
        "n": len(outcomes),
        "n_answerable": len(answerable),
        "n_unanswerable": len(unanswerable),
    }


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 4) if flags else None


def show(outcome: Outcome) -> str:
    """One question with its answer, for reading."""
    case, answer = outcome.case, outcome.answer
    right = outcome.holds_answer if case.answerable else (case.answerable is None or not outcome.answered)
    lines = [
        f"{'ok ' if right else 'BAD'} {case.id} [{case.type}] {case.question}  → {case.answers or 'none'}"
    ]
    lines += [
        f"      {statement.citations[0].article_id}: {statement.text}" for statement in answer.statements
    ]
    if answer.reason:
        lines.append(f"      abstained: {answer.reason}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, count and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument("--show", action="store_true", help="print every question with its answer")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    try:
        cases = read_questions(options.questions)
        with newsroom_of(options.articles, options.home) as newsroom:
            outcomes = run(newsroom, cases)
            scores = measure(newsroom, outcomes)
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    if options.show:
        print("\n".join(map(show, outcomes)))
    if options.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:<21} {value}" for name, value in scores.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
