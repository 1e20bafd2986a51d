"""Questions for an empty chat, made of what the articles are about and tried on them first."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from rag import Article, DatelineError, Newsroom

SHOWN = 4
TRIED = 12  # questions tried at most: each takes a fraction of a second, and a page is waiting
SAMPLED = 60  # articles that the questions are made from
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
    """Names by how many articles open with them, and days by how many articles are of them, in turn."""
    names: Counter[str] = Counter()
    days: Counter[date] = Counter()
    for article in articles:
        opening = article.text[article.body_start : article.body_start + OPENING]
        names.update(set(_NAME.findall(opening)) - set(article.origins) - {article.source})
        days.update([article.published] if article.published else [])
    named = [name for name, _ in sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))]
    dated = [day for day, _ in sorted(days.items(), key=lambda pair: (-pair[1], pair[0]))]
    for place in range(max(len(named), len(dated))):
        if place < len(named):
            yield (
                f"What is reported about the {named[place]}?"
                if _takes_the(named[place])
                else f"What is reported about {named[place]}?"
            )
        if place < len(dated) and place < 1:
            yield f"What happened on {dated[place].day} {dated[place]:%B %Y}?"


def _takes_the(name: str) -> bool:
    """Whether a name is of a body, which English gives an article: "the Security Council"."""
    return name.rsplit(" ", 1)[-1] in {
        "Army",
        "Council",
        "Ministry",
        "Nations",
        "Organization",
        "Party",
        "States",
        "Union",
        "Agency",
        "Forces",
    }


def _is_answered(newsroom: Newsroom, question: str) -> bool:
    try:
        return newsroom.ask(question).status == "answered"
    except DatelineError:
        return False
