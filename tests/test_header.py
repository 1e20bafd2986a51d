from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.header import read_header

JAN_18 = date(2019, 1, 18)

OPENING_DATES = [
    (" date 2019-01-18 The ministry spoke.", JAN_18),
    ("Fri 18 Jan 2019 The ministry spoke.", JAN_18),
    ("Friday 18 January 2019 16:02 The ministry spoke.", JAN_18),
    ("Fri 18 Jan 2019 at 0914 The ministry spoke.", JAN_18),
    ("Fri Jan 18 2019 The ministry spoke.", JAN_18),
    ("January 18, 2019 — The ministry spoke.", JAN_18),
    ("January 18 2019 2037 UTC+3 The ministry spoke.", JAN_18),
    ("Published: January 18th, 2019\nThe ministry spoke.", JAN_18),
    ("Date of publication 18 January 2019 The ministry spoke.", JAN_18),
    ("Posted on January 18 2019 The ministry spoke.", JAN_18),
    ("Date: Fri, 18 Jan 2019 10:00:00 +0000\nThe ministry spoke.", JAN_18),
    ("2019-01-18T10:30:00Z\n\nThe ministry spoke.", JAN_18),
    ("2019/01/18: The ministry spoke.", JAN_18),
    ("18.01.2019 The ministry spoke.", JAN_18),
    ("18-01-2019 The ministry spoke.", JAN_18),
    ("01/18/2019 The ministry spoke.", JAN_18),
    ("03.01.2019 The ministry spoke.", date(2019, 1, 3)),  # dots: the day comes first everywhere
    ("01/01/2019 The ministry spoke.", date(2019, 1, 1)),
    ("03/01/2019 The ministry spoke.", None),  # March or January?
    ("Feb. 30, 2019 — The ministry spoke.", None),
]


@pytest.mark.parametrize(("text", "published"), OPENING_DATES)
def test_an_opening_date_is_the_publication_date_and_no_part_of_the_body(
    text: str, published: date | None
) -> None:
    header = read_header(text)
    assert header.published == published
    assert text[header.body_start :] == "The ministry spoke."


NARRATIVE = [
    "On January 18, 2019, the ministry spoke.",
    "January 18, 2019, was a Friday.",
    "January 18, 2019 was a Friday.",
    "The ministry spoke on Friday, January 18, 2019.",
    "The ministry spoke.\n\nOn 2019-01-18 it wrote.",
    "September 2019 — The ministry spoke.",
    "2019 was a year.",
    "20190118 The ministry spoke.",
    "LONDON, Jan 18 (Reuters) - The ministry spoke.",
    "Updated: January 18, 2019\n\nThe ministry spoke.",
]


@pytest.mark.parametrize("text", NARRATIVE)
def test_a_date_of_something_else_or_without_a_year_is_not_the_publication_date(text: str) -> None:
    assert read_header(text).published is None


DATED_LINES = [
    "Ministry writes letters\n\nBy Jane Doe\n\n*January 18, 2019*\n\nThe ministry wrote.",
    "Ministry writes letters\nPublished January 18, 2019\n\nThe ministry wrote.",
    "Ministry writes letters\n\nBy Jane Doe | January 18, 2019\n\nThe ministry wrote.",
    "Ministry writes\n\nUpdated: 20 January 2019\nPublished: 18 January 2019 10:30 GMT\n\nIt wrote.",
    "LONDON, Jan 18, 2019 (Reuters) - The ministry wrote.",
]


@pytest.mark.parametrize("text", DATED_LINES)
def test_a_date_line_under_the_headline_is_the_publication_date(text: str) -> None:
    header = read_header(text)
    assert (header.published, header.body_start) == (JAN_18, 0)


ISSUES = [
    (
        "# Ferry sinks\n\n*The Larkhaven Courier, 18 January 2019*\n\nThe ferry sank.",
        "The Larkhaven Courier",
        JAN_18,
    ),
    ("The Porto Times - January 18, 2019\n\nThe ferry sank.", "The Porto Times", JAN_18),
    ("Reuters | 18 January 2019 10:30 GMT\nThe ferry sank.", "Reuters", JAN_18),
    ("Boston Marathon, January 18, 2019\n\nThe runners left.", None, None),  # no name of an outlet
    ("World News | January 18, 2019\n\nThe ferry sank.", None, None),
    ("Breaking News - January 18, 2019\n\nThe ferry sank.", None, None),
    ("The Larkhaven Courier, founded January 18, 2019\n\nThe ferry sank.", None, None),
]


