"""The agencies and outlets that a text credits for what it reports.

A name counts only where the text leans on it: `Presstv reported`, `told SANA`, `(AP) —`, a final `MNA/SANA`.
To be mentioned is not to be credited, and a source who is quoted (an observatory, a ministry) is no outlet.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import compress, islice, pairwise
from typing import NamedTuple

REACH = 90  # characters that are read on either side of a name
CREDIT_LINE = 60  # characters; a longer bracket or closing line says more than whose report it is

# Those that sell their reports, then the rest: parted by semicolons, the spellings of one by bars, without `The`.
_AGENCIES = """
AP|Associated Press; AFP|Agence France-Presse|Agence France Presse; Reuters|REUTERS|Thomson Reuters;
UPI|United Press International; SANA|Sana|Syrian Arab News Agency; MNA|Mehr|Mehr News Agency;
FNA|Fars|Fars News Agency; IRNA|Islamic Republic News Agency; Tasnim|Tasnim News Agency;
ISNA|Iranian Students News Agency|Iranian Students' News Agency; Xinhua|Xinhua News Agency;
TASS|Tass|ITAR-TASS|Itar-Tass; RIA Novosti|RIA|Ria Novosti; Sputnik|Sputnik News; Interfax; Anadolu
Agency|Anadolu|Anatolia|Anadolu News Agency|AA; Dogan|Dogan News Agency|DHA; Kyodo|Kyodo News;
Yonhap|Yonhap News Agency; KCNA|Korean Central News Agency; dpa|DPA|Deutsche Presse-Agentur; EFE;
ANSA; PTI|Press Trust of India; ANI|Asian News International; AAP|Australian Associated Press; PA|PA
Media|Press Association; Canadian Press; KUNA|Kuwait News Agency; WAM|Emirates News Agency;
SPA|Saudi Press Agency; QNA|Qatar News Agency; MENA|Middle East News Agency; NNA|National News
Agency; Petra; WAFA|Wafa; Ukrinform; Amaq|Aamaq|Amaq News Agency; ARA News; NTB; Ritzau; TT|TT News
Agency; STT; ANP; Belga; APA|Austria Press Agency; Keystone-SDA; ČTK|CTK; PAP; MTI; Agerpres; BTA;
Tanjug; Lusa|LUSA; Europa Press; Antara; Bernama; Jiji|Jiji Press
"""
_OTHERS = """
Press TV|PressTV|Presstv|PRESS TV; RT|Russia Today; Al Jazeera|Al-Jazeera|al-Jazeera|Aljazeera; Al
Arabiya|Al-Arabiya|al-Arabiya; Al Mayadeen|Al-Mayadeen|al-Mayadeen|Al-Mayadin|al-Mayadin;
Al-Manar|Al Manar|al-Manar; Al-Alam|Al Alam|al-Alam;
Al-Ikhbariya|Al-Ikhbariyah|al-Ikhbariya|al-Ikhbariyah; Asharq Al-Awsat|Asharq al-Awsat; Al-Watan|Al
Watan|al-Watan; Haberturk|Habertürk; Al-Masdar|Al Masdar|al-Masdar|Al-Masdar News|Al Masdar
News|al-Masdar News; New Arab|Al-Araby Al-Jadeed|al-Araby al-Jadeed; TRT|TRT World|TRTWorld; Daily
Sabah; Hurriyet|Hürriyet; Haaretz; Rudaw; Middle East Eye; Times of Israel; Times of India; CNN|CNN
Business; BBC|BBC News; CBS|CBS News; NBC|NBC News; ABC|ABC News; MSNBC; CNBC; NPR; PBS; Fox
Business; ESPN; Bloomberg|Bloomberg News; New York Times|NYT; Washington Post; Wall Street
Journal|WSJ; USA TODAY|USA Today; Politico|POLITICO; Axios; Hill; Guardian; Independent; Economist;
Atlantic; Athletic; Der Spiegel|Spiegel; Le Monde; Le Figaro; El País|El Pais; Corriere della Sera;
La Repubblica; People's Daily; CCTV; NHK; Kommersant; Izvestia; Newsweek; Variety; Deadline; Rolling
Stone; Vanity Fair; ProPublica; HuffPost|Huffington Post; Business Insider; Daily Mail; TMZ;
Deutsche Welle|DW; Voice of America|VOA; Radio Free Europe|RFE/RL; Long War Journal
"""
# More often something or somebody else: these need a credit line, `X reported` or `X news agency`.
_DOUBTFUL = frozenset(
    [
        "AA",
        "ANI",
        "Anatolia",
        "Bloomberg",
        "DW",
        "Deadline",
        "Fars",
        "MENA",
        "MTI",
        "Mehr",
        "PA",
        "PAP",
        "Petra",
        "RIA",
        "STT",
        "TT",
        "ANP",
        "APA",
        "Antara",
        "BTA",
        "Belga",
    ]
)
_AFTER_THE = frozenset(["Athletic", "Atlantic", "Economist", "Guardian", "Hill", "Independent", "New Arab"])
_CAPITALISED = re.compile(r"[A-Z]\w*+|\bdpa\b")
_NAME_END = re.compile(r"s?(?![\w@]|\.[a-z]| V\b)")  # SANAs correspondent; not CNN.com, not Sputnik V

# What outlets that are not listed call themselves. It takes a name before it, and a credit.
_UNLISTED = re.compile(
    r" (?:News(?: Agency| Network)?|Press Agency|Times|Post|Herald|Tribune|Journal|Gazette|TV|Television"
    r"|Radio|Telegraph|Chronicle|Globe|Dispatch|(?<!Medical )Examiner|Sentinel|Courier|Inquirer|Free Press"
    r"|(?P<kind>(?<!’s )news agency(?! [A-Z])))(?![\w-]| of )"
)
_UNLISTED_LEAD = re.compile(r"(?<![\w-])(?:(?:[Aa]l[- ])?[A-Z][\w’&-]*+ ){0,3}(?:[Aa]l[- ])?[A-Z][\w’&-]*+\Z")
# What stands before a name without belonging to it; `Syrian TV`, `State TV` describe an outlet and name none.
_NATION = r"(?:(?:North|South) )?(?:[A-Z][a-z]+(?:ian|ish|ese|ean|man|iot|qi)|Saudi|French|Dutch|Swiss|Thai)"
_NO_NAME = re.compile(
    r"(?:(?:A|According|After|Also|An|And|As|At|Before|But|By|Citing|Earlier|EU|For|From|He|Her|His|However|If|In|It"
    r"|Its|Later|Local|Meanwhile|National|Official|On|Our|Quoting|She|Since|So|Some|State|State-run|The|Their|Then"
    r"|They|This|To|UK|UN|US|When|While|With|Fake|Breaking|Related|Latest|Live|Category"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\w+-(?:based|language|run|owned|backed|affiliated|operated)"
    rf"|{_NATION}(?= (?:State |National |[A-Z]\w+ (?=news))?(?:TV|Television|Radio|news agency)\b)) )+"
)

_SECTION = re.compile(r"(?:World|Top|Sports?|Business|Politics|Entertainment) ")  # "World News"

_KIND = (
    r"(?:(?:news|press|wire|state|national|official|state-run|English-language|Arabic|satellite|TV) )*"
    r"(?:agency|newspaper|daily|tabloid|magazine|network|channel|broadcaster|station|television|TV|outlet|website"
    r"|correspondent|reporter|journalist|photographer|witness|affiliate)s?"
)
_SAYS = (
    r"(?:reported|reports|reporting|said|says|saying|quoted|quotes|quoting|cited|cites|citing|wrote|writes"
    r"|broadcast|aired|added|adds|revealed|learned|noted|notes|saw|confirmed|claimed|claims|contributed"
    r"|contributing|showed|put)"
)
_PERSON = r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}"
_CREDITED_BEFORE = re.compile(
    r"(?:\b(?:told|tells|telling|[Aa]ccording to|[Cc]iting|[Qq]uoting|cited|quoted|cites|quotes)"
    r"|\bContributing:"
    r"|\b(?:reported|reports?|quoted|quoted as saying|cited|carried|published|aired|broadcast|seen|obtained"
    r"|reviewed|verified|interviewed|contacted|reached|tweeted)(?: \w+day)? (?:by|in|on)"
    rf"|\b(?:[Ss]aid|says|wrote|writes)(?: {_PERSON})?(?: \w+day)? (?:to|in|for|on)"
    r"|\b(?:[Ss]peaking|spoke|[Tt]alking|talked|explained|confirmed|interview|statements?|call|op-ed|reports?)"
    r"(?: \w+day)? (?:to|with|in|for|from)"
    rf"|\bBy {_PERSON},"
    r"|news agency|newspaper|channel|broadcaster)"
    rf"\s+(?:(?:the|a|an|its|their)\s+)?(?:(?:[\w.'’-]+\s+){{0,4}}{_KIND},?\s+)?(?:[Tt]he\s+)?[\"“]?\Z"
)
_TITLE = r"(?: News(?: Network)?)?(?:['’]s?|s)?[\"”]?(?: \([A-Z]+\))?"  # what may yet belong to a name
_WHEN = r"(?: (?:has|have|had|also|later|first|earlier|meanwhile|however|on|late|early|\w+day)){0,3}"
_CREDITED_AFTER = re.compile(
    rf"{_TITLE}(?: {_KIND}(?: (?:in|at|on|from|near) [^.;!?\n]{{1,40}}?)?)?{_WHEN} {_SAYS}\b(?! (?:it|they) )"
    r"|(?:['’]s?|s)? (?:report|tally|dispatch)\b|, (?:citing|quoting)\b| Staff\b| Trust Principles\b"
)
_CREDITED_SURELY = re.compile(
    rf"{_TITLE}(?: [Nn]ews [Aa]gency\b|(?: {_KIND})?{_WHEN} (?:reported|reports)\b)"
)

# Credit lines: `AFP Wednesday 22 Jul 2015`, `Source: SANA`, `Damascus, SANA –`, `(AP, AFP)`, `MNA/SANA`.
_DATE_BEHIND = re.compile(
    r",? (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \d{1,2} [A-Z][a-z]{2,8}\.? \d{4}\b"
)
_SOURCE_BEFORE = re.compile(r"\bSources?:?\s+(?:[Tt]he\s+)?\Z")
_DATELINE_BEFORE = re.compile(r"(?:\A|\n)\s*(?:[A-ZÀ-Þ][\w.'’, -]{2,30}|.{3,40} /)?\Z")
_DATELINE_BEHIND = re.compile(r"\s*[—–-]{1,2}\s|/")
# A bracket is a credit behind a place in capitals, a full stop or nothing; not in: “This Is Us” (NBC).
_BRACKET_BEFORE = re.compile(r"(?:\A|\n|[.!?][\"”]?|\b[A-Z]{3,})\s*\Z")
_CLOSING = re.compile(r"(?:\A|\n|[.!?\"”’)]\s*)([^.!?\n\"”)]+)[.)]?\s*\Z")
_FILLER = re.compile(
    r"(?:[\s/,&+:;—–()-]|\b(?:sources?|with|from|and|the|via|agenc(?:y|ies)|news|staff|wires?|writers?"
    r"|services?|reports?|by|additional|[A-Z]{2,6}(?=/))\b)*"
)
_JOINT = re.compile(r"\s*(?:,|/|&|\+|and|, and)\s*(?:[Tt]he\s)?")


class _Mention(NamedTuple):
    start: int
    end: int
    outlet: str  # the same for all spellings of an outlet


def credited(text: str, body_start: int = 0) -> tuple[str, ...]:
    """Agencies and outlets that the text credits, each once, as first spelled in a credit, in order.

    A dateline may stand at `body_start` as well as at the start of a line.

    >>> credited("Twenty died, sources told Syria’s news agency SANA on Friday, Presstv reported.")
    ('SANA', 'Presstv')
    """
    mentions = _mentions(text)
    leans = [_leans_on(text, body_start, mention, mentions) for mention in mentions]
    for order in (1, -1):  # told AFP and Reuters; AFP and Reuters reported
        for here, there in pairwise(range(len(mentions))[::order]):
            if leans[here] and _joined(text, *sorted((mentions[here], mentions[there]))):
                leans[there] = True
    first: dict[str, str] = {}
    for mention in compress(mentions, leans):
        first.setdefault(mention.outlet, text[mention.start : mention.end])
    return tuple(first.values())


def is_outlet(name: str) -> bool:
    """Whether this is, spelled as listed, the name of a known agency or outlet."""
    return any(name == spelling for names in _LISTED.values() for spelling, _, _ in names)


def calls_itself_outlet(name: str) -> bool:
    """Whether a line with this name is an outlet's: one that is listed, or "The Larkhaven Courier"."""
    if is_outlet(name):
        return True
    bare = name.removeprefix("The ")
    titles = [title for title in _UNLISTED.finditer(bare) if not title["kind"]]
    return not (_NO_NAME.match(bare) or _SECTION.match(bare)) and any(
        title.end() == len(bare) for title in titles
    )


