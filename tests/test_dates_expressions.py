from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import find_dates

SUNDAY = date(2019, 1, 20)

RESOLVED = [  # all seen from Sunday 20 January 2019
    ("Two were killed on 18 January 2019.", "18 January 2019", "2019-01-18"),
    ("Two were killed on January 18th, 2019.", "January 18th, 2019", "2019-01-18"),
    ("Wed 05 Apr 2017 Victims of an attack", "Wed 05 Apr 2017", "2017-04-05"),
    ("what happened on 18 january 2019", "18 january 2019", "2019-01-18"),
    ("It opened on 2019-01-18.", "2019-01-18", "2019-01-18"),
    ("It opened on 18.01.2019.", "18.01.2019", "2019-01-18"),
    ("Nearly 30 died on Friday.", "Friday", "2019-01-18"),
    ("Nearly 30 died Friday, officials said.", "Friday", "2019-01-18"),
    ("The army said Friday that it will withdraw.", "Friday", "2019-01-18"),
    ("He was sentenced to death Friday.", "Friday", "2019-01-18"),
    ("Talks may resume Monday.", "Monday", "2019-01-21"),
    ("The mayor declared a day of mourning for Tuesday.", "Tuesday", "2019-01-22"),
    ("Schools reopen on Monday.", "Monday", "2019-01-21"),
    ("He was blamed for Friday bombing raids.", "Friday", "2019-01-18"),
    ("Talks are set to resume Monday.", "Monday", "2019-01-21"),
    ("On Monday, the court will rule.", "Monday", "2019-01-21"),
    ("A new plane will be launched Monday.", "Monday", "2019-01-21"),
    ("They met last Sunday.", "last Sunday", "2019-01-13"),
    ("It rained this past Friday.", "this past Friday", "2019-01-18"),
    ("Polls open this coming Sunday.", "this coming Sunday", "2019-01-27"),
    ("Prices fell from the previous Friday.", "the previous Friday", "2019-01-11"),
    ("It is this coming Sunday, January twenty-seventh.", "this coming Sunday, January twenty-seventh", "2019-01-27"),
    ("He left yesterday.", "yesterday", "2019-01-19"),
    ("He left the day before yesterday.", "the day before yesterday", "2019-01-18"),
    ("He leaves tomorrow.", "tomorrow", "2019-01-21"),
    ("The dividend is payable Dec. 15.", "Dec. 15", "2018-12-15"),
    ("The dividend will be paid on Aug. 1.", "Aug. 1", "2019-08-01"),
    ("He was hurt on June 11.", "June 11", "2018-06-11"),
    ("He was hurt on Saturday, August 11.", "Saturday, August 11", "2018-08-11"),
    ("He joined 10 days ago.", "10 days ago", "2019-01-10"),
    ("The deal will close by year-end.", "year-end", "2019-12-31"),
    ("The change is since year-end.", "year-end", "2018-12-31"),
    ("It was in April 2017.", "April 2017", "2017-04"),
    ("It was last April.", "last April", "2018-04"),
    ("The vote will be in November.", "November", "2019-11"),
    ("They fled in November.", "November", "2018-11"),
    ("Since 2011, half have fled.", "2011", "2011"),
    ("It fell last week.", "last week", "2019-W02"),
    ("It fell last month.", "last month", "2018-12"),
    ("It lasted from April 4 to 7, 2017.", "April 4 to 7, 2017", "2017-04-04/2017-04-07"),
    ("It lasted 4-7 April 2017.", "4-7 April 2017", "2017-04-04/2017-04-07"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expression", "value"), RESOLVED)
def test_a_time_is_given_its_days(text: str, expression: str, value: str) -> None:
    found = find_dates(text, SUNDAY)

    assert [(each.text, each.value) for each in found] == [(expression, value)]


@pytest.mark.parametrize(
    "text",
    [
        "It may rain, and they march 3 miles.",
        "USA TODAY has the story.",
        "Some 25,000 came, or 25 percent.",
        "It was 2000 years old.",
        "He won 4-5-6.",
        "On 4/5/2017 it fell.",  # April or May?
        "Two days before the election",
    ],
)
def test_what_is_no_time_is_left_alone(text: str) -> None:
    assert find_dates(text, SUNDAY) == []


def test_an_article_without_a_date_gets_none_invented():
    found = find_dates("On Friday, in May, on 3 June and on 4 June 2018 he spoke; yesterday he left.", None)

    assert [each.value for each in found] == [
        "XXXX-WXX-5",
        "XXXX-05",
        "XXXX-06-03",
        "2018-06-04",
        "XXXX-XX-XX",
    ]
    assert [each.day for each in found] == [None, None, None, date(2018, 6, 4), None]


def test_the_day_after_is_counted_from_the_day_spoken_of():
    found = find_dates(
        "He was shot on 3 May 2018. He died the next day, and was buried two days later.", SUNDAY
    )

    assert [str(each.day) for each in found] == ["2018-05-03", "2018-05-04", "2018-05-06"]


def test_the_day_after_nothing_is_no_day():
    assert find_dates("He died the next day.", SUNDAY) == []


def test_a_month_has_a_first_and_a_last_day_and_is_no_day():
    (found,) = find_dates("It was in February 2020.", None)

    assert (found.first, found.last, found.day) == (date(2020, 2, 1), date(2020, 2, 29), None)


@given(
    st.text(st.sampled_from("0123456789 ,.-/()MayarchJunFridFeb 29 ago last th:\n'’"), max_size=80),
    st.dates(),
)
def test_spans_are_of_the_text_in_order_and_apart(text: str, published: date) -> None:
    end = 0
    for each in find_dates(text, published):
        assert text[each.start : each.end] == each.text
        assert each.start >= end
        end = each.end


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PORTO, 4 May 2018 (AFP) - The blast on Friday killed two.", "2019-01-18"),
        ("It may close Friday.", "2019-01-25"),
    ],
)
def test_may_is_a_month_beside_a_number(text: str, value: str) -> None:
    assert [each.value for each in find_dates(text, SUNDAY)][-1] == value
