from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.answerer import Draft
from rag.answering.extractive import (
    COMPARABLE,
    CONVINCING,
    CORROBORATING,
    SHORTLIST,
    STATEMENTS,
    Evidence,
    ExtractiveAnswerer,
    choose,
    choose_of_each,
    merge_copies,
)
from rag.answering.lexicon import Lexicon
from rag.answering.sentences import sentences_of
from rag.domain import Hit, Passage, Statement
from rag.question import read_question
from rag.reader import Reader, Reading
from tests.reading import hit, sentences

COLLAPSE = (
    "The Vasa bridge in Turku collapsed on Monday. Eleven workers were injured, the city hospital said. "
    "Mayor Anna Lind promised an inquiry. “We closed the bridge in March because of cracks,” Lind said. "
    "The bridge cost 40 million euros."
)
FAIR = "The book fair opened in Turku on Tuesday. Visitors queued for hours. Tickets cost 12 euros."
OTHER_REPORT = (
    "Rescuers searched the river. Eleven workers were hurt when the Vasa bridge fell, police in Turku said."
)
HITS = (
    hit("collapse", COLLAPSE, title="Bridge collapses in Turku", source="Aamu"),
    hit("fair", FAIR, title="Book fair opens"),
    hit("rescue", OTHER_REPORT, source="Ilta"),
)


@pytest.fixture(scope="module")
def answerer(reader: Reader, lexicon: Lexicon) -> ExtractiveAnswerer:
    return ExtractiveAnswerer(reader, lexicon)


def answered(answerer: ExtractiveAnswerer, question: str, hits: Sequence[Hit] = HITS) -> Draft:
    *_, draft = answerer.answer(question, hits)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How many workers were injured when the bridge collapsed?", "Eleven workers"),
        ("When did the Vasa bridge collapse?", "on Monday"),
        ("What did Anna Lind say about the bridge?", "because of cracks"),
        ("How much did the bridge cost?", "40 million euros"),
        ("Why was the bridge closed?", "because of cracks"),
        ("Who promised an inquiry?", "Mayor Anna Lind"),
        ("How much did tickets to the book fair cost?", "12 euros"),
    ],
)
def test_the_sentence_that_answers_comes_first(
    question: str, wanted: str, answerer: ExtractiveAnswerer
) -> None:
    assert wanted in answered(answerer, question).statements[0].text


@pytest.mark.parametrize(
    "question",
    [
        "What did Bo Ek say about the bridge?",
        "What did the United States say in response?",
        "Who won the 2018 World Cup?",
        "How many ships sank in the storm?",
        "How much does the new submarine cost?",
    ],
)
def test_what_nobody_reports_is_not_answered(question: str, answerer: ExtractiveAnswerer) -> None:
    draft = answered(answerer, question)
    assert draft.statements == ()
    assert draft.reason


@pytest.mark.parametrize(
    "question",
    [
        "What happened on 6 May 2019?",
        "What happened in Turku on 6 May 2019?",
        "What took place on 6 May 2019?",
    ],
)
def test_what_happened_on_a_day_is_told_by_the_sentences_that_name_it(
    question: str, answerer: ExtractiveAnswerer
) -> None:
    hits = (
        hit("collapse", COLLAPSE, published=date(2019, 5, 8)),
        hit("fair", FAIR, published=date(2019, 5, 8)),
    )
    assert [each.text for each in answered(answerer, question, hits).statements] == [
        "The Vasa bridge in Turku collapsed on Monday."
    ]


def test_what_happened_on_another_day_is_not_known(answerer: ExtractiveAnswerer) -> None:
    hits = (hit("collapse", COLLAPSE, published=date(2019, 5, 8)),)
    assert answered(answerer, "What happened on 1 May 2019?", hits).statements == ()


def test_a_question_that_compares_is_answered_from_each_article(answerer: ExtractiveAnswerer) -> None:
    draft = answered(answerer, "Do the two reports give the same number of injured workers?")
    assert [statement.citations[0].article_id for statement in draft.statements] == ["collapse", "rescue"]
    assert all("Eleven workers" in statement.text for statement in draft.statements)


