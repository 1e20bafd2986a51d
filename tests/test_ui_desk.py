"""What happens behind the page, without a browser."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rag import Filters, Newsroom, QuestionError, Settings
from tests.collection import write_rows
from tests.serving import QUESTION, ROWS, filled
from ui import render
from ui.app import page
from ui.conversation import LONGEST_CHAT, Conversation
from ui.desk import Desk, filters_of, refused, stopped

NOTHING = Conversation()


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with filled(tmp_path_factory.mktemp("desk")) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom)


@pytest.fixture(scope="module")
def told(desk: Desk) -> Conversation:
    *_, told = desk.ask(QUESTION, Filters(), NOTHING)
    return told


def test_an_answer_comes_in_steps_and_holds_no_article_texts(desk: Desk):
    steps = [each.exchanges[-1].phase for each in desk.ask(QUESTION, Filters(), NOTHING)]
    *_, told = desk.ask(QUESTION, Filters(), NOTHING)

    assert steps[0] == "searching" and steps[-1] == "done" and "writing" in steps
    answer = told.exchanges[0].answer
    assert answer is not None and {hit.article.text for hit in answer.passages} == {""}


def test_the_page_says_what_the_collection_holds_before_it_has_loaded(desk: Desk):
    values = [str(each["props"].get("value", "")) for each in page(desk).config["components"]]

    assert any("masthead" in value and f"{len(ROWS)} articles" in value for value in values)


def test_numbers_on_the_page_stand_for_citations_in_order(told: Conversation):
    exchange = told.exchanges[0]

    assert exchange.citations[0] == exchange.statements[0].citations[0]
    assert len(set(exchange.citations)) == len(exchange.citations)


def test_a_citation_opens_at_its_words(desk: Desk, told: Conversation):
    reading = desk.open_citation(told, {"turn": "0", "n": "1"})

    assert reading.marked == told.exchanges[0].citations[0].quote
    assert reading.before + reading.marked + reading.after == reading.article.text
    assert not reading.superseded


def test_a_citation_of_an_article_that_was_updated_opens_the_text_that_was_cited(tmp_path: Path):
    with filled(tmp_path) as newsroom:
        desk = Desk(newsroom)
        *_, told = desk.ask(QUESTION, Filters(), NOTHING)
        rows = [row | {"text": f"Corrected. {row['text']}"} for row in ROWS]
        newsroom.ingest([write_rows(tmp_path / "later.jsonl", rows)])

        reading = desk.open_citation(told, {"turn": 0, "n": 1})

    assert reading.superseded and reading.intact
    assert "has another text by now" in render.article(reading)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"turn": 9, "n": 1},
        {"turn": 0, "n": 0},
        {"turn": 0, "n": 99},
        {"turn": -1, "n": 1},
        {"turn": [], "n": "x"},
    ],
)
def test_what_is_not_on_the_page_cannot_be_opened(desk: Desk, told: Conversation, sent: dict[str, Any]):
    for opened in (desk.open_citation, desk.open_passage):
        with pytest.raises(QuestionError, match="load it again"):
            opened(told, sent)


def test_a_passage_that_was_considered_opens_as_a_passage(desk: Desk, told: Conversation):
    reading = desk.open_passage(told, {"turn": 0, "n": 1})

    assert not reading.quoted
    assert "The passage is" in render.article(reading)


@pytest.mark.parametrize(
    ("form", "suffix"), [("html", "html"), ("md", "md"), ("json", "json"), ("exe", "html")]
)
def test_an_answer_is_exported_as_a_dossier(desk: Desk, told: Conversation, form: str, suffix: str):
    file = desk.export(told, {"turn": 0, "form": form})

    assert file["name"] == f"dossier.{suffix}"
    assert "Vasa" in file["text"]


def test_a_failure_nobody_foresaw_is_told_without_its_details(newsroom: Newsroom):
    class Broken:
        settings = newsroom.settings

        def stream(self, *_: object, **__: object) -> Iterator[Any]:
            raise RuntimeError("secret detail")

    *_, told = Desk(Broken()).ask(QUESTION, Filters(), NOTHING)  # type: ignore[arg-type]  # as far as it is used

    page = render.latest(told)
    assert "should not have" in page and "secret detail" not in page


def test_an_empty_home_says_that_there_is_nothing_to_ask(tmp_path: Path):
    with Newsroom(Settings(home=tmp_path)) as newsroom:
        page = Desk(newsroom).welcome()

    assert "Nothing to ask yet" in page


def test_examples_are_questions_that_are_answered(desk: Desk, newsroom: Newsroom):
    examples = desk.examples()

    assert examples
    assert {newsroom.ask(question).status for question in examples} == {"answered"}


def test_a_chat_keeps_its_latest_exchanges():
    told = NOTHING
    for number in range(LONGEST_CHAT + 5):
        told = told.with_question(f"Question {number}?", Filters())

    assert len(told.exchanges) == LONGEST_CHAT
    assert told.exchanges[-1].question == f"Question {LONGEST_CHAT + 4}?"


def test_only_answered_questions_are_leaned_on(told: Conversation):
    failed = refused("And then?", told, QuestionError("no"))

    assert [turn.question for turn in failed.history] == [QUESTION]


def test_stopping_ends_what_is_being_written_and_nothing_else(told: Conversation):
    writing = told.with_question("And who?", Filters())

    assert stopped(writing).exchanges[-1].phase == "stopped"
    assert stopped(told) == told


def test_filters_are_read_from_the_fields():
    assert filters_of("2021-05-01", "", ["Aamu"], "2021-06-01") == Filters(
        since=date(2021, 5, 1), sources=("Aamu",), as_of=date(2021, 6, 1)
    )


@pytest.mark.parametrize("fields", [("2021-13-01", ""), ("x", ""), ("2021-06-01", "2021-05-01")])
def test_impossible_filters_are_refused_in_words(fields: tuple[str, str]):
    with pytest.raises(QuestionError, match="“From”"):
        filters_of(*fields, None, None)


def test_an_upload_ends_with_what_it_brought_and_leaves_no_file(tmp_path: Path):
    with Newsroom(Settings(home=tmp_path / "home")) as newsroom:
        path = write_rows(tmp_path / "news.jsonl", ROWS)
        broken = tmp_path / "broken.json"
        broken.write_text("{")

        *_, last = Desk(newsroom).take_in([path, broken])

    assert "3 articles added" in last and "1 not readable" in last and "broken.json" in last
    assert not path.exists() and not broken.exists() and str(tmp_path) not in last


def test_a_corrected_file_is_another_version_of_its_article(tmp_path: Path):
    with Newsroom(Settings(home=tmp_path / "home")) as newsroom:
        # The page keeps every upload in a folder of its own.
        for folder, hurt in (("aaaa", "Two"), ("bbbb", "Four")):
            (tmp_path / folder).mkdir()
            file = tmp_path / folder / "mill.txt"
            file.write_text(f"{hurt} people were hurt in the fire at the mill in Loviisa, the police said.\n")
            *_, last = Desk(newsroom).take_in([file])

        assert "1 updated" in last
        assert [article.text[:4] for article in newsroom.articles()] == ["Four"]


def test_articles_are_listed_by_page_with_their_ids(desk: Desk):
    page, ids = desk.articles(Filters(sources=("Aamu",)), 0)

    assert ids == ("bridge", "rates")
    assert "Bank raises rates" in page and "1 to 2" in page


def test_stories_list_their_articles(desk: Desk):
    page, ids = desk.stories(Filters(), 0)

    assert set(ids) <= {row["id"] for row in ROWS}
    assert page.count('data-act="read"') == len(ids)


def test_an_unanswered_exchange_has_nothing_to_export(desk: Desk, told: Conversation):
    exchange = replace(told.exchanges[0], answer=None)

    with pytest.raises(QuestionError, match="no answer yet"):
        desk.export(told.with_last(exchange), {"turn": 0})
