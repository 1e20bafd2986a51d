"""What a question asks for, read off its words: the kind of thing, and what it is asked about.

Abstention rests on this: similarity says whether a text is about the same matter, only the kind of thing
asked for says whether the answer is in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.dates import find_dates
from rag.dates.calendar import weekday_number
from rag.language import STOPWORDS, Token, names, tokens
from rag.sentences import split_sentences

Kind = Literal[
    "person",  # who, whom, whose
    "count",  # how many
    "amount",  # how much, how long, how old, what percentage
    "date",  # when, what day
    "place",  # where, which village
    "speech",  # what did X say, how did X respond
    "reason",  # why
    "yes_no",
    "event",  # what happened, what took place
    "thing",  # what, which N, and everything else
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question taken apart."""

    text: str
    kind: Kind
    focus: tuple[
        Token, ...
    ]  # the noun asked for: "village" of "which village", "civilians" of "how many civilians"
    terms: tuple[Token, ...]  # content words, in order, without the focus word of the kind itself
    names: tuple[str, ...]  # what it names: people, places, outlets
    years: tuple[str, ...]
    speaker: str | None  # whose words are asked for: "what did X say", "according to X"
    wants_name: bool = False  # asks what somebody is called, or who holds a title
    days: tuple[
        tuple[date, date], ...
    ] = ()  # of an event: first and last of each time that the question names
    weekdays: tuple[int, ...] = ()  # of an event: 0 (Monday) to 6, of a week that the question does not tell


_AUXILIARY = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|may|might|must)"
_SAY = (
    r"(?:say|said|says|state|stated|claim|claimed|tell|told|call|called|respond|responded|reply|replied|react|reacted|"
    r"comment|commented|announce|announced|declare|declared|warn|warned|demand|demanded|ask|asked|urge|urged|"
    r"describe|described|think|believe|argue|argued|accuse|accused|promise|promised|deny|denied|admit|admitted|"
    r"suggest|suggested|propose|proposed|insist|insisted|request|requested|recommend|recommended|report|reported|"
    r"condemn|condemned|criticise|criticize|criticised|criticized|explain|explained|"
    r"justify|justified|put)"
)
_SPEECH = (
    re.compile(
        rf"\b(?:what|how) (?:did|does|do|has|have|had|would|could) (?P<who>.+?) {_SAY}\b", re.IGNORECASE
    ),
    re.compile(
        r"\bwhat (?:was|is|were) (?P<who>.+?)(?:['’]s?|s['’]) (?:\w+ )?"
        r"(?:response|reaction|reply|answer|comment|statement|position|view|demand|claim)s?\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bwhat (?:was|is|were) the (?:response|reaction|reply|answer|comment|statement|position|view|demand|claim)s?"
        r" (?:of|by|from) (?P<who>.+?)(?= (?:to|on|about|after|in|over|regarding)\b|[?,]|$)",
        re.IGNORECASE,
    ),
)
_ACCORDING = re.compile(
    r"\baccording to (?P<who>.+?)(?=,|\?|$| (?:how|what|who|when|where|which|why|did|was|were|is|are)\b)",
    re.IGNORECASE,
)
_HAPPENED = re.compile(
    r"^what (?:else )?(?:(?:has |had |have )?(?:happened|occurred|taken place|gone on)|took place|went on|was going on"
    r"|were the (?:main )?events)\b",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"^(?:(?:please|now|then|and|first|you must) )*(?:"
    r"(?:reply|answer|respond)(?: only)? (?:in|with|as)|(?:ignore|disregard|forget) (?:the|all|any|previous|your|what)"
    r"|repeat after|pretend)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\bwhat (?:is|was|are|were) (?:[\w'’]+ ){0,3}names?\b", re.IGNORECASE)
