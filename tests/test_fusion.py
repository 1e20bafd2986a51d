import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.fusion import K, fuse, ranks

KEYS = st.lists(st.sampled_from("abcdefgh"), unique=True)
RANKINGS = st.lists(st.tuples(st.floats(0.1, 2), KEYS.map(ranks)), max_size=4)


def test_ranks_count_from_one() -> None:
    assert ranks(["x", "y"]) == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("rankings", "order"),
    [
        ([(1.0, "ab"), (1.0, "bc")], "bac"),
        ([(1.0, "ab"), (1.0, "ba")], "ab"),
        ([(1.0, "ab"), (2.0, "ba")], "ba"),
        ([(1.0, "cab")], "cab"),
        ([(1.0, ""), (1.0, "z")], "z"),
        ([], ""),
    ],
)
def test_what_several_rankings_place_high_comes_first(rankings: list[tuple[float, str]], order: str) -> None:
    assert "".join(fuse([(weight, ranks(keys)) for weight, keys in rankings])) == order


def test_a_score_is_the_sum_of_weights_over_damped_ranks() -> None:
    assert fuse([(1.0, {"a": 1}), (0.5, {"a": 3})]) == {"a": 1.0 / (K + 1) + 0.5 / (K + 3)}


def test_items_may_share_a_rank() -> None:
    assert list(fuse([(1.0, {"b": 1, "a": 1, "c": 2})])) == ["a", "b", "c"]


@given(RANKINGS)
def test_every_item_of_every_ranking_is_kept_best_first(rankings: list[tuple[float, dict[str, int]]]) -> None:
    fused = fuse(rankings)
    assert fused.keys() == {key for _, places in rankings for key in places}
    assert list(fused.items()) == sorted(fused.items(), key=lambda item: (-item[1], item[0]))


@given(KEYS, st.floats(0.1, 2))
def test_one_ranking_keeps_its_order(keys: list[str], weight: float) -> None:
    assert list(fuse([(weight, ranks(keys))])) == keys


@given(RANKINGS, KEYS)
def test_another_ranking_lowers_no_score(
    rankings: list[tuple[float, dict[str, int]]], keys: list[str]
) -> None:
    before, after = fuse(rankings), fuse([*rankings, (1.0, ranks(keys))])
    assert all(after[key] >= score for key, score in before.items())
    assert all(after[key] > before.get(key, 0) for key in keys)
