"""What a yes-or-no question asks about: "Did the coalition hit a hospital?" asks whether the coalition hit a hospital.

Its words are told apart by what they do: the predicate (hit), the subject before it (coalition), the target behind it
(hospital), and the rest, such as places and days.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answering.cues import BE, DETERMINERS, PREPOSITIONS
from rag.answering.verification.thesaurus import ADJECTIVE, NOUN, VERB, thesaurus
from rag.language import STOPWORDS, Token, numbers, tokens
from rag.question import read_question

MODALS = frozenset("can could will would should may might must shall".split())
_DO = frozenset("do does did".split())
# Behind these stands what the predicate is done to ("fire on the crowd"); behind other prepositions, where and when.
_TOWARDS = frozenset("on for with against to of about into".split())
_NEGATIVE = re.compile(r"\b(?:not|never|no|without|nobody|none)\b|n['’]t\b", re.IGNORECASE)
# Behind the base form where they are the same, no second one is given.
_PAST = {
    base: past or base
    for base, _, past in (
        each.partition("-")
        for each in """become-became begin-began bind-bound bite-bit bleed-bled blow-blew break-broke bring-brought
        build-built burn-burned burst buy-bought cast catch-caught choose-chose cling-clung come-came cost cut
        deal-dealt dig-dug do-did draw-drew drink-drank drive-drove eat-ate fall-fell feed-fed feel-felt fight-fought
        find-found flee-fled fly-flew forbid-forbade forget-forgot forgive-forgave freeze-froze get-got give-gave
        go-went grind-ground grow-grew hang-hung have-had hear-heard hide-hid hit hold-held hurt keep-kept know-knew
        lay-laid lead-led leave-left lend-lent let light-lit lose-lost make-made mean-meant meet-met overcome-overcame
        overthrow-overthrew pay-paid put quit read rebuild-rebuilt rid ride-rode ring-rang rise-rose run-ran say-said
        see-saw seek-sought sell-sold send-sent set shake-shook shoot-shot show-showed shut sing-sang sink-sank
        sit-sat sleep-slept speak-spoke spend-spent split spread stand-stood steal-stole stick-stuck strike-struck
        swear-swore swim-swam take-took teach-taught tear-tore tell-told think-thought throw-threw
        undergo-underwent understand-understood undertake-undertook uphold-upheld wear-wore win-won
        withdraw-withdrew withhold-withheld withstand-withstood write-wrote admit-admitted commit-committed
        cancel-cancelled permit-permitted submit-submitted refer-referred transfer-transferred occur-occurred""".split()
    )
}

PASTS = frozenset(_PAST.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposition:
    """What a question asks the truth of. Groups of words are content words, in the question's order."""

    auxiliary: str  # the word that opens the question, in lower case
    predicate: Token
    subject: tuple[Token, ...]
    target: tuple[Token, ...]  # what the predicate is done to; empty: "Did the dam burst?"
    rest: tuple[Token, ...]  # and all numbers
    is_active: bool  # the subject does it; False: "Was the bridge hit?", "Is the bridge safe?"
    aspect: str  # as part of a sentence: "whether the coalition hit a hospital"


@lru_cache(maxsize=64)
def read_proposition(question: str) -> Proposition | None:
    """None: it asks for something else, or for a choice ("upper or lower?"), or is negative, or has no predicate."""
    asked = read_question(question)
    question = asked.text
    if question.count("?") > 1:
        return None
    words = tokens(question)
    lower = [word.text.lower() for word in words]
    if asked.kind != "yes_no" or "or" in lower or _NEGATIVE.search(question):
        return None
    found = _predicate(question, words, lower)
    if found is None:
        return None
    phrase, place = found
    content = [
        at
        for at, word in enumerate(words)
        if at and at != place and (word.is_capitalised or lower[at] not in STOPWORDS | PREPOSITIONS)
    ]
    counted = [number.start for number in numbers(question)]
    named = [at for at in content if words[at].start not in counted]
    subject_end = next((at for at in range(1, phrase) if lower[at] in PREPOSITIONS), phrase)
    subject = [at for at in named if at < subject_end]
    target = [at for at in named if at in _target(words, lower, place)]
    return Proposition(
        auxiliary=lower[0],
        predicate=words[place],
        subject=tuple(words[at] for at in subject),
        target=tuple(words[at] for at in target),
        rest=tuple(words[at] for at in content if at not in (*subject, *target)),
        is_active=not BE.intersection(lower[:place]),
        aspect=_aspect(question, words, lower, phrase, place),
    )


