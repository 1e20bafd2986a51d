from datetime import date
from pathlib import Path

import pytest

from rag.domain import Document
from tests.loading import document, loaded, reason, split, written


def texts(path: Path) -> list[str]:
    documents, faults = split(loaded(path))
    assert not faults, faults
    return [found.text for found in documents]


def test_a_row_becomes_a_document(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a.csv",
        "article_id,Headline,Publish Date,Publisher,LINK,By-line,Lang,content\n"
        '7,"Fire, then rain",2017-01-27 10:00:00,NNA,https://nna.example/7,Ana Kovač,en,'
        '"One.\n\nTwo ""quoted""."\n',
    )
    assert document(path) == Document(
        path=path,
        row=1,
        text='One.\n\nTwo "quoted".',
        id="7",
        title="Fire, then rain",
        published=date(2017, 1, 27),
        source="NNA",
        byline="Ana Kovač",
        url="https://nna.example/7",
        language="en",
    )


@pytest.mark.parametrize(
    "header",
    [
        "text",
        "Body",
        "CONTENT",
        "article",
        "article_content",
        "Full Text",
        "maintext",
        "description",
        "\ufefftext",
    ],
)
def test_the_text_may_go_by_many_names(tmp_path: Path, header: str) -> None:
    assert texts(written(tmp_path, "a.csv", f"id,{header}\n1,Hello.\n")) == ["Hello."]


def test_a_description_is_only_the_last_resort(tmp_path: Path) -> None:
    rows = "description,body\nTeaser.,Whole text.\nOnly a teaser.,\n"
    assert texts(written(tmp_path, "a.csv", rows)) == ["Whole text.", "Only a teaser."]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_makes_columns(tmp_path: Path, name: str, mark: str) -> None:
    rows = f"id{mark}title{mark}text\n1{mark}A{mark}Hello all.\n"
    assert texts(written(tmp_path, name, rows)) == ["Hello all."]


def test_rows_keep_their_numbers_when_ragged_ones_are_left_out(tmp_path: Path) -> None:
    rows = "id,text\n1,one\n2,two,three\n\n3\n4,four,,\n5,five\n"
    documents, faults = split(loaded(written(tmp_path, "a.csv", rows)))
    assert [(found.row, found.text) for found in documents] == [(1, "one"), (4, "four"), (5, "five")]
    assert [str(fault).partition("a.csv, ")[2] for fault in faults] == [
        "row 2: has 3 cells where the header names 2",
        "row 3: has 1 cells where the header names 2",
    ]


def test_no_text_column_is_told_with_the_columns(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.csv", "id,name,price\n1,Nail,2\n2,Saw,9\n")) == (
        "no column holds the text: name one text, body, content or article (columns: 'id', 'name', 'price')"
    )


def test_a_header_without_rows_holds_no_articles(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.csv", "id,text\n")) == "holds no articles"


def test_an_empty_text_is_told_with_its_row(tmp_path: Path) -> None:
    documents, faults = split(loaded(written(tmp_path, "a.csv", "id,text\n1,\n2,nan\n3,three\n")))
    assert [found.id for found in documents] == ["3"]
    assert [fault.row for fault in faults] == [1, 2]
    assert faults[1].reason == "its text is empty (field 'text')"


def test_a_quote_that_never_closes_costs_only_its_row(tmp_path: Path) -> None:
    rows = 'id,text\n1,"never closed\n2,two\n3,"three"\n4,"never closed\n5,five\n'
    documents, faults = split(loaded(written(tmp_path, "a.csv", rows)))
    assert [found.text for found in documents] == ["two", "three", "five"]
    assert [fault.row for fault in faults] == [1, 4]
    assert "its quotes do not match" in faults[0].reason


def test_a_tsv_may_use_quotes_as_characters(tmp_path: Path) -> None:
    rows = 'id\ttext\n1\t"Stop!" he said.\n2\t"Go\n3\tShe said "go".\n'
    assert texts(written(tmp_path, "a.tsv", rows)) == ['"Stop!" he said.', '"Go', 'She said "go".']


def test_a_line_longer_than_any_article_costs_only_its_row(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,text\n1,one\n2," + "x" * 2_000_000 + "\n3,three\n")
    documents, faults = split(loaded(path, max_chars=1_000))
    assert [found.text for found in documents] == ["one", "three"]
    assert [fault.reason for fault in faults] == ["is a line of more than 1,048,576 characters"]


def test_a_row_that_is_not_utf8_costs_only_itself(tmp_path: Path) -> None:
    # The beginning is all that shows the encoding, so the damage comes behind it.
    data = ("id,text\n1," + "ü" * 200_000).encode() + b"\n2,Gr\xf6\xdfe\n3,three\n"
    documents, faults = split(loaded(written(tmp_path, "a.csv", data), max_chars=10**6))
    assert [found.id for found in documents] == ["1", "3"]
    assert [(fault.row, fault.reason) for fault in faults] == [(2, "is not valid UTF-8")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_table_may_have_another_encoding(tmp_path: Path, encoding: str) -> None:
    rows = "id,text\n" + "".join(f"{n},The minister said “no” in a café.\n" for n in range(20))
    assert texts(written(tmp_path, "a.csv", rows.encode(encoding)))[0] == "The minister said “no” in a café."


def test_one_value_shows_how_the_whole_column_is_read(tmp_path: Path) -> None:
    rows = "id,date,text\n1,1/2/2017,one\n2,3/4/2017,two\n3,27/1/2017,three\n"
    documents, _ = split(loaded(written(tmp_path, "a.csv", rows)))
    assert [found.published for found in documents] == [date(2017, 2, 1), date(2017, 4, 3), date(2017, 1, 27)]


@pytest.mark.parametrize("others", [["5/5/2017"], ["27/1/2017", "1/27/2017"], ["2017-01-27"]])
def test_a_column_that_shows_nothing_or_both_leaves_the_day_out(tmp_path: Path, others: list[str]) -> None:
    rows = "date,text\n" + "".join(f"{day},some text\n" for day in ["1/2/2017", *others])
    documents, _ = split(loaded(written(tmp_path, "a.csv", rows)))
    assert [found.published is None for found in documents] == [True] + [False] * len(others)