def test_a_second_report_is_quoted_too(answerer: ExtractiveAnswerer) -> None:
    draft = answered(answerer, "How many workers were hurt when the Vasa bridge collapsed?")
    cited = {citation.article_id for statement in draft.statements for citation in statement.citations}
    assert cited == {"collapse", "rescue"}


def test_the_same_sentence_in_two_articles_is_one_statement_with_two_citations(
    answerer: ExtractiveAnswerer,
) -> None:
    hits = (hit("one", COLLAPSE), hit("two", f"Turku, 4 May. {COLLAPSE}"))
    first = answered(answerer, "How many workers were injured?", hits).statements[0]
    assert [citation.article_id for citation in first.citations] == ["one", "two"]


def test_statements_come_before_the_draft_that_holds_them(answerer: ExtractiveAnswerer) -> None:
    *statements, draft = answerer.answer("How many workers were injured?", HITS)
    assert isinstance(draft, Draft)
    assert tuple(statements) == draft.statements
    assert draft.reason is None


def test_a_quotation_is_supported_and_says_no_more(answerer: ExtractiveAnswerer) -> None:
    for statement in answered(answerer, "How many workers were injured?").statements:
        assert (statement.verdict, statement.score, statement.reason) == ("supported", 1.0, None)


def test_a_citation_carries_what_a_reader_needs(answerer: ExtractiveAnswerer) -> None:
    [citation] = answered(answerer, "Who promised an inquiry?", HITS[:1]).statements[0].citations
    assert (citation.article_id, citation.title, citation.source) == (
        "collapse",
        "Bridge collapses in Turku",
        "Aamu",
    )
    assert citation.sha256 == HITS[0].article.sha256


def test_without_passages_there_is_a_reason(answerer: ExtractiveAnswerer) -> None:
    draft = answered(answerer, "Who promised an inquiry?", ())
    assert draft == Draft(reason="No passage shares a word with the question, within the filters given.")


def test_an_answer_does_not_depend_on_chance(answerer: ExtractiveAnswerer) -> None:
    question = "How many workers were hurt when the Vasa bridge collapsed?"
    assert answered(answerer, question) == answered(answerer, question)


PIECES = st.sampled_from(
    [
        "Eleven workers were injured in Turku.",
        "“It fell,” Lind said.",
        "U.S. envoys left at 5 p.m. on Friday.",
        "\n\n",
        "Ääkköset 🚒 burned!",
        "   ",
        "He said: “No. 5 is safe. Go home.”",
    ]
)
QUESTIONS = st.sampled_from(
    ["How many workers were injured?", "What did Lind say?", "Who left?", "fire", "When did they leave?"]
)


@settings(max_examples=25, deadline=None)  # a model reads every sentence
@given(st.lists(st.lists(PIECES, min_size=1, max_size=5), max_size=3), QUESTIONS)
def test_every_citation_quotes_its_article_exactly(
    answerer: ExtractiveAnswerer, articles: list[list[str]], question: str
) -> None:
    hits = [hit(f"a{number}", " ".join(pieces)) for number, pieces in enumerate(articles)]
    texts = {found.article.id: found.article.text for found in hits}
    draft = answered(answerer, question, hits)
    assert len(draft.statements) <= STATEMENTS
    assert bool(draft.statements) != bool(draft.reason)
    for statement in draft.statements:
        assert statement.citations
        for citation in statement.citations:
            assert texts[citation.article_id][citation.start : citation.end] == citation.quote


def test_only_the_most_promising_sentences_are_read_closely(answerer: ExtractiveAnswerer) -> None:
    filler = " ".join(f"Item {number} was sold at the fair." for number in range(2 * SHORTLIST))
    question = read_question("Who promised an inquiry into the bridge?")
    weighed = answerer.weigh(question, sentences(f"{filler} Mayor Anna Lind promised an inquiry."))
    assert len(weighed) == SHORTLIST
    assert weighed[-1].sentence.text == "Mayor Anna Lind promised an inquiry."


# --- passages to sentences ---


def test_a_sentence_in_two_passages_is_read_once() -> None:
    whole = hit("a", "One came. Two left. Three stayed.")
    start = whole.article.text.index("Two")
    part = Hit(
        passage=Passage(
            id="a:1",
            article_id="a",
            start=start,
            end=len(whole.article.text),
            text=whole.article.text[start:],
        ),
        article=whole.article,
        score=0.5,
    )
    assert [(one.text, one.rank) for one in sentences_of([whole, part])] == [
        ("One came.", 0),
        ("Two left.", 0),
        ("Three stayed.", 0),
    ]
    assert [(one.text, one.start) for one in sentences_of([part])] == [
        ("Two left.", 10),
        ("Three stayed.", 20),
    ]


