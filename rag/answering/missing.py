"""Why a question is not answered: what was read, what came nearest, and what is not there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.answering.kinds import mentions
from rag.answering.sentences import words_of
from rag.domain import Article, Hit
from rag.language import tokens
from rag.question import Question

if TYPE_CHECKING:
    from rag.answering.extractive import Evidence

NEAREST = 2  # articles named


def missing(question: Question, hits: Sequence[Hit], evidence: "Sequence[Evidence]") -> str:
    """One paragraph for the reader, in plain words."""
    if not hits:
        return "No passage shares a word with the question, within the filters given."
    articles = list({hit.article.id: hit.article for hit in hits}.values())
    nearest = sorted(evidence, key=lambda each: -each.confidence)
    close = (
        list({each.sentence.hit.article.id: each.sentence.hit.article for each in nearest}.values())
        or articles
    )
    read = f"Read {_count(len(hits), 'passage')} of {_count(len(articles), 'article')}."
    near = "Nearest: " + "; ".join(_named(article) for article in close[:NEAREST]) + "."
    return f"{read} {_what(question, articles)} {near}"


def _what(question: Question, articles: Sequence[Article]) -> str:
    bodies = [(*words_of(article), *tokens(article.source or "")) for article in articles]
    unknown = [
        name
        for name in (*question.names, *question.years)
        if not any(mentions(name, body) for body in bodies)
    ]
    if unknown:
        return f"None of them mentions {_listed(unknown)}."
    focus = " ".join(word.text for word in question.focus)
    match question.kind:
        case "speech" if question.speaker:
            return f"They report no words of {question.speaker} on this."
        case "count":
            return f"They do not say how many {focus}." if focus else "They give no such number."
        case "amount":
            return "They give no such figure."
        case "date":
            return "They give no date for this."
        case "reason":
            return "They give no reason for this."
        case "person" if question.wants_name and question.focus:
            return f"They name no {question.focus[-1].text} for this."
        case _:
            return "No sentence in them answers it."


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _named(article: Article) -> str:
    about = ", ".join(part for part in (article.source, str(article.published or "")) if part)
    title = article.title or "untitled"
    return f"“{title}” ({about}, {article.id})" if about else f"“{title}” ({article.id})"
