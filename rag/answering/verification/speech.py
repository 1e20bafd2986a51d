"""Who says what in a sentence, and whether a claim gives somebody's words to somebody else.

Every word of "The US said the coalition was 'rogue'" can stand in a passage in which Syria says it. So the speaker
is read off the claim and off the sentences that hold what is said, and the two are compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.language import STOPWORDS, Token, aliases, fold, same_word, tokens

# Finite forms and participles. Those that are nouns as well ("demand", "report") count only in forms that are not.
_CUES = frozenset(
    """said says say saying told tells telling stated states stating claimed claims claiming announced announces
    announcing declared declares declaring warned warns warning denied denies denying admitted admits admitting
    insisted insists insisting argued argues arguing added adds adding noted notes noting stressed stresses
    stressing emphasized emphasised emphasizing confirmed confirms confirming asked asks asking asserted asserts
    asserting called calls calling accused accuses accusing blamed blames blaming condemned condemns condemning
    censured censures criticized criticised criticizes criticises demanded demands demanding urged urges urging
    requested requests suggested suggests suggesting explained explains explaining described describes
    describing wrote writes replied replies responded responds reacted commented comments believed believes
    believe believing alleged alleges reported reports reporting tweeted promised promises vowed vows pledged
    concluded concludes pointed reiterated reiterates voiced expressed expresses hailed praised thanked rejected
    rejects""".split()
)
_NOUN_TOO = frozenset(
    """claims states notes calls demands requests comments reports promises warning reporting states""".split()
)
_DEEDS = frozenset(
    """reported reports reporting announced announces announcing declared declares voiced expressed expresses suggested
    suggests described describes explained explains requested requests asked asks promised promises pledged
    pointed""".split()
)
_INVERTED = frozenset("""said says added adds wrote explained replied noted asked insisted warned""".split())
_DETERMINERS = frozenset(
    """a an the his her its their our this that these those any some such of new many""".split()
)
_PRONOUNS = frozenset("""he she it they who which i we you""".split())
_ADVERBIAL = frozenset(
    """on in at after before during for from by with within following since under over amid as when while if
    meanwhile however earlier later also then yesterday today saturday sunday monday tuesday wednesday thursday
    friday and but or that where because although though""".split()
)
_AUXILIARIES = frozenset(
    """is are was were be been being has have had do does did will would can could may might must should shall also
    then further again later""".split()
)
_BREAK = re.compile(r"[,;:“”\"—–()]|\s-\s|\.\s")
_TURN = re.compile(r"\s*([A-Z][\w.’' ]{0,40}?)\s*:\s")  # a line of a transcript: "Client: How much is it?"
_ACCORDING = re.compile(r"\b[Aa]ccording to (?P<who>[^,.;:]{1,80})")
_TOLD = re.compile(r"\b(?:told|telling) (?P<who>[^,.;:]{2,60}?)(?= that\b| on [A-Z]| in [A-Z]|[,.;:]|$)")
LONGEST = 8  # words of a speaker; what is longer was not read right
ENOUGH = 0.5  # share of what is said that a sentence must hold to be where it comes from


@dataclass(frozen=True, slots=True)
class Speech:
    """One act of saying in a sentence."""

    speaker: str  # as written, such as "The ministry"; "" when the sentence leaves it open
    said: tuple[Token, ...]  # content words of what is said
    hearer: bool = False  # was told it, and so reports it
    is_deed: bool = False  # "reported a profit", "announced a plan": done rather than said

    @property
    def is_pronoun(self) -> bool:
        return fold(self.speaker) in _PRONOUNS


def speeches(sentence: str, before: str = "") -> list[Speech]:
    """The acts of saying in a sentence; `before` is who a pronoun stands for, the speaker or subject before it."""
    words = tokens(sentence)
    found = []
    turn = _TURN.match(sentence)
    if turn and len(turn[1].split()) <= 4:
        found.append(Speech(turn[1], _content(words, turn.end(), len(sentence))))
    for match in _ACCORDING.finditer(sentence):
        rest = _content(words, 0, match.start()) + _content(words, match.end(), len(sentence))
        found.append(Speech(match["who"].strip(), rest))
    found += [  # whom a source told it is the one who reports it
        Speech(match["who"].strip(), _content(words, match.end(), len(sentence)), hearer=True)
        for match in _TOLD.finditer(sentence)
    ]
    found += [
        _speech(sentence, words, place)
        for place, word in enumerate(words)
        if word.text.lower() in _CUES and not _is_noun(words, place)
    ]
    named = [replace(each, speaker=before) if before and each.is_pronoun else each for each in found]
    return [each for each in named if each.speaker]


def subject(sentence: str) -> str:
    """The words before the first verb of the main clause, roughly: whom ", saying" and "he" go back to."""
    start = 0
    words = tokens(sentence)
    while words and words[0].text.lower() in _ADVERBIAL:  # "On Friday, …", "In a letter, …"
        comma = sentence.find(",", start)
        if comma < 0 or comma > 80:
            return ""
        start = comma + 1
        words = [word for word in words if word.start >= start]
    kept: list[Token] = []
    for word in words[:14]:
        lower = word.text.lower()
        broken = kept and _BREAK.search(sentence, kept[-1].end, word.start)
        if broken or lower in _AUXILIARIES or lower in _CUES or lower == "who" or _past(word, kept):
            break
        kept.append(word)
    return sentence[kept[0].start : kept[-1].end] if kept else ""


def _past(word: Token, before: Sequence[Token]) -> bool:
    return len(before) > 1 and word.text.islower() and len(word.text) > 4 and word.text.endswith("ed")


def _is_noun(words: Sequence[Token], place: int) -> bool:
    word = words[place].text.lower()
    previous = words[place - 1].text.lower() if place else ""
    return word in _NOUN_TOO and (previous in _DETERMINERS or not words[place].text.islower())


def _speech(sentence: str, words: Sequence[Token], place: int) -> Speech:
    cue = words[place]
    clause = max((match.end() for match in _BREAK.finditer(sentence, 0, cue.start)), default=0)
    before = [word for word in words[:place] if word.start >= clause]
    following = _content(words, cue.end, len(sentence))
    if (
        not before
        and cue.text.lower() in _INVERTED
        and place + 1 < len(words)
        and _opens_noun(words[place + 1])
    ):
        stop = _BREAK.search(sentence, words[place + 1].start)
        name = sentence[words[place + 1].start : stop.start() if stop else len(sentence)].rstrip(" .”\"'")
        return Speech(name, _content(words, 0, clause))
    speaker = _noun_phrase(sentence, before) or subject(sentence)
    said = following if len(following) >= 2 else _content(words, 0, clause)
    return Speech(speaker, said, is_deed=cue.text.lower() in _DEEDS)


def _opens_noun(word: Token) -> bool:
    return word.is_capitalised or word.text.lower() in _DETERMINERS


def _noun_phrase(sentence: str, words: Sequence[Token]) -> str:
    """Who stands right before the verb, without what is between: "the ministry has also" is "the ministry"."""
    kept = list(words)
    while kept and (kept[-1].text.lower() in _AUXILIARIES or kept[-1].text.endswith("ly")):
        kept.pop()
    for place in range(len(kept) - 1, -1, -1):  # the last clause: "… and it", "… that the ministry"
        if kept[place].text.lower() in (
            "and",
            "but",
            "that",
            "who",
            "which",
            "when",
            "while",
            "as",
            "because",
        ):
            tail = kept[place + 1 :]
            if kept[place].text.lower() in ("who", "which"):
                return ""
            joined = kept[place].text.lower() == "and" and tail and place > 0 and tail[0].is_capitalised
            if not joined:
                kept = tail
            break
    if not kept or kept[0].text.lower() in _ADVERBIAL:
        return ""
    return sentence[kept[0].start : kept[-1].end]


def _content(words: Sequence[Token], start: int, end: int) -> tuple[Token, ...]:
    return tuple(word for word in words if start <= word.start < end and word.text.lower() not in STOPWORDS)


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence of the evidence with everyone who speaks in it."""

    words: tuple[Token, ...]
    speakers: tuple[str, ...]


