"""Question → Plan: what it asks for, of which days, from whom, read off its words, without a model.

Only what a question asks of the articles themselves binds: an outlet named as the one that reports ("according to
SANA"), days on which something was published. Days on which something happened, and "the latest", move passages up and
exclude nothing: an article of 20 January may tell best what happened on the 18th.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from rag.dates import TimeExpression, find_dates
from rag.domain import Filters, Plan
from rag.question import Kind, read_question

_KINDS: dict[Kind, str | None] = {
    "person": "who",
    "count": "how many",
    "amount": "how much",
    "date": "when",
    "place": "where",
    "speech": "what was said",
    "reason": "why",
    "yes_no": "yes or no",
    "event": "what happened",
    "thing": None,
}
_RECENT = re.compile(
    r"\b(?:latest|newest|most recent|recent|recently|currently|right now|so far|breaking|this week|today)\b",
    re.IGNORECASE,
)
_REPORTS = r"(?:reports?|reported|reporting|articles?|stor(?:y|ies)|coverage|news|pieces?|dispatch(?:es)?)"
_REPORTED = r"(?:report|reported|write|written|wrote|publish|published|carry|carried|cover|covered|say|said)"
OUTLET = "§"  # stands for an outlet's name in the patterns
OUTLET_WORDS = 5
EVENT_DAYS = 7  # a longer time is one that an article of that time tells of, rather than one it names
MONTH_DAYS = 31
# Where an outlet stands that is asked for as the one that reports.
_ASKED_OF = re.compile(
    rf"\baccording to (?:the )?§(?!\w)|\b(?:did|does|do|has|have|had) (?:the )?§ (?:\w+ )?{_REPORTED}\b"
    rf"|\b{_REPORTS} (?:by|from|in) (?:the )?§(?!\w)"
    rf"|\b(?:reported|published|carried|covered|written) (?:by|in|on) (?:the )?§(?!\w)"
    rf"|§(?:['’]s?)? (?:own )?{_REPORTS}\b|§ (?:wrote|published|writes)\b",
    re.IGNORECASE,
)
_MAY_ASK = re.compile(rf"\baccording to\b|\b{_REPORTED}\b|\b{_REPORTS}\b|\bwrites\b", re.IGNORECASE)
# What makes a day one of publication rather than of what happened: articles of it, or what was published on it.
_PUBLISHED = re.compile(
    r"(?:\b(?:articles?|reports|stories|coverage)"
    r"(?: (?:that |which )?(?:was |were )?(?:published|printed|posted|written))?"
    r"|\bwhat (?:was|were|has been|did (?:the )?\w+) (?:published?|printed?|reported?|written?))"
    r"(?: (?P<edge>since|from|after|before|until|up to|on|in|of|during|between))? (?:the )?\Z",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:,? and|to|until|till|through|[-–—])\s*", re.IGNORECASE)
_OPENS = re.compile(r"\b(?:between|from)\s+(?:the\s+)?\Z", re.IGNORECASE)
_DEICTIC = re.compile(
    r"\b(?:last|past|this|next|coming|ago|yesterday|today|tonight|tomorrow)\b", re.IGNORECASE
)
_ON = re.compile(r"(?<!went )(?<!going )\bon\s+$", re.IGNORECASE)
_GOVERNING = re.compile(
    r"\b(?:at|in|by|of|to|from|since|until|after|before|during)\s+(?:the\s+)?$", re.IGNORECASE
)
_EDGE = re.compile(r"\b(?P<edge>since|after|before|until)\s+(?:the\s+)?\Z", re.IGNORECASE)
_FIRST, _LAST = date(1600, 1, 1), date(2100, 12, 31)  # of an open range
_DOMAIN_END = re.compile(r"\.(?:com|org|net|info|co|news|tv|[a-z]{2})(?:\.[a-z]{2})?$")


def plan(
    question: str, filters: Filters, *, today: date, sources: Callable[[], Iterable[str]] = tuple
) -> Plan:
    """How a question is understood. The caller's own filters stand; what they leave open, the question may fill.

    Days are seen from `filters.as_of`, else from `today`. `sources` names the publishers of the collection; it is
    asked only where the question's words may name one.

    >>> plan("Who was killed last Friday?", Filters(as_of=date(2019, 1, 20)), today=date.today()).notes
    ('“last Friday” is 18 January 2019',)
    """
    times = _times(question, filters.as_of, today)
    outlets = () if filters.sources else _outlets(question, sources)
    since, until = _published(question, times)
    bound = replace(
        filters,
        sources=filters.sources or outlets,
        since=filters.since or (since if not filters.until else None),
        until=filters.until or (until if not filters.since else None),
    )
    own = bound.since != filters.since or bound.until != filters.until
    notes = [_note(text, first, last) for text, first, last, _ in times if not re.search(r"\d{4}", text)]
    if outlets:
        notes.append(f"only what {' and '.join(outlets)} published, as asked")
    if own:
        notes.append(f"only what was published {_range(bound.since, bound.until)}, as asked")
    recent = bool(_RECENT.search(question))
    if recent:
        notes.append("the latest comes first, as asked")
    return Plan(
        question=question,
        query=_dated(question, times),
        filters=bound,
        days=() if own else tuple((first, last) for _, first, last, _ in times),
        recent=recent,
        kind=_KINDS[read_question(question).kind],
        notes=tuple(notes),
    )


Time = tuple[str, date, date, int]  # as written, first and last day, where it begins


def _dated(question: str, times: Sequence[Time]) -> str:
    """ "What happened yesterday?" with the day written out; a question that asks for more stays as it is.

    Who was killed "last Friday" is told by reports that say "Friday"; what happened then is told by the day alone.
    """
    dated = question
    for text, first, last, start in reversed(times):
        before, behind = dated[:start], dated[start + len(text) :]
        if _GOVERNING.search(before) or behind.startswith(("'s", "’s")):
            return question
        if first == last and not re.search(r"\d{4}", text):
            dated = f"{_ON.sub('', before)}on {_long(first)}{behind}"
    return dated if read_question(dated).kind == "event" else question


def _times(question: str, as_of: date | None, today: date) -> list[Time]:
    """The times that the question is about; two that are joined are one range, and "since" opens one.

    Without a day of asking, "Friday" may be any Friday of the collection; "last Friday" and "yesterday" are today's.
    """
    seen_from = as_of or today
    known = {each.start for each in find_dates(question, as_of) if each.first}
    found = [
        each
        for each in find_dates(question, seen_from)
        if _is_asked_about(each, seen_from) and (each.start in known or _DEICTIC.search(each.text))
    ]
    times: list[Time] = []
    place = 0
    while place < len(found):
        each = found[place]
        following = found[place + 1] if place + 1 < len(found) else None
        before = question[: each.start]
        if following and _joined(question, before, each, following):
            text = question[each.start : following.end]
            times.append((text, *_ends(each)[:1], _ends(following)[1], each.start))
            place += 1
        else:
            first, last = _ends(each)
            edge = _EDGE.search(before)
            if edge and not _PUBLISHED.search(before):
                after = edge["edge"].lower() in ("since", "after")
                first, last = (first, max(first, seen_from)) if after else (_FIRST, last)
            times.append((each.text, first, last, each.start))
        place += 1
    return times


def _is_asked_about(each: TimeExpression, seen_from: date) -> bool:
    """Whether an expression says when: "last Friday", "in June 2017"; "this week" asks for the latest, "this year" and
    "next month" hardly for anything."""
    if each.first is None or each.last is None:
        return False
    if (each.last - each.first).days < EVENT_DAYS:
        return not re.match(r"this\b.*week$", each.text, re.IGNORECASE)
    vague = re.search(r"\b(?:this|next|last|past|ago|later|earlier)\b", each.text, re.IGNORECASE)
    return each.first <= seen_from and not (vague and (each.last - each.first).days > MONTH_DAYS)


def _ends(each: TimeExpression) -> tuple[date, date]:
    assert each.first is not None and each.last is not None  # noqa: S101 - kept out by the caller
    return each.first, each.last


def _joined(question: str, before: str, one: TimeExpression, other: TimeExpression) -> bool:
    between = question[one.end : other.start]
    return bool(_OPENS.search(before) and _JOINS.fullmatch(between)) and _ends(one)[0] <= _ends(other)[1]


def _published(question: str, times: list[Time]) -> tuple[date | None, date | None]:
    """The days of publication that the question asks for."""
    for _, first, last, start in times:
        found = _PUBLISHED.search(re.sub(r"\b(?:between|from) \Z", "", question[:start]) or "")
        if found is None:
            continue
        match (found["edge"] or "on").lower():
            case "since" | "after":
                return first, None
            case "before" | "until" | "up to":
                return None, last
            case _:
                return first, last
    return None, None


def _outlets(question: str, sources: Callable[[], Iterable[str]]) -> tuple[str, ...]:
    """The publisher of the collection that the question names as the one that reports."""
    if not _MAY_ASK.search(question):
        return ()
    known = {_letters(source): source for source in sources()}
    for start, end in _runs(question):
        source = known.get(_letters(question[start:end]))
        if source and _ASKED_OF.search(f"{question[:start]}{OUTLET}{question[end:]}"):
            return (source,)
    return ()


def _runs(question: str) -> Iterator[tuple[int, int]]:
    """Every run of one to five words, the longer ones first."""
    words = [found.span() for found in re.finditer(r"[\w.&-]+", question)]
    for size in range(OUTLET_WORDS, 0, -1):
        for place in range(len(words) - size + 1):
            yield words[place][0], words[place + size - 1][1]


@lru_cache(maxsize=100_000)
def _letters(name: str) -> str:
    """What names of one outlet share: "Daily Sabah" and dailysabah, "Al-Manar" and manar, cnn.com and CNN."""
    plain = re.sub(r"[\W_]", "", _DOMAIN_END.sub("", name.casefold()))
    for article in ("the", "al"):
        plain = plain.removeprefix(article) if len(plain) > len(article) + 2 else plain
    return plain


def _note(text: str, first: date, last: date) -> str:
    return f"“{text}” is {_range(first, last)}"


def _range(first: date | None, last: date | None) -> str:
    first, last = (None if first == _FIRST else first), (None if last == _LAST else last)
    if first == last and first is not None:
        return _long(first)
    if first is None:
        return f"up to {_long(last)}" if last else "at any time"
    return f"{_long(first)} to {_long(last)}" if last else f"from {_long(first)} on"


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
