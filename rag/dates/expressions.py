"""Times that a text names, and the days they mean, seen from the day it was published.

The method is that of TimeML's normalisation by rules (Verhagen et al. 2005; Strötgen and Gertz, "HeidelTime", 2010),
cut down to what has days: a day is said where the text allows it, and nothing is made up: without a day of
publication only a date with its year is resolved.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rag.dates import grammar
from rag.dates.calendar import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    Span,
    day,
    month_number,
    month_of,
    numeric_days,
    same_day_years_away,
    week_of,
    weekday_number,
    year_of,
)
from rag.dates.tense import tense_at

RECENT = 300  # characters within which "the same day" looks back for its day
# Days by which the year nearest to the publication may be off before the tense is asked: closer to half a year,
# "in November", said in June, is last November or next.
NEAR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeExpression:
    """A time that a text names: `text[start:end]`, and the days it means."""

    start: int
    end: int
    text: str
    first: date | None  # None: the text does not say which
    last: date | None
    value: str  # as TIMEX3 writes it: 2019-01-18, 2019-01, 2019, 2019-W03; XXXX for what is not known

    @property
    def day(self) -> date | None:
        """The day, where it is one."""
        return self.first if self.first == self.last else None


class Reading(NamedTuple):
    """What an expression means."""

    span: Span | None
    value: str


@dataclass(frozen=True, slots=True)
class Moment:
    """From where an expression is read."""

    text: str
    start: int
    end: int
    published: date | None
    spoken_of: date | None  # the last day named before, not far off

    def is_future(self) -> bool | None:
        """Whether the words around speak of the future; None: they do not tell."""
        tense = tense_at(self.text, self.start, self.end)
        return None if tense is None else tense == "future"


def find_dates(text: str, published: date | None) -> list[TimeExpression]:
    """The times that a text names, in order and apart from each other.

    >>> [str(each.day) for each in find_dates("He was shot on Friday, and died yesterday.", date(2019, 1, 20))]
    ['2019-01-18', '2019-01-19']
    """
    found: list[TimeExpression] = []
    if published is not None and not FIRST_YEAR < published.year < LAST_YEAR:
        published = None  # such as 9999-12-31, which stands for none
    for start, end, match, read in _chosen(text):
        near = next((each.day for each in reversed(found) if each.day), None)
        recent = found and start - found[-1].end <= RECENT
        reading = read(match, Moment(text, start, end, published, near if recent else None))
        if reading is not None:
            first, last = reading.span or (None, None)
            found.append(
                TimeExpression(
                    start=start, end=end, text=text[start:end], first=first, last=last, value=reading.value
                )
            )
    return found


Read = Callable[["re.Match[str]", Moment], Reading | None]
Found = tuple[int, int, "re.Match[str]", Read]


def _chosen(text: str) -> list[Found]:
    """Matches of the forms that do not overlap: of two that do, the earlier, the longer, the former form."""
    matches = sorted(_matches(text), key=lambda found: (found[0], -found[1]))
    chosen: list[Found] = []
    for found in matches:
        if not chosen or found[0] >= chosen[-1][1]:
            chosen.append(found)
    return chosen


def _matches(text: str) -> Iterator[Found]:
    for anchor in grammar.ANCHOR.finditer(text):
        before, behind, forms = _FORMS[str(anchor.lastgroup)]
        low, high = max(0, anchor.start() - before), min(len(text), anchor.end() + behind)
        for form, read in forms:
            for match in form.finditer(text, low, high):
                yield (*_span(match), match, read)


def _span(match: "re.Match[str]") -> tuple[int, int]:
    name = next(name for name in ("t", "t2", "t3") if match.groupdict().get(name) is not None)
    return match.span(name)


def _one(found: date | None) -> Reading | None:
    return Reading((found, found), found.isoformat()) if found else None


def _number(word: str) -> int:
    word = word.lower()
    return grammar.ORDINALS.get(word) or grammar.NUMBERS.get(word) or int(re.sub(r"\D", "", word))


# --- dates with a number ----------------------------------------------------------------------------------------


def _numeric(match: "re.Match[str]", at: Moment) -> Reading | None:
    first, second, third = (int(part) for part in re.split(r"[-/.]", match["t"]))
    if first > 31:
        return _one(day(first, second, third))
    day_first, month_first = numeric_days(first, second, third)
    if day_first and month_first and day_first != month_first:
        return _one(day_first) if "." in match["t"] else None
    return _one(day_first or month_first)


def _day_and_month(match: "re.Match[str]", at: Moment) -> Reading | None:
    number, month = _number(match["d"]), month_number(match["m"])
    verb = match["m"] in ("may", "march") and match.start("m") < match.start("d") and not match["y"]
    if not month or verb or not 1 <= number <= 31:
        return None
    if match["y"]:
        first = day(int(match["y"]), month, number)
    elif at.published is None:
        return Reading(None, f"XXXX-{month:02}-{number:02}")
    else:
        weekday = re.search(r"(?:mon|tue|wed|thu|fri|sat|sun)(?=[a-z.,\s(])", match["t"], re.IGNORECASE)
        first = _in_some_year(month, number, weekday_number(weekday[0]) if weekday else None, at)
    if first is None or not match["d2"]:
        return _one(first)
    last = day(first.year, month, _number(match["d2"]))
    if last is None or last <= first:
        return _one(first)
    return Reading((first, last), f"{first.isoformat()}/{last.isoformat()}")


def _in_some_year(month: int, number: int, weekday: int | None, at: Moment) -> date | None:
    """The day of a date without its year: the nearest one that is of this weekday, or of the tense told."""
    published = at.published
    assert published is not None  # noqa: S101 - the caller has looked
    years = range(published.year - 3, published.year + 4)
    days = [found for year in years if (found := day(year, month, number))]
    if weekday is not None:
        days = [found for found in days if found.weekday() == weekday] or days
    ordered = sorted(days, key=lambda found: (abs((found - published).days), found))
    if not ordered or abs((ordered[0] - published).days) <= NEAR or weekday is not None:
        return ordered[0] if ordered else None
    future = at.is_future()
    return next(
        (found for found in ordered[:2] if future is not None and (found > published) == future), ordered[0]
    )


def _month_and_year(match: "re.Match[str]", at: Moment) -> Reading | None:
    month = month_number(match["m"])
    if not month:
        return None
    year = int(match["y"])
    first, last = month_of(year, month)
    opening = month_number(match["m1"]) if match["m1"] else None
    if opening and opening < month:
        return Reading((month_of(year, opening)[0], last), f"{year}-{opening:02}/{year}-{month:02}")
    return Reading((first, last), f"{year}-{month:02}")


def _lone_month(match: "re.Match[str]", at: Moment) -> Reading | None:
    month, modifier = month_number(match["m"]), " ".join((match["mod"] or "").lower().split())
    bare = match.start() == match.start("t") and not modifier
    if not month or (bare and match["m"].rstrip(".").lower() in ("may", "march", "mar", "sep", "jan")):
        return None  # a verb, or a name, unless "in" or "last" stands before it
    published = at.published
    if published is None:
        return Reading(None, f"XXXX-{month:02}")
    year = published.year
    if modifier in ("last", "this past"):
        year -= month >= published.month
    elif modifier in ("next", "this coming"):
        year += month <= published.month
    elif modifier != "this":
        middles = sorted(
            (abs((date(each, month, 15) - published).days), each) for each in (year - 1, year, year + 1)
        )
        year = middles[0][1]
        future = at.is_future()
        if middles[0][0] > NEAR and future is not None and (date(year, month, 15) > published) != future:
            year = middles[1][1]
    return Reading(month_of(year, month), f"{year}-{month:02}")


def _lone_year(match: "re.Match[str]", at: Moment) -> Reading | None:
    year = int(match["y"])
    return Reading(year_of(year), str(year))


# --- dates that need the day of publication ---------------------------------------------------------------------


def _weekday(match: "re.Match[str]", at: Moment) -> Reading | None:
    wanted, modifier = weekday_number(match["w"]), " ".join((match["mod"] or "").lower().split())
    published = at.published
    if published is None:
        return Reading(None, f"XXXX-WXX-{wanted + 1}")
    back, ahead = (published.weekday() - wanted) % 7, (wanted - published.weekday()) % 7
    match modifier:
        case "last" | "past" | "this past":
            moved = -(back or 7)
        case "coming" | "this coming":
            moved = ahead or 7
        case "next":
            return _one(week_of(published + 7 * DAY)[0] + wanted * DAY)
        case "this":
            return _one(week_of(published)[0] + wanted * DAY)
        case (
            "the previous"
        ):  # not the last one, which would be called so: the one before it, or before the day named
            before = at.spoken_of or published - (back + (0 if back else 7)) * DAY
            return _one(before - ((before.weekday() - wanted) % 7 or 7) * DAY)
        case "the following":
            after = at.spoken_of or published
            return _one(after + ((wanted - after.weekday()) % 7 or 7) * DAY)
        case _:
            moved = ahead if at.is_future() else -back
    return _one(published + moved * DAY)


_DAY_WORDS = {
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "day before yesterday": -2,
    "day after tomorrow": 2,
}


def _day_word(match: "re.Match[str]", at: Moment) -> Reading | None:
    word = " ".join(match["word"].lower().split()).removeprefix("the ")
    if at.published is None:
        return Reading(None, "XXXX-XX-XX")
    return _one(at.published + _DAY_WORDS.get(word, 0) * DAY)


def _ago(match: "re.Match[str]", at: Moment) -> Reading | None:
    count, unit, way = _number(match["n"]), match["unit"].lower(), match["way"].lower()
    anchor = at.published if way == "ago" or way.startswith("from") else at.spoken_of or at.published
    if anchor is None:
        return Reading(None, "XXXX-XX-XX")
    sign = -1 if way in ("ago", "earlier") else 1
    if unit == "year" and count > 1 and way in ("earlier", "later"):
        return None  # counted from an event
    if match["w"] and unit == "week":  # "two weeks ago Friday"
        back = (anchor.weekday() - weekday_number(match["w"])) % 7
        return _one(anchor + (sign * 7 * count - back) * DAY)
    if count > (anchor.year - FIRST_YEAR) * 12:
        return None
    match unit:
        case "day":
            return _one(anchor + sign * count * DAY)
        case "week":
            moment = anchor + sign * count * 7 * DAY
            return Reading((moment - 3 * DAY, moment + 3 * DAY), moment.isoformat())
        case "month":
            first, last = month_of(anchor.year, anchor.month + sign * count)
            return Reading((first, last), f"{first.year}-{first.month:02}")
        case _:
            named = same_day_years_away(at.spoken_of, sign * count) if at.spoken_of else None
            if named and way in ("earlier", "later"):
                return _one(named)  # "ended Aug. 12, against … a year earlier"
            year = anchor.year + sign * count
            return Reading(year_of(year), str(year)) if year >= FIRST_YEAR else None


def _period(match: "re.Match[str]", at: Moment) -> Reading | None:
    modifier = " ".join((match["mod"] or "the").lower().split())
    unit = (match["unit"] or "weekend").lower()
    anaphoric = modifier in ("the previous", "the following", "the same", "that")
    anchor = (at.spoken_of or at.published) if anaphoric else at.published
    if anchor is None:
        return Reading(None, {"year": "XXXX", "month": "XXXX-XX"}.get(unit, "XXXX-WXX"))
    moved = {"last": -1, "past": -1, "the previous": -1, "next": 1, "the following": 1}.get(modifier, 0)
    match unit:
        case "week":
            span = week_of(anchor + 7 * moved * DAY)
            return Reading(span, span[0].strftime("%G-W%V"))
        case "weekend":
            return _weekend(anchor, modifier, moved, at)
        case "month":
            first, last = month_of(anchor.year, anchor.month + moved)
            return Reading((first, last), f"{first.year}-{first.month:02}")
        case _:
            return Reading(year_of(anchor.year + moved), str(anchor.year + moved))


def _weekend(anchor: date, modifier: str, moved: int, at: Moment) -> Reading:
    """Saturday and Sunday: "the weekend" is the last one begun, unless the words speak of the future."""
    saturday = week_of(anchor)[0] + 5 * DAY
    if modifier in ("last", "past", "the", "the previous") and saturday > anchor:
        saturday -= (0 if modifier == "the" and at.is_future() else 7) * DAY
    elif moved > 0:
        saturday += 7 * DAY
    return Reading((saturday, saturday + DAY), saturday.strftime("%G-W%V-WE"))


def _close(match: "re.Match[str]", at: Moment) -> Reading | None:
    unit = (match["unit"] or match["unit2"] or "year").lower()
    opening = (match["edge"] or "end").lower() != "end"
    published = at.published
    if match["y"]:
        return _one(year_of(int(match["y"]))[0 if opening else 1])
    if match["feast"] or match["feast2"]:
        return _feast(match, at)
    if published is None:
        return Reading(None, "XXXX-XX-XX")
    if unit == "week":
        return _one(week_of(published)[0 if opening else 1])
    span = year_of(published.year) if unit == "year" else month_of(published.year, published.month)
    since = re.search(r"\b(?:since|from|at)\s+$", at.text[max(0, at.start - 8) : at.start], re.IGNORECASE)
    if since and not opening and not at.is_future():
        span = (span[0], span[0] - DAY)  # "since year-end" looks back
    return _one(span[0 if opening else 1])


def _feast(match: "re.Match[str]", at: Moment) -> Reading | None:
    if match["feast"]:
        month, number = (12, 31) if match["feast"].lower() == "eve" else (1, 1)
    else:
        month, number = (12, 24) if match["feast2"].lower() == "eve" else (12, 25)
    if at.published is None:
        return Reading(None, f"XXXX-{month:02}-{number:02}")
    return _one(_in_some_year(month, number, None, at))


def _the_day(match: "re.Match[str]", at: Moment) -> Reading | None:
    """ "The same day": the one that was spoken of; nothing without one, but for "later in the day"."""
    way = (match["way"] or match["way2"] or "").lower()
    if match["t"]:
        return _one(at.spoken_of or at.published)
    moved = {"earlier": -1, "before": -1, "previous": -1, "": 0}.get(way, 1)
    return _one(at.spoken_of + moved * DAY) if at.spoken_of else None


# By the kind of anchor: how many characters before and behind it a form may reach, and the forms.
_FORMS: dict[str, tuple[int, int, tuple[tuple["re.Pattern[str]", Read], ...]]] = {
    "month": (
        50,
        35,
        (
            (grammar.DAY_MONTH, _day_and_month),
            (grammar.MONTH_DAY, _day_and_month),
            (grammar.MONTH_YEAR, _month_and_year),
            (grammar.LONE_MONTH, _lone_month),
        ),
    ),
    "weekday": (30, 15, ((grammar.WEEKDAY, _weekday),)),
    "word": (25, 15, ((grammar.DAY_WORD, _day_word),)),
    "way": (45, 15, ((grammar.AGO, _ago), (grammar.THE_DAY, _the_day))),
    "period": (25, 0, ((grammar.PERIOD, _period),)),
    "close": (10, 20, ((grammar.CLOSE, _close),)),
    "day": (20, 15, ((grammar.THE_DAY, _the_day),)),
    "year": (30, 10, ((grammar.LONE_YEAR, _lone_year), (grammar.CLOSE, _close))),
    "numeric": (0, 20, ((grammar.NUMERIC, _numeric),)),
}
