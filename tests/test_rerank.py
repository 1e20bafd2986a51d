from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain import Filters, Plan
from rag.retrieval.rerank import EVIDENCE, LEAD, STRETCH, CloseReading, content_stems, timeliness
from tests.reading import hit

DAY = date(2019, 1, 18)


def planned(**fields: object) -> Plan:
    return Plan(**{"question": "", "query": "", "filters": Filters(), **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("nearer", "further"),
    [
        (date(2019, 1, 18), date(2019, 1, 20)),
        (date(2019, 1, 20), date(2019, 1, 28)),
        (date(2019, 1, 20), date(2019, 1, 16)),  # a report from before can only foretell it
        (date(2018, 1, 1), None),
    ],
)
def test_reports_soon_after_the_day_asked_about_are_the_nearest(nearer: date, further: date | None) -> None:
    plan = planned(days=((DAY, DAY),))

    assert timeliness(nearer, plan, None) > timeliness(further, plan, None)


def test_within_a_week_of_the_question_age_tells_little():
    plan = planned(filters=Filters(as_of=DAY))

    this_week, last_year = (timeliness(day, plan, None) for day in (date(2019, 1, 12), date(2018, 1, 18)))

    assert this_week > 0.8
    assert last_year < 0.01


def test_without_a_day_time_has_no_say():
    assert timeliness(DAY, planned(), DAY) == 0.0


def test_the_latest_is_seen_from_the_newest():
    assert timeliness(DAY, planned(recent=True), DAY) == 1.0


def test_what_stands_together_weighs_more_than_what_stands_apart():
    reading = CloseReading({"warplan": 3.0, "hospit": 3.0})
    apart = " ".join(["warplanes", *["and"] * 40, "hospital"])

    together, scattered = hit("a", "Warplanes struck a hospital."), hit("b", apart)

    assert reading.score(together.passage, together.article) > reading.score(
        scattered.passage, scattered.article
    )


@given(st.lists(st.sampled_from(["tank", "school", "bridg", *["and"] * 20]), max_size=120))
def test_the_evidence_is_the_stretch_that_holds_most_of_the_question(words: list[str]):
    rarity = {"tank": 1.0, "school": 2.0, "bridg": 4.0}
    found = hit("a", " ".join(words))

    stretches = [{*words[place : place + STRETCH]} & rarity.keys() for place in range(len(words))]
    most = max((sum(rarity[word] for word in held) for held in stretches), default=0.0) / 7.0
    assert CloseReading(rarity).score(found.passage, found.article) == pytest.approx(EVIDENCE * most + LEAD)


def test_a_question_of_function_words_keeps_them():
    assert content_stems("Who is it?") == ["who", "is", "it"]
