"""A judge: a language model behind an OpenAI-compatible endpoint that fills in forms, and how often it fails to.

A small model answers with prose, with half a form, or not at all. Each of that is counted under a name, tried again,
and in the end reported: a failure is never a score.
"""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import httpx
import openai
from pydantic import BaseModel, ValidationError

Kind = Literal["garbage", "refusal", "truncated", "timeout", "endpoint", "incomplete", "nan"]
Form = TypeVar("Form", bound=BaseModel)

TRIES = 3
# At temperature 0 a model that wrote garbage writes it again.
WARMER = 0.3
# ragas leaves 1,024, which cuts the verdicts on a long answer; the cut form then counts as nothing at all.
MAX_TOKENS = 8_192
CONNECT_TIMEOUT = 10.0
NO_KEY = "none"  # the client refuses an empty one
_REFUSAL = re.compile(
    r"\W*(?:i(?:'|’| a)m sorry|sorry|i can(?:no|'|’)t|i am unable|as an ai\b)", re.IGNORECASE
)


class JudgeError(Exception):
    """The judge gave no usable form; `kind` says in which way."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(f"{kind}: {' '.join(detail.split())[:200]}")
        self.kind = kind


@dataclass(slots=True)
class Tally:
    """What a piece of judging took."""

    calls: int = 0
    retries: Counter[str] = field(default_factory=Counter)  # failed tries, by kind
    usage: Counter[str] = field(default_factory=Counter)  # tokens, under the endpoint's own names

    def plain(self) -> dict[str, Any]:
        return {"calls": self.calls, "retries": dict(self.retries), "usage": dict(self.usage)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A model and where it is.

    >>> Judge(model="qwen2.5:7b", base_url="http://localhost:11434/v1")
    Judge('qwen2.5:7b' at localhost:11434)
    """

    model: str
    base_url: str | None = None  # None: OpenAI
    api_key: str | None = None
    timeout: float = 300.0  # seconds for one call, the whole of it
    max_tokens: int = MAX_TOKENS  # that it may write in one call
    contexts: int = 5  # passages, best first, that it is shown
    price: tuple[float, float] = (0.0, 0.0)  # for a million tokens read and written

    def __repr__(self) -> str:
        place = urlsplit(self.base_url).netloc.rpartition("@")[2] if self.base_url else "OpenAI"
        return f"Judge({self.model!r} at {place})"

    async def fill(self, form: type[Form], prompt: str, tally: Tally, *, warm: bool = False) -> Form:
        """The form as the model fills it in, after at most three tries. Raises JudgeError."""
        for attempt in range(TRIES):
            tally.calls += 1
            try:
                return await self._fill(form, prompt, tally, WARMER if warm or attempt else 0.0, attempt)
            except JudgeError as error:
                if attempt + 1 == TRIES:
                    raise
                tally.retries[error.kind] += 1
        raise AssertionError  # the last try returns or raises

    def cost(self, usage: Mapping[str, int]) -> float:
        """In the currency of the price."""
        read, written = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        return round((read * self.price[0] + written * self.price[1]) / 1e6, 6)

    async def _fill(self, form: type[Form], prompt: str, tally: Tally, temperature: float, seed: int) -> Form:
        started = time.monotonic()
        # A client for each call: a pool of connections would belong to one event loop.
        async with openai.AsyncOpenAI(
            api_key=self.api_key or NO_KEY,
            base_url=self.base_url,
            max_retries=0,  # tries are counted here
            timeout=httpx.Timeout(self.timeout, connect=min(CONNECT_TIMEOUT, self.timeout)),
        ) as client:
            try:
                completion = await client.chat.completions.parse(
                    model=self.model,
                    messages=[{"role": "user", "content": prompt}],
                    response_format=form,
                    max_tokens=self.max_tokens,
                    temperature=temperature,
                    seed=seed,
                )
            except openai.LengthFinishReasonError as exc:
                _count(tally, exc.completion.usage)
                raise JudgeError("truncated", f"no end within {self.max_tokens:,} tokens") from exc
            except openai.ContentFilterFinishReasonError as exc:
                raise JudgeError("refusal", "the endpoint filtered the answer") from exc
            except openai.APITimeoutError as exc:
                seconds = round(time.monotonic() - started)
                raise JudgeError("timeout", f"no answer after {seconds} s") from exc
            except ValidationError as exc:
                raise _unreadable(exc) from exc
            except openai.OpenAIError as exc:
                raise JudgeError("endpoint", self._without_key(str(exc))) from exc
            # What the client lets through when the body is no JSON, or JSON of another shape.
            except (AttributeError, TypeError, ValueError) as exc:
                raise JudgeError("garbage", "the endpoint's answer is not JSON") from exc
        _count(tally, completion.usage)
        if not completion.choices:
            raise JudgeError("garbage", "the endpoint's answer holds no choice")
        message = completion.choices[0].message
        if message.refusal:
            raise JudgeError("refusal", message.refusal)
        if message.parsed is None:
            raise JudgeError("garbage", "the answer is empty")
        return message.parsed

    def _without_key(self, message: str) -> str:
        return message.replace(self.api_key, "…") if self.api_key else message


def _unreadable(error: ValidationError) -> JudgeError:
    """Prose where a form was asked for: a refusal, or garbage."""
    fault = error.errors(include_url=False)[0]
    written = fault.get("input")
    if isinstance(written, str) and _REFUSAL.match(written):
        return JudgeError("refusal", written)
    return JudgeError("garbage", f"{fault['msg']} in {written!r}")


def _count(tally: Tally, usage: Any) -> None:
    if usage is not None:
        tally.usage["prompt_tokens"] += usage.prompt_tokens
        tally.usage["completion_tokens"] += usage.completion_tokens
