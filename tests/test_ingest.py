import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rag.ingest
from rag.domain import Filters
from rag.errors import EmbedderMismatch, EmbeddingError, UsageError
from rag.index.corpus import Corpus
from rag.ingest import Duplicate, IngestReport, Progress, ingest, reindex
from tests.collection import LIMITS, SIZES, WordEmbedder, everything, news, rows, write_rows

T1 = "Twenty civilians were killed in Marea on Friday. The village was shelled."
T2 = "The parliament voted on the budget. Nobody was hurt."
T3 = "A dam broke in the north. Three villages were flooded."
T4 = "The bank raised its rates. Markets fell."


class Desk:
    """A home, and what is done with it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.embedder = WordEmbedder()

    def ingest(self, *paths: Path, **options: Any) -> IngestReport:
        with Corpus.open(self.home, embedder=self.embedder, writing=True) as corpus:
            return ingest(paths, corpus, self.embedder, **{**SIZES, **LIMITS, **options})

    def remove(self, *ids: str) -> None:
        with Corpus.open(self.home, embedder=self.embedder, writing=True) as corpus:
            corpus.remove(ids)

    def texts(self) -> dict[str, str]:
        with Corpus.open(self.home, embedder=self.embedder, writing=False) as corpus:
            return {one.id: one.text for one in corpus.articles()}

    def contents(self) -> dict[str, Any]:
        with Corpus.open(self.home, embedder=self.embedder, writing=False) as corpus:
            return everything(corpus, self.embedder)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "news"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def outline(
    report: IngestReport,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[str], list[str]]:
    """Added, updated, unchanged, and what duplicates what, and which files failed."""
    copies = [f"{Path(copy.name).name} = {copy.of}" for copy in report.duplicates]
    failures = [Path(failure.name).name for failure in report.failures]
    return report.added, report.updated, report.unchanged, copies, failures


# -- what a run does with files ---------------------------------------------------------------------------


def test_files_become_articles_that_are_found(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write_rows(folder / "wire" / "day.jsonl", rows(range(3)))
    report = desk.ingest(folder)
    assert outline(report) == (("001", "news-0", "news-1", "news-2"), (), (), [], [])
    with Corpus.open(desk.home, embedder=desk.embedder, writing=False) as corpus:
        (hit, _), *_ = corpus.matching("Who was killed in Marea?", 3)
        passage, owner = corpus.passages([hit])[hit]
        assert (owner.id, owner.text[passage.start : passage.end]) == ("001", passage.text)
        assert corpus.matching("people killed", 9, Filters(sources=("tass",)))


def test_a_second_ingest_reads_and_embeds_nothing(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "001.txt", T1)
    write_rows(folder / "day.jsonl", [*rows(range(3)), {"id": "copy", "text": T1}])
    first = desk.ingest(folder)
    encoded, before = len(desk.embedder.encoded), desk.contents()
    desk.embedder.encoded.clear()
    monkeypatch.setattr(rag.ingest, "load", lambda *_, **__: pytest.fail("a file was read"))
    second = desk.ingest(folder)
    assert first.embedded == first.passages == encoded > 0
    assert (second.embedded, second.passages, desk.embedder.encoded) == (0, 0, [])
    assert outline(second) == ((), (), first.added, ["day.jsonl, row 4 = 001"], [])
    assert desk.contents() == before


def test_a_touched_file_is_told_by_its_bytes(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "001.txt", T1)
    desk.ingest(folder)
    os.utime(path, ns=(0, 0))
    monkeypatch.setattr(rag.ingest, "load", lambda *_, **__: pytest.fail("a file was read"))
    assert outline(desk.ingest(folder)) == ((), (), ("001",), [], [])


def test_an_edit_that_keeps_size_and_time_is_noticed_in_a_young_file(desk: Desk, folder: Path) -> None:
    path = write(folder / "001.txt", T1)
    status = path.stat()
    desk.ingest(folder)
    path.write_text(T1.replace("Friday", "Monday"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert desk.ingest(folder).updated == ("001",)


def test_an_edited_file_updates_its_article(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write(folder / "002.txt", T2)
    desk.ingest(folder)
    write(folder / "001.txt", T3)
    report = desk.ingest(folder)
    assert outline(report) == ((), ("001",), ("002",), [], [])
    assert desk.texts() == {"001": T3, "002": T2}


def test_an_article_stays_when_its_file_goes(desk: Desk, folder: Path) -> None:
    path = write(folder / "001.txt", T1)
    write(folder / "002.txt", T2)
    desk.ingest(folder)
    path.unlink()
    desk.ingest(folder)
    assert desk.texts() == {"001": T1, "002": T2}


def test_a_removed_article_comes_back_when_its_file_is_ingested_again(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write(folder / "002.txt", T2)
    desk.ingest(folder)
    desk.remove("001")
    assert outline(desk.ingest(folder)) == (("001",), (), ("002",), [], [])


def test_new_rows_of_a_file_are_added_and_the_others_not_embedded_again(desk: Desk, folder: Path) -> None:
    path = write_rows(folder / "day.jsonl", rows(range(5)))
    desk.ingest(path)
    write_rows(path, rows(range(7)))
    report = desk.ingest(path)
    assert report.added == ("news-5", "news-6")
    assert len(report.unchanged) == 5
    assert (
        report.embedded
        == report.passages
        == sum(key.startswith(("news-5:", "news-6:")) for key in desk.contents()["passages"])
    )


def test_a_changed_source_is_an_update_that_embeds_nothing(desk: Desk, folder: Path) -> None:
    path = write_rows(folder / "day.jsonl", [{"id": "a", "text": T1, "source": "SANA"}])
    desk.ingest(path)
    write_rows(path, [{"id": "a", "text": T1, "source": "TASS"}])
    report = desk.ingest(path)
    assert (report.updated, report.embedded, report.passages) == (("a",), 0, 1)
    with Corpus.open(desk.home, embedder=desk.embedder, writing=False) as corpus:
        assert corpus.article("a").source == "TASS"
        assert corpus.nearest(desk.embedder.encode([T1])[0], 1)[0][1] == pytest.approx(1.0)


# -- copies -----------------------------------------------------------------------------------------------


def test_the_same_text_under_another_name_is_reported_not_indexed(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write(folder / "002.txt", T1)
    report = desk.ingest(folder)
    assert report.duplicates == (Duplicate(str(folder / "002.txt"), "001"),)
    assert desk.texts() == {"001": T1}
    assert desk.ingest(folder).duplicates == report.duplicates


def test_the_same_text_under_the_same_name_elsewhere_is_a_copy(desk: Desk, folder: Path) -> None:
    write(folder / "a" / "001.txt", T1)
    write(folder / "b" / "001.txt", T1)
    for _ in range(2):
        assert desk.ingest(folder).duplicates == (Duplicate(str(folder / "b" / "001.txt"), "001"),)
    assert desk.texts() == {"001": T1}


def test_a_copy_takes_over_when_the_article_it_copied_changes(desk: Desk, folder: Path) -> None:
    write(folder / "a.txt", T1)
    write(folder / "z.txt", T1)
    desk.ingest(folder)
    write(folder / "a.txt", T2)
    report = desk.ingest(folder)
    assert outline(report) == (("z",), ("a",), (), [], [])
    assert desk.texts() == {"a": T2, "z": T1}
    assert outline(desk.ingest(folder)) == ((), (), ("a", "z"), [], [])


def test_a_copy_ingested_before_takes_over_at_the_next_ingest(desk: Desk, folder: Path) -> None:
    write(folder / "one" / "a.txt", T1)
    write(folder / "two" / "z.txt", T1)
    desk.ingest(folder)
    write(folder / "one" / "a.txt", T2)
    desk.ingest(folder / "one")
    assert desk.ingest(folder / "two").added == ("z",)
    assert desk.texts() == {"a": T2, "z": T1}


def test_a_copy_comes_in_when_the_article_it_copied_was_removed(desk: Desk, folder: Path) -> None:
    write(folder / "a.txt", T1)
    write(folder / "z.txt", T1)
    desk.ingest(folder)
    desk.remove("a")
    desk.ingest(folder / "z.txt")
    assert desk.texts() == {"z": T1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([T1, T2, T3], [T4, T1, T2, T3]),
        ([T1, T2, T3], [T2, T3]),
        ([T1, T2, T3], [T3, T2, T1]),
        ([T1, T2, T3], [T2, T4]),
        ([T1, T2], [T2, T2]),
        ([T1, T2, T3], [T2, T1, T4, T3]),
    ],
    ids=["one before", "first gone", "reversed", "moved up and changed", "twice", "all about"],
)
def test_no_text_of_a_file_without_ids_is_lost_when_its_rows_move(
    desk: Desk, folder: Path, before: list[str], after: list[str]
) -> None:
    path = write_rows(folder / "day.jsonl", ({"text": text} for text in before))
    desk.ingest(path)
    write_rows(path, ({"text": text} for text in after))
    desk.ingest(path)
    texts = list(desk.texts().values())
    assert set(texts) >= set(after)
    assert len(texts) == len(set(texts))
    again = desk.ingest(path)
    assert (again.added, again.updated, again.embedded) == ((), (), 0)


# -- ids --------------------------------------------------------------------------------------------------


def test_files_of_one_name_are_different_articles(desk: Desk, folder: Path) -> None:
    for name, text in (("mon", T1), ("tue", T2), ("wed/am", T3), ("wed/pm", T4)):
        write(folder / name / "001.txt", text)
    report = desk.ingest(folder)
    assert report.added == ("001", "tue/001", "am/001", "pm/001")
    assert outline(desk.ingest(folder)) == ((), (), report.added, [], [])
    assert sorted(desk.texts().values()) == sorted([T1, T2, T3, T4])


def test_a_file_keeps_the_id_it_got(desk: Desk, folder: Path) -> None:
    write(folder / "mon" / "001.txt", T1)
    write(folder / "tue" / "001.txt", T2)
    desk.ingest(folder)
    desk.remove("001")
    write(folder / "tue" / "001.txt", T3)
    assert desk.ingest(folder / "tue").updated == ("tue/001",)
    assert desk.ingest(folder / "mon").added == ("001",)
    write(folder / "mon" / "001.txt", T4)
    assert desk.ingest(folder).updated == ("001",)
    assert desk.texts() == {"001": T4, "tue/001": T3}


def test_two_files_that_began_as_one_text_part_when_one_is_edited(desk: Desk, folder: Path) -> None:
    write(folder / "mon" / "001.txt", T1)
    write(folder / "tue" / "001.txt", T1)
    desk.ingest(folder)
    write(folder / "tue" / "001.txt", T2)
    desk.ingest(folder / "tue")
    assert sorted(desk.texts().values()) == sorted([T1, T2])
    write(folder / "mon" / "001.txt", T3)
    desk.ingest(folder)
    assert {T2, T3} <= set(desk.texts().values())
    assert desk.ingest(folder).updated == ()


def test_a_name_alone_does_not_overwrite_an_article_of_an_earlier_run(desk: Desk, folder: Path) -> None:
    write(folder / "mon" / "001.txt", T1)
    desk.ingest(folder)
    (folder / "mon" / "001.txt").unlink()
    write(folder / "tue" / "001.txt", T2)
    assert desk.ingest(folder).added == ("tue/001",)
    assert sorted(desk.texts().values()) == sorted([T1, T2])


def test_a_moved_file_is_the_article_it_was(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    desk.ingest(folder)
    folder.rename(folder.with_name("moved"))
    report = desk.ingest(folder.with_name("moved"))
    assert (outline(report), report.embedded) == (((), (), ("001",), [], []), 0)


def test_a_later_dump_updates_the_articles_it_names(desk: Desk, folder: Path) -> None:
    desk.ingest(write_rows(folder / "mon.jsonl", [{"id": "x", "text": T1}, {"id": "y", "text": T2}]))
    report = desk.ingest(write_rows(folder / "tue.jsonl", [{"id": "x", "text": T3}]))
    assert report.updated == ("x",)
    assert desk.texts() == {"x": T3, "y": T2}


def test_one_id_for_two_texts_in_one_run_is_refused_and_stays_refused(desk: Desk, folder: Path) -> None:
    write_rows(folder / "mon.jsonl", [{"id": "x", "text": T1}])
    write_rows(folder / "tue.jsonl", [{"id": "x", "text": T2}, {"id": "y", "text": T3}])
    for added in (("x", "y"), ()):
        report = desk.ingest(folder)
        assert report.added == added
        (failure,) = report.failures
        assert failure.name == f"{folder / 'tue.jsonl'}, row 1"
        assert (
            failure.reason == f"its id 'x' is already that of another text, in {folder / 'mon.jsonl'}, row 1"
        )
        assert desk.texts() == {"x": T1, "y": T3}


def test_an_id_in_a_dump_does_not_overwrite_an_article_named_by_its_file(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    desk.ingest(folder)
    report = desk.ingest(write_rows(folder / "dump" / "day.jsonl", [{"id": "001", "text": T2}]))
    assert [str(folder / "001.txt") in failure.reason for failure in report.failures] == [True]
    assert desk.texts() == {"001": T1}


# -- failures ---------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_reported_and_nothing_else_is_lost(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write(folder / "empty.txt", "")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    write(
        folder / "day.jsonl",
        '{"id": "a", "text": "It rained in Homs."}\n{broken\n{"id": "b", "text": "It snowed."}\n',
    )
    for expected in (("001", "a", "b"), ()):
        report = desk.ingest(folder, folder / "absent")
        assert report.added == expected
        assert sorted(Path(failure.name).name for failure in report.failures) == [
            "absent",
            "binary.txt",
            "day.jsonl, row 2",
            "empty.txt",
        ]
        assert all(failure.reason and "\n" not in failure.reason for failure in report.failures)


def test_a_repaired_row_comes_in_at_the_next_ingest(desk: Desk, folder: Path) -> None:
    path = write(folder / "day.jsonl", '{"id": "a", "text": "It rained in Homs."}\n{broken\n')
    desk.ingest(path)
    write(path, '{"id": "a", "text": "It rained in Homs."}\n{"id": "b", "text": "It snowed."}\n')
    report = desk.ingest(path)
    assert outline(report) == (("b",), (), ("a",), [], [])


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a\ud800b", "text": f"{T1} \ud800\x00 end."},
        {"id": "a\x00b", "text": T1, "title": "\udfff", "source": "S\x00"},
        {"id": "x" * 5_000, "text": T1},
        {"id": 17, "text": T1},
    ],
    ids=["halves of surrogate pairs", "NUL", "a long id", "a number"],
)
def test_no_character_or_id_kills_a_batch(desk: Desk, folder: Path, row: dict[str, Any]) -> None:
    path = write_rows(folder / "day.jsonl", [row, {"id": "good", "text": T2}])
    report = desk.ingest(path)
    assert "good" in report.added
    assert len(report.added) + len(report.failures) == 2
    assert desk.ingest(path).embedded == 0


def test_a_file_whose_name_is_not_utf8_is_reported(desk: Desk, folder: Path) -> None:
    write(folder / "good.txt", T1)
    write(folder / os.fsdecode(b"bad\xff.txt"), T2)
    report = desk.ingest(folder)
    assert report.added == ("good",)
    assert len(report.failures) == 1


class Unreliable(WordEmbedder):
    """Fails from its third call on."""

    calls = 0

    def encode(self, texts: Any) -> Any:
        self.calls += 1
        if self.calls > 2:
            raise EmbeddingError("the endpoint is down")
        return super().encode(texts)


def test_an_embedding_model_that_fails_leaves_what_was_taken_in(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.ingest, "BATCH_PASSAGES", 10)
    for number in range(12):
        write(folder / f"{number:02}.txt", news(number))
    reference = Desk(desk.home.with_name("reference"))
    reference.ingest(folder)

    desk.embedder = Unreliable()
    with pytest.raises(EmbeddingError, match="endpoint is down"):
        desk.ingest(folder)
    taken = desk.texts()
    assert 0 < len(taken) < 12

    desk.embedder = WordEmbedder()
    report = desk.ingest(folder)
    assert len(report.added) == 12 - len(taken)
    assert desk.contents() == reference.contents()


def test_another_embedding_model_is_refused_before_a_file_is_read(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    desk.ingest(folder)
    desk.embedder = WordEmbedder("other")
    with pytest.raises(EmbedderMismatch):
        desk.ingest(folder)
    assert desk.embedder.encoded == []


def test_other_passage_sizes_are_refused_until_a_reindex(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    desk.ingest(folder)
    with pytest.raises(UsageError, match="reindex"):
        desk.ingest(folder, words=20)
    with Corpus.open(desk.home, embedder=desk.embedder, writing=True) as corpus:
        assert reindex(corpus, desk.embedder, words=20, overlap=1) == corpus.statistics().passages
    assert desk.ingest(folder, words=20).unchanged == ("001",)


# -- progress and order -----------------------------------------------------------------------------------


def test_progress_ends_with_everything(desk: Desk, folder: Path) -> None:
    write(folder / "001.txt", T1)
    write_rows(folder / "day.jsonl", rows(range(3)))
    told: list[Progress] = []
    report = desk.ingest(folder, progress=told.append)
    assert [step.path for step in told if step.path] == [folder / "001.txt", folder / "day.jsonl"]
    last = told[-1]
    assert (last.files, last.files_total, last.documents, last.passages) == (2, 2, 4, report.passages)


def test_the_order_of_files_does_not_matter(desk: Desk, folder: Path) -> None:
    for number in range(9):
        write(folder / f"{number}.txt", news(number))
    paths = [folder / f"{number}.txt" for number in range(9)]
    desk.ingest(*paths)
    other = Desk(desk.home.with_name("other"))
    other.ingest(*reversed(paths[4:]))
    other.ingest(folder)
    assert other.contents() == desk.contents()


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, size in (("BATCH_PASSAGES", 3), ("WINDOW_ITEMS", 2), ("WINDOW_CHARS", 500)):
        monkeypatch.setattr(rag.ingest, name, size)
    return None


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize(
    "check",
    [
        test_a_copy_takes_over_when_the_article_it_copied_changes,
        test_files_of_one_name_are_different_articles,
        test_one_id_for_two_texts_in_one_run_is_refused_and_stays_refused,
        test_what_cannot_be_read_is_reported_and_nothing_else_is_lost,
        test_the_same_text_under_another_name_is_reported_not_indexed,
    ],
    ids=lambda check: check.__name__,
)
def test_windows_and_batches_make_no_difference(check: Callable[..., None], desk: Desk, folder: Path) -> None:
    check(desk, folder)
