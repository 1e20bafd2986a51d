from datetime import date
from typing import Any

from rag.answering.occasions import occasions
from rag.answering.sentences import sentences_of
from rag.domain import Hit, Occasion
from tests.reading import hit

FRIDAY = "On Friday twenty civilians were killed."


def told(article_id: str, text: str = FRIDAY, *, story: str | None = "s", **fields: Any) -> Hit:
    found = hit(article_id, text, **fields)
    return Hit(passage=found.passage, article=found.article, score=1.0, story=story)


def named(*hits: Hit) -> tuple[Occasion, ...]:
    """In the first of them, whole."""
    return occasions([sentence.cite() for sentence in sentences_of(hits[:1])], hits)


def test_a_weekday_is_the_one_before_publication() -> None:
    assert named(told("a", published=date(2019, 1, 20))) == (
        Occasion(text="Friday", day=date(2019, 1, 18), article_id="a", start=3, end=9),
    )


def test_an_undated_article_borrows_the_day_of_its_story_and_says_so() -> None:
    [found] = named(told("a"), told("b", "It rained.", published=date(2019, 1, 20)))
    assert (found.day, found.borrowed_from) == (date(2019, 1, 18), "b")


def test_nothing_is_borrowed_from_another_story() -> None:
    assert named(told("a"), told("b", story="t", published=date(2019, 1, 20))) == ()


def test_nothing_is_borrowed_where_no_story_is_known() -> None:
    assert named(told("a", story=None), told("b", story=None, published=date(2019, 1, 20))) == ()


def test_nothing_is_borrowed_from_a_story_that_goes_on_for_weeks() -> None:
    days = [told(key, published=date(2019, 1, day)) for key, day in (("b", 2), ("c", 20))]
    assert named(told("a"), *days) == ()


def test_a_date_with_its_year_needs_no_lender() -> None:
    dated = told("b", published=date(2019, 1, 20))
    [found] = named(told("a", "It began on 3 May 2018."), dated)
    assert (found.day, found.borrowed_from) == (date(2018, 5, 3), None)


def test_offsets_are_those_of_the_article() -> None:
    text = f"It rained on Monday. {FRIDAY}"
    one = told("a", text, published=date(2019, 1, 20))
    [citation] = [sentence.cite() for sentence in sentences_of([one]) if "Friday" in sentence.text]
    [found] = occasions([citation], [one])
    assert text[found.start : found.end] == found.text == "Friday"


def test_a_place_cited_twice_is_named_once() -> None:
    one = told("a", published=date(2019, 1, 20))
    [citation] = [sentence.cite() for sentence in sentences_of([one])]
    assert len(occasions([citation, citation], [one])) == 1
