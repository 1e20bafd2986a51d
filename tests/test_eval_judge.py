"""Judges that fail in every way a model can, through the real client and the real ragas."""

import asyncio
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval import evaluation, judging
from eval.dataset import Dataset, newsroom_of, read_dataset
from eval.folder import RunFolder
from eval.judge import Judge, JudgeError, Tally
from eval.run import answer_all, asking, samples_of
from eval.samples import Sample
from rag import Newsroom, UsageError
from tests.collection import write_rows
from tests.endpoint import Reply, refuses, sends, serve, stalls
from tests.evaluation import ARTICLES, QUESTIONS

pytest.importorskip("ragas")

STATEMENT = "Eleven workers were injured."
CLAIMS = [
    {"id": "c1", "claim": STATEMENT, "context": STATEMENT, "label": "supported"},
    {"id": "c2", "claim": "Nobody was injured.", "context": STATEMENT, "label": "unsupported"},
]


def writes(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> Reply:
    """A whole completion."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return sends(json.dumps(body).encode(), headers={"content-type": "application/json"})


def fills(form: Any) -> Reply:
    return writes(json.dumps(form))


def splits(*statements: str) -> Reply:
    """The first step of faithfulness: the answer in statements."""
    return fills({"statements": list(statements)})


def rules(*verdicts: int) -> Reply:
    """The second: a verdict on each."""
    return fills(
        {"statements": [{"statement": STATEMENT, "reason": "so", "verdict": each} for each in verdicts]}
    )


GARBAGE, REFUSAL = writes("The answer looks fine to me."), writes("I'm sorry, but I can't help with that.")
CUT = writes('{"statements": ["Eleven', finish="length")


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("articles")
    with newsroom_of(write_rows(folder / "articles.jsonl", ARTICLES), None) as opened:
        yield opened


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_rows(tmp_path / "questions.jsonl", QUESTIONS[:2]))


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Two answers of another system, so that each is one sentence."""
    quotes = {
        "q1": {"article_id": "bridge", "quote": "Eleven workers were injured, the city hospital said."},
        "q2": {"article_id": "rates", "quote": "Governor Bo Ek said inflation was too high."},
    }
    return write_rows(
        tmp_path / "answers.jsonl",
        [{"id": key, "sentences": [{"text": q["quote"], "citations": [q]}]} for key, q in quotes.items()],
    )


def judged(
    newsroom: Newsroom, dataset: Dataset, answers: Path, out: Path, *replies: Reply, timeout: float = 10
) -> dict[str, Any]:
    """The summary of a run that is judged for faithfulness by these replies."""
    with serve(*replies) as endpoint:
        judge = Judge(model="m", base_url=endpoint.base_url, timeout=timeout, price=(1.0, 2.0))
        _, summary = evaluation.evaluate(
            newsroom,
            dataset,
            out,
            name="run",
            answers=answers,
            judging=evaluation.judging_with(judge, out, ["faithfulness"]),
        )
    return summary


# one form


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (GARBAGE, "garbage"),
        (writes("{}"), "garbage"),
        (writes(""), "garbage"),
        (sends(b"<html>busy</html>"), "garbage"),
        (REFUSAL, "refusal"),
        (writes(None, refusal="I will not judge this"), "refusal"),
        (writes(None, finish="content_filter"), "refusal"),
        (CUT, "truncated"),
        (refuses(500), "endpoint"),
        (refuses(401, "Incorrect API key provided: sk-secret"), "endpoint"),
        (stalls(), "timeout"),
    ],
)
def test_a_failure_has_a_name_and_is_tried_three_times(reply: Reply, kind: str):
    from eval.ragas_metrics import judge_claim

    tally = Tally()
    with serve(reply) as endpoint, pytest.raises(JudgeError) as caught:
        judge = Judge(model="m", base_url=endpoint.base_url, timeout=0.3, api_key="sk-secret")
        asyncio.run(judge_claim(judge, STATEMENT, STATEMENT, tally))

    assert caught.value.kind == kind
    assert "sk-secret" not in str(caught.value)
    assert tally.calls == len(endpoint.requests) == 3
    assert tally.retries == {kind: 2}


def test_a_second_try_is_warmer_because_the_first_would_repeat_itself():
    from eval.ragas_metrics import judge_claim

    with serve(GARBAGE, rules(1)) as endpoint:
        judge = Judge(model="m", base_url=endpoint.base_url)
        passed = asyncio.run(judge_claim(judge, STATEMENT, STATEMENT, Tally()))

    assert passed is True
    assert [request["temperature"] for request in endpoint.requests] == [0.0, 0.3]
    assert {request["max_tokens"] for request in endpoint.requests} == {8192}


# a run


