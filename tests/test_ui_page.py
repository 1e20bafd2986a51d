"""The page in a browser, over the real newsroom and the real API."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ui
from rag import Newsroom
from rag.api import create_app
from tests.browser import needs_chromium, page_at, serious
from tests.collection import write_rows
from tests.endpoint import says, serve
from tests.serving import QUESTION, filled, served
from tools.browser import chromium

pytestmark = needs_chromium

HOSTILE = (
    "The harbour of Kotka was closed on Sunday <script>alert(1)</script> <img src=x onerror=alert(1)> after a fire, "
    "![map](http://evil.test/p.png?leak=1) [click](javascript:alert(1)) the \u202epolice said ${alert(1)} {{this}}.\n\n"
    + "a"
    * 100_000
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("page")
    with filled(folder) as newsroom:
        row = {"id": "harbour", "title": "<b>Fire</b> ![x](http://evil.test/t.png)", "text": HOSTILE}
        newsroom.ingest([write_rows(folder / "hostile.jsonl", [row])])
        yield newsroom


@pytest.fixture(scope="module")
def address(newsroom: Newsroom) -> Iterator[str]:
    settings = newsroom.settings
    with served(ui.mount(create_app(newsroom, settings), newsroom, settings)) as address:
        yield address


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    with page_at(browser, address) as page:
        yield page


def ask(page: Any, question: str) -> Any:
    """Ask with the keyboard, and wait until the answer is whole; the exchange."""
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    exchange = page.locator("#latest .exchange", has=page.locator("h2.asked", has_text=question))
    exchange.and_(page.locator("[aria-busy=false]")).wait_for()
    return exchange


def filter_days(page: Any, **days: str) -> None:
    """Set these fields as a hand does: Gradio draws what it unfolds twice, and empties a field filled in between."""
    page.get_by_role("button", name="Filters").click()
    for name, day in days.items():
        field = page.get_by_label(name, exact=True)
        field.wait_for()
        for _ in range(10):
            field.fill(day)
            field.press("Tab")
            page.wait_for_timeout(1000)  # it also passes a value on with a delay
            if field.input_value() == day:
                break
        assert field.input_value() == day


def test_a_citation_opens_the_article_at_the_very_words(page: Any, newsroom: Newsroom):
    citation = newsroom.ask(QUESTION).statements[0].citations[0]

    exchange = ask(page, QUESTION)
    exchange.locator(".said .cite").first.click()
    page.locator("#reader mark").wait_for()

    assert page.locator("#reader mark").text_content() == citation.quote
    words = page.locator("#reader .words").text_content()
    assert words == newsroom.article(citation.article_id).text
    assert words[citation.start : citation.end] == citation.quote
    assert page.locator("#reader mark").is_visible()


def test_each_source_is_listed_with_its_outlet_and_date(page: Any):
    sources = ask(page, QUESTION).locator(".sources li")

    assert re.search(r"(Aamu · 4 May 2021|Ilta · 5 May 2021 · credits AP)", sources.first.inner_text())


def test_a_follow_up_is_read_in_the_light_of_the_first_question(page: Any):
    ask(page, QUESTION)

    exchange = ask(page, "And who promised an inquiry?")

    assert "Read as:" in exchange.inner_text()
    assert "Anna Lind" in exchange.inner_text()
    assert page.locator("#earlier .exchange").count() == 1


def test_dates_limit_what_is_read(page: Any):
    filter_days(page, From="2021-06-01")

    exchange = ask(page, QUESTION)

    assert "Within: from 1 June 2021" in exchange.inner_text()
    assert "Turku" not in " ".join(exchange.locator(".said").all_inner_texts())


def test_an_impossible_span_is_explained(page: Any):
    filter_days(page, From="2021-06-01", Until="2021-05-01")

    assert "“From” is later than “until”" in ask(page, QUESTION).inner_text()


def test_without_an_answer_the_reason_is_given(page: Any):
    exchange = ask(page, "Who won the 1998 football cup?")

    assert "No answer in these articles." in exchange.inner_text()
    assert exchange.locator(".cite").count() == 0


def test_a_hostile_article_is_text_and_nothing_else(page: Any):
    exchange = ask(page, "Why was the harbour of Kotka closed?")
    exchange.locator(".cite").first.click()
    page.locator("#reader mark").wait_for()

    assert "<img src=x onerror=alert(1)>" in page.locator("#reader .words").inner_text()
    assert "\u202e" not in page.locator("body").inner_text()
    assert page.locator("#latest img, #reader img, #latest script, #reader script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # What `page_at` asserts when the test ends: no dialog was opened, and no other host was asked.


def test_markup_that_got_in_all_the_same_could_not_act(page: Any):
    page.evaluate(
        """() => {
          window.acted = false;
          document.querySelector('#reader').innerHTML =
            '<img src="data:," onerror="window.acted = true"><a href="javascript:window.acted=true">x</a>';
          const script = document.createElement('script');
          script.textContent = 'window.acted = true';
          document.body.append(script);
        }"""
    )
    page.wait_for_function("document.querySelector('#reader img').complete")

    assert page.evaluate("window.acted") is False


def test_nothing_but_the_keyboard_is_needed(page: Any):
    ask(page, QUESTION)
    first = page.locator("#latest .said .cite").first
    for _ in range(60):
        if first.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("#reader mark:focus").wait_for()

    page.keyboard.press("Escape")

    page.locator("#reader .reading").wait_for(state="detached")
    assert first.evaluate("element => element === document.activeElement")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Any, address: str, scheme: str):
    with page_at(browser, address, color_scheme=scheme, reduced_motion="reduce") as page:
        page.locator(".example").first.wait_for()
        assert serious(page) == []
        ask(page, QUESTION).locator(".said .cite").first.click()
        page.locator("#reader mark").wait_for()
        page.get_by_role("button", name="Filters").click()
        page.locator("#latest summary").first.click()
        page.get_by_label("From", exact=True).wait_for()
        assert serious(page) == []
        page.get_by_role("tab", name="Corpus").click()
        page.locator("table.articles").wait_for()
        page.get_by_role("button", name="Add articles").click()
        page.get_by_role("button", name="Add to the collection").wait_for()
        assert serious(page) == []


def test_on_a_phone_nothing_is_cut_off_and_the_article_covers_the_chat_until_it_is_closed(
    browser: Any, address: str
):
    with page_at(browser, address, viewport={"width": 390, "height": 844}, has_touch=True) as page:
        cite = ask(page, QUESTION).locator(".said .cite").first
        cite.tap()
        page.locator("#reader mark").wait_for()
        box = page.locator("#beside").bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
        page.get_by_role("button", name="Close the article").tap()
        page.locator("#reader .reading").wait_for(state="detached")
        for tab in ("Ask", "Corpus"):
            page.get_by_role("tab", name=tab).tap()
            assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_an_uploaded_article_can_be_asked_about(page: Any, tmp_path: Path):
    page.get_by_role("tab", name="Corpus").click()
    page.get_by_role("button", name="Add articles").click()
    row = {
        "id": "ferry",
        "title": "Ferry stops",
        "date": "2021-07-02",
        "source": "Ilta",
        "text": "The ferry to Hanko stopped on Friday because its captain, Liisa Salo, fell ill.",
    }
    path = write_rows(tmp_path / "ferry.jsonl", [row])
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_text("ferry.jsonl").first.wait_for()
    page.get_by_role("button", name="Add to the collection").click()
    page.get_by_text("1 article added").wait_for()
    page.locator("table.articles", has_text="Ferry stops").wait_for()

    page.get_by_role("tab", name="Ask").click()
    exchange = ask(page, "Why did the ferry to Hanko stop?")

    assert "Liisa Salo" in exchange.inner_text()


def test_the_corpus_is_listed_drawn_and_readable(page: Any):
    page.get_by_role("tab", name="Corpus").click()
    page.locator("table.articles").wait_for()

    page.get_by_role("img", name=re.compile("^Articles per day from 2021-05-04")).wait_for()
    page.get_by_role("button", name="Bank raises rates").click()
    page.locator("#reader .reading").wait_for()
    assert "4.75 percent" in page.locator("#reader .words").inner_text()


def test_an_answer_can_be_kept_with_its_evidence(page: Any):
    exchange = ask(page, QUESTION)

    with page.expect_download() as download:
        exchange.get_by_role("button", name="Dossier").click()

    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename == "dossier.html"
    assert QUESTION in text and "Aamu" in text


def test_what_a_reader_thinks_of_an_answer_is_stored(page: Any, newsroom: Newsroom):
    exchange = ask(page, QUESTION)

    exchange.get_by_role("button", name="Not helpful").click()
    page.locator("#latest [data-vote=dislike][aria-pressed=true]").wait_for()

    stored = (newsroom.settings.home / "feedback.jsonl").read_text("utf-8").splitlines()
    assert json.loads(stored[-1])["rating"] == "dislike"
    assert json.loads(stored[-1])["question"] == QUESTION


def test_the_chat_shares_its_server_with_the_api(page: Any, address: str):
    response = page.request.get(f"{address}/healthz")

    assert response.ok
    assert "text/html" not in response.headers["content-type"]


def test_an_empty_collection_says_what_to_do(browser: Any, tmp_path: Path):
    from rag import Settings

    with Newsroom(Settings(home=tmp_path / "none")) as newsroom:
        app = ui.mount(create_app(newsroom, newsroom.settings), newsroom, newsroom.settings)
        with served(app) as address, page_at(browser, address) as page:
            assert "Nothing to ask yet" in page.locator(".welcome").inner_text()
            page.get_by_label("Your question").fill("Anything new?")
            page.get_by_label("Your question").press("Enter")
            page.locator("#latest .failure").wait_for()


@pytest.fixture
def written(tmp_path: Path, browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page over a newsroom whose answers a scripted language model writes, and that model's endpoint."""
    with (
        serve(request.param) as endpoint,
        filled(
            tmp_path, llm_model="scripted", llm_base_url=endpoint.base_url, llm_strategy="single"
        ) as newsroom,
        served(ui.mount(create_app(newsroom, newsroom.settings), newsroom, newsroom.settings)) as address,
        page_at(browser, address) as page,
    ):
        yield page, endpoint


