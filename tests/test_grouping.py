import random

import pytest

from rag.index.grouping import JOINED_FROM, connected, grouped

FAR, NEAR = JOINED_FROM / 2, JOINED_FROM * 1.5


@pytest.mark.parametrize(
    ("pairs", "sets"),
    [
        ([], [[1], [2], [3], [4]]),
        ([(4, 2)], [[1], [2, 4], [3]]),
        ([(4, 3), (2, 1), (3, 2)], [[1, 2, 3, 4]]),
    ],
)
def test_what_pairs_hold_together(pairs: list[tuple[int, int]], sets: list[list[int]]) -> None:
    assert connected([3, 1, 4, 2], pairs) == sets


def test_only_what_is_alike_enough_is_joined() -> None:
    assert grouped([1, 2, 3], [(1, 2, NEAR), (2, 3, FAR)]) == [[1, 2], [3]]


def test_a_chain_does_not_hold_what_the_mean_does_not() -> None:
    chain = [(number, number + 1, NEAR) for number in range(1, 8)]
    assert max(map(len, grouped(range(1, 9), chain))) < 8
    assert grouped([1, 2, 3], [(1, 2, 0.9), (2, 3, NEAR)]) == [[1, 2], [3]]


def test_the_likest_are_joined_first() -> None:
    assert grouped([1, 2, 3], [(1, 2, NEAR), (2, 3, 0.9), (1, 3, 0.0)]) == [[1], [2, 3]]


def test_the_order_of_links_makes_no_difference() -> None:
    chance = random.Random(1)
    links = [
        (a, b, chance.randrange(1, 99) / 128) for a in range(30) for b in range(a) if chance.random() < 0.2
    ]
    expected = grouped(range(30), links)
    chance.shuffle(links)
    assert grouped(range(30), [(b, a, likeness) for a, b, likeness in links]) == expected


def test_a_group_as_large_as_its_links_allow_stays_whole() -> None:
    links = [(a, b, NEAR) for a in range(12) for b in range(a)]
    assert grouped(range(12), links) == [list(range(12))]
