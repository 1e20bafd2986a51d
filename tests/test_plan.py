from datetime import date

import pytest

from rag.domain import Filters
from rag.retrieval.plan import plan

SUNDAY = Filters(as_of=date(2019, 1, 20))
TODAY = date(2026, 11, 21)
SOURCES = ("SANA", "dailysabah", "cnn.com", "The Guardian", "manar", "Reuters")


def days(question: str, filters: Filters = SUNDAY) -> list[tuple[str, str]]:
    return [
        (str(first), str(last))
        for first, last in plan(question, filters, today=TODAY, sources=lambda: SOURCES).days
    ]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What happened on 18 January 2019?", "2019-01-18", "2019-01-18"),
        ("Who was killed last Friday?", "2019-01-18", "2019-01-18"),
        ("What happened in April 2017?", "2017-04-01", "2017-04-30"),
        ("What happened between 3 and 5 April 2017?", "2017-04-03", "2017-04-05"),
        ("What happened from April 3, 2017 to April 5, 2017?", "2017-04-03", "2017-04-05"),
        ("What has happened since 1 May 2018?", "2018-05-01", "2019-01-20"),
    ],
)
def test_the_days_asked_about_are_read_off_the_question(question: str, first: str, last: str) -> None:
    assert days(question) == [(first, last)]
    assert plan(question, SUNDAY, today=TODAY).filters == SUNDAY  # they exclude nothing


@pytest.mark.parametrize(
    "question",
    [
        "What has happened since the ceasefire?",
        "Which city agreed to pay this week?",
        "How much have prices risen over the past year?",
        "Who will launch a residency later this year?",
    ],
)
def test_a_vague_time_names_no_days(question: str) -> None:
    assert days(question) == []


def test_without_the_day_of_the_question_yesterday_is_seen_from_today():
    assert days("What happened yesterday?", Filters()) == [("2026-11-20", "2026-11-20")]


def test_without_the_day_of_the_question_friday_may_be_any():
    assert days("Who died in Friday's strike, and who in April?", Filters()) == []


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("According to SANA, how many people died?", "SANA"),
        ("What did Reuters report about Raqqa?", "Reuters"),
        ("What did Daily Sabah's coverage say of Afrin?", "dailysabah"),
        ("What are the latest reports from Al-Manar on Aleppo?", "manar"),
        ("What did CNN say about it?", "cnn.com"),
        ("What was reported by the Guardian?", "The Guardian"),
    ],
)
def test_an_outlet_asked_for_as_the_one_that_reports_binds(question: str, source: str) -> None:
    assert plan(question, SUNDAY, today=TODAY, sources=lambda: SOURCES).filters.sources == (source,)


@pytest.mark.parametrize(
    "question",
    [
        "Who attacked the Reuters office in Aleppo?",
        "According to the Syrian Observatory, who was killed?",
        "What did the report say?",
    ],
)
def test_who_is_only_mentioned_binds_nothing(question: str) -> None:
    assert plan(question, SUNDAY, today=TODAY, sources=lambda: SOURCES).filters == SUNDAY


def test_the_callers_own_filters_stand():
    own = Filters(sources=("Reuters",), since=date(2017, 5, 1))

    made = plan(
        "According to SANA, what was published in April 2017?", own, today=TODAY, sources=lambda: SOURCES
    )

    assert made.filters == own


def test_days_of_publication_bind():
    made = plan("Which articles published in April 2017 mention sarin?", Filters(), today=TODAY)

    assert (made.filters.since, made.filters.until) == (date(2017, 4, 1), date(2017, 4, 30))
    assert made.notes == ("only what was published 1 April 2017 to 30 April 2017, as asked",)


def test_what_else_was_published_on_a_day_binds_nothing():
    question = "How many admirals were on the list that Clinton published in September 2016?"

    assert plan(question, Filters(), today=TODAY).filters == Filters()


def test_the_latest_is_asked_for():
    assert plan("What is the latest on Idlib?", SUNDAY, today=TODAY).recent
    assert not plan("Who built the latrine?", SUNDAY, today=TODAY).recent


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who died?", "who"),
        ("How many died?", "how many"),
        ("When was it?", "when"),
        ("Which car was it?", None),
    ],
)
def test_the_kind_is_what_is_asked_for(question: str, kind: str | None) -> None:
    assert plan(question, SUNDAY, today=TODAY).kind == kind


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("What happened yesterday?", "What happened on 19 January 2019?"),
        ("What happened in Idlib on last Friday?", "What happened in Idlib on 18 January 2019?"),
        ("Who was killed last Friday?", "Who was killed last Friday?"),  # told by reports that say "Friday"
        ("What happened last month?", "What happened last month?"),
        ("What happened on Friday?", "What happened on 18 January 2019?"),
        ("What went on yesterday?", "What went on on 19 January 2019?"),
        ("What happened at today's summit?", "What happened at today's summit?"),
        ("What happened by yesterday?", "What happened by yesterday?"),
    ],
)
def test_the_day_of_an_event_is_written_out(question: str, query: str):
    assert plan(question, Filters(as_of=date(2019, 1, 20)), today=date(2019, 2, 1)).query == query
