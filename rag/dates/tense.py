"""Whether the words around a time speak of what was or of what will be.

News leaves the preposition out: in "voted Friday" and "set to resume Monday" only the verb tells the week. The
nearest telling word before the time decides, "said Friday it will" being past; where there is none, the nearest
one behind it does ("On Monday, the court will …").
"""

import re
from typing import Literal

Tense = Literal["past", "future"]

REACH = 160  # characters of the clause that are read on either side
_CLAUSE_END = re.compile(r"[;:!?\n“”\"]|\.\s|,\s(?:and|but|which|who|while)\b")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_MAY = re.compile(r"\bMay\b")  # a month, or a name
_FOR = re.compile(r"\bfor\s$")
_ALONE = re.compile(r"\s*(?:$|[.,;:)\n]|(?:at|in|and|but|to|morning|afternoon|evening|night)\b)")
_LED_TO = re.compile(  # what makes an infinitive one of the future: "is to resume", not "sentenced to death"
    r"\b(?:is|are|was|were|set|due|scheduled|expected|slated|supposed|likely|ready|about|going|plan(?:s|ned)?"
    r"|intend(?:s|ed)?|hope[sd]?|want(?:s|ed)?|agree[sd]?|vow(?:s|ed)?|promise[sd]?|need(?:s|ed)?|decide[sd]?|pledge[sd]?|ha(?:s|ve|d))"
    r"\s+(?:not\s+)?to\s",
    re.IGNORECASE,
)
_FUTURE = frozenset(
    """will won't won’t shall would may might could should can must going scheduled due expected slated upcoming
    until till by ahead beginning starting effective expires expire payable begins starts
    opens closes reopen reopens resume resumes meets meet votes visits arrives leaves travels heads faces ends returns
    hosts takes""".split()
)
_PAST = frozenset(
    """said told was were had did been has have began became came went gave got took made met left lost won held put
    fell rose sank shot struck hit led sent saw sold bought brought broke built caught chose fought found flew drove
    kept knew laid paid ran rang read sat set shook shut slept spent spoke spread stood stole swept swore taught tore
    thought threw understood woke wore wrote withdrew overthrew overtook underwent died shed drew grew beat blew
    cut quit sued says ago""".split()
)
_NO_VERB = frozenset("need indeed hundred red speed feed seed breed united aged sacred naked wicked".split())


def tense_at(text: str, start: int, end: int) -> Tense | None:
    """The tense that the words around `text[start:end]` give it; None where none of them tells."""
    if _FOR.search(text[max(0, start - len("\nfor ")) : start]) and _ALONE.match(text, end):
        return "future"  # "declared a day of mourning for Tuesday"
    before = _CLAUSE_END.split(_MAY.sub("", text[max(0, start - REACH) : start]))[-1]
    told = _nearest(before)
    if told is None:
        behind = _MAY.sub("", text[end : end + REACH])
        close = _CLAUSE_END.search(behind)
        told = _first(behind[: close.start()] if close else behind)
    return told


def _nearest(clause: str) -> Tense | None:
    words = _WORD.findall(clause.lower())
    for place in range(len(words) - 1, -1, -1):
        if words[place] == "to" and place + 1 < len(words) and _led(clause):
            return "future"
        if told := _of(words, place):
            return told
    return None


def _led(clause: str) -> bool:
    """Whether the last infinitive of the clause is of the future."""
    led = list(_LED_TO.finditer(clause))
    return bool(led) and not re.search(r"\bto\s", clause[led[-1].end() :], re.IGNORECASE)


def _first(clause: str) -> Tense | None:
    words = _WORD.findall(clause.lower())
    return next((told for place in range(len(words)) if (told := _of(words, place))), None)


def _of(words: list[str], place: int) -> Tense | None:
    word = words[place]
    if word == "set" and words[place + 1 : place + 2] in (["to"], ["for"]):
        return "future"
    if word in _FUTURE:
        return "future"
    if word in _PAST or (word.endswith("ed") and len(word) > 4 and word not in _NO_VERB):
        return None if "be" in words[max(0, place - 3) : place] else "past"  # "will be launched"
    return None
