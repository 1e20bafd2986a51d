"""What can be said to be wrong with a claim: a number, name, day or speaker that its evidence does not have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.cues import AUXILIARIES, HARMS, SUPERLATIVES, befalls
from rag.answering.verification.alignment import ROUNDED, Alignment
from rag.answering.verification.reading import Reading
from rag.answering.verification.speech import other_speaker
from rag.answering.verification.thesaurus import Thesaurus
from rag.language import STOPWORDS, Number, Token, aliases, fold, names, numbers, same_word, tokens

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = (
    """january february march april june july august september october november december""".split()
)  # not May: a verb
_RELATIVE = re.compile(r"\b(?:this|last) (?P<unit>week|weekend|month|year)\b", re.IGNORECASE)
_DAY_OF_WEEK = re.compile(rf"\b(?:{'|'.join(_DAYS)}|to(?:day|night|morrow)|yesterday|days? ago)\b")
_APPROXIMATE = frozenset(["about", "around", "nearly", "almost", "roughly", "approximately", "over"])
_NARROWING = 3  # words between a superlative and what it is said of
_SINGLING = SUPERLATIVES | {"first", "last", "only"}
_EMPTY = frozenset("ever very remaining surviving single known".split())
_LIMIT_REACH = 8  # words between that and its limit
_CURRENCIES = "$€£¥"
_SPAN = re.compile(r"\b(?:second|minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
_IN_SPAN = re.compile(
    r"(?:\s\w+)?\s(?:in|within|during)\s(?:\w+\s){0,3}?[\w-]+\s(?:second|minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_GONE_ON = re.compile(
    r"[^.!?]*\b(?:gone on|since|now|total|so far|altogether|overall)\b[^.!?]*", re.IGNORECASE
)
_COUNTABLE = 5  # smaller numbers need not be given: a reader counts two names that are listed


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a claim."""

    reason: str
    contradicts: bool  # the evidence says something else; False: it does not say it


def find_faults(alignments: Sequence[Alignment], background: Sequence[str], words: Thesaurus) -> list[Fault]:
    """Everything found wrong with a claim's sentences, what is most certain first."""
    known = " \n ".join(background)
    found: list[Fault] = []
    for alignment in alignments:
        found += _speaker(alignment)
        found += _days(alignment, known)
        found += _this_week(alignment)
        found += _numbers(alignment, known)
        found += _parts(alignment)
        found += _names(alignment, known)
        found += _opposites(alignment, words)
        found += _widened(alignment)
        found += _harm(alignment)
    return found


def _text(alignment: Alignment) -> str:
    return " ".join(sentence.text for sentence in alignment.evidence.sentences)


def _speaker(alignment: Alignment) -> list[Fault]:
    found = other_speaker(alignment.claim.text, alignment.evidence.heard)
    if found is None:
        return []
    claimed, heard = found
    return [Fault(f"the passage has {heard!r} say this, the sentence {claimed!r}", contradicts=True)]


def _days(alignment: Alignment, known: str) -> list[Fault]:
    """A day of the week or a month that the evidence does not have while it has another."""
    present = {*alignment.evidence.lower, *(word.text.lower() for word in tokens(known))}
    found = []
    for kind in (_DAYS, _MONTHS):
        others = [each for each in kind if each in present]
        for word in alignment.claim.lower:
            if word in kind and word not in present and others:
                given = " and ".join(each.capitalize() for each in others[:3])
                reason = f"the passage gives {given}, the sentence {word.capitalize()}"
                found.append(Fault(reason, contradicts=len(others) == 1))
    return found


def _this_week(alignment: Alignment) -> list[Fault]:
    """“This week” of what the evidence tells of “last week”, or of no day of a week at all; so for months and years.

    What is asked “this week” is repeated as asked, whenever it was.
    """
    text = _text(alignment).lower()
    found = []
    for match in _RELATIVE.finditer(alignment.claim.text):
        said = match[0].lower()
        other = f"{'last' if said.startswith('this') else 'this'} {match['unit'].lower()}"
        if said in text:
            continue
        if other in text:
            found.append(Fault(f"the passage says {other!r}, the sentence {said!r}", contradicts=False))
        elif said == "this week" and not _DAY_OF_WEEK.search(text):
            found.append(Fault(f"the passage does not say {said!r}", contradicts=False))
    return found