def _predicate(text: str, words: Sequence[Token], lower: Sequence[str]) -> tuple[int, int] | None:
    """Where the predicate's phrase begins and where its telling word stands: "was | among the *dead*"."""
    if lower[1:2] == ["there"]:
        head = _head(words, lower, 2)
        return (2, head) if head < len(words) else None
    nominal = None
    place = _head(words, lower, 1) + 1
    while place < len(words):
        if lower[place] in DETERMINERS | PREPOSITIONS:
            head = _head(words, lower, place + 1)
            if nominal is None and lower[0] in BE and head < len(words):
                nominal = place, head
                if (
                    lower[place] in DETERMINERS and lower[place - 1] != "and"
                ):  # "Is Wit a judge of the court?"
                    return nominal
            place = head + 1
        elif _can_be_predicate(text, words, lower, place):
            return _verb(text, words, lower, place)
        else:
            place += 1
    return nominal


def _verb(text: str, words: Sequence[Token], lower: Sequence[str], first: int) -> tuple[int, int]:
    """The same where the words from `first` on can be the predicate."""
    last = first
    while last + 1 < len(words) and _can_be_predicate(text, words, lower, last + 1):
        last += 1
    passive = next((at for at in range(2, first) if lower[at] in BE), None)  # "be held", "been retaken"
    if lower[0] in BE or passive:
        # "was found alive", where "found" belongs to it; "is the border crossing open", where "crossing" does not
        begun = next(
            (at for at in range(first, last) if lower[at].endswith("ed") or lower[at] in PASTS), last
        )
        return passive or begun, last
    # "did the air strike hit a school", but "did they fire mortar shells"
    is_last = last + 1 < len(words) and (lower[last + 1] in DETERMINERS or words[last + 1].is_capitalised)
    place = last if is_last else first
    return place, place


def _head(words: Sequence[Token], lower: Sequence[str], place: int) -> int:
    """The noun of the phrase that begins there: "the central *bank*", "the US-led *coalition*"."""
    known = thesaurus()
    if place < len(words) and lower[place] in DETERMINERS:
        place += 1
    while place + 1 < len(words) and lower[place + 1] not in STOPWORDS:
        this, following = known.parts(lower[place]), known.parts(lower[place + 1])
        last = place + 2 == len(words) or lower[place + 2] in STOPWORDS
        is_predicate = last and this & NOUN and following & ADJECTIVE and not words[place].is_capitalised
        is_noun = following & NOUN and not lower[place + 1].endswith("ed")
        describes = this & ADJECTIVE and not is_predicate and is_noun
        if not (describes or words[place + 1].is_capitalised):
            break
        place += 1
    return place


def _can_be_predicate(text: str, words: Sequence[Token], lower: Sequence[str], place: int) -> bool:
    word = lower[place]
    if not word.isalpha() or word in STOPWORDS or words[place].is_capitalised:
        return False
    if text[words[place].start - 1] in "-‑":  # "US-led"
        return False
    parts = thesaurus().parts(word)
    if BE.intersection(lower[:place]):
        return bool(parts & (VERB | ADJECTIVE))
    is_base = not word.endswith(("ed", "ing")) and (word.endswith("ss") or not word.endswith("s"))
    return bool(parts & VERB) and (is_base or lower[0] not in _DO)


def _target(words: Sequence[Token], lower: Sequence[str], place: int) -> range:
    """Places of the words that name what the predicate is done to."""
    start = place + 1
    while start < len(words) and lower[start] in STOPWORDS | DETERMINERS and not words[start].is_capitalised:
        if lower[start] in PREPOSITIONS - _TOWARDS:
            return range(0)  # "met in Geneva": a place
        start += 1
    end = start
    ending = (STOPWORDS | PREPOSITIONS) - {"s"}
    while end < len(words) and (words[end].is_capitalised or lower[end] not in ending):
        if lower[end].endswith("ly"):
            break
        end += 1
    return range(start, end)


def _aspect(text: str, words: Sequence[Token], lower: Sequence[str], phrase: int, place: int) -> str:
    """The question without its inversion."""
    auxiliary, verb = lower[0], lower[place]
    subject = text[words[1].start : words[phrase].start].strip()
    behind = text[words[phrase].start :].strip().rstrip("?").strip()
    if auxiliary not in _DO:
        return f"whether {subject} {auxiliary} {behind}"
    inflected = {"did": _past(verb), "does": _third(verb), "do": verb}[auxiliary]
    return f"whether {subject} {inflected}{behind.removeprefix(words[place].text)}"


_DOUBLED = frozenset(
    "control patrol expel compel repel prefer refer defer transfer regret admit commit permit submit occur".split()
)


def _past(verb: str) -> str:
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) or verb in _DOUBLED:  # "stop", "plan"
        return verb + verb[-1] + "ed"
    return verb + "ed"


def _third(verb: str) -> str:
    if verb == "have":
        return "has"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
