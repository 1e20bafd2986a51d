"""ragas: its judged metrics and its metrics without a model, and ours in the shape of ragas's metric classes.

Import it only when ragas is wanted: it takes seconds, and needs the extra `eval`.
"""

import asyncio
import math
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # before the import, which else reports to its maker

from pydantic import BaseModel
from ragas.embeddings.base import BaseRagasEmbedding
from ragas.llms.base import InstructorBaseRagasLLM
from ragas.metrics.collections import (
    AnswerRelevancy,
    ContextPrecision,
    ContextRecall,
    FactualCorrectness,
    Faithfulness,
    NonLLMStringSimilarity,
    QuotedSpansAlignment,
)
from ragas.metrics.collections.base import BaseMetric
from ragas.metrics.collections.faithfulness.util import (
    NLIStatementInput,
    NLIStatementOutput,
    NLIStatementPrompt,
)
from ragas.metrics.result import MetricResult

from eval.judge import Judge, JudgeError, Tally
from eval.metrics import Metric
from eval.samples import Sample
from rag.embeddings import MiniLMEmbedder

T = TypeVar("T", bound=BaseModel)


class RagasJudge(InstructorBaseRagasLLM):
    """A judge as ragas wants it, for one score."""

    def __init__(self, judge: Judge, tally: Tally, *, warm: bool = False) -> None:
        self.judge, self.tally, self.warm = judge, tally, warm

    def generate(self, prompt: str, response_model: type[T]) -> T:
        return asyncio.run(self.agenerate(prompt, response_model))

    async def agenerate(self, prompt: str, response_model: type[T]) -> T:
        return await self.judge.fill(response_model, prompt, self.tally, warm=self.warm)


class RagasMiniLM(BaseRagasEmbedding):
    """The bundled MiniLM as ragas wants it."""

    def __init__(self, embedder: MiniLMEmbedder) -> None:
        super().__init__()
        self._embedder = embedder

    def embed_text(self, text: str, **_: Any) -> list[float]:
        return [float(value) for value in self._embedder.encode([text])[0]]

    async def aembed_text(self, text: str, **_: Any) -> list[float]:
        return self.embed_text(text)


class CompleteFaithfulness(Faithfulness):
    """Faithfulness that notices a missing verdict; ragas would take the share of those that came."""

    async def _create_verdicts(self, statements: list[str], context: str) -> NLIStatementOutput:
        output = await super()._create_verdicts(statements, context)
        if len(output.statements) < len(statements):
            raise JudgeError(
                "incomplete", f"{len(output.statements)} verdicts on {len(statements)} statements"
            )
        if strange := [each.verdict for each in output.statements if each.verdict not in {0, 1}]:
            raise JudgeError("garbage", f"a verdict of {strange[0]}")
        return output


