import pytest

from rag.answering.citations import cite
from rag.answering.lexicon import Lexicon
from rag.answering.relevance import Relevance
from rag.domain import Statement
from rag.reader import Reader
from rag.sentences import split_sentences
from tests.reading import hit

FUND = (
    "She launched the fund in May, and it raised £1m in less than 24 hours. "
    "Since then the fund has raised more than £7m for research."
)


@pytest.fixture(scope="module")
def relevance(reader: Reader, lexicon: Lexicon) -> Relevance:
    return Relevance(reader, lexicon)


def answers(relevance: Relevance, question: str, text: str, cited: str) -> bool:
    found = hit("a", cited)
    citation = cite(found, (0, len(cited)))
    statement = Statement(text=text, citations=(citation,), verdict="supported", score=0.9)
    return relevance.answers(question, statement, found)


@pytest.mark.parametrize(
    ("question", "text", "cited"),
    [
        ("How much has the fund raised?", "The fund has raised more than £7m.", FUND),
        ("How many people died?", "20 people died.", "Twenty people died when the bridge fell."),
        ("Who opened the bridge?", "Anna Lind opened the bridge.", "Mayor Lind opened the bridge on Monday."),
        ("When did the bridge fall?", "The bridge fell on Monday.", "The Vasa bridge fell on Monday."),
        ("What did the mayor say?", "The mayor said it was late.", "The mayor said that it was late."),
        ("Historic rain led to floods where?", "Rain led to floods in Homs.", "Rains led to floods in Homs."),
        ("What was the name of the mayor?", "The mayor was Anna Lind.", "Mayor Anna Lind opened the bridge."),
    ],
)
def test_a_statement_whose_citation_holds_the_answer_is_one(
    question: str, text: str, cited: str, relevance: Relevance
) -> None:
    assert answers(relevance, question, text, cited)


@pytest.mark.parametrize(
    ("question", "text", "cited"),
    [
        ("How many people died?", "The letters were sent on Saturday.", "The letters were sent on Saturday."),
        ("When did the bridge fall?", "The bridge fell.", "The bridge fell."),
        (
            "How much did prices rise this year?",
            "Prices rose by 1.25% this year.",
            "The central bank raised its interest rate to 1.25%.",
        ),
        (
            "How did the US-led coalition explain the raid?",
            "The US-led coalition explained the raid as one on depots.",
            "The ministry condemned the raid of the US-led coalition, saying it hit depots.",
        ),
        ("What was the name of the mayor?", "The mayor opened the bridge.", "The mayor opened the bridge."),
        ("How many people died in Homs?", "Twenty people died.", "Twenty people died in Idlib."),
    ],
)
def test_a_statement_beside_the_point_is_no_answer(
    question: str, text: str, cited: str, relevance: Relevance
) -> None:
    assert not answers(relevance, question, text, cited)


TRIAL = (
    "Engineers of the firm Norling and five managers are to go on trial for manslaughter over the collapse of the "
    "Vasa bridge in 2000. Twelve people were hurt. The mayor of Lund said it should never have been opened."
)


@pytest.mark.parametrize(
    ("question", "sentence", "sure"),
    [
        ("What are the managers of Norling accused of?", 0, True),
        ("How many people were hurt when the Vasa bridge fell?", 1, True),
        ("Who will rebuild the Vasa bridge?", 0, False),
        ("Which school did the mayor of Lund visit?", 2, False),
        ("How many people were hurt when the Vasa bridge fell?", 2, False),
    ],
)
def test_a_quotation_must_surely_answer(
    question: str, sentence: int, sure: bool, relevance: Relevance
) -> None:
    found = hit("a", TRIAL)
    citation = cite(found, split_sentences(TRIAL)[sentence])
    quote = Statement(text=citation.quote, citations=(citation,), verdict="supported", score=1.0)
    assert relevance.surely_answers(question, quote, found) == sure
