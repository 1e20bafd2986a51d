"""The benchmark of attribution, on texts small enough to count by hand."""

import json
from pathlib import Path

import pytest

from eval.attribution import annotated, main, measure, read
from rag.errors import UsageError

TEXTS = {"a": "The ministry said ten died. Ann Wit left."}
ROW = {
    "id": "1",
    "article_id": "a",
    "source": "The ministry",
    "start": 18,
    "spans": {"cue": [[13, 17]], "source": [[0, 12]]},
}


def test_an_annotation_is_a_sentence_and_the_head_of_its_source() -> None:
    assert list(annotated([ROW], TEXTS)) == [("a", 0, "ministry")]


def test_spans_may_be_missing() -> None:
    assert list(annotated([{key: ROW[key] for key in ROW if key != "spans"}], TEXTS)) == [
        ("a", 0, "ministry")
    ]


def test_an_annotation_without_a_source_does_not_count() -> None:
    assert list(annotated([ROW | {"source": ""}], TEXTS)) == []


def test_an_annotation_of_an_article_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="'1': no article 'b'"):
        list(annotated([ROW | {"article_id": "b"}], TEXTS))


def test_sources_are_read_in_every_sentence() -> None:
    assert list(read(TEXTS)) == [("a", 0, "ministry")]


def test_the_figures_are_over_pairs() -> None:
    gold, found = {("a", 0, "x"), ("a", 0, "y")}, {("a", 0, "x"), ("a", 9, "y"), ("a", 9, "z")}
    assert measure(gold, found) == {"f1": 0.4, "precision": 0.3333, "recall": 0.5, "n": 2}


def test_the_command_prints_one_json_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles, attributions = tmp_path / "articles.jsonl", tmp_path / "attributions.jsonl"
    articles.write_text(json.dumps({"id": "a", "text": TEXTS["a"]}))
    attributions.write_text(json.dumps(ROW))
    assert main(["--articles", str(articles), "--attributions", str(attributions), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["f1"] == 1.0


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--articles", str(tmp_path / "no"), "--attributions", str(tmp_path / "no")]) == 2
    assert "no: " in capsys.readouterr().err
