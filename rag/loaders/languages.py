"""What files call a language → its ISO 639-1 code."""

import re

_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_][a-z0-9-]+)*(?:\.[\w-]+)?", re.IGNORECASE
)  # BCP 47, or a locale such as en_US.UTF-8

# ISO 639-2 codes (both kinds) and English names of the languages that news dumps name so.
_NAMES = {
    "ar": "ara arabic", "bg": "bul bulgarian", "bn": "ben bengali", "cs": "ces cze czech",
    "da": "dan danish", "de": "deu ger german", "el": "ell gre greek", "en": "eng english",
    "es": "spa spanish", "et": "est estonian", "fa": "fas per persian farsi", "fi": "fin finnish",
    "fr": "fra fre french", "he": "heb hebrew", "hi": "hin hindi", "hr": "hrv croatian",
    "hu": "hun hungarian", "id": "ind indonesian", "it": "ita italian", "ja": "jpn japanese",
    "ko": "kor korean", "lt": "lit lithuanian", "lv": "lav latvian", "ms": "msa may malay",
    "nl": "nld dut dutch", "no": "nor norwegian", "pl": "pol polish", "pt": "por portuguese",
    "ro": "ron rum romanian", "ru": "rus russian", "sk": "slk slo slovak", "sl": "slv slovenian",
    "sq": "sqi alb albanian", "sr": "srp serbian", "sv": "swe swedish", "sw": "swa swahili",
    "ta": "tam tamil", "th": "tha thai", "tr": "tur turkish", "uk": "ukr ukrainian", "ur": "urd urdu",
    "vi": "vie vietnamese", "zh": "zho chi chinese",
}  # fmt: skip
_CODES = {name: code for code, names in _NAMES.items() for name in names.split()}


def language_code(stated: str | None) -> str | None:
    """The two-letter code of a language tag, code or name; None when it is none of these.

    >>> language_code("en-US"), language_code("eng"), language_code("German"), language_code("Klingon")
    ('en', 'en', 'de', None)
    """
    if stated is None:
        return None
    name = stated.strip().lower()
    if name in _CODES:
        return _CODES[name]
    tag = _TAG.fullmatch(name)
    if tag is None:
        return None
    return tag.group(1) if len(tag.group(1)) == 2 else _CODES.get(tag.group(1))
