import json
from pathlib import Path

import pytest

from eval.dates import main

CASE = {
    "id": "1",
    "text": "Friday",
    "article_id": "a",
    "start": 300,
    "context": "Friday came; on the next Friday, Friday was over.",
    "published": "2019-01-20",
    "value": "2019-01-18",
}


def file_of(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "dates.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_case_is_right_when_the_day_is_the_very_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cases = file_of(
        tmp_path, CASE, {**CASE, "id": "2", "context": "On Friday he spoke.", "value": "2019-01-25"}
    )

    assert main(["--cases", cases, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"accuracy": 0.5, "n": 2}


def test_an_expression_that_is_not_found_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cases = file_of(tmp_path, {**CASE, "text": "Eid", "context": "On Eid he spoke."})

    assert main(["--cases", cases, "--json", "--wrong"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out) == {"accuracy": 0.0, "n": 1}
    assert "'Eid' of 2019-01-20 is 2019-01-18, not None" in out.err


def test_a_case_that_lacks_a_field_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cases = file_of(tmp_path, {key: value for key, value in CASE.items() if key != "published"})

    assert main(["--cases", cases]) == 2
    assert "row 1: no 'published' in it" in capsys.readouterr().err
