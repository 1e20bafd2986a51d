"""A conversation: follow-ups such as "and who carried it out?" become questions that stand alone.

With a language model it rewrites them; without one, or when what it writes is not to be trusted, a rule
carries over what the earlier questions were about: names, dates, and the place or event they asked about.
"""

import calendar
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.errors import LLMError
from rag.language import STOPWORDS, fold, names, numbers, tokens
from rag.prompts import condense_prompt, count_tokens

if TYPE_CHECKING:
    from rag.llm import Deadline, LanguageModel  # not needed, and slow to import, where no model is set

HISTORY_TOKENS = 800  # of earlier turns that a follow-up is read with; older turns are left out
ANSWER_CHARACTERS = 400  # of each earlier answer: who and what it was about stands at its beginning
QUESTION_TOKENS = 80  # that the model may write
SECONDS = 30.0  # that it may take: the rule is nearly as good, and the answer is still to come
MOST_NAMES = 4  # carried over into one question
_FEW_WORDS = 3  # content words: a question of so few that names nothing leans on what came before

_log = logging.getLogger(__name__)

_MONTHS = list(calendar.month_name)[1:]
_DAYS = list(calendar.day_name)
_MONTH, _DAY = "|".join(_MONTHS), "|".join(_DAYS)
_DATE = re.compile(
    rf"(?:\b(?P<on>on|in|since|until|before|after|during|by)\s+)?"
    rf"(?P<date>\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}} (?:{_MONTH})(?: \d{{4}})?\b|"
    rf"\b(?:{_MONTH}) \d{{1,2}}(?:, \d{{4}})?\b|\b(?:{_MONTH})(?: \d{{4}})?\b|\b(?:19|20)\d\d\b|"
    rf"\b(?:last |next )?(?:{_DAY})\b|\byesterday\b|\btoday\b)",
)
_FORMATS = ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %B", "%B %d")
_SHIFT = re.compile(
    r"\b(?:(?:the|an?) )?(?P<unit>day|week|month|year) (?P<way>before|after|earlier|later)\b"
    r"(?! (?:an?|the|his|her|its|their|(?-i:[A-Z])|\d))"  # "the day before the attack" is counted from that
    r"|\bthe (?P<way2>previous|next|following) (?P<unit2>day|week|month|year)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^(?:and|but|so|then|also|ok(?:ay)?|well)\b[ ,]*", re.IGNORECASE)
_WHAT_ABOUT = re.compile(r"^(?:and |but |so )?(?:what|how) about (?P<other>.+?)\s*\??$", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|theirs|this|that|these|those|there|then|one|ones|both"
    r"|else|same|other|others)\b",
    re.IGNORECASE,
)
# "Is there evidence that Russia …?" points at nothing.
_POINTS_NOWHERE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could) there(?= \w)"
    r"|\bthere(?= (?:is|are|was|were|has|have|had|will|would|may|might)\b)"
    r"|\bthat(?= (?:an?|the|its?|h[ei]s?|she|they|their|there|some|all|most|no|more|many|people|(?-i:[A-Z])|\d))",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"^\w+(?:ian|ean|ican|ese|ish|ench|utch)$")  # of a country, as most of them end
