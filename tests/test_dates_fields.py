from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates.fields import day_of, is_ambiguous, order_shown_by

DAY = date(2017, 1, 27)


@pytest.mark.parametrize(
    "value",
    [
        "2017-01-27",
        "2017-1-27",
        "2017/01/27 10:00",
        "20170127",
        "20170127T100000Z",
        "20170127T100000+0000",
        "20170127100000",
        "2017-01-27 10:00:00",
        "2017-01-27 10:00:00.123456+00:00",
        "2017-01-27T10:00:00.000Z",
        "2017-01-27T10:00:00Z[UTC]",
        "Fri, 27 Jan 2017 10:00:00 GMT",
        "Fri, 27 Jan 2017 10:00:00 +0000 (UTC)",
        "27 Jan 17",
        "27-Jan-2017",
        "Wed 27 January 2017",
        "27th of January 2017",
        "January 27, 2017",
        "Jan. 27, 2017, 10:00 a.m. ET",
        "Friday, January 27, 2017 at 10:00 pm",
        "Fri Jan 27 10:00:00 +0000 2017",
        "Fri Jan 27 10:00:00 EST 2017",
        "1/27/2017",
        "27/1/2017 10:00:00",
        "27.01.2017",
        "2017年1月27日",
        "27 janvier 2017",
        "27 de enero de 2017, 10:30",
        "27 января 2017",
        1485511200,
        1485511200.5,
        "1485511200",
        1485511200000,
        20170127,
    ],
)
def test_the_forms_of_dumps_are_read(value: object) -> None:
    assert day_of(value) == DAY


@pytest.mark.parametrize(
    "value",
    [
        "2017-01-27T23:30:00-05:00",
        "Fri, 27 Jan 2017 23:30:00 -0500 (EST)",
        "20170127T003000+0900",
    ],
)
def test_a_time_with_an_offset_keeps_its_own_day(value: str) -> None:
    assert day_of(value) == DAY


@pytest.mark.parametrize(
    "value",
    [
        "1/2/2017",
        "01.02.2017 10:00",
        "2-1-2017",
        "1/2/17",
        "2017",
        2017,
        "January 2017",
        "2017-01",
        "yesterday",
        "last updated 2017 at 10",
        "31/2/2017",
        "2017-02-30",
        "13/13/2017",
        "0001-01-01",
        "9999-12-31",
        "",
        "x" * 100,
        None,
        True,
        float("nan"),
        float("inf"),
        10**30,
        ["2017-01-27"],
    ],
)
def test_what_is_no_day_or_two_days_is_none(value: object) -> None:
    assert day_of(value) is None


def test_the_order_of_the_column_decides_what_is_ambiguous() -> None:
    assert day_of("1/2/2017", "day first") == date(2017, 2, 1)
    assert day_of("1/2/2017", "month first") == date(2017, 1, 2)


def test_the_order_of_the_column_does_not_overrule_a_value() -> None:
    assert day_of("1/27/2017", "day first") == DAY


@pytest.mark.parametrize(
    ("value", "ambiguous", "order"),
    [
        ("1/2/2017", True, None),
        ("5/5/2017", False, None),
        ("27/1/2017", False, "day first"),
        ("1/27/2017", False, "month first"),
        ("2017-01-02", False, None),
        (12, False, None),
    ],
)
def test_what_a_value_shows_about_its_column(value: object, ambiguous: bool, order: str | None) -> None:
    assert is_ambiguous(value) is ambiguous
    assert order_shown_by(value) == order


@given(st.dates(date(1700, 1, 1), date(2099, 12, 31)))
def test_every_day_survives_its_usual_forms(day: date) -> None:
    forms = [
        day.isoformat(),
        day.strftime("%Y%m%d"),
        day.strftime("%d %B %Y"),
        day.strftime("%a, %d %b %Y 10:00:00 GMT"),
    ]
    assert [day_of(form) for form in forms] == [day] * len(forms)


@given(st.text(max_size=90) | st.integers() | st.floats())
def test_any_value_gives_a_day_or_none(value: object) -> None:
    assert isinstance(day_of(value), date | None)
