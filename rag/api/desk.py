"""What every route works with."""

from dataclasses import dataclass, field
from threading import Event

from starlette.responses import Response

from rag.api.jobs import Jobs
from rag.api.metrics import Metrics
from rag.api.problems import to_bytes
from rag.api.telemetry import Tracing
from rag.api.work import Work
from rag.keys import Keys
from rag.newsroom import Newsroom
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """A Newsroom, the threads that answer for it, and what they note."""

    newsroom: Newsroom
    settings: Settings
    keys: Keys
    work: Work
    jobs: Jobs
    metrics: Metrics
    tracing: Tracing
    _leaving: Event = field(default_factory=Event)

    def leave(self) -> None:
        """Take nothing new: the process is about to end."""
        self._leaving.set()

    def draining(self) -> bool:
        """Whether the process is about to end."""
        return self._leaving.is_set()

    def close(self) -> None:
        """End all threads."""
        self.jobs.close()
        self.work.close()
        self.tracing.close()


class JSON(Response):
    """A JSON document; never kept by a cache, because the collection changes."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(to_bytes(content), status, {"Cache-Control": "no-store", **(headers or {})})
