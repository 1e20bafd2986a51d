"""Dates: in fields, written out in text, and relative ones, resolved against the day of publication."""

from rag.dates.expressions import TimeExpression, find_dates
from rag.dates.fields import DayOrder, day_of, is_ambiguous, order_shown_by
from rag.dates.written import DATE, MONTH, NUMBER, written_day

__all__ = [
    "DATE",
    "MONTH",
    "NUMBER",
    "DayOrder",
    "TimeExpression",
    "day_of",
    "find_dates",
    "is_ambiguous",
    "order_shown_by",
    "written_day",
]
