"""POST /v1/chat/completions and GET /v1/models, as clients of OpenAI's API expect them.

The last user message is the question, the turns before it are the history; instructions are not for a program that
quotes articles, so system messages are ignored, and so are sampling parameters.
"""

import time
from collections.abc import AsyncGenerator, Iterator
from typing import Annotated, Any, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.api.answers import answering
from rag.api.desk import JSON, Desk
from rag.api.documents import EVENTS, json_response
from rag.api.events import EventStream, event
from rag.api.problems import noted, told
from rag.api.shapes import LONGEST, MOST_TURNS, Asking, Earlier, Restricted
from rag.domain import Answer, Citation, Event, Statement
from rag.feedback import new_answer_id
from rag.spoken import Piece, closing, piece
from rag.wire import Plain, to_client

MODEL = "dateline"
END = b"data: [DONE]\n\n"
GAP = " "  # between sentences
_MADE = 1_767_225_600  # 2026-01-01: the protocol wants a day for a model


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: Literal["text"]
    text: Annotated[str, Field(max_length=LONGEST)]


class Message(BaseModel):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, Field(max_length=LONGEST)] | Annotated[list[Part], Field(max_length=20)]

    def text(self) -> str:
        """The content as one text."""
        return self.content if isinstance(self.content, str) else " ".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """What a stream shall end with."""

    include_usage: StrictBool | None = None


class Completing(Restricted):
    """A request for a completion; members not named here are accepted and ignored, as their clients send many."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {
                "model": MODEL,
                "messages": [
                    {"role": "user", "content": "How many civilians were killed in Friday's strike?"}
                ],
            }
        },
    )

    model: Annotated[str, Field(min_length=1, max_length=200, description=f"Always {MODEL!r}.")]
    messages: Annotated[list[Message], Field(min_length=1, max_length=2 * MOST_TURNS)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[StrictInt, Field(ge=1, le=1)] | None = None

    @model_validator(mode="after")
    def _ends_with_a_question(self) -> "Completing":
        if self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's: it is the question")
        return self

    def asking(self) -> Asking:
        """The conversation as a question with its history."""
        turns: list[Earlier] = []
        said = [message for message in self.messages[:-1] if message.role in ("user", "assistant")]
        for message in said:
            if message.role == "user":
                turns.append(Earlier(question=message.text()[:LONGEST]))
            elif turns and not turns[-1].answer:
                turns[-1] = Earlier(question=turns[-1].question, answer=message.text()[:LONGEST])
        restricted = {name: getattr(self, name) for name in Restricted.model_fields}
        return Asking.model_construct(
            question=self.messages[-1].text(), history=turns, stream=False, **restricted
        )


def routes(desk: Desk) -> APIRouter:
    """The routes that OpenAI's clients use."""
    router = APIRouter(tags=["OpenAI-compatible"])

    @router.post(
        "/v1/chat/completions",
        operation_id="complete",
        summary="Answer the last message, in the shape of OpenAI's chat completions",
        responses=json_response("Completion", also=EVENTS),
    )
    async def complete(completing: Completing, request: Request) -> Response:
        if completing.model != MODEL:
            raise HTTPException(
                404, f"there is no model {completing.model[:200]!r} here; the model is {MODEL!r}"
            )
        reply = Reply(str(request.base_url).rstrip("/"))
        events = answering(desk, completing.asking(), request.is_disconnected, request.headers)
        if completing.stream:
            first = await anext(events)
            usage = bool(completing.stream_options and completing.stream_options.include_usage)
            return EventStream(_sent(reply, first, events, usage=usage))
        async for item in events:
            if isinstance(item, Answer):
                for statement in item.statements:
                    reply.take(statement)
                reply.take(item)
        return JSON(reply.whole())

    @router.get(
        "/v1/models",
        operation_id="models",
        summary="The one model there is",
        responses=json_response("Models"),
    )
    async def models() -> Response:
        return JSON({"object": "list", "data": [_model()]})

    @router.get(
        "/v1/models/{model}",
        operation_id="model",
        summary="The same by name",
        responses=json_response("Model"),
    )
    async def model(model: str) -> Response:
        if model != MODEL:
            raise HTTPException(404, f"there is no model {model[:200]!r} here; the model is {MODEL!r}")
        return JSON(_model())

    return router


