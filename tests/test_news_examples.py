"""What the reader learns of news: spans that stand where they are said to, and texts that do not answer."""

import json
import random
from collections.abc import Sequence
from typing import Any, cast

import pytest

from rag.reader import Reader, Reading
from tools.news_examples import QUESTIONS, READ, Article, beginning, examples, most_tempting

FERRY = Article.of(
    "Ferry turns back",
    "The ferry Aurora left Turku on Monday with 212 passengers. Captain Eva Holm turned back after two hours. Nobody "
    "was hurt. The coast guard sent two boats to the ferry.",
)


class SurestOf:
    """Is surest of an answer where this word stands."""

    def __init__(self, word: str) -> None:
        self._word = word

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(0.0, 5.0 if self._word in text else -5.0, 0, 1) for text in texts]


def made(question: dict[str, Any], word: str = "Captain", *, seed: int = 0) -> list[tuple[str, str, str]]:
    """Kind, text and answer of each example; the seed decides whether a sentence before is added."""
    reader, draw = cast("Reader", SurestOf(word)), random.Random(seed)
    found = list(examples({"article": "ferry", **question}, FERRY, reader, draw, held_out=False))
    assert {(each.question, each.held_out) for each in found} == {(question["question"], False)}
    return [
        (each.origin, each.text, each.text[each.start : each.end] if each.start >= 0 else "")
        for each in found
    ]


def test_the_answer_stands_in_its_sentence_under_the_headline_and_not_in_the_others() -> None:
    start = FERRY.text.index("212")

    found = made({"question": "How many were on the ferry?", "start": start, "answer": "212 passengers"})

    assert found[0] == ("news/answered", f"Ferry turns back. {FERRY.text[:58]}", "212 passengers")
    assert [kind for kind, *_ in found[1:]] == ["news/near", "news/near"]
    assert found[1][1] == "Ferry turns back. Captain Eva Holm turned back after two hours."
    assert not any("212" in text for _, text, _ in found[1:])


def test_a_sentence_before_shifts_the_answer_with_it() -> None:
    start = FERRY.text.index("two hours")

    wide = [
        each
        for seed in range(5)
        for each in made({"question": "After how long?", "start": start, "answer": "two hours"}, seed=seed)
        if "212" in each[1] and each[0] == "news/answered"
    ]

    assert wide
    assert all(answer == "two hours" for *_, answer in wide)


def test_without_an_answer_the_sentences_that_tempt_most_are_taken() -> None:
    found = made({"question": "Who owns the ferry Aurora?"}, "coast guard")

    assert {kind for kind, *_ in found} == {"news/written"}
    assert found[0][1] == "Ferry turns back. The coast guard sent two boats to the ferry."
    assert not any(answer for *_, answer in found)


def test_a_text_that_repeats_the_headline_is_not_given_it_twice() -> None:
    article = Article.of("Ferry turns back", "Ferry turns back after two hours. Nobody was hurt.")

    assert article.passage(0, 0) == ("Ferry turns back after two hours.", 0)
    assert most_tempting("Who was hurt?", article, cast("Reader", SurestOf("Nobody")))[0] == 1


def test_another_text_under_the_same_name_is_noticed() -> None:
    with pytest.raises(ValueError, match="ferry is another text: '213' does not stand at 0"):
        made({"question": "How many?", "start": 0, "answer": "213"})


def test_only_what_was_shown_is_read() -> None:
    sentence = "One two three four five six seven. "
    long = sentence * (READ // 7 + 5)

    assert beginning(sentence.strip()) == sentence.strip()
    assert beginning(long) == (sentence * (READ // 7)).strip()


def test_the_questions_are_whole() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]

    assert all(
        {"article", "question"} <= row.keys() <= {"article", "question", "start", "answer"} for row in rows
    )
    assert all(("start" in row) == ("answer" in row) for row in rows)
    assert 2 * sum("start" in row for row in rows) == len(rows)
    assert len({row["question"] for row in rows}) > 0.99 * len(rows)