# "Please tell me who won": what is wanted stands behind it.
_REQUEST = re.compile(
    r"(?:please|ok|okay|hi|hello|thanks|thank you)\b(?:[,.!:]+\s+(?=\w)|\s+(?=(?-i:[a-z])))"
    r"|(?:(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:(?:tell|give|show) (?:me|us)(?: more)?|describe|explain|summari[sz]e|compare"
    r"|(?:list|name|find)(?=\s+(?:the|all|every|each|any|some)\b))|(?:i|we)(?:['’]d| would)? (?:want|like) to know"
    r"|do you know|what (?:can|do) you (?:tell (?:me|us)|know))[,:]?(?:\s+about)?\s+(?!(?:if|whether)\b)(?=[\w“\"‘'«])",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day", re.IGNORECASE)
_WHEN = re.compile(r"\s*\b(?:on|in|during|of)\s+$", re.IGNORECASE)
_PLACE_NOUNS = frozenset(
    """village town city country province region governorate district state place area neighbourhood neighborhood
    capital island continent county location site""".split()
)
_DATE_NOUNS = frozenset("day date year month week weekday time hour deadline morning night".split())
_PERSON_NOUNS = frozenset(
    """person man woman people official officials politician minister president leader leaders spokesman
    spokesperson spokeswoman commander general actor actress singer journalist""".split()
)
# What one person is called: who is asked for by it is asked for by name.
TITLES = frozenset(
    """minister president leader spokesman spokesperson spokeswoman commander general actor actress singer journalist
    official politician king queen pope prince princess judge mayor governor senator congressman ambassador envoy
    secretary chief premier chancellor colonel major captain director chairman chairwoman analyst""".split()
)
ANYBODYS = frozenset(
    "leader official politician chief director analyst".split()
)  # titles that go with any other
# What names of many persons together have in them.
BODIES = frozenset(
    """ministry council committee commission party army government parliament senate congress court agency department
    office union university company group nations states republic organisation organization coalition""".split()
)
_AMOUNT_NOUNS = frozenset(
    """percentage percent share proportion price cost amount sum age distance""".split()
)
_REASON_NOUNS = frozenset("reason motive explanation cause justification grounds".split())
# Past forms that do not end in -ed: a noun phrase ends before them.
_PAST = frozenset(
    """lost won hit took put fell left led made gave said told held met sent shot built began broke brought bought
    caught chose fought found got kept knew laid paid ran sank saw sold spent spoke stood struck swept taught thought
    threw went wore wrote died""".split()
)


def read_question(text: str) -> Question:
    """Take a question apart. Never fails: a text that asks nothing recognisable is of kind "thing".

    Of several sentences those that ask are read; what is named before them counts as well ("The ferry Aurora sank. How
    many died?"), but for orders how to answer ("Reply in French. How many died?").
    """
    while request := _REQUEST.match(text):
        text = text[request.end() :]
    sentences = [text[start:end] for start, end in split_sentences(text)]
    asking = [each for each in sentences if each.endswith("?")]
    if asking and len(sentences) > len(asking):
        before = " ".join(
            each for each in sentences[: sentences.index(asking[-1])] if not _INSTRUCTION.match(each)
        )
        asked = read_question(" ".join(asking))
        named = tuple(name for name in _names(before) if name not in asked.names)
        years = tuple(year for year in _years(tokens(before)) if year not in asked.years)
        return replace(asked, names=(*asked.names, *named), years=(*asked.years, *years))
    if len(sentences) == 1 and (event := _event(text)):
        return event
    words = tokens(text)
    kind, focus = _kind(words)
    speaker = _speaker(text)
    if kind == "thing" and any(pattern.search(text) for pattern in _SPEECH):
        kind = "speech"
    spans = names(text)
    kept = tuple(
        word
        for word in words
        if word.text.lower() not in STOPWORDS or (_inside(word, spans) and word.is_capitalised)
    )
    return Question(
        text=text,
        kind=kind,
        focus=focus,
        terms=kept,
        names=_names(text),
        years=_years(words),
        speaker=speaker,
        wants_name=kind == "person"
        and (bool(_NAME.search(text)) or any(word.text.lower() in TITLES for word in focus[-1:])),
    )


def _event(text: str) -> Question | None:
    """ "What happened in Idlib on 5 April 2017?": what happened in Idlib, and when, apart from each other.

    None: it asks for something else, or names no days, or only how they lie to it ("after 5 April 2017").
    """
    times = find_dates(text, None)
    days = tuple((time.first, time.last) for time in times if time.first and time.last)
    weekdays = tuple(weekday_number(time.text) for time in times if _WEEKDAY.fullmatch(time.text))
    if not _HAPPENED.match(text) or not times or len(days) + len(weekdays) < len(times):
        return None
    for time in reversed(times):
        before = _WHEN.sub("", text[: time.start])
        if before == text[: time.start]:
            return None
        text = before + text[time.end :]
    asked = read_question(_HAPPENED.sub("", text))
    return replace(asked, text=text, kind="event", focus=(), days=days, weekdays=weekdays)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in names(text))


def _years(words: Sequence[Token]) -> tuple[str, ...]:
    return tuple(word.text for word in words if re.fullmatch(r"(?:19|20)\d\d", word.text))


