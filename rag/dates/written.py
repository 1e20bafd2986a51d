"""A date written out with its year, in the forms that English news uses, as a pattern to build on."""

import re
from datetime import date

from rag.dates.calendar import day, month_number, numeric_days

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
WEEKDAY = r"(?:Mon|Tue(?:s|nes)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b"
# Groups `numeric` and `named`, one of which is set; read by `written_day`.
DATE = (
    rf"(?:{WEEKDAY}[.,]?\s+)?"
    r"(?:(?P<numeric>\d{4}(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}|\d{1,2}(?P<t>[-/.])\d{1,2}(?P=t)\d{4})"
    rf"|(?P<named>{NUMBER}(?:\s+of)?[\s-]+{MONTH},?[\s-]+\d{{4}}|{MONTH}\s+{NUMBER},?\s+\d{{4}}))(?!\d)"
)


def written_day(found: re.Match[str]) -> date | None:
    """The day of a date that DATE matched; None where it is no day, or might be another one."""
    words = re.findall(r"\d+|[A-Za-z]+|[./]", found.group("numeric") or found.group("named"))
    numbers = [int(word) for word in words if word.isdigit()]
    months = [number for word in words if (number := month_number(word))]
    if months:
        return day(numbers[1], months[0], numbers[0])
    if numbers[0] > 31:
        return day(*numbers)
    day_first, month_first = numeric_days(*numbers)
    if day_first is None or month_first is None or day_first == month_first:
        return day_first or month_first
    return day_first if "." in words else None  # 05.02.2015 is 5 February everywhere, 05-02-2015 is not
