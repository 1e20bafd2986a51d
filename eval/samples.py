"""What is scored: one question with the answer it got, as a run keeps them, and the texts that it points into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eval.dataset import Case
from rag import Answer, UsageError
from rag.wire import Plain, to_plain

SHOWN_AS_FACT = {"supported", "partly"}  # sentences with another verdict stand below the answer, labelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A citation as it was given, right or wrong."""

    article_id: str
    start: int
    end: int
    quote: str
    background: tuple[str, ...] = ()  # title, publisher and day of the article, as far as known


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an answer."""

    text: str
    verdict: str
    citations: tuple[Quote, ...]
    days: tuple[str, ...] = ()  # ISO dates that its times were resolved to

    @property
    def shown_as_fact(self) -> bool:
        return self.verdict in SHOWN_AS_FACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A passage that the answer could draw on."""

    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A question, what is known of its answer, the answer it got, and the texts of the articles it names."""

    case: Case
    answered: bool
    sentences: tuple[Sentence, ...]
    passages: tuple[Found, ...]  # best first
    conflicts: tuple[tuple[str, ...], ...] = ()  # the values of each conflict that was reported
    texts: Mapping[str, str] = field(default_factory=dict)  # by article id; an id may be missing

    @property
    def facts(self) -> tuple[Sentence, ...]:
        """The sentences that are shown as fact."""
        return tuple(sentence for sentence in self.sentences if sentence.shown_as_fact)

    @property
    def response(self) -> str:
        """The answer as one text."""
        return " ".join(sentence.text for sentence in self.facts)

    @property
    def contexts(self) -> list[str]:
        """The texts of the passages, best first."""
        return [passage.text for passage in self.passages]

    @property
    def reference(self) -> str:
        """The right answer in sentences of the articles, as far as the dataset has it."""
        return " ".join(dict.fromkeys(quote for _, quote in self.case.evidence)) or "; ".join(
            self.case.answers
        )


def plain_answer(answer: Answer) -> dict[str, Plain]:
    """An answer as it is kept: all but its times, which differ from run to run."""
    plain = to_plain(answer)
    assert isinstance(plain, dict)  # noqa: S101 - a record becomes a mapping
    return {name: value for name, value in plain.items() if name != "timings_ms"}


def read_sample(case: Case, answer: Mapping[str, Any], texts: Mapping[str, str]) -> Sample:
    """A kept answer, read back. Raises UsageError where it is not of the format."""
    try:
        return Sample(
            case=case,
            answered=answer["status"] == "answered",
            sentences=tuple(_sentence(each) for each in answer["statements"]),
            passages=tuple(_found(hit["passage"]) for hit in answer.get("passages", ())),
            conflicts=tuple(
                tuple(value["text"] for value in conflict["values"])
                for conflict in answer.get("conflicts", ())
            ),
            texts=texts,
        )
    except (AttributeError, KeyError, TypeError) as exc:
        raise UsageError(f"the answer kept for {case.id!r} is not of the format: {exc!r}") from exc


def named_articles(case: Case, answer: Mapping[str, Any]) -> set[str]:
    """The ids of the articles that a question names as gold, or an answer cites."""
    cited = {
        citation["article_id"]
        for statement in answer.get("statements", ())
        for citation in statement.get("citations", ())
    }
    return {*cited, *case.gold_article_ids, *(article_id for article_id, _ in case.evidence)}


def _sentence(plain: Mapping[str, Any]) -> Sentence:
    return Sentence(
        text=plain["text"],
        verdict=plain["verdict"],
        citations=tuple(_quote(each) for each in plain["citations"]),
        days=tuple(each["day"] for each in plain.get("occasions", ())),
    )


def _quote(plain: Mapping[str, Any]) -> Quote:
    about = (plain.get("title"), plain.get("source"), plain.get("published"))
    return Quote(
        article_id=plain["article_id"],
        start=plain["start"],
        end=plain["end"],
        quote=plain["quote"],
        background=tuple(text for text in about if text),
    )


def _found(plain: Mapping[str, Any]) -> Found:
    return Found(article_id=plain["article_id"], start=plain["start"], end=plain["end"], text=plain["text"])
