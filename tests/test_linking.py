from datetime import date

import numpy as np

from rag.index.linking import MOST_COMPARED, Linking, Links
from rag.index.signature import Signature
from tests.collection import article, news

DAY = date(2017, 4, 7).toordinal()
QUAKE = "An earthquake shook Kermanshah in western Iran; hundreds were injured as houses collapsed in Sarpol Zahab."
AGAIN = (
    "Rescuers dug through collapsed houses in Kermanshah after the earthquake that injured hundreds in Iran."
)
CUP = "France beat Croatia in Moscow to win the football cup before eighty thousand spectators."


def linked(texts: list[str], days: list[int] | None = None) -> Links:
    signatures = [Signature.of(article("a", text), lambda _word: None) for text in texts]
    linking = Linking(signatures, np.array(days or [DAY] * len(texts), np.int64))
    return linking.links(np.arange(len(texts)))


def likeness(links: Links) -> dict[tuple[int, int], float]:
    pairs = zip(links.one.tolist(), links.other.tolist(), strict=True)
    return dict(zip(pairs, links.likeness.tolist(), strict=True))


def test_reports_of_one_event_are_alike_and_others_are_not() -> None:
    found = likeness(linked([QUAKE, CUP, AGAIN]))
    assert list(found) == [(0, 2)]
    assert 0.2 < found[0, 2] < 1


def test_likeness_fades_with_the_days_between() -> None:
    same, month, years, unknown = (
        likeness(linked([QUAKE, AGAIN], [DAY, other]))[0, 1] for other in (DAY, DAY + 30, DAY + 2_000, 0)
    )
    assert same > month == unknown > years > 0.69 * same


def test_texts_that_are_nearly_the_same_are_copies_whenever_they_appeared() -> None:
    wire = news(1, sentences=20)
    found = linked([wire, wire.replace("Aleppo", "Homs", 1) + " AP", QUAKE], [DAY, DAY + 900, DAY])
    assert (found.one.tolist(), found.other.tolist(), found.copies.tolist()) == ([0], [1], [True])
    assert found.likeness[0] > 0.7


def test_a_text_that_was_cut_short_is_a_copy() -> None:
    wire = news(1, sentences=20)
    assert linked([wire, wire[: len(wire) // 2]]).copies.tolist() == [True]


def test_articles_without_words_are_like_nothing() -> None:
    assert linked(["…", "…", QUAKE]).one.size == 0
    assert linked([]).one.size == 0


def test_the_links_of_some_are_those_that_they_have_among_all() -> None:
    texts = [news(number, sentences=2) for number in range(30)]
    signatures = [Signature.of(article("a", text), lambda _word: None) for text in texts]
    linking = Linking(signatures, np.full(30, DAY))
    every = likeness(linking.links(np.arange(30)))
    some = likeness(linking.links(np.array([3, 7])))
    assert some == {pair: value for pair, value in every.items() if {3, 7} & set(pair)}


def test_an_article_is_compared_with_a_bounded_number() -> None:
    found = linked([f"{QUAKE} Report {number}." for number in range(3 * MOST_COMPARED)])
    degrees = np.bincount(np.concatenate([found.one, found.other]))
    assert degrees.min() >= MOST_COMPARED / 2
    assert found.one.size <= 3 * MOST_COMPARED * MOST_COMPARED