_NOUN = re.compile(r" (?P<noun>[a-z]{3,})\b")
_PERSON = re.compile(
    r"\b(?P<who>he|him|she|her(?=\W*$| (?:in|on|at|for|by|to|with|from|and|after|before|during)\b))\b"
    r"|\b(?P<whose>his|her)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\b(?:in|at|near|outside|around|over|into)\s$", re.IGNORECASE
)  # before the name of a place
_ABOUT = re.compile(
    r"\b(?:in|on|at|near|after|during|of|by|against|over|about|from|to|with)\s(?!(?:which|what|whom|whose)\b)[^?]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question of a conversation and what was answered."""

    question: str
    answer: str = ""  # empty: there was none


def full_question(
    question: str,
    history: Sequence[Turn],
    *,
    model: "LanguageModel | None" = None,
    deadline: "Deadline | None" = None,
) -> str:
    """The question as it would be asked outside the conversation; unchanged when it already stands alone.

    Never fails: what the model cannot do in time, the rule does.

    >>> full_question("And who carried it out?", [Turn(question="Who died in the raid on al-Baghuz?")])
    'Who carried it out, in the raid on al-Baghuz?'
    """
    if not history or not leans_back(question):
        return question
    if model is not None and deadline is not None:
        try:
            reply = model.complete(
                condense_prompt(question, [(turn.question, turn.answer) for turn in recent(history)]),
                deadline=deadline.within(SECONDS),
                max_tokens=QUESTION_TOKENS,
            )
        except LLMError as error:
            _log.info("%s; the question is completed by rule", error)
        else:
            rewritten = " ".join(reply.text.split()).strip("\"'“” ")
            if not reply.cut and _is_faithful(rewritten, question, history):
                return rewritten
    return _by_rule(question, history)


def recent(history: Sequence[Turn], *, budget: int = HISTORY_TOKENS) -> list[Turn]:
    """The latest turns that fit into the budget of tokens, oldest first, long answers shortened."""
    kept: list[Turn] = []
    for turn in reversed(history):
        short = Turn(question=turn.question, answer=turn.answer[:ANSWER_CHARACTERS])
        budget -= count_tokens(short.question) + count_tokens(short.answer)
        if budget < 0:
            break
        kept.insert(0, short)
    return kept


def leans_back(question: str) -> bool:
    """Whether a question seems to need what was said before it."""
    if _OPENING.match(question) or _WHAT_ABOUT.match(question) or _SHIFT.search(question):
        return True
    if _POINTS_BACK.search(_POINTS_NOWHERE.sub("", question)):
        return True
    content = [word for word in tokens(question) if word.text.lower() not in STOPWORDS]
    return not names(question) and len(content) <= _FEW_WORDS


def _by_rule(question: str, history: Sequence[Turn]) -> str:
    """Complete one question after the other, so that each can lean on the one before it."""
    turns = recent(history)
    if not turns:
        return question
    before = turns[0].question
    for answered, turn in pairwise(turns):
        before = _complete(turn.question, before, answered.answer)
    return _complete(question, before, turns[-1].answer)


def _complete(question: str, before: str, answer: str) -> str:
    """The question with what it leaves open taken from the one before, and from the answer to that."""
    if not leans_back(question):
        return question
    if shifted := _shifted(question, before):
        question = shifted
    elif about := _WHAT_ABOUT.match(question):
        return _instead(before, about["other"])
    own = _OPENING.sub("", question)
    own = own[:1].upper() + own[1:]
    own = _with_person(own, before, answer)
    said = fold(own)
    context = []
    if tail := _ABOUT.search(before):
        context.append(tail[0].strip())
    covered = fold(" ".join(context))
    named = _named(before) or _named(answer)
    rest = [*named[:MOST_NAMES], *(match[0] for match in _DATE.finditer(before))]
    context += [item for item in rest if fold(item) not in covered]
    if _DATE.search(own):
        context = [_DATE.sub("", item).strip() for item in context]
    missing = [item for item in dict.fromkeys(context) if item and fold(item) not in said]
    return f"{own.rstrip('? ')}, {', '.join(missing)}?" if missing else own


def _named(text: str) -> list[str]:
    """The names of a text; an adjective, which names nobody by itself, with its noun: "the Syrian ministry"."""
    found = []
    for start, end in names(text):
        adjective = text[:start].endswith("the ") and _ADJECTIVE.search(text[start:end])
        noun = _NOUN.match(text, end) if adjective else None
        if noun and noun["noun"] not in STOPWORDS:
            start, end = start - len("the "), noun.end()
        found.append(text[start:end])
    return found


def _shifted(question: str, before: str) -> str | None:
    """The question with "the day before" counted from the date in the one before it; None: there is none."""
    shift, anchor = _SHIFT.search(question), _DATE.search(before)
    if not shift or not anchor:
        return None
    unit = (shift["unit"] or shift["unit2"]).lower()
    steps = -1 if (shift["way"] or shift["way2"]).lower() in ("before", "earlier", "previous") else 1
    moved = _moved(anchor["date"], unit, steps) or f"{shift[0]} {anchor['date']}"
    own = _OPENING.sub("", question).rstrip("? ")
    if own.lower() == shift[0].lower() or _WHAT_ABOUT.match(question):
        return before[: anchor.start("date")] + moved + before[anchor.end("date") :]
    start = own.find(shift[0])
    return f"{own[:start]}{anchor['on'] or 'on'} {moved}{own[start + len(shift[0]) :]}?"


def _moved(day: str, unit: str, steps: int) -> str | None:
    """A date so many steps later, written as it was; None: that cannot be told from its words alone."""
    if unit == "year" and re.fullmatch(r"\d{4}", day):
        return str(int(day) + steps)
    if unit == "day" and day in _DAYS:
        return _DAYS[(_DAYS.index(day) + steps) % 7]
    month, _, year = day.partition(" ")
    if unit == "month" and month in _MONTHS and (not year or re.fullmatch(r"\d{4}", year)):
        place = _MONTHS.index(month) + steps
        return " ".join([_MONTHS[place % 12], *([str(int(year) + place // 12)] if year else [])])
    found = _read_day(day) if unit in ("day", "week") else None
    if found is None:
        return None
    form, known = found
    try:
        moved = known + timedelta(days=steps * (7 if unit == "week" else 1))
    except OverflowError:  # beyond the last day that there is
        return None
    return moved.strftime(form).replace(" 0", " ").removeprefix("0")


def _read_day(text: str) -> tuple[str, date] | None:
    for form in _FORMATS:
        try:
            # Without a year any will do that is no leap year: February has 28 days more often than 29.
            known = datetime.strptime(
                text if "%Y" in form else f"{text} 2019", form if "%Y" in form else f"{form} %Y"
            )
        except ValueError:
            continue
        return form, known.date()
    return None


def _instead(before: str, other: str) -> str:
    """The earlier question, asked about something else."""
    if _DATE.search(other):
        if old := _DATE.search(before):
            return before[: old.start()] + _bare(other, old["on"]) + before[old.end() :]
    elif names(other) and (old_names := names(before)):
        start, end = old_names[0]
        new = re.sub(r"^the ", "", other) if before[:start].endswith("the ") else other
        return before[:start] + new + before[end:]
    return f"{before.rstrip('? ')}, and {other}?"


def _bare(day: str, preposition: str | None) -> str:
    """A date behind a preposition: its own, else the one that stood there before."""
    has_its_own = re.match(r"(?:on|in|since|until|before|after|during|by)\b", day)
    return day if has_its_own or not preposition else f"{preposition} {day}"


def _with_person(question: str, before: str, answer: str) -> str:
    """He and she by name, when the answer or the question before names just one person."""
    for text in (answer, before):
        full = {
            text[start:end]
            for start, end in names(text)
            if " " in text[start:end] and not _PLACED.search(text[:start])
        }
        if len(full) == 1:
            return _PERSON.sub(partial(_name_for, name=full.pop()), question)
    return question


def _name_for(pronoun: re.Match[str], *, name: str) -> str:
    return name if pronoun["who"] else f"{name}'s"


def _is_faithful(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    """Whether a rewritten question asks the same, and of nothing that the conversation does not know."""
    told = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in history)])
    known, values = fold(told), {number.value for number in numbers(told)}
    kept = {word.stem for word in tokens(rewritten)}
    own = {word.stem for word in tokens(_OPENING.sub("", question)) if word.text.lower() not in STOPWORDS}
    return (
        0 < len(rewritten) <= 400
        and fold(rewritten).rstrip("? ") != fold(question).rstrip("? ")
        and all(fold(rewritten[start:end]) in known for start, end in names(rewritten))
        and all(number.value in values for number in numbers(rewritten))
        and len(own & kept) >= len(own) / 2
    )
