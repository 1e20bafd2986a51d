import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.names import name_words, other_names, patterns, sounds

SAME = [
    ("Deir ez-Zor", "Dayr al-Zawr"),
    ("Deir Ezzor", "Deir ez-Zor"),
    ("Baghouz", "Baghuz"),
    ("Bajil", "Badjil"),
    ("Isfahan", "Esfahān"),
    ("Pyatigorsk", "Pjatigorsk"),
    ("Khanty-Mansiysk", "Chanty-Mansijsk"),
    ("Sar-e Pol", "Saripol"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_share_a_sound(one: str, other: str) -> None:
    assert sounds(one) & sounds(other)


@pytest.mark.parametrize(("one", "other"), [("Raqqa", "ar-Raqqah"), ("Homs", "Hums"), ("Idlib", "Edlib")])
def test_spellings_of_a_short_name_share_a_pattern(one: str, other: str) -> None:
    assert patterns(one) & patterns(other)


@pytest.mark.parametrize(("one", "other"), [("Aleppo", "Idlib"), ("Mosul", "Moscow"), ("Baghdad", "Baghouz")])
def test_other_names_share_neither(one: str, other: str) -> None:
    assert not sounds(one) & sounds(other)
    assert not patterns(one) & patterns(other)


def test_the_parts_of_a_name_count_alone_and_two_together():
    assert list(name_words("fighting in Deir ez-Zor and Abu Kamal")) == [
        "Deir",
        "Zor",
        "Deir ez-Zor",
        "Abu",
        "Kamal",
        "Abu Kamal",
    ]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("How did Daesh react?", "Islamic State"),
        ("How did the Islamic State react?", "ISIL"),
        ("How did IS react?", "Daesh"),
        ("What did the World Health Organization say?", "WHO"),
        ("What did the YPG do?", "People's Protection Units"),
    ],
)
def test_a_body_has_its_other_names(text: str, other: str) -> None:
    assert other in other_names(text)


def test_abbreviations_count_in_capitals_only():
    assert other_names("who is it and who sent it?") == []


@given(st.text(max_size=30))
def test_any_text_has_forms_of_plain_letters(text: str) -> None:
    for form in sounds(text) | patterns(text):
        assert form.isascii()
        assert form.isalpha()
