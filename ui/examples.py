"""Questions for an empty chat, made of what the articles are about and tried on them first."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import TypeVar

from rag import Article, DatelineError, Newsroom

Key = TypeVar("Key")

SHOWN = 4
TRIED = 12  # questions tried at most: each takes a fraction of a second, and a page is waiting
SAMPLED = 60  # articles that the questions are made from
LONGEST_HEADLINE = 90  # characters
OPENING = 1_200  # characters of each: what an article is about stands at its beginning

# Two to four capitalised words in the middle of a sentence, with small words of names between them.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: (?:of |the |and |al-|for )?[A-Z][\w’'-]+){1,3}")


def suggestions(newsroom: Newsroom) -> tuple[str, ...]:
    """Questions that these articles answer; none when there are none.

    With a language model they are not tried: every answer would cost its owner.
    """
    try:
        articles = newsroom.articles(limit=SAMPLED)
    except DatelineError:
        return ()
    candidates = list(_candidates(articles))[:TRIED]
    if newsroom.settings.llm_model:
        return tuple(candidates[:SHOWN])
    kept: list[str] = []
    for question in candidates:
        if len(kept) < SHOWN and _is_answered(newsroom, question):
            kept.append(question)
    return tuple(kept)


def _candidates(articles: Sequence[Article]) -> Iterator[str]:
    """In turn: a headline, a name by how many articles open with it, a day by how many are of it."""
    names: Counter[str] = Counter()
    days: Counter[date] = Counter()
    headlines = []
    for article in articles:
        body = article.text[article.body_start :]
        names.update(set(_NAME.findall(body[:OPENING])) - set(article.origins) - {article.source})
        days.update([article.published] if article.published else [])
        # A title that opens the text is its first sentence, taken for want of a headline.
        if article.title and len(article.title) <= LONGEST_HEADLINE and not body.startswith(article.title):
            headlines.append(article.title)
    columns = (
        [f"What is known about “{headline}”?" for headline in headlines],
        [f"Tell me about {name}." for name in _by_number(names)],
        [f"What happened on {day.day} {day:%B %Y}?" for day in _by_number(days)],
    )
    for row in zip_longest(*columns):
        yield from filter(None, row)


def _by_number(counted: "Counter[Key]") -> list["Key"]:
    return [key for key, _ in sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))]


def _is_answered(newsroom: Newsroom, question: str) -> bool:
    try:
        return newsroom.ask(question).status == "answered"
    except DatelineError:
        return False