@pytest.mark.parametrize(("text", "source", "published"), ISSUES)
def test_a_line_with_an_outlet_and_a_day_says_whose_and_of_when_it_is(
    text: str, source: str | None, published: date | None
) -> None:
    header = read_header(text)
    assert (header.source, header.published) == (source, published)


DATELINES = [
    ("RALEIGH, N.C. (AP) — The man left.", "RALEIGH, N.C."),
    ("DAMASCUS, Syria (SANA) - The man left.", "DAMASCUS, Syria"),
    ("WASHINGTON, Jan. 5 (Reuters) - The man left.", "WASHINGTON"),
    ("LONDON/PARIS (Reuters) - The man left.", "LONDON/PARIS"),
    ("MOSCOW, July 18. /TASS/. The man left.", "MOSCOW"),
    ("BEIRUT — The man left.", "BEIRUT"),
    ("SIERRA COUNTY, N.M. – The man left.", "SIERRA COUNTY, N.M."),
    ("Damascus, SANA – The man left.", "Damascus"),
    ("New York (CNN Business) The man left.", "New York"),
    ("Bogota, Colombia CNN —\n\nThe man left.", "Bogota, Colombia"),
    ("Man leaves\n\nROME (AP) — The man left.", "ROME"),
    ("CNN —\n\nThe man left.", None),
    ("(CNN) The man left.", None),
    ("NATO — The man left.", None),
    ("BREAKING — The man left.", None),
    ("The man – a Syrian – left.", None),
    ("Corey Sipkin/AFP/Getty Images", None),
]


@pytest.mark.parametrize(("text", "dateline"), DATELINES)
def test_datelines(text: str, dateline: str | None) -> None:
    assert read_header(text).dateline == dateline


BYLINES = [
    ("By Jane Doe\n\nThe man left.", "Jane Doe"),
    ("Man leaves town\n\nBy JANE DOE and John van Dyke\n\nThe man left.", "JANE DOE and John van Dyke"),
    ("By Jane Doe, Associated Press\n\nThe man left.", "Jane Doe"),
    ("Jane Doe, USA TODAY\n\nThe man left.", "Jane Doe"),
    ("Jane Doe\n\nUSA TODAY\n\nThe man left.", "Jane Doe"),
    ("By Associated Press\n\nThe man left.", None),
    ("By Friday the man had left.", None),
    ("Jane Doe\n\nShe was the first to leave.", None),
]


@pytest.mark.parametrize(("text", "byline"), BYLINES)
def test_bylines(text: str, byline: str | None) -> None:
    assert read_header(text).byline == byline


def test_a_source_line_in_the_head_names_the_publisher() -> None:
    assert read_header("Source: The Daily Herald\n\nThe man left.").source == "The Daily Herald"


def test_a_source_line_further_down_does_not() -> None:
    assert read_header("The man left. " * 20 + "\n\nSource: The Daily Herald").source is None


def test_the_body_begins_behind_header_lines() -> None:
    text = "Source: The Herald\nBy Jane Doe\n18 January 2019\n\nROME (AP) — The man left."
    header = read_header(text)
    assert text[header.body_start :] == "ROME (AP) — The man left."
    assert text[header.lead_start :] == "The man left."


def test_a_headline_belongs_to_the_body() -> None:
    assert read_header("Man leaves town\n\nBy Jane Doe\n18 January 2019\n\nThe man left.").body_start == 0


@pytest.mark.parametrize("text", ["", " \n", "January 18, 2019", "By Jane Doe\n", "AP\n\nReuters"])
def test_a_text_that_is_all_header_is_all_body(text: str) -> None:
    assert read_header(text).body_start == 0


@given(
    st.lists(
        st.sampled_from(["\n", " ", "AP", "By ", "Jane Doe", "18 January 2019", "Published: ", "ROME", " — "])
        | st.text(max_size=8),
        max_size=25,
    ).map("".join)
)
def test_offsets_stay_within_the_text_and_point_at_no_space(text: str) -> None:
    header = read_header(text)
    assert 0 <= header.body_start <= len(text)
    assert 0 <= header.lead_start <= len(text)
    assert header.body_start == 0 or not text[header.body_start].isspace()
