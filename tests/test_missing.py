from datetime import date

import pytest

from rag.answering.extractive import Evidence
from rag.answering.missing import missing
from rag.answering.sentences import sentences_of
from rag.question import read_question
from rag.reader import Reading
from tests.reading import hit

HITS = (
    hit(
        "strike",
        "Twenty people were killed in Soseh, Anna Lind said.",
        title="Strike on Soseh",
        source="SANA",
        published=date(2019, 1, 20),
    ),
    hit("vote", "Parliament voted on the budget.", title="Budget"),
    hit("rain", "It rained."),
)


def said(question: str) -> str:
    return missing(read_question(question), HITS, ())


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What did Bo Ek say?", "None of them mentions “Bo Ek”."),
        ("Who won the 2018 World Cup?", "None of them mentions “World Cup” or “2018”."),
        ("Did Paul, Mary or Jane win?", "None of them mentions “Paul”, “Mary” or “Jane”."),
        ("What did Anna Lind say about rates?", "They report no words of Anna Lind on this."),
        ("How many soldiers were wounded in Soseh?", "They do not say how many soldiers."),
        ("How many died?", "They do not say how many died."),
        ("How much did it cost?", "They give no such figure."),
        ("When was it?", "They give no date for this."),
        ("Why was it?", "They give no reason for this."),
        ("Which minister signed it?", "They name no minister for this."),
        ("What was it?", "No sentence in them answers it."),
    ],
)
def test_the_reason_says_what_is_not_there(question: str, reason: str) -> None:
    assert f" {reason} " in said(question)


def test_the_reason_counts_what_was_read() -> None:
    assert said("Why?").startswith("Read 3 passages of 3 articles. ")
    assert missing(read_question("Why?"), HITS[:1], ()).startswith("Read 1 passage of 1 article. ")


def test_the_reason_names_two_articles_with_what_is_known_of_them() -> None:
    assert said("Why?").endswith("Nearest: “Strike on Soseh” (SANA, 2019-01-20, strike); “Budget” (vote).")


def test_an_article_without_a_title_is_called_untitled() -> None:
    assert missing(read_question("Why?"), HITS[2:], ()).endswith("Nearest: “untitled” (rain).")


def test_the_nearest_article_is_that_of_the_most_convincing_sentence() -> None:
    weighed = [
        Evidence(
            sentence=sentences_of([found])[0],
            reading=Reading(relevance=0.0, margin=margin, start=0, end=0),
            kin=0,
            named=0,
            kind=0,
            told=0,
            place=0,
        )
        for found, margin in zip(HITS[:2], (-4.0, 3.0), strict=True)
    ]
    assert "Nearest: “Budget”" in missing(read_question("Why?"), HITS, weighed)


def test_where_nothing_was_found_the_filters_are_mentioned() -> None:
    assert missing(read_question("Why?"), (), ()) == (
        "No passage shares a word with the question, within the filters given."
    )
