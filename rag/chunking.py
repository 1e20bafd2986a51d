"""Article → sentences → passages, all as exact offsets into the stored text.

The rules are written out rather than learned: news has a small stock of abbreviations, and a rule that breaks
wrongly can be read and put right. Every pattern looks at a bounded stretch of text or never re-reads what it
has matched, so that time grows with the length of the text whatever it holds.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from rag.domain import Article, Passage

Span = tuple[int, int]

MAX_WORDS = 100  # what runs longer without an end mark is a table, a list or a transcript, and is cut
MAX_CHARS = 1_000
LOOK_BACK = 24  # characters that are read before a full stop; no abbreviation is longer

_BLANK_LINE = re.compile(r"\n[^\S\n]*+(?:\n[^\S\n]*+)++|\u2029")
_BULLET = re.compile(r"[-*•‣◦·▪●■]\s|\d{1,2}[.)]\s+[^\W\d_]")
_WORD = re.compile(r"\S++")
_CLAUSE_END = re.compile(r"[;,،、；，:：—–](?=\s)|[、；，：]|\n")

# An end mark with the quotes, brackets and footnote numbers that close behind it. It matches without looking
# ahead: a pattern that could fail after a long run of marks would be tried again from every mark in the run.
_END = re.compile(
    r"(?P<mark>[.!?…‽؟۔。！？｡।]++)"
    r"(?P<close>(?:[\"'”’»)\]}›」』）】*]|[ \u00a0\u202f](?=»)|\[\d{1,3}\])*+)"
)
_FOLLOWING = re.compile(
    r"\s*+(?P<open>(?:[\"'“‘„«‹(\[{¿¡「『*—–-]|(?<=[—–-])\s|(?<=«)\s)*+)(?P<word>[^\W_]{0,30})(?P<after>.?)",
    re.S,
)
_LAST_WORD = re.compile(r"[^\s—–/(\[\"“‘'-]*\Z")
_EAST_ASIAN = frozenset("。！？｡")
_QUOTES = frozenset("\"'”’»›」』")
_OPEN_BRACKETS = frozenset("([{")

# “Why?” Smith asked. / “Go home!” the police chief, Ann Lee, told them: the speaker belongs to the quotation.
_SPEAKER = re.compile(
    r"\s+(?:[A-Z][^\s,;:?!]{0,30}\s){1,4}"
    r"(?:said|says|asked|asks|told|tells|wrote|writes|added|adds|replied|tweeted|shouted|wondered|joked|recalled)"
    r"(?=[.,:;]|\s+(?:in|on|at|to|during|after|before|as|of|when|while|with|via)\b)"
)

# Each stands before a name and never ends a sentence.
_BEFORE_NAME = frozenset(
    "Mr Mrs Ms Mx Dr Prof Gen Lt Col Maj Capt Sgt Cpl Pvt Cmdr Cdr Adm Brig Sen Sens Rep Reps Gov Govs Rev Hon Pres "
    "Amb Fr Msgr Supt Insp Det Atty Asst Sec Ald Mme Mlle Sra Dra Messrs Profs Drs Gens Lts Ft Mt "
    "vs v cf e.g i.e viz ca approx incl gen lt col maj sgt capt".split()
)
_BEFORE_NUMBER = frozenset(
    "No Nos no nos Nr nr p pp P Pp Fig Figs fig figs Vol vol Vols Ch ch Chap chap Art art Arts Sect sect Para para "
    "paras Res Op op Ver ver Ep ep Pt pt Ex ex Rte Hwy Rm Apt Ste Bldg Flt Sat Sun circa c".split()
)
# Each may also end a sentence: it does when the next word can only begin one.
_ABBREVIATIONS = frozenset(
    "Inc Corp Co Cos Ltd Bros LLC PLC plc Jr Sr Esq St Sts Ave Blvd Rd Ln Ct Pl Sq Pkwy Dept Div Univ Assn Bldg Natl Intl "
    "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri "
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Penn "
    "Tenn Tex Va Vt Wash Wis Wyo Ont Que "
    "etc al est ed eds trans dept govt min max avg sec secs hr hrs mo mos yr yrs ft lb lbs oz mph sq mi km kg mm cm "
    "am pm tel ext nee ret rev repr temp misc Ph PhD Bhd Sdn Pty GmbH Cie Ste Tel Ext Ed Eds Trans Ret Est Gov't".split()
)
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{0,4}")
_INITIAL = re.compile(r"[A-ZÀ-ÞΑ-ΩА-Я]|Th|Ch|Yu|Sh|Zh")
_BRANDS = frozenset(("Yahoo", "Jeopardy", "E", "Oklahoma", "Joomla"))
_STARTERS = frozenset(
    "The He She It They We You I A An This That These Those There Here His Her Hers Its Their Our My Your "
    "But And Or So Yet Nor If When While Where Why How What Who Whose Which Whether Because Since Although Though "
    "However Meanwhile Moreover Furthermore Nevertheless Nonetheless Still Also Then Thus Therefore Instead Otherwise "
    "Indeed Perhaps Maybe Once Until Unless After Before During Despite Following Under Over Among Amid Against "
    "In On At By For From With Without To As Of Into Through Throughout Within Between Earlier Later Now Today "
    "Yesterday Tomorrow Recently Currently Previously According Another Other Others Some Many Most Several Few Both "
    "Each Every Everyone Everybody Nobody Someone Anyone People All Any Not No Nothing More Less Only Even Just Such "
    "Asked Speaking Officials Police Experts Critics Authorities Witnesses Residents Activists Analysts "
    "Don't Didn't It's He's She's They're We're That's There's I'm I've".split()
)
_DOMAINS = frozenset("Com Org Net Gov Edu Co Io Tv Js Uk".split())


def split_sentences(text: str, start: int = 0) -> list[Span]:
    """Spans of the sentences from `start` on, in order, without the space around them.

    A blank line ends a sentence, and so does a line break that a writer made on purpose (a heading, a list item, a
    signature). Together the spans hold every character of the text that is not space.

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


