"""Runs on three articles: what is kept, what an interruption leaves, what has to be left out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval import evaluation
from eval.dataset import Dataset, newsroom_of, read_dataset
from eval.folder import RunFolder, append_row, read_json, read_rows
from eval.run import answer_all, asking, check_cases
from rag import Newsroom, QuestionError, UsageError
from tests.collection import write_rows
from tests.evaluation import ARTICLES, QUESTIONS

TIMELESS = ("run.json", "answers.jsonl", "scores.jsonl", "summary.json")


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("articles")
    with newsroom_of(write_rows(folder / "articles.jsonl", ARTICLES), None) as opened:
        yield opened


def dataset(folder: Path, *rows: Any) -> Dataset:
    return read_dataset(write_rows(folder / "questions.jsonl", rows or QUESTIONS))


# what is kept


def test_a_run_keeps_answers_scores_figures_and_times(newsroom: Newsroom, tmp_path: Path):
    folder, summary = evaluation.evaluate(newsroom, dataset(tmp_path), tmp_path / "runs")

    assert {path.name for path in folder.path.iterdir()} == {*TIMELESS, "times.json"}
    assert [row["id"] for row in read_rows(folder.answers)] == ["q1", "q2", "q3"]
    assert summary == read_json(folder.summary)
    assert summary["questions"] == {"asked": 3, "scored": 3, "left_out": 0}
    assert summary["metrics"]["quote_exactness"]["value"] == 1.0
    assert set(read_json(folder.times)["ms"]) == {"q1", "q2", "q3"}


def test_two_runs_on_the_same_input_are_the_same_but_for_times(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)

    first, _ = evaluation.evaluate(newsroom, asked, tmp_path / "one", parallel=3)
    second, _ = evaluation.evaluate(newsroom, asked, tmp_path / "two")

    assert first.name == second.name
    for name in TIMELESS:
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes()


def test_settings_are_kept_without_places_and_keys(newsroom: Newsroom, tmp_path: Path):
    folder, _ = evaluation.evaluate(newsroom, dataset(tmp_path), tmp_path / "runs")

    settings = read_json(folder.manifest)["config"]["settings"]
    assert settings["passage_words"] == 180
    assert not {"home", "database_url", "llm_api_key", "llm_base_url", "otel_endpoint"} & set(settings)


# interruptions


def test_a_finished_run_asks_nothing_again(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)
    folder, first = evaluation.evaluate(newsroom, asked, tmp_path / "runs")
    times = folder.times.read_bytes()

    _, second = evaluation.evaluate(newsroom, asked, tmp_path / "runs")

    assert second == first
    assert folder.times.read_bytes() == times


def test_a_run_that_was_killed_goes_on_where_it_stopped(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)
    folder = RunFolder(tmp_path)
    kept = asking(newsroom)(asked.cases[0])
    append_row(folder.partial, {"id": "q1", "answer": kept, "error": None, "ms": 1.0})
    with folder.partial.open("a") as out:
        out.write('\n{"id": "q2", "answer": {"status": "ans')  # the line it died in
    put: list[str] = []

    rows = answer_all(asked.cases, folder, lambda case: put.append(case.id) or kept)  # type: ignore[func-returns-value]

    assert sorted(put) == ["q2", "q3"]
    assert [row.case.id for row in rows] == ["q1", "q2", "q3"]
    assert not folder.partial.exists()


def test_a_stop_behind_the_last_answer_keeps_them_all(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)
    folder = RunFolder(tmp_path)
    for case in asked.cases:
        append_row(
            folder.partial, {"id": case.id, "answer": asking(newsroom)(case), "error": None, "ms": 1.0}
        )

    answer_all(asked.cases, folder, lambda case: pytest.fail(f"{case.id} was asked again"))

    assert folder.answers.exists() and folder.times.exists() and not folder.partial.exists()


def test_a_stop_in_the_middle_keeps_what_was_answered(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)
    folder = RunFolder(tmp_path)
    ask = asking(newsroom)

    def stopped(case: Any) -> dict[str, Any]:
        if case.id == "q3":
            raise KeyboardInterrupt
        return ask(case)

    with pytest.raises(KeyboardInterrupt):
        answer_all(asked.cases, folder, stopped)

    assert {row["id"] for row in read_rows(folder.partial)} == {"q1", "q2"}


def test_a_folder_of_another_run_is_refused(newsroom: Newsroom, tmp_path: Path):
    evaluation.evaluate(newsroom, dataset(tmp_path), tmp_path / "runs", name="mine")
    other = dataset(tmp_path, QUESTIONS[0])

    with pytest.raises(UsageError, match=r"mine holds another run \(what differs: asked, dataset\)"):
        evaluation.evaluate(newsroom, other, tmp_path / "runs", name="mine")


# what has to be left out


def test_broken_rows_are_named_and_the_rest_is_scored(newsroom: Newsroom, tmp_path: Path):
    path = write_rows(tmp_path / "questions.jsonl", [*QUESTIONS, {"id": "q4"}, QUESTIONS[0]])
    with path.open("a") as out:
        out.write('{"question": \n')

    _, summary = evaluation.evaluate(newsroom, read_dataset(path), tmp_path / "runs")

    assert summary["questions"] == {"asked": 3, "scored": 3, "left_out": 3}
    assert summary["problems"][0] == f"{path}, row 4: no 'question' in it"
    assert summary["problems"][1] == f"{path}, row 5: the id 'q1' is there already"
    assert summary["problems"][2].startswith(f"{path}, row 6: not JSON")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"gold_article_ids": ["tunnel"]}, "its article 'tunnel' is not in the collection"),
        (
            {"evidence": [{"article_id": "tunnel", "quote": "x"}]},
            "its article 'tunnel' is not in the collection",
        ),
        (
            {"evidence": [{"article_id": "bridge", "quote": "Twelve workers"}]},
            "its evidence “Twelve workers” does not stand in article 'bridge'",
        ),
    ],
)
def test_a_question_whose_gold_is_missing_is_named_and_left_out(
    newsroom: Newsroom, tmp_path: Path, changed: dict[str, Any], why: str
):
    asked = dataset(tmp_path, QUESTIONS[1], QUESTIONS[0] | changed)

    usable, faults = check_cases(asked.cases, newsroom)

    assert [case.id for case in usable] == ["q2"]
    assert faults == [f"question 'q1': {why}; it is not scored"]


def test_a_question_that_cannot_be_asked_is_named_and_the_rest_is_scored(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path, QUESTIONS[0], QUESTIONS[1] | {"question": "?!"})

    _, summary = evaluation.evaluate(newsroom, asked, tmp_path / "runs")

    assert summary["questions"] == {"asked": 2, "scored": 1, "left_out": 1}
    (problem,) = summary["problems"]
    assert problem.startswith("question 'q2' could not be answered: the question is empty")


def test_a_question_that_failed_is_asked_again_by_the_next_run(newsroom: Newsroom, tmp_path: Path):
    asked = dataset(tmp_path)
    folder = RunFolder(tmp_path)

    def failing(case: Any) -> dict[str, Any]:
        raise QuestionError(f"not now, {case.id}")

    assert {row.error for row in answer_all(asked.cases, folder, failing)} == {
        "not now, q1",
        "not now, q2",
        "not now, q3",
    }
    assert [row.error for row in answer_all(asked.cases, folder, asking(newsroom))] == [None] * 3


def test_without_any_usable_question_there_is_no_run(newsroom: Newsroom, tmp_path: Path):
    with pytest.raises(UsageError, match=r"no question in it can be used; .*row 1: no 'question' in it"):
        dataset(tmp_path, {"id": "q1"})
    with pytest.raises(
        UsageError, match="no question of 'questions' can be scored; question 'q1': its article"
    ):
        evaluation.evaluate(newsroom, dataset(tmp_path, QUESTIONS[0] | {"gold_article_ids": ["x"]}), tmp_path)


# configurations, and answers of other systems


def test_a_config_is_a_file_of_settings(tmp_path: Path):
    path = tmp_path / "small.env"
    path.write_text("DATELINE_PASSAGE_WORDS=60\n")

    assert evaluation.read_config(path) == evaluation.Config("small", {"passage_words": "60"})


@pytest.mark.parametrize(
    ("line", "message"), [("PATH=/bin", "'PATH' is no setting"), ("DATELINE_HOME=x", "use --home")]
)
def test_a_config_with_anything_else_is_refused(tmp_path: Path, line: str, message: str):
    (tmp_path / "c.env").write_text(line)

    with pytest.raises(UsageError, match=message):
        evaluation.read_config(tmp_path / "c.env")


def test_answers_of_another_system_are_scored_as_our_own_are(newsroom: Newsroom, tmp_path: Path):
    quote = {"article_id": "bridge", "quote": "Eleven workers were injured, the city hospital said."}
    invented = {"article_id": "bridge", "quote": "Twelve workers were injured."}
    answers = write_rows(
        tmp_path / "answers.jsonl",
        [
            {"id": "q1", "sentences": [{"text": "Eleven were injured.", "citations": [quote, invented]}]},
            {"id": "q3", "sentences": []},
        ],
    )

    folder, summary = evaluation.evaluate(newsroom, dataset(tmp_path), tmp_path / "runs", answers=answers)

    assert summary["questions"]["scored"] == 2
    scores = evaluation.read_scores(folder)
    assert scores["q1"]["answer_containment"] == 1.0
    assert scores["q1"]["quote_exactness"] == 0.5
    assert scores["q3"]["abstention_recall"] == 1.0


def test_a_broken_row_of_such_answers_is_named(newsroom: Newsroom, tmp_path: Path):
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps({"id": "q1"}))

    with pytest.raises(
        UsageError, match=r"answers.jsonl, row 1: not of the format \(KeyError\('sentences'\)\)"
    ):
        evaluation.evaluate(newsroom, dataset(tmp_path), tmp_path / "runs", answers=answers)
