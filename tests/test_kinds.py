from datetime import date

import pytest

from rag.answering.kinds import PLAIN, Fitness, mentions, new_names, speaks
from rag.answering.lexicon import Lexicon
from rag.language import tokens
from rag.question import read_question
from tests.reading import sentence, sentences

HOW_MANY = "How many civilians were killed?"
HOW_MUCH = "How much did the bridge cost?"
WHEN = "When did the bridge open?"
WHO = "Who opened the bridge?"
WHERE = "Where was the strike?"
VILLAGE = "Which village was hit?"
LIND = "What did Anna Lind say about the bridge?"
US = "What did the United States say?"


def value(question: str, text: str, lexicon: Lexicon) -> float:
    return Fitness(read_question(question), lexicon).of(sentence(text))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (HOW_MANY, "Twenty civilians were killed."),
        (HOW_MANY, "The raid killed 20 civilians."),
        (HOW_MANY, "Dozens of civilians were killed."),
        (HOW_MANY, "Between two and three civilians were killed."),
        ("How many injured?", "Some 40 injured people were saved."),
        ("How many of the 20 civilians died?", "Three of the 20 civilians died."),
        (HOW_MUCH, "It cost $5 million."),
        ("How much did the price rise?", "It rose by 3 percent."),
        (HOW_MUCH, "The bill came to 40 euros."),
        (WHEN, "The bridge opened on Friday."),
        (WHEN, "It opened on 5 May."),
        (WHEN, "It opened in 2019."),
        (WHEN, "It opened at 5 p.m."),
        (WHEN, "It opened last year."),
        ("When on Friday did it open?", "It opened at 5 p.m. on Friday."),
        (WHO, "Anna Lind opened the bridge."),
        ("Who praised Anna Lind?", "Anna Lind was praised by Bo Ek."),
        (VILLAGE, "The strike hit Soseh village."),
        (VILLAGE, "It hit the village of Soseh."),
        (LIND, "Anna Lind said it was safe."),
        (LIND, "“It is safe,” said Anna Lind."),
        (LIND, "Lind, who leads the council, said it was safe."),
        (LIND, "According to Lind, it is safe."),
        (US, "Washington denied it."),
        (US, "The U.S. State Department, in a long note sent on Friday, said no."),
        ("Why was it closed?", "It was closed because of ice."),
        ("What bridge collapsed?", "The bridge collapsed."),
        ("Did it fall?", "It rained."),
    ],
)
def test_what_is_asked_for_is_wholly_there(question: str, text: str, lexicon: Lexicon) -> None:
    assert value(question, text, lexicon) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (HOW_MANY, "Civilians were killed."),
        (HOW_MANY, "On May 5 civilians were killed."),
        (HOW_MANY, "In 2019 civilians were killed."),
        (HOW_MANY, "Some 3% of civilians were killed."),
        (HOW_MANY, "A 20-year-old was killed."),
        (HOW_MANY, "It cost $20."),
        ("How many of the 20 civilians died?", "20 civilians died."),
        (HOW_MUCH, "It was cheap."),
        (WHEN, "The bridge opened."),
        (WHEN, "He may open it."),
        ("When on Friday did it open?", "It opened on Friday."),
        (WHO, "It opened."),
        ("Who praised Anna Lind?", "Anna Lind was praised."),
        (VILLAGE, "It hit a village."),
        (WHERE, "It was bad."),
        (LIND, "The bridge is safe."),
        (LIND, "Bo Ek said it was safe."),
        (LIND, "Bo Ek told Anna Lind it was safe."),
        (US, "The US-led coalition said it struck."),
        (US, "The council is a tool of the United States, he said."),
        (US, "The army said it told the US."),
    ],
)
def test_what_is_asked_for_is_not_there(question: str, text: str, lexicon: Lexicon) -> None:
    assert value(question, text, lexicon) == 0.0


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        (HOW_MANY, "Twenty civilians were killed.", "Twenty tanks were destroyed."),
        (HOW_MANY, "Twenty civilians were killed.", "Twenty civilians were asked."),
        (HOW_MUCH, "It cost 5 dollars.", "Five of them came."),
        (WHO, "Anna Lind opened the bridge.", "The minister opened it."),
        (VILLAGE, "The strike hit Soseh village.", "The strike was in Aleppo."),
        ("Why was it closed?", "It was closed because of ice.", "It was closed."),
        ("What bridge collapsed?", "The Oresund bridge collapsed.", "It fell."),
    ],
)
def test_bound_to_what_is_asked_about_it_counts_more(
    question: str, better: str, worse: str, lexicon: Lexicon
) -> None:
    assert value(question, better, lexicon) > value(question, worse, lexicon)


