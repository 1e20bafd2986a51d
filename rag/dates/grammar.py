"""The forms in which English news writes a time. Each pattern's group `t` is the expression itself.

Months and weekdays in lower case count only beside a number: "may" and "march" are verbs.
"""

import re

_MONTH_WORD = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
_PROPER_MONTH = rf"(?-i:(?=[A-Z])){_MONTH_WORD}"
_WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
_ANY_WEEKDAY = rf"(?:{_WEEKDAY}|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?)"
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
NUMBERS = {word: value for value, word in enumerate(_NUMBER_WORDS, 1)} | {"a": 1, "an": 1}
ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS, 1)}
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{'|'.join(sorted(_ORDINAL_WORDS, key=len, reverse=True))})"
_YEAR = r"(?:1[6-9]\d\d|20\d\d)"
_DASH = r"\s?(?:-|–|—|to|and|through|until)\s?"
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_NUMBER_WORDS)}|an?)"
# Behind a day number: 25,000, 25:30, 25.5 and 25 percent are no days.
_NO_AMOUNT = r"(?![\d%]|[.,:]\d|\s?(?:%|percent|per cent|million|billion|thousand)\b)"
_LEAD = (
    rf"(?:(?:this\s+coming\s+|this\s+|last\s+|next\s+)?{_ANY_WEEKDAY}(?:,|\s*\()?\s+(?:on\s+)?(?:the\s+)?)?"
)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?:{pattern})(?!\w)", re.IGNORECASE)


NUMERIC = _form(
    r"(?P<t>\d{4}(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}|\d{1,2}(?P<r>[-/.])\d{1,2}(?P=r)\d{4})(?:t\d\d\S*)?"
)
DAY_MONTH = _form(
    rf"(?P<t>{_LEAD}(?P<d>{_DAY})(?:{_DASH}(?P<d2>\d{{1,2}}(?:st|nd|rd|th)?))?(?:\s+of)?[\s-]+(?P<m>{_MONTH_WORD})"
    rf"(?:(?:,|\s+of)?[\s-]+(?P<y>{_YEAR}))?)"
)
MONTH_DAY = _form(
    rf"(?P<t>{_LEAD}(?P<m>{_MONTH_WORD})\s+(?:the\s+)?(?P<d>{_DAY})(?:{_DASH}(?P<d2>\d{{1,2}}(?:st|nd|rd|th)?)(?!\d|\s[A-Z]))?"
    rf"(?:,?\s+(?P<y>{_YEAR}))?){_NO_AMOUNT}"
)
MONTH_YEAR = _form(
    rf"(?P<t>(?:(?:early|mid|late)[\s-]+)?(?:(?P<m1>{_MONTH_WORD}){_DASH})?(?P<m>{_MONTH_WORD})(?:,|\s+of)?[\s-]+(?P<y>{_YEAR}))"
)
LONE_MONTH = _form(
    rf"(?:(?:in|since|during|until|by|of|through|from|before|after|for)\s+)?"
    rf"(?P<t>(?:(?P<mod>early|mid|late|last|next|this|this\s+past|this\s+coming)[\s-]+)?(?P<m>{_PROPER_MONTH}))"
)
WEEKDAY = _form(
    rf"(?P<t>(?:(?P<mod>last|this\s+past|past|this\s+coming|coming|this|next|the\s+previous|the\s+following)\s+)?"
    rf"(?:(?:earlier|early|late|later)\s+)?(?P<w>{_WEEKDAY})(?:\s+(?:morning|afternoon|evening|night))?)"
)
DAY_WORD = _form(
    r"(?P<t>(?:(?:earlier|late|early|later)\s+)?(?P<word>(?:the\s+)?day\s+before\s+yesterday|(?:the\s+)?day\s+after\s+tomorrow"
    r"|yesterday|(?<!USA )today|tonight|tomorrow|last\s+night|this\s+(?:morning|afternoon|evening))"
    r"(?:\s+(?:morning|afternoon|evening|night))?)"
)
AGO = _form(
    rf"(?P<t>(?:(?:about|some|almost|nearly|exactly|just|more\s+than|over)\s+)?(?P<n>{_COUNT})\s+(?P<unit>day|week|month|year)s?\s+"
    rf"(?P<way>ago|earlier|later|from\s+(?:now|today))(?:\s+(?P<w>{_WEEKDAY}))?)"
)
PERIOD = _form(
    r"(?P<t>(?P<mod>earlier\s+this|later\s+this|this|last|past|next|the\s+previous|the\s+following|the\s+same|that)\s+"
    r"(?P<unit>week|weekend|month|year))|(?:over|at|during|on)\s+(?P<t2>the\s+weekend)"
)
CLOSE = _form(
    rf"(?P<t>(?P<unit>year|month)[\s-]end|(?:the\s+)?(?P<edge>end|beginning|start)\s+of\s+(?:the\s+|this\s+)?"
    rf"(?:(?P<unit2>year|month|week)|(?P<y>{_YEAR}))|New\s+Year(?:['’]?s)?\s+(?P<feast>Eve|Day)|Christmas\s+(?P<feast2>Eve|Day))"
)
THE_DAY = _form(
    r"(?:(?:later|earlier)\s+in\s+(?P<t>the\s+day))|(?P<t2>(?:the|that|on\s+the)\s+same\s+day|that\s+day)"
    r"|(?P<t3>(?:the|a|one)\s+(?:day\s+(?P<way>earlier|later|before(?=[\s]*[.,])|after(?=[\s]*[.,]))"
    r"|(?P<way2>next|following|previous)\s+day))"
)
LONE_YEAR = _form(
    rf"(?:(?:in|since|during|by|until|from|before|after|throughout|back\s+to)\s+(?:the\s+year\s+)?)"
    rf"(?P<t>(?:(?:early|mid|late)[\s-]+)?(?P<y>{_YEAR}))(?!\s*(?:[A-Z]?[a-z]+s\b(?<!was)|[%:]|[,.]\d))"
)