SENTENCE = "Eleven workers were injured when the Vasa bridge collapsed [1]."


@pytest.mark.parametrize("written", [says(*re.findall(r"\S+\s*", SENTENCE), pause=0.2)], indirect=True)
def test_a_draft_is_shown_as_it_is_written_and_marked_as_unchecked(written: Any):
    page, _ = written
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")

    page.locator("#latest .draft", has_text="Eleven workers").wait_for()
    assert "not checked yet" in page.locator("#latest .draft").inner_text()
    page.locator("#latest .statement").wait_for()
    page.locator("#latest .draft").wait_for(state="detached")


@pytest.mark.parametrize("written", [says("Eleven ", *["workers "] * 600, pause=0.1)], indirect=True)
def test_an_answer_can_be_stopped_and_then_the_model_stops_too(written: Any):
    page, endpoint = written
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")
    page.locator("#latest .draft").wait_for()

    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped before the answer was finished.").wait_for()

    assert endpoint.hung_up.wait(30)  # the model would have gone on for a minute


@pytest.mark.parametrize("written", [says("", finish=None, done=False)], indirect=True)
def test_when_the_model_fails_the_quoted_answer_stands_in_and_says_so(written: Any):
    exchange = ask(written[0], QUESTION)

    assert "Please note." in exchange.inner_text()
    assert exchange.locator(".statement").count() >= 1
