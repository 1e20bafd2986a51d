"""Whether a sentence says yes or no to a question, and what leaves it open."""

import pytest

from rag.answering.lexicon import Lexicon
from rag.answering.polarity import stance
from rag.answering.proposition import read_proposition
from rag.answering.sentences import sentences_of
from rag.embeddings import StaticEmbedder
from tests.reading import hit

HOSPITAL = "Did the coalition hit a hospital?"
KILLED = "Was the commander killed?"
STRAIT = "Is the strait open?"
WEAPONS = "Were chemical weapons used in Khan Sheikhoun?"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(StaticEmbedder())


def said(lexicon: Lexicon, question: str, text: str) -> set[str]:
    proposition = read_proposition(question)
    assert proposition is not None
    found = [stance(proposition, sentence, lexicon) for sentence in sentences_of([hit("a", text)])]
    return {"yes" if each.is_yes else "no" for each in found if each}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (HOSPITAL, "The coalition hit a hospital on Thursday, medics said."),
        (HOSPITAL, "A hospital was hit by coalition jets."),
        (HOSPITAL, "Coalition jets based near the border bombed a hospital."),
        (HOSPITAL, "Coalition warplanes bombed two hospitals in the east."),
        (HOSPITAL, "The coalition admitted hitting a hospital."),
        (HOSPITAL, "The coalition confirmed reports that it had hit a hospital."),
        (HOSPITAL, "The coalition did not only hit a hospital but also a school."),
        (HOSPITAL, "After saying nothing for days, the coalition admitted that its jets struck a hospital."),
        (KILLED, "The commander was killed in an ambush."),
        (KILLED, "Soldiers killed the commander, who had not fled."),
        (KILLED, "The commander did not survive the ambush."),
        (STRAIT, "The strait is open again, the navy said."),
        (STRAIT, "The strait is not closed, the navy said."),
        (WEAPONS, "Inspectors concluded that chemical weapons were used in Khan Sheikhoun."),
        (
            "Did the minister resign?",
            "The minister announced her resignation, though nobody had asked for it.",
        ),
        ("Was the ferry overloaded?", "The ferry that ran aground on Monday was overloaded, the union said."),
        ("Was the ferry overloaded?", "The ferry, which sank in June, was overloaded."),
        (KILLED, "The commander who led the siege was killed."),
        ("Were armed men arrested?", "Police said that armed men were arrested."),
        ("Was the vaccine approved?", "Regulators approved the vaccine, which has no side effects."),
        ("Will the summit be held in Doha?", "The summit will be held in Doha, the host said."),
    ],
)
def test_a_sentence_affirms(lexicon: Lexicon, question: str, text: str) -> None:
    assert said(lexicon, question, text) == {"yes"}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (HOSPITAL, "The coalition did not hit a hospital."),
        (HOSPITAL, "The coalition didn’t hit any hospital."),
        (HOSPITAL, "The coalition has never hit a hospital, its spokesman said."),
        (HOSPITAL, "No hospital was hit by the coalition."),
        (HOSPITAL, "None of the hospitals was hit by the coalition."),
        (HOSPITAL, "The coalition hit a depot, not a hospital."),
        (HOSPITAL, "The coalition took the town without hitting a hospital."),
        (HOSPITAL, "The coalition did not target or hit a hospital."),
        (HOSPITAL, "The coalition denied that it had hit a hospital."),
        (HOSPITAL, "The coalition denied, for the second time, that its jets hit a hospital."),
        (HOSPITAL, "The coalition, in a statement, denied hitting a hospital."),
        (HOSPITAL, "The spokesman rejected claims that the coalition hit a hospital."),
        (HOSPITAL, "The spokesman dismissed as false a report that the coalition hit a hospital."),
        (HOSPITAL, "Reports that the coalition hit a hospital are untrue, the spokesman said."),
        (HOSPITAL, "It is not true that the coalition hit a hospital."),
        (HOSPITAL, "Investigators found no evidence that the coalition hit a hospital."),
        (KILLED, "The commander survived the ambush."),
        ("Did the commander survive?", "The commander was killed by a mine."),
        (KILLED, "The commander is alive and well, his brother said."),
        (KILLED, "The commander was not among those killed."),
        (STRAIT, "The strait remained closed on Wednesday."),
        (STRAIT, "The strait is no longer open."),
        (WEAPONS, "Damascus ruled out that chemical weapons were used in Khan Sheikhoun."),
        ("Did the union accept the offer?", "The union rejected the offer."),
        ("Did the rocket reach orbit?", "The rocket failed to reach orbit."),
        ("Was the blast an accident?", "The blast was not an accident, police said."),
        ("Did Russia shoot down the drone?", "Moscow denied shooting down the drone."),
    ],
)
def test_a_sentence_denies(lexicon: Lexicon, question: str, text: str) -> None:
    assert said(lexicon, question, text) == {"no"}


