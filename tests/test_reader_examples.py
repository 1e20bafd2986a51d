"""What the reader learns from must be right: spans that answer, and texts that do not."""

import json
from pathlib import Path

import pytest

from tools.reader_examples import Example, Maker, joined

FERRY = (
    "The ferry Aurora left Turku on Monday with 212 passengers. Captain Eva Holm turned back after two hours. "
    "Nobody was hurt. The Swedish Coast Guard sent two boats from Stockholm."
)
ARTICLES = [
    {
        "title": "Aurora_ferry",
        "paragraphs": [
            {
                "context": FERRY,
                "qas": [
                    {"question": "How many passengers did the ferry leave Turku with?", "answers": [_at]}
                    for _at in [{"text": "212", "answer_start": FERRY.index("212")}]
                ]
                + [
                    {
                        "question": "Which boats did Denmark send?",
                        "answers": [],
                        "plausible_answers": [
                            {"text": "two boats", "answer_start": FERRY.index("two boats")}
                        ],
                        "is_impossible": True,
                    }
                ],
            }
        ],
    }
]


def drawn(tmp_path: Path) -> list[Example]:
    file = tmp_path / "ferry.json"
    file.write_text(json.dumps({"data": ARTICLES}), "utf-8")
    return [example for seed in range(20) for example in Maker(seed).squad(file)]


def test_an_answered_example_holds_the_answer_at_its_span(tmp_path: Path) -> None:
    found = [example for example in drawn(tmp_path) if example.origin == "ferry/answered"]
    assert len(found) == 20
    assert {example.text[example.start : example.end] for example in found} == {"212"}
    assert len({example.text for example in found}) > 1  # of different widths


def test_a_text_near_the_answer_does_not_hold_it(tmp_path: Path) -> None:
    found = [example for example in drawn(tmp_path) if example.origin == "ferry/near"]
    assert found
    assert not any("212" in example.text for example in found)
    assert {(example.start, example.end) for example in found} == {(-1, -1)}


def test_an_exchanged_question_asks_of_something_else(tmp_path: Path) -> None:
    found = [example for example in drawn(tmp_path) if example.origin == "ferry/exchanged"]
    assert found
    assert all(example.question != "How many passengers did the ferry leave Turku with?" for example in found)
    # another name, or "arrive" for "leave"
    assert all("Turku" not in example.question or "leave" not in example.question for example in found)
    assert {(example.start, example.end) for example in found} == {(-1, -1)}


def test_what_people_made_unanswerable_comes_with_what_seems_to_answer(tmp_path: Path) -> None:
    found = [example for example in drawn(tmp_path) if example.origin == "ferry/written"]
    assert found
    assert all("two boats" in example.text for example in found)


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    assert drawn(tmp_path) == drawn(tmp_path)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("He said , `` Wait . ''", "He said, “Wait.”"),
        ("It was -LRB- nearly -RRB- over .", "It was (nearly) over."),
        ("They do n't know Syria 's borders", "They don't know Syria's borders"),
    ],
)
def test_tokens_are_joined_as_printed(tokens: str, text: str) -> None:
    found, places = joined(tokens.split())
    assert found == text
    assert found[slice(*places[0])] == tokens.split()[0]