def test_a_judged_run_has_scores_calls_tokens_and_cost(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    replies = splits(STATEMENT), rules(1), splits(STATEMENT, STATEMENT), rules(1, 0)

    summary = judged(newsroom, dataset, answers, tmp_path / "runs", *replies)

    figure = summary["metrics"]["faithfulness"]
    assert (figure["value"], figure["n"], figure["failures"]) == (0.75, 2, {})
    judge = summary["judge"]
    assert judge["calls"] == 4
    assert judge["usage"] == {"completion_tokens": 80, "prompt_tokens": 400}
    assert judge["cost"] == pytest.approx((400 * 1 + 80 * 2) / 1e6)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(GARBAGE, "garbage"), (REFUSAL, "refusal"), (CUT, "truncated"), (stalls(), "timeout")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sample_that_the_judge_fails_on_is_counted_and_not_averaged(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path, reply: Reply, kind: str
):
    summary = judged(
        newsroom,
        dataset,
        answers,
        tmp_path / "runs",
        reply,
        reply,
        reply,
        splits(STATEMENT),
        rules(1),
        timeout=0.5,
    )

    figure = summary["metrics"]["faithfulness"]
    assert (figure["value"], figure["n"], figure["failures"]) == (1.0, 1, {kind: 1})
    assert summary["judge"]["retries"] == {kind: 2}
    assert summary["judge"]["failures"] == {kind: 1}
    assert summary["metrics"]["quote_exactness"]["n"] == 2  # the rest is scored


def test_a_judge_that_finds_nothing_to_judge_gives_no_number(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    summary = judged(newsroom, dataset, answers, tmp_path / "runs", splits())

    figure = summary["metrics"]["faithfulness"]
    assert (figure["value"], figure["n"], figure["failures"]) == (None, 0, {"nan": 2})


def test_a_missing_verdict_is_a_failure_and_no_better_score(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    replies = splits(STATEMENT, STATEMENT), rules(1), splits(STATEMENT), rules(7)

    summary = judged(newsroom, dataset, answers, tmp_path / "runs", *replies)

    assert summary["metrics"]["faithfulness"]["failures"] == {"garbage": 1, "incomplete": 1}


def test_judging_again_asks_only_for_what_failed(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    out = tmp_path / "runs"
    judged(newsroom, dataset, answers, out, splits(STATEMENT), rules(1), GARBAGE)

    summary = judged(newsroom, dataset, answers, out, splits(STATEMENT), rules(0))

    figure = summary["metrics"]["faithfulness"]
    assert (figure["value"], figure["n"], figure["failures"]) == (0.5, 2, {})
    assert summary["judge"]["calls"] == 2 + 3 + 2


def test_an_unknown_judged_metric_is_wrong_use(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    judging_by = evaluation.judging_with(Judge(model="m"), tmp_path, ["truthfulness"])

    with pytest.raises(
        UsageError, match="no judged metric is called 'truthfulness'; there are: faithfulness"
    ):
        evaluation.evaluate(newsroom, dataset, tmp_path / "runs", answers=answers, judging=judging_by)


# how good the judge is


def test_a_judge_is_measured_and_its_failures_are_named(tmp_path: Path):
    with serve(rules(1), GARBAGE) as endpoint:
        judge = Judge(model="m", base_url=endpoint.base_url)
        rows = judging.measure_judge(judge, CLAIMS, tmp_path / "m.jsonl")

    card = judging.card_of("m", rows, claims="claims.jsonl", sha256="0")
    assert (card["n"], card["failures"], card["balanced_accuracy"]) == (1, {"garbage": 1}, None)


def test_measuring_again_goes_on_and_the_card_stands_beside_the_scores(
    newsroom: Newsroom, dataset: Dataset, answers: Path, tmp_path: Path
):
    out = tmp_path / "runs"
    kept = judging.card_path(out, "m").with_suffix(".jsonl")
    for replies in ((rules(1), GARBAGE), (rules(0),)):
        with serve(*replies) as endpoint:
            rows = judging.measure_judge(Judge(model="m", base_url=endpoint.base_url), CLAIMS, kept)
    judging.keep_card(out, judging.card_of("m", rows, claims="claims.jsonl", sha256="0"))

    summary = judged(newsroom, dataset, answers, out, splits(STATEMENT), rules(1))

    assert len(endpoint.requests) == 1
    assert summary["judge"]["measured"]["balanced_accuracy"] == 1.0


def test_the_verifier_is_measured_in_the_same_way():
    rows = judging.measure_verifier(evaluation.verifier(), CLAIMS)

    assert judging.card_of("verifier", rows, claims="c", sha256="0")["balanced_accuracy"] == 1.0


# ours as ragas has them


@pytest.fixture
def samples(newsroom: Newsroom, dataset: Dataset, tmp_path: Path) -> list[Sample]:
    return samples_of(answer_all(dataset.cases, RunFolder(tmp_path), asking(newsroom)), newsroom)


def test_our_metrics_are_ragas_metrics(samples: list[Sample]):
    from ragas.metrics.collections.base import BaseMetric

    from eval.ragas_metrics import as_ragas

    metrics = {metric.name: metric for metric in as_ragas(evaluation.all_metrics())}

    assert all(isinstance(metric, BaseMetric) for metric in metrics.values())
    assert asyncio.run(metrics["quote_exactness"].ascore(sample=samples[0])).value == 1.0
    assert math.isnan(asyncio.run(metrics["conflict_recall"].ascore(sample=samples[0])).value)


def test_ragas_metrics_without_a_model_are_scored_like_ours(samples: list[Sample]):
    scores = {metric.name: metric.score(samples[0]) for metric in evaluation.all_metrics(ragas=True)}

    assert scores["ragas_quoted_spans"] == 1.0
    assert scores["ragas_string_similarity"] is not None
    assert 0 < scores["ragas_string_similarity"] <= 1
