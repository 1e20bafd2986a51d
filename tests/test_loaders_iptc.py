"""NITF, NewsML-G2 and ninjs: documents written after the specifications, in tests/data/loaders."""

import json
from datetime import date
from pathlib import Path

import pytest

from rag.domain import Document
from tests.loading import DATA, document, loaded, reason, split, written

HEADLINE = "Fire on ferry off Split forces 142 people into lifeboats"
DAY = date(2021, 5, 16)  # 23:30 on that day in its own time zone, the next day in UTC


def nitf(body: str = "<p>x</p>", head: str = "", body_head: str = "", attributes: str = "") -> str:
    return (
        f"<nitf {attributes}><head>{head}</head><body><body.head>{body_head}</body.head>"
        f"<body.content>{body}</body.content></body></nitf>"
    )


def news_item(content: str, meta: str = "", item_meta: str = "", rights: str = "") -> str:
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1" xml:lang="de-AT">{rights}'
        f"<itemMeta>{item_meta}</itemMeta><contentMeta>{meta}</contentMeta><contentSet>{content}</contentSet></newsItem>"
    )


PLAIN = '<inlineData contenttype="text/plain">Hello.</inlineData>'


def test_nitf_is_read_whole() -> None:
    path = DATA / "story.nitf"
    assert document(path) == Document(
        path=path,
        text=(
            "SPLIT, Croatia (ANP) — A fire in the engine room of the ferry Marjan forced all 142 people on "
            "board into lifeboats on Sunday evening, the coast guard said.\n\n"
            "“We had the boats in the water within eight minutes,” said Captain Ivo Radić.\n\n"
            "Two injured\n\n"
            "Two crew members were treated for burns at the Firule hospital.\nNobody else was hurt.\n\n"
            "Built: 1987\n\nCapacity: 400\n\nYear | Fires\n\n2020 | 3"
        ),
        id="anp.org:20210517:ferry-fire:2",
        title=HEADLINE,
        published=DAY,
        source="Adriatic News Pool",
        byline="Ana Kovač, Staff Writer",
        language="en",
    )


@pytest.mark.parametrize(
    ("parts", "field", "value"),
    [
        ({"head": "<title>T</title>"}, "title", "T"),
        (
            {"head": '<docdata><date.release norm="20210517T063500Z"/></docdata>'},
            "published",
            date(2021, 5, 17),
        ),
        (
            {"head": '<pubdata date.publication="20210517" name="The Courier"/>'},
            "published",
            date(2021, 5, 17),
        ),
        ({"head": '<pubdata date.publication="20210517" name="The Courier"/>'}, "source", "The Courier"),
        ({"head": '<docdata><doc-id regsrc="NTB" id-string="7"/></docdata>'}, "source", "NTB"),
        (
            {"body_head": '<dateline>OSLO <story.date norm="20210517"/></dateline>'},
            "published",
            date(2021, 5, 17),
        ),
        ({"body_head": "<dateline>OSLO</dateline>"}, "text", "OSLO — x"),
        ({"body_head": "<dateline>OSLO</dateline>", "body": "<p>OSLO (NTB): x</p>"}, "text", "OSLO (NTB): x"),
        ({"body_head": "<abstract><p>Only this.</p></abstract>", "body": ""}, "text", "Only this."),
        ({"body_head": "<byline><byttl>Sports Network</byttl></byline>"}, "byline", "Sports Network"),
        ({"body_head": "<byline>By A B</byline><byline>C D</byline>"}, "byline", "A B; C D"),
        ({"attributes": 'baselang="nb-NO"'}, "language", "nb"),
    ],
)
def test_nitf_says_things_in_several_places(
    tmp_path: Path, parts: dict[str, str], field: str, value: object
) -> None:
    assert getattr(document(written(tmp_path, "a.xml", nitf(**parts))), field) == value


