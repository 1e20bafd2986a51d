"""What every route works with."""

from dataclasses import dataclass

from starlette.responses import Response

from rag.api.problems import to_bytes
from rag.api.work import Work
from rag.newsroom import Newsroom
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """A Newsroom with the threads that answer for it."""

    newsroom: Newsroom
    settings: Settings
    work: Work


class JSON(Response):
    """A JSON document; never kept by a cache, because the collection changes."""

    media_type = "application/json"

    def __init__(self, content: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(to_bytes(content), status, {"Cache-Control": "no-store", **(headers or {})})
