"""Sentence splitting, on a hand-labelled table: a bar stands where a sentence ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import MAX_CHARS, MAX_WORDS, split_sentences

CASES = [
    # abbreviations inside a sentence
    "The U.S. Senate met. |It voted.",
    "U.N. Secretary General Ban Ki-moon spoke.",
    "Ten U.S. “military advisers” stayed.",
    "Lt. Gen. Stephen Townsend said so. |He left.",
    "Russian spokesman Maj. Gen. Igor Konashenkov said Tuesday.",
    "Sen. Bernie Sanders and Rep. Liz Cheney agreed.",
    "Then-Gov. Bill Clinton appointed him.",
    "SEN. AMY KLOBUCHAR: Thank you. |GOV. Smith: Yes.",
    "Mr. Cash was born there. |Mrs. Cash was not.",
    "Dr. Hashem Darwish heads the programme in St. Petersburg.",
    "The Rev. Dennis Rigney and Prof. Ann Lee met on Mt. Hood near Ft. Bragg.",
    "It opens at 7:30 p.m. Saturday and closes at 2 a.m. ET Sunday.",
    "It struck at 3:00 a.m. (0000 GMT) on Tuesday.",
    "He died on Jan. 5 in Syracuse. |On Feb. 6 he was buried.",
    "OCT. 8 was the day.",
    "She is No. 5 in line. |Nos. 6 and 7 follow.",
    "See Fig. 3, pp. 5–7 and Res. 2118 of the Council.",
    "J. K. Rowling met George W. Bush and J.R.R. Tolkien.",
    "Shares of Apple Inc. Chief Executive Tim Cook fell.",
    "Roe v. Wade was overturned. |Toronto vs. Tampa Bay is next.",
    "Sammy Davis Jr. Boulevard is closed.",
    "Food, water, etc. were sent. |Bread, e.g. rye, was not.",
    "He has a Ph.D. from Yale. |She has none.",
    "The dept. of health and approx. 20 officials came.",
    "TULSA, Okla. (AP) — Ben Bryant threw two passes.",
    "RALEIGH, N.C. (AP) — The governor spoke. |He left.",
    "LOUISVILLE, Ky. — A militia is planning a march.",
    "WASHINGTON, Jan. 5 (Reuters) - The army said so.",
    # abbreviations that do end a sentence
    "They came from the U.S. |The army stayed.",
    "They came from the U.S. |“But we stay,” he said.",
    "He woke at 5 a.m. |He left.",
    "The deal is with Nike, Inc. |In May it ended.",
    "They met at Paulson & Co. |Its bid failed.",
    "He lives on Main St. |They moved in Jan. |But nobody knew.",
    "They took plan B. |He agreed.",
    "He saw bread, milk, etc. |She saw none.",
    "Do you agree? |No. |The answer is short.",
    # figures, addresses, names
    "It grew 1.5 percent to 3.25 million. |Prices fell 0.1. |Wages rose.",
    "It ended 4-2. |20 people came.",
    "Visit www.example.com or bbc.co.uk/news today. |Write to a.b@example.org. |Thanks.",
    "Yahoo! News said so. |Yahoo! |The firm is gone.",
    "He said al-Assad fled. |al-Assad did not.",
    "The variant is BA.5. |It spreads.",
    # ellipses
    "Europeans ... are also in this.",
    "We heard strikes... and then nothing.",
    "We heard strikes this morning... |We ran inside.",
    "An economy … as strong as ours.",
    "He said the [...] Army left.",
    "A plethora of nations. |... 55 Related.",
    # quotations
    "“One sentence.” he said.",
    "“First. |Second,” he said.",
    '"First. |Second," he said. |Third.',
    "He said: “It is over.” |Then he left.",
    'He said "it is over." |"Nothing remains."',
    "“Why?” Smith asked. |Nobody knew.",
    "“Why?” he asked. |“Go!” she said.",
    "“The U.S. Army is here,” said Sen. Smith.",
    "“Is it over?” |She left.",
    '"That was news." |He added: "Not to me."',
    "(He was there. |She was not.) |They left.",
    "He called it ‘the end.’ |Nobody did.",
    "Il a dit : « C’est fini. » puis il partit.",
    "Il a dit : « C’est fini. » |Elle partit.",
    # marks
    "Really?! |Yes.",
    "It was known.[1] |It was said.[23] |So it was.",
    "Stop! |Why now? |Because.",
    "متى وصل؟ |وصل أمس. |ثم غادر.",
    "他说。|我们走！|为什么？|因为。",
    "「はい。」と言った。|彼は去った。",
    # forgotten and superfluous spaces
    "The regime resisted.|The army came.",
    'It broke," he said. |But it held . |Then it fell.',
    # lists and line breaks
    "1. January 6\n\n|The House met.",
    "Results\n\n|The vote was close",
    "Syria strike kills twenty\n|The coalition struck a village on Friday, two letters said.\n|MNA/SANA",
    "The coalition struck a village\nin the east on Friday, said the\nforeign ministry in Damascus.",
    "Buy:\n|- milk\n|- bread\n|2. Rest a while",
]


@pytest.mark.parametrize("case", CASES)
def test_sentences_end_where_a_reader_ends_them(case: str) -> None:
    text = case.replace("|", "")
    assert [text[start:end] for start, end in split_sentences(text)] == [s.strip() for s in case.split("|")]


def test_a_sentence_ends_where_the_space_after_it_was_forgotten() -> None:
    text = "The regime resisted.The army came. See Booking.Com and St.Louis today."
    assert [text[a:b] for a, b in split_sentences(text)] == [
        "The regime resisted.",
        "The army came.",
        "See Booking.Com and St.Louis today.",
    ]


def test_splitting_begins_at_start() -> None:
    text = " date 2019-01-20 The ministry spoke. It wrote."
    assert split_sentences(text, 17) == [(17, 36), (37, 46)]


def test_a_run_without_end_marks_is_cut_at_clauses() -> None:
    text = ", ".join(f"item number {n} of the list" for n in range(60))
    pieces = [text[a:b] for a, b in split_sentences(text)]
    assert all(piece.endswith(",") for piece in pieces[:-1])
    assert all(20 <= len(piece.split()) <= MAX_WORDS for piece in pieces)


@pytest.mark.parametrize(
    "unit", ["a", "word ", ".", ".x", "? ", '."', "\n", "a\n", "U.S. ", ". (", "(", "。", "… "]
)
def test_whatever_repeats_sentences_stay_bounded(unit: str) -> None:
    text = unit * 20_000
    assert all(b - a <= MAX_CHARS for a, b in split_sentences(text))


PIECES = st.lists(
    st.sampled_from(
        [*"aB1.?!…。\"'“”() \n\t—-,é", "U.S.", " He ", "Gen. ", "\n\n", " said ", "word " * 90, "x" * 900]
    )
    | st.text(max_size=20),
    max_size=60,
).map("".join)


@given(PIECES, st.integers(0, 50))
def test_sentences_are_ordered_trimmed_and_hold_all_but_space(text: str, start: int) -> None:
    spans = split_sentences(text, start)
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)
    assert all(start <= a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    gaps = [start, *(at for span in spans for at in span), len(text)]
    assert all(not text[a:b].strip() for a, b in zip(gaps[::2], gaps[1::2], strict=True) if a < b)


@given(PIECES)
def test_no_sentence_is_longer_than_the_bounds(text: str) -> None:
    for a, b in split_sentences(text):
        assert b - a <= MAX_CHARS
        assert len(text[a:b].split()) <= MAX_WORDS