class OurMetric(BaseMetric):
    """One of Dateline's metrics as a ragas metric: `await metric.ascore(sample=…)`, NaN where nothing counts."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        super().__init__(name=metric.name)

    async def ascore(self, **kwargs: Any) -> MetricResult:
        value = self.metric.score(kwargs["sample"])
        return MetricResult(value=math.nan if value is None else value, reason=self.metric.meaning)


@dataclass(frozen=True, slots=True)
class Judged:
    """A ragas metric that needs a model: what it can be asked of, and how."""

    name: str
    applies: Callable[[Sample], bool]
    score: Callable[[RagasJudge, Sample, list[str]], Awaitable[MetricResult]]


def judged_metrics() -> tuple[Judged, ...]:
    """The five that bear on answers from retrieved text; they import nothing and load MiniLM once."""
    embeddings = RagasMiniLM(MiniLMEmbedder())

    def faithfulness(llm: RagasJudge, sample: Sample, contexts: list[str]) -> Awaitable[MetricResult]:
        return CompleteFaithfulness(llm=llm).ascore(
            user_input=sample.case.question, response=sample.response, retrieved_contexts=contexts
        )

    def relevancy(llm: RagasJudge, sample: Sample, _: list[str]) -> Awaitable[MetricResult]:
        return AnswerRelevancy(llm=llm, embeddings=embeddings).ascore(
            user_input=sample.case.question, response=sample.response
        )

    def precision(llm: RagasJudge, sample: Sample, contexts: list[str]) -> Awaitable[MetricResult]:
        return ContextPrecision(llm=llm).ascore(
            user_input=sample.case.question, reference=sample.reference, retrieved_contexts=contexts
        )

    def recall(llm: RagasJudge, sample: Sample, contexts: list[str]) -> Awaitable[MetricResult]:
        return ContextRecall(llm=llm).ascore(
            user_input=sample.case.question, reference=sample.reference, retrieved_contexts=contexts
        )

    def correctness(llm: RagasJudge, sample: Sample, _: list[str]) -> Awaitable[MetricResult]:
        return FactualCorrectness(llm=llm).ascore(response=sample.response, reference=sample.reference)

    def said(sample: Sample) -> bool:
        return bool(sample.response)

    def drawn(sample: Sample) -> bool:
        return bool(sample.response and sample.passages)

    def referred(sample: Sample) -> bool:
        return bool(sample.reference and sample.passages)

    def both(sample: Sample) -> bool:
        return bool(sample.reference and sample.response)

    return (
        Judged("faithfulness", drawn, faithfulness),
        Judged("response_relevancy", said, relevancy),
        Judged("context_precision", referred, precision),
        Judged("context_recall", referred, recall),
        Judged("factual_correctness", both, correctness),
    )


async def judge_sample(
    metric: Judged, judge: Judge, sample: Sample
) -> tuple[float | None, str | None, Tally]:
    """The score, or the failure in words, and what it took. A NaN is tried once more, warmer."""
    tally = Tally()
    failure: str | None = None
    for warm in (False, True):
        llm = RagasJudge(judge, tally, warm=warm)
        try:
            result = await metric.score(llm, sample, sample.contexts[: judge.contexts])
        except JudgeError as error:
            return None, str(error), tally
        except Exception as exc:  # ragas's own code on what a model wrote: one score is lost, not the run
            return None, f"garbage: ragas fails on it ({type(exc).__name__}: {exc})"[:200], tally
        value = float(cast("float", result.value))
        if not math.isnan(value):
            return round(value, 4), None, tally
        failure = "nan: the judge found nothing to count"
        tally.retries["nan"] += not warm
    return None, failure, tally


async def judge_claim(judge: Judge, claim: str, context: str, tally: Tally) -> bool:
    """Whether the judge finds the claim borne out, asked with the prompt of ragas's faithfulness."""
    prompt = NLIStatementPrompt().to_string(NLIStatementInput(context=context, statements=[claim]))
    output = await judge.fill(NLIStatementOutput, prompt, tally)
    if len(output.statements) != 1:
        raise JudgeError("incomplete", f"{len(output.statements)} verdicts on one statement")
    verdict = output.statements[0].verdict
    if verdict not in {0, 1}:
        raise JudgeError("garbage", f"a verdict of {verdict}")
    return bool(verdict)


def model_free_metrics() -> tuple[Metric, ...]:
    """Those of ragas's metrics without a model that say something about quoted answers."""

    def similarity(sample: Sample) -> float | None:
        if not sample.response or not sample.case.evidence:
            return None
        return _value(NonLLMStringSimilarity().score(reference=sample.reference, response=sample.response))

    def spans(sample: Sample) -> float | None:
        if not sample.response or not sample.passages:
            return None
        return _value(
            QuotedSpansAlignment().score(response=sample.response, retrieved_contexts=sample.contexts)
        )

    return (
        Metric("ragas_string_similarity", "ragas: likeness of the answer to the gold sentences", similarity),
        Metric("ragas_quoted_spans", "ragas: quoted spans of the answer that a passage holds", spans),
    )


def as_ragas(metrics: Sequence[Metric]) -> list[OurMetric]:
    """Our metrics for whoever works with ragas."""
    return [OurMetric(metric) for metric in metrics]


def _value(result: MetricResult) -> float:
    return float(cast("float", result.value))
