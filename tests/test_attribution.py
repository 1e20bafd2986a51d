from typing import Any

import pytest

from rag.answering.attribution import attribute, attributions, claim_credits
from rag.answering.sentences import sentences_of
from rag.domain import Attribution
from tests.collection import article
from tests.reading import hit

CHAIN = "Local sources, speaking on condition of anonymity, told SANA that 20 people died, Presstv reported."


def whole(text: str, **fields: Any) -> Attribution:
    return attribute(article("a", text, **fields), 0, len(text))


def last(text: str) -> Attribution:
    """Of the last sentence of a text."""
    sentence = sentences_of([hit("a", text)])[-1]
    return attribute(sentence.hit.article, sentence.start, sentence.end)


def test_the_chain_of_a_report_is_outlet_agency_speaker() -> None:
    assert whole(CHAIN, source="Mehr") == Attribution(
        article_id="a", outlet="Mehr", agency="SANA", speaker="Local sources", standing="anonymous"
    )


def test_what_an_article_does_not_say_is_unknown() -> None:
    assert whole("Twenty people died.") == Attribution(
        article_id="a", outlet=None, agency=None, speaker=None, standing=None
    )


def test_the_agency_of_the_article_stands_for_a_sentence_that_credits_nobody() -> None:
    text = "Twenty people died on Friday.\n\nMNA/SANA"
    assert attribute(article("a", text, origins=("MNA", "SANA")), 0, 29).agency == "SANA"


def test_an_outlet_is_not_its_own_source() -> None:
    assert whole("A doctor told Reuters that two died.", source="Reuters").agency is None


def test_an_outlet_is_no_speaker() -> None:
    assert whole("SANA said the road was closed.").speaker is None


def test_a_pronoun_is_who_spoke_before() -> None:
    found = last("The ministry condemned the strike. It also demanded an inquiry.")
    assert (found.speaker, found.standing) == ("The ministry", "official")


def test_a_pronoun_whose_bearer_is_not_found_is_nobody() -> None:
    assert last("It rained. He said the road was closed.").speaker is None


@pytest.mark.parametrize(
    ("sentence", "standing"),
    [
        ("Ann Wit said so.", "named"),
        ("Foreign Minister Walid Muallem said so.", "named"),
        ("The Syrian Observatory for Human Rights said so.", "named"),
        ("The Syrian Foreign Ministry said so.", "official"),
        ("The Syrian Ministry of Foreign Affairs and Expatriates said so.", "official"),
        ("Two police officials said so.", "official"),
        ("The White House said so.", "official"),
        ("A military source said so.", "anonymous"),
        ("Activists said so.", "anonymous"),
        ("An official, speaking on condition of anonymity, said so.", "anonymous"),
        ("A resident said so.", "anonymous"),
        ("The jury said so.", "named"),
        ("A company said so.", "anonymous"),
        ("The rebel team said so.", "anonymous"),
        ("The coast guard said so.", "official"),
        ("Unidentified gunmen killed two policemen, President Ashraf Ghani said.", "official"),
        ("Angela Merkel said the unnamed company had been fined.", "named"),
        ("An unnamed official said so.", "anonymous"),
    ],
)
def test_the_standing_of_a_speaker(sentence: str, standing: str) -> None:
    assert whole(sentence).standing == standing


def test_credits_of_the_cited_text_go_before_those_of_the_article() -> None:
    text = "A medic told AFP that six died. SANA reported rain."
    found = article("a", text, origins=("AFP", "SANA"))
    assert claim_credits(found, 0, 31) == ("AFP",)
    assert set(claim_credits(found, 0, 10)) == {"AFP", "SANA"}


def test_each_citation_has_its_attribution() -> None:
    found = hit("a", "The ministry said ten died. The mayor said nine died.")
    citations = [sentence.cite() for sentence in sentences_of([found])]
    assert [each.speaker for each in attributions("", citations, {"a": found.article})] == [
        "The ministry",
        "The mayor",
    ]


def test_of_several_cited_sentences_the_one_that_was_put_in_other_words_tells_who_says_so() -> None:
    text = (
        "The ministry censured the raids on Baghuz in two letters. "
        "Local sources told SANA that 20 people were killed in the village."
    )
    found = attribute(article("a", text), 0, len(text), "20 people were killed in the village of Baghuz.")

    assert found.speaker == "Local sources"
    assert attribute(article("a", text), 0, len(text), text).speaker == "The ministry"