def listen(sentences: Sequence[str]) -> list[Heard]:
    """Who speaks in each of the sentences, which are in the text's order: "it said" is whoever spoke before."""
    heard = []
    before = ""
    for sentence in sentences:
        acts = speeches(sentence, before)
        heard.append(Heard(tuple(tokens(sentence)), tuple(act.speaker for act in acts)))
        named = [act.speaker for act in acts if not act.is_pronoun]
        before = named[-1] if named else _named(sentence, before)
    return heard


def other_speaker(claim: str, heard: Sequence[Heard]) -> tuple[str, str] | None:
    """Whom the claim gives words to and who says them in the sentences, when these differ.

    None: nothing is wrong with the speaker, or it cannot be told: the claim names nobody, what is said is not in the
    sentences, or they do not say who says it.
    """
    act = next((act for act in speeches(claim) if act.said and not (act.hearer or act.is_pronoun)), None)
    if act is None or act.is_deed or not _is_name(act.speaker):
        return None
    shares = [_share(act.said, sentence.words) for sentence in heard]
    if not shares or max(shares) < ENOUGH:
        return None
    floor = max(ENOUGH, 0.75 * max(shares))
    close = [sentence for sentence, share in zip(heard, shares, strict=True) if share >= floor]
    speakers = [speaker for sentence in close for speaker in sentence.speakers]
    if any(same_speaker(act.speaker, speaker) or fold(speaker) in _PRONOUNS for speaker in speakers):
        return None
    others = [speaker for speaker in speakers if len(speaker.split()) <= LONGEST and _heads(speaker)]
    return (act.speaker, others[0]) if others else None