class Reply:
    """A completion as it grows with the events of an answer."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._made = int(time.time())
        self._id = new_answer_id()
        self._text = ""
        self._annotations: list[Plain] = []
        self._answer: Answer | None = None
        self._stated: list[Statement] = []

    def take(self, item: Event) -> str:
        """Add what an event says; returns the text that it adds. Unchecked pieces of a model's text say nothing."""
        if isinstance(item, Statement):
            self._stated.append(item)
            return self._add(piece(item))
        if isinstance(item, Answer):
            self._answer = item
            kept = {statement.text for statement in item.statements}
            # What is not supported was said with a label, and need not be taken back.
            withdrawn = [
                f"“{each.text}”"
                for each in self._stated
                if each.verdict == "supported" and each.text not in kept
            ]
            pieces = [Piece(f"Withdrawn: {' '.join(withdrawn)}")] if withdrawn else []
            return "".join(self._add(each) for each in [*pieces, *closing(item)])
        return ""

    def whole(self) -> dict[str, Plain]:
        """The completion at once."""
        message: dict[str, Plain] = {
            "role": "assistant",
            "content": self._text,
            "annotations": self._annotations,
        }
        choice: dict[str, Plain] = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(), **self._extra()}

    def chunk(self, delta: dict[str, Plain], finish: str | None = None) -> dict[str, Plain]:
        """One chunk of a stream."""
        choice: dict[str, Plain] = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def last_chunk(self) -> dict[str, Plain]:
        """The chunk with which the answer ends: it brings the annotations, which know the whole text."""
        return {**self.chunk({"annotations": self._annotations}, "stop"), **self._extra()}

    def usage_chunk(self) -> dict[str, Plain]:
        """The chunk that `stream_options.include_usage` asks for."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()}

    def _add(self, added: Piece) -> str:
        gap = GAP if self._text else ""
        start = len(self._text) + len(gap)
        self._text += gap + added.text
        self._annotations += annotations(added.citations, start=start, end=len(self._text), base=self._base)
        return gap + added.text

    def _head(self, kind: str) -> dict[str, Plain]:
        return {"id": self._id, "object": kind, "created": self._made, "model": MODEL}

    def _usage(self) -> dict[str, Plain]:
        """Tokens of the language model, where there is one; quoting costs none."""
        usage = self._answer.usage if self._answer else {}
        asked, written = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
        return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}

    def _extra(self) -> dict[str, Plain]:
        """What the protocol has no place for."""
        answer = self._answer
        if answer is None:
            return {}
        told_more = {
            name: getattr(answer, name) for name in ("status", "notice", "origins", "conflicts", "plan")
        }
        return {"dateline": cast("dict[str, Plain]", to_client(told_more))}


def annotations(citations: tuple[Citation, ...], *, start: int, end: int, base: str) -> list[Plain]:
    """`url_citation`s for characters `start` to `end` of the text; `base` is this server's address."""
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": start,
                "end_index": end,
                "url": citation.url or f"{base}/v1/articles/{quote(citation.article_id, safe='')}",
                "title": citation.title or citation.article_id,
                "article_id": citation.article_id,
                "cited_text": citation.quote,
                "start_char_index": citation.start,
                "end_char_index": citation.end,
                "sha256": citation.sha256,
            },
        }
        for citation in citations
    ]


async def _sent(
    reply: Reply, first: Event, events: AsyncGenerator[Event, None], *, usage: bool
) -> AsyncGenerator[bytes, None]:
    try:
        yield event(None, reply.chunk({"role": "assistant", "content": ""}))
        for chunk in _chunks(reply, first):
            yield chunk
        async for item in events:
            for chunk in _chunks(reply, item):
                yield chunk
        yield event(None, reply.last_chunk())
        if usage:
            yield event(None, reply.usage_chunk())
        yield END
    except Exception as error:  # the status has been sent: only an event can tell of it now
        noted(error)
        status, detail, _ = told(error)
        yield event(None, {"error": {"message": detail, "type": type(error).__name__, "code": status}})
    finally:
        await events.aclose()


def _chunks(reply: Reply, item: Event) -> Iterator[bytes]:
    if text := reply.take(item):
        yield event(None, reply.chunk({"content": text}))


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _MADE, "owned_by": "dateline"}
