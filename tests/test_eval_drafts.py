import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval import drafts
from eval.dataset import newsroom_of, read_dataset
from eval.judge import Judge
from rag import Newsroom
from rag.cli import app
from tests.collection import write_rows
from tests.endpoint import serve
from tests.evaluation import ARTICLES
from tests.test_eval_judge import GARBAGE, fills

TEXT = ARTICLES[0]["text"]
QUOTE = "The Vasa bridge in Turku collapsed on Monday."


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("articles") / "articles.jsonl", ARTICLES[:1])


@pytest.fixture(scope="module")
def newsroom(articles: Path) -> Iterator[Newsroom]:
    with newsroom_of(articles, None) as opened:
        yield opened


def form(**changed: str) -> dict[str, str]:
    return {
        "question": "On which day did the Vasa bridge collapse?",
        "answer": "Monday",
        "quote": QUOTE,
    } | changed


def drafted(newsroom: Newsroom, path: Path, *replies: Any) -> drafts.Drafted:
    with serve(*replies) as endpoint:
        return drafts.draft(newsroom, Judge(model="m", base_url=endpoint.base_url), 1, path)


def test_a_draft_is_a_row_of_a_dataset(newsroom: Newsroom, tmp_path: Path):
    drafted(newsroom, tmp_path / "drafts.jsonl", fills(form()))

    (case,) = read_dataset(tmp_path / "drafts.jsonl").cases
    assert case.answers == ("Monday",)
    assert case.evidence == (("bridge", QUOTE),)
    assert case.gold_article_ids == ("bridge",)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"quote": "The bridge fell."}, "the quote does not stand in the article, once"),
        ({"answer": "Tuesday"}, "the answer does not stand in the quote"),
        ({"question": "Did the bridge collapse on Monday?"}, "the question gives its answer away"),
        ({"question": "The bridge collapsed."}, "the question is no question"),
    ],
)
def test_a_draft_that_code_cannot_check_is_dropped_and_counted(
    newsroom: Newsroom, tmp_path: Path, changed: dict[str, str], fault: str
):
    found = drafted(newsroom, tmp_path / "drafts.jsonl", fills(form(**changed)))

    assert (found.rows, found.refused) == ([], {fault: 1})


def test_a_model_that_writes_garbage_is_counted(newsroom: Newsroom, tmp_path: Path):
    assert drafted(newsroom, tmp_path / "drafts.jsonl", GARBAGE).refused == {"garbage": 1}


def test_drafting_again_adds_nothing_that_is_there(newsroom: Newsroom, tmp_path: Path):
    path = tmp_path / "drafts.jsonl"
    drafted(newsroom, path, fills(form()))
    before = path.read_bytes()

    drafted(newsroom, path, GARBAGE)

    assert path.read_bytes() == before


def test_a_person_accepts_edits_and_rejects(newsroom: Newsroom, articles: Path, tmp_path: Path):
    row = drafted(newsroom, tmp_path / "one.jsonl", fills(form())).rows[0]
    write_rows(
        tmp_path / "mine.drafts.jsonl",
        [row, row | {"id": "second"}, row | {"id": "third", "answers": ["Tuesday"]}],
    )

    result = CliRunner().invoke(
        app,
        ["eval", "make", str(tmp_path / "mine.jsonl"), "--articles", str(articles)],
        # the first as it is, the second with another question; the third cannot be accepted before it is mended
        input="a\ne\nWhen did the bridge fall?\nMonday\na\na\nr\n",
    )

    assert result.exit_code == 0, result.output
    assert "2 accepted, 1 rejected" in result.stdout
    assert "cannot be accepted like this: the answer does not stand in the quote" in result.stderr
    kept = [json.loads(line) for line in (tmp_path / "mine.jsonl").read_text().split("\n") if line]
    assert [each["question"] for each in kept] == [row["question"], "When did the bridge fall?"]


def test_what_was_decided_is_not_asked_again(tmp_path: Path):
    rows = [{"id": "one"}, {"id": "two"}]
    drafts.review(rows, tmp_path / "mine.jsonl", lambda row: row if row["id"] == "one" else None)

    assert drafts.review(rows, tmp_path / "mine.jsonl", lambda row: pytest.fail("asked again")) == {}
