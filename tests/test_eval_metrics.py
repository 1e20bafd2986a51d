"""Each metric on answers small enough to score by hand."""

from collections.abc import Sequence
from typing import Any

import pytest

from eval import metrics
from eval.dataset import Case
from eval.samples import Found, Quote, Sample, Sentence

TEXT = "The bridge fell on Monday. Eleven workers were injured. The mayor promised an inquiry."
MONDAY, INJURED, INQUIRY = (TEXT[:26], TEXT[27:55], TEXT[56:])


def case(**changed: Any) -> Case:
    given: dict[str, Any] = {
        "id": "q1",
        "question": "How many workers were injured?",
        "as_of": None,
        "answers": ("eleven", "11"),
        "answerable": True,
        "gold_article_ids": ("bridge",),
        "evidence": (("bridge", INJURED),),
        "type": "how_many",
    }
    return Case(**given | changed)


def quote(text: str, *, article_id: str = "bridge", shift: int = 0) -> Quote:
    start = TEXT.find(text) + shift
    return Quote(article_id=article_id, start=start, end=start + len(text), quote=text)


def sentence(text: str, *quotes: Quote, verdict: str = "supported", days: tuple[str, ...] = ()) -> Sentence:
    return Sentence(text=text, verdict=verdict, citations=quotes, days=days)


def sample(*sentences: Sentence, about: Case | None = None, **changed: Any) -> Sample:
    given: dict[str, Any] = {
        "case": about or case(),
        "answered": bool(sentences),
        "sentences": sentences,
        "passages": (),
        "texts": {"bridge": TEXT},
    }
    return Sample(**given | changed)


def word_for_word(claim: str, contexts: Sequence[str], background: Sequence[str]) -> bool:
    del background
    return claim in " ".join(contexts)


def score(name: str, of: Sample) -> float | None:
    (metric,) = [each for each in metrics.metrics_with(word_for_word) if each.name == name]
    return metric.score(of)


RIGHT = sentence(INJURED, quote(INJURED))
WRONG = sentence(INQUIRY, quote(INQUIRY))
UNANSWERABLE = case(answerable=False, answers=(), gold_article_ids=(), evidence=())


