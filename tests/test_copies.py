import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.copies import SHINGLE, collapse, shingles
from tests.reading import hit

WIRE = (
    "Twenty civilians were killed on Friday when warplanes struck a village in the east of the country, local "
    "sources said. The wounded were taken to a hospital in the nearest town, where doctors asked for blood."
)
EDITED = WIRE.replace("Twenty", "20").replace("local sources said", "according to local sources")
OWN_WORDS = (
    "An air strike on an eastern village left at least twenty people dead on Friday, residents told reporters. "
    "A hospital nearby appealed for blood donations as the injured arrived."
)


def found(*texts: str, limit: int = 10) -> list[tuple[str, tuple[str, ...]]]:
    """What is kept of articles "0", "1", …, each with the ids of its copies."""
    hits = [hit(str(number), text) for number, text in enumerate(texts)]
    return [(kept.article.id, kept.copies) for kept in collapse(hits, limit)]


@pytest.mark.parametrize(
    "copy", [WIRE, EDITED, WIRE.upper(), f"By our staff. {WIRE}", WIRE[: len(WIRE) // 2]]
)
def test_a_copy_stands_behind_the_better_passage(copy: str) -> None:
    assert found(WIRE, copy) == [("0", ("1",))]


def test_a_report_in_other_words_is_kept() -> None:
    assert found(WIRE, OWN_WORDS) == [("0", ()), ("1", ())]


def test_the_limit_counts_different_passages() -> None:
    assert found(WIRE, EDITED, OWN_WORDS, "A third matter.", limit=2) == [("0", ("1",)), ("2", ())]


def test_copies_are_named_also_below_the_limit() -> None:
    assert found(WIRE, OWN_WORDS, EDITED, limit=1) == [("0", ("2",))]


def test_another_passage_of_the_same_article_is_no_copy() -> None:
    one, other = hit("a", WIRE), hit("a", WIRE)
    [kept] = collapse([one, other], 5)
    assert kept.copies == ()


def test_an_article_is_named_once_as_a_copy() -> None:
    [kept] = collapse([hit("a", WIRE), hit("b", WIRE), hit("b", EDITED)], 5)
    assert kept.copies == ("b",)


@pytest.mark.parametrize("text", ["", "One.", "One two three four"])
def test_a_text_shorter_than_a_shingle_is_one(text: str) -> None:
    assert len(shingles(text)) == 1


@given(st.lists(st.sampled_from("killed village friday hospital town".split()), max_size=30))
def test_a_text_has_at_most_one_shingle_a_word(words: list[str]) -> None:
    assert len(shingles(" ".join(words))) <= max(1, len(words) - SHINGLE + 1)


@given(
    st.lists(st.sampled_from((WIRE, EDITED, OWN_WORDS, "A third matter.", "")), max_size=8), st.integers(0, 4)
)
def test_the_best_passages_are_kept_in_order(texts: list[str], limit: int) -> None:
    kept = found(*texts, limit=limit)
    places = [int(key) for key, _ in kept]
    assert len(kept) <= limit
    assert places == sorted(places)
    copies = [copy for _, others in kept for copy in others]
    assert len({*copies, *(key for key, _ in kept)}) == len(copies) + len(kept)
