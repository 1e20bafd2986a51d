"""How well a passage bears on a question: what each sign is worth, and what they come to.

Two steps. The signs that need no text (words, meaning, time) order all candidates; of the best of them the text is
read for the others. The weights were chosen on RealTimeQA's development questions (docs/benchmarks.md), round and on a
plateau: halving or doubling any one of them moves hit@1 by less than .03.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from rag.domain import Article, Passage, Plan
from rag.language import STOPWORDS, stems, tokens

WORDS = 1.0  # BM25 over the best passage's
MEANING = 0.5  # cosine of the embeddings
TIME = 1.0  # nearness to the days asked about, or to the day of the question
EVENT = 1.0  # the passage names a day that is asked about
TITLE = 0.5  # the share of the question that is in the article's title, rare words counting more
EVIDENCE = 0.3  # the share of it that stands close together in the passage
LEAD = 0.2  # where the passage stands: news says first what matters most
# Days after which an article's nearness to the day of the question is worth 1/e: within a week the age tells
# little, after some months all. Steeper (7 days) cost hit@1 .05.
MONTH = 30.0
# The same for the days between what happened and the report of it.
WEEK = 7.0
STRETCH = 25  # words: about a sentence of news
LEAD_CHARS = 1_000  # behind which a passage's place is worth half


def content_stems(question: str) -> list[str]:
    """The stems of a question's words without those that only ask."""
    found = [token.stem for token in tokens(question) if token.text.lower() not in STOPWORDS]
    return list(dict.fromkeys(found or stems(question)))


def timeliness(published: date | None, plan: Plan, newest: date | None) -> float:
    """0–1: how near an article is to the days asked about, else to the day of the question, else to the newest.

    With days asked about, the day of the question counts half: "plan to merge in 2024", asked in 2022.
    """
    if published is None:
        return 0.0
    near = max((math.exp(-_gap(published, first, last) / WEEK) for first, last in plan.days), default=0.0)
    seen_from = plan.filters.as_of or (newest if plan.recent else None)
    late = math.exp(-abs((seen_from - published).days) / MONTH) if seen_from else 0.0
    return max(near, late / 2) if plan.days else late


def _gap(published: date, first: date, last: date) -> int:
    """Days between a report and what happened; one from before the event is further off than one from after."""
    if published < first:
        return 2 * (first - published).days
    return max(0, (published - last).days)


class CloseReading:
    """The signs of one question that need the text."""

    def __init__(self, rarity: Mapping[str, float]) -> None:
        self._rarity = rarity
        self._all = sum(rarity.values()) or 1.0

    def score(self, passage: Passage, article: Article) -> float:
        """What title, evidence and place are worth."""
        titled = (
            sum(self._rarity[each] for each in {*stems(article.title or "")} & self._rarity.keys())
            / self._all
        )
        start = max(0, passage.start - article.body_start)
        return (
            TITLE * titled + EVIDENCE * self._evidence(stems(passage.text)) + LEAD / (1 + start / LEAD_CHARS)
        )

    def _evidence(self, words: Sequence[str]) -> float:
        """The share of the question in the stretch that holds most of it; each word counts once."""
        places = [(place, word) for place, word in enumerate(words) if word in self._rarity]
        held: Counter[str] = Counter()
        first, worth, best = 0, 0.0, 0.0
        for place, word in places:  # the last of a stretch
            while places[first][0] <= place - STRETCH:
                left = places[first][1]
                held[left] -= 1
                worth -= 0.0 if held[left] else self._rarity[left]
                first += 1
            worth += 0.0 if held[word] else self._rarity[word]
            held[word] += 1
            best = max(best, worth)
        return best / self._all