def test_a_sentence_knows_its_title_and_its_neighbours() -> None:
    middle = sentences("One came. Two left. Three stayed.", title="Guests")[1]
    assert [word.text for word in middle.context] == ["Guests", "One", "came", "Three", "stayed"]


RAID = "The minister condemned the raid. On Friday 20 people were killed in the village."


@pytest.mark.parametrize(
    "question",
    [
        "When did the minister apologise for the raid?",
        "What did the minister say when he apologised for the raid?",
        "How many people were wounded in the raid on Friday?",
        "What were the names of the people killed on Friday?",
        "Which general condemned the raid?",
    ],
)
def test_what_only_the_question_says_was_done_is_not_answered(
    question: str, answerer: ExtractiveAnswerer
) -> None:
    *statements, draft = answerer.answer(question, [hit("a", RAID)])
    assert statements == []
    assert isinstance(draft, Draft)
    assert draft.reason


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("When did the minister condemn the raid?", None),
        (
            "What was the name of the minister who condemned the raid?",
            "Minister Anna Lind condemned the raid.",
        ),
        ("Which minister condemned the raid?", "Minister Anna Lind condemned the raid."),
        ("Which president condemned the raid?", None),
        ("Which politician condemned the raid?", "Minister Anna Lind condemned the raid."),
    ],
)
def test_who_is_asked_for_by_title_is_called_so(
    question: str, quoted: str | None, answerer: ExtractiveAnswerer
) -> None:
    found = hit("a", "The raid hit a village. Minister Anna Lind condemned the raid. The day was long.")
    *statements, _ = answerer.answer(question, [found])
    assert [one.text for one in statements if isinstance(one, Statement)][:1] == ([quoted] if quoted else [])


# --- the choice among weighed sentences ---


def evidence(
    margin: float,
    *,
    relevance: float = 0.0,
    article_id: str = "a",
    kind: float = 1.0,
    named: float = 1.0,
    told: float = 1.0,
    kin: float = 0.5,
    text: str = "Some words.",
) -> Evidence:
    [one] = sentences_of([hit(article_id, text)])
    reading = Reading(relevance=relevance, margin=margin, start=0, end=4)
    return Evidence(sentence=one, reading=reading, kin=kin, named=named, kind=kind, told=told, place=0)


WEIGHED = st.builds(
    evidence,
    st.floats(-15, 15),
    relevance=st.floats(-11, 9),
    article_id=st.sampled_from("abc"),
    kind=st.sampled_from((0.0, 0.5, 1.0)),
    kin=st.sampled_from((0.0, 0.5, 1.0)),
    text=st.sampled_from(("Some words.", "Other words.", "Twenty people died.")),
)
ASKED = st.sampled_from(("How many came?", "Who came?", "When?", "What did Lind say?", "Why?"))


@given(st.lists(WEIGHED, max_size=12), ASKED)
def test_what_is_chosen_is_convincing_ordered_and_at_most_four(weighed: list[Evidence], asked: str) -> None:
    chosen = choose(read_question(asked), weighed)
    confidences = [each.confidence for each in chosen]
    assert len(chosen) <= STATEMENTS
    assert confidences == sorted(confidences, reverse=True)
    assert all(confidence >= CONVINCING for confidence in confidences)


