import json
from pathlib import Path

import pytest

from eval.days import main, read_cases

HEAD = "By our own correspondents, who have been there all of this week.\n"
ROWS = [
    {"id": "a", "title": "", "text": HEAD + "A market in Idlib was shelled on Friday.", "date": "2019-01-20"},
    {
        "id": "b",
        "title": "",
        "text": HEAD + "A market in Idlib was shelled on Friday.  Again.",
        "date": "2018-05-20",
    },
    {
        "id": "c",
        "title": "",
        "text": HEAD + "A market in Idlib was shelled on 4 May 2018.",
        "date": "2018-05-06",
    },
    {"id": "d", "title": "", "text": HEAD + "A market in Idlib was shelled on Friday!", "date": None},
]


def file_of(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_questions_come_from_dated_articles_that_name_a_weekday_alone(tmp_path: Path):
    cases = read_cases(file_of(tmp_path, *ROWS))

    assert {case.article_id: case.question(with_day=True) for case in cases} == {
        "a": "What happened in Idlib on 18 January 2019?",
        "b": "What happened in Idlib on 18 May 2018?",
    }


def test_the_day_tells_which_article_is_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--articles", str(file_of(tmp_path, *ROWS)), "--json"]) == 0

    scores = json.loads(capsys.readouterr().out)
    assert (scores["hit@1"], scores["n"]) == (1.0, 2)


def test_articles_without_days_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--articles", str(file_of(tmp_path, ROWS[3]))]) == 2
    assert "no dated article names a weekday and a place" in capsys.readouterr().err