def _numbers(alignment: Alignment, known: str) -> list[Fault]:
    text = alignment.claim.text
    given = alignment.evidence.values
    present = [*given[~np.isnan(given)], *(number.value for number in numbers(known))]
    found = []
    for number in numbers(text):
        spelled = text[number.start : number.end]
        part_of_name = (
            text[: number.start].endswith(("-", "‑")) and text[: number.start - 1][-1:].isalpha()
        )  # F-16
        if np.isnan(number.value) or part_of_name or _is_present(number.value, present, text):
            continue
        other = _same_counted(text, number.end, _text(alignment))
        if other:
            found.append(Fault(f"the passage gives {other}, the sentence {spelled}", contradicts=True))
        elif number.value >= _COUNTABLE:
            found.append(Fault(f"the passage does not give {spelled}", contradicts=False))
    return found


def _parts(alignment: Alignment) -> list[Fault]:
    """What came together in some time, given as the whole: "raised £1m" for "£1m in 24 hours, and £7m since"."""
    text, evidence = alignment.claim.text, _text(alignment)
    given = numbers(evidence)
    found = []
    for number in numbers(text) if not _SPAN.search(text) else ():
        same = [other for other in given if other.value == number.value]
        span = _IN_SPAN.match(evidence, same[0].end) if len(same) == 1 else None
        unit = _unit(text, number)
        more = [
            other
            for other in given
            if span
            and other.value > number.value
            and _unit(evidence, other) == unit
            and _GONE_ON.fullmatch(evidence[span.end() : other.start])
        ]
        if span and unit and more:
            sign = unit if unit in _CURRENCIES else ""
            part, whole = evidence[same[0].start : span.end()], evidence[more[0].start : more[0].end]
            spelled = text[number.start : number.end]
            reason = f"the passage gives {sign}{part} and {sign}{whole} besides, the sentence {sign}{spelled}"
            found.append(Fault(reason, contradicts=False))
    return found


def _unit(text: str, number: Number) -> str:
    """The currency before a number, or the stem or sign behind it."""
    before = text[: number.start].rstrip()[-1:]
    return before if before and before in _CURRENCIES else "".join(_counted(text, number.end))


def _is_present(value: float, present: Sequence[float], text: str) -> bool:
    approximate = any(word.text.lower() in _APPROXIMATE for word in tokens(text))
    tolerance = 0.05 if approximate else ROUNDED if value >= 1000 else 0.0
    return any(abs(value - other) <= tolerance * max(abs(value), abs(other)) for other in present)


def _same_counted(text: str, end: int, evidence: str) -> str:
    """How many of the same thing, or how much in the same unit, the evidence gives; "" where it does not say."""
    counted = _counted(text, end)
    if not counted:
        return ""
    for number in numbers(evidence):
        if counted & _counted(evidence, number.end):
            return evidence[number.start : number.end]
    return ""


def _counted(text: str, end: int) -> set[str]:
    """The stem or sign right behind a number, or its currency before it is not looked at."""
    if match := re.match(r"\s?(%|per ?cent)", text[end:]):
        return {"%"} if match else set()
    following = tokens(text[end : end + 40])[:1]
    return {word.stem for word in following if word.text.isalpha() and len(word.text) > 2}


def _names(alignment: Alignment, known: str) -> list[Fault]:
    """Names that the evidence does not have in any spelling, alias or adjective."""
    text = alignment.claim.text
    present = [word for sentence in alignment.evidence.sentences for word in sentence.words] + tokens(known)
    joined = f" {fold(_text(alignment).replace('.', ''))} {fold(known.replace('.', ''))} "
    found = []
    for start, end in names(text):
        name = text[start:end]
        wanted = [word for word in tokens(name) if word.is_capitalised]
        kinds = {
            alignment.claim.kinds[place]
            for place, word in enumerate(alignment.claim.words)
            if start <= word.start < end
        }
        known_name = start == 0 and len(aliases(name)) > 1  # "Russia" begins a sentence, as "Oil" may
        numbered = any(character.isdigit() for character in name)  # Q4, F16: written in too many ways
        if (
            not (known_name or "name" in kinds)
            or not wanted
            or numbered
            or _is_named(name, wanted, present, joined)
        ):
            continue
        found.append(Fault(f"the passage does not name {name!r}", contradicts=False))
    return found


def _is_named(name: str, wanted: Sequence[Token], present: Sequence[Token], joined: str) -> bool:
    if any(f" {alias} " in joined for alias in aliases(name)):
        return True
    initials = "".join(word.text[0] for word in wanted).lower()
    stems = {word.stem for word in present}
    if len(initials) > 1 and initials in stems:
        return True
    if len(wanted) == 1 and wanted[0].text.isupper() and _spelled_out(wanted[0].text, present):
        return True
    held = [word.stem in stems or any(same_word(word, other) for other in present) for word in wanted]
    return held[-1] or sum(held) * 2 > len(held)


