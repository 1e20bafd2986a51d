"""The listing of origins and differences, on a few made-up articles."""

import json
from datetime import date
from pathlib import Path

import pytest

from eval.origins import ids_of, main

ROWS = [
    {
        "id": "a",
        "text": "20 people were killed in Homs.",
        "date": "2016-08-01",
        "location": "homs",
        "source": "One",
    },
    {
        "id": "b",
        "text": "23 people were killed in Homs.",
        "date": "2016-08-01",
        "location": "homs",
        "source": "Two",
    },
    {"id": "c", "text": "Nine died in Hama.", "date": "2016-08-01", "location": "hama", "source": "One"},
    {"id": "d", "text": "Ten died in Hama.", "date": "2016-08-02", "location": "hama", "source": "Two"},
]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_a_group_is_a_day_and_a_place_told_of_by_two_outlets(articles: Path) -> None:
    assert ids_of(articles) == {(date(2016, 8, 1), "homs"): ["a", "b"]}


def test_the_command_prints_one_json_document(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--articles", str(articles), "--json"]) == 0
    counted = json.loads(capsys.readouterr().out)
    assert counted.keys() == {"groups", "conflicts", "articles", "independent", "unknown"}
    assert counted["groups"] == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--articles", str(tmp_path / "no")]) == 2
    assert "no: " in capsys.readouterr().err
