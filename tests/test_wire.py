import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from rag.domain import Answer, Article, Citation, Hit, Passage, Statement
from rag.wire import to_client, to_json, to_plain, without_text

ARTICLE = Article(
    id="a", text="Twenty died.", sha256="0" * 64, published=date(2019, 1, 20), origins=("SANA",)
)
PASSAGE = Passage(id="a:0", article_id="a", start=0, end=12, text="Twenty died.")
HIT = Hit(passage=PASSAGE, article=ARTICLE, score=0.5)


def test_an_article_keeps_every_field_and_its_date_is_iso():
    assert to_plain(ARTICLE) == {
        "id": "a",
        "text": "Twenty died.",
        "sha256": "0" * 64,
        "body_start": 0,
        "title": None,
        "published": "2019-01-20",
        "source": None,
        "byline": None,
        "dateline": None,
        "origins": ["SANA"],
        "url": None,
        "language": None,
    }


def test_the_article_of_a_hit_comes_without_its_text():
    assert to_plain(HIT) == {
        "passage": {"id": "a:0", "article_id": "a", "start": 0, "end": 12, "text": "Twenty died."},
        "article": without_text(ARTICLE),
        "score": 0.5,
        "copies": [],
        "story": None,
    }


def test_an_answer_is_plain_all_the_way_down():
    answer = Answer(
        question="Who won?",
        status="abstained",
        statements=(),
        reason="nothing",
        origins=None,
        passages=(HIT,),
        model=None,
        notice=None,
        usage={},
        timings_ms={"search": 1.5},
    )

    plain = to_plain(answer)

    assert json.loads(json.dumps(plain)) == plain
    assert isinstance(plain, dict)
    assert plain["passages"] == [to_plain(HIT)]
    assert plain["timings_ms"] == {"search": 1.5}


def test_paths_become_strings():
    assert to_plain([Path("home")]) == ["home"]


def test_a_value_without_a_plain_form_is_refused():
    with pytest.raises(TypeError, match="object has no plain form"):
        to_plain([object()])


@pytest.mark.parametrize(
    "text",
    ["\x1b[31m", "\x9b31m", "\u202egnp.exe", "\u2066x\u2069", "\U000e0041", "\x7f", "\ud800", "a\u2028b"],
    ids=ascii,
)
def test_characters_a_terminal_obeys_are_escaped_without_loss(text: str):
    document = to_json([text])

    assert document.isascii()
    assert json.loads(document) == [text]


def test_letters_of_any_script_stay_readable():
    assert "دير الزور" in to_json({"place": "دير الزور"})


def test_what_the_encoding_cannot_write_is_escaped():
    document = to_json({"place": "دير الزور"}, encoding="latin-1")

    assert document.isascii()
    assert json.loads(document) == {"place": "دير الزور"}


def test_clients_get_citations_in_the_shape_that_others_give_them():
    citation = Citation(
        article_id="a",
        title="Strike",
        source="SANA",
        published=date(2019, 1, 20),
        url=None,
        start=0,
        end=12,
        quote="Twenty died.",
        sha256="0" * 64,
    )
    statement = Statement(text="Twenty died.", citations=(citation,), verdict="supported", score=1.0)

    told = to_client(statement)

    assert isinstance(told, dict)
    assert told["citations"] == [
        {
            "type": "char_location",
            "article_id": "a",
            "document_title": "Strike",
            "cited_text": "Twenty died.",
            "start_char_index": 0,
            "end_char_index": 12,
            "source": "SANA",
            "published": "2019-01-20",
            "url": None,
            "sha256": "0" * 64,
        }
    ]
    assert {name for name in told if name != "citations"} == {
        field.name for field in fields(Statement) if field.name != "citations"
    }
