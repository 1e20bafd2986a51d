import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval import answers
from eval.answers import Outcome, measure, run, show
from eval.dataset import newsroom_of, read_questions
from rag import Newsroom
from tests.collection import write_rows
from tests.evaluation import ARTICLES, QUESTIONS, laid_out

KEYS = """contains_answer answered abstention_precision abstention_recall citation_precision quote_exactness n
n_answerable n_unanswerable""".split()


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    articles = write_rows(tmp_path_factory.mktemp("answers") / "articles.jsonl", ARTICLES)
    with newsroom_of(articles, None) as newsroom:
        yield newsroom


def outcomes(newsroom: Newsroom, folder: Path, *changes: dict[str, object]) -> list[Outcome]:
    """The three questions, each with fields changed, asked."""
    rows = [
        {**row, **(changes[place] if place < len(changes) else {})} for place, row in enumerate(QUESTIONS)
    ]
    return run(newsroom, read_questions(write_rows(folder / "questions.jsonl", rows)))


def test_the_command_prints_one_json_document_with_the_agreed_keys(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eval.answers", *laid_out(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "contains_answer": 1.0,
        "answered": 1.0,
        "abstention_precision": 1.0,
        "abstention_recall": 1.0,
        "citation_precision": 1.0,
        "quote_exactness": 1.0,
        "n": 3,
        "n_answerable": 2,
        "n_unanswerable": 1,
    }


def test_shown_are_every_question_its_answer_and_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answers.main([*laid_out(tmp_path), "--show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok ")] == ["q1", "q2", "q3"]
    assert any(line.strip().startswith("abstained: Read ") for line in lines)
    assert [line.split()[0] for line in lines[-len(KEYS) :]] == KEYS


@pytest.mark.parametrize(
    ("row", "complaint"),
    [("{", "not JSON"), ('{"question": 5}', "'question' is no text"), ('{"question": "?!"}', "empty")],
)
def test_a_bad_row_gives_one_clear_line(
    row: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = laid_out(tmp_path)
    (tmp_path / "questions.jsonl").write_text(f"{row}\n", encoding="utf-8")
    assert answers.main(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert complaint in line


def test_an_answer_that_is_not_quoted_is_not_contained(newsroom: Newsroom, tmp_path: Path) -> None:
    found = outcomes(newsroom, tmp_path, {"answers": ["twelve", "elev"]})
    assert measure(newsroom, found)["contains_answer"] == 0.5


def test_an_abstention_on_an_answerable_question_costs_precision(newsroom: Newsroom, tmp_path: Path) -> None:
    found = outcomes(newsroom, tmp_path, {}, {"question": "What did Carl Ohm say about inflation?"})
    scores = measure(newsroom, found)
    assert (scores["answered"], scores["abstention_precision"], scores["abstention_recall"]) == (
        0.5,
        0.5,
        1.0,
    )


def test_an_answer_to_an_unanswerable_question_costs_recall(newsroom: Newsroom, tmp_path: Path) -> None:
    found = outcomes(newsroom, tmp_path, {"answerable": False, "gold_article_ids": []})
    assert measure(newsroom, found)["abstention_recall"] == 0.5


def test_a_citation_of_another_article_costs_precision(newsroom: Newsroom, tmp_path: Path) -> None:
    found = outcomes(newsroom, tmp_path, {"gold_article_ids": ["fair"]}, {"gold_article_ids": []})
    assert measure(newsroom, found)["citation_precision"] == 0.0


def test_where_it_is_not_known_whether_it_can_be_answered_nothing_is_judged(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    unknown = {"answerable": None}
    scores = measure(newsroom, outcomes(newsroom, tmp_path, unknown, unknown, unknown))
    assert {name: scores[name] for name in KEYS if scores[name] is not None} == {
        "quote_exactness": 1.0,
        "n": 3,
        "n_answerable": 0,
        "n_unanswerable": 0,
    }


def test_the_day_of_asking_hides_later_articles(newsroom: Newsroom, tmp_path: Path) -> None:
    first = outcomes(newsroom, tmp_path, {"as_of": "2021-05-01"})[0]
    assert not first.answered


def test_a_wrong_answer_is_shown_as_bad(newsroom: Newsroom, tmp_path: Path) -> None:
    first, *_ = outcomes(newsroom, tmp_path, {"answers": ["twelve"]})
    assert show(first).startswith("BAD q1 [how_many]")
    assert "bridge: Eleven workers were injured" in show(first)


@pytest.mark.parametrize(
    ("text", "words"), [("The U.S., “today”", " the u s today "), ("", "  "), ("20%", " 20 ")]
)
def test_words_are_compared_whole_and_without_case(text: str, words: str) -> None:
    assert answers.words(text) == words
