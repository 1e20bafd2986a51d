"""What a browser is told about the page: load nothing from elsewhere, run no script but ours.

`gr.HTML` compiles its templates with `Function`, so `unsafe-eval` has to stay. Inline scripts run only with
the nonce of their response: markup that got into an answer in spite of all escaping could not act.
"""

import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; connect-src 'self'; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_SCRIPT = re.compile(rb"<script(?=[\s>])")


class Guard:
    """ASGI middleware that gives every response of the page its headers, and its scripts their nonce.

    Gradio writes its configuration into the page as JSON with `<` escaped, so every `<script` of the page is
    Gradio's own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Guarded(send))


class _Guarded:
    """Sends one response on; a page is held back until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None  # of a page
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), *HEADERS]
            message = {**message, "headers": headers}
            if dict(headers).get(b"content-type", b"").startswith(b"text/html"):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        nonce = secrets.token_urlsafe(16)
        body = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), self._body)
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        headers += [
            (b"content-length", str(len(body)).encode()),
            (b"content-security-policy", POLICY.format(nonce=nonce).encode()),
        ]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})
