import pytest

from rag.answering.comparing import compares, of_one, read_of_one


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("What does each of the two reports call the village?", "What does the report call the village?"),
        ("Do the two reports give the same number of dead for the raid?",
         "What number of dead for the raid does the report give?"),
        ("How do the two reports differ in describing those who were killed?",
         "What does the report say about those who were killed?"),
        ("Do both accounts say the letters were sent on the same day?",
         "On what day does the report say the letters were sent?"),
        ("Which groups does each report say gained?", "Which groups does the report say gained?"),
        ("How do both articles describe the mechanism?", "How does the report describe the mechanism?"),
        ("Do all the agencies agree on the death toll?", "What does the report say about the death toll?"),
        ("How do Reuters and AP differ?", "How do Reuters and AP differ?"),
    ],
)  # fmt: skip
def test_a_comparison_is_asked_of_one_article(question: str, alone: str):
    assert compares(question)
    assert of_one(question) == alone


@pytest.mark.parametrize(
    "question",
    [
        "Who are the two sides in the war?",
        "What was in the two letters?",
        "How many reports of abuse were there?",
        "Who died at different places that day?",
    ],
)
def test_other_questions_compare_nothing(question: str):
    assert not compares(question)


def test_what_the_report_tells_of_is_looked_for_and_not_the_report() -> None:
    asked = read_of_one("Do the two reports give the same number of dead for the raid?")
    assert asked.kind == "count"
    assert [word.text for word in asked.terms] == ["dead", "raid"]


def test_what_reports_say_is_no_speech_of_theirs() -> None:
    asked = read_of_one("What does each report say about the village?")
    assert (asked.kind, asked.speaker) == ("thing", None)
    assert [word.text for word in asked.terms] == ["village"]
