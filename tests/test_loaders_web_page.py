from datetime import date
from pathlib import Path

import pytest

from rag.domain import Document
from tests.loading import DATA, document, reason, written

SENTENCE = "A fire in the engine room of the ferry Marjan forced all 142 people on board into lifeboats."
PROSE = f"<article><p>{SENTENCE}</p><p>Two crew members were treated at the Firule hospital.</p></article>"


def page(head: str = "", body: str = PROSE, lang: str = "") -> str:
    return f"<!DOCTYPE html><html {lang}><head>{head}</head><body>{body}</body></html>"


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


def test_a_page_is_read_whole() -> None:
    path = DATA / "page.html"
    assert document(path) == Document(
        path=path,
        text=(
            "A fire in the engine room of the ferry Marjan forced all 142 people on board into lifeboats on "
            "Sunday evening, the coast guard said.\n\n"
            "“We had the boats in the water within eight minutes,” said Captain Ivo Radić, who has "
            "commanded the ship since 2014.\n\n"
            "Two crew members were treated for burns at the Firule hospital in Split. Nobody else was hurt."
        ),
        title="Fire on ferry off Split forces 142 people into lifeboats",
        published=date(2021, 5, 16),
        source="Split Courier",
        byline="Ana Kovač, Marko Lukin",
        url="https://courier.example/2021/05/17/ferry-fire",
        language="en",
    )


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        ('<meta property="og:title" content="From Open Graph">', "title", "From Open Graph"),
        ("<title>From the title</title>", "title", "From the title"),
        ('<meta property="og:site_name" content="The Courier">', "source", "The Courier"),
        ('<link rel="canonical" href="https://www.courier.example/a">', "source", "courier.example"),
        ('<meta property="og:url" content="https://courier.example/a">', "url", "https://courier.example/a"),
        ('<meta name="author" content="Ana Kovač">', "byline", "Ana Kovač"),
        ('<meta property="article:author" content="https://social.example/ana">', "byline", None),
        (
            '<meta property="article:published_time" content="2021-05-16T23:30:00-07:00">',
            "published",
            date(2021, 5, 16),
        ),
        ('<meta name="dc.date" content="16 May 2021">', "published", date(2021, 5, 16)),
        (
            '<link rel="canonical" href="https://courier.example/2021/05/16/ferry">',
            "published",
            date(2021, 5, 16),
        ),
        ('<meta property="article:modified_time" content="2021-05-16">', "published", None),
        (ld('{"@type": ["NewsArticle"], "datePublished": "2021-05-16"}'), "published", date(2021, 5, 16)),
        (ld('[{"@type": "BlogPosting", "headline": "Fish &amp; chips"}]'), "title", "Fish & chips"),
        (ld('{"@type": "Organization", "name": "Not the title"}'), "title", None),
        (ld("{broken"), "title", None),
        (ld('{"@type": "NewsArticle", "x": ' + "[" * 50_000), "title", None),
    ],
)
def test_a_page_states_things_in_several_places(tmp_path: Path, head: str, field: str, value: object) -> None:
    assert getattr(document(written(tmp_path, "a.html", page(head))), field) == value


@pytest.mark.parametrize(
    ("mark", "day"),
    [
        (
            '<time itemprop="datePublished" datetime="2021-05-16T23:30:00-07:00">yesterday</time>',
            date(2021, 5, 16),
        ),
        ('<span class="article-date">Published: 16 May 2021</span>', date(2021, 5, 16)),
        ('<p class="date">May 16, 2021</p><p class="date">May 17, 2021</p>', None),
        ('<p class="update">May 16, 2021</p>', None),
        ("<p>On May 16, 2021 it rained in Split and nobody thought of ferries or of fires at all.</p>", None),
    ],
)
def test_a_day_in_the_markup_counts_when_it_is_marked_and_the_only_one(
    tmp_path: Path, mark: str, day: date | None
) -> None:
    assert document(written(tmp_path, "a.html", page(body=mark + PROSE))).published == day


def test_the_language_is_that_of_the_page(tmp_path: Path) -> None:
    assert document(written(tmp_path, "a.html", page(lang='lang="hr-HR"'))).language == "hr"


def test_the_text_may_come_from_the_metadata_alone(tmp_path: Path) -> None:
    head = ld(f'{{"@type": "NewsArticle", "articleBody": "{SENTENCE}\\n\\nSecond paragraph."}}')
    body = '<div id="app"></div><noscript>Turn on JavaScript.</noscript>'
    assert document(written(tmp_path, "a.html", page(head, body))).text == f"{SENTENCE}\n\nSecond paragraph."


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<nav><a href=/>Home</a> <a href=/a>About us</a></nav>",
        "<form>Login <input> Password <input></form><p>Please enable JavaScript.</p>",
        "<img src=a.jpg>",
    ],
)
def test_a_page_without_an_article_is_told(tmp_path: Path, body: str) -> None:
    assert reason(written(tmp_path, "a.html", page("<title>Home</title>", body))) == (
        "holds no article: no running text was found in the page"
    )


def test_a_page_in_japanese_needs_fewer_characters(tmp_path: Path) -> None:
    text = "日本の首相は月曜日に記者会見を開き、新しい経済政策を発表した。"
    assert text in document(written(tmp_path, "a.html", page(body=f"<article><p>{text}</p></article>"))).text


def test_damaged_bytes_of_a_page_do_not_cost_the_page(tmp_path: Path) -> None:
    data = page(body=PROSE.replace("Firule", "Fíríúlé")).encode() + b"<!-- \xff -->"
    assert "Fíríúlé" in document(written(tmp_path, "a.html", data)).text


def test_a_page_of_too_many_elements_is_told(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.html", page(body="<p>x</p>" * 30_000))).startswith(
        "has more than 25,000 elements"
    )


def test_xhtml_is_told_by_its_root_element(tmp_path: Path) -> None:
    content = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>' + PROSE + "</body></html>"
    )
    assert document(written(tmp_path, "a.xml", content)).text.startswith(SENTENCE)
