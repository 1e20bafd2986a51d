"""What checking adds to an answer: that the answers played are real ones, and that both times are counted."""

import time
from collections.abc import Sequence
from typing import Any

import pytest

from eval import overhead
from rag.answering.verification import Verification

ARTICLE = (
    "Rain fell on the capital. Twenty people died in the village, the agency said. Trams stopped at noon. The mayor "
    "asked for help. Schools stay closed on Friday."
)
CLAIMS = (
    "Rain fell on the city. Twenty people died.",
    "Trams stopped. The mayor wants help. Schools stay closed.",
    "Trams stopped.",
)
ROWS: list[dict[str, Any]] = [{"claim": claim, "context": ARTICLE} for claim in CLAIMS]


def test_an_answer_is_made_of_the_claims_on_one_text_each_sentence_once_with_its_passage() -> None:
    (answer,) = overhead.written([*ROWS, {"claim": "It snowed.", "context": "It snowed all day."}])

    assert answer.text == (
        "Rain fell on the city. [1] Twenty people died. [1] Trams stopped. [1] The mayor wants help. [1] Schools stay "
        "closed. [1]"
    )
    assert [hit.passage.text for hit in answer.hits] == [ARTICLE]


class Slow(overhead.Lenient):
    """Takes a fifth of a second for each sentence."""

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        time.sleep(0.2)
        return super().verify(claim, contexts, background=background)


def test_what_the_check_of_every_sentence_delays_is_counted() -> None:
    (answer,) = overhead.written(ROWS)

    assert (
        overhead.added(answer, Slow(), words_per_second=1_000) > 1.5 * 200
    )  # two are checked at once, or four


def test_figures_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "WORDS_PER_SECOND", 1_000)

    found = overhead.measure(overhead.written(ROWS) * 2)

    assert found["n"] == 2
    assert found["work_ms"] > 0
