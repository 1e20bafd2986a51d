"""Questions that compare articles: asked of each article by itself, because models mix articles up."""

import re

_GROUP = (
    r"(?:(?:both|each|every|either|all|two|different)(?: of)?(?: (?:the|these|those))?(?: two)?"
    r"|the(?: two| different)?)"
    r" (?:news )?(?:reports?|articles?|accounts?|sources?|outlets?|versions?|stories|papers?|agencies|agency)"
)
_DIFFER = r"(?:differ|disagree|contradict each other|compare)"
_COMPARES = re.compile(
    r"\b(?:both|each|every|two|either|different|all)\b.{0,20}\b(?:reports?|articles?|accounts?|sources?|outlets?"
    r"|versions?|stories|papers?|agenc(?:y|ies))\b|\bdiffer(?:s|ed|ence|ences)?\b|\bcompar|\bdisagree|\bcontradict",
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
