"""The labels of the questions on the seeds, checked against the articles themselves."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from eval.claims import read_claims
from eval.dataset import Case, read_dataset
from eval.evaluation import DATASETS, SEEDS
from eval.gate import read_baseline
from eval.metrics import words

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt")}
DATASET = read_dataset(DATASETS / "seeds.jsonl")
ANSWERABLE = [case for case in DATASET.cases if case.answerable]
DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2} January 2019")


def test_every_row_can_be_used():
    assert DATASET.faults == ()
    assert len(DATASET.cases) >= 60
    assert len({case.question for case in DATASET.cases}) == len(DATASET.cases)


@pytest.mark.parametrize("case", ANSWERABLE, ids=lambda case: case.id)
def test_evidence_stands_once_in_its_gold_article(case: Case):
    assert case.evidence
    for article_id, quote in case.evidence:
        assert article_id in case.gold_article_ids
        assert TEXTS[article_id].count(quote) == 1


@pytest.mark.parametrize("case", ANSWERABLE, ids=lambda case: case.id)
def test_an_accepted_answer_stands_in_the_evidence_or_is_a_day(case: Case):
    evidence = words(" ".join(quote for _, quote in case.evidence))

    assert case.answers
    assert [
        answer for answer in case.answers if words(answer) not in evidence and not DAY.fullmatch(answer)
    ] == []


def test_days_are_those_before_the_dated_report():
    published = date(2019, 1, 20)  # a Sunday
    friday, saturday = published - timedelta(2), published - timedelta(1)
    days = {a for c in DATASET.cases if c.type == "date_resolution" for a in c.answers if DAY.fullmatch(a)}

    assert (friday.strftime("%A"), saturday.strftime("%A")) == ("Friday", "Saturday")
    assert days == {
        form.format(d=day) for day in (friday, saturday) for form in ("{d:%Y-%m-%d}", "{d:%d %B %Y}")
    }


def test_what_cannot_be_answered_names_no_answer():
    for case in DATASET.cases:
        if case.answerable is False:
            assert (case.answers, case.evidence, case.gold_article_ids) == ((), (), ())


def test_the_values_of_a_conflict_stand_in_different_articles():
    for case in DATASET.cases:
        for value in case.conflict or ():
            assert [value in text for text in TEXTS.values()].count(True) == 1


def test_every_kind_of_question_is_there():
    kinds = Counter(case.type.removeprefix("unanswerable_").partition("_")[0] for case in DATASET.cases)

    wanted = "who whom when where how paraphrase comparison conflict date follow false near far injected"
    assert set(wanted.split()) <= set(kinds)
    assert all(case.history for case in DATASET.cases if case.type == "follow_up")
    assert all(case.forbidden for case in DATASET.cases if case.type == "injected")


@pytest.mark.parametrize("name", ["seeds_claims.jsonl"])
def test_claims_are_on_sentences_of_the_seeds_half_of_them_borne_out(name: str):
    claims = read_claims(DATASETS / name, "id", "claim", "context", "label")

    assert Counter(claim["label"] for claim in claims) == {"supported": 10, "unsupported": 10}
    assert all(any(claim["context"] in text for text in TEXTS.values()) for claim in claims)


def test_the_written_answers_cite_what_stands_there():
    rows = [json.loads(line) for line in Path(DATASETS / "seeds_answers.jsonl").read_text().splitlines()]

    assert len(rows) == 10
    for row in rows:
        for given in (*row["contexts"], *(quote for each in row["sentences"] for quote in each["citations"])):
            assert given["quote"] in TEXTS[given["article_id"]]


def test_the_baseline_is_of_these_questions():
    baseline = read_baseline(DATASETS.parent / "baselines" / "seeds.json")

    assert baseline["dataset"] == {"name": DATASET.name, "sha256": DATASET.sha256}
    assert set(baseline["scores"]) == {case.id for case in DATASET.cases}
