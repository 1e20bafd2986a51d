"""Bytes → text: byte order mark, declared charset, UTF-8, and only then what the text looks like."""

import codecs
import logging
import re

from rag.loaders.content import UnreadableError

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python's codecs include rot13, zlib, idna and others that are no charsets: only these may be declared.
_CHARSET = re.compile(
    r"(utf[-_]?8|us-ascii|ascii|iso[-_]?8859|latin[-_]?\d|windows-|cp\d|koi8|mac|x-mac|gb|hz|big5|euc|shift|sjis|"
    r"x-sjis|ms932|iso-2022|ks_c|johab|tis)[\w-]*",
    re.IGNORECASE,
)
# WHATWG Encoding: a page that declares one of these means windows-1252.
_REALLY_CP1252 = {"ascii", "iso8859-1"}
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_LOW = bytes(range(0x80))
# What Windows editors put into English text: punctuation that all Windows codepages share but for £, §, ½ and
# the like, and accented letters.
_PUNCTUATION = bytes([0x80, 0x85, *range(0x91, 0x98), 0x99, 0xA0, 0xA3, 0xA7, 0xA9, 0xAB, 0xAE, 0xB0, 0xB2])
_PUNCTUATION += bytes([0xB3, 0xB7, 0xBB, 0xBC, 0xBD, 0xBE])
_ACCENTED = bytes(range(0xC0, 0x100))
# With a smaller share of accented letters, or so few, it is English (Polish has 7 %, Czech 13 %).
_ENGLISH_SHARE = 0.03
_ENGLISH_FEW = 2
_CONTROL_SHARE = 0.02


class DamagedUtf8Error(UnreadableError):
    """Text that is UTF-8 in the main, with bytes that are not."""


def decode(data: bytes, *, declared: str | None = None, mend: bool = False) -> str:
    """The text of `data`, without byte order mark.

    `declared` is the charset that the document states of itself; it is believed when it fits and the text is
    not UTF-8, which other charsets hardly ever look like. With `mend`, what is damaged in UTF-8 becomes
    U+FFFD, as in a browser.
    Raises UnreadableError for binary data, unknown encodings, and damaged UTF-8 without `mend`.
    """
    if declared is not None and not _has_mark(data):
        text = None if data.isascii() else _decode_as(data, "utf-8")
        text = _decode_as(data, declared) if text is None else text
        if text is not None:
            return text
    try:
        encoding = encoding_of(data)
    except DamagedUtf8Error:
        if not mend:
            raise
        return data.decode("utf-8", "replace")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as exc:
        raise UnreadableError(f"is not valid {encoding.removesuffix('-sig').upper()}: {_where(exc)}") from exc


def encoding_of(data: bytes, *, whole: bool = True) -> str:
    """The name of the codec that reads `data`; `whole` is false when `data` is only the beginning.

    Raises UnreadableError like `decode`.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if looks_binary(data):
        raise UnreadableError("is not text: it looks like a binary file")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError as exc:
        return _legacy_encoding(data, exc)
    return "utf-8"


def looks_binary(data: bytes) -> bool:
    """Whether `data` holds a NUL, or more control characters than any text."""
    controls = len(data) - len(data.translate(None, _CONTROL))
    return b"\0" in data or controls > _CONTROL_SHARE * len(data)


def has_damage(text: str) -> bool:
    """Whether a text decoded with `surrogateescape` holds bytes that are no UTF-8."""
    return not is_storable(text) and _ESCAPED.search(text) is not None


def is_storable(text: str) -> bool:
    """Whether UTF-8 can hold a text, and SQLite, which ends one at NUL."""
    try:
        text.encode()  # four times as fast as a search for surrogates
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def storable(text: str) -> str:
    """The text with U+FFFD for each NUL and each lone surrogate."""
    return text if is_storable(text) else _UNSTORABLE.sub("\ufffd", text)


def _has_mark(data: bytes) -> bool:
    return any(data.startswith(mark) for mark, _ in _MARKS)


def _decode_as(data: bytes, declared: str) -> str | None:
    """The text in the declared charset; None when that is no charset or does not fit."""
    if not _CHARSET.fullmatch(declared.strip()):
        return None
    try:
        name = codecs.lookup(declared.strip()).name
        return data.decode("cp1252" if name in _REALLY_CP1252 else name)
    except (LookupError, UnicodeDecodeError):
        return None


def _legacy_encoding(data: bytes, fault: UnicodeDecodeError) -> str:
    """The codec of text that is not UTF-8; UnreadableError when it is UTF-8 with damage, or unknown."""
    # Valid sequences of several bytes are rare by chance, so where they prevail the text is UTF-8 after all.
    sequences = _UTF8_SEQUENCE.findall(data)
    stray = len(data.translate(None, _LOW)) - sum(map(len, sequences))
    if len(sequences) > stray:
        raise DamagedUtf8Error(f"is not valid UTF-8: {_where(fault)}; convert it to UTF-8")
    letters = data.translate(None, _LOW + _PUNCTUATION)
    if len(letters) <= max(_ENGLISH_FEW, _ENGLISH_SHARE * len(data)) and not letters.translate(
        None, _ACCENTED
    ):
        return "cp1252"
    # Imported here: only files that are not UTF-8 pay for it.
    import charset_normalizer

    logging.getLogger("charset_normalizer").addHandler(logging.NullHandler())
    best = charset_normalizer.from_bytes(data).best()
    if best is None:
        raise UnreadableError("is in an encoding that cannot be told; convert it to UTF-8")
    return best.encoding


def _where(fault: UnicodeDecodeError) -> str:
    return f"byte 0x{fault.object[fault.start]:02x} at offset {fault.start:,}"
