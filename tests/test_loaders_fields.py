from datetime import date
from pathlib import Path

import pytest

from rag.loaders.content import UnreadableError
from rag.loaders.fields import Columns, document, has_teaser, has_text, words

HERE = Path("a.json")


def made(row: dict[str, object]) -> object:
    return document(row, path=HERE, place=None, columns=Columns(lambda: [row]))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("  Reuters ", "Reuters"),
        ({"id": None, "name": "Reuters"}, "Reuters"),
        ({"main": "Headline", "kicker": "x"}, "Headline"),
        ([{"name": "Ana"}, "Marko", None, ["deep"]], "Ana, Marko"),
        (12, "12"),
        ("nan", None),
        ("None", None),
        ({}, None),
        (True, None),
        (None, None),
    ],
)
def test_a_value_is_said_as_a_person_would(value: object, said: str | None) -> None:
    assert words(value) == said


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"_id": {"$oid": "5f"}, "text": "x"}, "id", "5f"),
        ({"guid": 12, "text": "x"}, "id", "12"),
        ({"id": True, "text": "x"}, "id", None),
        ({"pubDate": "Fri, 27 Jan 2017 10:00:00 GMT", "text": "x"}, "published", date(2017, 1, 27)),
        ({"date": {"$date": "2017-01-27T10:00:00Z"}, "text": "x"}, "published", date(2017, 1, 27)),
        ({"date": "soon", "published_at": "2017-01-27", "text": "x"}, "published", date(2017, 1, 27)),
        ({"source": {"id": "bbc", "name": "BBC News"}, "content": "x"}, "source", "BBC News"),
        ({"webTitle": "A", "fields": {"bodyText": "x"}}, "title", "A"),
        ({"_source": {"body": "x", "outlet": "NNA"}}, "source", "NNA"),
        ({"text": ["One.", "Two."]}, "text", "One.\n\nTwo."),
        ({"text": "", "content": "Two."}, "text", "Two."),
        ({"text": "<p>One &amp; two.</p><p>Three.</p>"}, "text", "One & two.\n\nThree."),
        ({"title": "A", "text": "<h1>A</h1><p>One.</p>"}, "text", "One."),
        ({"text": "  1 < 2 and <b is no tag\n"}, "text", "  1 < 2 and <b is no tag\n"),
    ],
)
def test_the_fields_of_dumps_are_understood(row: dict[str, object], field: str, value: object) -> None:
    assert getattr(made(row), field) == value


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"name": "x"}, "holds no text: no field named text, body, content or article (it has 'name')"),
        ({}, "holds no text: no field named text, body, content or article (it has none)"),
        ({"text": 12}, "its field 'text' holds a number, not a text"),
        ({"text": {"a": 1}}, "its field 'text' holds an object, not a text"),
        ({"body": [1, 2]}, "its field 'body' holds a list, not a text"),
        ({"text": " \n"}, "its text is empty (field 'text')"),
    ],
)
def test_what_is_wrong_with_a_row_is_told(row: dict[str, object], told: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        made(row)
    assert str(caught.value) == told


def test_a_description_alone_is_no_article() -> None:
    assert not has_text({"name": "dateline", "description": "A package."})
    assert not has_teaser({"name": "dateline", "description": "A package."})
    assert has_teaser({"headline": "A", "date": "2017-01-27", "short_description": "A teaser."})
