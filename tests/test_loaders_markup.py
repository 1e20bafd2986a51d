from pathlib import Path

import pytest

from rag.loaders.content import UnreadableError
from rag.loaders.markup import decode_markup, html_text, looks_like_html, parse_xml, root_name, without_title
from tests.loading import reason, written

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>One\n  line.</p><p>Two.</p>", "One line.\n\nTwo."),
        ("Bare <b>bold</b> and <i>i</i>talic.", "Bare bold and italic."),
        ("One<br>two<br/><br/>three", "One\ntwo\n\nthree"),
        ("<div>One<div>two</div>three</div>", "One\n\ntwo\n\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        (
            "<table><tr><th>Year</th><th>Fires</th></tr><tr><td>2020</td><td>3</td></tr></table>",
            "Year | Fires\n\n2020 | 3",
        ),
        ("<pre>one\n  two</pre>", "one\ntwo"),
        ("<p>He said <q>no</q>.</p>", "He said “no”."),
        (
            "<p>A<script>x()</script><style>p{}</style> B</p><figure><figcaption>C</figcaption></figure> D",
            "A B\n\nD",
        ),
        ("<p>life&shy;boat&nbsp;&amp; zero&#8203;width</p>", "lifeboat & zerowidth"),
        ("<p>One<!-- <p>not</p> --> two</p>", "One two"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_html_becomes_paragraphs(fragment: str, text: str) -> None:
    assert html_text(fragment) == text


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<p>x", True),
        ("a<br/>b", True),
        ("x</div>", True),
        ("1 < 2 > 0", False),
        ("<Reuters>", False),
        ("<b is", False),
    ],
)
def test_html_is_told_from_text(text: str, is_html: bool) -> None:
    assert looks_like_html(text) is is_html


def test_a_first_paragraph_that_repeats_the_title_goes() -> None:
    assert without_title(["FIRE on  ferry", "Fire on ferry", "x"], "Fire on ferry") == ["Fire on ferry", "x"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<rss>", "rss"),
        ('<?xml version="1.0"?>\n<!-- <feed> -->\n<atom:feed xmlns:atom="x">', "feed"),
        ('<!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.6//EN" "nitf.dtd"><nitf/>', "nitf"),
        ("<!DOCTYPE nitf [<!ELEMENT p ANY>]> <nitf/>", "nitf"),
        ("no tag", ""),
        ("<!-- never closed <rss>", ""),
    ],
)
def test_the_root_element_is_named(text: str, name: str) -> None:
    assert root_name(text) == name


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('<?xml version="1.0" encoding="iso-8859-2"?><a>ž</a>'.encode("iso-8859-2"), "ž"),
        ("<meta charset=windows-1251><p>Привет</p>".encode("cp1251"), "Привет"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=GB2312"><p>新闻</p>'.encode(
                "gb2312"
            ),
            "新闻",
        ),
        ('<?xml version="1.0" encoding="UTF-16"?><a>ž</a>'.encode("utf-16-le"), "ž"),
        ("<meta charset='utf-16'><p>ž</p>".encode(), "ž"),
        ("<p>ž</p>".encode("utf-16"), "ž"),
    ],
)
def test_the_declared_charset_is_used(data: bytes, text: str) -> None:
    assert text in decode_markup(data)


def test_named_entities_of_html_are_characters_in_xml_too() -> None:
    assert parse_xml("<a>caf&eacute;&nbsp;&amp; &unknown;</a>".replace("&unknown;", "")).text == "café\xa0& "


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]><rss>&l9;</rss>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><rss/>',
        '<!DOCTYPE rss [<!ENTITY x "]>">]><rss>&x;</rss>',
    ],
)
def test_an_xml_bomb_is_refused(tmp_path: Path, text: str) -> None:
    told = reason(written(tmp_path, "a.xml", f'<?xml version="1.0"?>{text}'))
    assert told == "declares XML entities of its own, which are not read"


@pytest.mark.parametrize("name", ["a.xml", "a.html", "a.md", "a.jsonl"])
def test_deep_markup_is_told(tmp_path: Path, name: str) -> None:
    content = {
        "a.xml": "<rss>" + "<a>" * 100_000,
        "a.html": "<html>" + "<div>" * 100_000 + "text",
        "a.md": "<div>\n" + "<div>" * 5_000,
        "a.jsonl": '{"text": "<p>' + "<div>" * 10_000 + '"}',
    }[name]
    assert reason(written(tmp_path, name, content)) == "is nested too deeply"


@pytest.mark.parametrize("root", ["rss", "nitf", "newsItem", "feed"])
def test_xml_that_is_cut_off_is_told(tmp_path: Path, root: str) -> None:
    told = reason(written(tmp_path, "a.xml", f"<{root}><a>x</a><b"))
    assert "is not well-formed XML" in told or "is not a feed that can be read" in told


def test_malformed_xml_says_where() -> None:
    with pytest.raises(UnreadableError, match=r"is not well-formed XML \(.*line 2"):
        parse_xml("<a>\n<b></c></a>")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<sitemap><url/></sitemap>", "is not XML news: its root element is <sitemap>, not rss, feed"),
        ("<NewsML><NewsItem/></NewsML>", "is NewsML 1; only NewsML-G2, NITF, RSS, Atom and XHTML are read"),
        ("plain words", "is not XML news: it has no root element"),
        ("<rss version='2.0'><channel><title>x</title></channel></rss>", "is a feed without entries"),
    ],
)
def test_xml_that_is_no_news_is_told(tmp_path: Path, content: str, told: str) -> None:
    assert reason(written(tmp_path, "a.xml", content)).startswith(told)
