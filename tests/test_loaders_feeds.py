from datetime import date
from pathlib import Path

import pytest

from rag.domain import Document
from tests.loading import DATA, document, loaded, reason, split, written


def rss(item: str, channel: str = "") -> str:
    return (
        f'<rss version="2.0"><channel><title>The Courier</title>{channel}<item>{item}</item></channel></rss>'
    )


def test_an_rss_item_is_read_whole() -> None:
    path = DATA / "feed.rss"
    assert loaded(path)[0] == Document(
        path=path,
        row=1,
        text=(
            "A fire forced all 142 people into lifeboats.\n\n"
            "Two crew members were treated for burns.\nNobody else was hurt."
        ),
        id="courier-4711",
        title="Fire on ferry & panic off Split",
        published=date(2021, 5, 16),
        source="The Split Courier",
        byline="Ana Kovač",
        url="https://courier.example/2021/05/ferry-fire",
        language="en",
    )


def test_an_item_of_an_aggregator_keeps_its_outlet_and_its_link_as_id() -> None:
    item = split(loaded(DATA / "feed.rss"))[0][1]
    assert (item.source, item.id, item.byline) == ("HINA", "https://courier.example/2021/05/port", "The Desk")
    assert item.text == "The port of Split reopened on Monday."


def test_an_item_without_text_costs_only_itself() -> None:
    documents, faults = split(loaded(DATA / "feed.rss"))
    assert len(documents) == 2
    assert [(fault.row, fault.reason) for fault in faults] == [
        (3, "the entry holds no text: neither content nor a summary")
    ]


def test_atom_entries_are_read() -> None:
    first, second = split(loaded(DATA / "feed.atom"))[0]
    assert (first.id, first.published, first.byline, first.language) == (
        "tag:courier.example,2021:4711", date(2021, 5, 16), "Ana Kovač", "en",
    )  # fmt: skip
    assert (
        first.text
        == "A fire forced all 142 people into lifeboats.\n\nTwo crew members were treated for burns."
    )
    assert (second.title, second.published) == ("Port reopens", date(2021, 5, 17))
    assert second.text == "The port of Split reopened on Monday.\n\nFerries to Brač run again."


def test_rss_1_is_read(tmp_path: Path) -> None:
    feed = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>C</title></channel>'
        '<item rdf:about="http://c.example/1"><title>T</title><link>http://c.example/1</link>'
        "<description>Hello.</description><dc:date>2021-05-16T23:30:00-07:00</dc:date></item></rdf:RDF>"
    )
    found = document(written(tmp_path, "a.rdf", feed))
    assert (found.text, found.published, found.id) == ("Hello.", date(2021, 5, 16), "http://c.example/1")


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        (
            "<description>x</description><pubDate>Sun, 16 May 2021 23:30:00 -0700</pubDate>",
            "published",
            date(2021, 5, 16),
        ),
        ("<description>x</description><pubDate>16.05.2021</pubDate>", "published", date(2021, 5, 16)),
        ("<description>x</description><pubDate>soon</pubDate>", "published", None),
        ("<description>x</description><author>desk@courier.example</author>", "byline", None),
        ("<description>One &amp;amp; two</description>", "text", "One & two"),
        ("<description>1 &amp;lt; 2</description>", "text", "1 < 2"),
        ("<description>a & b &#xD800; &#0;</description>", "text", "a & b \ufffd \ufffd"),
        ("<description>x</description><title>A &lt;b&gt;B&lt;/b&gt;</title>", "title", "A B"),
    ],
)
def test_items_say_things_in_several_ways(tmp_path: Path, item: str, field: str, value: object) -> None:
    assert getattr(document(written(tmp_path, "a.rss", rss(item))), field) == value


def test_a_feed_that_is_not_well_formed_is_read_all_the_same(tmp_path: Path) -> None:
    feed = rss("<title>Fish & chips</title><description>Two&nbsp;pounds & more</description>")
    assert document(written(tmp_path, "a.rss", feed)).title == "Fish & chips"


def test_a_feed_may_declare_another_charset(tmp_path: Path) -> None:
    feed = '<?xml version="1.0" encoding="windows-1250"?>' + rss(
        "<description>Poniedziałek, środa</description>"
    )
    assert document(written(tmp_path, "a.xml", feed.encode("cp1250"))).text == "Poniedziałek, środa"


def test_a_feed_without_entries_is_told(tmp_path: Path) -> None:
    assert (
        reason(written(tmp_path, "a.atom", '<feed xmlns="http://www.w3.org/2005/Atom"/>'))
        == "is a feed without entries"
    )
