"""Is the kind of thing asked for in this sentence: the number, the person, the place, the date, the speaker?

Each rule gives 0 (not there) to 1 (there, and bound to what was asked about).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from rag.answering.cues import DETERMINERS, HARMS, INVERTING, SUPERLATIVES, befalls
from rag.answering.lexicon import Lexicon
from rag.answering.sentences import Sentence
from rag.answering.voices import voices
from rag.dates import find_dates
from rag.language import Number, Token, aliases, fold, names, numbers, same_word, tokens
from rag.question import Kind, Question

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|April|Apr\.|May|June|July|Aug(?:ust|\.)?|Sept(?:ember|\.)?|"
    r"Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATE = re.compile(
    rf"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{_MONTH} \d{{1,2}}\b|\d{{1,2}} {_MONTH}|{_MONTH},? \d{{4}}|"
    rf"(?:in|since|until|by|during|of|last|next|this) (?:early |mid-|late )?{_MONTH}|(?:19|20)\d\d|\d{{4}}-\d\d-\d\d)"
    r"|\b(?:yesterday|today|tonight|tomorrow|"
    r"(?:last|this|next) (?:week|month|year|night|summer|spring|autumn|fall|winter)|"
    r"(?:the )?(?:week|month|year|day)s? (?:ago|earlier|later|before)|\d{1,2}(?::\d\d)? ?[ap]\.?m\b)",
)
_UNIT_AFTER = re.compile(
    r"\s?(?:%|percent|per cent|percentage points?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|miles?|km\b|"
    r"kilomet|"
    r"met(?:er|re)s?|feet|foot|inch|kg|kilogram|tons?|tonnes?|pounds?|dollars?|euros?|degrees?|times|barrels?|acres?|"
    r"square|C\b|F\b|°)",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:what|how much) (?:did|does|do|will|would) .{1,80}?(?<!the )\bcost\b(?! of)"
    r"|\bhow much (?:money|cash)\b|\bwhat (?:is|was) the (?:price|salary|fine)\b",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"[$€£¥]\s?$")
_MONEY_AFTER = re.compile(
    r"\s?[€£$]|\s?(?:of )?(?:U\.?S\.? |[A-Z]\w+ )?(?:dollars?|euros?|pounds?|yen|yuan|ro?u?bles?|liras?|dinars?|"
    r"dirhams?|ri[ya]als?|francs?|rupees?|shekels?|pesos?|kron\w+|zloty\w*|cents?|pence|USD|EUR|GBP)\b",
    re.IGNORECASE,
)
_NOT_A_COUNT_BEFORE = re.compile(rf"(?:{_MONTH}|[$€£¥]|\bNo\.|\baged?|\b[A-Z]-?)\s?$")
_YEAR_BEFORE = re.compile(r"\b(?:in|since|of|by|during|until|from)\s$", re.IGNORECASE)
_NOT_A_COUNT_AFTER = re.compile(rf"^(?:\s?(?:%|percent|per cent|a\.m|p\.m|am\b|pm\b)|[-‑]year|\s{_MONTH})")
_PERSON_WORD = re.compile(
    r"\b(?:president|minister|secretary|general|spokes\w+|official|officials|leader|commander|officer|soldiers?|police|"
    r"army|forces?|troops|fighters?|rebels?|militants?|group|government|council|coalition|ministry|agency|company|"
    r"man|woman|men|women|children|boy|girl|mother|father|son|daughter|wife|husband|doctors?|activists?|residents|"
    r"families|civilians|workers|team|party|organi[sz]ation|judge|court|lawmakers|senators?)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|after|amid|over|in order to|so that|as a result|in retaliation|in response|"
    r"to (?:avoid|prevent|protect|stop|help|ensure|make|allow|protest|escape|put|force|reduce|end|punish|target)|"
    r"caused by|blamed? (?:on|for)|blaming|citing|on the grounds|following|led to|sparked|triggered|prompted|for)\b",
    re.IGNORECASE,
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|from|to|of|on|outside|around|over|into|across|against|off|towards?)\s+"
    r"(?:the\s+)?(?:\w+\s+){0,3}$"
)
CUES = frozenset(
    """say said says saying state stated states tell told tells claim claimed claims announce announced announces
    declare declared warn warned warns demand demanded demands ask asked urge urged urges describe described
    argue argued accuse accused accuses deny denied denies admit admitted suggest suggested propose proposed
    insist insisted request requested recommend recommended report reported reports reporting condemn condemned
    condemns criticise criticised criticize criticized explain explained justify justified reply replied respond
    responded react
    reacted comment commented call called calls stress stressed stresses add added adds note noted conclude
    concluded express expressed voice voiced confirm confirmed dismiss dismissed reject rejected promise
    promised vow vowed pledge pledged think believe believes believed tweeted wrote quoted quoting according
    censured censure described point pointed justify justified justifies explain explains""".split()
)
PLAIN = 0.75  # fitness from which the kind of thing asked for is plainly there
SPEAKER_REACH = 12  # words between a speaker and the verb of saying: room for an apposition


class Fitness:
    """Tells for one question how far sentences hold the kind of thing it asks for."""

    def __init__(self, question: Question, lexicon: Lexicon) -> None:
        self._question = question
        self._singles_out = bool(SUPERLATIVES & {word.text.lower() for word in tokens(question.text)})
        self._focus = lexicon.matcher(question.focus[-1:])
        self._befell = lexicon.matcher(
            [word for word in question.terms if word not in question.focus and not word.is_capitalised]
        )
        harms = _harms(tokens(question.text))
        self._harm = harms if len(harms) == 1 else frozenset()
        self._costs = bool(_COSTS.search(question.text))

    def of(self, sentence: Sentence) -> float:
        """0–1 for one sentence; under `PLAIN` where the kind is not plainly there."""
        found = self._of(sentence)
        return min(found, PLAIN - 0.05) if self._singles_out and not _singles_out(sentence) else found

    def _of(self, sentence: Sentence) -> float:
        match self._question.kind:
            case "count":
                return self._count(sentence)
            case "place":
                return self._place(sentence)
            case "thing":
                return self._thing(sentence)
            case "person":
                return self._person(sentence)
            case "amount":
                return self._amount(sentence)
            case kind:
                return _RULES[kind](self._question, sentence)

    def _count(self, sentence: Sentence) -> float:
        return max((bound for _, bound in self.counts(sentence)), default=0.0)

    def counts(self, sentence: Sentence) -> Iterator[tuple[Number, float]]:
        """Each number that can be the one asked for, and how far it is bound to what is counted (civilians) and to
        what befell it (killed), each within a few words.
        """
        given = {number.value for number in numbers(self._question.text)}
        for number in numbers(sentence.text):
            before, after = (
                sentence.text[max(0, number.start - 12) : number.start],
                sentence.text[number.end :],
            )
            year = 1900 <= number.value <= 2100 and sentence.text[number.start : number.end].isdigit()
            following = [word for word in sentence.tokens if number.end <= word.start]
            if (
                year
                and not _YEAR_BEFORE.search(before)
                and self._focus.relatedness(following[:2]).max(initial=0.0) >= 0.5
            ):
                year = False  # "2000 civilians"
            if (
                year
                or number.value in given
                or _NOT_A_COUNT_BEFORE.search(before)
                or _NOT_A_COUNT_AFTER.match(after)
            ):
                continue
            if self._harm and self._harm.isdisjoint(harms := _harms(_around(sentence, number))) and harms:
                continue  # "20 people were killed", where the wounded are asked for
            preceding = [word for word in sentence.tokens if word.end <= number.start]
            counted = self._focus.relatedness((*preceding[-3:], *following[:5]))
            bound = float(counted.max()) if counted.size else 0.5
            befallen = self._befell.kinship(_around(sentence, number))
            happened = float(befallen.max()) if befallen.size else 1.0
            yield number, 0.2 + 0.4 * min(1.0, bound / 0.5) + 0.4 * happened

    def tells_harm(self, sentence: Sentence) -> bool:
        """Whether the killed, or the hurt, that a question counts are told of near a number."""
        if self._question.kind != "count" or not self._harm:
            return True
        return any(self._harm <= _harms(_around(sentence, number)) for number, _ in self.counts(sentence))

    def _place(self, sentence: Sentence) -> float:
        return max((called for _, called in self.places(sentence)), default=0.0)

    def places(self, sentence: Sentence) -> Iterator[tuple[tuple[int, int], float]]:
        """Names that the sentence calls a village, or whatever was asked for: 1; less where places stand."""
        for start, end in new_names(self._question, sentence.text):
            after = [word for word in sentence.tokens if end <= word.start][:1]
            before = [
                word for word in sentence.tokens if word.end <= start and word.text.lower() not in _LINKS
            ][-1:]
            beside = [word for word in after if sentence.text[end : word.start].isspace()]
            beside += [word for word in before if not re.search(r"[,;.:]", sentence.text[word.end : start])]
            if self._focus.relatedness(beside).max(initial=0.0) >= 0.5:
                yield (start, end), 1.0
            elif _PLACE_BEFORE.search(sentence.text[:start]):
                yield (start, end), 0.5 if self._question.focus else 0.9

    def _thing(self, sentence: Sentence) -> float:
        if not self._question.focus:
            return 0.8
        present = float(self._focus.relatedness((*sentence.tokens, *sentence.context))[0])
        return max(present, 0.7 if new_names(self._question, sentence.text) else 0.4)

    def _person(self, sentence: Sentence) -> float:
        """Names; less where a title is asked for ("which minister") and nobody is called so."""
        if new_names(self._question, sentence.text):
            titled = self._focus.kinship((*sentence.tokens, *sentence.context))
            return 1.0 if not titled.size or titled.max() > 0 else 0.7
        return 0.6 if _PERSON_WORD.search(sentence.text) else 0.0

    def _amount(self, sentence: Sentence) -> float:
        """Numbers with a unit; what something cost is money."""
        best = 0.0
        for number in numbers(sentence.text):
            before, after = sentence.text[: number.start], sentence.text[number.end :]
            money = _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(after)
            unit = money or (not self._costs and _UNIT_AFTER.match(after))
            best = max(best, 1.0 if unit else 0.5)
        return best


def _around(sentence: Sentence, number: Number) -> list[Token]:
    """The words near a number, in which what befell those counted is told."""
    preceding = [word for word in sentence.tokens if word.end <= number.start]
    following = [word for word in sentence.tokens if number.end <= word.start]
    return [*preceding[-8:], *following[:12]]


def _harms(words: Sequence[Token]) -> frozenset[int]:
    """Which of `HARMS` the words tell of."""
    return frozenset(place for place, harm in enumerate(HARMS) if any(befalls(word, harm) for word in words))


def _singles_out(sentence: Sentence) -> bool:
    """Whether the sentence, or what stands beside it, sets one above others, as "which lost the most" asks."""
    return any(word.text.lower() in SUPERLATIVES for word in (*sentence.tokens, *sentence.context))


def _date(question: Question, sentence: Sentence) -> float:
    """A time that the question does not give: also the day of "Saturday", where that is all that it gives."""
    asked = fold(question.text)
    if any(fold(match[0]) not in asked for match in _DATE.finditer(sentence.text)):
        return 1.0
    given = {time.value for time in find_dates(question.text, None)}
    times = find_dates(sentence.text, sentence.hit.article.published)
    return 1.0 if any(time.day and time.value not in given for time in times) else 0.0


def _reason(question: Question, sentence: Sentence) -> float:
    return 1.0 if _REASON.search(sentence.text) else 0.4


def _yes_no(question: Question, sentence: Sentence) -> float:
    return 1.0


def _event(question: Question, sentence: Sentence) -> float:
    """1 where the sentence names one of the days asked about, as "on Friday" does."""
    published = sentence.hit.article.published
    times = [(time.first, time.last) for time in find_dates(sentence.text, published)]
    named = [(first, last) for first, last in times if first and last]
    if question.weekdays:
        named = [
            (start, end) for start, end in named if start == end and start.weekday() in question.weekdays
        ]
    asked = question.days or ((date.min, date.max),)
    return float(any(start <= last and first <= end for first, last in asked for start, end in named))


def new_names(question: Question, text: str) -> list[tuple[int, int]]:
    """Names in the text that the question does not give already."""
    asked = [word for word in tokens(question.text) if word.is_capitalised]
    return [
        (start, end)
        for start, end in names(text)
        if not all(any(same_word(word, other) for other in asked) for word in tokens(text[start:end]))
    ]


_LINKS = frozenset({"of", "called", "named", "the"})


def _speech(question: Question, sentence: Sentence) -> float:
    """Words of the speaker asked for: 1 by name; less where only the sentence before says who speaks."""
    if question.speaker is None or speaks(question.speaker, sentence.tokens):
        return 1.0
    reported = _QUOTED.search(sentence.text) or any(word.text.lower() in CUES for word in sentence.tokens)
    if not reported:
        return 0.0
    if not names(question.speaker):  # "the ministry", "officials": others may be meant by another word
        return 0.5
    if any(voice.says and names(voice.text) for voice in voices(sentence.text)):
        return 0.0  # somebody else's; "the president" may be who is asked for
    introduced = any(
        not _object_of_saying(sentence.context, start) and not _leads(sentence.context, end)
        for start, end in mentions(question.speaker, sentence.context)
    )
    return 0.4 if introduced else 0.0


_QUOTED = re.compile(r"[“\"][^”\"]{20,}")


def speaks(speaker: str, words: Sequence[Token]) -> bool:
    """Whether words of this speaker are reported: named near a verb of saying, and not only talked about."""
    for start, end in mentions(speaker, words):
        if _leads(words, end):
            continue
        near = (*words[end : end + SPEAKER_REACH], *words[max(0, start - 4) : start])
        if any(word.text.lower() in CUES for word in near) and not _object_of_saying(words, start):
            return True
    return False


def _leads(words: Sequence[Token], end: int) -> bool:
    """Whether the name is part of "the US-led coalition", which is not the US."""
    return end < len(words) and words[end].text in ("led", "backed")


def _object_of_saying(words: Sequence[Token], start: int) -> bool:
    """Whether the name is what is talked about or to: "told the US", "a tool of the United States"."""
    if _follows_cue(words, start):
        return True
    before = [word.text.lower() for word in words[max(0, start - 3) : start]]
    linked = [word for word in before if word not in ("the", "a", "an")]
    if linked[-2:] == ["according", "to"]:
        return False
    if linked[-1:] == ["by"]:
        return linked[-2:-1] == [] or linked[-2] not in CUES
    return bool(linked) and linked[-1] in (
        "of",
        "on",
        "to",
        "against",
        "with",
        "told",
        "in",
        "from",
        "at",
        "for",
    )


def _follows_cue(words: Sequence[Token], start: int) -> bool:
    """Whether a verb of saying has the name as its object: "condemned the new envoy", not "said the new envoy"."""
    place, between = start, 0
    while place and words[place].start - words[place - 1].end == 1:
        place -= 1
        lower = words[place].text.lower()
        if lower in CUES:
            return lower.endswith("ed") and lower not in INVERTING
        between += lower not in DETERMINERS
        if between > 1:
            break
    return False


def mentions(name: str, words: Sequence[Token]) -> list[tuple[int, int]]:
    """Where a name stands among words, as (first, last + 1): all its words, an alias, else its last word."""
    wanted = [word for word in tokens(name) if word.text.lower() not in ("the", "a", "an", "of")]
    if not wanted:
        return []
    spelled = [[word for word in alias.split() if word != "of"] for alias in aliases(_bare(name))]
    capitalised = wanted[-1].is_capitalised
    found = []
    for place, word in enumerate(words):
        if capitalised and not word.is_capitalised:
            continue
        for alias in spelled:
            following = words[place : place + len(alias)]
            if alias and [fold(each.text.replace(".", "")) for each in following] == alias:
                found.append((place, place + len(alias)))
        if same_word(wanted[-1], word):
            start = place
            for earlier in reversed(wanted[:-1]):
                if not start or not same_word(earlier, words[start - 1]):
                    break
                start -= 1
            found.append((start, place + 1))
    return [span for span in dict.fromkeys(found) if not any(_within(span, other) for other in found)]


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _bare(name: str) -> str:
    return re.sub(r"^(?:the|a|an)\s+", "", name.strip(), flags=re.IGNORECASE)


_RULES: dict[Kind, Callable[[Question, Sentence], float]] = {
    "date": _date, "event": _event, "reason": _reason, "speech": _speech,
    "yes_no": _yes_no,
}  # fmt: skip
