import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.lexicon import Lexicon
from rag.language import tokens

WORDS = "killed died wounded bridge span hospital clinic Baghuz Baghouz minister the 20".split()


def related(lexicon: Lexicon, wanted: str, present: str) -> list[float]:
    return [float(value) for value in lexicon.matcher(tokens(wanted)).relatedness(tokens(present))]


def kin(lexicon: Lexicon, wanted: str, present: str) -> list[float]:
    return [float(value) for value in lexicon.matcher(tokens(wanted)).kinship(tokens(present))]


@pytest.mark.parametrize(
    ("wanted", "present"),
    [("killed", "kills"), ("hospital", "Hospitals"), ("Baghuz", "Baghouz"), ("Syria", "Syrian")],
)
def test_a_form_or_spelling_of_a_word_stands_for_it_fully(
    wanted: str, present: str, lexicon: Lexicon
) -> None:
    there = f"nothing but {present} here"
    assert related(lexicon, wanted, there) == kin(lexicon, wanted, there) == [1.0]


@pytest.mark.parametrize(("wanted", "present"), [("bridge", "span"), ("begin", "start"), ("buy", "purchase")])
def test_a_synonym_stands_for_a_word_nearly(wanted: str, present: str, lexicon: Lexicon) -> None:
    [found] = kin(lexicon, wanted, present)
    assert 0.5 < found < 1


def test_words_used_alike_are_related_but_no_kin(lexicon: Lexicon) -> None:
    assert kin(lexicon, "Monday", "Tuesday") == [0.0]
    assert related(lexicon, "Monday", "Tuesday")[0] > 0


def test_words_that_have_nothing_in_common_are_not_related(lexicon: Lexicon) -> None:
    assert related(lexicon, "hospital", "football and rain") == [0.0]


@pytest.mark.parametrize(("wanted", "present", "values"), [("", "one two", []), ("one two", "", [0.0, 0.0])])
def test_without_words_nothing_is_related(
    wanted: str, present: str, values: list[float], lexicon: Lexicon
) -> None:
    assert related(lexicon, wanted, present) == kin(lexicon, wanted, present) == values


@given(st.lists(st.sampled_from(WORDS), max_size=4), st.lists(st.sampled_from(WORDS), max_size=6))
def test_relatedness_is_a_share_and_at_least_the_kinship(
    lexicon: Lexicon, wanted: list[str], present: list[str]
) -> None:
    pairs = zip(
        kin(lexicon, " ".join(wanted), " ".join(present)),
        related(lexicon, " ".join(wanted), " ".join(present)),
        wanted,
        strict=True,
    )
    assert all(0 <= low <= high <= 1 for low, high, _ in pairs)


def test_a_matcher_gives_the_same_whatever_it_met_before(lexicon: Lexicon) -> None:
    matcher = lexicon.matcher(tokens("killed bridge"))
    fresh = matcher.relatedness(tokens("wounded")).tolist()
    matcher.relatedness(tokens("killed near the span"))
    assert matcher.relatedness(tokens("wounded")).tolist() == fresh


def test_more_words_never_make_a_word_less_related(lexicon: Lexicon) -> None:
    matcher = lexicon.matcher(tokens("killed bridge"))
    few, more = matcher.relatedness(tokens("wounded")), matcher.relatedness(tokens("wounded near the span"))
    assert (more >= few).all()


def test_a_name_is_rarer_than_a_common_word(lexicon: Lexicon) -> None:
    rarity = [lexicon.rarity(word) for word in tokens("the bridge Baghouz")]
    assert rarity == sorted(rarity)
    assert rarity[0] < rarity[-1] == 1.0


def test_texts_are_embedded_as_the_static_model_embeds_them(lexicon: Lexicon) -> None:
    vectors = lexicon.embed(["A bridge fell.", "The bridge collapsed.", "Rates rose."])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
