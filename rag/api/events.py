"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rag.api.problems import to_bytes

ALIVE_AFTER = 15.0  # seconds of silence after which a comment keeps proxies from closing the connection


def event(name: str | None, data: object) -> bytes:
    """One event; JSON has no line breaks outside its strings' escapes, so it is one line of data."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + to_bytes(data) + b"\n\n"


class EventStream(Response):
    """A response that sends events as they come, and closes their source whatever happens."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or the client goes."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        sending = asyncio.create_task(self._send(start, send))
        leaving = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        finally:
            sending.cancel()
            leaving.cancel()
            await self._events.aclose()

    async def _send(self, start: dict[str, object], send: Send) -> None:
        await send(start)
        async for chunk in _kept_alive(self._events):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _kept_alive(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    pending: asyncio.Task[bytes] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait({pending}, timeout=ALIVE_AFTER)
            if not done:
                yield b": still working\n\n"
                continue
            finished, pending = pending, None
            try:
                yield finished.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
