"""The second way through the house: question → plan → passages → draft → answer."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.answering.answerer import Answerer, Draft
from rag.answering.attribution import attributions
from rag.answering.occasions import occasions
from rag.answering.origins import count_origins
from rag.domain import Answer, Conflict, Event, Filters, Hit, Retrieved, Statement
from rag.errors import QuestionError
from rag.retrieval.retriever import Retriever


class FindsConflicts(Protocol):
    """Tells where articles give different answers; see rag/answering/conflicts.py."""

    def find(self, question: str, hits: Sequence[Hit]) -> tuple[Conflict, ...]:
        """The conflicts of these passages over the answer to a question."""


def ask(
    question: str,
    filters: Filters,
    *,
    retriever: Retriever,
    answerer: Answerer,
    conflicts: FindsConflicts,
    limit: int,
) -> Iterator[Event]:
    """Plan, find passages, answer from them, count who stands behind the answer; the last event is the Answer."""
    started = time.perf_counter()
    plan = retriever.plan(question, filters)
    hits = tuple(retriever.find(plan, limit=limit))
    yield Retrieved(passages=hits)
    searched = time.perf_counter()
    draft = Draft()
    for event in answerer.answer(plan.query, hits):
        if isinstance(event, Draft):
            draft = event
        else:
            yield sourced(event, hits) if isinstance(event, Statement) else event
    statements = tuple(sourced(statement, hits) for statement in draft.statements)
    citations = [citation for statement in statements for citation in statement.citations]
    answered = time.perf_counter()
    differing = conflicts.find(question, hits) if statements else ()
    finished = time.perf_counter()
    yield Answer(
        question=question,
        status="answered" if statements else "abstained",
        statements=statements,
        reason=draft.reason,
        origins=count_origins(citations, hits) if statements else None,
        plan=plan,
        conflicts=differing,
        passages=hits,
        model=draft.model,
        notice=draft.notice,
        usage=draft.usage,
        timings_ms={
            "search": round(1000 * (searched - started), 1),
            "answer": round(1000 * (answered - searched), 1),
            "conflicts": round(1000 * (finished - answered), 1),
        },
    )


def check_question(question: str, *, longest: int) -> str:
    """The question without surrounding blanks; raises QuestionError when it cannot be searched with."""
    stripped = " ".join(question.split())
    if not any(character.isalnum() for character in stripped):
        raise QuestionError("the question is empty; ask something in words")
    if len(stripped) > longest:
        raise QuestionError(
            f"the question has {len(stripped):,} characters, at most {longest:,} are read "
            "(DATELINE_MAX_QUESTION_CHARS); ask a shorter one"
        )
    return stripped


def check_filters(filters: Filters, *, sources: Sequence[str]) -> None:
    """Raises QuestionError for filters that exclude everything whatever the question."""
    if filters.since and filters.until and filters.since > filters.until:
        raise QuestionError(f"--since {filters.since} is after --until {filters.until}; swap them")
    if filters.since and filters.as_of and filters.since > filters.as_of:
        raise QuestionError(
            f"--since {filters.since} is after --as-of {filters.as_of}: nothing was published then"
        )
    known = {source.casefold() for source in sources}
    for source in filters.sources:
        if source.casefold() not in known:
            listed = ", ".join(sources[:10]) or "none: no article names its source"
            raise QuestionError(f"no article comes from {source!r}; sources here: {listed}")


def sourced(statement: Statement, hits: Sequence[Hit]) -> Statement:
    """The statement with who says so, for each of its citations, and when."""
    articles = {hit.article.id: hit.article for hit in hits}
    return replace(
        statement,
        attributions=attributions(statement.text, statement.citations, articles),
        occasions=occasions(statement.citations, hits),
    )
