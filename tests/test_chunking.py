from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import split_passages, split_sentences
from rag.domain import Article, Passage

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))


def article(text: str, body_start: int = 0) -> Article:
    return Article(id="a", text=text, sha256=sha256(text.encode()).hexdigest(), body_start=body_start)


def sentence(words: int, number: int = 0) -> str:
    return f"S{number}" + " word" * (words - 2) + " end."


def lengths(passages: list[Passage]) -> list[int]:
    return [len(passage.text.split()) for passage in passages]


def test_a_short_article_is_one_passage() -> None:
    (passage,) = split_passages(article(" He left. She stayed.\n"), words=180, overlap=1)
    assert (passage.text, passage.start, passage.end) == ("He left. She stayed.", 1, 21)


def test_ids_name_the_article_its_text_and_the_number() -> None:
    passages = split_passages(article(" ".join(sentence(10, n) for n in range(9))), words=20, overlap=0)
    digest = sha256(" ".join(sentence(10, n) for n in range(9)).encode()).hexdigest()
    assert [p.id for p in passages] == [f"a:{digest[:12]}:{n}" for n in range(len(passages))]


def test_passages_fill_up_to_the_size_asked_for() -> None:
    text = " ".join(sentence(10, n) for n in range(100))
    assert lengths(split_passages(article(text), words=100, overlap=0)) == [100] * 10


def test_neighbours_share_the_sentences_asked_for() -> None:
    text = " ".join(sentence(10, n) for n in range(40))
    for before, after in pairwise(split_passages(article(text), words=100, overlap=2)):
        shared = text[after.start : before.end]
        assert len(split_sentences(shared)) == 2


def test_a_long_sentence_is_not_repeated_when_it_would_fill_half_a_passage() -> None:
    text = " ".join(sentence(60, n) for n in range(4))
    assert lengths(split_passages(article(text), words=100, overlap=1)) == [60] * 4


def test_a_scrap_at_the_end_joins_the_passage_before() -> None:
    text = " ".join(sentence(10, n) for n in range(12))
    assert lengths(split_passages(article(text), words=100, overlap=0)) == [120]
    text = " ".join(sentence(10, n) for n in range(13))
    assert lengths(split_passages(article(text), words=100, overlap=0)) == [100, 30]


def test_the_header_before_the_body_belongs_to_no_passage() -> None:
    (passage,) = split_passages(article(" date 2019-01-20 The ministry spoke.", 17), words=180, overlap=1)
    assert passage.text == "The ministry spoke."


@pytest.mark.parametrize("text", ["", " \n\n ", "header"])
def test_an_empty_body_has_no_passages(text: str) -> None:
    assert split_passages(article(text, len(text)), words=180, overlap=1) == []


def test_text_without_spaces_between_words_is_parted_by_length() -> None:
    passages = split_passages(article("他说我们走。" * 1000), words=180, overlap=1)
    assert all(len(passage.text) <= 180 * 10 * 5 // 4 for passage in passages)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_the_seeds_come_apart_at_whole_sentences(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    borders = {at for span in split_sentences(text) for at in span}
    passages = split_passages(article(text), words=180, overlap=1)
    assert len(passages) > 1
    assert all({passage.start, passage.end} <= borders for passage in passages)


PIECES = st.lists(
    st.sampled_from([*'aB1.?!。”" \n', "He left. ", "U.S. ", "\n\n", "word " * 30, sentence(12) + " "])
    | st.text(max_size=20),
    max_size=60,
).map("".join)


@given(PIECES, st.integers(20, 200), st.integers(0, 5), st.integers(0, 30))
def test_passages_quote_the_text_cover_the_body_and_move_on(
    text: str, words: int, overlap: int, body_start: int
) -> None:
    source = article(text, min(body_start, len(text)))
    passages = split_passages(source, words=words, overlap=overlap)
    assert all(text[p.start : p.end] == p.text != "" for p in passages)
    assert all(p.start >= source.body_start for p in passages)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(passages))
    covered = {at for p in passages for at in range(p.start, p.end)}
    assert all(at in covered or text[at].isspace() for at in range(source.body_start, len(text)))


@given(PIECES, st.integers(20, 200), st.integers(0, 5))
def test_a_passage_outgrows_its_size_only_by_a_scrap_or_one_sentence(
    text: str, words: int, overlap: int
) -> None:
    for passage in split_passages(article(text), words=words, overlap=overlap):
        longest = max(len(passage.text[a:b].split()) for a, b in split_sentences(passage.text))
        assert len(passage.text.split()) <= max(words * 5 / 4, words / 2 + longest, longest + words / 4)


@given(PIECES, st.integers(20, 200))
def test_the_same_text_gives_the_same_passages(text: str, words: int) -> None:
    first, again = (split_passages(article(text), words=words, overlap=1) for _ in range(2))
    assert first == again


def test_a_passage_of_one_sentence_is_not_begun_again_by_the_next() -> None:
    text = "Five words stand right here. " + "word " * 18 + "end."

    first, second = split_passages(article(text), words=20, overlap=1)

    assert second.start >= first.end
