"""What can be said to be wrong with a claim: a number, name, day or speaker that its evidence does not have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.verification.alignment import ROUNDED, Alignment
from rag.answering.verification.speech import other_speaker
from rag.answering.verification.thesaurus import Thesaurus
from rag.language import Token, aliases, fold, names, numbers, same_word, tokens

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = (
    """january february march april june july august september october november december""".split()
)  # not May: a verb
_APPROXIMATE = frozenset(["about", "around", "nearly", "almost", "roughly", "approximately", "over"])
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
        found += _numbers(alignment, known)
        found += _names(alignment, known)
        found += _opposites(alignment, words)
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
        numbered = any(character.isdigit() for character in name)  # Q4, F16: written in too many ways
        if "name" not in kinds or not wanted or numbered or _is_named(name, wanted, present, joined):
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
