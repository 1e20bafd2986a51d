"""Whose word a sentence gives: each source that it reports, with its place, read off the verbs and nouns of saying.

Broader than what the verifier hears (`verification/speech.py`, which must be sure before it calls a claim false): also
who wants, fears or promises something, what a poll shows, and the source that follows its words ("…,” said Mr Wit").
Without a parser: a source is the noun phrase on the side of the cue where English puts it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.cues import (
    AUXILIARIES,
    BE,
    CONJUNCTIONS,
    DESCRIBING,
    DETERMINERS,
    HELD,
    HOLDING,
    IN_PHRASES,
    INVERTING,
    IRREGULAR,
    OBJECTS,
    PLURALS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    SAYING,
)
from rag.language import fold, tokens

Span = tuple[int, int]  # first and last + 1 of some words

_DAY = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$|^(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*$"
)
_ACCORDING = re.compile(r"\b[Aa]ccording to ")
_TURN = re.compile(
    r"\s*([A-Z][\w.’' -]{0,40}?)\s*:\s"
)  # a transcript or a headline: "Client: How much is it?"
_DASHED = re.compile(r"[”\"’.!?]\s*[―—–]\s*([A-Z][^,;:()\n]{2,60}?)\s*(?:[,(.\n]|$)")  # “Let them go.” ― Amy
_QUOTED = re.compile(r"“[^”]*(?:”|$)|(?<![\w\"])\"[^\"]*(?:\"|$)|''[^']+''")
_BREAK = re.compile(r"[;:“”\"—–―()?!]|\s-\s|''|--")
_ASIDE = re.compile(r"\([^()]{1,20}\)")  # "(R-Ohio)", "(SOHR)"
_OF_A_THING = frozenset(
    "declared announced claimed admitted acknowledged predicted".split()
)  # "declared a holiday"
_NOUNS = frozenset("talks calls claims demands promises reports".split())  # as often as verbs
_ADVERB = re.compile(r"[a-z]{3}ly$|^(?:earlier|later|already|again|once|twice|never|often|now|still|first)$")
_POSSESSIVE = re.compile(r"\w['’]s?$")
_CLOSED = ("”", '"', "''", "’")
LONGEST = 14  # words of a source with what describes it
APPOSITION = 25  # words of what may stand between a source and its verb
SPOKEN_OF = 5  # words before the colon of a turn


@dataclass(frozen=True, slots=True)
class Voice:
    """A source in a sentence; `sentence[start:end]` is what it is called there."""

    text: str
    start: int
    end: int
    head: str  # folded noun or name that the rest describes: "sources" of "local sources in Homs"
    says: bool  # its words or findings are reported; False: only what it wants or believes


def voices(sentence: str) -> list[Voice]:
    """The sources of a sentence in order, each place once; those within a quotation are not looked for.

    >>> [(voice.text, voice.head) for voice in voices("Local sources in Homs told SANA that 20 people died.")]
    [('Local sources in Homs', 'sources')]
    """
    found: dict[int, Voice] = {}
    for voice in _Reader(sentence).voices():
        found.setdefault(voice.start, voice)
    return [found[start] for start in sorted(found)]


def head_of(source: str) -> str:
    """The word of a source's name or description that the rest goes with, folded; "" when there is none."""
    text = re.split(r",\s|\(|--|[―—]", source.strip(" ,“”\"'"), maxsplit=1)[0]
    head = ""
    for word in tokens(text):
        if head and word.text.lower() in DESCRIBING:
            break
        if word.text.lower() != "s":
            head = fold(word.text)
    return head


