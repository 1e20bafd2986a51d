"""Text → sentences, as exact offsets into it.

The rules are written out rather than learned: news has a small stock of abbreviations, and a rule that breaks
wrongly can be read and put right. Every pattern looks at a bounded stretch of text or never re-reads what it
has matched, so that time grows with the length of the text whatever the text holds.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

MAX_WORDS = 100  # what runs longer without an end mark is a table, a list or a transcript, and is cut
MAX_CHARS = 1_000
LOOK_BACK = 24  # characters that are read before a full stop; no abbreviation is longer
NARROW = 40  # characters; nobody wraps prose to shorter lines

_BLANK_LINE = re.compile(r"\n[^\S\n]*+(?:\n[^\S\n]*+)++|\u2029")
_BULLET = re.compile(r"[-*•‣◦·▪●■]\s|\d{1,2}[.)]\s+[^\W\d_]")
_WORD = re.compile(r"\S++")
_CLAUSE_END = re.compile(r"[;,،:—–](?=\s)|[、；，：\n]")

# An end mark with the quotes, brackets and footnote numbers that close behind it. It matches without looking
# ahead: a pattern that could fail after a long run of marks would be tried again from every mark in the run.
_END = re.compile(
    r"(?P<mark>[.!?…‽؟۔。！？｡।]++)"
    r"(?P<close>(?:[\"'”’»)\]}›」』）】*]|[ \u00a0\u202f](?=»)|\[\d{1,3}\])*)"
)
_FOLLOWING = re.compile(
    r"\s*+(?P<open>(?:[\"'“‘„«‹(\[{¿¡「『*]|[—–-]\s?|(?<=«)\s)*)(?P<word>[^\W_]{0,30})(?P<after>.?)",
    re.DOTALL,
)
_LAST_WORD = re.compile(r"[^\s—–/(\[\"“‘'-]*\Z")
_EAST_ASIAN = frozenset("。！？｡")
_QUOTES = frozenset("\"'”’»›」』")
_DASHES = frozenset("—–-")

# “Why?” Smith asked. / “Go home!” the police chief told them: the speaker belongs to the quotation.
_SPEAKER = re.compile(
    r"\s+(?!(?:He|She|They|It|We|You|This|That|But|And)\b)(?:[A-Z][^\s,;:?!]{0,30}\s){1,4}"
    r"(?:said|says|asked|asks|told|tells|wrote|writes|added|adds|replied|tweeted|shouted|wondered|joked|recalled)"
    r"(?=[.,;]|\s+(?:in|on|at|to|during|after|before|as|of|when|while|with|via)\b)"
)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Each stands before a name, or between two, and never ends a sentence.
_BEFORE_NAME = _words(
    "Mr Mrs Ms Mx Dr Prof Gen Lt Col Maj Capt Sgt Cpl Pvt Cmdr Cdr Adm Brig Sen Sens Rep Reps Gov Govs",
    "Rev Hon Pres Amb Fr Msgr Supt Insp Det Atty Asst Ald Mme Mlle Sra Dra Messrs Profs Drs Gens Lts Ft",
    "Mt gen lt col maj sgt capt MR MRS DR SEN REP GOV GEN vs v cf viz ca approx incl",
)
_BEFORE_NUMBER = _words(
    "No Nos no nos Nr nr p pp P Pp Fig Figs fig figs Vol Vols vol Ch ch Chap chap Art Arts art Sec Sect",
    "sect Para para paras Res Prop Op op Ver ver Ep ep Pt pt Ex ex Rte Hwy Rm Apt Flt Sat Sun c",
)
# Each may end a sentence: it does when the next word is one that can only begin one.
_ABBREVIATIONS = _words(
    "Inc Corp Co Cos Ltd Bros PLC plc Pty Bhd Sdn Cie Jr Sr Esq St Sts Ste Ave Blvd Rd Ln Ct Pl Sq Pkwy",
    "Bldg Dept Div Univ Assn Natl Intl Avg Est Ph Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec JAN",
    "FEB APR AUG SEPT SEP OCT NOV DEC Mon Tue Tues Wed Thu Thur Thurs Fri Ala Ariz Ark Calif Colo Conn",
    "Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Penn Tenn Tex Va Vt",
    "Wash Wis Wyo Ont Que etc al est ed eds trans dept govt min max avg sec secs hr hrs mo mos yr",
    "yrs ft lb lbs oz tel ext ret",
)
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,3}")  # U.S, a.m, Ph.D, N.C
_INITIAL = re.compile(r"[A-ZÀ-ÞΑ-ΩА-Я]")
_BRANDS = _words("Yahoo Jeopardy E Oklahoma Joomla")  # written with an exclamation mark
_STARTERS = _words(
    "The He She It They We You I A An This That These Those There Here His Her Its Their Our My Your But",
    "And Or So Yet Nor If When While Where Why How What Who Whose Which Whether Because Since Although",
    "Though However Meanwhile Moreover Furthermore Nevertheless Nonetheless Still Also Then Thus",
    "Therefore Instead Otherwise Indeed Perhaps Maybe Once Until Unless After Before During Despite",
    "Following Under Over Among Amid Against In On At By For From With Without To As Of Into Through",
    "Throughout Within Between Earlier Later Now Today Yesterday Tomorrow Recently Currently Previously",
    "According Another Other Others Some Many Most Several Few Both Each Every Everyone Everybody Nobody",
    "Someone Anyone People All Any Not No Nothing More Less Only Even Just Such Asked Speaking Officials",
    "Police Experts Critics Authorities Witnesses Residents Activists Analysts",
)
_DOMAINS = _words("Com Org Net Gov Edu Co Io Tv Js Uk")


def split_sentences(text: str, start: int = 0) -> list[Span]:
    """Spans of the sentences from `start` on, in order, without the space around them.

    A blank line ends a sentence, and so does a line break that a writer made on purpose (a heading, a list
    item, a signature). Together the spans hold every character that is not space.

    >>> split_sentences("He left the U.S. today. She stayed.")
    [(0, 23), (24, 35)]
    """
    spans: list[Span] = []
    for first, last in _blocks(text, start):
        begin = first
        for match in _END.finditer(text, first, last):
            if match.end() < last and _ends_sentence(text, begin, last, match):
                _append(spans, text, begin, match.end())
                begin = match.end()
        _append(spans, text, begin, last)
    return spans


def _blocks(text: str, start: int) -> Iterator[Span]:
    """Stretches whose borders no sentence crosses."""
    for gap in _BLANK_LINE.finditer(text, start):
        yield from _lines(text, start, gap.start())
        start = gap.end()
    yield from _lines(text, start, len(text))


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """One paragraph, parted where a line break was meant: not where a line was merely wrapped."""
    if text.find("\n", start, end) < 0:
        yield start, end
        return
    lines = text[start:end].split("\n")
    width = max(map(len, lines))
    at = start
    for line, following in pairwise(lines):
        at += len(line) + 1
        if _meant(line.strip(), following.strip(), width):
            yield start, at - 1
            start = at
    yield start, end


def _meant(line: str, following: str, width: int) -> bool:
    """Whether the break between two lines of a paragraph `width` characters wide is the writer's own.

    A line that was wrapped had no room for the next word; one with room to spare ended on purpose.
    """
    if _BULLET.match(following):
        return True
    if not line or not following or following[0].islower() or line[-1] in ",;(—–-":
        return False
    spare = width - len(line) - len(following.split(None, 1)[0]) - 1
    return width < NARROW or spare >= width // 4


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    """Add the span without the space around it, cut if it is over-long; nothing where it is all space."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    while start < end:
        cut = _cut(text, start, end)
        spans.append((start, cut))
        start = cut
        while start < end and text[start].isspace():
            start += 1


