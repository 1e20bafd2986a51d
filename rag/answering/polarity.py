"""Whether a sentence says yes or no to what a question asks about, read off its words.

The predicate is looked for in the sentence, as it is or as its opposite, with the subject and the target where they
belong. Then the words around it are read: a negation of the verb or of one of these, a denial that governs it, a word
that leaves it open. Most sentences say neither; in doubt a sentence counts for nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.answering.cues import AUXILIARIES, BE, DETERMINERS, POSSESSIVES, PREPOSITIONS, SAYING
from rag.answering.lexicon import Lexicon
from rag.answering.proposition import MODALS, PASTS, Proposition
from rag.answering.sentences import Sentence, words_of
from rag.language import STOPWORDS, Token, aliases, same_word, tokens

# What stands for a word of the question elsewhere than in the sentence: beside it, or further off in the article.
BESIDE, IN_ARTICLE = 0.8, 0.6
UNSAID = 0.5  # what a sentence counts that leaves out who did it: "a hospital was hit"
ENOUGH = 0.7  # of the places, days and the like in the question, on average; what only the article names is too far

# Stems of what news tells of, a deed and its opposite, where the thesaurus knows no better.
_DEEDS = tuple(
    tuple(frozenset(side.split()) for side in deed.split("|"))
    for deed in (
        "kill die dead death slain assassin|surviv aliv unhurt",
        "hit strike struck bomb shell attack target|miss",
        "arrest detain captur held|escap",
        "open reopen|close shut seal block",
        "accept approv agre endors pass adopt ratifi|reject refus veto decline oppos",
        "admit confirm acknowledg conced|deni deny",
        "guilti convict|innoc acquit clear",
        "win won victori|lose lost defeat",
        "resign quit|stay remain",
        "fail collaps|succeed success",
        "lift|impos extend",
        "stop end halt suspend|continu resum",
        "rise rose grow grew increas|fall fell drop declin decreas",
        "captur seiz retak retaken retook recaptur regain|",
        "break broke broken breach violat|honour honor respect upheld",
        "true genuin authent|fals untru fake",
        "ban prohibit forbid outlaw|allow permit",
        "safe|unsaf danger",
    )
)
_KILLING = frozenset("kill slain assassin".split())  # who is dead stands behind, or before a passive
_SAME = frozenset(("same", "synonym", "derived", "narrower"))
_NOT = frozenset("not never t cannot without nor".split())
_NEARLY = frozenset("nearly almost narrowly barely".split())
_NOBODY = frozenset("no neither nobody".split())
_NO = frozenset("no none neither nobody nothing nor not".split())
_MORE_THAN = frozenset("only just merely alone first".split())  # "not only", "not the first"
_SINGLE = frozenset("a one any".split())  # "not one hospital"
_WILFULLY = frozenset(
    "deliberately intentionally knowingly immediately".split()
)  # "not deliberately" says it was
# Of the words that govern a clause by stem: what it says is not so; it is left open; it is so.
_DENYING = frozenset(
    "deni deny reject dismiss refut rebut disput fals untru baseless unfound fabric debunk disprov incorrect".split()
)
_FAILING = frozenset("fail refus declin unabl".split())  # to do it
_KEEPING = frozenset("avoid prevent stop".split())  # doing it
_OPEN = frozenset(
    """unclear unknown uncertain unconfirm question wonder investig probe examin fear expect hope believ think thought
    suspect suppos possibl possibli perhap mayb alleg probabl presum appear seem suggest demand doubt intend
    threaten want plan consid""".split()
)
_AFFIRMING = frozenset("confirm admit acknowledg conced prove verifi verify show conclud found accur".split())
_TRUE = frozenset("true case".split())  # "it is not true that"
_SEEING = frozenset("know knew clear see saw".split())
_CLAIMS = frozenset("report claim alleg rumour rumor accus suggest assert".split())
_EVIDENCE = frozenset("evid sign proof indic trace truth basi".split())
_MANAGING = frozenset("manag proceed came come continu went use began begin start found known".split())
_PRONOUNS = frozenset("he she it they we i who which him them".split())
# Whose deeds are those of whom they belong to: "its jets".
_ARMS = frozenset(
    """jet plane warplan aircraft forc troop missil rocket drone pilot fighter soldier bomber helicopt artilleri polic
    navi armi strike airstrik""".split()
)
_NEAR = frozenset("near beside outside behind opposite around".split())
_CONDITIONS = frozenset("whether if unless until lest".split())
_RESTARTS = frozenset(
    "but while although though whereas however because after before when as since who which whose".split()
)
_STOPS = re.compile(r"[,;:()—–]|\s-\s")
# What stands between a verb and its clause without belonging to either: "denied, for the second time, that …".
_ASIDE = re.compile(
    r",\s[^,;]{1,60},(?=\sthat\b)|(?<=\bthat),\s[^,;]{1,60},"
    r"|,\s(?:[\w’']+\s){1,4}(?:said|says|added|insisted)(?:\son\s\w+)?,(?=\s(?!but\b))"
)
_LINKS = frozenset("that who which whose whom when where while after before since as because".split())
# "The ferry *that ran aground on Monday* was overloaded."
_RELATIVE = re.compile(
    r",?\s(?:that|which|who)\s(?P<verb>[a-z]+)\b[^,;:“”\"]*?,?(?=\s(?:was|were|is|are|has|had|have|will|did)\b)"
)


@dataclass(frozen=True, slots=True)
class Stance:
    """What a sentence says to a question, and how surely that is meant: 0–1."""

    is_yes: bool
    start: int  # of the predicate in the sentence
    end: int
    bound: float


def stance(proposition: Proposition, sentence: Sentence, lexicon: Lexicon) -> Stance | None:
    """None: the sentence tells of something else, leaves it open, or says both."""
    if sentence.text.rstrip("”\"'’) ").endswith("?"):
        return None
    found = list(_Clauses(proposition, sentence, lexicon).stances())
    if len({each.is_yes for each in found}) != 1:
        return None
    return max(found, key=lambda each: each.bound)


class _Clauses:
    """A sentence read for one proposition."""

    def __init__(self, proposition: Proposition, sentence: Sentence, lexicon: Lexicon) -> None:
        self._asked = proposition
        self._lexicon = lexicon
        self._sentence = sentence
        told = _ASIDE.sub(lambda match: " " * len(match[0]), sentence.text)
        self._text = _RELATIVE.sub(self._without_relative, told)
        self._words = tokens(self._text)
        self._lower = [word.text.lower() for word in self._words]

    def _without_relative(self, match: re.Match[str]) -> str:
        """Blanks for a clause that only says more of the subject; what holds another clause, or the answer, is kept."""
        verb, words = match["verb"], tokens(match[0])
        before = tokens(match.string[: match.start()])[-1:]
        is_past = verb.endswith("ed") or verb in PASTS
        of_subject = any(self._stands_for(word, each) for word in before for each in self._asked.subject)
        others = {word.text.lower() for word in words[1:]} & (_RESTARTS | _CONDITIONS | _LINKS)
        tells = any(word.stem in SAYING | _DENYING or self._sign(word) is not None for word in words)
        return " " * len(match[0]) if is_past and of_subject and not others and not tells else match[0]

    def stances(self) -> Iterator[Stance]:
        for place, word in enumerate(self._words):
            sign = self._sign(word)
            if sign is None or (self._lower[place : place + 2] == ["won", "t"]):
                continue
            bound = self._bound(place)
            says = self._says(place) if bound else None
            if says is not None:
                yield Stance(says == sign, word.start, word.end, bound)

    # --- is it about the same thing --------------------------------------------------------------------------------

    def _bound(self, place: int) -> float:
        """How much of the proposition stands where it belongs around a predicate; 0: not enough."""
        start, end = self._clause(place)
        clause = self._words[start:end]
        others = [
            word for at, word in enumerate(clause, start) if at != place and not self._is_near(at, place)
        ]
        asked = self._asked
        held = [self._presence(word) for word in asked.rest] or [1.0]
        share = sum(held) / len(held)
        if share < ENOUGH or not self._holds(asked.target, others):
            return 0.0
        return share * self._subject(place, start, end)

    def _presence(self, wanted: Token) -> float:
        for weight, words in (
            (1.0, self._words),
            (BESIDE, self._sentence.context),
            (IN_ARTICLE, words_of(self._sentence.hit.article)),
        ):
            if any(self._stands_for(word, wanted) for word in words):
                return weight
        return 0.0

    def _subject(self, place: int, start: int, end: int) -> float:
        """How surely the clause tells of the subject: 1 where it has it; 0: of another, as "Iran said Iraq hit it"."""
        subject = self._asked.subject
        before, after = self._words[start:place], self._words[place + 1 : end]
        known = (*self._words[:start], *self._sentence.context)
        word, asked = self._words[place], self._asked.predicate
        suffers = word.stem in _KILLING and asked.stem not in _KILLING  # "was killed" for "Did he survive?"
        if self._asked.is_active and self._is_passive(place) and not suffers:
            if "by" in self._lower[place + 1 : end] or self._holds(subject, after):
                return float(self._holds(subject, after))
            return UNSAID * self._holds(subject, known)
        does = [word for at, word in enumerate(before, start) if not self._is_beside(at)]
        if self._asked.is_active:
            told_of = after if suffers and not self._is_passive(place) else does
        else:
            told_of = after if self._is_done_by_subject(place) else [*does, *after]
        if self._holds(subject, told_of):
            return 1.0
        told = [word for word in before if word.text.lower() not in _FUNCTION]
        # "denied hitting it", "denied the attack on it"
        is_deed = not self._follows_determiner(place) or bool(self._governed(place))
        is_left_out = not told and self._asked.is_active and is_deed
        is_pronoun = not told and any(word.text.lower() in _PRONOUNS | POSSESSIVES for word in before)
        is_armed = (
            self._asked.is_active and bool(told) and all(word.stem in _ARMS for word in told)
        )  # "its jets"
        return BESIDE * ((is_left_out or is_pronoun or is_armed) and self._holds(subject, known))

    def _is_beside(self, at: int) -> bool:
        """Whether a word belongs to the subject without naming it: the *commander*'s son, a ship in the *strait*."""
        if self._next(at) == "s" and not (at + 2 < len(self._words) and self._words[at + 2].stem in _ARMS):
            return True
        return self._preposition(at) in PREPOSITIONS - {"of"}

    def _is_near(self, at: int, place: int) -> bool:
        """Whether a word only says where the predicate was done: a depot beside the *hospital*."""
        return self._preposition(at, place) in _NEAR

    def _preposition(self, at: int, place: int = -1) -> str:
        """The one that governs the noun phrase of a word, or what else stands before that; "" at a break.

        The predicate, where its place is given, is one.
        """
        at -= 1
        while at >= 0 and (
            self._lower[at] in DETERMINERS - {"that"} or self._lower[at] not in _FUNCTION | _NEAR
        ):
            if at == place or not self._words[at].text.islower() or self._is_stopped(at + 1):
                return ""
            at -= 1
        return self._lower[at] if at >= 0 and not self._is_stopped(at + 1) else ""

    def _is_done_by_subject(self, place: int) -> bool:
        """Whether what was to befall somebody is done by who stands before: "the gunman killed three"."""
        wanted, word = self._asked.predicate, self._words[place]
        is_participle = wanted.text.endswith("ed") or wanted.text.lower() in PASTS
        return is_participle and word.stem == wanted.stem and not self._is_passive(place)

    def _is_passive(self, place: int) -> bool:
        auxiliaries = {self._lower[at] for at in self._group(place)}
        return self._next(place) == "by" or (
            bool(BE & auxiliaries) and not self._lower[place].endswith("ing")
        )

    def _holds(self, wanted: Sequence[Token], words: Sequence[Token]) -> bool:
        """Whether the last of the wanted words, which tells what they name, and most of them are there."""
        held = [any(self._stands_for(word, each) for word in words) for each in wanted]
        by_name = bool(wanted) and wanted[-1].is_capitalised  # "Dolan" for "Marek Dolan"
        return not held or (held[-1] and (by_name or 2 * sum(held) > len(held)))

    def _stands_for(self, word: Token, wanted: Token) -> bool:
        if same_word(word, wanted) or aliases(word.text) & aliases(wanted.text):
            return True
        return not wanted.is_capitalised and self._lexicon.kinship(word, wanted) in _SAME

    def _sign(self, word: Token) -> bool | None:
        """True: the word says what the predicate says; False: it says the opposite; None: something else."""
        wanted = self._asked.predicate
        if word.text.endswith("ly") and not wanted.text.endswith("ly"):  # "deadly"
            return None
        if word.stem == wanted.stem:
            return True
        deeds = [sides for sides in _DEEDS if any(wanted.stem in side for side in sides)]
        for sides in deeds:
            for side, other in (sides, sides[::-1]):
                if wanted.stem in side and word.stem in side | other:
                    return word.stem in side
        if deeds:
            return None
        kin = self._lexicon.kinship(word, wanted)
        return True if kin in _SAME else False if kin == "opposite" else None

    def _clause(self, place: int) -> tuple[int, int]:
        """The words around a predicate up to the next that begin or end a clause."""
        start = end = place
        while start and not self._opens(start - 1, place):
            start -= 1
        end += 1
        while end < len(self._words) and not (
            (self._is_stopped(end) and self._lower[end] != "not")  # "hit a depot, not a hospital"
            or self._lower[end] in _RESTARTS - {"as"} | _CONDITIONS | {"that"}
        ):
            end += 1
        return start, end

    def _opens(self, at: int, place: int) -> bool:
        """Whether a clause begins behind this word."""
        if self._is_stopped(at + 1):
            return True
        word, lower = self._words[at], self._lower[at]
        if lower in _RESTARTS | _CONDITIONS | {"that"}:
            return True
        if lower in ("and", "or"):  # with a subject of its own, not "struck and hit"
            return any(each not in _FUNCTION for each in self._lower[at + 1 : place])
        is_verb = word.text.islower() and not self._follows_determiner(at)
        return word.stem in SAYING | _DENYING and is_verb

    def _follows_determiner(self, at: int) -> bool:
        return at > 0 and self._lower[at - 1] in DETERMINERS

    def _is_stopped(self, at: int) -> bool:
        """Whether a mark that ends a clause stands before a word."""
        return at > 0 and bool(_STOPS.search(self._text, self._words[at - 1].end, self._words[at].start))

    # --- what it says of it ------------------------------------------------------------------------------------------

    def _group(self, place: int) -> list[int]:
        """Places of the words before a verb that belong to it: "has not yet been"."""
        belongs = AUXILIARIES | _NOT | _NEARLY | {"longer", "no", "to", "of", "get", "got"}
        if not self._asked.is_active:  # "is not among the dead", "was not an accident"
            belongs = belongs | PREPOSITIONS | DETERMINERS
        at = place
        while at and not self._is_stopped(at):
            before = self._lower[at - 1]
            if before in ("or", "nor") and at > 1:  # "did not target or hit"
                return [*self._group(at - 2), *range(at - 2, place)]
            if before not in belongs and not (before.endswith("ly") and len(before) > 4):
                break
            at -= 1
        return list(range(at, place))

    def _says(self, place: int) -> bool | None:
        """Whether the clause says that the predicate holds; None: it leaves that open."""
        group = self._group(place)
        first = group[0] if group else place
        governed = self._governed(first)
        if governed is None or self._is_open(first, place) or self._is_disputed(place):
            return None
        return not (governed ^ self._is_negated(first, place))

    def _is_open(self, first: int, place: int) -> bool:
        """Whether the words of a verb, from the first on, leave it open: "may have hit", "threatened to hit"."""
        group = self._lower[first:place]
        modals = MODALS.intersection(group)
        if modals and not modals <= _SAME_MODALS.get(self._asked.auxiliary, frozenset()):
            return True
        if _NEARLY.intersection(group) or any(word.stem in _OPEN for word in self._words[first:place]):
            return True
        if _WILFULLY.intersection(group) and _NOT.intersection(group):
            return True
        if "to" not in group or "have" in group or self._asked.auxiliary in _FUTURE:
            return False
        # An infinitive is what is planned, asked or refused, but for "managed to".
        return "used" not in group and not (first and self._words[first - 1].stem in _MANAGING | _FAILING)

    def _is_negated(self, first: int, place: int) -> bool:
        group = self._lower[first:place]
        negated = any(self._is_not(at) for at in range(first, place)) or {"no", "longer"} <= set(group)
        start, end = self._clause(place)
        around = (*range(start, first), *range(place + 1, end))
        return negated ^ any(self._denies_existence(at, place) for at in around)

    def _is_not(self, at: int) -> bool:
        return self._lower[at] in _NOT and not _MORE_THAN.intersection(self._lower[at + 1 : at + 4])

    def _denies_existence(self, at: int, place: int) -> bool:
        """Whether a word says that there is none of those asked about: "*no* hospital", "*none* of the hospitals"."""
        if self._lower[at] not in _NO or (at and at < place and self._lower[at - 1] in PREPOSITIONS):
            return False
        if self._lower[at] == "not" and at < place and self._next(at) not in _SINGLE:
            return False
        if self._lower[at] in ("nobody", "nor") or self._lower[at + 1 : at + 2] == ["one"]:
            return True
        behind = [word for word in self._words[at + 1 : at + 5] if word.text.lower() not in _FUNCTION][:2]
        wanted = (*self._asked.subject, *self._asked.target, self._asked.predicate)
        return any(self._stands_for(word, each) for word in behind for each in wanted)

    def _governed(self, place: int) -> bool | None:
        """Whether what stands before denies what follows; None: it leaves it open."""
        effects: set[str | None] = set()
        for at in range(place):
            if (self._is_stopped(at) and self._lower[at] != "that") or self._lower[at] in _RESTARTS:
                effects.clear()
            if self._lower[at].endswith("ing") and self._words[at].stem in SAYING - _DENYING:
                effects.clear()  # "denied it, saying …"
            effect = self._effect(at)
            if effect != "claimed" or not ("denied" in effects or self._is_affirmed(at)):
                effects.add(effect)
        if "claimed" in effects:
            holds = self._verdict(place)
            return None if holds is None or "open" in effects else not holds
        return None if "open" in effects else "denied" in effects

    def _effect(self, at: int) -> Literal["denied", "open", "claimed"] | None:
        """What a word does to the clause behind it."""
        stem = self._words[at].stem
        negated = self._has_negation(at)
        if stem in _TRUE | _EVIDENCE:  # "it is not true that", "there is no sign that"
            return "denied" if negated else None
        if self._is_denial(at):
            return "open" if negated else "denied"
        if stem in _CLAIMS and self._is_noun(at) and self._next(at) in ("that", "of", "by"):
            return "claimed"
        is_person = self._lower[at].rstrip("s").endswith("or")  # "investigators"
        doubted = stem in _OPEN and not (is_person or self._follows_determiner(at))
        unsaid = negated and stem in SAYING | _AFFIRMING | _SEEING
        unsure = self._lower[at] in _NOT and self._lower[at - 1 : at] and self._lower[at - 1] in BE
        unsure = unsure and self._next(at) not in _TRUE  # "is not aware that"
        return "open" if doubted or unsaid or unsure or self._lower[at] in _CONDITIONS else None

    def _is_denial(self, at: int) -> bool:
        stem, following = self._words[at].stem, self._next(at)
        if stem in _FAILING:
            return following == "to"
        return stem in _DENYING or stem in _KEEPING or (stem == "rule" and following == "out")

    def _next(self, at: int) -> str:
        return self._lower[at + 1] if at + 1 < len(self._lower) else ""

    def _has_negation(self, at: int) -> bool:
        negated = any(self._is_not(before) for before in self._group(at))
        return negated or bool(_NOBODY.intersection(self._lower[max(0, at - 2) : at]))

    def _is_noun(self, at: int) -> bool:
        """Of "reports that", which are a noun unless a name stands before: "TASS reports that"."""
        return at == 0 or not self._words[at - 1].is_capitalised or self._lower[at - 1] in DETERMINERS

    def _is_affirmed(self, at: int) -> bool:
        return any(word.stem in _AFFIRMING for word in self._words[max(0, at - 3) : at])

    def _verdict(self, place: int) -> bool | None:
        """What becomes of a claim behind its content: "… were false" is False."""
        for at in range(place + 1, len(self._words)):
            if self._words[at].stem in _DENYING:
                return False
            if self._words[at].stem in _AFFIRMING | _TRUE:
                return not self._has_negation(at)
        return None

    def _is_disputed(self, place: int) -> bool:
        """Whether the sentence goes on to deny what it said: ", which the ministry denies"."""
        for at in range(self._clause(place)[1], len(self._words)):
            if self._words[at].stem not in _DENYING:
                continue
            following = self._lower[at + 1 : at + 3]
            stopped = at + 1 == len(self._words) or self._is_stopped(at + 1)
            if (
                stopped
                or following[0] in ("it", "this", "by")
                or any(word.rstrip("s") in _CLAIMS for word in following)
            ):
                return True
        return False


_FUTURE = frozenset(("will", "would", "shall"))
# What may be said to a question with a modal verb in it.
_SAME_MODALS = {
    **dict.fromkeys(_FUTURE, _FUTURE),
    **dict.fromkeys(("can", "could"), frozenset(("can", "could"))),
    **{modal: frozenset((modal,)) for modal in ("should", "must", "may", "might")},
}
_FUNCTION = STOPWORDS | DETERMINERS | PREPOSITIONS | AUXILIARIES
