"""`dateline eval` as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from eval import benchmarks
from rag.cli import app
from rag.index.corpus import Corpus
from tests.collection import write_rows
from tests.evaluation import ARTICLES, QUESTIONS, laid_out


def dateline(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, arguments)], prog_name="dateline")


def test_help_names_the_commands():
    result = dateline("--help")

    assert result.exit_code == 0
    assert "run " in result.stdout
    assert "bench " in result.stdout


def test_looking_at_help_imports_no_heavy_library():
    code = (
        "import sys; from rag.cli import app\n"
        "try: app(['eval', '--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Usage: " in done.stdout
    heavy = {"chromadb", "llama_index", "numpy", "onnxruntime", "openai", "ragas", "sqlalchemy"}
    assert heavy.isdisjoint(name.partition(".")[0] for name in done.stderr.split())


def test_a_run_prints_its_figures_and_names_what_was_left_out(tmp_path: Path):
    articles = write_rows(tmp_path / "articles.jsonl", ARTICLES)
    questions = write_rows(tmp_path / "questions.jsonl", [*QUESTIONS, {"id": "q4"}])

    result = dateline("run", "--dataset", questions, "--articles", articles, "--out", tmp_path / "runs")

    assert result.exit_code == 1
    assert "3 questions scored, 1 left out" in result.stdout
    assert "quote_exactness        1.000  [1.000, 1.000]" in result.stdout
    assert result.stderr == f"dateline: {questions}, row 4: no 'question' in it\n"


def test_datelines_own_questions_leave_the_readers_collection_alone(tmp_path: Path):
    home = tmp_path / "home"

    result = dateline("run", "--home", home, "--limit", 1)

    assert result.exit_code == 0, result.output
    assert not Corpus.is_stored(home, database_url=None)
    assert (home / "evaluations").is_dir()


def test_benchmarks_are_found_by_what_they_say_of_themselves():
    known = benchmarks.benchmarks()

    assert {"answers", "localise", "retrieval", "speed", "startup", "verify"} <= set(known)
    assert not {"dataset", "claims", "quickstart", "cli", "run"} & set(known)
    assert known["retrieval"] == "How often search finds the right article"


def test_bench_without_a_name_lists_them():
    result = dateline("bench")

    assert result.exit_code == 0
    assert ["retrieval", "How often search finds the right article"] in [
        line.split(maxsplit=1) for line in result.stdout.splitlines()
    ]


def test_bench_runs_a_benchmark_with_its_own_options(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    result = dateline("bench", "retrieval", *laid_out(tmp_path), "--json")

    assert result.exit_code == 0
    assert json.loads(capfd.readouterr().out)["hit@1"] == 1.0


def test_bench_gives_the_benchmarks_exit_code_back(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    nowhere = tmp_path / "nowhere"

    result = dateline("bench", "retrieval", "--articles", nowhere, "--questions", nowhere)

    assert result.exit_code == 2
    assert str(nowhere) in capfd.readouterr().err


def test_an_unknown_benchmark_is_wrong_use():
    result = dateline("bench", "speeed")

    assert result.exit_code == 2
    assert "no benchmark is called 'speeed'; there are: answers, " in result.stderr


def test_what_needs_ragas_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ragas", None)

    for options in (("--ragas",), ("--judge", "m")):
        result = dateline("run", *options)
        assert result.exit_code == 2
        assert (
            result.stderr
            == "dateline: judges and --ragas need ragas; install it with: pip install 'dateline[eval]'\n"
        )


def test_one_name_for_several_runs_is_wrong_use():
    result = dateline("run", "--config", "a.env", "--config", "b.env", "--name", "mine")

    assert result.exit_code == 2
    assert "--name is for one run" in result.stderr
