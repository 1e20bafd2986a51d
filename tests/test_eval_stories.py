import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from eval import stories
from rag import Newsroom, Settings
from tests.collection import write_rows

QUAKE = "An earthquake shook Kermanshah in western Iran; hundreds were injured as houses collapsed"
CUP = "France beat Croatia in Moscow to win the football cup before eighty thousand spectators"
ROWS: list[dict[str, Any]] = [
    {"id": "q1", "text": f"{QUAKE} in Sarpol Zahab.", "story": "quake", "date": "2017-11-13"},
    {"id": "q2", "text": f"{QUAKE}, officials in Tehran said.", "story": "quake", "date": "2017-11-14"},
    {"id": "q3", "text": f"{QUAKE} in Sarpol Zahab.", "story": "quake", "date": "2017-11-13"},  # q1 again
    {"id": "c1", "text": f"{CUP} at the Luzhniki.", "story": "cup", "date": "2018-07-15"},
    {
        "id": "c2",
        "text": "Shares fell on Monday as oil became cheaper.",
        "story": "cup",
        "date": "2018-07-16",
    },
    {"id": "x", "text": "The Vasa bridge in Turku collapsed.", "date": "2021-05-04"},
]


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(Settings.load(home=tmp_path / "home")) as opened:
        opened.ingest([write_rows(tmp_path / "news.jsonl", ROWS)])
        yield opened


def test_pairs_of_one_event_are_counted_copies_among_them(newsroom: Newsroom) -> None:
    known = [row for row in ROWS if "story" in row]
    copies = {"q1": ("q1", "q3"), "q3": ("q1", "q3"), "q2": ("q2",), "c1": ("c1",), "c2": ("c2",)}
    figures = stories.measure(newsroom, known, copies)
    assert figures == {"precision": 1.0, "recall": 0.75, "f1": 0.8571, "n": 5}


def test_json_prints_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = write_rows(tmp_path / "news.jsonl", ROWS)
    assert stories.main(["--articles", str(articles), "--home", str(tmp_path / "home"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 5


def test_articles_without_stories_give_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = write_rows(tmp_path / "news.jsonl", ROWS[-1:])
    assert stories.main(["--articles", str(articles)]) == 2
    assert capsys.readouterr().err == f"{articles}: no article has a 'story'\n"


def test_the_cost_is_measured_at_two_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = write_rows(tmp_path / "news.jsonl", ROWS)
    sizes = ["--small", "4", "--large", "16"]
    assert stories.main(["--scale", "--articles", str(articles), *sizes, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["small"], figures["large"]) == (4, 16)
    assert figures["ratio"] > 0


def test_a_further_round_has_other_names_and_the_same_other_words() -> None:
    first, *_, again = islice(stories.rounds(ROWS), len(ROWS) + 1)
    assert (first.text, again.id) == (ROWS[0]["text"], "q1-1")
    assert "earthquake shook" in again.text
    assert again.text != first.text
    assert again.published == first.published


def test_sizes_that_cannot_be_are_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        stories.main(["--scale", "--articles", str(tmp_path), "--small", "9", "--large", "3"])
    assert "--small" in capsys.readouterr().err
