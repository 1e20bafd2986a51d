import random

import pytest

from eval.statistics import difference, estimate


def test_an_estimate_is_the_mean_within_its_interval():
    found = estimate([1.0, 0.0, 1.0, None, 1.0])

    assert found is not None
    assert (found.value, found.n) == (0.75, 4)
    assert found.low < found.value < found.high


def test_equal_scores_have_no_width():
    found = estimate([1.0] * 5)

    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)


def test_without_a_number_there_is_no_estimate():
    assert estimate([None, None]) is None
    assert estimate([]) is None


def test_the_interval_is_as_wide_as_the_normal_one_on_many_scores():
    scores = [float(n % 2) for n in range(400)]

    found = estimate(scores)

    assert found is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.1)


def test_the_same_scores_give_the_same_figures():
    scores = [random.Random(7).random() for _ in range(50)]

    assert estimate(scores) == estimate(list(scores))


def test_runs_that_are_alike_do_not_differ():
    scores = [1.0, 0.0, 1.0, None]

    found = difference(scores, scores)

    assert found is not None
    assert (found.value, found.p, found.n) == (0.0, 1.0, 3)


def test_a_fall_on_every_question_is_no_chance():
    found = difference([1.0] * 20, [0.0] * 20)

    assert found is not None
    assert found.value == -1.0
    assert found.p < 0.001


def test_the_test_agrees_with_counting_all_swaps():
    # Three questions fell and one rose: of the 2^4 ways to swap them, 10 give a difference at least as large.
    found = difference([1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0])

    assert found is not None
    assert found.p == pytest.approx(10 / 16, abs=0.02)


def test_a_number_that_only_one_run_has_counts_on_its_side():
    found = difference([1.0, None, 1.0], [1.0, 0.0, 1.0])

    assert found is not None
    assert found.value == pytest.approx(2 / 3 - 1, abs=1e-4)
    assert found.n == 3


def test_a_run_without_any_number_cannot_be_compared():
    assert difference([None, None], [1.0, 0.0]) is None
    assert difference([], []) is None


def test_runs_on_other_questions_are_not_paired():
    with pytest.raises(ValueError, match="argument 2"):
        difference([1.0], [1.0, 0.0])
