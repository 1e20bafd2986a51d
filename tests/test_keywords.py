import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.domain import Filters
from rag.errors import StorageError
from rag.index.keywords import MAX_TERMS, TITLE_WEIGHT, Keywords
from rag.index.rows import Entry
from tests.collection import news

NO_VECTOR = np.zeros(0, np.float32)


def entry(
    key: int, text: str, *, title: str | None = None, published: date | None = None, source: str | None = None
) -> Entry:
    return Entry(key, text, title, published, source, NO_VECTOR)


@pytest.fixture(params=["on disk", "in memory"])
def keywords(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keywords]:
    index = Keywords(tmp_path / "keywords" if request.param == "on disk" else None)
    yield index
    index.close()


def filled(keywords: Keywords, texts: Sequence[str]) -> Keywords:
    keywords.add([entry(key, text) for key, text in enumerate(texts)])
    keywords.commit()
    return keywords


def keys(hits: Sequence[tuple[int, float]]) -> list[int]:
    return [key for key, _ in hits]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("bombing", "The bombings went on."),
        ("Who attacked the convoy?", "The convoys were hit."),
        ("Café", "A cafe in Homs."),
        ("NAIVE", "a naïve question"),
        ("ÜNÏON", "the union"),
        ("U.S. response", "The US said nothing; the U.S. did."),
        ("What did the US say?", "US troops left."),
        ("COVID-19", "Covid 19 spread."),
        ("1,200 people", "About 1,200 fled."),
        ("Who is who?", "Who's Who"),
        ("Дамаск", "Взрыв в Дамаск"),
    ],
)
def test_a_question_finds_the_words_of_a_passage(keywords: Keywords, question: str, text: str) -> None:
    filled(keywords, [text, "Something else entirely about weather."])
    assert keys(keywords.matching(question, 5, Filters())) == [0]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "?!",
        "the of and",
        'title:"x" AND (',
        "a:b^2 -c +d [1 TO 9] {x} ~ * /re/",
        "\udcff",
        "a\0b",
        "NOT",
        '"',
        "word " * 50_000,
        "x" * 100_000,
        "🎈",
    ],
)
def test_no_question_is_an_error(keywords: Keywords, question: str) -> None:
    filled(keywords, ["A balloon rose over Homs."])
    assert keywords.matching(question, 5, Filters()) == []


def test_a_long_question_is_searched_by_its_first_terms(keywords: Keywords) -> None:
    filled(keywords, ["zebra", "giraffe"])
    question = f"zebra {' '.join(f'w{n}' for n in range(MAX_TERMS))} giraffe"
    assert keys(keywords.matching(question, 5, Filters())) == [0]


def test_words_of_the_title_count_for_its_passages(keywords: Keywords) -> None:
    keywords.add(
        [entry(1, "Twenty died.", title="Strike on Idlib"), entry(2, "Twenty died.", title="Weather")]
    )
    keywords.commit()
    assert keys(keywords.matching("Idlib strike", 5, Filters())) == [1]


def bm25(
    texts: Sequence[Sequence[str]], terms: Sequence[str], *, k1: float = 1.2, b: float = 0.75
) -> list[float]:
    """The formula, written out."""
    average = sum(map(len, texts)) / len(texts)
    scores = [0.0] * len(texts)
    for term in terms:
        holding = sum(term in text for text in texts)
        idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for place, text in enumerate(texts):
            frequency = Counter(text)[term]
            scores[place] += idf * frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * len(text) / average))
    return scores


def test_scores_are_those_of_bm25(keywords: Keywords) -> None:
    texts = [
        news(number, sentences=1 + number % 2).lower().replace(",", "").replace(".", "")
        for number in range(40)
    ]
    titles = [f"number {number} aleppo" if number % 3 else "number" for number in range(40)]
    keywords.add(
        [entry(n, text, title=title) for n, (text, title) in enumerate(zip(texts, titles, strict=True))]
    )
    keywords.commit()
    terms = ["aleppo", "school", "17"]
    body = bm25([text.split() for text in texts], terms)
    head = bm25([title.split() for title in titles], terms)
    expected = {n: body[n] + TITLE_WEIGHT * head[n] for n in range(40) if body[n] + head[n]}
    found = dict(keywords.matching("Aleppo? School! 17", 40, Filters()))
    assert found == pytest.approx(expected, rel=1e-4)


def test_passages_that_tie_with_the_last_one_come_back_too(keywords: Keywords) -> None:
    filled(keywords, ["Twenty died in Homs."] * 30 + ["Rain."])
    assert len(keywords.matching("Homs", 3, Filters())) == 30


def test_filters_hold_inside_the_index(keywords: Keywords) -> None:
    days = {1: date(2017, 1, 1), 2: date(2017, 1, 2), 3: None, 4: date(2017, 1, 4)}
    keywords.add(
        [entry(key, "rain", published=day, source="sana" if key < 3 else None) for key, day in days.items()]
    )
    keywords.commit()
    cases = {
        Filters(since=date(2017, 1, 2)): {2, 4},
        Filters(until=date(2017, 1, 2)): {1, 2},
        Filters(as_of=date(2017, 1, 2)): {1, 2, 3},
        Filters(as_of=date(1, 1, 1)): {3},
        Filters(sources=("SANA",)): {1, 2},
        Filters(sources=("sana" * 30_000,)): set(),
    }
    assert {filters: set(keys(keywords.matching("rain", 9, filters))) for filters in cases} == cases


