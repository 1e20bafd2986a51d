import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.chunking import split_passages
from rag.domain import Article, Filters
from rag.errors import (
    ArticleNotFound,
    CorpusEmpty,
    EmbedderMismatch,
    EmbeddingError,
    HomeLocked,
    StorageError,
    UsageError,
)
from rag.index import derived
from rag.index.changes import Changes
from rag.index.corpus import Corpus
from rag.index.keywords import Keywords
from rag.index.vectors import Vectors
from tests.collection import SIZES, WordEmbedder, article, everything, news, staged

DAY = date(2017, 4, 7)
NO_FILTERS = Filters()


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def corpus(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Corpus]:
    with Corpus.open(tmp_path / "home", embedder=embedder, writing=True) as opened:
        yield opened


def made(home: Path, embedder: WordEmbedder, count: int = 30) -> dict[str, Any]:
    """A closed collection of `count` articles; returns what it says."""
    with Corpus.open(home, embedder=embedder, writing=True) as opened:
        opened.add(staged((article(f"a{n}", news(n), source="SANA") for n in range(count)), embedder))
        return everything(opened, embedder)


def found(corpus: Corpus, embedder: WordEmbedder, question: str, filters: Filters = NO_FILTERS) -> set[str]:
    """Ids of the articles that either kind of search finds."""
    hits = corpus.nearest(embedder.encode([question])[0], 50, filters) + corpus.matching(
        question, 50, filters
    )
    return {owner.id for _, owner in corpus.passages([key for key, _ in hits]).values()}


def split(one: Article) -> Any:
    return split_passages(one, **SIZES)


# -- what goes in comes out -------------------------------------------------------------------------------


def test_an_article_is_kept_with_all_that_is_known_of_it(corpus: Corpus, embedder: WordEmbedder) -> None:
    one = article(
        "a1",
        "date 2017-04-07 Twenty people were killed, MNA reported.",
        body_start=16,
        title="Twenty killed",
        published=DAY,
        source="Ünïon",
        byline="A. Writer",
        dateline="HOMS, Syria",
        origins=("MNA", "SANA"),
        url="https://example.org/1",
        language="en",
    )
    corpus.add(staged([one], embedder))
    assert corpus.article("a1") == one


def test_a_passage_is_its_span_of_the_article(corpus: Corpus, embedder: WordEmbedder) -> None:
    one = article("a1", "Zuerst: ein Café — 🎈 stieg auf. " + news(1))
    corpus.add(staged([one], embedder))
    passages = corpus.passages(passage.id for passage in split(one))
    assert [passage for passage, _ in passages.values()] == split(one)
    assert all(owner.text[p.start : p.end] == p.text for p, owner in passages.values())


def test_stored_embeddings_are_those_that_were_added(corpus: Corpus, embedder: WordEmbedder) -> None:
    batch = staged([article("a1", news(1))], embedder)
    corpus.add(batch)
    _, passages, matrix = batch[0]
    stored = corpus.passage_vectors([passage.id for passage in passages])
    assert np.array_equal(np.stack([stored[passage.id] for passage in passages]), matrix)


