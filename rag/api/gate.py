"""What every request passes first, and where each leaves its line in the log and in the metrics.

In this order: a name for the request; the Host header, against DNS rebinding; the Origin of what changes
something, because a page of another site can make a browser send it; the key; its rate; the size of the body.
"""

import base64
import binascii
import ipaddress
import logging
import math
import re
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.limits import RateLimit
from rag.api.metrics import Metrics
from rag.api.problems import failure, problem
from rag.errors import DatelineError
from rag.keys import Keys
from rag.settings import Settings

OPEN = {"/healthz", "/readyz"}  # what watches over the process has no key
SAFE = {"GET", "HEAD", "OPTIONS"}
OURS = ("/v1/", "/mcp")
UPLOADS = "/v1/articles"
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("rag.api")


class Refused(Exception):
    """The request goes no further."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Gate:
    """ASGI middleware around the whole application, the chat included.

    With `hosts` empty any Host header will do: that is for addresses which need a key anyway. `keyless`: as long as
    no key was made, none is needed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        keys: Keys,
        hosts: Sequence[str],
        metrics: Metrics,
        draining: Callable[[], bool],
        keyless: bool,
    ) -> None:
        self._app = app
        self._keys = keys
        self._hosts = {host.lower() for host in hosts}
        self._metrics = metrics
        self._draining = draining
        self._keyless = keyless
        self._rate = RateLimit(settings.api_rate)
        self._small = settings.max_request_kb * 1_000
        self._large = settings.max_upload_mb * 1_000_000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it with a problem document."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # nothing here speaks over websockets
                await self._app(scope, receive, send)
            return
        request = Request(scope)
        scope["request_id"] = _request_id(request.headers)
        started, status = time.perf_counter(), 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = scope["request_id"]
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        try:
            try:
                self._check(request)
            except Refused as refused:
                response = problem(request, refused.status, refused.detail, headers=refused.headers)
                await response(scope, receive, answered)
            except DatelineError as error:  # the file of the keys cannot be read
                await failure(request, error)(scope, receive, answered)
            else:
                await self._app(scope, self._bounded(request, receive), answered)
        finally:
            self._note(request, status, time.perf_counter() - started)

    def _check(self, request: Request) -> None:
        """Raises Refused."""
        if self._hosts and _host(request.headers.get("host", "")) not in self._hosts:
            raise Refused(
                421, "this server does not go by the name in the Host header; see DATELINE_API_HOSTS"
            )
        if self._draining() and request.url.path not in OPEN:
            raise Refused(503, "this server is about to end", Retry_After="5", Connection="close")
        origin = request.headers.get("origin")
        if origin and request.method not in SAFE and _netloc(origin) != request.headers.get("host"):
            raise Refused(403, "a page of another site may not change anything here")
        holder = self._holder(request)
        if holder is not None:
            request.scope["holder"] = holder
            if wait := self._rate.wait(holder):
                raise Refused(429, "this key has made too many requests", Retry_After=str(math.ceil(wait)))
        with suppress(ValueError):
            if int(request.headers.get("content-length", "0")) > self._most(request):
                raise self._too_large(request)

    def _holder(self, request: Request) -> str | None:
        """Whose key the request carries; None where none is needed."""
        if request.url.path in OPEN or (self._keyless and not self._keys.names()):
            return None
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        key = credentials.strip() if scheme.lower() == "bearer" else _password(scheme, credentials)
        holder = self._keys.holder(key) if key else None
        if holder is None:
            # Browsers ask for a password where they are told Basic; programs look for Bearer.
            ours = request.url.path.startswith(OURS) or request.url.path == "/metrics"
            wanted = (
                'Bearer realm="dateline"' if ours else 'Basic realm="dateline: any name, a key as password"'
            )
            raise Refused(401, "a key is needed: Authorization: Bearer KEY", WWW_Authenticate=wanted)
        return holder

    def _most(self, request: Request) -> int:
        """Bytes that the body may have; the chat has its own limit for what it takes in."""
        path = request.url.path
        return self._small if path.startswith(OURS) and path != UPLOADS else self._large

    def _too_large(self, request: Request) -> Refused:
        return Refused(
            413,
            f"the body is larger than {self._most(request):,} bytes "
            "(DATELINE_MAX_REQUEST_KB, for uploads DATELINE_MAX_UPLOAD_MB)",
        )

    def _bounded(self, request: Request, receive: Receive) -> Receive:
        """The body up to its limit; whoever reads on gets a 413."""
        read, most = 0, self._most(request)

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise HTTPException(413, self._too_large(request).detail)
            return message

        return bounded

    def _note(self, request: Request, status: int, seconds: float) -> None:
        found = request.scope.get("route")
        ours = getattr(found, "include_in_schema", False)
        route = str(getattr(found, "path", "")) if ours else _other(request.url.path)
        self._metrics.request(request.method, route, status, seconds)
        _log.info(
            "request",
            extra={
                "request_id": request.scope["request_id"],
                "method": request.method,
                "route": route,  # not the path, which may name an article
                "status": status,
                "ms": round(1000 * seconds, 1),
                "key": request.scope.get("holder"),
            },
        )


def hosts_for(settings: Settings, host: str) -> list[str]:
    """The names that requests may use; empty: any, where the address is not loopback and none are set."""
    named = [name.strip() for name in settings.api_hosts.split(",") if name.strip()]
    return ["localhost", "127.0.0.1", "[::1]", host, *named] if named or is_loopback(host) else []


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _other(path: str) -> str:
    """What stands for the paths that are no route of ours: there are as many as anyone cares to make up."""
    return path if path in ("/mcp", "/openapi.json") else "other"


def _netloc(origin: str) -> str | None:
    """Host and port of an origin; None: it is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _host(header: str) -> str:
    """A Host header without its port."""
    return re.sub(r":\d+$", "", header).lower()


def _password(scheme: str, credentials: str) -> str | None:
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return None


def _request_id(headers: Headers) -> str:
    """The client's own name for the request, where it is one that a log can hold."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
