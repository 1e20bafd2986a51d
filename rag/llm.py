"""Any OpenAI-compatible language model: one streamed call, bounded in time, in length and in tries.

LlamaIndex's OpenAILike speaks to the endpoint; all that it or the openai client raises becomes an LLMError.
"""

import logging
import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread, local
from typing import Any, cast

import httpx
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.llms.openai_like import OpenAILike
from openai.types.chat import ChatCompletionChunk

from rag.errors import LLMError
from rag.failures import Endpoint
from rag.prompts import Prompt
from rag.stopping import LOOK_AFTER, check_stopped

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"  # the openai client refuses an empty one and would look for OPENAI_API_KEY itself
RETRIES = 2
BACKOFF = 0.5  # seconds before the first repetition, doubled for each further one
LONGEST_PAUSE = 20.0  # seconds; who is asked to wait longer is better served by the fallback
CONNECT_TIMEOUT = 10.0
CHARACTERS_PER_TOKEN = 12  # no tokenizer's average is near; more means that the limit was not obeyed
BYTES_PER_TOKEN = 4_096  # one event with its JSON and 20 log-probabilities takes about 2,500
THINK, UNTHINK = "<think>", "</think>"
ALTERNATIVES = 10  # log-probabilities asked for when one token decides

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A reply that came to its end."""

    text: str
    cut: bool  # it reached the limit of tokens: the last sentence may be incomplete
    usage: Mapping[str, int] = field(
        default_factory=dict
    )  # tokens as the endpoint counts them; empty: it does not
    alternatives: tuple[
        tuple[str, float], ...
    ] = ()  # for the first token, if asked for: each with its probability


class Deadline:
    """A moment that all calls for one answer share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def within(self, seconds: float) -> "Deadline":
        """An earlier moment for one of the calls, or the same."""
        return Deadline(min(seconds, self.left()))

    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self._end - time.monotonic())