def outlet_of(name: str) -> str:
    """What tells an outlet from others, whichever way it is spelled: the listed name, else the folded letters."""
    bare = re.sub(r"^[Tt]he (?=.)", "", name.strip())
    return _SPELLINGS.get(bare.casefold()) or re.sub(r"[\W_]", "", bare.casefold())


def is_agency(name: str) -> bool:
    """Whether this is a news agency: what it prints is its own report, unless it credits others."""
    return outlet_of(name) in {entry.split("|")[0] for entry in _entries(_AGENCIES)}


def _entries(listed: str) -> list[str]:
    return " ".join(listed.split()).split("; ")


def _by_capitalised_word() -> dict[str, list[tuple[str, int, str]]]:
    """The first capitalised word of each listed spelling → (spelling, where the word begins, outlet)."""
    index = defaultdict(list)
    for outlet in _entries(f"{_AGENCIES.strip()}; {_OTHERS}"):
        spellings = outlet.split("|")
        for spelling in sorted(spellings, key=len, reverse=True):
            for word in list(_CAPITALISED.finditer(spelling))[:1]:
                index[word.group()].append((spelling, word.start(), spellings[0]))
    return dict(index)


_LISTED = _by_capitalised_word()
_SPELLINGS = {
    spelling.casefold(): entry.split("|")[0]
    for entry in _entries(f"{_AGENCIES.strip()}; {_OTHERS}")
    for spelling in entry.split("|")
}


