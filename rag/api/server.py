"""`dateline serve`: the API and the chat in one process, which ends in good order."""

import asyncio
import logging
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from rag.api.app import create_app
from rag.api.desk import Desk
from rag.api.gate import hosts_for, is_loopback
from rag.api.log import install_log
from rag.errors import UsageError
from rag.keys import Keys
from rag.newsroom import Newsroom
from rag.settings import Settings

DRAIN_SECONDS = 30.0  # that answers in hand may take once the process is told to end
NOTICE_SECONDS = 1.0  # at least, so that whoever asks /readyz hears of it
LOOK = 0.05
BACKLOG = 2048  # connections that wait to be taken, as uvicorn has it
CLOSE_SECONDS = 3  # for connections that are left, such as the chat's heartbeat, which never ends

_log = logging.getLogger("rag.api")


class Server(uvicorn.Server):
    """Told to end, it takes nothing new, lets answers in hand finish, and exits with 0; told twice, at once."""

    def __init__(self, config: uvicorn.Config, desk: Desk, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._desk = desk
        self._announce = announce
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drained: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # sockets as given
        """Open the sockets, and say where."""
        await super().startup(sockets)  # type: ignore[arg-type]  # as given
        self._loop = asyncio.get_running_loop()
        for server in getattr(self, "servers", ()):
            for each in server.sockets:
                address = _written(each.getsockname())
                _log.info("listening", extra={"address": address})
                self._announce(f"http://{address}/")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What a signal does."""
        if self._desk.draining() or self._loop is None:
            self.should_exit = self.force_exit = True
            return
        self._desk.leave()
        self._loop.call_soon_threadsafe(self._begin_to_drain)

    def _begin_to_drain(self) -> None:
        self._drained = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        _log.info("draining")
        loop = asyncio.get_running_loop()
        notice, end = loop.time() + NOTICE_SECONDS, loop.time() + DRAIN_SECONDS
        while loop.time() < notice or (self._desk.work.admitted and loop.time() < end):
            await asyncio.sleep(LOOK)
        self.should_exit = True


def serve(
    newsroom: Newsroom,
    settings: Settings,
    *,
    host: str,
    port: int,
    announce: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until the process is told to end; `announce` is told each address once it can be reached.

    Raises UsageError where the address needs a key and there is none.
    """
    if not is_loopback(host) and not Keys(settings.home).names():
        raise UsageError(
            f"{host} can be reached from other machines, which needs a key: `dateline keys make NAME` makes one"
        )
    listening = _bound(host, port)
    install_log()
    app = create_app(newsroom, settings, hosts=hosts_for(settings, host), keyless=is_loopback(host))
    # Imported here because the page is a package beside this one, built on it.
    from ui import mount

    config = uvicorn.Config(
        mount(app, newsroom, settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    server = Server(config, app.state.desk, announce)
    server.run([listening])


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UsageError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise UsageError(f"{host}, port {port}: {reason}; choose another --host or --port") from exc


def _written(name: tuple[str, int]) -> str:
    """A socket's address as a URL has it."""
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
