from datetime import date, timedelta

import pytest

from ui.timeline import HEIGHT, MOST_BARS, draw

FIRST = date(2019, 1, 1)


@pytest.mark.parametrize(
    ("days", "step"), [(1, "day"), (MOST_BARS, "day"), (MOST_BARS + 1, "month"), (366 * 12, "year")]
)
def test_the_step_is_as_fine_as_fits(days: int, step: str):
    drawn = draw([(FIRST, "SANA", 1), (FIRST + timedelta(days=days - 1), "SANA", 1)])

    assert drawn.step == step


def test_a_bar_is_made_of_its_outlets_and_the_highest_fills_the_drawing():
    drawn = draw([(FIRST, "SANA", 3), (FIRST, "Press TV", 1), (FIRST + timedelta(1), "Press TV", 1)])

    first = drawn.bars[0]
    assert [(piece.outlet, piece.number) for piece in first.pieces] == [("SANA", 3), ("Press TV", 1)]
    assert sum(piece.height for piece in first.pieces) == HEIGHT
    assert drawn.outlets == (("SANA", 3), ("Press TV", 2))


def test_outlets_beyond_the_colours_are_one_and_nothing_is_lost():
    counts = [(FIRST, f"outlet {number}", 20 - number) for number in range(9)]

    drawn = draw(counts)

    assert [name for name, _ in drawn.outlets][-1] == "all others"
    assert sum(number for _, number in drawn.outlets) == sum(number for *_, number in counts)
    assert sum(piece.number for piece in drawn.bars[0].pieces) == drawn.bars[0].number


def test_days_without_articles_keep_their_room():
    drawn = draw([(FIRST, None, 1), (FIRST + timedelta(9), None, 1)])

    assert [bar.x for bar in drawn.bars] == [0, 864]


def test_no_dates_no_bars():
    assert draw([], undated=2).bars == ()