def split_passages(article: Article, *, words: int, overlap: int) -> list[Passage]:
    """Passages of about `words` words: whole sentences, of which neighbours share `overlap`.

    A passage holds at most 1¼ × `words`, unless one sentence alone is longer; the shared sentences are fewer where
    they would fill half of the next passage.
    """
    sentences = split_sentences(article.text, article.body_start)
    ends = [article.body_start, *(end for _, end in sentences)]
    sizes = [_size(article.text, *span) for span in pairwise(ends)]
    left = sum(sizes)
    passages: list[Passage] = []
    begin = end = 0  # sentence numbers
    while end < len(sentences):
        size = sum(sizes[begin:end])
        fresh = end
        while end < len(sentences) and (end == fresh or size + sizes[end] <= words or left < words / 4):
            size += sizes[end]
            left -= sizes[end]
            end += 1
        passages.append(_passage(article, len(passages), sentences[begin][0], sentences[end - 1][1]))
        begin = end
        while begin > fresh and end - begin < overlap and sum(sizes[begin - 1 : end]) <= words / 2:
            begin -= 1
    return passages


def _passage(article: Article, number: int, start: int, end: int) -> Passage:
    return Passage(
        id=f"{article.id}:{article.sha256[:12]}:{number}",
        article_id=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
    )


def _size(text: str, start: int, end: int) -> int:
    """Length in words. Ten characters count as one: some scripts put no space between words, some tables much."""
    return max(len(text[start:end].split()), (end - start) // 10)


def _blocks(text: str, start: int) -> Iterator[Span]:
    """Stretches that no sentence crosses."""
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

    A wrapped line is one that had no room for the next word. Nobody wraps news below 40 characters.
    """
    if _BULLET.match(following):
        return True
    if not line or not following or following[0].islower() or line[-1] in ",;(—–-":
        return False
    room = width - len(line)
    return width < 40 or len(following.split(None, 1)[0]) + 1 + width // 4 <= room


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
    """Whether the sentence that began at `begin` ends with this mark; text follows before `last`."""
    mark, close, after = match["mark"], match["close"], match.end()
    if mark[-1] in _EAST_ASIAN:
        return not (close and text[after] == "と")  # 「…。」と言った: "…", he said
    word = _word_before(text, begin, match.start())
    following = _FOLLOWING.match(text, after, last)
    if following is None or following["after"] and not following["word"] and following["after"] in ".,;:!?)":
        return False
    if not text[after].isspace():
        return _ends_unspaced(text, word, match, following)
    lower = following["word"][:1].islower() and not _QUOTES.intersection(following["open"])
    if close and (lower or (_QUOTES.intersection(close) and _SPEAKER.match(text, after, last))):
        return False
    if mark == ".":
        return _full_stop_ends(text, begin, match, word, following)
    if mark == "…" or mark.startswith(".."):
        bracketed = match.start() > begin and text[match.start() - 1] in _OPEN_BRACKETS
        return not lower and not bracketed and (word != "" or _starts_sentence(following))
    return not lower and (mark != "!" or word not in _BRANDS or _starts_sentence(following))


def _full_stop_ends(text: str, begin: int, match: re.Match[str], word: str, following: re.Match[str]) -> bool:
    """Whether a single full stop after `word` ends the sentence, or marks an abbreviation or a list number."""
    if word in _BEFORE_NAME:
        return False
    if word in _BEFORE_NUMBER and following["word"][:1].isdigit():
        return False
    if word in _ABBREVIATIONS or _INITIAL.fullmatch(word) or _DOTTED.fullmatch(word):
        return _starts_sentence(following)
    listed = word.isdigit() and len(word) <= 3 and text[begin : match.start()].strip() == word
    return not listed


def _ends_unspaced(text: str, word: str, match: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a sentence ends where a space was forgotten: `the village.The army` but not `example.Com`."""
    prose = word[-2:].isalpha() and word[-2:].islower() and not _DOTTED.search(word) and "@" not in word
    known = word in _BEFORE_NAME or word in _ABBREVIATIONS
    begins = following["word"][:1].isupper() and following["word"] not in _DOMAINS
    whole = following["after"] == "" or following["after"] in " \n,'’"
    return begins and whole and not known and (prose or bool(_QUOTES.intersection(match["close"])))


def _starts_sentence(following: re.Match[str]) -> bool:
    """Whether the next word is one that begins sentences rather than names."""
    return following["word"] in _STARTERS and following["after"] != "."


def _word_before(text: str, begin: int, end: int) -> str:
    """The word that ends at `end`, or "" after a space."""
    found = _LAST_WORD.search(text, max(begin, end - LOOK_BACK), end)
    return found.group() if found else ""