class _Reader:
    """A sentence with its words, and where its clauses can begin or end."""

    def __init__(self, sentence: str) -> None:
        self._whole = sentence
        self._text = _ASIDE.sub(lambda match: " " * len(match[0]), sentence)
        self._words = tokens(self._text)
        self._lower = [word.text.lower() for word in self._words]
        self._breaks = [match.start() for match in _BREAK.finditer(self._text)]
        self._quotes = [match.span() for match in _QUOTED.finditer(self._text)]
        long = [word for word in self._words if len(word.text) > 3]
        self._is_headline = sum(word.is_capitalised for word in long) > 0.7 * len(long)

    def voices(self) -> Iterator[Voice]:
        for span, says in self._sources():
            start, end = span
            if 0 <= start < end <= len(self._words):
                first, last = self._words[start].start, self._words[end - 1].end
                if head := head_of(self._text[first:last]):
                    yield Voice(self._whole[first:last], first, last, head, says)

    def _sources(self) -> Iterator[tuple[Span, bool]]:
        turn = _TURN.match(self._text)
        if turn and len(turn[1].split()) <= SPOKEN_OF:
            yield self._between(turn.start(1), turn.end(1)), True
        for match in _DASHED.finditer(self._text):
            yield self._between(match.start(1), match.end(1)), True
        for match in _ACCORDING.finditer(self._text):
            yield self._phrase(self._between(match.end(), len(self._text))[0]), True
        for place, word in enumerate(self._words):
            if any(start < word.start < end for start, end in self._quotes):
                continue  # a speech within a speech: whose word the sentence gives is outside
            says = word.stem in SAYING or self._lower[place] in INVERTING
            found = self._of_verb(place) if says or word.stem in HOLDING else None
            if found is None and word.stem in HELD:
                found, says = self._possessor(place), False
            if found is not None:
                yield found, says

    def _between(self, start: int, end: int) -> Span:
        inside = [place for place, word in enumerate(self._words) if start <= word.start < end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)

    # -- what stands between two neighbouring words -----------------------------------------------------------

    def _gap(self, place: int) -> Span:
        return self._words[place - 1].end, self._words[place].start

    def _broken(self, place: int) -> bool:
        """Whether more than a comma stands before this word."""
        start, end = self._gap(place)
        return any(start <= mark < end for mark in self._breaks)

    def _comma(self, place: int) -> bool:
        return "," in self._text[slice(*self._gap(place))]

    def _parted(self, place: int) -> bool:
        return self._broken(place) or self._comma(place)

    # -- verbs ------------------------------------------------------------------------------------------------

    def _of_verb(self, place: int) -> Span | None:
        """The subject of a cue: before it, behind it ("said Mr Wit"), or by it ("condemned by the ministry")."""
        if not self._is_verb(place):
            return None
        lower = self._lower[place]
        participle = lower.endswith("ing")
        before = self._before_auxiliaries(place)
        if not participle and BE.intersection(self._lower[before:place]):
            return self._agent(place)
        if lower.endswith("ed") and self._lower[place + 1 : place + 2] == [
            "by"
        ]:  # "bombings claimed by the group"
            return self._phrase(place + 2)
        apart = before == 0 or self._parted(before)
        # ", saying" and "by saying" have no subject of their own beside them; "Trump saying" is rare.
        bare = participle and before == place and not (before and self._lower[before - 1] in PRONOUNS)
        if not apart and not bare and (found := self._subject(before)) is not None:
            return found
        if participle:
            return self._earlier_subject(place) if before == place else None
        if lower in INVERTING and (found := self._inverted(place)) is not None:
            return found
        return self._before_apposition(before) if before and self._comma(before) else None

    def _before_auxiliaries(self, place: int) -> int:
        before = place
        while (
            before
            and not self._broken(before)
            and (self._lower[before - 1] in AUXILIARIES or _ADVERB.search(self._words[before - 1].text))
        ):
            before -= 1
        return before

    def _is_verb(self, place: int) -> bool:
        """Whether the form of a cue, with the word before it, can be that of a verb."""
        cue, lower = self._words[place], self._lower[place]
        if not cue.text.islower() and not (place and cue.text.istitle() and self._is_headline):
            return False
        if lower.endswith("ing"):
            return True
        touching = place > 0 and self._text[slice(*self._gap(place))].isspace()
        if touching and self._lower[place - 1] in DETERMINERS | PREPOSITIONS:
            return False
        if _POSSESSIVE.search(self._text[: cue.start].rstrip()):
            return False
        if lower.endswith("ed") or lower in INVERTING or lower in IRREGULAR:
            return True
        return touching and self._agrees(place)

    def _agrees(self, place: int) -> bool:
        """Whether the word before can be the subject of a present form: "he says", "sources say"."""
        subject, lower = self._words[place - 1].text, self._lower[place - 1]
        plural = subject.endswith("s") and not subject.endswith("ss")
        if self._lower[place].endswith("s") and not self._lower[place].endswith("ss"):
            if (
                self._lower[place] in _NOUNS and place + 1 < len(self._words) and self._verbal(place + 1)
            ):  # "pay talks collapsed"
                return False
            return lower in PRONOUNS or not plural or subject.istitle()
        return lower in PLURALS or lower in AUXILIARIES or plural

    def _agent(self, place: int) -> Span | None:
        """Behind "by" in "was condemned by the ministry"."""
        near = self._lower[place + 1 : place + 4]
        return self._phrase(place + 2 + near.index("by")) if "by" in near else None

    def _inverted(self, place: int) -> Span | None:
        """Behind the verb where what is said stands before it: "…,” said Nick Witney, a fellow at …"."""
        front = self._text[: self._words[place].start].rstrip()
        behind = place + 1
        if not front.endswith((",", "?", *_CLOSED)) or behind >= len(self._words) or self._parted(behind):
            return None
        following, lower = self._words[behind], self._lower[behind]
        quoted = front.endswith(_CLOSED) or front[:-1].endswith(_CLOSED)
        plain = set[str]() if self._lower[place] in _OF_A_THING else {"a", "an", "one"}
        may_follow = DETERMINERS | PRONOUNS - {"that", "which", "who"} if quoted else plain
        opens = lower in may_follow or (following.is_capitalised and lower not in PRONOUNS)
        return self._phrase(behind) if opens and not _DAY.search(following.text) else None

    def _earlier_subject(self, place: int) -> Span | None:
        """Whom ", saying" goes back to: the subject of the nearest verb of saying, else of the first verb."""
        for verb in range(place - 1, 0, -1):
            word = self._words[verb]
            finite = word.stem in SAYING and word.text.islower() and word.text.endswith(("ed", "s"))
            says = (finite or self._lower[verb] in INVERTING) and not self._comma(verb)
            if says and (found := self._subject(verb)):
                return found
        first = next((verb for verb in range(1, place) if self._verbal(verb)), None)
        return self._subject(first) if first is not None else None

    # -- noun phrases -----------------------------------------------------------------------------------------

    def _phrase(self, start: int) -> Span:
        """A noun phrase from a place on, up to punctuation, a clause or a pronoun."""
        end = start
        while end < len(self._words) and end - start < LONGEST:
            ending = CONJUNCTIONS - {"and", "as"} | BE | OBJECTS
            if end > start and (self._parted(end) or self._lower[end] in ending or self._verbal(end)):
                break
            end += 1
        return start, end

    def _subject(self, end: int) -> Span | None:
        """The noun phrase that ends before `end`: back to punctuation, a conjunction or an earlier verb."""
        last = self._lower[end - 1]
        if last in PRONOUNS:
            return end - 1, end
        if last in CONJUNCTIONS | PREPOSITIONS | DETERMINERS | OBJECTS or _DAY.search(
            self._words[end - 1].text
        ):
            return None
        start = end - 1
        while start > 0 and end - start < LONGEST and not self._parted(start) and not self._opens(start):
            start -= 1
        if self._lower[start] in PREPOSITIONS | {"and", "or"}:
            start = self._core(start, end)
        return (start, end) if start < end else None

    def _opens(self, start: int) -> bool:
        """Whether what stands before a word belongs to another clause."""
        before = self._lower[start - 1]
        if self._lower[start] in ("a", "an", "the") and before not in PREPOSITIONS | {
            "and",
            "or",
            "both",
            "all",
        }:
            return True
        joins = before in ("and", "or") and start > 1 and not self._verbal(start - 2)
        return before in PRONOUNS or self._verbal(start - 1) or (before in CONJUNCTIONS and not joins)

    def _verbal(self, place: int) -> bool:
        """Whether a word is the verb of an earlier clause."""
        lower = self._lower[place]
        if lower in AUXILIARIES - IN_PHRASES:
            return True
        follows_noun = place > 0 and self._lower[place - 1] not in DETERMINERS | PREPOSITIONS
        past = lower in INVERTING or (len(lower) > 4 and lower.endswith("ed"))
        return follows_noun and past and self._words[place].text.islower()

    def _core(self, start: int, end: int) -> int:
        """Where the last noun phrase behind an adverbial begins: at "police" in "On Friday police"."""
        place = end - 1
        if self._words[place].is_capitalised:
            while self._words[place - 1].is_capitalised and place > start:
                if _DAY.search(self._words[place - 1].text):
                    break
                place -= 1
        else:
            while place > max(start + 1, end - 4) and self._words[place - 1].text.islower():
                if self._lower[place - 1] in PREPOSITIONS:
                    break
                place -= 1
        if place > start and self._lower[place - 1] in DETERMINERS:
            place -= 1
        return place if place > start + 1 or self._lower[start] in ("and", "or") else end

    def _before_apposition(self, end: int) -> Span | None:
        """ "Nick Witney" of "Nick Witney, a fellow at the council, said"; how many commas part it does not matter."""
        opening = next((place for place in range(1, end) if self._parted(place)), end)
        if opening < end and not any(self._broken(place) for place in range(opening, end)):
            verbs = any(self._verbal(place) for place in range(1, opening))
            if (
                not verbs
                and self._lower[0] not in PREPOSITIONS | CONJUNCTIONS
                and self._lower[opening - 1] != "however"
            ):
                return self._subject(opening)
        for start in range(end - 1, max(0, end - APPOSITION), -1):
            if self._broken(start):
                return None
            if self._comma(start):
                return self._subject(start)
        return None

    def _possessor(self, place: int) -> Span | None:
        """Whose claim or promise: "Trump" of "Trump's claim", "his" of "his earlier promise"."""
        for back in range(place - 1, max(-1, place - 3), -1):
            if self._lower[back] in POSSESSIVES:
                return back, back + 1
            owner = back - 1 if self._lower[back] == "s" and back else back
            if re.match(r"['’]s\b|(?<=s)['’](?!\w)", self._text[self._words[owner].end :][:2]):
                start = owner
                while start and self._words[owner].is_capitalised and self._words[start - 1].is_capitalised:
                    start -= 1
                return start, owner + 1
        return None