def _mentions(text: str) -> list[_Mention]:
    """Every outlet that is named, in order, without overlaps; a listed name goes before an unlisted one."""
    found: list[_Mention] = []
    for word in _CAPITALISED.finditer(text):
        mention = _listed(text, word)
        if mention and (not found or found[-1].end <= mention.start):
            found.append(mention)
    taken = {at for mention in found for at in range(mention.start, mention.end)}
    for title in _UNLISTED.finditer(text):
        lead = _UNLISTED_LEAD.search(text, max(0, title.start() - REACH), title.start())
        if lead is None:
            continue
        idle = _NO_NAME.match(text, lead.start(), title.end())
        start, end = (idle.end() if idle else lead.start()), title.start() if title["kind"] else title.end()
        if start < title.start() and taken.isdisjoint(range(start, end)):
            found.append(_Mention(start, end, re.sub(r"\W|agency", "", text[start:end].casefold())))
    return sorted(found)


def _listed(text: str, word: re.Match[str]) -> _Mention | None:
    """The listed outlet whose name holds this word as its first capitalised one."""
    name = word.group()
    for spelling, offset, outlet in _LISTED.get(name) or _LISTED.get(name.removesuffix("s")) or ():
        start = max(0, word.start() - offset)
        end = start + len(spelling)
        front = text[max(0, start - 4) : start]
        if (
            text.startswith(spelling, start)
            and _NAME_END.match(text, end)
            and not (front[-1:].isalnum() or front[-1:] in ("_", "@", "#"))
            and (spelling not in _AFTER_THE or front in ("The ", "the "))
        ):
            return _Mention(start, end, outlet)
    return None


