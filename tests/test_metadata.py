from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from rag.domain import Article, Document
from rag.metadata import describe

SEEDS = Path(__file__).parent.parent / "seeds"


def described(
    text: str = "The ministry spoke.", *, path: str = "news/report.txt", **fields: object
) -> Article:
    return describe(Document(path=Path(path), text=text, **fields))  # type: ignore[arg-type]  # any one field


def seed(name: str) -> Article:
    path = SEEDS / name
    return describe(Document(path=path, text=path.read_text(encoding="utf-8")))


def test_the_seed_with_a_header() -> None:
    article = seed("000_78fe00e81fe7418c.txt")
    assert article.id == "000_78fe00e81fe7418c"
    assert article.published == date(2019, 1, 20)
    assert article.text[article.body_start :].startswith("The Syrian government has called on")
    assert article.title is not None
    assert article.title.startswith("The Syrian government has called on")
    assert article.title.endswith("…")
    assert article.origins == ("SANA", "Presstv")
    assert (article.source, article.byline, article.dateline) == (None, None, None)


def test_the_seed_with_a_signature() -> None:
    article = seed("001_ad2176c3632976cc.txt")
    assert (article.published, article.body_start) == (None, 0)
    assert article.title == (
        "The condemnation came in the Foreign and Expatriates Ministry’s two letters sent Saturday to the UN "
        "Secretary General and the President of the UN Security Council."
    )
    assert article.origins == ("MNA", "SANA")


def test_what_the_format_says_goes_before_what_the_text_says() -> None:
    text = "Source: The Herald\nBy Jane Doe\n18 January 2019\n\nMan leaves town\n\nROME (AP) — The man left."
    fields = {"title": "He left", "published": date(2019, 1, 20), "source": "Gazette", "byline": "John Roe"}
    article = described(text, **fields)
    assert {name: getattr(article, name) for name in fields} == fields
    own = described(text)
    assert (own.title, own.published, own.source, own.byline) == (
        "Man leaves town", date(2019, 1, 18), "The Herald", "Jane Doe",
    )  # fmt: skip
    assert own.dateline == "ROME"


def test_the_header_is_left_out_of_the_body_though_the_format_gives_the_date() -> None:
    article = described("Wed 05 Apr 2017 The man left.", published=date(2017, 4, 6))
    assert article.published == date(2017, 4, 6)
    assert article.text[article.body_start :] == "The man left."


def test_what_nobody_says_is_unknown() -> None:
    article = described()
    unknown = (
        article.published,
        article.source,
        article.byline,
        article.dateline,
        article.url,
        article.language,
    )
    assert unknown == (None,) * 6
    assert article.origins == ()


def test_url_and_language_are_kept() -> None:
    article = described(url="https://example.org/1", language="en")
    assert (article.url, article.language) == ("https://example.org/1", "en")


def test_the_text_is_kept_with_its_hash() -> None:
    article = described(" Ünïcode \n")
    assert article.text == " Ünïcode \n"
    assert article.sha256 == sha256(" Ünïcode \n".encode()).hexdigest()


IDS = [
    ({"path": "a/report.txt"}, "report"),
    ({"path": "report.v2.txt"}, "report.v2"),
    ({"path": "dump.jsonl.gz", "row": 7}, "dump-7"),
    ({"path": "dump.csv", "row": 7, "id": "urn:news:1"}, "urn:news:1"),
    ({"id": "  padded \t"}, "padded"),
    ({"id": "con\x00trol\n\x1bled"}, "controlled"),
    ({"path": "report.txt", "id": " \x07 "}, "report"),
]


@pytest.mark.parametrize(("fields", "expected"), IDS)
def test_ids(fields: dict[str, object], expected: str) -> None:
    assert described(**fields).id == expected  # type: ignore[arg-type]  # any fields


def test_over_long_ids_are_cut_and_stay_apart() -> None:
    one, two = (described(id="x" * 300 + end).id for end in "ab")
    assert len(one) == len(two) == 200
    assert one != two


TITLES = [
    ("Syria strike kills twenty\n\nThe coalition struck a village.", "Syria strike kills twenty"),
    ("# Strike kills twenty\nThe coalition struck a village.", "Strike kills twenty"),
    ("Is it over? Perhaps\n\nNobody knows.", "Is it over? Perhaps"),
    ("The man left. He came back.\n\nNobody knows.", "The man left."),
    ("ROME (AP) — The man\nleft. He came back.", "The man left."),
    ("CNN —\n\nThe man left. He came back.", "The man left."),
    ("Jane Doe\n\nUSA TODAY\n\nThe man left. He came back.", "The man left."),
    ("一名男子离开了。他回来了。", "一名男子离开了。"),
    ("", None),
    (" \n ", None),
]


@pytest.mark.parametrize(("text", "title"), TITLES)
def test_titles_are_the_headline_or_the_first_sentence(text: str, title: str | None) -> None:
    assert described(text).title == title


def test_a_long_first_sentence_is_cut_behind_a_word() -> None:
    title = described("coalition " * 50).title
    assert title == "coalition " * 19 + "coalition…"
