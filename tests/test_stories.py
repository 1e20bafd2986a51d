import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from rag.domain import Article, Filters, Story
from rag.errors import StorageError
from rag.index.changes import Changes
from rag.index.database import Database
from rag.index.stories import Stories
from rag.index.tables import meta, signatures, stories
from tests.collection import article

NO_FILTERS = Filters()
QUAKE = (
    "An earthquake shook Kermanshah in western Iran; hundreds were injured as houses collapsed in Sarpol Zahab.",
    "Rescuers dug through collapsed houses in Kermanshah after the earthquake that injured hundreds in Iran.",
    "Iran mourned the dead of the Kermanshah earthquake; tents were sent to Sarpol Zahab for injured families.",
)
CUP = (
    "France beat Croatia in Moscow to win the football cup before eighty thousand spectators at the Luzhniki.",
    "Croatia lost the football final in Moscow; France lifted the cup at the Luzhniki before spectators.",
)
BRIDGE = "The Vasa bridge in Turku collapsed; eleven workers fell into the river, the hospital said."


class Collection:
    """A record and the stories that are made of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.changes = Changes(database)
        self.stories = Stories(database)

    def put(self, *articles: Article) -> None:
        self.changes.stage([(one, (), np.zeros((0, 2), np.float32)) for one in articles])
        self.changes.promote()

    def told(self, filters: Filters = NO_FILTERS) -> list[set[str]]:
        self.stories.update()
        return [set(story.article_ids) for story in self.stories.listed(filters)]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    database = Database.in_folder(tmp_path, writing=True)
    assert database is not None
    yield Collection(database)
    database.close()


def quake(number: int, **fields: object) -> Article:
    known = {"title": "Earthquake in Kermanshah", "published": date(2017, 11, 13 + number), "source": "IRNA"}
    return article(f"quake-{number}", QUAKE[number], **{**known, **fields})


def cup(number: int) -> Article:
    return article(f"cup-{number}", CUP[number], published=date(2018, 7, 15), source="TASS")


def test_a_story_says_when_it_was_told_by_whom_and_in_which_articles(collection: Collection) -> None:
    collection.put(
        quake(2, source="ISNA"), article("bridge", BRIDGE), quake(0), quake(1, published=None, source=None)
    )
    collection.stories.update()
    assert collection.stories.listed(NO_FILTERS) == [
        Story(
            id=collection.stories.listed(NO_FILTERS)[0].id,
            title="Earthquake in Kermanshah",
            article_ids=("quake-0", "quake-2", "quake-1"),
            first=date(2017, 11, 13),
            last=date(2017, 11, 15),
            outlets=("IRNA", "ISNA"),
            size=3,
            copies=(),
        )
    ]


def test_the_latest_story_comes_first_and_pages_follow_one_another(collection: Collection) -> None:
    collection.put(quake(0), quake(1), cup(0), cup(1))
    assert collection.told() == [{"cup-0", "cup-1"}, {"quake-0", "quake-1"}]
    first, second = (collection.stories.listed(NO_FILTERS, limit=1, offset=offset) for offset in (0, 1))
    assert first + second == collection.stories.listed(NO_FILTERS)
    assert collection.stories.listed(NO_FILTERS, offset=2) == []


def test_near_copies_of_a_text_are_told_apart_from_other_reports(collection: Collection) -> None:
    wire = " ".join(QUAKE[:2])
    collection.put(
        quake(2), article("wire-1", wire + " (AP)", source="AP"), article("wire-2", wire, source="Mirror")
    )
    collection.stories.update()
    [story] = collection.stories.listed(NO_FILTERS)
    assert (story.size, story.copies) == (3, (("wire-1", "wire-2"),))


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(sources=("irna",)), [{"quake-0", "quake-1", "quake-2"}]),
        (Filters(since=date(2018, 1, 1)), [{"cup-0", "cup-1"}]),
        (Filters(until=date(2017, 11, 13)), [{"quake-0", "quake-1", "quake-2"}]),
        (Filters(as_of=date(2017, 11, 14)), [{"quake-0", "quake-1"}]),
        (Filters(as_of=date(2017, 11, 13)), []),
        (Filters(sources=("Reuters",)), []),
    ],
)
def test_a_story_is_whole_when_one_article_passes_but_for_what_came_later(
    collection: Collection, filters: Filters, told: list[set[str]]
) -> None:
    collection.put(quake(0), quake(1), quake(2), cup(0), cup(1))
    assert collection.told(filters) == told


def test_articles_that_come_later_join_a_story_and_those_that_go_leave_it(collection: Collection) -> None:
    collection.put(quake(0), cup(0))
    assert collection.told() == []
    collection.put(quake(1))
    assert collection.told() == [{"quake-0", "quake-1"}]
    collection.put(quake(2), cup(1))
    assert collection.told() == [{"cup-0", "cup-1"}, {"quake-0", "quake-1", "quake-2"}]
    collection.changes.retire(["quake-0", "cup-1"])
    assert collection.told() == [{"quake-1", "quake-2"}]


def test_a_removed_article_is_in_no_story_even_before_the_update(collection: Collection) -> None:
    collection.put(quake(0), quake(1), quake(2))
    collection.stories.update()
    collection.changes.retire(["quake-1"])
    assert [story.article_ids for story in collection.stories.listed(NO_FILTERS)] == [("quake-0", "quake-2")]


def test_an_update_of_an_article_moves_it_to_the_story_it_now_tells(collection: Collection) -> None:
    collection.put(quake(0), quake(1), quake(2), cup(0))
    assert collection.told() == [{"quake-0", "quake-1", "quake-2"}]
    collection.put(article("quake-1", CUP[1], published=date(2018, 7, 15)))
    assert collection.told() == [{"cup-0", "quake-1"}, {"quake-0", "quake-2"}]


def test_the_order_of_arrival_makes_no_difference(tmp_path: Path) -> None:
    everything = [quake(0), quake(1), quake(2), cup(0), cup(1), article("bridge", BRIDGE)]
    outcomes = []
    for seed in range(4):
        chance = random.Random(seed)
        (tmp_path / str(seed)).mkdir()
        database = Database.in_folder(tmp_path / str(seed), writing=True)
        assert database is not None
        collection = Collection(database)
        order = chance.sample(everything, len(everything))
        while order:
            number = chance.randrange(1, 4)
            collection.put(*order[:number])
            collection.stories.update()
            order = order[number:]
        outcomes.append(collection.stories.listed(NO_FILTERS))
        database.close()
    assert outcomes[1:] == outcomes[:-1]


def test_what_an_interrupted_update_left_is_finished_by_the_next(collection: Collection) -> None:
    collection.put(quake(0), quake(1), cup(0), cup(1))
    collection.stories.update()
    expected = collection.stories.listed(NO_FILTERS)
    with collection.database.begin() as connection:  # signed, but neither linked nor grouped
        connection.execute(delete(stories))
        connection.execute(update(signatures).values(links=None))
        connection.execute(delete(meta).where(meta.c.name == "linked"))
    assert collection.told() and collection.stories.listed(NO_FILTERS) == expected


def test_an_update_without_news_writes_nothing(collection: Collection) -> None:
    collection.put(quake(0), quake(1))
    collection.stories.update()
    with collection.database.begin() as connection:
        connection.execute(update(stories).values(central=7.0))
    collection.stories.update()
    with collection.database.begin() as connection:
        assert set(connection.scalars(select(stories.c.central))) == {7.0}


def test_a_home_of_an_earlier_release_is_refused_for_reading_until_it_was_written_to(tmp_path: Path) -> None:
    database = Database.in_folder(tmp_path, writing=True)
    assert database is not None
    Collection(database).put(quake(0), quake(1))
    with database.begin() as connection:
        connection.execute(update(meta).where(meta.c.name == "schema").values(value="1"))
        stories.drop(connection)
        signatures.drop(connection)
    database.close()
    with pytest.raises(StorageError, match=r"earlier release of Dateline; run `dateline reindex` once"):
        Database.in_folder(tmp_path, writing=False)
    database = Database.in_folder(tmp_path, writing=True)
    assert database is not None
    assert Collection(database).told() == [{"quake-0", "quake-1"}]
    database.close()
