"""English as news writes it: words and their stems, names and their variants, numbers in words and digits.

Pure functions over text; offsets count code points of the text given.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

import tantivy

# Function words, and words that only ask: they carry no content to look for.
STOPWORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has have having he
    her here hers herself him himself his how i if in into is it its itself just many may me might more most
    much must my myself no nor not now of off on once only or other our ours out over own per s same shall she
    should so some such t than that the their theirs them themselves then there these they this those though
    through to too under until up upon us very was we were what when where whether which while who whom whose
    why will with within without would yet you your yours according""".split()
)

_WORD = re.compile(r"(?:[A-Z]\.){2,}|\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Token:
    """One word with its place; `stem` is folded to ASCII, lower case and stemmed."""

    text: str
    start: int
    end: int
    stem: str

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Number:
    """A quantity in digits or words: "20", "twenty", "1.5 million", "2,000"."""

    value: float
    start: int
    end: int


@cache
def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The index form of a word: as the keyword index stems it, dots of abbreviations aside."""
    found = _analyzer().analyze(word.replace(".", ""))
    return found[0] if found else word.lower()


def tokens(text: str) -> list[Token]:
    """The words of a text, in order; "U.S." is one word, "US-led" two."""
    return [
        Token(match[0], match.start(), match.end(), stem(match[0]))
        for match in _WORD.finditer(text)
        if match[0].strip("_")
    ]


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order, without their places: in a tenth of the time of `tokens`."""
    return list(map(_STEMS.__getitem__, text.replace("-", " ").split()))


class _Stems(dict[str, str]):
    """Words, with what punctuation clings to them, by stem; quicker to look up than a cached function."""

    most = 200_000

    def __missing__(self, word: str) -> str:
        if len(self) >= self.most:
            self.clear()
        found = _WORD.search(word)
        self[word] = stem(found[0]) if found else ""
        return self[word]


_STEMS = _Stems()


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Lower case without accents, apostrophes or doubled blanks, to compare names by."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’‘ʿʾ`")
    return " ".join(plain.lower().split())


# --- numbers ---------------------------------------------------------------------------------------------------

_UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()
    )
}
_TENS = {
    word: 10 * (place + 2)
    for place, word in enumerate("""twenty thirty forty fifty sixty seventy eighty ninety""".split())
}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "mn": 1e6, "bn": 1e9, "m": 1e6, "k": 1e3,
}  # fmt: skip
_ONES = "|".join(word for word, value in _UNITS.items() if 0 < value < 10)
_TO_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{_ONES}))?|{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
_TO_999 = rf"(?:(?:{_TO_99}|an?)[ -]hundred\b(?:[ -](?:and\ )?{_TO_99})?|{_TO_99})"
_SCALE = r"(?:thousand|million|billion|trillion)\b"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(
    rf"""(?<![\w.,])(?:
      (?P<digits>{_DIGITS})(?:[ -]?(?P<scale>hundred|thousand|million|billion|trillion|mn|bn|m|k)\b)?
    | half\ an?\ (?P<half>{_SCALE})
    | (?P<vague>dozens|scores|hundreds|thousands|millions|billions|a\ dozen|dozen
        |(?:several|a\ few)\ (?:dozen|hundred|thousand|million|billion))\b
    | (?P<words>(?:{_TO_999}|an?)[ -]{_SCALE}(?:[ -](?:and\ )?{_TO_999}[ -]{_SCALE})*(?:[ -](?:and\ )?{_TO_999})?
        |{_TO_999})
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_VAGUE = {"dozen": 12.0, "a dozen": 12.0}


def numbers(text: str) -> list[Number]:
    """The quantities of a text. A vague one ("dozens") has the value NaN: it equals no other."""
    return list(_numbers(text))


def _numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            scale = (match["scale"] or "").lower()
            if scale in ("m", "k") and text[match.start() - 1 : match.start()] not in ("$", "€", "£", "¥"):
                scale = ""  # metres, and the like
            value = float(match["digits"].replace(",", "")) * _SCALES.get(scale, 1.0)
        elif match["half"]:
            value = _SCALES[match["half"].lower()] / 2
        elif match["words"]:
            value = _spelled(match["words"])
        else:
            value = _VAGUE.get(match["vague"].lower(), float("nan"))
        yield Number(value, match.start(), match.end())


def _spelled(words: str) -> float:
    total, current = 0.0, 0.0
    for word in re.split(r"[ -]+", words.lower().strip()):
        if word in ("a", "an"):
            current = 1
        elif word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
    return total + current


# --- names -----------------------------------------------------------------------------------------------------

# The capitals of any language written in Latin letters.
_CAPITAL = "".join(filter(str.isupper, map(chr, (*range(0x0250), *range(0x1E00, 0x1F00)))))
_NAME_WORD = (
    rf"(?:[A-Z]\.){{2,}}|(?:(?:al|el|ash|ad|as|ar|an|at|az|an)[-‑])?[{_CAPITAL}][\w'’]*(?:[-‑][\w'’]+)*"
)
_JOINER = r"(?:of|the|for|bin|bint|ibn|de|da|di|del|la|le|van|von|der|den|al|el|ul|du|and)"
_NAME = re.compile(rf"(?<![\w])(?:{_NAME_WORD})(?:(?:[ ]{_JOINER}){{0,2}}[ ](?:{_NAME_WORD}))*")
_NOT_NAMES = STOPWORDS | frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mr mrs ms dr yes""".split()
)
# One bearer, several names in common use. Spelling variants of one name are matched by `same_word`.
_ALIASES: tuple[frozenset[str], ...] = (
    frozenset({"us", "usa", "united states", "united states of america", "america", "american", "americans",
               "washington"}),
    frozenset({"uk", "united kingdom", "britain", "great britain", "british", "london"}),
    frozenset({"un", "united nations"}),
    frozenset({"eu", "european union"}),
    frozenset({"isis", "isil", "daesh", "islamic state"}),
    frozenset({"russia", "russian", "russians", "moscow", "kremlin"}),
    frozenset({"syria", "syrian", "syrians", "damascus"}),
    frozenset({"turkey", "turkish", "turks", "ankara", "turkiye"}),
    frozenset({"iran", "iranian", "iranians", "tehran"}),
    frozenset({"iraq", "iraqi", "iraqis", "baghdad"}),
    frozenset({"france", "french", "paris"}),
    frozenset({"germany", "german", "germans", "berlin"}),
    frozenset({"china", "chinese", "beijing"}),
    frozenset({"ukraine", "ukrainian", "ukrainians", "kyiv", "kiev"}),
    frozenset({"israel", "israeli", "israelis"}),
    frozenset({"uae", "united arab emirates", "emirati"}),
)  # fmt: skip


def names(text: str) -> list[tuple[int, int]]:
    """Spans of capitalised names. The first word of the text counts only when it is not a function word."""
    spans = []
    for match in _NAME.finditer(text):
        name = re.sub(r"['’]s?$", "", match[0])
        words = name.split()
        start = match.start()
        while words and fold(words[0]) in _NOT_NAMES and words[0] not in ("US",):
            start += len(words[0]) + 1
            words.pop(0)
        if words:
            spans.append((start, match.start() + len(name)))
    return spans


def aliases(name: str) -> frozenset[str]:
    """The folded names in common use for the bearer of a name, itself included."""
    key = fold(name.replace(".", ""))
    return next((group for group in _ALIASES if key in group), frozenset({key}))


def encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer and no JSON takes, as question marks: one for one."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


# --- one word, several forms and spellings -----------------------------------------------------------------------

SHORTEST_NAME = 4  # letters that two names of one place and its people share at least
# How they end after that: Syria/Syrian, Turkey/Turkish, Italy/Italians; not Niger/Nigeria, Austria/Australia.
ENDINGS = frozenset(["", *"n ns an ans ian ians i is ese s y ey ish ain en e a".split()])


def same_word(one: Token, other: Token) -> bool:
    """One word in two forms or spellings: killed/killing, Syria/Syrian, Baghuz/Baghouz."""
    if one.stem == other.stem:
        return True
    if not (one.is_capitalised and other.is_capitalised):
        return False
    left, right = one.text.lower(), other.text.lower()
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
    if shared >= SHORTEST_NAME and {left[shared:], right[shared:]} <= ENDINGS:
        return True
    return len(skeleton(one.text)) >= 3 and skeleton(one.text) == skeleton(other.text)


@lru_cache(maxsize=100_000)
def skeleton(word: str) -> str:
    """What survives transliteration: the consonants, doubled ones once; vowels vary with the writer."""
    kept = ""
    for character in fold(word):
        if character not in "aeiouyhw" and not kept.endswith(character):
            kept += character
    return kept
