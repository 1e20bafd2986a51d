"""Web addresses that articles give: which of them a reader may be sent to."""

from urllib.parse import urlsplit

from rag.wire import harmless


def web_address(url: str | None) -> str | None:
    """The address if it is http or https with a host, and shows all that it holds. None: it is no link.

    >>> web_address("javascript:alert(1)") is None
    True
    """
    if not url or harmless(url) != url:
        return None
    try:
        parts = urlsplit(url.strip())
        named = parts.hostname
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and named else None


def host(url: str) -> str:
    """The host of a web address, as a reader should see it before going there."""
    return urlsplit(url).hostname or ""
