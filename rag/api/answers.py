"""Questions: answered, whole or event by event; searches; and what readers thought of answers."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.documents import EVENTS, json_response
from rag.api.events import EventStream, event
from rag.api.problems import noted, told
from rag.api.shapes import Asking, Judging, Searching
from rag.domain import Answer, Conflict, Delta, Event, Retrieved, Statement
from rag.feedback import Feedback, new_answer_id, record_feedback
from rag.wire import Plain, to_client

NAMES = {
    Retrieved: "passages",
    Delta: "delta",
    Statement: "statement",
    Conflict: "conflict",
    Answer: "answer",
}
# How it looks from inside when nobody waits for an answer any more.
LEFT = ("CancelledError", "Gone", "GeneratorExit")


def routes(desk: Desk) -> APIRouter:
    """POST /v1/ask, /v1/search and /v1/feedback."""
    router = APIRouter(tags=["answers"])

    @router.post(
        "/v1/ask",
        operation_id="ask",
        summary="Answer a question, or say why there is no answer",
        responses=json_response("Answer", also=EVENTS),
    )
    async def ask(asking: Asking, request: Request) -> Response:
        events = answering(desk, asking, request.is_disconnected, request.headers)
        if asking.stream:
            # What is wrong with the question is told by the status, so the first event is waited for.
            first = await anext(events)
            return EventStream(_sent(first, events))
        return JSON(with_id(await last(events)))

    @router.post(
        "/v1/search",
        operation_id="search",
        summary="Find the passages that bear on a question",
        responses=json_response("Hits"),
    )
    async def search(searching: Searching, request: Request) -> Response:
        def found() -> Iterator[Plain]:
            hits = desk.newsroom.search(searching.question, searching.filters(), limit=searching.limit)
            yield to_client(hits)

        return JSON({"hits": await last(desk.work.events(found, request.is_disconnected))})

    @router.post(
        "/v1/feedback", operation_id="feedback", status_code=204, summary="Say whether an answer was of use"
    )
    async def feedback(judging: Judging) -> Response:
        said = Feedback(**judging.model_dump())
        await run_in_threadpool(record_feedback, desk.settings.home, said)
        return Response(status_code=204)

    return router


async def answering(
    desk: Desk, asking: Asking, gone: Callable[[], Awaitable[bool]], headers: Mapping[str, str]
) -> AsyncGenerator[Event, None]:
    """The events of an answer as one of the threads computes them; close it to end that.

    `gone` tells whether the client has left; `headers` may name the trace that the answer belongs to.
    """

    def start() -> Iterator[Event]:
        return desk.newsroom.stream(asking.question, asking.filters(), history=asking.turns())

    began, clock = time.time(), time.perf_counter()
    retrieved: float | None = None
    answer: Answer | None = None
    error: str | None = None
    events = desk.work.events(start, gone)
    try:
        async for item in events:
            if retrieved is None:
                desk.metrics.first_event(time.perf_counter() - clock)
                retrieved = time.time()
            answer = item if isinstance(item, Answer) else None
            yield item
    except BaseException as exc:
        error = type(exc).__name__
        raise
    finally:
        await events.aclose()
        desk.metrics.answer(answer.status if answer else "left" if error in LEFT else "failed")
        desk.tracing.answered(headers, started=began, retrieved=retrieved, answer=answer, error=error)


async def last(events: AsyncGenerator[Any, None]) -> Any:
    """The last of the events."""
    item = None
    async for item in events:  # noqa: B007 - the last one is what is wanted
        pass
    return item


def with_id(answer: Answer) -> dict[str, Plain]:
    """An answer as clients get it, with the id that feedback names."""
    return {"id": new_answer_id(), **cast("dict[str, Plain]", to_client(answer))}


async def _sent(first: Event, events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    try:
        for chunk in _chunks(first):
            yield chunk
        async for item in events:
            for chunk in _chunks(item):
                yield chunk
    except Exception as error:  # the status has been sent: only an event can tell of it now
        noted(error)
        status, detail, _ = told(error)
        yield event("error", {"status": status, "detail": detail})
    finally:
        await events.aclose()


def _chunks(item: Event) -> Iterator[bytes]:
    if isinstance(item, Answer):
        for conflict in item.conflicts:
            yield event(NAMES[Conflict], to_client(conflict))
        yield event(NAMES[Answer], with_id(item))
    else:
        yield event(NAMES[type(item)], to_client(item))
