"""When: the days that cited texts name, seen from the day their article was published."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from rag.dates import TimeExpression, find_dates
from rag.domain import Article, Citation, Hit, Occasion

READ_BEFORE = 600  # characters before a citation: "the same day" goes back to one named there
# Days between the reports of one story from which one cannot tell whose "Friday" an undated report means.
ONE_WEEK = timedelta(days=6)


def occasions(citations: Sequence[Citation], hits: Sequence[Hit]) -> tuple[Occasion, ...]:
    """The days that the cited texts give, each place once, in the order of the citations."""
    by_id = {hit.article.id: hit for hit in hits}
    found: dict[tuple[str, int], Occasion] = {}
    for citation in citations:
        for each in _named(by_id[citation.article_id], citation, hits):
            found.setdefault((each.article_id, each.start), each)
    return tuple(found.values())


def _named(hit: Hit, citation: Citation, hits: Sequence[Hit]) -> list[Occasion]:
    lender = None if hit.article.published else _lender(hit, hits)
    own = _times(hit.article, citation, hit.article.published)
    times = _times(hit.article, citation, lender.published) if lender else own
    said = {each.start for each in own if each.day is not None}
    return [
        Occasion(
            text=each.text,
            day=each.day,
            article_id=hit.article.id,
            start=each.start,
            end=each.end,
            borrowed_from=lender.id if lender and each.start not in said else None,
        )
        for each in times
        if each.day is not None
    ]


def _times(article: Article, citation: Citation, published: date | None) -> list[TimeExpression]:
    """The times named within a citation, with their places in the article."""
    begin = max(article.body_start, citation.start - READ_BEFORE)
    begin = min(begin, citation.start)
    return [
        TimeExpression(
            start=begin + each.start,
            end=begin + each.end,
            text=each.text,
            first=each.first,
            last=each.last,
            value=each.value,
        )
        for each in _read(article.text[begin : citation.end], published)
        if begin + each.start >= citation.start
    ]


@lru_cache(maxsize=1024)
def _read(text: str, published: date | None) -> tuple[TimeExpression, ...]:
    return tuple(find_dates(text, published))


def _lender(hit: Hit, hits: Sequence[Hit]) -> Article | None:
    """The dated article of the same story from whose day an undated one is read; None: none, or they are far apart."""
    if hit.story is None:
        return None
    dated: Mapping[str, Article] = {
        other.article.id: other.article
        for other in hits
        if other.story == hit.story and other.article.published is not None
    }
    days = [article.published for article in dated.values() if article.published is not None]
    if not days or max(days) - min(days) > ONE_WEEK:
        return None
    return min(dated.values(), key=lambda article: (article.published or date.max, article.id))