# The first letters of an anchor, in either case: told apart so, a text is gone through in a third of the time.
_HEAD = (
    r"[Jj][AaUu]|[Ff](?:[Ee][Bb]|[Rr][IiOo]|[Oo][Ll])|[Mm](?:[Aa][RrYy]|[Oo][Nn])|[Aa](?:[Pp][Rr]|[Uu][Gg]|[Gg][Oo])|[Ss](?:[Ee][Pp]|[Aa][TtMm]|[Uu][Nn]|[Tt][Aa])"
    r"|[Oo][Cc][Tt]|[Nn](?:[Oo][Vv]|[Ee][XxWw])|[Dd](?:[Ee][Cc]|[Aa][Yy])|[Tt](?:[Uu][Ee]|[Hh][UuIiAaEe]|[Oo][DdNnMm])|[Ww][Ee][Dd]|[Yy][Ee][AaSs]"
    r"|[Ee](?:[Aa][Rr]|[Nn][Dd])|[Ll][Aa][TtSs]|[Pp](?:[Aa][Ss]|[Rr][Ee])|[Bb][Ee][Gg]|[Cc][Hh][Rr]|[Ii][Nn] |\d"
)

# A word that each kind of form holds: the forms are tried around these alone, a tenth of a text.
ANCHOR = re.compile(
    rf"\b(?-i:(?={_HEAD}))(?:(?P<numeric>\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d)|(?:(?P<month>{_MONTH_WORD})|(?P<weekday>{_WEEKDAY})"
    r"|(?P<word>yesterday|(?<!USA )today|tonight|tomorrow|last\s+night|this\s+(?:morning|afternoon|evening))"
    r"|(?P<way>ago|earlier|later|from\s+(?:now|today))"
    r"|(?:this|last|past|next|previous|following|same|that|the)\s+(?P<period>week|weekend|month|year)"
    r"|(?P<close>(?:year|month)[\s-]end|(?:end|beginning|start)\s+of|New\s+Year|Christmas)"
    r"|(?P<day>(?:same|that|next|following|previous|in\s+the)\s+day|day\s+(?:before|after))"
    rf"|(?P<year>{_YEAR}))\b)",
    re.IGNORECASE,
)