@pytest.mark.parametrize(
    ("question", "text"),
    [
        # open
        (HOSPITAL, "The coalition may have hit a hospital."),
        (HOSPITAL, "It was unclear whether the coalition hit a hospital."),
        (HOSPITAL, "The coalition could not confirm that it had hit a hospital."),
        (HOSPITAL, "The coalition neither confirmed nor denied hitting a hospital."),
        (HOSPITAL, "The coalition did not rule out that it had hit a hospital."),
        (HOSPITAL, "The coalition is investigating reports that it hit a hospital."),
        (HOSPITAL, "The coalition allegedly hit a hospital."),
        (HOSPITAL, "The coalition did not deliberately hit a hospital."),
        (HOSPITAL, "Did the coalition hit a hospital?"),
        (HOSPITAL, "The coalition hit a hospital, a witness said, which the spokesman denied."),
        (HOSPITAL, "There is no independent confirmation that the coalition hit a hospital."),
        # not done, or not yet
        (HOSPITAL, "The coalition threatened to hit a hospital."),
        (HOSPITAL, "The coalition would hit a hospital if it had to."),
        (STRAIT, "The strait will be open on Monday."),
        # somebody or something else
        (HOSPITAL, "The coalition bombed the town near a hospital."),
        (HOSPITAL, "The coalition hit a depot beside the main hospital."),
        (HOSPITAL, "The coalition said Iran hit a hospital."),
        (HOSPITAL, "The coalition did not hit a school near the front."),
        (HOSPITAL, "The coalition was hit by a rocket from a hospital."),
        (HOSPITAL, "A hospital was hit by Russian jets, the coalition said."),
        (KILLED, "The commander's driver survived."),
        (KILLED, "The commander said that two of his men were killed."),
        (KILLED, "The commander killed two guards."),
        ("Did the commander survive?", "The commander killed two guards."),
        (STRAIT, "The bridge over the strait remained closed."),
        (STRAIT, "Ships that left the strait said the port was open."),
        (KILLED, "The commander who led the siege said his deputy was killed."),
        ("Was the ferry overloaded?", "The ferry, which hit a boat that was overloaded, sank."),
        (
            "Was the minister arrested?",
            "The minister who resigned after his son was arrested has left the country.",
        ),
        (WEAPONS, "Incendiary weapons were used in Khan Sheikhoun."),
        ("Were 20 people killed?", "Some 30 people were killed in the blast."),
        ("Did Karsten win the election?", "Karsten was at home. His rival lost the election."),
    ],
)
def test_a_sentence_says_neither(lexicon: Lexicon, question: str, text: str) -> None:
    assert said(lexicon, question, text) == set()


def test_a_negation_of_something_else_does_not_count(lexicon: Lexicon) -> None:
    told = "The coalition did not warn the residents, and it hit a hospital."
    assert said(lexicon, HOSPITAL, told) == {"yes"}
    told = "The coalition hit a hospital and denied residents any warning."
    assert said(lexicon, HOSPITAL, told) == {"yes"}


def test_who_did_it_may_be_told_beside_the_sentence(lexicon: Lexicon) -> None:
    assert said(lexicon, HOSPITAL, "The coalition flew ten raids. It hit a hospital.") == {"yes"}
    assert said(lexicon, HOSPITAL, "The rebels fired rockets. They hit a hospital.") == set()


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        (HOSPITAL, "whether the coalition hit a hospital"),
        (KILLED, "whether the commander was killed"),
        (STRAIT, "whether the strait is open"),
        (WEAPONS, "whether chemical weapons were used in Khan Sheikhoun"),
        ("Did the air strike hit a school?", "whether the air strike hit a school"),
        ("Did the army fire mortar shells?", "whether the army fired mortar shells"),
        ("Did the company deny the report?", "whether the company denied the report"),
        ("Did the court ban the party?", "whether the court banned the party"),
        ("Does Syria accept the plan?", "whether Syria accepts the plan"),
        ("Has the central bank cut rates?", "whether the central bank has cut rates"),
        ("Will the summit be held in Doha?", "whether the summit will be held in Doha"),
        ("Was there a blast in Beirut?", "whether there was a blast in Beirut"),
        ("Were children among the dead?", "whether children were among the dead"),
        ("Is Wit a judge of the high court?", "whether Wit is a judge of the high court"),
        ("Did the head of the army resign?", "whether the head of the army resigned"),
    ],
)
def test_a_question_reads_on_without_its_inversion(question: str, aspect: str) -> None:
    proposition = read_proposition(question)
    assert proposition is not None
    assert proposition.aspect == aspect


@pytest.mark.parametrize(
    "question",
    [
        "Who hit the hospital?",
        "Was it the upper or the lower village?",
        "Didn't the coalition hit a hospital?",
        "Did it?",
    ],
)
def test_other_questions_are_not_read_as_yes_or_no(question: str) -> None:
    assert read_proposition(question) is None
