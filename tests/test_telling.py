from datetime import date

import pytest

from rag.domain import Attribution, Occasion, Origins
from rag.telling import borrowed, counted, standing_of, who_says, with_days


def occasion(text: str, day: date, *, lender: str | None = None, article: str = "a") -> Occasion:
    return Occasion(text=text, day=day, article_id=article, start=0, end=len(text), borrowed_from=lender)


FRIDAY = occasion("Friday", date(2019, 1, 18))


@pytest.mark.parametrize(
    ("text", "occasions", "told"),
    [
        ("On Friday ten died.", [FRIDAY], "On Friday (18 January 2019) ten died."),
        ("On Friday and on Friday.", [FRIDAY], "On Friday (18 January 2019) and on Friday."),
        ("On Good Fridays.", [FRIDAY], "On Good Fridays."),
        ("On 3 May 2018.", [occasion("3 May 2018", date(2018, 5, 3))], "On 3 May 2018."),
        # two articles mean different days by one word
        ("On Friday.", [FRIDAY, occasion("Friday", date(2019, 1, 25), article="b")], "On Friday."),
        ("On Friday.", [], "On Friday."),
    ],
)
def test_days_stand_behind_what_names_them(text: str, occasions: list[Occasion], told: str) -> None:
    assert with_days(text, occasions) == told


def test_a_borrowed_day_says_from_whom() -> None:
    assert borrowed([FRIDAY]) is None
    assert borrowed([occasion("Friday", date(2019, 1, 18), lender="b")]) == (
        "“Friday”: the article is undated; the day is read from that of b, on the same story"
    )


@pytest.mark.parametrize(
    ("origins", "told"),
    [
        (
            Origins(articles=2, independent=1, unknown=0, names=("SANA",)),
            "2 articles, 1 independent origin: SANA",
        ),
        (Origins(articles=1, independent=0, unknown=1, names=()), "1 article; 1 article of unknown origin"),
        (
            Origins(articles=3, independent=2, unknown=1, names=("AP", "AFP")),
            "3 articles, 2 independent origins: AP, AFP; 1 article of unknown origin",
        ),
    ],
)
def test_who_stands_behind_an_answer(origins: Origins, told: str) -> None:
    assert standing_of(origins) == told


def test_whose_word_a_citation_is() -> None:
    chain = Attribution(
        article_id="a", outlet="Mehr", agency="SANA", speaker="Local sources", standing="anonymous"
    )
    silent = Attribution(article_id="a", outlet=None, agency=None, speaker=None, standing=None)
    assert who_says(chain) == "crediting SANA; quoting Local sources, anonymous"
    assert who_says(silent) == ""


def test_counts_have_their_plural() -> None:
    assert (counted(1, "article"), counted(1204, "article")) == ("1 article", "1,204 articles")
