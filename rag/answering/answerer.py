"""The seam between finding passages and wording an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.domain import Hit, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Statements, or the reason why there are none."""

    statements: tuple[Statement, ...] = ()
    reason: str | None = None  # set when there are no statements


class Answerer(Protocol):
    """Turns passages into cited statements."""

    @property
    def model(self) -> str | None:
        """The language model that writes the text; None: sentences are quoted verbatim."""

    def answer(self, question: str, hits: Sequence[Hit]) -> Draft:
        """Answer from these passages alone, or say why they do not hold the answer."""
