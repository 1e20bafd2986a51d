import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.answering.sentences import sentences_of
from rag.domain import (
    Answer,
    Article,
    Attribution,
    Conflict,
    Occasion,
    Origins,
    Statement,
    Value,
)
from rag.dossier import AROUND, dossier, exhibit, form_of
from rag.errors import QuestionError
from tests.reading import hit

MADE = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
ONE = hit(
    "one",
    "It rained. On Friday 20 people died in Soseh. It rained on.",
    source="Mehr",
    title="Strike *in* Soseh",
)
TWO = hit("two", "Officials said 23 people died.", url="https://example.org/two")
FIRST = next(each.cite() for each in sentences_of([ONE]) if "Friday" in each.text)
SECOND = sentences_of([TWO])[0].cite()


def answered(question: str = "How many died?", **fields: object) -> Answer:
    statement = Statement(
        text=FIRST.quote,
        citations=(FIRST,),
        verdict="supported",
        score=1.0,
        occasions=(
            Occasion(text="Friday", day=datetime(2019, 1, 18).date(), article_id="one", start=14, end=20),
        ),
        attributions=(
            Attribution(article_id="one", outlet="Mehr", agency="SANA", speaker=None, standing=None),
        ),
    )
    conflict = Conflict(
        aspect="people died",
        kind="contradiction",
        values=(
            Value(text="20 people", citations=(FIRST,), origins=("SANA",)),
            Value(text="23 people", citations=(SECOND,), origins=()),
        ),
        sentence="Sources differ on people died: 20 people or 23 people.",
    )
    values: dict[str, object] = {
        "question": question,
        "status": "answered",
        "statements": (statement,),
        "reason": None,
        "origins": Origins(articles=1, independent=1, unknown=0, names=("SANA",)),
        "conflicts": (conflict,),
        "passages": (ONE, TWO),
        "model": None,
        "notice": None,
        "usage": {},
        "timings_ms": {},
    }
    return Answer(**{**values, **fields})  # type: ignore[arg-type]


def made(answer: Answer, form: str, *articles: Article) -> str:
    known = {each.id: each for each in (*articles, ONE.article, TWO.article)}
    return dossier(answer, known, settings={"embedder": "static"}, made=MADE, form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_every_form_holds_what_an_editor_needs(form: str) -> None:
    text = made(answered(), form)
    for part in (
        "How many died?",
        "20 people died in Soseh",
        "Sources differ",
        "23 people",
        "SANA",
        "static",
    ):
        assert part in text
    assert ONE.article.sha256 in text
    assert TWO.article.sha256 in text  # cited by the conflict alone


@pytest.mark.parametrize("form", ["html", "md"])
def test_people_are_told_when_and_who_says_so(form: str) -> None:
    text = made(answered(), form)
    assert "Friday (18 January 2019)" in text
    assert "1 article, 1 independent origin: SANA" in text
    assert "21 November 2026, 22:30 UTC" in text


def test_what_is_cited_is_marked_in_its_context() -> None:
    text = made(answered(), "html")
    assert "It rained. <mark>On Friday 20 people died in Soseh.</mark>" in text


def test_json_has_offsets_that_hold_in_the_article() -> None:
    document = json.loads(made(answered(), "json"))
    pieces = document["articles"][0]["excerpts"][0]
    assert all(ONE.article.text[each["start"] : each["end"]] == each["text"] for each in pieces)
    assert [each["marks"] for each in pieces] == [[], [1], []]
    assert "passages" not in document["answer"]


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    evil = "<script>alert(1)</script><img src=http://evil.test/p>\u202e"
    one = hit("evil", evil, title=evil, source=evil, byline=evil, url="javascript:alert(1)")
    citation = sentences_of([one])[0].cite()
    statement = Statement(text=evil, citations=(citation,), verdict="partly", score=0.5, reason=evil)
    text = made(answered(evil, statements=(statement,), notice=evil), "html", one.article)
    assert "<script" not in text
    assert "<img" not in text
    assert "javascript:" not in text
    assert "\u202e" not in text
    assert "default-src 'none'" in text


def test_markdown_of_articles_means_nothing() -> None:
    assert r"Strike \*in\* Soseh" in made(answered(), "md")


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_an_abstention_says_why(form: str) -> None:
    answer = answered(status="abstained", statements=(), conflicts=(), origins=None, reason="Nothing on it.")
    assert "Nothing on it." in made(answer, form)


def test_far_away_citations_are_shown_apart() -> None:
    filler = "It rained on. " * (AROUND // 4)
    one = hit("long", f"Ten died. {filler}Nine died.")
    sentences = sentences_of([one])
    shown = exhibit(one.article, [sentences[0].cite(), sentences[-1].cite()])
    assert [[piece.marks for piece in excerpt if piece.marks] for excerpt in shown.excerpts] == [
        [(1,)],
        [(2,)],
    ]
    assert all(
        one.article.text[each.start : each.end] == each.text for part in shown.excerpts for each in part
    )


@pytest.mark.parametrize(("name", "form"), [("a.html", "html"), ("A.MD", "md"), ("a.b.json", "json")])
def test_the_name_of_the_file_chooses_the_form(name: str, form: str) -> None:
    assert form_of(Path(name)) == form


@pytest.mark.parametrize("name", ["dossier", "dossier.pdf"])
def test_another_form_is_refused(name: str) -> None:
    with pytest.raises(QuestionError, match=r"a dossier is \.html, \.md or \.json"):
        form_of(Path(name))