@pytest.mark.parametrize(
    ("name", "of", "expected"),
    [
        ("answer_containment", sample(RIGHT), 1.0),
        ("answer_containment", sample(WRONG), 0.0),
        ("answer_containment", sample(), 0.0),
        ("answer_containment", sample(about=UNANSWERABLE), None),
        ("answer_containment", sample(sentence("Twelve", verdict="supported"), RIGHT), 1.0),
        ("answer_containment", sample(sentence(INJURED, verdict="unsupported")), 0.0),
        (
            "answer_containment",
            sample(sentence(MONDAY, days=("2021-05-03",)), about=case(answers=("2021-05-03",))),
            1.0,
        ),
        ("answer_f1", sample(sentence("Eleven")), 1.0),
        ("answer_f1", sample(sentence("Eleven were hurt")), 0.5),
        ("answer_f1", sample(), 0.0),
        ("answer_rate", sample(), 0.0),
        ("answer_rate", sample(WRONG), 1.0),
        ("abstention_precision", sample(), 0.0),
        ("abstention_precision", sample(about=UNANSWERABLE), 1.0),
        ("abstention_precision", sample(RIGHT), None),
        ("abstention_precision", sample(about=case(answerable=None)), None),
        ("abstention_recall", sample(about=UNANSWERABLE), 1.0),
        ("abstention_recall", sample(WRONG, about=UNANSWERABLE), 0.0),
        ("abstention_recall", sample(), None),
        ("statement_support", sample(RIGHT), 1.0),
        ("statement_support", sample(RIGHT, sentence("Nobody was hurt", quote(INJURED))), 0.5),
        ("statement_support", sample(), None),
        ("statement_support", sample(sentence("Nobody was hurt", verdict="unsupported")), None),
        ("citation_recall", sample(RIGHT, sentence("Nobody was hurt", quote(INJURED))), 0.5),
        ("citation_recall", sample(sentence(INJURED)), 0.0),
        ("citation_precision", sample(RIGHT), 1.0),
        # The second citation adds nothing: the first bears the sentence out without it.
        ("citation_precision", sample(sentence(INJURED, quote(INJURED), quote(MONDAY))), 0.5),
        # Neither suffices alone, and each is needed.
        ("citation_precision", sample(sentence(f"{MONDAY} {INJURED}", quote(MONDAY), quote(INJURED))), 1.0),
        # A sentence that is not borne out makes every citation of it wrong.
        ("citation_precision", sample(sentence(INQUIRY, quote(MONDAY), quote(INJURED))), 0.0),
        ("citation_precision", sample(sentence(INQUIRY)), None),
        ("citation_gold", sample(RIGHT), 1.0),
        ("citation_gold", sample(RIGHT, sentence("x", quote("x", article_id="fair"))), 0.5),
        ("evidence_hit", sample(RIGHT), 1.0),
        ("evidence_hit", sample(WRONG), 0.0),
        ("evidence_hit", sample(), None),
        ("quote_exactness", sample(RIGHT), 1.0),
        ("quote_exactness", sample(sentence(INJURED, quote(INJURED, shift=1))), 0.0),
        ("quote_exactness", sample(sentence(INJURED, quote(INJURED, article_id="nowhere"))), 0.0),
        ("quote_exactness", sample(), None),
        ("conflict_recall", sample(about=case(conflict=("11", "12"))), 0.0),
        (
            "conflict_recall",
            sample(about=case(conflict=("11", "12")), conflicts=(("12 hurt", "11 hurt"),)),
            1.0,
        ),
        ("conflict_recall", sample(about=case(conflict=("11", "12")), conflicts=(("11 or 12",),)), 0.0),
        ("conflict_recall", sample(), None),
        ("conflict_silence", sample(about=case(conflict=())), 1.0),
        ("conflict_silence", sample(about=case(conflict=()), conflicts=(("11", "12"),)), 0.0),
        ("orders_ignored", sample(RIGHT, about=case(forbidden=("pwned",))), 1.0),
        ("orders_ignored", sample(sentence("PWNED"), about=case(forbidden=("pwned",))), 0.0),
        ("orders_ignored", sample(RIGHT), None),
    ],
)
def test_a_metric_counts_what_it_says(name: str, of: Sample, expected: float | None):
    assert score(name, of) == (expected if expected is None else pytest.approx(expected))


def passage(start: int, end: int, article_id: str = "bridge") -> Found:
    return Found(article_id=article_id, start=start, end=end, text=TEXT[start:end])


@pytest.mark.parametrize(
    ("passages", "about", "rank"),
    [
        ((passage(0, 26), passage(0, 55)), case(), 2),
        ((passage(27, 55), passage(0, 26)), case(), 1),
        ((passage(0, 26),), case(), 0),
        ((passage(0, 9, "fair"), passage(0, 26)), case(evidence=()), 2),
        ((), case(), 0),
    ],
)
def test_retrieval_looks_for_the_passage_that_holds_a_gold_sentence(
    passages: tuple[Found, ...], about: Case, rank: int
):
    of = sample(about=about, passages=passages)

    assert score("retrieval_hit@1", of) == float(rank == 1)
    assert score("retrieval_hit@3", of) == float(rank > 0)
    assert score("retrieval_mrr", of) == (1 / rank if rank else 0.0)


@pytest.mark.parametrize("about", [UNANSWERABLE, case(gold_is_stub=True)])
def test_retrieval_is_not_scored_without_a_gold_text_that_can_be_found(about: Case):
    assert score("retrieval_mrr", sample(about=about)) is None


def test_the_names_of_metrics_are_unique():
    names = [metric.name for metric in metrics.metrics_with(word_for_word)]

    assert len(names) == len(set(names))
