import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval import quickstart, speed
from rag.embeddings import MODELS

ROWS = (
    {
        "id": "a",
        "title": "Strike on a village",
        "text": "Twenty people were killed on Friday.",
        "date": "2019-01-20",
    },
    {
        "id": "b",
        "title": "Cup final",
        "text": "United won the cup final by three goals to two.",
        "date": "2019-02-01",
    },
    {
        "id": "c",
        "text": "The central bank raised its key rate to 4.75 percent.",
        "date": "2019-03-05T10:00:00Z",
    },
)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def peer_model(tmp_path: Path) -> Path:
    """The bundled int8 model in the place of the fp32 one: it has the same inputs and outputs."""
    folder = tmp_path / "peer" / "onnx"
    shutil.copytree(MODELS / "minilm", folder)
    for name in speed.PEER_FILES:
        (folder / name).touch()
    return folder.parent


def test_the_command_measures_both_sides(articles: Path, peer_model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "eval.speed",
        "--articles",
        articles,
        "--peer-model",
        peer_model,
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    assert list(figures) == [
        "ingest_ratio",
        "articles_per_s",
        "peer_articles_per_s",
        "search_p50_ms",
        "filtered_p50_ms",
        "rss_mb",
        "n",
    ]
    assert figures["n"] == 3
    assert all(value > 0 for value in figures.values())


def test_where_the_peers_model_is_missing_it_says_how_to_make_it(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        speed.main(["--articles", str(articles), "--peer-model", str(tmp_path / "nothing")])
    assert caught.value.code == 2
    assert f"python -m tools.build_models --peer {tmp_path / 'nothing'}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "complaint"), [("absent.jsonl", "No such file"), ("empty.jsonl", "no articles")]
)
def test_without_articles_it_is_wrong_use(
    name: str, complaint: str, tmp_path: Path, peer_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(SystemExit) as caught:
        speed.main(["--articles", str(tmp_path / name), "--peer-model", str(peer_model)])
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_queries_are_titles_or_first_words_and_the_days_hold_the_middle(articles: Path) -> None:
    queries, since, until = speed.asked_of(articles)
    assert queries == [
        "Strike on a village",
        "Cup final",
        "The central bank raised its key rate to 4.75 percent.",
    ]
    assert (since, until) == (date(2019, 1, 20), date(2019, 3, 5))


def test_articles_without_dates_give_no_days(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text('{"text": "Undated."}\n', encoding="utf-8")
    assert speed.asked_of(path) == (["Undated."], None, None)


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (None, 3), (9, 3)])
def test_the_limit_takes_the_first_articles(
    limit: int | None, count: int, articles: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    assert speed.read_rows(speed.first_articles(articles, limit, folder)) == list(ROWS[:count])


def test_the_quickstart_embeds_every_article(articles: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def embed(input: Sequence[str]) -> list[NDArray[np.float32]]:  # noqa: A002 - Chroma's name
        seen.extend(input)
        return [np.ones(3, np.float32) for _ in input]

    assert quickstart.ingest(articles, tmp_path / "chroma", embed) == 3
    assert all(any(row["text"] in text for text in seen) for row in ROWS)
