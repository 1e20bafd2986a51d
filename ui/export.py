"""An answer as a file to keep: Markdown for people, JSON for programs."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ui.conversation import Exchange
from ui.harmless import harmless, web_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write an answer down."""

    name: str
    label: str  # of its button
    suffix: str
    media_type: str
    write: Callable[[Exchange], str]


def as_text(exchange: Exchange) -> str:
    """The answer for pasting into a mail: sentences with [n], and what each number stands for."""
    answer = exchange.answer
    if answer is None:
        return ""
    if answer.status == "abstained":
        return harmless(f"{answer.question}\n\nNo answer in these articles. {answer.reason or ''}\n")
    citations = exchange.citations
    lines = [answer.question, ""]
    for statement in answer.statements:
        marks = "".join(f"[{citations.index(each) + 1}]" for each in dict.fromkeys(statement.citations))
        doubt = "" if statement.verdict == "supported" else f" ({statement.verdict})"
        lines.append(f"{_one_line(statement.text)} {marks}{doubt}")
    lines += ["", *(_one_line(conflict.sentence) for conflict in answer.conflicts), ""]
    for number, each in enumerate(citations, start=1):
        about = [
            each.source or "outlet not named",
            each.published.isoformat() if each.published else "undated",
        ]
        about += [each.title] if each.title else []
        about += [f"article {each.article_id}, characters {each.start}-{each.end}"]
        about += [url] if (url := web_address(each.url)) else []
        lines += [f"[{number}] {', '.join(map(_one_line, about))}", f"    “{_one_line(each.quote)}”"]
    return harmless("\n".join(lines).replace("\n\n\n", "\n\n") + "\n")


def as_markdown(exchange: Exchange) -> str:
    """The same as a Markdown document; what articles say is quoted literally, whatever marks it holds."""
    answer = exchange.answer
    if answer is None:
        return ""
    lines = [f"# {_literal(answer.question)}", ""]
    if answer.notice:
        lines += [f"> {_literal(answer.notice)}", ""]
    if answer.status == "abstained":
        return harmless(
            "\n".join([*lines, f"No answer in these articles. {_literal(answer.reason or '')}", ""])
        )
    citations = exchange.citations
    for statement in answer.statements:
        marks = " ".join(f"[{citations.index(each) + 1}]" for each in dict.fromkeys(statement.citations))
        doubt = "" if statement.verdict == "supported" else f" *({statement.verdict})*"
        lines += [f"{_literal(statement.text)} {marks}{doubt}", ""]
    for conflict in answer.conflicts:
        lines += [f"**Sources differ.** {_literal(conflict.sentence)}", ""]
    lines += ["## Sources", ""]
    for number, each in enumerate(citations, start=1):
        published = each.published.isoformat() if each.published else "undated"
        lines += [
            f"{number}. {_literal(each.source or 'outlet not named')}, {published}",
            f"   {_literal(each.title or 'untitled')}",
            f"   (article {_literal(each.article_id)}, characters {each.start}-{each.end})",
            "",
            f"   > {_literal(each.quote)}",
            "",
        ]
    return harmless("\n".join(lines))


def as_json(exchange: Exchange) -> str:
    """The Answer, field for field; of the passages only the places."""
    answer = exchange.answer
    if answer is None:
        return "null"
    record = asdict(answer)
    record["passages"] = [
        {"article_id": hit.article.id, "start": hit.passage.start, "end": hit.passage.end}
        for hit in answer.passages
    ]
    return json.dumps(record, ensure_ascii=True, indent=2, default=_plain)


FORMATS = (
    Format(name="markdown", label="Markdown", suffix="md", media_type="text/markdown", write=as_markdown),
    Format(name="json", label="JSON", suffix="json", media_type="application/json", write=as_json),
)

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>()#+-!|~&"})


def _literal(text: str) -> str:
    """Text that Markdown shows as it is: no link, no image, no markup."""
    return _one_line(text).translate(_MARKS)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no plain form")
