"""What can go wrong at an OpenAI-compatible endpoint, in words: what failed, and what to do about it.

Endpoints repeat the key in their messages, and the exceptions of the openai client and of httpx carry the
request with its headers. So nothing of theirs is chained to an LLMError, and their words are quoted cleaned.
"""

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from json import JSONDecodeError

import httpx
import openai

from rag.errors import LLMError

_KEYS = re.compile(r"\b(?:sk|pk|key)-[\w*.-]{6,}|\bBearer\s+\S+|\S*\*{3,}\S*", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context|too (?:long|large|many tokens)|maximum.{0,20}(?:length|tokens)", re.IGNORECASE
)
_QUOTE_LENGTH = 200  # characters of an endpoint's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a model is asked, as messages name it."""

    url: str = field(repr=False)  # it may hold a password
    model: str
    key: str = field(repr=False)
    timeout: float  # seconds of silence

    def __str__(self) -> str:
        url = httpx.URL(self.url)
        return f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")

    def explain(self, exc: BaseException) -> LLMError:
        """The LLMError for whatever the client libraries raised."""
        chain = list(_causes(exc))
        for cause in chain:
            match cause:
                case LLMError():
                    return cause
                case openai.APIStatusError():
                    return self._status(cause)
                case openai.APITimeoutError() | httpx.TimeoutException():
                    return self.silent()
                case httpx.ConnectError():
                    return self._unreachable(self._quote(str(cause)))
                case httpx.TransportError():
                    return self.broke_off("because the connection ended")
        if isinstance(exc, openai.APIConnectionError):
            return self._unreachable(type(chain[-1]).__name__)
        if isinstance(exc, openai.APIError) and not isinstance(exc, openai.APIResponseValidationError):
            return self._error(
                f"reported an error: {self._quote(exc.message)}; try again later", retryable=True
            )
        unreadable = any(isinstance(cause, JSONDecodeError) for cause in chain)
        return self.wrong_protocol("something that is not JSON" if unreadable else type(exc).__name__)

    def silent(self) -> LLMError:
        return self._error(
            f"said nothing for {self.timeout:g} s; raise DATELINE_LLM_TIMEOUT or choose a faster model"
        )

    def slow(self, seconds: float) -> LLMError:
        return self._error(
            f"was not done after {seconds:g} s; raise DATELINE_LLM_DEADLINE or choose a faster model"
        )

    def endless(self, limit: int, unit: str) -> LLMError:
        return self._error(f"wrote on past the limit of {limit:,} {unit}; try again, or choose another model")

    def broke_off(self, how: str) -> LLMError:
        return self._error(f"stopped in the middle of its answer, {how}; try again", retryable=True)

    def stopped(self, reason: str) -> LLMError:
        return self._error(
            f"gave no full answer ({self._quote(reason)}); ask in other words, or another model"
        )

    def empty(self, spent: int | None) -> LLMError:
        if spent:
            return self._error(
                f"spent {spent:,} tokens without beginning an answer; raise DATELINE_LLM_MAX_TOKENS, "
                "or switch its thinking off"
            )
        return self._error("gave an empty answer; ask in other words, or choose another model")

    def beside_the_point(self, *asked: str) -> LLMError:
        return self._error(
            f"began with something else when asked for {' or '.join(asked)}; a model that thinks before it answers "
            "needs DATELINE_LLM_STRATEGY=single and DATELINE_VERIFIER=rules"
        )

    def wrong_protocol(self, got: str) -> LLMError:
        return self._error(
            f"does not speak the OpenAI protocol: it sent {got}; "
            "check DATELINE_LLM_BASE_URL, which usually ends in /v1"
        )

    def _unreachable(self, reason: str) -> LLMError:
        return self._error(
            f"cannot be reached ({reason}); start it, or correct DATELINE_LLM_BASE_URL", retryable=True
        )

    def _status(self, exc: openai.APIStatusError) -> LLMError:
        status, said = exc.status_code, self._quote(_said(exc))
        match status:
            case 401 | 403:
                # What it says here is about the key, often with the key.
                return self._error(f"refused the key ({status}); check DATELINE_LLM_API_KEY", status=status)
            case 404:
                return self._error(
                    f"has no model {self.model!r}, or is at another address (404); check DATELINE_LLM_MODEL, "
                    "and DATELINE_LLM_BASE_URL, which usually ends in /v1",
                    status=status,
                )
            case 429:
                wait = _retry_after(exc.response.headers)
                asks = f", asks to wait {wait:g} s" if wait is not None else ""
                spent = "insufficient_quota" in (exc.code, exc.type)
                hint = "the quota is used up: see its billing page" if spent else "try again later"
                return self._error(
                    f"takes no more requests now (429{asks}); {hint}",
                    retryable=not spent,
                    retry_after=wait,
                    status=status,
                )
            case 400 | 413 | 422 if status == 413 or _TOO_LONG.search(said):
                return self._error(
                    f"finds the prompt too long ({status}): {said}; lower DATELINE_LLM_CONTEXT", status=status
                )
        if status >= 500 or status in (408, 409):
            wait = _retry_after(exc.response.headers)
            return self._error(
                f"failed ({status}): {said}; try again later", retryable=True, retry_after=wait, status=status
            )
        return self._error(f"refused the request ({status}): {said}; choose another model", status=status)

    def _quote(self, words: str) -> str:
        """An endpoint's own words, on one line, shortened, and without anything like a key."""
        if len(self.key) >= 4:  # a shorter one is no secret, and part of many words
            words = words.replace(self.key, "…")
        words = _KEYS.sub("…", words)
        words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return words if len(words) <= _QUOTE_LENGTH else words[: _QUOTE_LENGTH - 1] + "…"

    def _error(
        self,
        what: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> LLMError:
        return LLMError(
            f"the language model at {self} {what}",
            retryable=retryable,
            retry_after=retry_after,
            status=status,
        )


def _said(exc: openai.APIStatusError) -> str:
    """The message in the body: servers differ in how they wrap it."""
    body = exc.body
    while isinstance(body, dict):
        body = next((body[name] for name in ("error", "message", "detail") if name in body), None)
    return body if isinstance(body, str) and body.strip() else "no reason given"


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it."""
    found: BaseException | None = exc
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait as RFC 9110 §10.2.3 has it: a number or a date; None: not said, or not readable."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None
