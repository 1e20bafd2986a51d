import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.loaders.content import UnreadableError
from rag.loaders.json_files import Shallow
from tests.loading import document, loaded, reason, split, written

LARGE = " " * 9_000_000  # behind a value it changes nothing, but the file is no longer held as a whole
BOTH_WAYS = pytest.mark.parametrize("padding", ["", LARGE], ids=["whole", "streamed"])


def texts(path: Path) -> list[tuple[int | None, str]]:
    documents, faults = split(loaded(path))
    assert not faults, faults
    return [(found.row, found.text) for found in documents]


@BOTH_WAYS
@pytest.mark.parametrize(
    "value",
    [
        [{"text": "one"}, {"text": "two"}],
        {"status": "ok", "articles": [{"title": "A", "content": "one"}, {"content": "two"}]},
        {"tags": [{"name": "x"}], "response": {"page": 1, "docs": [{"body": "one"}, {"body": "two"}]}},
        {"description": "A feed.", "items": [{"content_text": "one"}, {"content_html": "<p>two</p>"}]},
    ],
)
def test_a_list_of_articles_is_found(tmp_path: Path, value: object, padding: str) -> None:
    assert texts(written(tmp_path, "a.json", "\ufeff" + json.dumps(value) + padding)) == [
        (1, "one"),
        (2, "two"),
    ]


@pytest.mark.parametrize("value", [{"text": "one"}, {"article": {"text": "one"}, "status": "ok"}])
def test_one_object_is_one_article(tmp_path: Path, value: object) -> None:
    assert texts(written(tmp_path, "a.json", json.dumps(value))) == [(None, "one")]


def test_articles_may_stand_under_their_ids(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.json", json.dumps({"x1": {"text": "one"}, "x2": {"text": "two", "id": "own"}})
    )
    assert [found.id for found in split(loaded(path))[0]] == ["x1", "own"]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson"])
@pytest.mark.parametrize(
    "content", ['{"text": "one"}\n\n{"text": "two"}', '[{"text": "one"},\n {"text": "two"}]']
)
def test_the_content_tells_json_lines_from_a_list(tmp_path: Path, name: str, content: str) -> None:
    assert [text for _, text in texts(written(tmp_path, name, content))] == ["one", "two"]