def _cut(text: str, start: int, end: int) -> int:
    """Where the first piece of a sentence ends: at its end, or earlier where it is too long to stand."""
    window = min(end, start + MAX_CHARS)
    words = list(_WORD.finditer(text, start, window))
    if window == end and len(words) <= MAX_WORDS:
        return end
    # At most two thirds of what is left, so that the last piece is no scrap.
    limit = min(window, start + (end - start) * 2 // 3)
    stops = [word.end() for word in words[:MAX_WORDS] if word.end() < limit]
    if not stops:
        return limit
    half = start + (stops[-1] - start) // 2
    clauses = [mark.end() for mark in _CLAUSE_END.finditer(text, half, stops[-1])]
    return clauses[-1] if clauses else stops[-1]


def _ends_sentence(text: str, begin: int, last: int, match: re.Match[str]) -> bool:
    """Whether the sentence that began at `begin` ends with this mark; more text follows before `last`."""
    mark, close, after = match["mark"], match["close"], match.end()
    if mark[-1] in _EAST_ASIAN:
        return not (close and text[after] == "と")  # 「…。」と言った: "…", he said
    following = _FOLLOWING.match(text, after, last)
    if following is None:  # cannot be: every part of the pattern may be empty
        return False
    word = _word_before(text, begin, match.start())
    if not text[after].isspace():
        return _ends_unspaced(word, match, following)
    if not following["word"] and following["after"] in (",;:!?)" if word else ",;:!?)."):
        return False
    lower = following["word"][:1].islower() and not _QUOTES.intersection(following["open"])
    if close and (lower or (_QUOTES.intersection(close) and _SPEAKER.match(text, after, last))):
        return False
    if mark == ".":
        first = match.start() - begin <= 6 and text[begin : match.start()].strip() == word
        return _full_stop_ends(word, following, first=first)
    if mark[-1] in ".…":
        bracketed = match.start() > begin and text[match.start() - 1] in "([{"
        return not lower and not bracketed and (word != "" or _starts_sentence(following))
    return not lower and (word not in _BRANDS or _starts_sentence(following))


def _full_stop_ends(word: str, following: re.Match[str], *, first: bool) -> bool:
    """Whether a full stop after `word`, the `first` of its sentence or a later one, ends the sentence."""
    if first and (word.isdigit() or _INITIAL.fullmatch(word)):
        return False  # the number of a list item: 1. January 6
    if word in _BEFORE_NAME or (word in _BEFORE_NUMBER and following["word"][:1].isdigit()):
        return False
    if word in _ABBREVIATIONS or _INITIAL.fullmatch(word) or _DOTTED.fullmatch(word):
        return _starts_sentence(following)
    return True


def _ends_unspaced(word: str, match: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a sentence ends where a space was forgotten: `the village.The army` but not `example.Com`."""
    prose = word[-2:].isalpha() and word[-2:].islower() and "." not in word and "@" not in word
    known = word in _BEFORE_NAME or word in _ABBREVIATIONS
    begins = following["word"][:1].isupper() and following["word"] not in _DOMAINS
    whole = following["after"] in " \n,'’"  # holds for "" too: the end of the text
    return begins and whole and not known and (prose or not _QUOTES.isdisjoint(match["close"]))


def _starts_sentence(following: re.Match[str]) -> bool:
    """Whether the next word is one that begins sentences rather than names."""
    dashed = not _DASHES.isdisjoint(following["open"])  # LOUISVILLE, Ky. — A man …
    return following["word"] in _STARTERS and following["after"] != "." and not dashed


def _word_before(text: str, begin: int, end: int) -> str:
    """The word that ends at `end`; "" after a space."""
    found = _LAST_WORD.search(text, max(begin, end - LOOK_BACK), end)
    return found.group() if found else ""
