import json
from pathlib import Path

import pytest

from eval import search_speed
from tests.collection import rows, write_rows


def test_the_searches_are_compared_with_embedding_and_one_chroma_query(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_speed, "K", 2)
    articles = write_rows(tmp_path / "news.jsonl", rows(range(6)))
    assert search_speed.main(["--articles", str(articles), "--home", str(tmp_path / "home"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["passages"] > 0
    assert figures["search_ratio"] == pytest.approx(
        figures["search_p50_ms"] / figures["embed_and_chroma_p50_ms"], rel=0.1
    )
    assert {"filtered_ratio", "search_cpu_ratio", "filtered_cpu_ratio", "n"} <= figures.keys()


def test_a_file_that_does_not_exist_gives_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search_speed.main(["--articles", str(tmp_path / "none.jsonl")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "none.jsonl" in line
