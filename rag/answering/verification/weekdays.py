"""Dates in a claim back to the weekdays of its evidence: "18 January 2019" is "Friday" in news of 20 January 2019."""

import re
from collections.abc import Collection, Sequence
from datetime import date

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = rf"(?:{'|'.join(each.capitalize() for each in _MONTHS)})"
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})"
    rf"|(?P<month_before>{_MONTH}) (?P<day_behind>\d{{1,2}})(?:st|nd|rd|th)?\b)(?:,? (?P<year>(?:19|20)\d\d))?"
)
_ISO_DATE = re.compile(r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")
REACH = 7  # days before its publication that an article calls by their weekday


def as_weekdays(claim: str, words: Collection[str], background: Sequence[str]) -> str:
    """The claim with the dates that the evidence gives as weekdays written like that.

    `words` are those of the evidence in lower case; the background has the day of publication as an ISO date.
    """
    published = [each for text in background for found in _ISO_DATE.findall(text) if (each := _parsed(found))]
    if not published:
        return claim

    def named(match: re.Match[str]) -> str:
        day, month = int(match["day"] or match["day_behind"]), match["month"] or match["month_before"]
        for since in published:
            for year in [int(match["year"])] if match["year"] else [since.year, since.year - 1]:
                when = _on(year, month, day)
                if when and 0 <= (since - when).days <= REACH and _DAYS[when.weekday()] in words:
                    return _DAYS[when.weekday()].capitalize()
        return match[0]

    return _DATE.sub(named, claim)


def _parsed(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _on(year: int, month: str, day: int) -> date | None:
    try:
        return date(year, 1 + _MONTHS.index(month.lower()), day)
    except ValueError:
        return None