def _inside(word: Token, spans: list[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in spans)


def _speaker(text: str) -> str | None:
    for pattern in (*_SPEECH, _ACCORDING):
        if match := pattern.search(text):
            return match["who"].strip().strip(",") or None
    return None


def _kind(words: list[Token]) -> tuple[Kind, tuple[Token, ...]]:
    """The kind of thing asked for, and the noun that says which: by the first word that asks."""
    lower = [word.text.lower() for word in words]
    for place, word in enumerate(lower):
        following = lower[place + 1] if place + 1 < len(lower) else ""
        if word in ("when", "where") and place and lower[0] in _OPENERS:
            continue  # a conjunction: "who fled when the town fell"
        if word == "how" and following in _MEASURES:
            return ("count" if following == "many" else "amount"), _noun_phrase(words, place + 2)
        if word == "what" and following == "caused":
            return "reason", ()
        if word in _ASKING:
            return _ASKING[word], ()
        if word in ("which", "what") and following:
            return _what(words, lower, place + 1)
    if lower and re.fullmatch(_AUXILIARY, lower[0]):
        return "yes_no", ()
    return "thing", ()


_ASKING: dict[str, Kind] = {
    "who": "person", "whom": "person", "whose": "person", "when": "date", "where": "place", "why": "reason",
}  # fmt: skip
_MEASURES = frozenset("many much long old far often big large high tall fast".split())
_OPENERS = frozenset(
    "who whom whose what which how why when where did was were is are does do has have".split()
)


def _what(words: list[Token], lower: list[str], place: int) -> tuple[Kind, tuple[Token, ...]]:
    """After "which" or "what": "which village", "what was the name", "what will it cost"."""
    if lower[place] in ("will", "would", "did", "does") and "cost" in lower[place:]:
        return "amount", ()
    if lower[place] in ("is", "was", "are", "were"):
        place += 2 if lower[place + 1 : place + 2] == ["the"] else 1
        owner = _noun_phrase(words, place)
        behind = place + len(owner)
        if (
            owner and lower[behind : behind + 1] == ["s"] and behind + 1 < len(words)
        ):  # "the minister's verdict"
            return _which(words, place if lower[behind + 1].startswith("name") else behind + 1)
    return _which(words, place)


def _which(words: list[Token], place: int) -> tuple[Kind, tuple[Token, ...]]:
    focus = _noun_phrase(words, place)
    head = focus[-1].text.lower() if focus else ""
    singular = head.removesuffix("s") if not head.endswith("ss") else head
    if (
        head in _PLACE_NOUNS
        or singular in _PLACE_NOUNS
        or (head.endswith("ies") and head[:-3] + "y" in _PLACE_NOUNS)
    ):
        return "place", focus
    if head in _DATE_NOUNS or singular in _DATE_NOUNS:
        return "date", focus
    if head in _PERSON_NOUNS | TITLES or singular in _PERSON_NOUNS:
        return "person", focus
    if head in _AMOUNT_NOUNS:
        return "amount", focus
    if head in _REASON_NOUNS:
        return "reason", ()
    if singular == "name":
        return _named(words, words.index(focus[-1]) + 1)
    if head == "number":
        return "count", _noun_phrase(words, words.index(focus[-1]) + 2)
    return "thing", focus


_OF_WHOM = frozenset("of the that this name names".split())


def _named(words: list[Token], place: int) -> tuple[Kind, tuple[Token, ...]]:
    """Behind "the name": "of the village", "of the minister"; of anything else it is asked for as a person's."""
    behind = place
    while behind < len(words) and words[behind].text.lower() in _OF_WHOM:
        behind += 1
    kind, focus = _which(words, behind) if behind > place else ("person", ())
    return (kind, focus) if kind in ("place", "person") else ("person", ())


_VERBISH = re.compile(
    rf"^(?:{_AUXILIARY}|be|been|get|gets|got|happened|happen|happens|of|in|on|at|to|for|from|by|with|after|the|a|an)$"
)


def _noun_phrase(words: list[Token], place: int) -> tuple[Token, ...]:
    """The words from `place` up to the first verb, preposition or function word; at most four."""
    found: list[Token] = []
    for word in words[place : place + 4]:
        lower = word.text.lower()
        if _VERBISH.match(lower) or (lower in STOPWORDS and not word.is_capitalised):
            break
        if found and (lower in _PAST or (re.search(r"(?:ed|ing)$", lower) and len(lower) > 4)):
            break
        found.append(word)
    return tuple(found)