def test_the_sentence_before_may_say_who_speaks(lexicon: Lexicon) -> None:
    text = "Anna Lind met reporters. She said the bridge was safe. Nobody laughed."
    fitness = Fitness(read_question(LIND), lexicon)
    values = [fitness.of(one) for one in sentences(text)]
    assert values == [0.0, 0.4, 0.0]


def test_names_in_the_question_are_not_new() -> None:
    text = "Anna Lind met Bo Ek in Homs."
    found = new_names(read_question("What did Lind do in Homs?"), text)
    assert [text[start:end] for start, end in found] == ["Anna Lind", "Bo Ek"]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Anna Lind", "Then Anna Lind left and Lind slept.", ["Anna Lind", "Lind"]),
        ("the United States", "The United States and Washington.", ["United States", "Washington"]),
        ("the U.S.", "America", ["America"]),
        ("Antonio Guterres", "Mr Guterres", ["Guterres"]),
        ("Baghuz", "al-Baghouz", ["Baghouz"]),
        ("the ministry", "The Ministry", ["Ministry"]),
        ("Anna Lind", "Anna Ek", []),
        ("Brown", "a brown fox", []),
        ("the", "the", []),
        ("the US-led coalition", "The US-led coalition and a coalition.", ["US-led coalition", "coalition"]),
    ],
)
def test_a_name_is_found_once_wherever_it_stands(name: str, text: str, found: list[str]) -> None:
    words = tokens(text)
    spans = [(words[first].start, words[last - 1].end) for first, last in mentions(name, words)]
    assert [text[start:end] for start, end in sorted(spans)] == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor said it was over.", True),
        ("It was over, the mayor told reporters.", True),
        ("This was announced by the mayor.", True),
        ("According to the mayor it was over.", True),
        ("Reporters told the mayor it was over.", False),
        ("A friend of the mayor said it was over.", False),
        ("It was built by the mayor, she said.", False),
        ("She condemned the new mayor on Monday.", False),
        ("It was condemned by the new mayor.", True),
        ("“It is over,” said the new mayor.", True),
        ("The mayor slept.", False),
        ("It was said.", False),
    ],
)
def test_a_speaker_is_told_from_who_is_spoken_of(text: str, expected: bool) -> None:
    assert speaks("the mayor", tokens(text)) is expected


def test_a_sentence_beside_one_about_the_speaker_is_not_the_speakers(lexicon: Lexicon) -> None:
    text = "It condemned the raids carried out by the US-led coalition. They were a crime, it said."
    asked = Fitness(read_question("How did the US-led coalition explain the raids?"), lexicon)
    assert [asked.of(one) for one in sentences(text)] == [0.0, 0.0]
    text = "Anna Lind opened the bridge. It was safe, the mayor said. It was late, Bo Ek said."
    assert [Fitness(read_question(LIND), lexicon).of(one) for one in sentences(text)] == [0.0, 0.4, 0.0]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Twenty people were killed.", False),
        ("Twenty people, including women, have been killed.", False),
        ("Twenty people were hurt.", True),
        ("Twenty people were badly wounded.", True),
        ("Twenty people were in the village, and many were wounded.", True),
        ("Twenty people were confirmed hurt, officials said.", True),
        ("Twenty people stood there.", True),
        ("Twenty people were hospitalised.", True),
    ],
)
def test_a_number_of_those_whom_something_else_befell_is_not_the_one_asked_for(
    text: str, fits: bool, lexicon: Lexicon
) -> None:
    asked = Fitness(read_question("How many people were wounded in the raid?"), lexicon)
    assert (asked.of(sentence(text)) > 0) is fits


