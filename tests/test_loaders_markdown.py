from datetime import date
from pathlib import Path

import pytest

from rag.domain import Document
from tests.loading import document, reason, written


def test_markdown_becomes_plain_text(tmp_path: Path) -> None:
    source = (
        "# A *title*\n\nA [link](http://x.example) and **bold**\nover two lines.\n\n- 1\n- 2\n\n> Quoted.\n"
    )
    path = written(tmp_path, "a.md", source)
    assert document(path) == Document(
        path=path, text="A link and bold over two lines.\n\n1\n\n2\n\nQuoted.", title="A title"
    )


def test_front_matter_gives_the_fields(tmp_path: Path) -> None:
    front = 'title: "Fire: the ferry"\ndate: 2021-05-16T23:30:00-07:00\nauthor: Ana Kovač\ntags:\n  - x'
    source = f"---\n{front}\n---\n# Other\n\nText.\n"
    found = document(written(tmp_path, "a.md", source))
    assert (found.title, found.published, found.byline) == ("Fire: the ferry", date(2021, 5, 16), "Ana Kovač")
    assert found.text == "Other\n\nText."


@pytest.mark.parametrize("source", ["---\n\nText.\n", "--- x\nText.\n"])
def test_a_rule_at_the_top_is_no_front_matter(tmp_path: Path, source: str) -> None:
    assert "Text." in document(written(tmp_path, "a.md", source)).text


def test_a_paragraph_too_long_for_markdown_stays_as_it_is(tmp_path: Path) -> None:
    source = "[" * 60_000
    assert document(written(tmp_path, "a.md", source)).text == source


def test_markdown_without_text_is_told(tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.md", "![](a.png)\n\n---\n")) == "is empty: it holds no text"