def test_three_broken_lines_cost_three_rows(tmp_path: Path) -> None:
    lines = [
        '{"text": "one"}',
        '{"text": "tw',
        "",
        '{"text": "three"}',
        "[1]",
        '{"text": 4}',
        '{"text": "five"}',
    ]
    documents, faults = split(loaded(written(tmp_path, "a.jsonl", "\r\n".join(lines))))
    assert [(found.row, found.text) for found in documents] == [(1, "one"), (4, "three"), (7, "five")]
    assert [(fault.row, fault.reason) for fault in faults] == [
        (2, "is not valid JSON (column 10: Unterminated string starting at)"),
        (5, "is a list, not an object with fields"),
        (6, "its field 'text' holds a number, not a text"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_json_may_have_another_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    data = '{"text": "žuto"}\n{"text": "plavo"}\n'.encode(encoding)
    assert [text for _, text in texts(written(tmp_path, name, data))] == ["žuto", "plavo"]


def test_a_line_that_is_not_utf8_costs_only_itself(tmp_path: Path) -> None:
    start = '{"text": "' + "ü" * 200_000 + '"}\n'
    data = start.encode() + b'{"text": "Gr\xf6\xdfe"}\n{"text": "three"}\n'
    documents, faults = split(loaded(written(tmp_path, "a.jsonl", data), max_chars=10**6))
    assert [found.row for found in documents] == [1, 3]
    assert [(fault.row, fault.reason) for fault in faults] == [(2, "is not valid UTF-8")]


def test_a_line_longer_than_any_article_costs_only_itself(tmp_path: Path) -> None:
    rows = '{"text": "one"}\n{"text": "' + "x" * 2_000_000 + '"}\n{"text": "three"}\n'
    documents, faults = split(loaded(written(tmp_path, "a.jsonl", rows), max_chars=1_000))
    assert [found.text for found in documents] == ["one", "three"]
    assert [(fault.row, fault.reason) for fault in faults] == [
        (2, "is a line of more than 1,048,576 characters")
    ]


@BOTH_WAYS
def test_a_list_that_breaks_off_gives_what_comes_before(tmp_path: Path, padding: str) -> None:
    content = '[{"text": "one"}, {"text": "two"}, {"text":' + padding
    documents, faults = split(loaded(written(tmp_path, "a.json", content)))
    assert [found.text for found in documents] == ["one", "two"]
    assert len(faults) == 1
    assert faults[0].reason.startswith("breaks off after item 2: it is not valid JSON there")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"text": ', "is not valid JSON (line 1, column 10: Expecting value)"),
        ('"just a string"', "holds a string, not articles"),
        ("{}", "holds no article: no field named text, body, content or article (it has none)"),
        ('{"name": "dateline", "description": "A package."}', "holds no article: no field named text"),
        ('{"text": ' + "1" * 5_000 + "}", "is not valid JSON (Exceeds the limit"),
        ("[" * 200_000, "is nested too deeply"),
        ('{"a":' * 200_000, "is nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, content: str, told: str) -> None:
    assert reason(written(tmp_path, "a.json", content)).startswith(told)


@pytest.mark.parametrize("deep", ["[" * 300_000, '{"a":' * 300_000, '{"text": "x", "a": ' + "[" * 300_000])
def test_a_large_list_may_not_be_deep(tmp_path: Path, deep: str) -> None:
    assert reason(written(tmp_path, "a.json", f"[{deep}{LARGE}")) == "is nested too deeply"


JSON = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('[]{}"\\\\ aé')),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('"\\\\[')), inner),
)


@given(JSON, st.integers(1, 9))
def test_json_that_is_not_deep_comes_through_in_pieces_of_any_size(value: object, size: int) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    stream = Shallow(io.BufferedReader(io.BytesIO(data), size), 10_000)
    assert b"".join(iter(lambda: stream.read(size), b"")) == data


@given(st.text(st.sampled_from('[{"\\\\ '), max_size=30), st.integers(1, 50))
def test_depth_is_told_wherever_the_pieces_break(text: str, size: int) -> None:
    data = json.dumps([text])[:-1].encode() + b"[" * 300
    stream = Shallow(io.BufferedReader(io.BytesIO(data), size), 10_000)
    with pytest.raises(UnreadableError, match="nested too deeply"):
        list(iter(lambda: stream.read(size), b""))


def test_a_string_longer_than_any_article_stops_a_large_list(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", '[{"text": "one"}, {"text": "' + "x" * 3_000_000 + '"}]' + LARGE)
    documents, faults = split(loaded(path, max_chars=1_000))
    assert [found.text for found in documents] == ["one"]
    assert [fault.reason for fault in faults] == [
        "holds a string of more than 1,048,576 bytes; the rest was not read"
    ]


def test_a_large_object_without_articles_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", json.dumps({"prices": [{"name": "Nail"}], "n": 1}) + LARGE)
    assert reason(path).startswith("holds no list of articles")


@BOTH_WAYS
def test_a_column_of_dates_is_read_as_a_whole(tmp_path: Path, padding: str) -> None:
    rows = [{"date": "1/2/2017", "text": "one"}, {"date": "1/27/2017", "text": "two"}]
    documents, _ = split(loaded(written(tmp_path, "a.json", json.dumps(rows) + padding)))
    assert [found.published for found in documents] == [date(2017, 1, 2), date(2017, 1, 27)]


def test_python_writes_nan_and_it_is_read(tmp_path: Path) -> None:
    found = document(written(tmp_path, "a.json", '{"text": "one", "author": NaN, "date": NaN}'))
    assert (found.byline, found.published) == (None, None)