def _leans_on(text: str, body_start: int, mention: _Mention, mentions: Sequence[_Mention]) -> bool:
    """Whether the text leans on this mention."""
    floor = body_start if mention.start >= body_start else 0
    before = text[max(floor, mention.start - REACH) : mention.start]
    behind = text[mention.end : mention.end + REACH]
    if _CREDITED_SURELY.match(behind) or _in_credit_line(text, mention, mentions, before, behind):
        return True
    doubtful = text[mention.start : mention.end] in _DOUBTFUL
    return not doubtful and bool(_CREDITED_BEFORE.search(before) or _CREDITED_AFTER.match(behind))


def _in_credit_line(
    text: str, mention: _Mention, mentions: Sequence[_Mention], before: str, behind: str
) -> bool:
    """Whether the mention stands in a dateline, a signature or a bracket that says whose report it is."""
    if _DATE_BEHIND.match(behind) or _SOURCE_BEFORE.search(before):
        return True
    if _DATELINE_BEHIND.match(behind) and _DATELINE_BEFORE.search(before):
        return True
    opened, closed = before.rfind("("), behind.find(")")
    if opened > before.rfind(")") and closed >= 0:
        start, end = mention.start - len(before) + opened, mention.end + closed
        apart = _BRACKET_BEFORE.search(before[:opened]) or _DATELINE_BEHIND.match(text, end + 1)
        return apart is not None and _only_names(text, start, end, mentions)
    closing = _CLOSING.search(text, max(0, len(text) - CREDIT_LINE))
    return (
        closing is not None
        and closing.start(1) <= mention.start
        and _only_names(text, closing.start(1), closing.end(1), mentions)
    )


def _only_names(text: str, start: int, end: int, mentions: Sequence[_Mention]) -> bool:
    """Whether the stretch holds outlets, words such as `with`, `source`, `and agencies`, and nothing else."""
    rest = []
    for mention in islice(mentions, bisect_left(mentions, (start,)), None):
        if mention.end > end:
            break
        rest.append(text[start : mention.start])
        start = mention.end
    rest.append(text[start:end])
    return all(_FILLER.fullmatch(part) or _FILLER.fullmatch(part.lower()) for part in rest)


def _joined(text: str, left: _Mention, right: _Mention) -> bool:
    return _JOINT.fullmatch(text, left.end, right.start) is not None