def test_nitf_without_text_is_told(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.xml", nitf(body=""))) == "is empty: it holds no text"


def test_a_newsml_g2_item_is_read_whole() -> None:
    path = DATA / "news_item.xml"
    assert document(path) == Document(
        path=path,
        text=(
            "SPLIT, Croatia (ANP) — A fire in the engine room of the ferry Marjan forced all 142 people on "
            "board into lifeboats on Sunday evening, the coast guard said.\n\n"
            "Two crew members were treated for burns."
        ),
        id="urn:newsml:anp.example:20210517:ferry-fire",
        title=HEADLINE,
        published=DAY,
        source="Adriatic News Pool",
        byline="Ana Kovač, Staff Writer",
        language="en",
    )


def test_a_newsml_g2_message_gives_its_texts_and_passes_over_the_rest() -> None:
    documents, faults = split(loaded(DATA / "news_message.xml"))
    assert [(found.row, found.id, found.title) for found in documents] == [
        (2, "urn:newsml:anp.example:text:1", "Port reopens after ferry fire"),
        (5, "urn:newsml:anp.example:text:3", "Minister visits Split"),
    ]
    assert (
        documents[0].text
        == "The port of Split reopened on Monday morning.\n\nFerries to Brač run every hour again."
    )
    assert [(fault.row, fault.reason) for fault in faults] == [(4, "its provider has canceled it")]


def test_newsml_g2_prefers_html_to_plain_text() -> None:
    [_, minister] = split(loaded(DATA / "news_message.xml"))[0]
    assert minister.text == "The transport minister will visit Split.\n\nHe meets the crew."
    assert (minister.source, minister.byline, minister.published) == (
        "HINA",
        "Marko Lukin",
        date(2021, 5, 17),
    )


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        ({"item_meta": '<provider qcode="nprov:AP"/>'}, "AP"),
        ({"item_meta": '<provider literal="reuters.com"/>'}, "reuters.com"),
        ({"item_meta": '<provider uri="http://www.acme.example/about"/>'}, "acme.example"),
        (
            {
                "item_meta": '<provider uri="http://acme.example/"/>',
                "rights": "<rightsInfo><copyrightHolder><name>Acme</name></copyrightHolder></rightsInfo>",
            },
            "Acme",
        ),
        (
            {"item_meta": '<provider qcode="nprov:AP"><name>Associated Press</name></provider>'},
            "Associated Press",
        ),
        ({}, None),
    ],
)
def test_newsml_g2_names_its_provider_in_several_ways(
    tmp_path: Path, parts: dict[str, str], source: str | None
) -> None:
    assert document(written(tmp_path, "a.xml", news_item(PLAIN, **parts))).source == source


def test_newsml_g2_dates_the_first_version_before_later_ones(tmp_path: Path) -> None:
    dates = "<versionCreated>2018-10-21T16:25:32-05:00</versionCreated>"
    content = "<contentCreated>2016-10-18T11:12:00-05:00</contentCreated>"
    assert document(written(tmp_path, "a.xml", news_item(PLAIN, content, dates))).published == date(
        2016, 10, 18
    )
    assert document(written(tmp_path, "b.xml", news_item(PLAIN, "", dates))).published == date(2018, 10, 21)


def test_newsml_g2_takes_its_language_from_the_item(tmp_path: Path) -> None:
    assert document(written(tmp_path, "a.xml", news_item(PLAIN))).language == "de"


