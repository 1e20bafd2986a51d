"""An answer as plain text, for pasting into a mail or an article."""

from rag.wire import harmless
from ui.addresses import web_address
from ui.conversation import Exchange


def plain(exchange: Exchange) -> str:
    """Sentences with [n], and what each number stands for; empty while there is no answer."""
    answer = exchange.answer
    if answer is None:
        return ""
    if answer.status == "abstained":
        return harmless(f"{answer.question}\n\nNo answer in these articles. {answer.reason or ''}\n")
    citations = exchange.citations
    said = []
    for statement in answer.statements:
        marks = "".join(f"[{citations.index(each) + 1}]" for each in dict.fromkeys(statement.citations))
        doubt = "" if statement.verdict == "supported" else f" ({statement.verdict})"
        said.append(f"{_one_line(statement.text)} {marks}{doubt}")
    sources = []
    for number, each in enumerate(citations, start=1):
        about = [
            each.source or "outlet not named",
            each.published.isoformat() if each.published else "undated",
            *([each.title] if each.title else []),
            f"article {each.article_id}, characters {each.start}-{each.end}",
            *([url] if (url := web_address(each.url)) else []),
        ]
        sources.append(f"[{number}] {', '.join(map(_one_line, about))}\n    “{_one_line(each.quote)}”")
    differing = [_one_line(conflict.sentence) for conflict in answer.conflicts]
    parts = [answer.question, *map("\n".join, filter(None, (said, differing, sources)))]
    return harmless("\n\n".join(parts) + "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
