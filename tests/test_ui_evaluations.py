import json
from pathlib import Path
from typing import Any

from ui import render
from ui.evaluations import runs


def write_run(home: Path, name: str, *, value: float | None, finished: str, dataset: str = "seeds") -> None:
    folder = home / "evaluations" / name
    folder.mkdir(parents=True)
    figure: dict[str, Any] = {"value": value, "low": None, "high": None, "n": 12, "failures": {}}
    summary = {
        "format": 1, "run": name, "dataset": {"name": dataset, "sha256": "0"}, "config": "default", "model": None,
        "questions": {"asked": 12, "scored": 12, "left_out": 0}, "metrics": {"citation_recall": figure},
    }  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "times.json").write_text(json.dumps({"finished": finished, "p50_ms": 120.5}))


def test_the_latest_run_comes_first_and_is_compared_with_the_one_before_it_of_its_dataset(tmp_path: Path):
    write_run(tmp_path, "b", value=0.75, finished="2026-01-01T10:00:00")
    write_run(tmp_path, "a", value=0.5, finished="2026-01-02T10:00:00")
    write_run(tmp_path, "c", value=0.9, finished="2026-01-03T10:00:00", dataset="other")

    found = runs(tmp_path)

    assert [run.name for run in found] == ["c", "a", "b"]
    assert [run.figures[0].change for run in found] == [None, -0.25, None]
    page = render.evaluation(found)
    assert "-0.250" in page and "citation recall" in page


def test_a_metric_without_a_number_is_shown_as_none(tmp_path: Path):
    write_run(tmp_path, "a", value=None, finished="2026-01-02T10:00:00")

    assert ">none<" in render.evaluation(runs(tmp_path))


def test_what_is_no_finished_run_is_left_out(tmp_path: Path):
    (tmp_path / "evaluations" / "unfinished").mkdir(parents=True)
    broken = tmp_path / "evaluations" / "broken"
    broken.mkdir()
    (broken / "summary.json").write_text("[]")

    assert runs(tmp_path) == ()