def test_articles_are_listed_by_id_in_pages(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.add(staged((article(name, news(n)) for n, name in enumerate("dbca")), embedder))
    assert [one.id for one in corpus.articles()] == ["a", "b", "c", "d"]
    assert [one.id for one in corpus.articles(limit=2, offset=1)] == ["b", "c"]


@pytest.mark.parametrize("article_id", ["nothing", "", "\udcff", "a\0b", "'; --"])
def test_an_unknown_id_is_not_found(corpus: Corpus, embedder: WordEmbedder, article_id: str) -> None:
    corpus.add(staged([article("a1", news(1))], embedder))
    with pytest.raises(ArticleNotFound):
        corpus.article(article_id)


def test_statistics_describe_the_collection(corpus: Corpus, embedder: WordEmbedder) -> None:
    dated = [article(f"a{n}", news(n), published=date(2017, 1, n), source="SANA") for n in (3, 1, 2)]
    corpus.add(staged([*dated, article("x", news(9), source="TASS"), article("y", news(8))], embedder))
    statistics = corpus.statistics()
    assert (statistics.articles, statistics.first, statistics.last) == (5, date(2017, 1, 1), date(2017, 1, 3))
    assert list(statistics.sources.items()) == [("SANA", 3), ("TASS", 1)]
    assert statistics.embedder == embedder.fingerprint
    assert statistics.passages == sum(len(split(one)) for one in corpus.articles())
    assert (statistics.pending, statistics.tombstones) == (0, 0)
    assert statistics.size_bytes > 10_000


# -- search -----------------------------------------------------------------------------------------------


def oracle_passes(one: Article, filters: Filters) -> bool:
    day = one.published
    return (
        (filters.since is None or (day is not None and day >= filters.since))
        and (filters.until is None or (day is not None and day <= filters.until))
        and (filters.as_of is None or day is None or day <= filters.as_of)
        and (
            not filters.sources
            or (one.source or "").casefold() in {name.casefold() for name in filters.sources}
        )
    )


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(since=date(2017, 1, 4)),
        Filters(until=date(2017, 1, 4)),
        Filters(since=date(2017, 1, 3), until=date(2017, 1, 5)),
        Filters(as_of=date(2017, 1, 4)),
        Filters(sources=("sana",)),
        Filters(sources=("ÜNÏON", "Nobody")),
        Filters(sources=("Nobody",)),
        Filters(sources=("\udcff",)),
        Filters(since=date(2017, 1, 4), sources=("Sana",), as_of=date(2017, 1, 6)),
        Filters(since=date(2018, 1, 1), until=date(2017, 1, 1)),
    ],
    ids=str,
)
def test_every_search_obeys_the_filters(corpus: Corpus, embedder: WordEmbedder, filters: Filters) -> None:
    days = [None, *(date(2017, 1, n) for n in range(1, 9))]
    sources = ["SANA", "Ünïon", None]
    articles = [
        article(f"a{n}", f"Report {n} of people killed.", published=days[n % 9], source=sources[n % 3])
        for n in range(27)
    ]
    corpus.add(staged(articles, embedder))
    wanted = {one.id for one in articles if oracle_passes(one, filters)}
    vector = embedder.encode(["people killed"])[0]
    nearest = corpus.passages(key for key, _ in corpus.nearest(vector, 99, filters))
    matching = corpus.passages(key for key, _ in corpus.matching("people killed", 99, filters))
    assert {owner.id for _, owner in nearest.values()} == wanted
    assert {owner.id for _, owner in matching.values()} == wanted
    assert {one.id for one in corpus.articles(filters)} == wanted


@pytest.mark.parametrize("exact_up_to", [0, 20_000], ids=["by Chroma", "exactly"])
def test_nearest_agrees_with_scoring_every_embedding(
    corpus: Corpus, embedder: WordEmbedder, exact_up_to: int
) -> None:
    batch = staged((article(f"a{n}", news(n)) for n in range(60)), embedder)
    corpus.add(batch)
    corpus.search.exact_up_to = exact_up_to
    for question in ("people killed near the school in Aleppo", "report 17", "bridge Homs hurt day 300"):
        vector = embedder.encode([question])[0]
        cosines = {
            passage.id: float(row.astype(np.float64) @ vector.astype(np.float64))
            for _, passages, matrix in batch
            for passage, row in zip(passages, matrix, strict=True)
        }
        best = sorted(cosines, key=lambda key: (-round(cosines[key], 7), key))[:20]
        hits = corpus.nearest(vector, 20)
        assert [key for key, _ in hits] == best
        assert [score for _, score in hits] == pytest.approx([cosines[key] for key in best], abs=1e-6)


@pytest.mark.parametrize("exact_up_to", [0, 20_000], ids=["by Chroma", "exactly"])
def test_ties_are_in_the_order_of_ids(corpus: Corpus, embedder: WordEmbedder, exact_up_to: int) -> None:
    names = [f"a{n:03}" for n in range(300)]
    shuffled = random.Random(1).sample(names, len(names))
    corpus.add(
        staged((article(name, "Twenty people were killed.", title=name[:0]) for name in shuffled), embedder)
    )
    corpus.search.exact_up_to = exact_up_to
    vector = embedder.encode(["killed people"])[0]
    for hits in (corpus.nearest(vector, 7), corpus.matching("people killed", 7)):
        assert [key.split(":")[0] for key, _ in hits] == names[:7]


