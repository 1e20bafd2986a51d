"""Marks in a model's draft."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.citations import DraftReader, DraftSentence, cite, read_draft
from rag.domain import Article, Hit, Passage

PASSAGES = 5


def marked(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.marks) for sentence in read_draft(text, passages=PASSAGES).sentences]


@pytest.mark.parametrize(
    ("draft", "marks"),
    [
        ("Twenty people died [1].", (1,)),
        ("Twenty people died. [1]", (1,)),
        ("Twenty people died.[1]", (1,)),
        ("Twenty people died [1][3].", (1, 3)),
        ("Twenty people died [1] [3].", (1, 3)),
        ("Twenty people died [1, 3].", (1, 3)),
        ("Twenty people died [1;3].", (1, 3)),
        ("Twenty people died [1 and 3].", (1, 3)),
        ("Twenty people died 【1】.", (1,)),
        ("Twenty people died【1†source】.", (1,)),
        ("Twenty people died [2-4].", (2, 3, 4)),
        ("Twenty people died [4–2].", (2, 3, 4)),
        ("Twenty people died [^2].", (2,)),
        ("Twenty people died [Source 2].", (2,)),
        ("Twenty people died [passages 2 and 3].", (2, 3)),
        ("Twenty people [1] died.", (1,)),
        ("Twenty people died [3][1][3].", (3, 1)),
        ("[2] Twenty people died.", (2,)),
        ("- [2] Twenty people died.", (2,)),
        ("Twenty people died.\n[2]", (2,)),
        ("Twenty people died.", ()),
    ],
)
def test_a_mark_is_read_however_it_is_written(draft: str, marks: tuple[int, ...]) -> None:
    [(text, found)] = marked(draft)

    assert found == marks
    assert text.removeprefix("- ") == "Twenty people died."


@pytest.mark.parametrize(
    "draft",
    [
        "In [2019] it fell.",
        "He said [sic] so.",
        "See [the map].",
        "It cost (1) pound.",
        "An array[i] of them.",
        "A [1",
    ],
)
def test_other_brackets_are_text(draft: str) -> None:
    assert marked(draft) == [(draft, ())]


def test_numbers_that_name_no_passage_are_dropped_and_counted() -> None:
    draft = read_draft("It fell [1, 9]. It rose [0][12].", passages=PASSAGES)

    assert [sentence.marks for sentence in draft.sentences] == [(1,), ()]
    assert draft.unknown == 3


def test_a_range_beyond_the_passages_keeps_its_known_part() -> None:
    draft = read_draft("It fell [4-9].", passages=PASSAGES)

    assert draft.sentences[0].marks == (4, 5)
    assert draft.unknown == 4


def test_each_sentence_keeps_its_own_marks() -> None:
    assert marked("Twenty died [1]. The army denied it.[2][3] Nobody else spoke.") == [
        ("Twenty died.", (1,)),
        ("The army denied it.", (2, 3)),
        ("Nobody else spoke.", ()),
    ]


def test_marks_that_open_lines_belong_to_what_follows_them() -> None:
    assert marked("[1] Twenty people died.\n\n[2] The army denied it.") == [
        ("Twenty people died.", (1,)),
        ("The army denied it.", (2,)),
    ]


def test_a_mark_inside_a_sentence_leaves_no_gap() -> None:
    assert marked("Twenty died [1], said the army [2], on Friday.") == [
        ("Twenty died, said the army, on Friday.", (1, 2))
    ]


def test_an_empty_draft_has_no_sentences() -> None:
    assert read_draft("", passages=PASSAGES).sentences == ()
    assert read_draft(" [1] ", passages=PASSAGES).sentences == ()


DRAFT = (
    "Syria’s foreign ministry asked the Security Council to stop the airstrikes [1, 3]. It called the "
    "coalition “rogue”.[2] According to SANA, 20 people were killed on Friday【1】 when warplanes bombed the "
    "village. The U.S. did not answer [9].\n\n- [2] The letters were sent on Saturday.\n"
    "- The toll may rise [1-2][^3]."
)


@given(st.lists(st.integers(0, len(DRAFT)), max_size=12).map(sorted))
def test_a_stream_gives_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    reader = DraftReader(passages=PASSAGES)
    streamed: list[DraftSentence] = []
    for start, end in zip([0, *cuts], [*cuts, len(DRAFT)], strict=True):
        streamed += reader.feed(DRAFT[start:end])
    streamed += reader.finish()

    whole = read_draft(DRAFT, passages=PASSAGES)
    assert tuple(streamed) == whole.sentences
    assert reader.unknown == whole.unknown == 1
    assert [sentence.marks for sentence in streamed] == [(1, 3), (2,), (1,), (), (2,), (1, 2, 3)]


def test_a_stream_gives_sentences_before_it_ends() -> None:
    reader = DraftReader(passages=PASSAGES)

    early = [sentence for character in DRAFT for sentence in reader.feed(character)]

    assert len(early) >= 3


@pytest.mark.parametrize(
    ("draft", "early"),
    [
        ("Twenty died. [1] The", False),  # there may be more of the word
        ("Twenty died. [1] The ", True),
        ("Twenty died [1]. The ", True),
        ("The U.S. [1] The ", True),
        ("The U.S. [1] Army ", False),  # no sentence ends here
        ("“Twenty died.” [1] Amy ", False),  # perhaps: Amy Lee said.
        ("Twenty died. [1]", False),  # perhaps: [1] [2]
        ("Twenty died. [1]\nThe ", False),  # a break may come to mean more
    ],
)
def test_a_sentence_is_given_once_it_cannot_go_on(draft: str, *, early: bool) -> None:
    assert bool(DraftReader(passages=2).feed(draft)) == early


@given(st.text("[]1, .a\n【】-", max_size=60))
def test_no_draft_makes_the_reader_fail_or_lose_words(text: str) -> None:
    kept = "".join(sentence.text for sentence in read_draft(text, passages=PASSAGES).sentences)

    assert kept.count("a") == text.count("a")


def test_a_citation_quotes_the_article_exactly() -> None:
    text = "Header\n\nTwenty died. The army denied it."
    article = Article(id="a", text=text, sha256="0" * 64, title="T", source="S")
    hit = Hit(
        passage=Passage(id="p", article_id="a", start=8, end=len(text), text=text[8:]),
        article=article,
        score=1.0,
    )

    citation = cite(hit, (13, 32))

    assert citation.quote == "The army denied it." == text[citation.start : citation.end]
    assert (citation.title, citation.source) == ("T", "S")
