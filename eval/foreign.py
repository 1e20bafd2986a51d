"""Answers that another system gave, or a person wrote, in a shape that is easy to make.

JSON Lines, one question a row: {id, sentences: [{text, citations: [{article_id, quote}]}], contexts: [{article_id,
quote}]}. `contexts`, best first, are what the answer was drawn from; without them they are the quotes. No sentences: an
abstention. A quote that does not stand in its article gets offsets that hold nothing, and counts as inexact.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag import ArticleNotFound, Newsroom, UsageError

NOWHERE = -1


def read_foreign(path: Path, newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """Answers by question id, as a run keeps its own; raises UsageError that names the row."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{path} cannot be read: {exc}") from exc
    answers = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            answers[str(row["id"])] = _answer(row, newsroom)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise UsageError(f"{path}, row {number}: not of the format ({exc!r})") from exc
    return answers


def _answer(row: Mapping[str, Any], newsroom: Newsroom) -> dict[str, Any]:
    sentences = [_sentence(each, newsroom) for each in row["sentences"]]
    quotes = [quote for each in row["sentences"] for quote in each["citations"]]
    return {
        "status": "answered" if sentences else "abstained",
        "reason": None,
        "statements": sentences,
        "passages": list(_passages(row.get("contexts") or quotes, newsroom)),
        "conflicts": [],
        "usage": row.get("usage") or {},
        "model": row.get("model"),
    }


def _sentence(each: Mapping[str, Any], newsroom: Newsroom) -> dict[str, Any]:
    return {
        "text": each["text"],
        "verdict": "supported",  # who shows no verdict shows it as fact
        "citations": [_citation(quote, newsroom) for quote in each["citations"]],
    }


def _citation(given: Mapping[str, Any], newsroom: Newsroom) -> dict[str, Any]:
    place = _place(given, newsroom)
    about = {}
    if place["start"] != NOWHERE:
        article = newsroom.article(given["article_id"])
        day = article.published.isoformat() if article.published else None
        about = {"title": article.title, "source": article.source, "published": day}
    return {**place, "quote": given["quote"], **about}


def _passages(given: list[Mapping[str, Any]], newsroom: Newsroom) -> Iterator[dict[str, Any]]:
    for each in given:
        yield {"passage": {**_place(each, newsroom), "text": each["quote"]}}


def _place(given: Mapping[str, Any], newsroom: Newsroom) -> dict[str, Any]:
    try:
        start = newsroom.article(given["article_id"]).text.find(given["quote"])
    except ArticleNotFound:
        start = NOWHERE
    end = NOWHERE if start == NOWHERE else start + len(given["quote"])
    return {"article_id": given["article_id"], "start": start, "end": end}