@pytest.mark.parametrize(
    ("question", "plain", "not_plain"),
    [
        (
            "What did it cost to rebuild the clinic?",
            "It cost 5 million Syrian pounds.",
            "It was 50 percent gone.",
        ),
        (HOW_MUCH, "It cost $5 million.", "It was 50 percent gone."),
        ("Which hospital took them?", "The hospital took them.", "They went to Aleppo."),
        ("Which minister signed?", "The minister, Bo Ek, signed.", "Bo Ek signed."),
        ("Which town lost the most?", "The town of Homs lost most.", "The town of Homs lost some."),
    ],
)
def test_what_is_asked_for_is_plainly_there_or_not(
    question: str, plain: str, not_plain: str, lexicon: Lexicon
) -> None:
    assert value(question, plain, lexicon) >= PLAIN > value(question, not_plain, lexicon)


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("How many people were wounded?", "Twenty people were hurt, and one fled.", True),
        ("How many people were wounded?", "Twenty people stood there.", False),
        ("How many people came?", "Twenty people stood there.", True),
        ("How many people were killed?", "At least 20 people were confirmed dead.", True),
        ("How many people were killed?", "The blast claimed 20 lives.", True),
    ],
)
def test_the_harm_to_those_counted_is_told_near_a_number(
    question: str, text: str, told: bool, lexicon: Lexicon
) -> None:
    assert Fitness(read_question(question), lexicon).tells_harm(sentence(text)) is told


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much did the bridge cost?", "It cost 5 million rubles."),
        ("How much did the bridge cost?", "It cost 40 million U.S. dollars."),
        ("How much time do people spend online?", "They spend four hours a day."),
        ("How much did the cost of living go up?", "It went up by 3 percent."),
        (LIND, "In a report, Anna Lind said it was safe."),
        (LIND, "At a press call, Anna Lind said it was safe."),
        ("Who visited Syria last week?", "Anna Lind visited Syria."),
        ("How many people were killed?", "At least 20 people were confirmed dead."),
    ],
)
def test_a_rule_for_one_kind_of_thing_leaves_others_alone(question: str, text: str, lexicon: Lexicon) -> None:
    assert value(question, text, lexicon) >= PLAIN


def test_the_day_of_a_weekday_that_the_question_names_is_new(lexicon: Lexicon) -> None:
    asked = Fitness(read_question("What was the date of the Saturday on which the bridge opened?"), lexicon)
    text = "On Saturday the bridge was opened."
    assert asked.of(sentence(text, published=date(2019, 1, 20))) == 1.0
    assert asked.of(sentence(text)) == 0.0


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("What happened on 18 January 2019?", "On Friday a bridge fell.", 1.0),
        ("What happened in January 2019?", "On Friday a bridge fell.", 1.0),
        ("What happened on 17 January 2019?", "On Friday a bridge fell.", 0.0),
        ("What happened on 18 January 2019?", "A bridge fell.", 0.0),
        ("What happened on Friday?", "The day before yesterday a bridge fell.", 1.0),
        ("What happened on Friday?", "On Saturday a bridge fell.", 0.0),
        ("What happened on Friday in January 2019?", "On Friday a bridge fell.", 1.0),
        ("What happened on Friday in March 2019?", "On Friday a bridge fell.", 0.0),
        ("What happened on Friday?", "In January a bridge fell.", 0.0),
    ],
)
def test_an_event_is_on_the_days_asked_about(question: str, text: str, fits: float, lexicon: Lexicon) -> None:
    assert Fitness(read_question(question), lexicon).of(sentence(text, published=date(2019, 1, 20))) == fits
