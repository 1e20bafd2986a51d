import html
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from rag import Article, Citation, Conflict, Filters, IngestReport, Origins, Statement, Statistics, Value
from rag.ingest import Duplicate, Failure
from rag.wire import harmless
from tests.ui_payloads import PAYLOADS, answer_of
from ui import render
from ui.conversation import Exchange
from ui.reading import Reading
from ui.timeline import draw

FILTERS = Filters(sources=("SANA",))


class Structure(HTMLParser):
    """The elements and attribute names of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[f"{tag} {sorted(name for name, _ in attrs)}"] += 1

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements[f"comment {data}"] += 1

    def handle_decl(self, decl: str) -> None:
        self.elements[f"declaration {decl}"] += 1

    def handle_pi(self, data: str) -> None:
        self.elements[f"instruction {data}"] += 1


def everything(text: str) -> str:
    """All that the page can show, made of one text."""
    answer = answer_of(text)
    told = Exchange(question=f"{text}?", filters=FILTERS, draft=text, error=text).after(answer)
    article = answer.passages[0].article
    held = Statistics(
        articles=1, passages=1, first=None, last=None, sources={text: 1}, embedder=text, pending=0, tombstones=0,
        size_bytes=1,
    )  # fmt: skip
    report = IngestReport(
        added=(text,), updated=(), unchanged=(), duplicates=(Duplicate(text, text),), failures=(Failure(text, text),),
        passages=1, embedded=1,
    )  # fmt: skip
    open_at = Reading(article=article, start=0, end=len(text), quote=text, number=1, of=2)
    changed = Reading(article=article, start=0, end=1, quote=text, intact=False)
    writing = Exchange(question=text, filters=FILTERS, draft=text)
    return "".join(
        [
            render.exchange(told, 0),
            render.exchange(writing, 1),
            render.article(open_at),
            render.article(changed),
            render.articles([article], offset=0, more=True, total=1),
            render.report(report),
            render.timeline(draw([(date(2019, 1, 20), text, 1)])),
            render.masthead(held),
            render.note("failure", text),
            render.welcome([text], None),
            render.welcome([], text),
        ]
    )


@pytest.fixture(scope="module")
def plain() -> Structure:
    return Structure(everything("x"))


def test_there_are_more_than_a_hundred_payloads():
    assert len(set(PAYLOADS)) > 150


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_text_changes_what_the_page_is_made_of(payload: str, plain: Structure):
    shown = Structure(everything(payload))

    assert shown.elements == plain.elements
    assert harmless(payload) in shown.text


def test_a_link_to_the_original_is_a_web_address_with_its_host_in_sight():
    article = Article(id="a", text="Text.", sha256="0" * 64, url="https://sana.sy/en/?p=1&q=<b>")

    page = render.article(Reading(article=article))

    assert 'href="https://sana.sy/en/?p=1&amp;q=&lt;b&gt;"' in page
    assert "Original at sana.sy" in page
    assert 'rel="noopener noreferrer nofollow"' in page


def test_the_highlighted_words_are_exactly_the_cited_characters():
    text = "Before. “Twenty” <civilians> & more\nwere killed. After."
    start, end = text.index("“"), text.index(" After")
    article = Article(id="a", text=text, sha256="0" * 64)

    page = render.article(Reading(article=article, start=start, end=end, quote=text[start:end]))

    words = re.search(r'<div class="words">(.*?)<mark[^>]*>(.*?)</mark>(.*?)</div>', page, re.DOTALL)
    assert words and [html.unescape(part) for part in words.groups()] == [
        text[:start],
        text[start:end],
        text[end:],
    ]


def test_an_article_that_changed_since_is_not_highlighted_and_says_so():
    article = Article(id="a", text="Rewritten.", sha256="0" * 64)

    page = render.article(Reading(article=article, start=0, end=4, quote="Twenty", intact=False))

    assert "<mark" not in page
    assert "changed after the answer" in page and "Twenty" in page


def test_a_megabyte_without_a_space_is_cut_around_the_quote_and_says_what_is_left_out():
    article = Article(id="a", text="a" * 500_000 + "quoted" + "b" * 500_000, sha256="0" * 64)

    page = render.article(Reading(article=article, start=500_000, end=500_006, quote="quoted"))

    assert len(page) < 90_000
    assert ">quoted</mark>" in page
    assert page.count("460,000 characters") == 2


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("supported", None, "word for word from the article"),
        ("supported", "all of it is there", "supported by what it cites"),
        ("partly", "no number", "only partly supported"),
        ("unsupported", "no passage", "not supported by the articles"),
        ("contradicted", "23, not 20", "contradicted by the articles"),
    ],
)
def test_every_verdict_has_its_words(verdict: str, reason: str | None, words: str):
    statement = Statement(text="Twenty.", citations=(), verdict=verdict, score=1.0, reason=reason)  # type: ignore[arg-type]
    exchange = Exchange(question="How many?", filters=Filters(), statements=(statement,))

    page = render.exchange(exchange, 0)

    assert words in page
    assert ("no number" in page) == (verdict == "partly")


def test_origins_are_told_in_one_line():
    origins = Origins(articles=3, independent=1, unknown=1, names=("SANA",))

    assert render.origins_in_words(origins) == (
        "Reported by 3 articles, 1 independent origin: SANA; 1 article of unknown origin."
    )


def test_filters_are_told_in_words():
    filters = Filters(since=date(2019, 1, 1), sources=("SANA", "Press TV"), as_of=date(2019, 2, 1))

    assert render.filters_in_words(filters) == (
        "from 1 January 2019, published by SANA, Press TV, as known on 1 February 2019"
    )


def test_a_long_text_is_cut_at_a_word_and_one_without_words_at_its_length():
    assert render.clip("twenty civilians were killed", 20) == "twenty civilians…"
    assert render.clip("a" * 30, 10) == "a" * 10 + "…"
    assert render.clip("short", 10) == "short"


def test_what_sources_differ_on_is_told_with_a_number_for_each_side():
    text = "Eleven. Fourteen."
    about = {
        "article_id": "a",
        "title": None,
        "source": "Aamu",
        "published": None,
        "url": None,
        "sha256": "0" * 64,
    }
    first = Citation(**about, start=0, end=7, quote="Eleven.")
    second = Citation(**about, start=8, end=17, quote="Fourteen.")
    statement = Statement(text="Eleven.", citations=(first,), verdict="supported", score=1.0)
    values = (
        Value(text="Eleven", citations=(first,), origins=()),
        Value(text="Fourteen", citations=(second,), origins=()),
    )
    conflict = Conflict(
        aspect="injured",
        kind="contradiction",
        values=values,
        sentence="Sources differ on who was hurt: eleven or fourteen.",
    )
    answer = replace(answer_of(text), statements=(statement,), conflicts=(conflict,))

    told = Exchange(question="How many?", filters=Filters()).after(answer)
    page = render.exchange(told, 0)

    assert told.citations == (first, second)
    assert "Sources differ on who was hurt: eleven or fourteen." in page
    assert re.search(r"Fourteen</bdi>\s*<button[^>]* data-n=\"2\"", page)
