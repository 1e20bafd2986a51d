"""An answer as one text, for clients that know nothing but text: every sentence with its span and its sources.

What an answer's marks say to the eye has to be said in words here: that a sentence is not supported, that sources
differ, that there is no answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.domain import Answer, Citation, Conflict, Statement, Verdict

LABELS: dict[Verdict, str] = {
    "supported": "",
    "partly": " (partly supported by the articles)",
    "unsupported": " (not supported by the articles)",
    "contradicted": " (contradicted by the articles)",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text, and what stands behind it."""

    text: str
    citations: tuple[Citation, ...] = ()


def piece(statement: Statement) -> Piece:
    """A statement in words."""
    return Piece(statement.text + LABELS[statement.verdict], statement.citations)


def closing(answer: Answer) -> Iterator[Piece]:
    """What is to be said after the statements: conflicts, and why there is no answer."""
    if answer.status == "abstained":
        yield Piece(f"No answer. {answer.reason or ''}".strip())
    for conflict in answer.conflicts:
        yield _difference(conflict)
    if answer.notice:
        yield Piece(f"Note: {answer.notice}")


def _difference(conflict: Conflict) -> Piece:
    cited = tuple(citation for value in conflict.values for citation in value.citations)
    return Piece(conflict.sentence, cited)
