"""Records → the words in which a reader is told of them, the same on every face."""

import re
from collections.abc import Sequence
from datetime import date

from rag.domain import Answer, Attribution, Citation, Occasion, Origins


def with_days(text: str, occasions: Sequence[Occasion]) -> str:
    """The text with each day it names behind the name, where that leaves anything open.

    >>> friday = Occasion(text="Friday", day=date(2019, 1, 18), article_id="a", start=3, end=9)
    >>> with_days("On Friday twenty civilians were killed.", [friday])
    'On Friday (18 January 2019) twenty civilians were killed.'
    """
    days: dict[str, set[date]] = {}
    for occasion in occasions:
        days.setdefault(occasion.text, set()).add(occasion.day)
    clear = {
        name: said for name, said in days.items() if len(said) == 1 and str(next(iter(said)).year) not in name
    }
    if not clear:
        return text
    names = "|".join(re.escape(name) for name in sorted(clear, key=len, reverse=True))
    seen: set[str] = set()

    def dated(match: re.Match[str]) -> str:
        if match[0] in seen:
            return match[0]
        seen.add(match[0])
        return f"{match[0]} ({day_in_words(next(iter(clear[match[0]])))})"

    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", dated, text)


def cited(answer: Answer) -> list[Citation]:
    """Every citation once, in the order of the answer; their numbers count from 1."""
    said = [each for statement in answer.statements for each in statement.citations]
    differing = [
        each for conflict in answer.conflicts for value in conflict.values for each in value.citations
    ]
    return list(dict.fromkeys([*said, *differing]))


def day_in_words(day: date) -> str:
    """Such as 18 January 2019."""
    return f"{day.day} {day:%B %Y}"


def borrowed(occasions: Sequence[Occasion]) -> str | None:
    """What a reader should know of days that were read from another article's date; None: none were."""
    lenders = list(dict.fromkeys(each.borrowed_from for each in occasions if each.borrowed_from is not None))
    if not lenders:
        return None
    names = ", ".join(dict.fromkeys(f"“{each.text}”" for each in occasions if each.borrowed_from is not None))
    return f"{names}: the article is undated; the day is read from that of {', '.join(lenders)}, on the same story"


def who_says(attribution: Attribution) -> str:
    """Whose word a citation is, in one line; "" when the article does not say."""
    standing = f", {attribution.standing}" if attribution.standing in ("anonymous", "official") else ""
    speaker = f"quoting {attribution.speaker}{standing}" if attribution.speaker else ""
    agency = f"crediting {attribution.agency}" if attribution.agency else ""
    return "; ".join(filter(None, (agency, speaker)))


def standing_of(origins: Origins) -> str:
    """Who stands behind an answer: "2 articles, 1 independent origin: SANA"."""
    told = counted(origins.articles, "article")
    if origins.independent:
        told += f", {counted(origins.independent, 'independent origin')}: {', '.join(origins.names)}"
    if origins.unknown:
        told += f"; {counted(origins.unknown, 'article')} of unknown origin"
    return told


def counted(number: int, noun: str) -> str:
    """Such as "1 article", "1,204 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
