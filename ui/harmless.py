"""Text of strangers, made fit for a page: nothing in it acts on its surroundings.

Escaping keeps a text from being markup; what remains are characters that change how *other* text looks or
reads (direction controls, invisible tag characters), or that cannot be sent at all (lone surrogates). Each
becomes one visible character, so that offsets hold.
"""

import re
from urllib.parse import urlsplit

# Controls but for tab and line end; direction controls; line separators; byte order marks; annotation marks;
# noncharacters; lone surrogates; the invisible tag characters. Zero-width spaces and joiners stay: real web
# pages and several scripts are full of them, and they do nothing to what is around them.
_ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    r"""The text, character for character as long as before.

    >>> harmless("20 people\u202e were\nkilled")
    '20 people� were\nkilled'
    """
    return _ACTIVE.sub("\ufffd", text)


def web_address(url: str | None) -> str | None:
    """The address if a reader may be sent there: http or https, with a host. None: it is shown nowhere.

    >>> web_address("javascript:alert(1)") is None
    True
    """
    if not url or _ACTIVE.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and host else None


def host(url: str) -> str:
    """The host of a web address, as a reader should see it before going there."""
    return urlsplit(url).hostname or ""


def clip(text: str, longest: int) -> str:
    """The text, cut at a word where there is one, with an ellipsis when something was left out."""
    if len(text) <= longest:
        return text
    kept = text[:longest]
    at_word = kept.rsplit(None, 1)[0] if any(map(str.isspace, kept)) else kept
    return f"{at_word}…"
