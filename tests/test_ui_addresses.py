import pytest

from ui.addresses import host, web_address


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
