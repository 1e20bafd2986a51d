"""Values that can be compared: amounts with their bounds, days as far as they are known, names, and yes or no.

Two values agree when both can be true of one thing: "20" and "twenty", "at least 20" and 23, "June 2020" and "3 June
2020", "Kerry" and "John Kerry", "al-Baghuz" and "al-Baghouz". Only values of one kind can disagree.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.language import STOPWORDS, Number, Token, aliases, fold, numbers, skeleton, tokens

ABOUT = 0.1  # how far "about 50" may be off
ROUNDED = 0.01  # how far two figures may be apart that were rounded differently
# "The 1.65 billion deal": what is counted stands within so many words behind.
COUNTED_WITHIN = 2

_LEAST = re.compile(
    r"\b(?:at least|more than|over|above|no fewer than|no less than|upwards of|exceed\w*)\s+$", re.I
)
_MOST = re.compile(r"\b(?:at most|up to|as many as|fewer than|less than|under|below|no more than)\s+$", re.I)
_ABOUT = re.compile(
    r"\b(?:about|around|some|nearly|almost|roughly|approximately|an estimated|close to)\s+$", re.I
)
_MORE = re.compile(r"^\s+(?:or more|plus)\b|^\+", re.I)
_RANGE = re.compile(r"\s*(?:-|–|to|and)\s*")
_VAGUE = {"dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2_000, "millions": 2_000_000}
_MONEY = re.compile(r"(?:US|[ACN]Z?)?([$€£¥])\s?$")
_MONEY_WORD = re.compile(r"\s?(dollar|euro|pound|yen|yuan|rouble|ruble|lira)s?\b", re.I)
_PERCENT = re.compile(r"\s?(?:%|per ?cent\b)")
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
# What stands before a name without belonging to it.
_TITLES = frozenset(
    """mr mrs ms miss sir dr prof professor president vice prime minister foreign secretary general gen colonel col
    lieutenant lt major captain sergeant king queen prince princess pope senator sen rep representative governor gov
    chancellor chairman chairwoman director ceo judge justice sheikh imam father saint st the al el ul ad as ash an ar
    jr sr ii iii""".split()
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or the bounds within which it lies, of a unit: "dollar", "%", or "" for a count."""

    low: float
    high: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year, as TIMEX3 writes it: 2019-01-18, 2019-01, 2019."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name by the words that tell its bearer from others, as spelled."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YesNo:
    """What is said to a question that asks whether something is so."""

    is_yes: bool

    def __str__(self) -> str:
        return "yes" if self.is_yes else "no"


Typed = Amount | Day | Name | YesNo


def agree(one: Typed, other: Typed) -> bool:
    """Whether both can be true of one thing; False as well for values of different kinds."""
    match one, other:
        case Amount(), Amount():
            return one.unit == other.unit and _overlap(one, other)
        case Day(), Day():
            return one.value.startswith(other.value) or other.value.startswith(one.value)
        case Name(), Name():
            return _one_bearer(one.words, other.words)
        case YesNo(), YesNo():
            return one == other
    return False


def amount(text: str, number: Number) -> Amount:
    """A number of a text with what bounds it and its unit."""
    before, after = text[max(0, number.start - 24) : number.start], text[number.end :]
    low = high = number.value
    if math.isnan(number.value):
        low = _VAGUE.get(text[number.start : number.end].lower(), 2.0)
        high = 50 * low
    elif spread := _range(text, number):
        low, high = spread
    elif _LEAST.search(before) or _MORE.search(after):
        high = math.inf
    elif _MOST.search(before):
        low = 0.0
    elif _ABOUT.search(before):
        low, high = low * (1 - ABOUT), high * (1 + ABOUT)
    return Amount(low, high, _unit(before, after))


def written(text: str, number: Number) -> tuple[int, int]:
    """Where a number stands with what bounds it and what it counts: "at least 20 people"."""
    before = text[max(0, number.start - 24) : number.start]
    bound = next((found for form in (_LEAST, _MOST, _ABOUT, _MONEY) if (found := form.search(before))), None)
    start = number.start - (len(before) - bound.start() if bound else 0)
    end = number.end
    for unit in (_PERCENT, _MONEY_WORD):
        if found := unit.match(text, end):
            return start, found.end()
    following = tokens(text[end : end + 40])[:COUNTED_WITHIN]
    counted = [word for word in following if word.text.lower() in STOPWORDS or not word.text[0].isalpha()]
    kept = following[: following.index(counted[0])] if counted else following[:1]
    if kept and text[end : end + kept[0].start].isspace():
        end += kept[0].end
    return start, end


def name(text: str, without: Sequence[Token]) -> Name | None:
    """A name without titles and without the words that a question gives already; None: nothing is left of it."""
    words = [word for word in tokens(text) if word.text == "US" or fold(word.text) not in _TITLES | STOPWORDS]
    given = {word.stem for word in without}
    told = [word.text for word in words if word.stem not in given]
    if not told or all(word.isdigit() for word in told):
        return None
    return Name(tuple(told))


def _range(text: str, number: Number) -> tuple[float, float] | None:
    """The bounds of "20 to 25" or "between 20 and 25", of whichever of its numbers."""
    near = text[max(0, number.start - 30) : number.end + 30]
    offset = max(0, number.start - 30)
    found = numbers(near)
    for left, right in pairwise(found):
        link = near[left.end : right.start]
        spans = _RANGE.fullmatch(link) and (
            link.strip() != "and" or near[: left.start].rstrip().lower().endswith("between")
        )
        if spans and left.value < right.value and number.start - offset in (left.start, right.start):
            return left.value, right.value
    return None


def _unit(before: str, after: str) -> str:
    if sign := _MONEY.search(before):
        return _SIGNS[sign[1]]
    if word := _MONEY_WORD.match(after):
        return word[1].lower()
    return "%" if _PERCENT.match(after) else ""


def _overlap(one: Amount, other: Amount) -> bool:
    slack = ROUNDED * max(one.low, other.low) if max(one.low, other.low) >= 1_000 else 0.0
    return one.low <= other.high + slack and other.low <= one.high + slack


def _one_bearer(ones: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one of two names has nothing that the other lacks, spellings and initials aside."""
    joined, other_joined = "".join(ones), "".join(others)
    if aliases(" ".join(ones)) & aliases(" ".join(others)) or fold(joined) == fold(other_joined):
        return True
    if len(skeleton(joined)) >= 4 and skeleton(joined) == skeleton(other_joined):
        return True
    short, long = sorted((ones, others), key=len)
    if len(short) == 1 and len(long) > 1 and fold(short[0]) == "".join(word[0] for word in long).lower():
        return True
    return all(any(_alike(word, other) for other in long) for word in short)


def _alike(one: str, other: str) -> bool:
    left, right = fold(one), fold(other)
    if left == right or left.rstrip("s") == right.rstrip("s") or _single(left) == _single(right):
        return True
    if len(left) == 1 or len(right) == 1:  # an initial
        return left[0] == right[0]
    bones = skeleton(one)
    return (
        left[0] == right[0]
        and len(bones) >= 2
        and bones == skeleton(other)
        and min(len(left), len(right)) > 3
    )


def _single(word: str) -> str:
    """Without doubled letters, which transliterations set at will: Hass, Haas."""
    return re.sub(r"(.)\1+", r"\1", word)
