"""A folder of what goes wrong, beside one good article, and the page that promises what is said about it."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.test_cli import dateline

PAGE = (Path(__file__).parent.parent / "docs" / "bad-input.md").read_text("utf-8")
ROWS = [
    json.dumps({"id": f"r{n}", "text": f"Report {n}: the river rose in district {n}."}) for n in range(1, 8)
]
ROWS[2], ROWS[4], ROWS[6] = '{"id": broken', "[1, 2", '{"id": "r7"}'

BAD = {
    "empty.txt": (b"", "is empty: it holds no text"),
    "blank.md": (b" \n\n", "is empty: it holds no text"),
    "binary.txt": (bytes(range(256)) * 20, "is not text: it looks like a binary file"),
    "long.txt": (b"word " * 2_000_000, "the text is longer than 2,000,000 characters"),
    "bomb.txt.gz": (gzip.compress(b"A" * 50_000_000), "the text is longer than 2,000,000 characters"),
    "plain.txt.gz": (b"not gzip", "its gzip data is damaged, or it is not gzip at all"),
    "links.html": (
        b"<html><body><a href='/'>Home</a></body></html>",
        "holds no article: no running text was found",
    ),
    "corrupt.pdf": (b"%PDF-1.7\n1 0 obj\n<</Type/Catalog", "is a damaged PDF, or none at all"),
    "deep.json": (b"[" * 100_000, "is nested too deeply"),
    "rows.jsonl": ("\n".join(ROWS).encode(), "row 3: is not valid JSON"),
    "feed.xml": (
        b"<rss version='2.0'><channel><title>News</title><item/></channel></rss>",
        "the entry holds no text: neither content nor a summary",
    ),
}
GOOD = {"good", "r1", "r2", "r4", "r6"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Messages by file name, and the ids that were taken in (under "added")."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    (folder / "table.sqlite").write_bytes(
        b"SQLite format 3"
    )  # passed over in the folder, named when asked for
    (folder / "good.txt").write_text("The dam at Baluarte broke on Monday. Three villages were flooded.")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "nothing.txt")
    result = dateline(
        "ingest", folder, folder / "absent", folder / "table.sqlite", "--json", home=folder / "home"
    )
    assert result.exit_code == 1
    ingested = json.loads(result.stdout)
    messages: dict[str, list[str]] = {"added": ingested["added"]}
    for failure in ingested["failures"]:
        name = Path(failure["name"].partition(", row")[0]).name
        messages.setdefault(name, []).append(f"{failure['name']}: {failure['reason']}")
    return messages


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_file_is_said_as_the_page_promises(report: dict[str, list[str]], name: str):
    said = BAD[name][1]

    assert said in PAGE
    assert said in report[name][0]


def test_nothing_else_is_lost(report: dict[str, list[str]]):
    assert set(report["added"]) == GOOD


def test_each_broken_row_is_named(report: dict[str, list[str]]):
    assert [re.findall(r"row (\d+)", line) for line in report["rows.jsonl"]] == [["3"], ["5"], ["7"]]


def test_a_file_of_no_known_format_is_said_once_and_only_because_it_was_asked_for(
    report: dict[str, list[str]],
):
    (line,) = report["table.sqlite"]

    assert "is not of a kind that is read" in line
    assert "is not of a kind that is read" in PAGE


@pytest.mark.parametrize("name", ["absent", "dangling.txt"])
def test_what_does_not_exist_is_said(report: dict[str, list[str]], name: str):
    assert report[name][0].endswith(": does not exist")


def test_every_message_is_one_line(report: dict[str, list[str]]):
    assert [line for lines in report.values() for line in lines if "\n" in line] == []
