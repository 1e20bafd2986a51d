"""The benchmark of conflicts, on questions small enough to count by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.conflicts import Outcome, hits_of, main, measure
from rag.domain import Conflict, Value

ROW: dict[str, Any] = {
    "id": "1",
    "question": "Who won the race?",
    "passages": [
        {"id": "p0", "text": "Ann Wit won the race in Homs."},
        {"id": "p1", "text": "Amy Roe won the race in Homs."},
    ],
    "values": [{"value": "Ann Wit", "passage_ids": ["p0"]}, {"value": "Roe", "passage_ids": ["p1"]}],
    "conflict": True,
}


def conflict(*texts: str) -> Conflict:
    values = tuple(Value(text=text, citations=(), origins=()) for text in texts)
    return Conflict(aspect="x", kind="contradiction", values=values, sentence="x")


def test_each_passage_is_an_article_of_its_own() -> None:
    hits = hits_of(ROW)
    assert [(each.article.id, each.passage.text) for each in hits] == [
        ("p0", "Ann Wit won the race in Homs."),
        ("p1", "Amy Roe won the race in Homs."),
    ]


def test_the_figures_are_over_questions() -> None:
    outcomes = [
        Outcome(ROW, (conflict("Ann Wit", "Amy Roe"),)),
        Outcome(ROW, (conflict("Ann Wit", "Homs"),)),
        Outcome(ROW, ()),
        Outcome(ROW | {"conflict": False}, (conflict("a", "b"),)),
        Outcome(ROW | {"conflict": False}, ()),
    ]
    assert measure(outcomes) == {"precision": 0.6667, "recall": 0.6667, "base": 0.6, "values": 0.5, "n": 5}


def test_the_command_prints_one_json_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "conflicts.jsonl"
    questions.write_text(json.dumps(ROW))
    assert main(["--questions", str(questions), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "precision": 1.0,
        "recall": 1.0,
        "base": 1.0,
        "values": 1.0,
        "n": 1,
    }


def test_a_row_without_passages_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "conflicts.jsonl"
    questions.write_text(json.dumps({"id": "1", "question": "Who?"}))
    assert main(["--questions", str(questions)]) == 2
    assert "no 'passages' in it" in capsys.readouterr().err
