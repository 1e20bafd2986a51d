"""The gate against five deliberate defects, and against no change at all."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from eval import evaluation, gate
from eval.compare import compare
from eval.dataset import Case, Dataset, newsroom_of, read_dataset
from eval.folder import RunFolder, write_json
from eval.run import asking
from rag import Newsroom, UsageError
from rag.sentences import split_sentences

Answer = dict[str, Any]
Defect = Callable[["Good", Case, Answer], Answer]
EVERY = 5  # of the questions on the seeds: enough of each kind, few enough for a test


@dataclass(frozen=True)
class Good:
    """The answers as they should be, and what holds them."""

    newsroom: Newsroom
    dataset: Dataset
    answers: dict[str, Answer]
    baseline: dict[str, Any]

    def run(self, out: Path, defect: Defect | None = None) -> RunFolder:
        def ask(case: Case) -> Answer:
            answer = self.answers[case.id]
            return defect(self, case, answer) if defect else answer

        folder, _ = evaluation.evaluate(self.newsroom, self.dataset, out, ask=ask)
        return folder


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Good]:
    whole = read_dataset(evaluation.find_dataset("seeds"))
    few = replace(whole, cases=whole.cases[::EVERY])
    with newsroom_of(evaluation.SEEDS, None) as newsroom:
        ask = asking(newsroom)
        answers = {case.id: ask(case) for case in few.cases}
        unheld = Good(newsroom, few, answers, {})
        yield replace(unheld, baseline=gate.make_baseline(unheld.run(tmp_path_factory.mktemp("good"))))


def wrong_citations(good: Good, case: Case, answer: Answer) -> Answer:
    """Every sentence cites what another answer cites."""
    citations = [
        statement["citations"]
        for key, other in good.answers.items()
        for statement in other["statements"]
        if key != case.id
    ]
    pick = random.Random(case.id)
    return _with_statements(answer, lambda statement: statement | {"citations": pick.choice(citations)})


def off_by_one_sentence(good: Good, case: Case, answer: Answer) -> Answer:
    """Every citation points at the sentence that follows."""
    del case
    return _with_statements(
        answer,
        lambda statement: (
            statement | {"citations": [_following(good, each) for each in statement["citations"]]}
        ),
    )


def no_abstention(good: Good, case: Case, answer: Answer) -> Answer:
    """Where there is no answer, the first sentence of the best passage is given for one."""
    del good, case
    if answer["status"] == "answered" or not answer["passages"]:
        return answer
    passage = answer["passages"][0]["passage"]
    start, end = split_sentences(passage["text"])[0]
    quote = passage["text"][start:end]
    citation = {
        "article_id": passage["article_id"],
        "start": passage["start"] + start,
        "end": passage["start"] + end,
        "quote": quote,
    }
    statement = {"text": quote, "verdict": "supported", "citations": [citation]}
    return answer | {"status": "answered", "statements": [statement]}


def shuffled_ranking(good: Good, case: Case, answer: Answer) -> Answer:
    del good
    passages = list(answer["passages"])
    random.Random(case.id).shuffle(passages)
    return answer | {"passages": passages}


def unsupported_passed(good: Good, case: Case, answer: Answer) -> Answer:
    """A sentence that nothing supports is shown as supported."""
    del good, case
    if not answer["statements"]:
        return answer
    first = answer["statements"][0]
    invented = first | {"text": "The coalition apologised and promised the families four million dollars."}
    return answer | {"statements": [first, invented]}


def _with_statements(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    return answer | {"statements": [change(statement) for statement in answer["statements"]]}


def _following(good: Good, citation: Any) -> Any:
    text = good.newsroom.article(citation["article_id"]).text
    spans = split_sentences(text)
    place = next((n for n, (start, _) in enumerate(spans) if start > citation["start"]), 0)
    start, end = spans[place]
    return citation | {"start": start, "end": end, "quote": text[start:end]}


@pytest.mark.parametrize(
    ("defect", "metrics"),
    [
        (wrong_citations, {"statement_support", "citation_recall", "citation_precision"}),
        (off_by_one_sentence, {"statement_support", "citation_recall", "citation_precision"}),
        (no_abstention, {"abstention_recall"}),
        (shuffled_ranking, {"retrieval_hit@1", "retrieval_mrr"}),
        (unsupported_passed, {"statement_support", "citation_precision"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_gate_refuses_a_defect_and_says_where(
    good: Good, tmp_path: Path, defect: Defect, metrics: set[str]
):
    reasons = gate.reasons_against(good.run(tmp_path, defect), good.baseline)

    fallen = {reason.partition(" ")[0] for reason in reasons}
    assert metrics <= fallen
    assert any("seeds-" in reason for reason in reasons)


def test_a_change_that_changes_nothing_passes_ten_times_in_a_row(good: Good, tmp_path: Path):
    assert [gate.reasons_against(good.run(tmp_path / str(n)), good.baseline) for n in range(10)] == [[]] * 10


def test_an_improvement_passes(good: Good, tmp_path: Path):
    worse = gate.make_baseline(good.run(tmp_path / "worse", wrong_citations))

    assert gate.reasons_against(good.run(tmp_path / "good"), worse) == []


def test_comparing_a_defect_with_the_good_run_finds_it_worse(good: Good, tmp_path: Path):
    ours = evaluation.read_scores(good.run(tmp_path / "good"))
    theirs = evaluation.read_scores(good.run(tmp_path / "bad", off_by_one_sentence))

    rows, unpaired = compare(ours, theirs)

    verdicts = {row.metric: row.verdict for row in rows}
    assert verdicts["citation_precision"] == "worse"
    assert verdicts["retrieval_mrr"] == "no certain difference"
    assert unpaired == []


def test_a_baseline_of_other_questions_is_no_baseline(good: Good, tmp_path: Path):
    other = good.baseline | {"dataset": {"name": "seeds", "sha256": "0"}}

    (reason,) = gate.reasons_against(good.run(tmp_path), other)

    assert reason.startswith("the baseline is of other questions")


def test_a_question_that_is_no_longer_scored_is_a_reason(good: Good, tmp_path: Path):
    more = good.baseline | {"scores": good.baseline["scores"] | {"seeds-999": {}}}

    assert gate.reasons_against(good.run(tmp_path), more) == [
        "seeds-999 was scored in the baseline and is not now"
    ]


def test_a_metric_with_nothing_to_count_any_more_is_a_reason(good: Good, tmp_path: Path):
    def silent(_: Good, __: Case, answer: Answer) -> Answer:
        return answer | {"status": "abstained", "statements": []}

    reasons = gate.reasons_against(good.run(tmp_path, silent), good.baseline)

    assert "quote_exactness was 1.000 and has nothing to count now" in reasons


def test_saving_again_keeps_a_tolerance_set_by_hand(good: Good, tmp_path: Path):
    folder, path = good.run(tmp_path / "runs"), tmp_path / "baseline.json"
    gate.save_baseline(folder, path)
    kept = gate.read_baseline(path)
    write_json(path, kept | {"tolerances": kept["tolerances"] | {"answer_f1": 0.5}})

    gate.save_baseline(folder, path)

    assert gate.read_baseline(path)["tolerances"] == kept["tolerances"] | {"answer_f1": 0.5}


def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path):
    write_json(tmp_path / "b.json", {})

    with pytest.raises(UsageError, match="is no baseline"):
        gate.read_baseline(tmp_path / "b.json")
