"""Reports of runs on three articles."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval import evaluation
from eval.dataset import Dataset, newsroom_of, read_dataset
from eval.folder import RunFolder, read_json, write_json
from eval.page import page
from eval.report import Run, badness, comparison, markdown
from rag import Newsroom, UsageError
from tests.collection import write_rows
from tests.evaluation import ARTICLES, QUESTIONS

HOSTILE = "<script>alert(1)</script>\u202e | `x` [y](http://evil.test)"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("articles")
    hostile = {
        "id": "evil",
        "title": HOSTILE,
        "text": f"The dam of Vaasa broke on Sunday. {HOSTILE} was said.",
    }
    with newsroom_of(write_rows(folder / "articles.jsonl", [*ARTICLES, hostile]), None) as opened:
        yield opened


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    hostile = QUESTIONS[1] | {"id": "q4", "question": f"What was said of {HOSTILE}?", "answers": ["nothing"]}
    return read_dataset(
        write_rows(tmp_path_factory.mktemp("data") / "questions.jsonl", [*QUESTIONS, hostile])
    )


@pytest.fixture(scope="module")
def run(newsroom: Newsroom, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder, _ = evaluation.evaluate(newsroom, dataset, tmp_path_factory.mktemp("runs"))
    return Run(folder)


def html(run: Run, dataset: Dataset, *more: Run) -> str:
    return page([run, *more], {case.id: case for case in dataset.cases})


class Tags(HTMLParser):
    """The tags of a page, and what they point at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]


def test_the_page_needs_nothing_else_and_runs_nothing(run: Run, dataset: Dataset):
    found = Tags(html(run, dataset))

    assert not {"script", "link", "img", "iframe", "form", "a"} & found.tags
    assert found.targets == []
    assert {"svg", "table", "details"} <= found.tags


def test_text_of_articles_is_shown_and_never_obeyed(run: Run, dataset: Dataset):
    text = html(run, dataset)

    assert "&lt;script&gt;alert(1)" in text
    assert "\u202e" not in text
    assert "url(" not in text


def test_every_question_is_there_worst_first(run: Run, dataset: Dataset):
    shown = re.findall(r"<span class='id'>(q\d)</span>", html(run, dataset))

    assert sorted(shown) == ["q1", "q2", "q3", "q4"]
    assert shown == sorted(shown, key=lambda key: badness(run, key))
    assert shown[0] == "q4"  # nobody said “nothing”


def test_two_runs_are_compared(run: Run, dataset: Dataset):
    text = html(run, dataset, run)

    assert "What changed" in text
    assert "no certain difference" in text


def test_markdown_is_a_table_with_intervals_and_numbers_of_questions(run: Run):
    text = markdown([run])

    assert "| quote_exactness | 1.000 [1.000, 1.000] n=" in text
    assert "verifier: not measured" in text


def test_markdown_lets_nothing_through_that_acts(run: Run):
    text = markdown([run])

    assert "<script>" not in text
    assert "[y](" not in text
    assert "\u202e" not in text


def test_a_comparison_names_questions_that_one_run_lacks(newsroom: Newsroom, run: Run, tmp_path: Path):
    few = read_dataset(write_rows(tmp_path / "questions.jsonl", QUESTIONS[:2]))
    folder, _ = evaluation.evaluate(newsroom, few, tmp_path / "runs")

    assert comparison(run, Run(folder))[-1] == "\nOnly in one of the runs: q3, q4"


def test_a_run_that_is_not_finished_or_of_another_format_is_refused(run: Run, tmp_path: Path):
    with pytest.raises(UsageError, match="holds no finished run"):
        markdown([Run(RunFolder(tmp_path))])

    write_json(tmp_path / "summary.json", read_json(run.folder.summary) | {"format": 99})
    with pytest.raises(UsageError, match="is of format 99, this program reads 1"):
        markdown([Run(RunFolder(tmp_path))])
