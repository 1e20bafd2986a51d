import pytest

from rag.answering.values import Amount, Day, Name, agree, amount, name, written
from rag.language import numbers, tokens


def first(text: str) -> Amount:
    return amount(text, numbers(text)[0])


def whole(text: str) -> Name:
    found = name(text, ())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("20 people", "twenty civilians", True),
        ("20 people", "23 people", False),
        ("at least 20 people", "23 people", True),
        ("at least 20 people", "18 people", False),
        ("more than 130 people", "at least 120 people", True),
        ("up to 30 people", "23 people", True),
        ("up to 30 people", "45 people", False),
        ("about 50 people", "53 people", True),
        ("about 50 people", "75 people", False),
        ("20 to 25 people", "23 people", True),
        ("between 20 and 25 people", "30 people", False),
        ("dozens of people", "34 people", True),
        ("dozens of people", "3 people", False),
        ("$1.65 billion", "1.65 billion dollars", True),
        ("$20", "20 people", False),
        ("20%", "20 per cent", True),
        ("1,204 people", "1,200 people", True),  # rounded
    ],
)
def test_amounts_agree_when_both_can_be_true(one: str, other: str, together: bool) -> None:
    assert agree(first(one), first(other)) is together
    assert agree(first(other), first(one)) is together


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2019-01-18", "2019-01", True),
        ("2019-01-18", "2019", True),
        ("2019-01-18", "2019-01-19", False),
        ("2019-01", "2018-01", False),
    ],
)
def test_days_agree_as_far_as_they_are_known(one: str, other: str, together: bool) -> None:
    assert agree(Day(one), Day(other)) is together


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("John Kerry", "Secretary of State John Kerry", True),
        ("Kerry", "John Kerry", True),
        ("J. Kerry", "John Kerry", True),
        ("Joe Biden", "Jill Biden", False),
        ("al-Baghuz", "al-Baghouz", True),
        ("al-Baghuz al-Tahtani", "al-Baghouz Foqani", False),
        ("Deir Ezzor", "Dayr al-Zawr", True),
        ("US", "United States", True),
        ("Hass", "Haas", True),
        ("National Basketball Association", "NBA", True),
        ("Facebook", "Apple", False),
    ],
)
def test_names_agree_when_neither_has_what_the_other_lacks(one: str, other: str, together: bool) -> None:
    assert agree(whole(one), whole(other)) is together
    assert agree(whole(other), whole(one)) is together


def test_values_of_different_kinds_never_agree() -> None:
    assert not agree(Day("2019"), Amount(2019, 2019))


def test_a_name_loses_what_the_question_gives() -> None:
    assert name("Oscar of Ann Wit", tokens("Who won the Oscar?")) == Name(("Ann", "Wit"))
    assert name("The Oscar", tokens("Who won the Oscar?")) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("He said at least 20 people died.", "at least 20 people"),
        ("It cost $1.65 billion in all.", "$1.65 billion"),
        ("Some 40% of them left.", "Some 40%"),
        ("There were 12 of them.", "12"),
    ],
)
def test_a_number_is_shown_with_its_bounds_and_what_it_counts(text: str, shown: str) -> None:
    start, end = written(text, numbers(text)[0])
    assert text[start:end] == shown
