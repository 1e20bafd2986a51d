import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.domain import Filters, Passage
from rag.errors import ArticleNotFound, StorageError
from rag.index.changes import Changes
from rag.index.database import IN_LIMIT, Database
from rag.index.store import Store
from tests.collection import WordEmbedder, article, news, staged


class Record:
    """A database with both of its sides."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = Store(database)
        self.changes = Changes(database)

    def stage(self, *articles: Any) -> list[int]:
        return [entry.key for entry in self.changes.stage(staged(articles, WordEmbedder()))]

    def put(self, *articles: Any) -> list[int]:
        keys = self.stage(*articles)
        self.changes.promote()
        return keys

    def live(self) -> dict[str, str]:
        return {one.id: one.text for one in self.store.articles(Filters())}


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    database = Database.in_folder(tmp_path, writing=True)
    yield Record(database)
    database.close()


def test_staged_articles_are_not_seen_before_they_are_promoted(record: Record) -> None:
    keys = record.stage(article("a", news(1)))
    assert record.live() == {}
    assert record.store.ids_by_key(keys) == record.store.vectors_by_key(keys) == {}
    assert record.store.waiting() == (1, 0)
    record.changes.promote()
    assert record.live() == {"a": news(1)}
    assert list(record.store.ids_by_key(keys)) == keys
    assert record.store.waiting() == (0, 0)


def test_another_text_takes_the_place_of_the_former_one_when_it_is_promoted(record: Record) -> None:
    record.put(article("a", news(1)), article("b", news(2)))
    record.stage(article("a", news(3)))
    assert record.live() == {"a": news(1), "b": news(2)}
    record.changes.promote()
    assert record.live() == {"a": news(3), "b": news(2)}
    assert record.store.buried() == []


def test_other_metadata_of_the_same_text_leave_tombstones_of_the_former_passages(record: Record) -> None:
    former = record.put(article("a", news(1)), article("b", news(2)))
    kept = [key for key, name in record.store.ids_by_key(former).items() if name.startswith("b:")]
    record.put(article("a", news(1), title="Report 1"))
    assert record.store.buried() == sorted(set(former) - set(kept))
    record.changes.forget(record.store.buried())
    assert record.store.waiting() == (0, 0)


def test_keys_are_never_handed_out_twice(record: Record) -> None:
    first = record.put(article("a", news(1)))
    record.changes.retire(["a"])
    record.changes.forget(first)
    assert min(record.put(article("a", news(1)))) > max(first)


def test_counts_follow_every_change(record: Record) -> None:
    def counted() -> tuple[int, int]:
        notes = record.store.notes()
        passages = record.store.table(WordEmbedder().dimensions).ids if notes.size else []
        assert (notes.articles, notes.size + notes.former) == (len(record.live()), len(passages))
        return notes.articles, notes.size

    record.put(article("a", news(1)), article("b", news(2)))
    both = counted()
    record.put(article("a", "Short."))
    assert counted() == (2, both[1] // 2 + 1)
    assert record.store.notes().former == both[1] // 2
    record.changes.retire(["a", "b"])
    assert counted() == (0, 0)
    assert record.store.notes().former == 0


def test_each_change_that_search_can_see_has_a_revision_of_its_own(record: Record) -> None:
    revisions = [record.store.notes().revision]
    for change in (
        lambda: record.put(article("a", news(1))),
        lambda: record.put(article("a", news(2))),
        lambda: record.changes.retire(["a"]),
    ):
        change()
        revisions.append(record.store.notes().revision)
    assert sorted(set(revisions)) == revisions


def test_retiring_an_unknown_article_changes_nothing(record: Record) -> None:
    record.put(article("a", news(1)))
    with pytest.raises(ArticleNotFound):
        record.changes.retire(["a", "\udcff"])
    assert list(record.live()) == ["a"]


def test_what_a_reindex_staged_can_be_thrown_away(record: Record) -> None:
    record.put(article("a", news(1)))
    before = record.store.notes()
    record.changes.note(reindexing="yes")
    record.stage(article("a", news(1)), article("b", news(2)))
    record.changes.discard_pending()
    after = record.store.notes()
    assert record.live() == {"a": news(1)}
    assert (after.articles, after.size, after.reindexing) == (before.articles, before.size, None)


def test_what_a_reindex_staged_can_take_the_place_of_everything(record: Record) -> None:
    former = record.put(article("a", news(1)), article("b", news(2)))
    keys = record.stage(article("a", news(1)))
    record.changes.replace_all(embedder="other", reindexing=None)
    assert record.live() == {"a": news(1)}
    assert list(record.store.ids_by_key([*former, *keys])) == keys
    assert (record.store.notes().embedder, record.store.buried()) == ("other", [])


def test_more_ids_than_one_statement_may_hold_are_looked_up(record: Record) -> None:
    articles = [article(f"a{n}", f"Report {n}.") for n in range(IN_LIMIT + 5)]
    keys = record.put(*articles)
    assert record.store.articles_by_id(one.id for one in articles) == {one.id: one for one in articles}
    assert len(record.store.ids_by_key(keys)) == len(keys)
    assert len(record.store.ids_by_sha256(one.sha256 for one in articles)) == len(articles)
    record.changes.retire([one.id for one in articles])
    assert record.live() == {}


def test_passages_come_in_the_order_they_were_asked_for(record: Record) -> None:
    keys = record.put(article("a", news(1)), article("b", news(2)))
    ids = list(record.store.ids_by_key(keys).values())
    asked = [ids[3], "unknown", ids[0], ids[-1]]
    assert list(record.store.passages(asked)) == [ids[3], ids[0], ids[-1]]


def test_an_article_without_passages_is_kept(record: Record) -> None:
    record.changes.stage([(article("a", "?"), [], np.zeros((0, 4), np.float32))])
    record.changes.promote()
    assert record.live() == {"a": "?"}


def test_offsets_beyond_a_passages_own_text_do_not_matter(record: Record) -> None:
    """A passage's text is cut from the article's, not stored beside it."""
    one = article("a", "Twenty people were killed.")
    passage = Passage(id="p", article_id="a", start=7, end=13, text="something else")
    record.changes.stage([(one, [passage], np.ones((1, 4), np.float32))])
    record.changes.promote()
    assert record.store.passages(["p"])["p"][0].text == "people"


def test_the_span_and_the_sources_are_those_of_live_articles(record: Record) -> None:
    record.put(
        article("a", news(1), published=date(2017, 1, 2), source="TASS"),
        article("b", news(2), published=date(2017, 1, 5), source="SANA"),
        article("c", news(3), source="SANA"),
    )
    record.stage(article("d", news(4), published=date(2020, 1, 1), source="NEW"))
    assert record.store.span() == (date(2017, 1, 2), date(2017, 1, 5))
    assert list(record.store.sources().items()) == [("SANA", 2), ("TASS", 1)]


def test_a_failed_transaction_leaves_nothing(record: Record) -> None:
    batch = staged([article("a", news(1)), article("a", news(2))], WordEmbedder())
    with pytest.raises(StorageError, match=r"articles\.db"):
        record.changes.stage(batch)
    assert record.store.waiting() == (0, 0)
    record.put(article("a", news(1)))
    assert list(record.live()) == ["a"]


def test_writing_is_durable_before_it_is_reported(record: Record) -> None:
    with record.database.begin() as connection:
        modes = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    assert modes == ["wal", 2]


def test_messages_do_not_show_a_password(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as error:
        Database.open(f"sqlite://user:secret@/{tmp_path}/nowhere/x.db")
    assert "secret" not in str(error.value)


def test_a_read_only_record_cannot_be_changed(tmp_path: Path) -> None:
    Database.in_folder(tmp_path, writing=True).close()
    reader = Database.in_folder(tmp_path, writing=False)
    assert Store(reader).notes().articles == 0
    reader.close()
    assert sqlite3.connect(tmp_path / "articles.db").execute("SELECT count(*) FROM articles").fetchone() == (
        0,
    )
