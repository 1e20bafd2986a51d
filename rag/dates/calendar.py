"""The calendar as dates are read against it: days that exist, months and weekdays by name, spans of days."""

from calendar import monthrange
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 1600, 2100  # the first newspaper is of 1605; 0001-01-01 and 9999-12-31 mean "none"
DAY = timedelta(days=1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_BY_NAME = {name: n for n, name in enumerate(_MONTH_NAMES, 1)} | {name: n for n, name in enumerate(MONTHS, 1)}
_BY_NAME["sept"] = 9

Span = tuple[date, date]  # first and last day


def day(year: int, month: int, number: int) -> date | None:
    """The day, if there is such a one and it is of the time of newspapers."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def month_number(name: str) -> int | None:
    """1–12 for an English month, in full or in three or four letters, with or without a dot."""
    return _BY_NAME.get(name.lower().rstrip("."))


def weekday_number(name: str) -> int:
    """0 (Monday) to 6 for an English weekday, by its first three letters."""
    return WEEKDAYS.index(name[:3].lower())


def numeric_days(first: int, second: int, year: int) -> tuple[date | None, date | None]:
    """What 1/2/2017 can mean: with the day first, and with the month first."""
    return day(year, second, first), day(year, first, second)


def month_of(year: int, month: int) -> Span:
    """First and last day of a month; a month out of 1–12 counts on into other years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def year_of(year: int) -> Span:
    """First and last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def week_of(moment: date) -> Span:
    """Monday and Sunday of the week that a day is in."""
    monday = moment - moment.weekday() * DAY
    return monday, monday + 6 * DAY


def same_day_years_away(moment: date, years: int) -> date | None:
    """The same day of another year; 29 February becomes the 28th."""
    return day(moment.year + years, moment.month, moment.day) or day(
        moment.year + years, moment.month, moment.day - 1
    )
