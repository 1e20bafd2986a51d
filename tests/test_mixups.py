"""Claims that say of one name what the evidence says of another."""

from collections.abc import Sequence

import pytest

from rag.answering.verification import Verifier
from rag.answering.verification.mixups import exchanged, rather_said
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment

CONTEST = (
    "Liz Truss beat Rishi Sunak to become Britain's new prime minister. Truss replaces Boris Johnson, who resigned "
    "in July after a series of scandals."
)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    return Verifier(MiniLMEmbedder(), Entailment())


def test_a_name_is_exchanged_for_each_other_one_and_two_for_each_other() -> None:
    passage = "Ruiz beat Lee and met Eva Karl."
    assert set(exchanged("Ana Ruiz beat Tom Lee.", passage)) == {
        "Tom Lee beat Ana Ruiz.",
        "Eva Karl beat Tom Lee.",
        "Ana Ruiz beat Eva Karl.",
    }


def test_what_one_sentence_has_most_of_is_the_likeliest() -> None:
    assert exchanged("Liz Truss replaces Rishi Sunak.", CONTEST)[:2] == [
        "Rishi Sunak replaces Liz Truss.",
        "Liz Truss replaces Boris Johnson.",
    ]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Ana Ruiz won.", "Ana Ruiz won the vote."),  # no other name
        ("The mayor won.", "Ana Ruiz beat Tom Lee."),  # no name of its own
        ("Ola Berg won.", "Ana Ruiz beat Tom Lee."),  # a name that is not there has a check of its own
        ("The US won.", "Officers say that the United States won."),  # another name of the same
        ("Ana Ruiz won.", "Officers say that Ana Ruiz won. Airports closed."),  # words that begin a sentence
        ("Top judges won.", "The top judge heard that Ana Ruiz won."),  # such a word of the claim
    ],
)
def test_nothing_is_exchanged_without_two_names_of_the_passage(claim: str, passage: str) -> None:
    assert list(exchanged(claim, passage)) == []


def test_what_the_passage_plainly_says_rather_is_found_and_what_it_may_say_is_not() -> None:
    passage = "Ana Ruiz beat Tom Lee."

    def sure(claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return [2.0] * len(claims)

    def unsure(claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return [0.4] * len(claims)

    def never(claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        pytest.fail("asked without need")

    assert rather_said("Lee beat Ruiz.", passage, -2.0, sure) == "Ruiz beat Lee."
    assert rather_said("Lee beat Ruiz.", passage, -2.0, unsure) is None
    assert rather_said("Lee beat Ruiz.", passage, 0.0, sure) is None  # not so much surer
    assert rather_said("Lee beat Ruiz.", passage, 2.0, never) is None


@pytest.mark.parametrize(
    ("claim", "rather"),
    [
        ("Liz Truss replaces Rishi Sunak.", "Liz Truss replaces Boris Johnson."),
        ("Boris Johnson replaces Liz Truss.", "Liz Truss replaces Boris Johnson."),
        ("Rishi Sunak beat Liz Truss.", "Liz Truss beat Rishi Sunak."),
    ],
)
def test_a_mix_up_of_names_is_refused_with_what_is_right(claim: str, rather: str, verifier: Verifier) -> None:
    found = verifier.verify(claim, [CONTEST])
    assert found.verdict != "supported"
    assert found.reason == f"the passage seems to say rather: {rather}"


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (
            "Pedro Vidal succeeded Ana Ruiz as mayor in 2011.",
            "Luis Gomez and Carla Diaz said that Ana Ruiz succeeded Pedro Vidal as mayor in 2011.",
        ),
        (
            "Spain beat England in the final.",
            "In Berlin, before King Felipe and Prince William, England beat Spain in the final.",
        ),
    ],
)
def test_a_mix_up_is_refused_whoever_else_is_named(claim: str, passage: str, verifier: Verifier) -> None:
    assert verifier.verify(claim, [passage]).verdict == "contradicted"


@pytest.mark.parametrize(
    "claim", ["Liz Truss replaces Boris Johnson.", "Boris Johnson resigned in July.", "Truss beat Sunak."]
)
def test_what_is_said_of_these_names_is_supported(claim: str, verifier: Verifier) -> None:
    assert verifier.verify(claim, [CONTEST]).verdict == "supported"
