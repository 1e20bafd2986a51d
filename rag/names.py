"""Names in the spellings that news gives them: Deir ez-Zor, Dayr al-Zawr; Daesh, ISIS; and typing errors.

Arabic, Persian, Russian and Turkish names are written in Latin letters by many rules. What the rules agree on are
the consonants, roughly: the *sound* of a name is those, with letters that stand for each other made one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from rag.language import STOPWORDS, fold

SHORTEST_SOUND = 3  # consonants; two are shared by too many words
SHORTEST_NAME = 3  # letters
_NO_NAMES = STOPWORDS | frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
_CAPITALISED = re.compile(r"(?<![\w'’])(?:[A-ZÀ-ÞĀ-Ž][\w'’ʿʾ`]*)")
_JOINT = r"(?:-(?:e|i|ye))?[ -](?:(?:al|el|ul|us|ash|as|ad|ar|an|at|az|ez|es|ed|er|i)[ -])?"
# What stands between the parts of a name without belonging to it.
_BETWEEN = re.compile(_JOINT, re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:al|el|ul|ash|as|ad|ar|an|at|az|ez|es)[ -](?=.{3})")
# Letters that one rule of romanisation writes for what another writes otherwise, and the one that stands for all.
_ONE_SOUND = (
    ("tsch", "s"), ("dsch", "s"), ("sch", "s"), ("tch", "s"), ("dzh", "s"), ("tsj", "s"), ("dj", "s"), ("zh", "s"),
    ("sh", "s"), ("sj", "s"), ("zj", "s"), ("ts", "s"), ("tz", "s"), ("cz", "s"), ("sz", "s"), ("dz", "s"), ("kh", "k"),
    ("gh", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("x", "ks"),
)  # fmt: skip
# What a letter is worth depends on the language that the rule was made for. A name is read by each of these: English
# and French; German, Polish, Scandinavian, where j is a vowel; Egyptian and Turkish, where g or c is another's j.
_READINGS = (
    (("ch", "s"), ("ce", "se"), ("ci", "si"), ("c", "k"), ("g", "k"), ("j", "s")),
    (("ch", "k"), ("c", "s"), ("g", "k"), ("j", "y"), ("w", "f")),
    (("ch", "s"), ("c", "s"), ("ge", "se"), ("gi", "si"), ("ga", "sa"), ("gu", "su"), ("g", "k"), ("j", "s")),
)  # fmt: skip
_LETTERS = str.maketrans({"q": "k", "z": "s", "p": "b", "v": "f"})
_DIPHTHONG = re.compile(r"(?<=[aeiou])w(?![aeiou])")  # Zawr, Zor

# Groups and bodies with several names in common use, as news writes them. A general list, not one place's.
_FAMILIES = """
Daesh|Da'esh|Daish|ISIS|ISIL|IS|Islamic State; PKK|Kurdistan Workers' Party; YPG|People's Protection Units;
SDF|QSD|Syrian Democratic Forces; FSA|Free Syrian Army; HTS|Hay'at Tahrir al-Sham|Tahrir al-Sham|Nusra Front|Jabhat
al-Nusra; SOHR|Syrian Observatory for Human Rights; IRGC|Revolutionary Guards|Revolutionary Guard Corps; PMF|PMU|Popular
Mobilization|Hashd al-Shaabi; Houthis|Huthis|Ansar Allah|Ansarullah; Hezbollah|Hizbullah|Hizballah|Hizbollah;
Taliban|Taleban; Al-Qaeda|al-Qaida|Al-Qa'ida; IDF|Israel Defense Forces|Israeli army; PA|Palestinian Authority;
UN|United Nations; EU|European Union; NATO|North Atlantic Treaty Organization; WHO|World Health Organization;
IMF|International Monetary Fund; IAEA|International Atomic Energy Agency; OPCW|Organisation for the Prohibition of
Chemical Weapons; UNHCR|UN refugee agency; UNICEF|UN children's agency; WFP|World Food Programme|World Food Program;
ICC|International Criminal Court; ICJ|International Court of Justice; MSF|Doctors Without
Borders|Médecins Sans Frontières;
HRW|Human Rights Watch; ICRC|International Committee of the Red Cross; ECB|European Central Bank; WTO|World Trade
Organization; OPEC|Organization of the Petroleum Exporting Countries; FBI|Federal Bureau of Investigation; CIA|Central
Intelligence Agency; CDC|Centers for Disease Control; FDA|Food and Drug Administration; FAA|Federal Aviation
Administration; DOJ|Justice Department|Department of Justice; DHS|Homeland Security; SEC|Securities and Exchange
Commission; IRS|Internal Revenue Service; NASA|National Aeronautics and Space Administration; GOP|Republican
Party|Republicans;
FARC|Revolutionary Armed Forces of Colombia; ETA|Basque Homeland and Liberty; AKP|Justice and Development Party;
Kyiv|Kiev; Türkiye|Turkey; Myanmar|Burma; Czechia|Czech Republic; Eswatini|Swaziland; DPRK|North Korea; DRC|Democratic
Republic of Congo|DR Congo; UAE|United Arab Emirates; UK|United Kingdom|Britain; Mumbai|Bombay; Beijing|Peking
"""


@lru_cache(maxsize=200_000)
def sounds(name: str) -> frozenset[str]:
    """The consonants of a name as different transliterations share them; none where there are too few to tell.

    >>> sounds("Deir ez-Zor") & sounds("Dayr al-Zawr") & sounds("Deir Ezzor")
    frozenset({'drsr'})
    """
    found = (re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouyhw]", "", spoken)) for spoken in _spoken(name))
    return frozenset(each for each in found if len(each) >= SHORTEST_SOUND)


@lru_cache(maxsize=200_000)
def patterns(name: str) -> frozenset[str]:
    """The same with an "a" wherever vowels stand: what two spellings of a short name still share.

    >>> patterns("Raqqa") == patterns("ar-Raqqah")
    True
    """
    found = (re.sub(r"([^a])\1+", r"\1", re.sub(r"[aeiouyhw]+", "a", spoken)) for spoken in _spoken(name))
    return frozenset(each for each in found if len(each) > 1)


def _spoken(name: str) -> list[str]:
    folded = _BETWEEN.sub(" ", _ARTICLE.sub("", fold(name).translate(_MORE_LETTERS)))
    letters = re.sub(r"[^a-z]", "", folded)
    for written, one in _ONE_SOUND:
        letters = letters.replace(written, one)
    found = []
    for rule in _READINGS:
        spoken = letters if rule is _READINGS[1] else _DIPHTHONG.sub("", letters)
        for written, one in rule:
            spoken = spoken.replace(written, one)
        found.append(spoken.translate(_LETTERS))
    return found


_MORE_LETTERS = str.maketrans(
    {"ı": "i", "ə": "e", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae"}
)


def name_words(text: str) -> Iterator[str]:
    """The capitalised words of a text, and each two that stand together as one: "Deir", "Zor" and "Deir ez-Zor"."""
    before: re.Match[str] | None = None
    for word in _CAPITALISED.finditer(text):
        if len(word[0]) >= SHORTEST_NAME and word[0].lower() not in _NO_NAMES:
            yield word[0]
            if before is not None and _BETWEEN.fullmatch(text, before.end(), word.start()):
                yield text[before.start() : word.end()]
            before = word
        else:
            before = None


@lru_cache(maxsize=1)
def _families() -> dict[str, tuple[str, ...]]:
    groups = [tuple(" ".join(name.split()) for name in group.split("|")) for group in _FAMILIES.split(";")]
    return {_key(name): group for group in groups for name in group}


def _key(name: str) -> str:
    # Abbreviations count in capitals only: "is" and "who" are words.
    return name if name.isupper() and len(name) <= 4 else fold(name).replace("-", " ")


def other_names(text: str) -> list[str]:
    """The other names in common use of whatever the text names: for Daesh, ISIS and the rest of the family."""
    words = re.findall(r"[\w'’-]+", text)
    found: dict[str, None] = {}
    for size in range(6, 0, -1):
        for place in range(len(words) - size + 1):
            name = " ".join(words[place : place + size])
            for other in _families().get(_key(name), ()):
                if _key(other) != _key(name):
                    found[other] = None
    return list(found)