def _spelled_out(acronym: str, present: Sequence[Token]) -> bool:
    initials = "".join(word.text[0] for word in present).upper()
    capitals = "".join(word.text[0] for word in present if word.is_capitalised)
    return acronym in initials or acronym in capitals


def _opposites(alignment: Alignment, words: Thesaurus) -> list[Fault]:
    """A word of the claim that is missing while its opposite stands where its neighbours do."""
    claim, evidence = alignment.claim, alignment.evidence
    held = alignment.present(alignment.in_chosen)
    found = []
    for place in claim.places("content"):
        if held[place] or claim.negated[place]:
            continue
        near = np.flatnonzero((evidence.owner == alignment.nearest) & evidence.content & ~evidence.negated)
        said = words.opposed(claim.lower[place], [evidence.lower[other] for other in near])
        if said:
            reason = f"the passage says {said!r}, the sentence {claim.lower[place]!r}"
            found.append(Fault(reason, contradicts=True))
    return found


def _harm(alignment: Alignment) -> list[Fault]:
    """Those hurt where the evidence only tells of those killed, or the other way round."""
    claimed = alignment.claim.words
    given = [word for sentence in alignment.evidence.sentences for word in sentence.words]
    told = [next((word.text for word in given if befalls(word, harm)), None) for harm in HARMS]
    found = []
    for harm, here, elsewhere in zip(HARMS, told, reversed(told), strict=True):
        said = next((word.text for word in claimed if befalls(word, harm)), None)
        if said and elsewhere and not here:
            reason = f"the passage says {elsewhere!r}, the sentence {said!r}"
            found.append(Fault(reason, contradicts=False))
    return found


def _widened(alignment: Alignment) -> list[Fault]:
    """A superlative of more than the evidence has it of: "the first rise" for "the first monthly rise since 2008"."""
    claim = alignment.claim
    found = []
    for place in range(len(claim.words) - 1):
        at_least = place > 0 and claim.lower[place - 1] == "at"
        if (
            claim.lower[place] not in _SINGLING
            or at_least
            or claim.kinds[place + 1] in ("function", "number")
        ):
            continue
        said = [
            narrowed
            for sentence in alignment.evidence.sentences
            for other, lower in enumerate(sentence.lower)
            if lower == claim.lower[place]
            and (narrowed := _narrowed(claim.words[place + 1], sentence, other)) is not None
        ]
        if said and not any(all(_is_among(word, claim) for word in words) for words, _ in said):
            _, spelled = min(said, key=lambda each: len(each[0]))
            plain = claim.text[claim.words[place].start : _end_of_word(claim.text, claim.words[place + 1])]
            found.append(Fault(f"the passage says '{spelled}', the sentence '{plain}'", contradicts=False))
    return found


def _narrowed(noun: Token, sentence: Reading, place: int) -> tuple[list[Token], str] | None:
    """What narrows a superlative down, before its noun and behind ("since 1956"), and the whole as it is spelled.

    None: it is said of something else.
    """
    text, words = sentence.text, sentence.words
    at = place + 1
    while at < len(words) and not same_word(words[at], noun):
        joined = text[words[at - 1].end : words[at].start].strip() in ("", "-", "‑")
        if not joined or at - place > _NARROWING or sentence.lower[at] in STOPWORDS - _EMPTY:
            return None
        at += 1
    if at == len(words) or text[words[at - 1].end : words[at].start].strip() not in ("", "-", "‑"):
        return None
    before = [word for word in words[place + 1 : at] if word.text.lower() not in _EMPTY]
    end = _end_of_word(text, words[at])
    limit = _limit(text, words[at + 1 : at + 2 + _LIMIT_REACH], end)
    return [*before, *limit], text[words[place].start : limit[-1].end if limit else end]


def _limit(text: str, behind: Sequence[Token], end: int) -> list[Token]:
    """ "since 2008" behind a superlative's noun, before any verb; empty where there is none."""
    for place, word in enumerate(behind):
        if re.search(r"[.,;:—–]", text[end : word.start]) or word.text.lower() in AUXILIARIES:
            break
        if word.text.lower() == "since":
            return [word, *(year for year in behind[place + 1 :] if year.text.isdigit())][:2]
    return []


def _is_among(word: Token, claim: Reading) -> bool:
    return any(same_word(word, other) for other in claim.words)


def _end_of_word(text: str, word: Token) -> int:
    """Where a word ends with what it is joined to: "no-hitter"."""
    return word.start + len(re.split(r"[^\w'’‑-]", text[word.start :], maxsplit=1)[0])