def test_filters_do_not_change_scores(keywords: Keywords) -> None:
    keywords.add([entry(key, news(key), published=date(2017, 1, key), source="sana") for key in range(1, 9)])
    keywords.commit()
    everywhere = Filters(since=date(2017, 1, 1), as_of=date(2018, 1, 1), sources=("sana",))
    unfiltered = dict(keywords.matching("people killed Aleppo", 9, Filters()))
    assert dict(keywords.matching("people killed Aleppo", 9, everywhere)) == pytest.approx(
        unfiltered, rel=1e-6
    )


def test_deleted_passages_are_gone_after_the_commit(keywords: Keywords) -> None:
    filled(keywords, ["zebra one", "zebra two"])
    keywords.delete([0, 99])
    keywords.commit()
    assert keys(keywords.matching("zebra", 9, Filters())) == [1]
    assert (keywords.count(), keywords.present([0, 1, 99])) == (1, {1})


def test_what_was_not_committed_is_not_there_later(tmp_path: Path) -> None:
    first = Keywords(tmp_path)
    first.add([entry(1, "zebra")])
    first.commit()
    first.add([entry(2, "zebra")])
    first.close()
    second = Keywords(tmp_path)
    assert second.present([1, 2]) == {1}
    second.close()


def test_a_reader_sees_what_another_writer_committed_after_a_reload(tmp_path: Path) -> None:
    writer, reader = Keywords(tmp_path), Keywords(tmp_path)
    writer.add([entry(1, "zebra")])
    writer.commit()
    reader.reload()
    assert reader.present([1]) == {1}
    writer.close()


def test_a_text_of_any_characters_is_indexed(keywords: Keywords) -> None:
    filled(keywords, ["\x01\x7f\u202e\ufeff zebra 🎈" + "z" * 70_000, ""])
    assert keys(keywords.matching("zebra", 9, Filters())) == [0]


def test_a_folder_that_holds_something_else_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match="keyword index"):
        Keywords(tmp_path)


# --- names and days ---


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("Deir ez-Zor", "Dayr al-Zawr"),
        ("Baghouz", "al-Baghuz"),
        ("Deash", "Daesh"),
        ("Daesh", "Islamic State"),
        ("ISIS", "Daesh"),
        ("Raqqah", "ar-Raqqa"),
        ("Severodonetsk", "Syeverodonets’k"),
    ],
)
def test_a_name_is_found_in_another_spelling(keywords: Keywords, asked: str, written: str) -> None:
    filled(keywords, ["Farmers in Homs sold wheat.", f"A convoy left for {written} at noon."])

    assert keys(keywords.matching(f"What happened in {asked}?", 5, Filters())) == [1]


@pytest.mark.parametrize(("asked", "other"), [("Baghouz", "Baghuz"), ("Daesh", "ISIS"), ("Raqqa", "Raqqah")])
def test_another_spelling_is_weaker_than_the_word_itself(keywords: Keywords, asked: str, other: str) -> None:
    filled(keywords, [f"A convoy left for {other} at noon.", f"A convoy left for {asked} at noon."])

    (first, exact), (second, variant) = keywords.matching(f"What about {asked}?", 5, Filters())

    assert (first, second) == (1, 0)
    assert exact > variant


def test_names_that_come_later_are_known(keywords: Keywords) -> None:
    filled(keywords, ["A convoy left for Homs."])
    assert keys(keywords.matching("Severodonetsk", 5, Filters())) == []

    keywords.add([entry(7, "A convoy left for Sievierodonetsk.")])
    keywords.commit()

    assert keys(keywords.matching("Severodonetsk", 5, Filters())) == [7]


def test_damage_that_the_spelling_of_a_name_comes_upon_is_told(
    keywords: Keywords, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise ValueError("Data corrupted")

    keywords.add([entry(0, "Shells fell on Severodonetsk.")])
    keywords.commit()
    monkeypatch.setattr(keywords._spellings, "near", damaged)

    with pytest.raises(StorageError, match="keyword index"):
        keywords.matching("Who holds Sievierodonetsk?", 5, Filters())


def test_passages_that_name_a_day_are_found_by_it(keywords: Keywords) -> None:
    published = date(2019, 1, 20)
    keywords.add(
        [
            entry(0, "Twenty people died on Friday.", published=published),
            entry(1, "Twenty people died on Monday.", published=published),
            entry(2, "Twenty people died on 18 January 2019."),
            entry(3, "Twenty people died on Friday."),
            entry(4, "Twenty people died in January 2019."),
        ]
    )
    keywords.commit()
    day = date(2019, 1, 18)

    assert set(keys(keywords.matching("What happened?", 9, Filters(), [(day, day)]))) == {0, 2}
