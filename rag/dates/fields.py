"""The day that a date field names; never a guess: a day that could be a month is None."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from rag.dates.calendar import day, month_number, numeric_days

DayOrder = Literal["day first", "month first"]

_LONGEST = 80  # characters; a longer value is no date
_ZONE = r"(?:z|[a-z]{2,5}|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?)(?:\s*\([a-z ]+\))?(?:\[[\w/+-]+\])?"
_CLOCK = rf"\d{{1,2}}(?::?\d{{2}}){{0,2}}(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?\s*(?:{_ZONE})?"
_TIME = rf"(?:\s*,)?(?:(?:t|\s+(?:at\s+|-\s+)?){_CLOCK})?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.ASCII)


_YEAR_FIRST = _pattern(rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}")
_COMPACT = _pattern(rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}})(?:t?\d{{4,6}}(?:\.\d+)?\s*(?:{_ZONE})?)?")
_NUMERIC = _pattern(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){_TIME}")
_DAY_MONTH = _pattern(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]+(?:of\s+)?{_MONTH}[\s,-]+(?P<y>\d{{4}}|\d{{2}}){_TIME}"
)
_MONTH_DAY = _pattern(
    rf"{_WEEKDAY}{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?:{_CLOCK}\s+)?(?P<y>\d{{4}}){_TIME}"
)
_CHINESE = re.compile(r"(?P<y>\d{4})\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日.{0,20}")  # Japanese too
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}|\d{16}")
_END_CLOCK = re.compile(
    r"[\s,]+(?:\S{1,3}\s)?\d{1,2}[:h]\d{2}(?:\D.*)?$"
)  # the hour, which makes every value another
_OTHER_WORDS = re.compile(
    r"(?=.*\b\d{4}\b)(?=.*\b\d{1,2}\b)(?=.*[^\W\d_]{3})(?!.*\d[-/.]\d+[-/.]\d)", re.DOTALL
)
# Those of most news; all that dateparser knows would take it two seconds at the first value that is no date.
_LANGUAGES = [
    "fr", "es", "de", "it", "pt", "nl", "ru", "uk", "pl", "cs", "sk", "sv", "da", "nb", "fi", "tr", "ar",
    "fa", "he", "el", "ro", "hu", "bg", "hr", "sr", "ca", "id", "vi", "hi",
]  # fmt: skip
_STRICTLY = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"]}
_EPOCH_UNITS = (1, 1_000, 1_000_000)  # seconds, milliseconds, microseconds
_EPOCH_FROM, _EPOCH_TO = 10**8, 41 * 10**8  # seconds: 1973 to 2099; less is a count or a year
_START = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(value: object, order: DayOrder | None = None) -> date | None:
    """The day in a date field; `order` is what its column shows about 1/2/2017.

    A time with an offset keeps its own local day. Numbers are (milli-, micro-) seconds since 1970.

    >>> day_of("2017-01-27T23:30:00-05:00")
    datetime.date(2017, 1, 27)
    >>> day_of("1/2/2017") is None
    True
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _day_in_number(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = " ".join(value.split())
    for pattern in (_YEAR_FIRST, _COMPACT, _DAY_MONTH, _MONTH_DAY, _CHINESE):
        if (found := pattern.fullmatch(text)) and (parsed := _day_in_parts(found.groupdict())):
            return parsed
    readings = dict(_readings(text))
    if len(set(readings.values())) == 1:
        return next(iter(readings.values()))
    if readings:
        return readings.get(order) if order is not None else None
    if _EPOCH.fullmatch(text):
        return _day_in_number(float(text))
    return _day_in_other_words(_END_CLOCK.sub("", text)) if _OTHER_WORDS.match(text) else None


def is_ambiguous(value: object) -> bool:
    """Whether a value can be read as two days, such as 1/2/2017."""
    return isinstance(value, str) and len(set(_readings(value.strip()))) == 2 and day_of(value) is None


def order_shown_by(value: object) -> DayOrder | None:
    """What a value shows about its column: 27/1/2017 can only have the day first."""
    orders = [order for order, _ in _readings(value.strip())] if isinstance(value, str) else []
    return orders[0] if len(orders) == 1 else None


def _readings(text: str) -> Iterator[tuple[DayOrder, date]]:
    """The days that 1/2/2017 can be, with the order that makes each."""
    if len(text) > _LONGEST or not (found := _NUMERIC.fullmatch(text)):
        return
    day_first, month_first = numeric_days(int(found["a"]), int(found["b"]), int(found["y"]))
    if day_first:
        yield "day first", day_first
    if month_first:
        yield "month first", month_first


def _day_in_parts(parts: dict[str, str]) -> date | None:
    month = month_number(parts["month"]) if "month" in parts else int(parts["m"])
    year = int(parts["y"])
    if len(parts["y"]) == 2:  # RFC 2822, section 4.3
        year += 2000 if year < 50 else 1900
    return None if month is None else day(year, month, int(parts["d"]))


def _day_in_number(number: float) -> date | None:
    if isinstance(number, int) and 10**7 <= number < 10**8:  # 20170127
        return day_of(str(number))
    for unit in _EPOCH_UNITS:
        if _EPOCH_FROM * unit <= number < _EPOCH_TO * unit:
            return (_START + timedelta(seconds=number / unit)).date()
    return None


@lru_cache(maxsize=4096)
def _day_in_other_words(text: str) -> date | None:
    """The day when the month is written out in another language than English."""
    # Imported here: it takes half a second, and few files need it.
    import dateparser  # type: ignore[import-untyped]  # ships no types

    try:
        parsed = dateparser.parse(text, languages=_LANGUAGES, settings=_STRICTLY)
    except Exception:  # its locale rules raise all sorts of errors on text that is no date
        return None
    return day(parsed.year, parsed.month, parsed.day) if parsed else None
