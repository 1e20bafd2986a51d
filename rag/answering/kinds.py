"""Is the kind of thing asked for in this sentence: the number, the person, the place, the date, the speaker?

Each rule gives 0 (not there) to 1 (there, and bound to what was asked about).
"""

import re
from collections.abc import Sequence

from rag.answering.lexicon import Lexicon
from rag.answering.question import Question
from rag.answering.sentences import Sentence
from rag.language import Token, aliases, fold, names, numbers, same_word, tokens

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|April|Apr\.|May|June|July|Aug(?:ust|\.)?|Sept(?:ember|\.)?|"
    r"Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATE = re.compile(
    rf"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|{_MONTH} \d{{1,2}}\b|\d{{1,2}} {_MONTH}|{_MONTH},? \d{{4}}|"
    rf"(?:in|since|until|by|during|of|last|next|this) (?:early |mid-|late )?{_MONTH}|(?:19|20)\d\d|\d{{4}}-\d\d-\d\d)"
    r"|\b(?:yesterday|today|tonight|tomorrow|(?:last|this|next) (?:week|month|year|night|summer|spring|autumn|fall|winter)|"
    r"(?:the )?(?:week|month|year|day)s? (?:ago|earlier|later|before)|\d{1,2}(?::\d\d)? ?[ap]\.?m\b)",
)
_UNIT_AFTER = re.compile(
    r"\s?(?:%|percent|per cent|percentage points?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|miles?|km\b|kilomet|"
    r"met(?:er|re)s?|feet|foot|inch|kg|kilogram|tons?|tonnes?|pounds?|dollars?|euros?|degrees?|times|barrels?|acres?|"
    r"square|C\b|F\b|°)",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"[$€£¥]\s?$")
_NOT_A_COUNT_BEFORE = re.compile(rf"(?:{_MONTH}|[$€£¥]|\bNo\.|\baged?|\b[A-Z]-?)\s?$")
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
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|from|to|of|on|outside|around|over|into|across|against|off|toward|towards)\s+"
                           r"(?:the\s+)?(?:\w+\s+){0,3}$")  # fmt: skip
CUES = frozenset(
    ["say", "said", "says", "saying", "state", "stated", "states", "tell", "told", "tells", "claim", "claimed", "claims", "announce", "announced", "announces", "declare", "declared", "warn", "warned", "warns", "demand", "demanded", "demands", "ask", "asked", "urge", "urged", "urges", "describe", "described", "argue", "argued", "accuse", "accused", "accuses", "deny", "denied", "denies", "admit", "admitted", "suggest", "suggested", "propose", "proposed", "insist", "insisted", "request", "requested", "recommend", "recommended", "report", "reported", "reports", "reporting", "condemn", "condemned", "condemns", "criticise", "criticised", "criticize", "criticized", "explain", "explained", "reply", "replied", "respond", "responded", "react", "reacted", "comment", "commented", "call", "called", "calls", "stress", "stressed", "stresses", "add", "added", "adds", "note", "noted", "conclude", "concluded", "express", "expressed", "voice", "voiced", "confirm", "confirmed", "dismiss", "dismissed", "reject", "rejected", "promise", "promised", "vow", "vowed", "pledge", "pledged", "think", "believe", "believes", "believed", "tweeted", "wrote", "quoted", "quoting", "according", "censured", "censure", "described", "point", "pointed"]
)
SPEAKER_REACH = 12  # words between a speaker and the verb of saying: room for an apposition


def fit(question: Question, sentence: Sentence, lexicon: Lexicon) -> float:
    """How far the sentence holds the kind of thing the question asks for."""
    match question.kind:
        case "count":
            return _count(question, sentence, lexicon)
        case "amount":
            return _amount(sentence)
        case "date":
            return _date(question, sentence)
        case "person":
            return _person(question, sentence)
        case "place":
            return _place(question, sentence, lexicon)
        case "speech":
            return float(question.speaker is None or speaks(question.speaker, sentence.text))
        case "reason":
            return 1.0 if _REASON.search(sentence.text) else 0.4
        case "yes_no":
            return 1.0
        case "thing":
            return _thing(question, sentence, lexicon)


