"""Questions that compare articles: asked of each article by itself, because models mix articles up."""

import re
from dataclasses import replace

from rag.question import Question, read_question

_GROUP = (
    r"(?:(?:both|each|every|either|all|two|different)(?: of)?(?: (?:the|these|those))?(?: two)?"
    r"|the(?: two| different)?)"
    r" (?:news )?(?:reports?|articles?|accounts?|sources?|outlets?|versions?|stories|papers?|agencies|agency)"
)
_DIFFER = r"(?:differ|disagree|contradict each other|compare)"
_COMPARES = re.compile(
    r"\b(?:both|each|every|two|either|different|all)\b.{0,20}\b(?:reports?|articles?|accounts?|sources?|outlets?"
    r"|versions?|stories|papers?|agenc(?:y|ies))\b(?=.*\b(?:say|report|give|call|describe|mention|state|write|tell|put"
    r"|name|agree|differ|disagree|contradict|compare|same)\b)|\bdiffer\b(?! from)|\bdifferences? between\b"
    r"|\bcontradict each other\b",
    re.IGNORECASE,
)
# What asks whether or how several differ becomes what one of them says.
_FORMS = (
    (rf"^(?:do|did) {_GROUP} (\w+) the same ([^?]+)\?*$", r"What \2 does the report \1?"),
    (
        rf"^(?:do|did) {_GROUP} (?:say|state|report|agree|write) (?:that )?([^?]+?) (on|at|in) the same (\w+)\?*$",
        r"\2 what \3 does the report say \1?",
    ),
    (
        rf"^(?:do|did) {_GROUP} agree (?:on|about|over|that) ([^?]+)\?*$",
        r"What does the report say about \1?",
    ),
    (
        (
            rf"^(?:how|where|in what) (?:do|did) {_GROUP} {_DIFFER} (?:in|on|about|over|as to) "
            rf"(?:(?:describing|reporting|saying|naming) )?([^?]+)\?*$"
        ),
        r"What does the report say about \1?",
    ),
    (rf"\bdo {_GROUP}", "does the report"),
    (rf"\bdid {_GROUP}", "did the report"),
    (rf"\b{_GROUP}", "the report"),
)


def compares(question: str) -> bool:
    """Whether a question asks what several articles say, or how they differ.

    >>> compares("Do the two reports give the same number of dead?")
    True
    """
    return _COMPARES.search(question) is not None


def of_one(question: str) -> str:
    """The question as one asks it of a single article.

    >>> of_one("Do the two reports give the same number of dead?")
    'What number of dead does the report give?'
    """
    for form, alone in _FORMS:
        changed, count = re.subn(form, alone, question, flags=re.IGNORECASE)
        if count:
            return changed[:1].upper() + changed[1:]
    return question


# Words of a question about a report that are about the report: what it tells of is said in the others.
_REPORTING = frozenset(
    """report reports article articles account accounts source sources outlet outlets version story paper agency give
    gives say says state states call calls describe describes describing mention mentions number""".split()
)


def read_of_one(question: str) -> Question:
    """The question as asked of a single article, taken apart; only what it tells of is looked for."""
    asked = read_question(of_one(question))
    return replace(
        asked,
        kind="thing"
        if asked.kind == "speech"
        else asked.kind,  # whatever a report says, it is the report that says it
        speaker=None,
        terms=tuple(word for word in asked.terms if word.text.lower() not in _REPORTING),
    )