class LanguageModel:
    """A chat model behind an endpoint. Safe to share between threads; its repr holds no key.

    >>> LanguageModel(name="llama3.2", base_url="http://localhost:11434/v1")
    LanguageModel('llama3.2' at http://localhost:11434)
    """

    def __init__(
        self,
        *,
        name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        context: int = 4096,
        max_tokens: int = 512,
        timeout: float = 120.0,
    ) -> None:
        """`timeout`: seconds that the endpoint may stay silent; `context`, `max_tokens`: tokens."""
        self.name = name
        self.context = context
        self.max_tokens = max_tokens
        key = (api_key or "").strip()
        self._endpoint = Endpoint(url=base_url or OPENAI_URL, model=name, key=key, timeout=timeout)
        # Of each thread that reads: the `response`, the `limit` of its bytes, and `stop`, when nobody waits for it.
        self._reading = local()
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout, connect=min(CONNECT_TIMEOUT, timeout)),
            event_hooks={"response": [self._watch]},
        )
        # Both retry on their own by default, and multiply: 12 calls for one question were counted.
        self._llm = OpenAILike(
            model=name,
            api_base=base_url or OPENAI_URL,
            api_key=key or NO_KEY,
            is_chat_model=True,
            context_window=context,
            temperature=0.0,
            timeout=timeout,
            max_retries=0,
            http_client=self._http,
        )

    def __repr__(self) -> str:
        return f"LanguageModel({self.name!r} at {self._endpoint})"

    def close(self) -> None:
        """Close the connections; the model cannot be used after that."""
        self._http.close()

    def stream(
        self, prompt: Prompt, *, deadline: Deadline, max_tokens: int | None = None
    ) -> Iterator[str | Completion]:
        """Yield the reply piece by piece, and last the Completion.

        Raises LLMError. A call that failed is repeated as long as no piece has been given out. Closing the
        iterator closes the connection, which makes the endpoint stop writing.
        """
        options = {"max_tokens": max_tokens or self.max_tokens}
        repetition = 0
        while True:
            started = False
            try:
                for piece in self._once(prompt, options, deadline):
                    started = True
                    yield piece
            except LLMError as error:
                if started:
                    raise
                self._pause(error, repetition, deadline)
                repetition += 1
            else:
                return

    def complete(
        self,
        prompt: Prompt,
        *,
        deadline: Deadline,
        max_tokens: int | None = None,
        json_schema: Mapping[str, Any] | None = None,
    ) -> Completion:
        """The whole reply; JSON of that schema if one is given (bound its arrays with maxItems).

        Raises LLMError. A reply that broke off is asked for again.
        """
        options: dict[str, Any] = {"max_tokens": max_tokens or self.max_tokens}
        if json_schema is not None:
            form = {"name": "reply", "schema": dict(json_schema), "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        return self._whole(prompt, options, deadline)

    def probability(
        self, prompt: Prompt, *, yes: str, no: str, deadline: Deadline
    ) -> tuple[float, Completion]:
        """How likely the reply begins with the word `yes` rather than `no`, from 0 to 1.

        An endpoint that gives no log-probabilities is taken at its word: 0 or 1. Raises LLMError, also for a
        model that begins with something else.
        """
        options = {"max_tokens": 1, "logprobs": True, "top_logprobs": ALTERNATIVES}
        reply = self._whole(prompt, options, deadline)
        chances = {
            word: sum(chance for token, chance in reply.alternatives if token.strip().lower() == word.lower())
            for word in (yes, no)
        }
        if any(chances.values()):
            return chances[yes] / sum(chances.values()), reply
        said = reply.text.strip().lower()
        if not said.startswith((yes.lower(), no.lower())):
            raise self._endpoint.beside_the_point(yes, no)
        return float(said.startswith(yes.lower())), reply

    def _whole(self, prompt: Prompt, options: Mapping[str, Any], deadline: Deadline) -> Completion:
        repetition = 0
        while True:
            try:
                *_, reply = self._once(prompt, options, deadline)
            except LLMError as error:
                self._pause(error, repetition, deadline)
                repetition += 1
            else:
                return cast("Completion", reply)

    def _pause(self, error: LLMError, repetition: int, deadline: Deadline) -> None:
        """Wait before the next try, or raise the error when there is to be none."""
        pause = error.retry_after
        if pause is None:
            # Clients that failed together shall not come back together.
            pause = BACKOFF * 2**repetition * random.uniform(0.5, 1.0)  # noqa: S311 (nothing secret in it)
        if not error.retryable or repetition == RETRIES or pause > min(LONGEST_PAUSE, deadline.left()):
            raise error
        _log.info("%s; asking again in %.1f s", error, pause)
        end = Deadline(pause)
        while end.left():
            time.sleep(min(LOOK_AFTER, end.left()))
            check_stopped()

    def _once(
        self, prompt: Prompt, options: Mapping[str, Any], deadline: Deadline
    ) -> Iterator[str | Completion]:
        """One try, read by a thread: no timeout of the HTTP client covers a server that drips bytes."""
        pieces: SimpleQueue[str | Completion | LLMError] = SimpleQueue()
        stop = Event()
        Thread(
            target=self._read, args=(prompt, options, pieces, stop), daemon=True, name="dateline-llm"
        ).start()
        try:
            while True:
                piece = self._next(pieces, deadline)
                if isinstance(piece, LLMError):
                    raise piece
                if piece:
                    yield piece
                if isinstance(piece, Completion):
                    return
        finally:
            stop.set()

    def _next(
        self, pieces: "SimpleQueue[str | Completion | LLMError]", deadline: Deadline
    ) -> "str | Completion | LLMError":
        """What comes in next. Raises LLMError when that takes too long, and Stopped."""
        silence = deadline.within(self._endpoint.timeout)
        while True:
            try:
                return pieces.get(timeout=min(LOOK_AFTER, silence.left()))
            except Empty:
                check_stopped()
                if not silence.left():
                    raise self._late(deadline) from None

    def _late(self, deadline: Deadline) -> LLMError:
        return self._endpoint.silent() if deadline.left() else self._endpoint.slow(deadline.seconds)

    def _read(
        self,
        prompt: Prompt,
        options: Mapping[str, Any],
        pieces: "SimpleQueue[str | Completion | LLMError]",
        stop: Event,
    ) -> None:
        """Queue what comes in: pieces (an empty one is a sign of life), then a Completion or an LLMError."""
        self._reading.limit = 1_000_000 + BYTES_PER_TOKEN * options["max_tokens"]
        self._reading.stop = stop
        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=prompt.system),
            ChatMessage(role=MessageRole.USER, content=prompt.user),
        ]
        reply = _Reply(self._endpoint, options["max_tokens"])
        try:
            for event in self._llm.stream_chat(messages, stream_options={"include_usage": True}, **options):
                if stop.is_set():
                    return
                pieces.put(reply.take(cast("ChatCompletionChunk", event.raw)))
            pieces.put(reply.completion())
        except Exception as exc:  # whatever it is, the one who waits must hear of it
            pieces.put(self._endpoint.explain(exc))
        finally:
            if response := getattr(self._reading, "response", None):
                response.close()

    def _watch(self, response: httpx.Response) -> None:
        """Called by the HTTP client, in the thread that reads, before any of the body is read."""
        self._reading.response = response
        kind = response.headers.get("content-type", "").partition(";")[0]
        if response.is_success and kind in ("text/html", "application/json"):
            raise self._endpoint.wrong_protocol(f"{kind} instead of a stream of events")
        body = cast("httpx.SyncByteStream", response.stream)
        response.stream = _Bounded(body, self._reading.limit, self._reading.stop, self._endpoint)


