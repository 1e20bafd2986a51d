"""What counts as a conflict. Every sentence is read as the answer, so that only its values decide."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.answering.conflicts import Conflicts
from rag.answering.lexicon import Lexicon
from rag.domain import Conflict, Hit
from rag.embeddings import StaticEmbedder
from tests.reading import hit


class Convinced:
    """Reads every text as an answer as good as any other."""

    def __init__(self, logit: float = 8.0) -> None:
        self.logit = logit

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full(len(texts), self.logit, np.float32)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(StaticEmbedder())


def report(key: str, text: str, *, story: str | None = None, **fields: Any) -> Hit:
    found = hit(key, text, **fields)
    return Hit(passage=found.passage, article=found.article, score=1.0, story=story)


def values(found: tuple[Conflict, ...]) -> list[str]:
    return [value.text for conflict in found for value in conflict.values]


def found(lexicon: Lexicon, question: str, *hits: Hit, logit: float = 8.0) -> tuple[Conflict, ...]:
    return Conflicts(Convinced(logit), lexicon).find(question, hits)  # type: ignore[arg-type]


def differing(lexicon: Lexicon, question: str, *texts: str, logit: float = 8.0) -> list[str]:
    hits = [report(f"a{number}", text) for number, text in enumerate(texts)]
    return values(found(lexicon, question, *hits, logit=logit))


KILLED = "How many people were killed?"


@pytest.mark.parametrize(
    ("question", "one", "other", "shown"),
    [
        (
            KILLED,
            "20 people were killed in Homs.",
            "23 people were killed in Homs.",
            ["20 people", "23 people"],
        ),
        (
            "Who won the race?",
            "Ann Wit won the race.",
            "The race was won by Amy Roe.",
            ["Ann Wit", "Amy Roe"],
        ),
        (
            "Which village was hit?",
            "Planes hit al-Baghuz al-Tahtani village.",
            "Planes hit al-Baghouz Foqani village.",
            ["al-Baghouz Foqani", "al-Baghuz al-Tahtani"],
        ),
        (
            "When was the bridge opened?",
            "The bridge was opened on 3 May 2018.",
            "The bridge was opened on 4 May 2018.",
            ["3 May 2018", "4 May 2018"],
        ),
        (
            "How much did the bridge cost?",
            "The bridge cost $20 million.",
            "The bridge cost $35 million.",
            ["$20 million", "$35 million"],
        ),
        (
            "Did the coalition hit a hospital?",
            "The coalition hit a hospital.",
            "The coalition denied hitting a hospital.",
            ["no", "yes"],
        ),
    ],
)
def test_articles_that_give_different_values_differ(
    lexicon: Lexicon, question: str, one: str, other: str, shown: list[str]
) -> None:
    assert sorted(differing(lexicon, question, one, other)) == sorted(shown)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (KILLED, "20 people were killed in Homs.", "Twenty civilians were killed in Homs."),
        (KILLED, "At least 20 people were killed in Homs.", "23 people were killed in Homs."),
        # of whom, and other people
        (
            KILLED,
            "20 people were killed in Homs.",
            "20 people were killed in Homs, including 5 people from Hama.",
        ),
        # the wounded are not the dead
        (KILLED, "20 people were killed in Homs.", "34 people were wounded in Homs."),
        (KILLED, "20 people were killed.", "20 people were killed and 34 people were wounded."),
        ("How many people were wounded?", "140 people were wounded.", "22 people died and 140 were wounded."),
        ("Who won the race?", "Ann Wit won the race.", "Wit won the race."),
        # the other article has the name as well
        ("Who won the race?", "Ann Wit won the race.", "Amy Roe lost. The race was won by Ann Wit."),
        ("When was the bridge opened?", "The bridge was opened in May 2018.", "It was opened on 4 May 2018."),
        ("What did the mayor say?", "Ann Wit said no.", "Amy Roe said yes."),
        ("Was the general killed?", "The general was killed.", "A general was killed in an ambush."),
        (
            "Was the general killed?",
            "The general was killed.",
            "It is unclear whether the general was killed.",
        ),
        ("Was it a bomb or a rocket?", "It was a bomb.", "It was not a bomb."),
    ],
)
def test_articles_that_can_both_be_right_do_not(
    lexicon: Lexicon, question: str, one: str, other: str
) -> None:
    assert differing(lexicon, question, one, other) == []


def test_the_day_of_a_dateline_is_no_answer(lexicon: Lexicon) -> None:
    assert not differing(
        lexicon,
        "When will the bridge over the Glomma reopen?",
        "OSLO, 5 May 2024 (NTB) - The bridge over the Glomma will reopen on Friday, the agency said.",
        "OSLO, 6 May 2024 (NTB) - The bridge over the Glomma will not reopen this summer, the agency said.",
    )


def test_one_article_does_not_differ_from_itself(lexicon: Lexicon) -> None:
    assert differing(lexicon, "Who won the race?", "Ann Wit won the race. Amy Roe won the race before.") == []


def test_sentences_that_do_not_answer_count_for_nothing(lexicon: Lexicon) -> None:
    texts = "20 people were killed in Homs.", "23 people were killed in Homs."
    assert differing(lexicon, KILLED, *texts, logit=-8.0) == []


def test_a_conflict_names_its_values_with_their_articles_and_origins(lexicon: Lexicon) -> None:
    one = report("one", "20 people were killed in Homs.", source="Mehr", origins=("SANA",))
    two = report("two", "23 people were killed in Homs.", published=date(2019, 1, 20))
    [conflict] = found(lexicon, KILLED, one, two)
    assert (conflict.aspect, conflict.kind) == ("how many people were killed", "contradiction")
    assert [(each.citations[0].article_id, each.origins) for each in conflict.values] == [
        ("one", ("SANA",)),
        ("two", ()),
    ]
    assert conflict.sentence == (
        "Sources differ on how many people were killed: 20 people (Mehr) or "
        "23 people (article two, 20 January 2019)."
    )


def test_a_conflict_over_yes_or_no_tells_what_is_asked(lexicon: Lexicon) -> None:
    one = report("one", "The coalition hit a hospital.", source="Reuters", published=date(2018, 5, 3))
    two = report("two", "The coalition hit no hospital.", source="TASS", published=date(2018, 5, 3))
    [conflict] = found(lexicon, "Did the coalition hit a hospital?", one, two)
    assert conflict.aspect == "whether the coalition hit a hospital"
    assert {each.text: each.citations[0].quote for each in conflict.values} == {
        "yes": "The coalition hit a hospital.",
        "no": "The coalition hit no hospital.",
    }
    assert conflict.sentence == (
        "Sources differ on whether the coalition hit a hospital: yes (Reuters, 3 May 2018) or no (TASS, 3 May 2018)."
    )


def test_an_article_that_says_both_stands_on_neither_side(lexicon: Lexicon) -> None:
    both = (
        "Locals said the coalition hit a hospital. The coalition did not hit a hospital, its spokesman said."
    )
    assert (
        differing(lexicon, "Did the coalition hit a hospital?", both, "The coalition hit a hospital.") == []
    )


def test_a_later_report_with_a_higher_toll_is_an_update(lexicon: Lexicon) -> None:
    one = report("one", "20 people were killed in Homs.", published=date(2019, 1, 18))
    two = report("two", "23 people were killed in Homs.", published=date(2019, 1, 20))
    [conflict] = found(lexicon, KILLED, two, one)
    assert conflict.kind == "update"
    assert conflict.sentence.endswith("20 people (18 January 2019), later 23 people (20 January 2019).")


@pytest.mark.parametrize("day", [date(2019, 1, 18), date(2019, 1, 17)])
def test_a_toll_that_falls_or_differs_on_one_day_is_a_contradiction(lexicon: Lexicon, day: date) -> None:
    one = report("one", "20 people were killed in Homs.", published=date(2019, 1, 18))
    two = report("two", "23 people were killed in Homs.", published=day)
    assert [each.kind for each in found(lexicon, KILLED, one, two)] == ["contradiction"]


def test_articles_of_different_stories_tell_of_different_things(lexicon: Lexicon) -> None:
    one = report("one", "20 people were killed in Homs.", story="s")
    two = report("two", "23 people were killed in Hama.", story="t")
    assert found(lexicon, KILLED, one, two, logit=0.5) == ()
    same = [report(each.article.id, each.passage.text, story="s") for each in (one, two)]
    assert values(found(lexicon, KILLED, *same, logit=3.0)) == ["20 people", "23 people"]


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("Which village was hit?", "which village was hit"),
        ("Which village did the planes hit?", "the village"),
        ("Where was the strike?", "the place"),
    ],
)
def test_what_is_asked_reads_on_in_the_sentence(lexicon: Lexicon, question: str, aspect: str) -> None:
    one = report("one", "Planes hit Sosa village in the strike.")
    two = report("two", "Planes hit Hajin village in the strike.")
    texts = [report("one", "The strike was in Sosa."), report("two", "The strike was in Hajin.")]
    assert [
        each.aspect for each in found(lexicon, question, *([one, two] if "village" in question else texts))
    ] == [aspect]
