import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language import Token, aliases, fold, names, numbers, same_word, skeleton, stem, tokens

UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def word(text: str) -> Token:
    [only] = tokens(text)
    return only


def spelled(value: int, joiner: str) -> str:
    """A whole number below a trillion as English writes it out."""
    for size, scale in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if value >= size:
            rest = f" {spelled(value % size, joiner)}" if value % size else ""
            return f"{spelled(value // size, joiner)} {scale}{rest}"
    if value >= 100:
        rest = f"{joiner}{spelled(value % 100, joiner)}" if value % 100 else ""
        return f"{UNITS[value // 100]} hundred{rest}"
    if value >= 20:
        return TENS[value // 10 - 2] + (f"-{UNITS[value % 10]}" if value % 10 else "")
    return UNITS[value]


# --- words ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The U.S. and US-led forces", ["The", "U.S.", "and", "US", "led", "forces"]),
        ("Café, “naïve”!", ["Café", "naïve"]),
        ("__ _ a_b", ["a_b"]),
        ("", []),
        ("… — ?", []),
    ],
)
def test_words_are_split(text: str, words: list[str]) -> None:
    assert [token.text for token in tokens(text)] == words


@given(st.text())
def test_a_token_stands_at_its_offsets(text: str) -> None:
    assert all(text[token.start : token.end] == token.text for token in tokens(text))


@pytest.mark.parametrize(
    ("one", "other"), [("killings", "killed"), ("Café", "cafe"), ("U.S.", "us"), ("villages", "Village")]
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@given(st.text())
def test_any_text_has_a_stem(text: str) -> None:
    assert isinstance(stem(text), str)


def test_folding_drops_case_accents_apostrophes_and_doubled_blanks() -> None:
    assert fold("Al-Ba’ath  CAFÉ\n") == "al-baath cafe"


# --- numbers ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", 20),
        ("twenty", 20),
        ("Twenty-one", 21),
        ("ninety nine", 99),
        ("2,000", 2000),
        ("1,234,567.5", 1_234_567.5),
        ("3.5", 3.5),
        ("1.5 million", 1_500_000),
        ("5bn", 5e9),
        ("a hundred", 100),
        ("a hundred thousand", 100_000),
        ("fifteen hundred", 1500),
        ("one hundred and five", 105),
        ("two hundred thousand", 200_000),
        ("three million two hundred thousand and six", 3_200_006),
        ("half a million", 500_000),
        ("a dozen", 12),
    ],
)
def test_a_quantity_has_one_value_however_it_is_written(text: str, value: float) -> None:
    assert [(number.value, text[number.start : number.end]) for number in numbers(text)] == [(value, text)]


@pytest.mark.parametrize(
    "text", ["dozens", "hundreds", "Thousands", "scores", "several hundred", "a few thousand"]
)
def test_a_vague_quantity_equals_no_other(text: str) -> None:
    [number] = numbers(text)
    assert math.isnan(number.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("between two and three people", [2, 3]),
        ("one or two", [1, 2]),
        ("twenty, thirty or forty", [20, 30, 40]),
        ("aged ten twenty years ago", [10, 20]),
        ("2019-01-20", [2019, 1, 20]),
        ("It won 3-0", [3, 0]),
    ],
)
def test_neighbouring_quantities_stay_apart(text: str, values: list[float]) -> None:
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize("text", ["often", "tenth", "someone", "weights", "B2B", "x1,5", "hundredfold", ""])
def test_a_part_of_a_word_is_no_quantity(text: str) -> None:
    assert numbers(text) == []


@given(st.integers(0, 10**12 - 1), st.sampled_from((" ", " and ")))
def test_a_number_spelled_out_reads_back(value: int, joiner: str) -> None:
    text = spelled(value, joiner)
    assert [(number.value, number.start, number.end) for number in numbers(text)] == [(value, 0, len(text))]


@given(st.integers(0, 10**12))
def test_a_number_in_digits_reads_back(value: int) -> None:
    assert [number.value for number in numbers(f"Some {value:,} people")] == [value]


@given(st.text(alphabet="0123456789,. -abcdehilmnoqrtuwxy"))
def test_quantities_stand_in_order_within_the_text(text: str) -> None:
    ends = [place for number in numbers(text) for place in (number.start, number.end)]
    assert ends == sorted(ends)
    assert all(0 <= place <= len(text) for place in ends)


# --- names ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The mayor met Antonio Guterres in Dayr al-Zawr.", ["Antonio Guterres", "Dayr al-Zawr"]),
        ("al-Baghuz al-Tahtani village", ["al-Baghuz al-Tahtani"]),
        ("On Friday, U.S. envoys left", ["U.S."]),
        ("The US said", ["US"]),
        ("Syria’s army", ["Syria"]),
        ("the mayor of Łódź met Željko Čović", ["Łódź", "Željko Čović"]),
        ("MNA/SANA", ["MNA", "SANA"]),
        ("the Ministry of Foreign Affairs", ["Ministry of Foreign Affairs"]),
        ("Jean-Claude Juncker and nobody", ["Jean-Claude Juncker"]),
        ("Who won the 2018 World Cup?", ["World Cup"]),
        ("nobody in particular", []),
        ("On Monday in May", []),
    ],
)
def test_names_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in names(text)] == found


@given(st.text(alphabet="AaBbé .-’'UuSofthe"))
def test_a_name_lies_in_the_text_and_begins_with_a_letter(text: str) -> None:
    for start, end in names(text):
        assert 0 <= start < end <= len(text)
        assert text[start].isalpha()


@pytest.mark.parametrize(
    ("name", "other"), [("U.S.", "washington"), ("Britain", "uk"), ("Daesh", "islamic state")]
)
def test_a_bearer_has_several_names(name: str, other: str) -> None:
    assert other in aliases(name)


def test_an_unknown_name_stands_for_itself_alone() -> None:
    assert aliases("Foo Bár") == {"foo bar"}


# --- one word, several forms and spellings ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("killed", "killing"),
        ("Syria", "Syrian"),
        ("Turkey", "Turkish"),
        ("Baghuz", "Baghouz"),
        ("Qalamoun", "Qelamun"),
    ],
)
def test_forms_and_spellings_are_one_word(one: str, other: str) -> None:
    assert same_word(word(one), word(other))
    assert same_word(word(other), word(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Iran", "Iraq"), ("Idlib", "Hama"), ("killed", "wounded"), ("Homs", "Hama"), ("polish", "Poland")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert not same_word(word(one), word(other))


@pytest.mark.parametrize(
    ("name", "kept"), [("Baghouz", "bgz"), ("Mohammed", "md"), ("Ézzor", "zr"), ("", "")]
)
def test_the_skeleton_keeps_the_consonants(name: str, kept: str) -> None:
    assert skeleton(name) == kept
