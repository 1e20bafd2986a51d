"""The seam between finding passages and wording an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rag.domain import Delta, Hit, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The whole of what an answerer has to say: checked statements, or the reason why there are none."""

    statements: tuple[Statement, ...] = ()
    reason: str | None = None  # set when there are no statements
    notice: str | None = None  # what the reader should know about how this came about; None: all went as set
    model: str | None = None  # the language model that wrote what is no quotation; None: there was none
    usage: Mapping[str, int] = field(default_factory=dict)  # tokens the model read and wrote


class Answerer(Protocol):
    """Turns passages into cited statements."""

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Delta | Statement | Draft]:
        """Answer from these passages alone, or say why they do not hold the answer.

        Yields pieces of unchecked text as they are written (a language model only), each statement once it is
        checked, and last the draft.
        """