@given(st.lists(WEIGHED, max_size=12), ASKED, st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order(weighed: list[Evidence], asked: str, chance: Random) -> None:
    question = read_question(asked)
    shuffled = list(weighed)
    chance.shuffle(shuffled)
    assert [each.confidence for each in choose(question, shuffled)] == [
        each.confidence for each in choose(question, weighed)
    ]


@given(st.floats(-15, 15), st.floats(-15, 15))
def test_confidence_is_a_probability_that_grows_with_the_margin(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 < evidence(low).confidence <= evidence(high).confidence < 1


@pytest.mark.parametrize(
    "asked", ["How many came?", "How much was it?", "When was it?", "What did Lind say?"]
)
def test_a_sentence_without_the_kind_of_thing_asked_for_is_never_chosen(asked: str) -> None:
    assert choose(read_question(asked), [evidence(9.0, kind=0.0)]) == []


@pytest.mark.parametrize(
    ("asked", "kind", "told"),
    [
        ("Which hospital took them?", 0.7, 1.0),
        ("Which hospital took them?", 1.0, 0.0),
        ("Why did they leave?", 1.0, 1.0),
    ],
)
def test_what_is_not_plainly_there_must_be_seen_by_the_reader(asked: str, kind: float, told: float) -> None:
    question = read_question(asked)
    assert choose(question, [evidence(-8.5, relevance=9.0, kind=kind, told=told)]) == []
    assert choose(question, [evidence(4.5, relevance=9.0, kind=kind, told=told)])


def test_nothing_convincing_is_chosen_from_nothing_convincing() -> None:
    assert choose(read_question("Who came?"), [evidence(-7.9, kin=0.0)]) == []
    assert choose(read_question("Who came?"), [evidence(-7.9, kin=1.0)])


def test_what_the_question_takes_for_done_is_told_or_seen_by_the_reader() -> None:
    question = read_question("When did Lind apologise?")
    assert choose(question, [evidence(-1.5, told=0.7)]) == []
    assert choose(question, [evidence(-1.5, told=1.0)])
    assert choose(question, [evidence(-0.5, told=0.7)])


def test_another_matter_is_an_answer_only_where_one_is_found_in_it() -> None:
    question = read_question("Who came?")
    assert choose(question, [evidence(-0.5, relevance=-10.0)]) == []
    assert choose(question, [evidence(-0.5, relevance=0.0)])
    assert choose(question, [evidence(0.5, relevance=-10.0)])


def test_how_surely_the_reader_sees_nothing_does_not_matter_where_the_kind_is_plainly_there() -> None:
    assert evidence(-14.0).confidence == evidence(-9.0).confidence < evidence(-7.0).confidence


def test_an_article_that_does_not_know_who_is_asked_about_is_not_quoted() -> None:
    assert choose(read_question("Did Lind and Ek come?"), [evidence(9.0, named=0.4)]) == []


def test_of_each_article_the_best_sentence_is_chosen() -> None:
    one, better, other = evidence(3.0), evidence(9.0, text="Other words."), evidence(1.0, article_id="b")
    assert choose_of_each(read_question("Who came?"), [one, better, other]) == [better, other]


def test_a_weaker_sentence_is_quoted_for_corroboration_only() -> None:
    best, weaker = (
        evidence(9.0),
        next(
            one
            for one in (evidence(step / 10, text="Other words.") for step in range(120, -120, -1))
            if CORROBORATING < one.confidence / evidence(9.0).confidence < COMPARABLE
        ),
    )
    elsewhere = evidence(weaker.reading.margin, article_id="b", text="Other words.")
    question = read_question("Who came?")
    assert choose(question, [best, weaker]) == [best]
    assert choose(question, [best, elsewhere]) == [best, elsewhere]


def test_sentences_with_the_same_words_are_merged_in_order() -> None:
    one, two, three = (
        evidence(9.0, text="Twenty people died."),
        evidence(8.0, text="Others left."),
        evidence(7.0, article_id="b", text="Twenty  people died!"),
    )
    merged = merge_copies([one, two, three])
    assert merged == [[one.sentence, three.sentence], [two.sentence]]


def test_a_statement_is_what_the_answerer_yields(answerer: ExtractiveAnswerer) -> None:
    first = next(iter(answerer.answer("Who promised an inquiry?", HITS)))
    assert isinstance(first, Statement)
    assert first.text == first.citations[0].quote


def test_a_line_of_a_date_answers_nothing(answerer: ExtractiveAnswerer) -> None:
    text = "Bridge inquiry closed\n\n10 June 2024\n\nThe inquiry into the collapse of the Vasa bridge was closed."

    draft = answered(answerer, "When did the Vasa bridge collapse?", [hit("closed", text), HITS[0]])

    assert "10 June 2024" not in [statement.text for statement in draft.statements]
    assert any("on Monday" in statement.text for statement in draft.statements)
