import pytest

from ui.harmless import clip, harmless, host, web_address


def test_every_character_that_acts_on_others_becomes_one_visible_one():
    acting = "\x00\x1b\x7f\x85\u061c\u200e\u200f\u2028\u202a\u202e\u2066\u2069\ufeff\ud800\U000e0041"

    assert harmless(acting) == "\ufffd" * len(acting)


def test_tabs_lines_accents_and_joiners_stay():
    text = "na\u0131ve\t\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\n👩\u200d💻 \u4e2d"

    assert harmless(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//evil.example/a",
        "http://",
        "http://[broken",
        "https://good.example/\u202egpj.exe",
        " \tjavascript:alert(1)",
        "",
        None,
    ],
)
def test_only_web_addresses_are_links(url: str | None):
    assert web_address(url) is None


def test_a_reader_sees_the_host_of_a_link_and_nothing_that_only_looks_like_one():
    url = "https://news.example@evil.example/story"

    assert web_address(url) == url
    assert host(url) == "evil.example"


def test_a_long_text_is_cut_at_a_word_and_one_without_words_at_its_length():
    assert clip("twenty civilians were killed", 20) == "twenty civilians…"
    assert clip("a" * 30, 10) == "a" * 10 + "…"
    assert clip("short", 10) == "short"
