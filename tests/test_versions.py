"""Former texts of an article: kept, found as of the days on which they stood, and readable by their hash."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from rag.chunking import split_passages
from rag.domain import Article, Filters
from rag.errors import ArticleNotFound
from rag.index.changes import Changes
from rag.index.corpus import Corpus
from rag.index.store import Store
from rag.index.tables import meta, versions
from tests.collection import SIZES, WordEmbedder, article, news, staged

FIRST, SECOND, THIRD = (
    "Twelve people were killed in Turku.",
    "Nine people were killed in Turku.",
    "Nobody was killed.",
)
PRINTED, CORRECTED = date(2019, 1, 20), date(2019, 1, 22)
SEEN_FIRST, SEEN_AGAIN, SEEN_LAST = date(2019, 2, 1), date(2019, 2, 5), date(2019, 2, 9)


class Diary:
    """A corpus that is written to on days of our choice."""

    def __init__(self, home: Path) -> None:
        self.embedder = WordEmbedder()
        self.home = home
        self.corpus = Corpus.open(home, embedder=self.embedder, writing=True)

    def put(
        self, text: str, seen: date, *, article_id: str = "a", published: date | None = PRINTED
    ) -> Article:
        one = article(article_id, text, published=published)
        self.corpus._changes = Changes(self.corpus._database, lambda: seen)
        self.corpus.add(staged([one], self.embedder))
        return one

    def found(self, as_of: date | None = None) -> dict[str, set[str]]:
        """The texts that each kind of search, and the list of articles, give as of a day."""
        filters, query = Filters(as_of=as_of), "people killed Turku Nobody"
        ids = {
            "words": [key for key, _ in self.corpus.matching(query, 9, filters)],
            "vectors": [key for key, _ in self.corpus.nearest(self.embedder.encode([query])[0], 9, filters)],
        }
        texts = {
            name: {owner.text for _, owner in self.corpus.passages(keys).values()}
            for name, keys in ids.items()
        }
        return {**texts, "articles": {one.text for one in self.corpus.articles(filters)}}


def everywhere(*texts: str) -> dict[str, set[str]]:
    return {name: set(texts) for name in ("words", "vectors", "articles")}


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    opened = Diary(tmp_path / "home")
    yield opened
    opened.corpus.close()


def test_a_correction_answers_and_the_former_text_can_still_be_read(diary: Diary) -> None:
    former, now = diary.put(FIRST, SEEN_FIRST), diary.put(SECOND, SEEN_AGAIN)
    assert diary.found() == everywhere(SECOND)
    assert diary.corpus.article("a") == diary.corpus.article("a", now.sha256) == now
    assert (
        diary.corpus.article("a", former.sha256)
        == diary.corpus.article("a", former.sha256[:8].upper())
        == former
    )
    assert diary.corpus.count() == 1


def test_without_a_date_of_its_own_a_correction_stands_from_the_day_it_was_seen(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST)
    diary.put(SECOND, SEEN_AGAIN)
    assert diary.found(date(2019, 1, 19)) == everywhere()
    assert diary.found(PRINTED) == diary.found(date(2019, 2, 4)) == everywhere(FIRST)
    assert diary.found(SEEN_AGAIN) == everywhere(SECOND)


def test_a_correction_that_is_dated_stands_from_that_day(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST)
    diary.put(SECOND, SEEN_AGAIN, published=CORRECTED)
    assert diary.found(date(2019, 1, 21)) == everywhere(FIRST)
    assert diary.found(CORRECTED) == everywhere(SECOND)


def test_an_undated_article_stands_from_ever_until_it_is_corrected(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST, published=None)
    diary.put(SECOND, SEEN_AGAIN, published=None)
    assert diary.found(date(1999, 1, 1)) == everywhere(FIRST)
    assert diary.found(SEEN_AGAIN) == everywhere(SECOND)


def test_versions_are_listed_with_their_days(diary: Diary) -> None:
    for text, seen in ((FIRST, SEEN_FIRST), (SECOND, SEEN_AGAIN), (THIRD, SEEN_LAST)):
        diary.put(text, seen)
    listed = [(one.number, one.seen, one.since, one.until) for one in diary.corpus.versions("a")]
    assert listed == [
        (1, SEEN_FIRST, PRINTED, SEEN_AGAIN),
        (2, SEEN_AGAIN, SEEN_AGAIN, SEEN_LAST),
        (3, SEEN_LAST, SEEN_LAST, None),
    ]


def test_a_text_that_comes_back_is_a_version_of_its_own(diary: Diary) -> None:
    for text, seen in ((FIRST, SEEN_FIRST), (SECOND, SEEN_AGAIN), (FIRST, SEEN_LAST)):
        diary.put(text, seen)
    assert [one.number for one in diary.corpus.versions("a")] == [1, 2, 3]
    assert [diary.found(day) for day in (PRINTED, SEEN_AGAIN, SEEN_LAST, None)] == [
        everywhere(text) for text in (FIRST, SECOND, FIRST, FIRST)
    ]


def test_other_metadata_of_the_same_text_is_no_version(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST, published=None)
    diary.put(FIRST, SEEN_AGAIN, published=PRINTED)
    [version] = diary.corpus.versions("a")
    assert (version.number, version.seen, version.since) == (1, SEEN_FIRST, PRINTED)
    assert diary.found(date(2019, 1, 19)) == everywhere()


def test_removing_an_article_removes_all_that_it_said(diary: Diary) -> None:
    former = diary.put(FIRST, SEEN_FIRST)
    diary.put(SECOND, SEEN_AGAIN)
    diary.corpus.remove(["a"])
    assert diary.found(PRINTED) == everywhere()
    for sha256 in (None, former.sha256):
        with pytest.raises(ArticleNotFound):
            diary.corpus.article("a", sha256)
    diary.put(THIRD, SEEN_LAST)
    assert [one.number for one in diary.corpus.versions("a")] == [1]


def test_what_is_unknown_is_named(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST)
    with pytest.raises(
        ArticleNotFound, match=r"no version of article 'a' has a SHA-256 that begins with '0000'"
    ):
        diary.corpus.article("a", "0000")
    with pytest.raises(ArticleNotFound, match="'b'"):
        diary.corpus.versions("b")


@pytest.mark.parametrize("embedder", [WordEmbedder(), WordEmbedder("other", 16)])
def test_reindexing_keeps_every_version(diary: Diary, embedder: WordEmbedder) -> None:
    diary.put(news(1), SEEN_FIRST, article_id="b")
    diary.put(FIRST, SEEN_FIRST)
    diary.put(SECOND, SEEN_AGAIN)
    before = diary.corpus.versions("a"), diary.corpus.versions("b")
    diary.corpus.rebuild(embedder, lambda one: split_passages(one, **SIZES), **SIZES)
    diary.embedder = embedder
    assert (diary.corpus.versions("a"), diary.corpus.versions("b")) == before
    assert FIRST in diary.found(PRINTED)["words"]
    assert SECOND not in diary.found(PRINTED)["articles"]
    notes = Store(diary.corpus._database).notes()
    assert (notes.articles, notes.former) == (2, 1)


def test_versions_outlive_a_reopening_and_the_indexes_are_not_built_anew(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST)
    diary.put(SECOND, SEEN_AGAIN)
    diary.corpus.close()
    folders = sorted(path.name for path in diary.home.glob("*/[0-9]"))
    diary.corpus = Corpus.open(diary.home, embedder=diary.embedder, writing=True)
    diary.put(THIRD, SEEN_LAST)
    assert diary.found(PRINTED) == everywhere(FIRST)
    assert sorted(path.name for path in diary.home.glob("*/[0-9]")) == folders


def test_the_first_version_of_an_earlier_releases_home_was_seen_on_no_known_day(diary: Diary) -> None:
    diary.put(FIRST, SEEN_FIRST)
    with diary.corpus._database.begin() as connection:
        connection.execute(delete(versions))
        connection.execute(update(meta).where(meta.c.name == "schema").values(value="1"))
    diary.corpus.close()
    diary.corpus = Corpus.open(diary.home, embedder=diary.embedder, writing=True)
    assert [(one.number, one.seen, one.since) for one in diary.corpus.versions("a")] == [(1, None, PRINTED)]
    diary.put(SECOND, SEEN_AGAIN)
    assert [one.seen for one in diary.corpus.versions("a")] == [None, SEEN_AGAIN]
    assert diary.found(PRINTED) == everywhere(FIRST)