def _count(question: Question, sentence: Sentence, lexicon: Lexicon) -> float:
    best = 0.0
    counted = question.focus[-1:]
    for number in numbers(sentence.text):
        before, after = sentence.text[max(0, number.start - 12) : number.start], sentence.text[number.end :]
        year = 1900 <= number.value <= 2100 and sentence.text[number.start : number.end].isdigit()
        if year or _NOT_A_COUNT_BEFORE.search(before) or _NOT_A_COUNT_AFTER.match(after):
            continue
        if not counted:
            best = max(best, 0.7)
            continue
        near = [word for word in sentence.tokens if number.end <= word.start < number.end + 60][:5]
        near += [word for word in sentence.tokens if word.end <= number.start][-3:]
        bound = float(lexicon.relatedness(counted, near)[0]) if near else 0.0
        best = max(best, 0.35 + 0.65 * min(1.0, bound / 0.5))
    return best


def _amount(sentence: Sentence) -> float:
    best = 0.0
    for number in numbers(sentence.text):
        bound = _UNIT_AFTER.match(sentence.text[number.end :]) or _MONEY_BEFORE.search(sentence.text[: number.start])
        best = max(best, 1.0 if bound else 0.5)
    return best


def _date(question: Question, sentence: Sentence) -> float:
    asked = fold(question.text)
    found = [match[0] for match in _DATE.finditer(sentence.text)]
    return 1.0 if any(fold(expression) not in asked for expression in found) else 0.0


def new_names(question: Question, text: str) -> list[tuple[int, int]]:
    """Names in the text that the question does not give already."""
    asked = [word for word in tokens(question.text) if word.is_capitalised]
    return [
        (start, end)
        for start, end in names(text)
        if not all(any(same_word(word, other) for other in asked) for word in tokens(text[start:end]))
    ]


def _person(question: Question, sentence: Sentence) -> float:
    if new_names(question, sentence.text):
        return 1.0
    return 0.6 if _PERSON_WORD.search(sentence.text) else 0.0


def _place(question: Question, sentence: Sentence, lexicon: Lexicon) -> float:
    best = 0.0
    for start, end in new_names(question, sentence.text):
        near = [word for word in sentence.tokens if end <= word.start][:1]
        near += [word for word in sentence.tokens if word.end <= start][-3:]
        if question.focus and near and lexicon.relatedness(question.focus[-1:], near)[0] >= 0.5:
            return 1.0
        if _PLACE_BEFORE.search(sentence.text[:start]):
            best = max(best, 0.6 if question.focus else 0.9)
    return best


def _thing(question: Question, sentence: Sentence, lexicon: Lexicon) -> float:
    if not question.focus:
        return 0.7
    present = float(lexicon.relatedness(question.focus[-1:], sentence.tokens)[0])
    return max(present, 0.7 if new_names(question, sentence.text) else 0.4)


def speaks(speaker: str, text: str) -> bool:
    """Whether the text reports words of this speaker: named near a verb of saying, and not only talked about."""
    words = tokens(text)
    for start, end in mentions(speaker, words):
        if end < len(words) and words[end].text == "led":  # "the US-led coalition" is not the US
            continue
        after = words[end : end + SPEAKER_REACH]
        before = words[max(0, start - 4) : start]
        if any(word.text.lower() in CUES for word in (*after, *before)) and not _object_of_saying(words, start):
            return True
    return False


def _object_of_saying(words: Sequence[Token], start: int) -> bool:
    """Whether the name is what is talked about or to: "told the US", "a tool of the United States"."""
    before = [word.text.lower() for word in words[max(0, start - 3) : start]]
    linked = [word for word in before if word not in ("the", "a", "an")]
    if linked[-1:] == ["by"]:
        return linked[-2:-1] == [] or linked[-2] not in CUES
    return bool(linked) and linked[-1] in ("of", "on", "to", "against", "with", "told", "in", "from", "at", "for")


def mentions(name: str, words: Sequence[Token]) -> list[tuple[int, int]]:
    """Where a name stands among words, as (first, last + 1): all its words, an alias, or its last word."""
    wanted = [word for word in tokens(name) if word.text.lower() not in ("the", "a", "an", "of")]
    if not wanted:
        return []
    spelled = [[word for word in alias.split() if word != "of"] for alias in aliases(_bare(name))]
    folded = [fold(word.text.replace(".", "")) for word in words]
    found = []
    for place, word in enumerate(words):
        for alias in spelled:
            if alias and folded[place : place + len(alias)] == alias and word.is_capitalised:
                found.append((place, place + len(alias)))
        if same_word(wanted[-1], word) and (word.is_capitalised or not wanted[-1].is_capitalised):
            found.append((place, place + 1))
    return found


def _bare(name: str) -> str:
    return re.sub(r"^(?:the|a|an)\s+", "", name.strip(), flags=re.IGNORECASE)
