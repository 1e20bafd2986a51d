import numpy as np

from rag.index.signature import LEAD_WORDS, SKETCH, TITLE_COUNTS, UNRANKED, Signature
from tests.collection import article, news


def unknown(_word: str) -> None:
    """The rank of a word in a vocabulary that has none."""


def signed(text: str, **fields: object) -> Signature:
    return Signature.of(article("a", text, **fields), unknown)


def shared(one: Signature, other: Signature) -> float:
    return float(np.mean(one.sketch == other.sketch))


def test_what_is_stored_comes_back() -> None:
    one = Signature.of(article("a", news(1), title="Report 1"), {"report": 7}.get)
    again = Signature.from_bytes(one.to_bytes())
    for field in ("words", "ranks", "counts", "sketch"):
        assert np.array_equal(getattr(again, field), getattr(one, field))
    assert again.shingles == one.shingles


def test_a_word_of_the_headline_counts_three_times_and_one_that_says_nothing_not_at_all() -> None:
    counts = signed("The bridge of the city fell.", title="Bridge").counts.tolist()
    assert sorted(counts) == [1, 1, 1 + TITLE_COUNTS]


def test_forms_of_one_word_are_one_and_the_commonest_form_ranks_it() -> None:
    one = Signature.of(article("a", "Missiles. A missile."), {"missile": 30, "missiles": 90}.get)
    assert (one.ranks.tolist(), one.counts.tolist()) == ([30], [2])
    assert signed("Missiles.").ranks.tolist() == [UNRANKED]


def test_only_the_first_words_and_the_body_are_read() -> None:
    words = " ".join(f"w{number}" for number in range(2 * LEAD_WORDS))
    assert len(signed(words).words) == LEAD_WORDS
    assert len(signed("MNA bridge", body_start=4).words) == 1


def test_sketches_share_as_much_as_the_texts() -> None:
    whole = [f"w{number}" for number in range(400)]
    half = whole[:200] + [f"x{number}" for number in range(200)]
    one, same, other = signed(" ".join(whole)), signed(" ".join(whole)), signed(" ".join(half))
    assert shared(one, same) == 1.0
    assert 0.2 < shared(one, other) < 0.5  # a third
    assert shared(one, signed(news(3))) < 0.1


def test_a_text_of_few_words_and_one_of_none_have_a_sketch() -> None:
    assert signed("Two words").shingles == 1
    assert (signed("…").shingles, len(signed("…").sketch)) == (0, SKETCH)