def test_newsml_g2_may_come_without_its_namespace(tmp_path: Path) -> None:
    item = news_item(PLAIN).replace(' xmlns="http://iptc.org/std/nar/2006-10-01/"', "")
    message = f"<newsMessage><itemSet>{item}</itemSet></newsMessage>"
    assert document(written(tmp_path, "a.xml", message)).text == "Hello."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            news_item('<remoteContent href="a.jpg"/>'),
            "carries no text: neither inlineXML nor inlineData holds one",
        ),
        (news_item('<inlineData encoding="base64">SGVsbG8=</inlineData>'), "carries no text: neither"),
        (news_item(PLAIN, item_meta='<pubStatus qcode="stat:withheld"/>'), "its provider has withheld it"),
        (
            news_item(
                PLAIN, item_meta='<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>'
            ),
            "its provider has canceled it",
        ),
        ("<newsMessage><itemSet/></newsMessage>", "carries no news"),
        ("<packageItem/>", "carries no news"),
        (
            "<newsMessage><itemSet><newsItem guid='1'/><conceptItem/></itemSet></newsMessage>",
            "carries no text: none of its 2 items is a text item",
        ),
    ],
)
def test_newsml_g2_without_news_is_told(tmp_path: Path, content: str, told: str) -> None:
    assert reason(written(tmp_path, "a.xml", content)).startswith(told)


@pytest.mark.parametrize(
    ("name", "title", "language"),
    [("ninjs3.json", HEADLINE, "en"), ("ninjs2.json", "Fire on ferry off Split", "en")],
)
def test_ninjs_is_read(name: str, title: str, language: str) -> None:
    found = document(DATA / name)
    assert (
        found.text
        == "A fire forced all 142 people into lifeboats.\n\nTwo crew members were treated for burns."
    )
    assert (found.title, found.published, found.source, found.byline, found.language, found.row) == (
        title, DAY, "Adriatic News Pool", "Ana Kovač", language, None,
    )  # fmt: skip


def test_ninjs_keeps_its_uri_as_id() -> None:
    assert document(DATA / "ninjs3.json").id == "http://anp.example/news/20210517-ferry-fire"


def test_ninjs_of_the_first_generation_is_read(tmp_path: Path) -> None:
    row = {
        "uri": "urn:1",
        "versioncreated": "2021-05-16T23:30:00-07:00",
        "headline": "H",
        "byline": "A B",
        "body_text": "One. Two.",
        "body_xhtml": "<p>One.</p><p>Two.</p>",
    }
    found = document(written(tmp_path, "a.json", json.dumps(row)))
    assert (found.text, found.title, found.byline, found.published) == ("One.\n\nTwo.", "H", "A B", DAY)


def test_an_object_with_a_guid_and_a_text_is_no_ninjs(tmp_path: Path) -> None:
    row = {"guid": "7", "type": "text", "description_long": "x", "text": "One.", "date": "2021-05-16"}
    found = document(written(tmp_path, "a.json", json.dumps(row)))
    assert (found.text, found.id, found.published) == ("One.", "7", DAY)


def test_ninjs_may_carry_nitf(tmp_path: Path) -> None:
    body = {
        "contentType": "application/nitf+xml",
        "value": '<?xml version="1.0"?>' + nitf("<p>One.</p><p>Two.</p>"),
    }
    found = document(
        written(tmp_path, "a.json", json.dumps({"uri": "urn:1", "bodies": [{"value": "One. Two."}, body]}))
    )
    assert found.text == "One.\n\nTwo."


def test_ninjs_items_are_told_from_others_line_by_line(tmp_path: Path) -> None:
    lines = [
        {
            "uri": "urn:1",
            "type": "text",
            "versionCreated": "2021-05-16T23:30:00-07:00",
            "bodies": [{"value": "One."}],
        },
        {"uri": "urn:2", "text": "Two.", "date": "2021-05-17"},
        {"uri": "urn:3", "type": "picture", "versionCreated": "2021-05-16T23:30:00-07:00"},
        {"uri": "urn:4", "pubStatus": "canceled", "bodies": [{"value": "Four."}]},
    ]
    documents, faults = split(loaded(written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))))
    assert [(found.id, found.published) for found in documents] == [
        ("urn:1", DAY),
        ("urn:2", date(2021, 5, 17)),
    ]
    assert [(fault.row, fault.reason) for fault in faults] == [
        (3, "is a ninjs picture without a body"),
        (4, "its provider has canceled it"),
    ]
