"""What checking adds to an answer: that the answers played are real ones, and that both times are counted."""

from typing import Any

import pytest

from eval import overhead

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


def test_what_comes_after_the_last_word_is_told_from_the_whole() -> None:
    (answer,) = overhead.written(ROWS)

    added, whole = overhead.answered(answer, overhead.Lenient(), words_per_second=100)

    assert 0 < added < whole
    assert whole >= 10 * len(answer.text.split())


def test_figures_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "WORDS_PER_SECOND", 1_000)

    found = overhead.measure(overhead.written(ROWS) * 2)

    assert found["n"] == 2
    assert found["work_ms"] > 0