def _is_name(speaker: str) -> bool:
    """Whether the speaker is called by a name: "the company" can be anyone's."""
    return any(word.is_capitalised for word in _heads(speaker))


def _named(sentence: str, before: str) -> str:
    found = subject(sentence)
    return before if not found or fold(found) in _PRONOUNS else found


def _share(said: Sequence[Token], words: Sequence[Token]) -> float:
    stems = {word.stem for word in words}
    names = [word for word in words if word.is_capitalised]
    held = sum(
        word.stem in stems or (word.is_capitalised and any(same_word(word, name) for name in names))
        for word in said
    )
    return held / len(said)


def same_speaker(one: str, other: str) -> bool:
    """Whether two descriptions can be of one speaker: they share a name, or a noun when one has no name."""
    ones, others = _heads(one), _heads(other)
    if not ones or not others:
        return False
    if any(
        aliases(left.text) & aliases(right.text) or same_word(left, right)
        for left in ones
        for right in others
    ):
        return True
    joined, other_joined = fold(one.replace(".", "")), fold(other.replace(".", ""))
    return any(alias in f" {other_joined} " for alias in (f" {name} " for name in aliases(_bare(joined))))


def _bare(name: str) -> str:
    return name.removeprefix("the ")


def _heads(description: str) -> list[Token]:
    """The words that can name a speaker; the US of "US-led" is not who speaks."""
    words = tokens(description)
    kept = []
    for place, word in enumerate(words):
        following = words[place + 1].text.lower() if place + 1 < len(words) else ""
        telling = word.text == "US" or word.text.lower() not in STOPWORDS | _TITLES
        if telling and following not in ("led", "backed", "based"):
            kept.append(word)
    return kept


_TITLES = frozenset(
    """mr mrs ms dr president minister spokesman spokeswoman spokesperson foreign new""".split()
)
