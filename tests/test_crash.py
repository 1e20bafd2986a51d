"""kill -9 in the middle of an ingest, and another ingest after it: the result is that of one that was let
be."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

import rag.ingest
from rag.domain import Filters
from rag.index.changes import Changes
from rag.index.corpus import Corpus
from rag.index.keywords import Keywords
from rag.index.stories import Stories
from rag.index.vectors import Vectors
from rag.ingest import IngestReport, ingest
from tests.collection import LIMITS, SIZES, WordEmbedder, everything, rows, write_rows

SMALL_BATCH = 12  # passages: some twenty batches for the collection below

# Where a process dies, and whether before or after the call does its work.
MOMENTS: list[tuple[type, str, str]] = [
    (Changes, "stage", "before"),
    (Changes, "stage", "after"),
    (Vectors, "add", "after"),
    (Keywords, "add", "after"),
    (Keywords, "commit", "after"),
    (Changes, "promote", "after"),
    (Vectors, "delete", "after"),
    (Keywords, "delete", "after"),
    (Changes, "forget", "before"),
    (Stories, "_sign", "before"),
    (Stories, "_sign", "after"),
]


def _context() -> Any:
    # A server that has imported everything once: each child then starts in a moment, and with no thread in
    # it.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_crash"])
    return context


def _run(home: Path, source: Path, *, corpus_type: type[Corpus] = Corpus) -> IngestReport:
    embedder = WordEmbedder()
    with corpus_type.open(home, embedder=embedder, writing=True) as corpus:
        return ingest([source], corpus, embedder, **SIZES, **LIMITS)


def _child(home: Path, source: Path, parent: Any) -> None:
    rag.ingest.BATCH_PASSAGES = SMALL_BATCH
    parent.send("ready")
    _run(home, source)


def _doomed_child(home: Path, source: Path, owner: type, name: str, when: str) -> None:
    """Ingests, and dies at the second call of a method; an ingest makes stories once."""
    fatal = 1 if owner is Stories else 2
    rag.ingest.BATCH_PASSAGES = SMALL_BATCH
    done: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def deadly(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == fatal and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = done(*arguments, **options)
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)
    _run(home, source)


def _started(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    child: ForkServerProcess = _context().Process(target=target, args=arguments, daemon=True)
    child.start()
    return child


def _contents(home: Path) -> dict[str, Any]:
    """What the collection says, by exact search and by Chroma."""
    embedder = WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=False) as corpus:
        exactly = everything(corpus, embedder)
        corpus.search.exact_up_to = 0
        chroma = everything(corpus, embedder)["nearest"]
        return {"exactly": exactly, "chroma": chroma, "stories": corpus.stories(Filters())}


def _first(folder: Path) -> Path:
    return write_rows(folder / "news.jsonl", rows(range(60)))


def _second(folder: Path) -> Path:
    """The same file later: twenty articles have another text, twenty another headline, and twenty are new."""
    retitled = [{**row, "title": f"{row['title']}, corrected"} for row in rows(range(20, 40))]
    return write_rows(folder / "news.jsonl", [*rows(range(20), seed=1), *retitled, *rows(range(40, 80))])


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("clean")
    _run(folder / "home", _first(folder))
    _run(folder / "home", _second(folder))
    return _contents(folder / "home")


def test_ten_kills_at_random_moments_change_nothing(tmp_path: Path, clean: dict[str, Any]) -> None:
    chance = random.Random(9)
    source, home = _first(tmp_path), tmp_path / "home"
    killed = 0
    for attempt in range(10):
        if attempt == 5:
            _run(home, source)
            source = _second(tmp_path)
        here, there = _context().Pipe()
        child = _started(_child, home, source, there)
        assert here.poll(60)
        time.sleep(chance.uniform(0.05, 0.8))
        child.kill()
        child.join()
        killed += child.exitcode == -signal.SIGKILL
    assert killed >= 5  # the others had finished before

    report = _run(home, source)

    assert not report.failures
    assert _contents(home) == clean


@pytest.mark.parametrize(("owner", "name", "when"), MOMENTS, ids=lambda part: getattr(part, "__name__", part))
def test_a_kill_at_any_step_of_an_update_changes_nothing(
    tmp_path: Path, clean: dict[str, Any], owner: type, name: str, when: str
) -> None:
    home = tmp_path / "home"
    _run(home, _first(tmp_path))
    source = _second(tmp_path)
    child = _started(_doomed_child, home, source, owner, name, when)
    child.join(60)
    assert child.exitcode == -signal.SIGKILL

    before = _contents(home)["exactly"]["articles"]
    _run(home, source)

    assert {one.id for one in before} >= {
        f"news-{number}" for number in range(60)
    }  # every article kept answering
    assert _contents(home) == clean
