"""Many threads ask while one takes articles in and out: nobody sees a closed or a half-changed collection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from rag import Article, Filters, Newsroom, Settings
from rag.index.corpus import Corpus
from rag.retrieval.retriever import Retriever
from tests.collection import WordEmbedder, rows, staged, write_rows
from tests.collection import article as made
from tests.serving import QUESTION, filled

ASKERS = 6
VERSIONS = ("The ferry carried eleven goats to the island.", "The ferry carried twelve cows to the island.")


def beside(change: Callable[[], Any], look: Callable[[], Any]) -> list[Any]:
    """What the looks see that several threads take for as long as the change goes on, and once more."""
    done = Event()

    def looks(_: int) -> list[Any]:
        seen = []
        while not done.is_set():
            seen.append(look())
        return [*seen, look()]

    def changes() -> None:
        try:
            change()
        finally:
            done.set()

    with ThreadPoolExecutor(ASKERS + 1) as pool:
        changing = pool.submit(changes)
        looking = [pool.submit(looks, number) for number in range(ASKERS)]
        changing.result()
        return [seen for each in looking for seen in each.result()]


def test_answers_stay_whole_while_articles_come_and_go(tmp_path: Path):
    with filled(tmp_path) as newsroom:
        expected = newsroom.search(QUESTION, limit=2)
        more = [write_rows(tmp_path / f"more-{n}.jsonl", rows(range(10 * n, 10 * n + 10))) for n in range(4)]

        def change() -> None:
            for number, path in enumerate(more):
                newsroom.ingest([path])
                if number % 2:
                    newsroom.remove([f"news-{10 * number + row}" for row in range(10)])

        seen = beside(change, lambda: newsroom.search(QUESTION, limit=2))

    assert {tuple(hit.passage.id for hit in hits) for hits in seen} == {
        tuple(hit.passage.id for hit in expected)
    }


def test_an_answer_begun_before_a_change_ends_after_it(tmp_path: Path):
    with filled(tmp_path) as newsroom:
        events = newsroom.stream(QUESTION)
        next(events)
        newsroom.remove(["rates"])
        newsroom.ingest([write_rows(tmp_path / "more.jsonl", rows(range(3)))])
        *_, answer = events

        assert getattr(answer, "status", None) == "answered"
        assert len(newsroom.articles()) == 5


@pytest.mark.parametrize("exact_up_to", [0, 50_000], ids=["chroma", "exact"])
def test_an_update_is_seen_whole_or_not_at_all(tmp_path: Path, exact_up_to: int):
    embedder: Any = WordEmbedder()
    filler = [made(f"filler-{number}", f"Report {number} tells of goats and cows.") for number in range(30)]

    def version(number: int) -> Article:
        return made("ferry", VERSIONS[number % 2])

    with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
        corpus.add(staged([*filler, version(0)], embedder))
    with Corpus.open(tmp_path, embedder=embedder, writing=False) as reading:
        reading.search.exact_up_to = exact_up_to
        retriever = Retriever(reading, embedder)

        def change() -> None:
            with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
                for number in range(1, 8):
                    corpus.add(staged([version(number)], embedder))

        found = beside(change, lambda: retriever.search("ferry island", Filters(), limit=40))

    texts = [[hit.passage.text for hit in hits if hit.article.id == "ferry"] for hits in found]
    assert {tuple(each) for each in texts} <= {(text,) for text in VERSIONS}


def test_two_threads_change_one_after_the_other(tmp_path: Path):
    with Newsroom(Settings.load(home=tmp_path / "home")) as newsroom:
        paths = [write_rows(tmp_path / f"{n}.jsonl", rows(range(5 * n, 5 * n + 5))) for n in range(3)]
        threads = [Thread(target=newsroom.ingest, args=([path],)) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(newsroom.articles()) == 15


def test_models_are_loaded_once_however_many_ask_first(tmp_path: Path):
    with filled(tmp_path) as newsroom, ThreadPoolExecutor(ASKERS) as pool:
        list(pool.map(lambda _: newsroom.warm(), range(ASKERS)))
        answers = list(pool.map(lambda _: newsroom.ask(QUESTION), range(ASKERS)))

    assert len({tuple(statement.text for statement in answer.statements) for answer in answers}) == 1