class _Bounded(httpx.SyncByteStream):
    """A body of limited length, as long as it is awaited: a line that never ends would otherwise fill the memory."""

    def __init__(self, stream: httpx.SyncByteStream, limit: int, stop: Event, endpoint: Endpoint) -> None:
        self._stream = stream
        self._limit = limit
        self._stop = stop
        self._endpoint = endpoint

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for piece in self._stream:
            if self._stop.is_set():  # nobody waits any more; an endpoint may send signs of life for hours
                return
            read += len(piece)
            if read > self._limit:
                raise self._endpoint.endless(self._limit, "bytes")
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Reply:
    """What has come in of a reply."""

    def __init__(self, endpoint: Endpoint, max_tokens: int) -> None:
        self._endpoint = endpoint
        self._max_tokens = max_tokens
        self._pieces: list[str] = []
        self._characters = 0  # thoughts included
        self._thought: str | None = (
            ""  # the beginning, as long as it may be a thought; None: the answer has begun
        )
        self._finish: str | None = None
        self._usage: dict[str, int] = {}
        self._alternatives: tuple[tuple[str, float], ...] = ()

    def take(self, chunk: ChatCompletionChunk) -> str:
        """The next piece of the answer, perhaps empty."""
        if chunk.usage:
            self._usage = {name: count for name, count in chunk.usage if isinstance(count, int)}
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        self._finish = choice.finish_reason or self._finish
        if choice.logprobs and choice.logprobs.content and not self._alternatives:
            first = choice.logprobs.content[0]
            self._alternatives = tuple((other.token, math.exp(other.logprob)) for other in first.top_logprobs)
        text = choice.delta.content or ""
        self._characters += len(text)
        if self._characters > CHARACTERS_PER_TOKEN * self._max_tokens:
            raise self._endpoint.endless(self._max_tokens, "tokens")
        visible = self._without_thoughts(text)
        self._pieces.append(visible)
        return visible

    def completion(self) -> Completion:
        """The reply, if it came to its end."""
        text = "".join(self._pieces)
        if self._finish is None:
            raise self._endpoint.broke_off("without saying that it was finished")
        if self._finish not in ("stop", "length"):
            raise self._endpoint.stopped(self._finish)
        if not text.strip() and self._max_tokens > 1:
            raise self._endpoint.empty(self._max_tokens if self._finish == "length" else None)
        return Completion(
            text=text, cut=self._finish == "length", usage=self._usage, alternatives=self._alternatives
        )

    def _without_thoughts(self, text: str) -> str:
        """Some servers send what a model thinks before it answers as part of the text: <think>…</think>."""
        if self._thought is None:
            return text
        self._thought += text
        beginning = self._thought.lstrip()
        if THINK.startswith(beginning[: len(THINK)]):
            answer = beginning.partition(UNTHINK)[2].lstrip()
            if answer:
                self._thought = None
            return answer
        visible, self._thought = self._thought, None
        return visible
