"""A scripted OpenAI-compatible endpoint on loopback: it replies as it was told to, failures included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Writes one reply to the open connection; is given the request too.
Reply = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@dataclass
class Endpoint:
    """What the endpoint was asked, and what it answers: one reply after the other, the last one for ever."""

    replies: list[Reply]
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)  # a client went away while we wrote
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def prompts(self) -> list[str]:
        """The user's message of each request."""
        return [request["messages"][-1]["content"] for request in self.requests]


@contextmanager
def serve(*replies: Reply) -> Iterator[Endpoint]:
    """Run an endpoint that gives these replies in turn."""
    endpoint = Endpoint(list(replies))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            place = len(endpoint.requests)
            endpoint.requests.append(request)
            endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.close_connection = True  # after every reply, with a header or without one
            try:
                endpoint.replies[min(place, len(endpoint.replies) - 1)](self, request)
            except (BrokenPipeError, ConnectionResetError):
                endpoint.hung_up.set()

        def end_headers(self) -> None:
            # Unannounced, the client would send its next try into a connection that is just being closed.
            self.send_header("connection", "close")
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.endpoint = endpoint  # type: ignore[attr-defined]
    endpoint.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def says(
    *pieces: str,
    finish: str | None = "stop",
    usage: dict[str, int] | None = None,
    done: bool = True,
    pause: float = 0.0,
) -> Reply:
    """A proper stream of these pieces; `finish=None` leaves out the finish reason."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        open_stream(handler)
        for piece in pieces:
            write_event(handler, chunk({"content": piece}))
            wait(handler, pause)
        if finish:
            write_event(handler, chunk({}, finish=finish))
        counted = usage or {
            "prompt_tokens": 10,
            "completion_tokens": len(pieces),
            "total_tokens": 10 + len(pieces),
        }
        write_event(handler, chunk({}, usage=counted))
        if done:
            handler.wfile.write(b"data: [DONE]\n\n")

    return reply


def weighs(**chances: float) -> Reply:
    """One token with these log-probabilities."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        alternatives = [
            {"token": token, "logprob": chance, "bytes": None} for token, chance in chances.items()
        ]
        first = {**alternatives[0], "top_logprobs": alternatives}
        open_stream(handler)
        write_event(handler, chunk({"content": first["token"]}, logprobs={"content": [first]}))
        write_event(handler, chunk({}, finish="length"))

    return reply


def refuses(
    status: int, message: str = "refused", headers: dict[str, str] | None = None, **error: str
) -> Reply:
    """An error with OpenAI's body."""
    return sends(
        json.dumps({"error": {"message": message, **error}}).encode(),
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
    )


def sends(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Any body."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        handler.send_response(status)
        for name, value in {"content-type": "text/event-stream", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def stalls(*pieces: str) -> Reply:
    """Says this much, and then nothing, with the connection open."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        if pieces:
            open_stream(handler)
        for piece in pieces:
            write_event(handler, chunk({"content": piece}))
        wait(handler, 60)

    return reply


def lives(seconds: float) -> Reply:
    """Sends comments, which are no events to the client library, and never says a word."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        open_stream(handler)
        for _ in range(int(seconds / 0.1)):
            handler.wfile.write(b": keep-alive\n\n")
            handler.wfile.flush()
            wait(handler, 0.1)

    return reply


def drips(seconds: float) -> Reply:
    """Sends a byte of the header every now and then."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
        until = time.monotonic() + seconds
        while time.monotonic() < until and not of(handler).closing.is_set():
            handler.wfile.write(b"y")
            wait(handler, 0.02)

    return reply


def breaks_off(*pieces: str) -> Reply:
    """Cuts the connection after these pieces, in the middle of a chunk."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("content-length", "100000")
        handler.end_headers()
        for piece in pieces:
            write_event(handler, chunk({"content": piece}))

    return reply


def floods(tokens: int) -> Reply:
    """Writes that many tokens, whatever was asked for."""

    def reply(handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        open_stream(handler)
        event = f"data: {json.dumps(chunk({'content': ' more and more'}))}\n\n".encode() * 100
        for _ in range(tokens // 100):
            handler.wfile.write(event)

    return reply


def chunk(
    delta: dict[str, Any],
    *,
    finish: str | None = None,
    usage: dict[str, int] | None = None,
    logprobs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    return {**head, "choices": [] if usage else [choice], "usage": usage}


def events(*bodies: object, done: bool = True) -> bytes:
    """A stream of these events: text as it is, anything else as JSON."""
    lines = [f"data: {body if isinstance(body, str) else json.dumps(body)}\n\n" for body in bodies]
    return "".join([*lines, "data: [DONE]\n\n" if done else ""]).encode()


def open_stream(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.end_headers()


def write_event(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    handler.wfile.write(events(body, done=False))
    handler.wfile.flush()


def wait(handler: BaseHTTPRequestHandler, seconds: float) -> None:
    """Wait, but not longer than the test takes."""
    if seconds:
        of(handler).closing.wait(seconds)


def of(handler: BaseHTTPRequestHandler) -> Endpoint:
    return handler.server.endpoint  # type: ignore[attr-defined, no-any-return]