def test_a_tie_that_chroma_does_not_reach_is_found_all_the_same(
    corpus: Corpus, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.add(staged((article(f"a{n}", "Twenty people were killed.") for n in range(9)), embedder))
    corpus.search.exact_up_to = 0
    reached = Vectors.nearest
    monkeypatch.setattr(Vectors, "nearest", lambda *asked: sorted(reached(*asked))[1:])
    hits = corpus.nearest(embedder.encode(["killed people"])[0], 3)
    assert [key.split(":")[0] for key, _ in hits] == ["a0", "a1", "a2"]


def test_a_vector_of_zeros_finds_the_first_ids(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.add(staged((article(f"a{n}", f"Report {n}.") for n in range(5)), embedder))
    corpus.search.exact_up_to = 0
    hits = corpus.nearest(np.zeros(embedder.dimensions, np.float32), 3)
    assert [(key.split(":")[0], score) for key, score in hits] == [("a0", 0.0), ("a1", 0.0), ("a2", 0.0)]


@pytest.mark.parametrize(
    "bad", [np.full(32, np.nan), np.zeros(31), np.zeros((1, 32))], ids=["NaN", "short", "2-d"]
)
def test_a_vector_that_is_none_is_refused(corpus: Corpus, embedder: WordEmbedder, bad: Any) -> None:
    corpus.add(staged([article("a1", news(1))], embedder))
    with pytest.raises(ValueError, match="32 finite numbers"):
        corpus.nearest(bad.astype(np.float32), 3)


def test_an_empty_collection_finds_nothing(corpus: Corpus, embedder: WordEmbedder) -> None:
    assert found(corpus, embedder, "anything") == set()
    assert corpus.count() == 0


def test_searches_go_on_while_articles_come_in(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.add(staged((article(f"a{n}", news(n)) for n in range(20)), embedder))
    corpus.search.exact_up_to = 0
    stop, errors = threading.Event(), []

    def search() -> None:
        try:
            while not stop.is_set():
                assert found(corpus, WordEmbedder(), "people killed in Homs")
        except BaseException as exc:
            errors.append(exc)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(20, 80, 10):
        corpus.add(staged((article(f"a{n}", news(n)) for n in range(start, start + 10)), embedder))
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []


# -- updates and removals ---------------------------------------------------------------------------------


def test_an_update_replaces_the_article_and_its_passages(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.add(staged([article("a1", "Zebras were seen in Homs."), article("a2", "Nothing new.")], embedder))
    corpus.add(staged([article("a1", "Giraffes were seen in Homs.")], embedder))
    assert corpus.article("a1").text == "Giraffes were seen in Homs."
    assert corpus.matching("zebras", 9) == []
    assert [key.split(":")[0] for key, _ in corpus.matching("giraffes", 9)] == ["a1"]
    assert corpus.statistics().passages == 2


def test_an_update_with_the_same_text_changes_what_is_said_about_it(
    corpus: Corpus, embedder: WordEmbedder
) -> None:
    corpus.add(staged([article("a1", "Zebras were seen.", source="SANA")], embedder))
    corpus.add(staged([article("a1", "Zebras were seen.", source="TASS")], embedder))
    assert found(corpus, embedder, "zebras", Filters(sources=("tass",))) == {"a1"}
    assert found(corpus, embedder, "zebras", Filters(sources=("sana",))) == set()


class BrokenDiskError(StorageError):
    """Raised by the tests in place of a part that fails."""


def breaking(owner: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a method of a real part fail once it has done its work."""
    done: Callable[..., Any] = getattr(owner, name)

    def failing(*arguments: Any, **options: Any) -> Any:
        done(*arguments, **options)
        raise BrokenDiskError("the disk broke")

    monkeypatch.setattr(owner, name, failing)


STEPS = [(Changes, "stage"), (Vectors, "add"), (Keywords, "add"), (Keywords, "commit")]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=lambda part: getattr(part, "__name__", part))
def test_the_old_article_answers_until_the_new_one_is_wholly_in(
    corpus: Corpus, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    corpus.add(staged([article("a1", "Zebras were seen in Homs."), article("a2", news(2))], embedder))
    breaking(owner, name, monkeypatch)
    with pytest.raises(BrokenDiskError):
        corpus.add(staged([article("a1", "Giraffes were seen in Homs.")], embedder))
    monkeypatch.undo()
    assert corpus.article("a1").text == "Zebras were seen in Homs."
    assert [key.split(":")[0] for key, _ in corpus.matching("zebras", 9)] == ["a1"]
    assert found(corpus, embedder, "giraffes") == {"a1", "a2"}

    corpus.add(staged([article("a3", news(3))], embedder))  # the next change finishes what was begun

    assert corpus.article("a1").text == "Giraffes were seen in Homs."
    assert corpus.matching("zebras", 9) == []
    assert corpus.count() == 3


def test_removed_articles_are_gone_everywhere(corpus: Corpus, embedder: WordEmbedder) -> None:
    batch = staged([article("a1", "Zebras were seen."), article("a2", "Giraffes were seen.")], embedder)
    corpus.add(batch)
    corpus.remove(["a1"])
    ids = [passage.id for _, passages, _ in batch for passage in passages]
    assert found(corpus, embedder, "zebras giraffes") == {"a2"}
    assert len(corpus.passages(ids)) == len(corpus.passage_vectors(ids)) == 1


def test_removing_an_unknown_article_removes_none(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.add(staged([article("a1", news(1))], embedder))
    with pytest.raises(ArticleNotFound, match="'a9'"):
        corpus.remove(["a1", "a9"])
    assert corpus.count() == 1


def test_removed_articles_do_not_weigh_in_the_scores(tmp_path: Path, embedder: WordEmbedder) -> None:
    batch = staged((article(f"a{n}", news(n)) for n in range(20)), embedder)
    for name, articles in (("with", batch), ("without", batch[10:])):
        with Corpus.open(tmp_path / name, embedder=embedder, writing=True) as corpus:
            corpus.add(articles)
    with Corpus.open(tmp_path / "with", embedder=embedder, writing=True) as corpus:
        corpus.remove([one.id for one, _, _ in batch[:10]])
        after = everything(corpus, embedder)
    with Corpus.open(tmp_path / "without", embedder=embedder, writing=False) as corpus:
        assert after == everything(corpus, embedder)


# -- models and passage sizes -----------------------------------------------------------------------------


def test_embedding_models_are_not_mixed(tmp_path: Path, embedder: WordEmbedder) -> None:
    made(tmp_path, embedder, 3)
    other = WordEmbedder("other", 16)
    with Corpus.open(tmp_path, embedder=other, writing=True) as corpus:
        with pytest.raises(EmbedderMismatch, match=r"words-32.*other-16.*reindex"):
            corpus.nearest(other.encode(["x"])[0], 3)
        with pytest.raises(EmbedderMismatch):
            corpus.add(staged([article("new", news(5))], other))
        assert corpus.count() == 3


def test_an_emptied_collection_takes_another_model(
    corpus: Corpus, embedder: WordEmbedder, tmp_path: Path
) -> None:
    corpus.add(staged([article("a1", news(1))], embedder))
    corpus.remove(["a1"])
    corpus.close()
    other = WordEmbedder("other", 16)
    with Corpus.open(tmp_path / "home", embedder=other, writing=True) as again:
        again.add(staged([article("a1", "Zebras were seen.")], other))
        assert found(again, other, "zebras") == {"a1"}


def test_reindexing_with_another_model_embeds_everything_again(
    tmp_path: Path, embedder: WordEmbedder
) -> None:
    made(tmp_path / "old", embedder)
    other = WordEmbedder("other", 16)
    expected = made(tmp_path / "new", other)
    told: list[tuple[int, int]] = []
    with Corpus.open(tmp_path / "old", embedder=other, writing=True) as corpus:
        count = corpus.rebuild(other, split, **SIZES, progress=lambda *done: told.append(done))
        assert everything(corpus, other) == expected
        assert count == corpus.statistics().passages
        assert told[-1] == (30, count)


def test_reindexing_with_the_same_model_embeds_nothing(tmp_path: Path, embedder: WordEmbedder) -> None:
    before = made(tmp_path, embedder)
    with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
        corpus.cut_into(**SIZES)
        encoded = len(embedder.encoded)
        corpus.rebuild(embedder, split, **SIZES)
        assert len(embedder.encoded) == encoded
        assert everything(corpus, embedder) == before


class FailingEmbedder(WordEmbedder):
    """Breaks at the second call, returning nonsense or raising."""

    def __init__(self, how: str) -> None:
        super().__init__("failing", 16)
        self.how = how

    def encode(self, texts: Any) -> Any:
        matrix = super().encode(texts)
        if self.how == "raises":
            raise EmbeddingError("the endpoint is down")
        return matrix * np.nan if self.how == "NaN" else matrix[:-1]


@pytest.mark.parametrize("how", ["raises", "NaN", "short"])
def test_the_old_index_answers_after_a_reindex_that_failed(
    tmp_path: Path, embedder: WordEmbedder, how: str
) -> None:
    before = made(tmp_path, embedder)
    broken = FailingEmbedder(how)
    with Corpus.open(tmp_path, embedder=broken, writing=True) as corpus, pytest.raises(EmbeddingError):
        corpus.rebuild(broken, split, **SIZES)
    with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
        assert everything(corpus, embedder) == before
        corpus.search.exact_up_to = 0
        assert everything(corpus, embedder) == before
        assert corpus.statistics().pending == 0


def test_passages_of_two_sizes_are_not_mixed(corpus: Corpus, embedder: WordEmbedder) -> None:
    corpus.cut_into(words=40, overlap=1)
    corpus.add(staged([article("a1", news(1))], embedder))
    corpus.cut_into(words=40, overlap=1)
    with pytest.raises(UsageError, match=r"40 words.*80 words.*reindex"):
        corpus.cut_into(words=80, overlap=1)
    corpus.rebuild(embedder, split, words=80, overlap=1)
    corpus.cut_into(words=80, overlap=1)


# -- several processes ------------------------------------------------------------------------------------

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.test_corpus"])


def hold(home: Path, articles: list[Article], parent: Any) -> None:
    """Open a collection for writing, add to it, and keep it open until the parent says so."""
    embedder = WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        corpus.add(staged(articles, embedder))
        parent.send("ready")
        parent.poll(60)


@pytest.fixture
def holder() -> Iterator[Callable[..., Any]]:
    """Starts processes that write to a home; returns them once they hold it."""
    started: list[tuple[Any, Any]] = []

    def start(home: Path, articles: list[Article]) -> Any:
        here, there = CONTEXT.Pipe()
        child = CONTEXT.Process(target=hold, args=(home, articles, there), daemon=True)
        child.start()
        started.append((child, here))
        assert here.poll(60)
        return child

    yield start
    for child, pipe in started:
        pipe.close()
        child.join(60)


def test_a_second_writer_is_refused_with_the_process_id_of_the_first(
    tmp_path: Path, embedder: WordEmbedder, holder: Callable[..., Any]
) -> None:
    first = holder(tmp_path, [])
    with pytest.raises(HomeLocked, match=f"process {first.pid}") as refusal:
        Corpus.open(tmp_path, embedder=embedder, writing=True)
    assert refusal.value.pid == first.pid


def test_a_killed_writer_does_not_block_the_next(
    tmp_path: Path, embedder: WordEmbedder, holder: Callable[..., Any]
) -> None:
    first = holder(tmp_path, [article("a1", news(1))])
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
        assert found(corpus, embedder, "people killed") == {"a1"}


@pytest.mark.parametrize("exact_up_to", [0, 20_000])
def test_a_reader_answers_beside_a_writer_in_another_process(
    tmp_path: Path, embedder: WordEmbedder, holder: Callable[..., Any], exact_up_to: int
) -> None:
    before = made(tmp_path, embedder, 5)
    with Corpus.open(tmp_path, embedder=embedder, writing=False) as reader:
        reader.search.exact_up_to = exact_up_to
        assert everything(reader, embedder) == before
        holder(tmp_path, [article("new", "Zebras were seen in Homs.")])
        assert "new" in found(reader, embedder, "zebras were seen")
        with Corpus.open(tmp_path, embedder=embedder, writing=False) as another:
            another.search.exact_up_to = exact_up_to
            assert everything(another, embedder) == everything(reader, embedder)


def test_a_reader_that_had_chroma_open_sees_what_a_writer_added_since(
    tmp_path: Path, embedder: WordEmbedder
) -> None:
    made(tmp_path, embedder, 5)
    with Corpus.open(tmp_path, embedder=embedder, writing=False) as reader:
        reader.search.exact_up_to = 0
        vector = embedder.encode(["Zebras were seen in Homs."])[0]
        reader.nearest(vector, 3)
        with Corpus.open(tmp_path, embedder=embedder, writing=True) as writer:
            writer.add(staged([article("new", "Zebras were seen in Homs.")], embedder))
        assert reader.nearest(vector, 3)[0] == (reader.nearest(vector, 1)[0][0], pytest.approx(1.0))


def test_two_readers_search_one_after_the_other(tmp_path: Path, embedder: WordEmbedder) -> None:
    before = made(tmp_path, embedder)
    with (
        Corpus.open(tmp_path, embedder=embedder, writing=False) as one,
        Corpus.open(tmp_path, embedder=embedder, writing=False) as two,
    ):
        one.search.exact_up_to = two.search.exact_up_to = 0
        for _ in range(2):
            assert everything(one, embedder) == everything(two, embedder) == before


def test_a_collection_opened_for_reading_cannot_be_changed(tmp_path: Path, embedder: WordEmbedder) -> None:
    made(tmp_path, embedder, 2)
    with Corpus.open(tmp_path, embedder=embedder, writing=False) as corpus:
        for change in (
            lambda: corpus.add(staged([article("x", news(3))], embedder)),
            lambda: corpus.remove(["a1"]),
            lambda: corpus.rebuild(embedder, split, **SIZES),
        ):
            with pytest.raises(StorageError, match="reading only"):
                change()


def test_reading_where_nothing_was_ingested_makes_no_home(tmp_path: Path, embedder: WordEmbedder) -> None:
    with pytest.raises(CorpusEmpty, match="dateline ingest"):
        Corpus.open(tmp_path / "none", embedder=embedder, writing=False)
    assert not (tmp_path / "none").exists()


# -- damage -----------------------------------------------------------------------------------------------


def the(home: Path, pattern: str) -> Path:
    return max((path for path in home.glob(pattern) if path.is_file()), key=lambda path: path.stat().st_size)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scramble(path: Path) -> None:
    """Other bytes in the middle, size and time of change as before the damage: only a digest can tell."""
    size, middle = path.stat().st_size, path.stat().st_size // 3
    with path.open("r+b") as file:
        file.seek(middle)
        file.write(random.Random(1).randbytes(max(8, size // 4)))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "Chroma's folder is gone": lambda home: shutil.rmtree(home / "chroma"),
    "Chroma's graph is gone": lambda home: shutil.rmtree(the(home, "chroma/*/*/data_level0.bin").parent),
    "Chroma's pickle is gone": lambda home: the(home, "chroma/*/*/index_metadata.pickle").unlink(),
    "Chroma's vectors are cut": lambda home: truncate(the(home, "chroma/*/*/data_level0.bin")),
    "Chroma's vectors are scrambled": lambda home: scramble(the(home, "chroma/*/*/data_level0.bin")),
    "Chroma's pickle is scrambled": lambda home: scramble(the(home, "chroma/*/*/index_metadata.pickle")),
    "Chroma's SQLite file is gone": lambda home: the(home, "chroma/*/chroma.sqlite3").unlink(),
    "Chroma's SQLite file is cut": lambda home: truncate(the(home, "chroma/*/chroma.sqlite3")),
    "Chroma's SQLite file is scrambled": lambda home: scramble(the(home, "chroma/*/chroma.sqlite3")),
    "Chroma's seal is scrambled": lambda home: scramble(the(home, "chroma/*.seal")),
    "tantivy's folder is gone": lambda home: shutil.rmtree(home / "keywords"),
    "tantivy's terms are gone": lambda home: the(home, "keywords/*/*.term").unlink(),
    "tantivy's postings are cut": lambda home: truncate(the(home, "keywords/*/*.idx")),
    "tantivy's postings are scrambled": lambda home: scramble(the(home, "keywords/*/*.idx")),
    "tantivy's list of segments is gone": lambda home: the(home, "keywords/*/meta.json").unlink(),
    "tantivy's list of segments is scrambled": lambda home: scramble(the(home, "keywords/*/meta.json")),
    "both are gone": lambda home: [shutil.rmtree(home / kind) for kind in ("chroma", "keywords")] and None,
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A collection large enough for Chroma to have written its graph to disk, and what it says."""
    home = tmp_path_factory.mktemp("sound")
    embedder = WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        corpus.add(staged((article(f"a{n}", news(n, sentences=36)) for n in range(64)), embedder))
        assert corpus.statistics().passages > 1_000
        return home, everything(corpus, embedder)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_noticed_answered_around_and_mended(
    tmp_path: Path, embedder: WordEmbedder, sound: tuple[Path, dict[str, Any]], damage: Callable[[Path], None]
) -> None:
    home, before = tmp_path / "home", sound[1]
    shutil.copytree(sound[0], home)
    damage(home)

    with Corpus.open(home, embedder=embedder, writing=False) as reader:
        reader.search.exact_up_to = 0
        assert everything(reader, embedder) == before
    with Corpus.open(home, embedder=embedder, writing=True) as writer:
        writer.search.exact_up_to = 0
        assert everything(writer, embedder) == before
        writer.add(staged([article("new", "Zebras were seen.")], embedder))
        writer.remove(["new"])
    for kind in ("chroma", "keywords"):
        assert len([path for path in (home / kind).iterdir() if path.is_dir()]) == 1
    with Corpus.open(home, embedder=embedder, writing=False) as reader:
        reader.search.exact_up_to = 0
        assert everything(reader, embedder)["nearest"] == before["nearest"]


def test_a_copied_collection_is_used_as_it_is(
    tmp_path: Path, embedder: WordEmbedder, sound: tuple[Path, dict[str, Any]]
) -> None:
    shutil.copytree(sound[0], tmp_path / "home", copy_function=shutil.copyfile)  # with other times
    with Corpus.open(tmp_path / "home", embedder=embedder, writing=True) as corpus:
        assert everything(corpus, embedder) == sound[1]
    assert {path.name for path in (tmp_path / "home").glob("*/*") if path.is_dir()} == {"1"}


def test_a_large_index_left_in_the_middle_is_looked_over_and_kept(
    tmp_path: Path,
    embedder: WordEmbedder,
    sound: tuple[Path, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(derived, "INSPECT_FROM", 1)
    home = tmp_path / "home"
    shutil.copytree(sound[0], home)
    (home / "chroma" / "1.seal").unlink()
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        assert everything(corpus, embedder) == sound[1]
    assert (home / "chroma" / "1").is_dir()


@pytest.mark.parametrize("name", ["data_level0.bin", "index_metadata.pickle"])
def test_a_large_index_that_does_not_pass_is_built_anew(
    tmp_path: Path,
    embedder: WordEmbedder,
    sound: tuple[Path, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(derived, "INSPECT_FROM", 1)
    home = tmp_path / "home"
    shutil.copytree(sound[0], home)
    (home / "chroma" / "1.seal").unlink()
    scramble(the(home, f"chroma/**/{name}"))
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        corpus.search.exact_up_to = 0
        assert everything(corpus, embedder) == sound[1]
    assert not (home / "chroma" / "1").exists()


def test_a_damaged_record_is_reported(tmp_path: Path, embedder: WordEmbedder) -> None:
    made(tmp_path, embedder, 3)
    (tmp_path / "articles.db").write_bytes(b"no database" * 1_000)
    for writing in (False, True):
        with pytest.raises(StorageError, match=r"articles\.db: .*damaged.*backup"):
            Corpus.open(tmp_path, embedder=embedder, writing=writing)


def test_a_record_of_another_release_is_refused(tmp_path: Path, embedder: WordEmbedder) -> None:
    made(tmp_path, embedder, 1)
    with sqlite3.connect(tmp_path / "articles.db") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.close()
    with pytest.raises(StorageError, match="another release"):
        Corpus.open(tmp_path, embedder=embedder, writing=False)


# -- full disks, locked files, no permission --------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "none", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Leave so many bytes on the disk."""
    path = disk / "ballast"
    with path.open("wb") as file:
        remaining = shutil.disk_usage(disk).free - leave
        while remaining > 0:
            remaining -= file.write(b"x" * min(remaining, 1 << 16))
    return path


def test_nothing_is_written_when_little_space_is_left(small_disk: Path, embedder: WordEmbedder) -> None:
    with Corpus.open(small_disk / "home", embedder=embedder, writing=True) as corpus:
        with pytest.raises(
            StorageError, match=r"MB are free on this disk and \d+ MB needed; free some space"
        ):
            corpus.add(staged([article("a1", news(1))], embedder))
        assert corpus.count() == 0


@pytest.mark.parametrize("leave", [0, 100_000, 400_000, 1_000_000])
def test_a_disk_that_fills_up_leaves_the_collection_readable(
    small_disk: Path, embedder: WordEmbedder, leave: int
) -> None:
    home = small_disk / "home"
    before = made_without_reserve(home, embedder)
    ballast = fill(small_disk, leave)
    with pytest.raises(StorageError, match=r"full|free"), unreserved(home, embedder, writing=True) as corpus:
        for start in range(30, 400, 10):
            corpus.add(
                staged((article(f"b{n}", news(n, sentences=200)) for n in range(start, start + 10)), embedder)
            )
    with unreserved(home, embedder, writing=False) as corpus:
        after = everything(corpus, embedder)
        assert {one.id: one for one in after["articles"]}.items() >= {
            one.id: one for one in before["articles"]
        }.items()
        assert found(corpus, embedder, "people killed in Homs")
    ballast.unlink()
    with unreserved(home, embedder, writing=True) as corpus:
        corpus.search.exact_up_to = 0
        corpus.add(staged([article("new", "Zebras were seen.")], embedder))
        assert "new" in found(corpus, embedder, "zebras")
        assert corpus.statistics().pending == 0


def unreserved(home: Path, embedder: WordEmbedder, *, writing: bool) -> Corpus:
    """A collection that does not look at the free space first."""
    corpus = Corpus.open(home, embedder=embedder, writing=writing)
    corpus.reserve_bytes = -1_000_000_000
    return corpus


def made_without_reserve(home: Path, embedder: WordEmbedder) -> dict[str, Any]:
    with unreserved(home, embedder, writing=True) as corpus:
        corpus.add(staged((article(f"a{n}", news(n)) for n in range(30)), embedder))
        return everything(corpus, embedder)


def test_a_database_that_another_program_locks_is_reported(
    tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.database.BUSY_SECONDS", 0.1)
    made(tmp_path, embedder, 3)
    with Corpus.open(tmp_path, embedder=embedder, writing=True) as corpus:
        other = sqlite3.connect(tmp_path / "articles.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked: close that program"):
            corpus.add(staged([article("new", "Zebras were seen.")], embedder))
        assert found(corpus, embedder, "people killed")
        other.execute("ROLLBACK")
        other.close()
        corpus.add(staged([article("new", "Zebras were seen.")], embedder))
        assert found(corpus, embedder, "zebras") >= {"new"}


def test_a_folder_that_may_not_be_written_is_still_read(tmp_path: Path, embedder: WordEmbedder) -> None:
    home = tmp_path / "home"
    before = made(home, embedder, 5)
    for path in (home, *home.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        if may_write(home):
            pytest.skip("root may write everywhere")
        with Corpus.open(home, embedder=embedder, writing=False) as corpus:
            assert everything(corpus, embedder) == before
        with pytest.raises(StorageError, match="may not be written"):
            Corpus.open(home, embedder=embedder, writing=True)
    finally:
        for path in (home, *home.rglob("*")):
            path.chmod(0o755)


def may_write(folder: Path) -> bool:
    try:
        (folder / "probe").touch()
    except OSError:
        return False
    (folder / "probe").unlink()
    return True


def test_a_home_that_is_a_file_is_reported(tmp_path: Path, embedder: WordEmbedder) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="home"):
        Corpus.open(tmp_path / "home", embedder=embedder, writing=True)


@pytest.mark.parametrize("url", ["nonsense", "postgresql+nodriver://host/db", "sqlite:////nowhere/at/all.db"])
def test_a_database_url_that_cannot_be_used_is_reported(
    tmp_path: Path, embedder: WordEmbedder, url: str
) -> None:
    with pytest.raises(StorageError):
        Corpus.open(tmp_path, database_url=url, embedder=embedder, writing=True)


def test_the_record_may_be_elsewhere(tmp_path: Path, embedder: WordEmbedder) -> None:
    url = f"sqlite:///{tmp_path / 'record.db'}"
    with Corpus.open(tmp_path / "home", database_url=url, embedder=embedder, writing=True) as corpus:
        corpus.add(staged([article("a1", "Zebras were seen.")], embedder))
    with Corpus.open(tmp_path / "home", database_url=url, embedder=embedder, writing=False) as corpus:
        assert found(corpus, embedder, "zebras") == {"a1"}
    assert json.dumps(sorted(path.name for path in tmp_path.iterdir())) == '["home", "record.db"]'
