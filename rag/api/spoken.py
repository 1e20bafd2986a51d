"""An answer as one text, for clients that know nothing but text: every sentence with its span and its sources.

What an answer's marks say to the eye has to be said in words here: that a sentence is not supported, that sources
differ, that there is no answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from rag.domain import Answer, Citation, Conflict, Statement, Verdict
from rag.wire import Plain

LABELS: dict[Verdict, str] = {
    "supported": "",
    "partly": " (partly supported by the articles)",
    "unsupported": " (not supported by the articles)",
    "contradicted": " (contradicted by the articles)",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text, and what stands behind it."""

    text: str
    citations: tuple[Citation, ...] = ()


def piece(statement: Statement) -> Piece:
    """A statement in words."""
    return Piece(statement.text + LABELS[statement.verdict], statement.citations)


def closing(answer: Answer) -> Iterator[Piece]:
    """What is to be said after the statements: conflicts, and why there is no answer."""
    if answer.status == "abstained":
        yield Piece(f"No answer. {answer.reason or ''}".strip())
    for conflict in answer.conflicts:
        yield _difference(conflict)
    if answer.notice:
        yield Piece(f"Note: {answer.notice}")


def annotations(citations: tuple[Citation, ...], *, start: int, end: int, base: str) -> list[Plain]:
    """`url_citation`s for characters `start` to `end` of the text; `base` is this server's address."""
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": start,
                "end_index": end,
                "url": citation.url or f"{base}/v1/articles/{quote(citation.article_id, safe='')}",
                "title": citation.title or citation.article_id,
                "article_id": citation.article_id,
                "cited_text": citation.quote,
                "start_char_index": citation.start,
                "end_char_index": citation.end,
                "sha256": citation.sha256,
            },
        }
        for citation in citations
    ]


def _difference(conflict: Conflict) -> Piece:
    cited = tuple(citation for value in conflict.values for citation in value.citations)
    return Piece(conflict.sentence, cited)
