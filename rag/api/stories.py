"""Stories: events that two or more articles tell of."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.documents import json_response
from rag.api.shapes import Day
from rag.domain import Filters, Story
from rag.errors import CorpusEmpty
from rag.wire import to_client


def routes(desk: Desk) -> APIRouter:
    """GET /v1/stories."""
    router = APIRouter(tags=["articles"])

    @router.get(
        "/v1/stories",
        operation_id="list_stories",
        summary="Events that two or more articles tell of, the latest first",
        responses=json_response("StoryPage"),
    )
    async def stories(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="Stories to skip.")] = 0,
        as_of: Annotated[
            Day | None, Query(description="As on this day: later articles do not exist.")
        ] = None,
        since: Annotated[Day | None, Query(description="With an article of this day or later.")] = None,
        until: Annotated[Day | None, Query(description="With an article of this day or earlier.")] = None,
        source: Annotated[list[str] | None, Query(max_length=100, description="With one of these.")] = None,
    ) -> Response:
        filters = Filters(since=since, until=until, sources=tuple(source or ()), as_of=as_of)
        found = await run_in_threadpool(_page, filters, limit, offset)
        more = offset + limit if len(found) > limit else None
        return JSON({"stories": to_client(found[:limit]), "next": more})

    def _page(filters: Filters, limit: int, offset: int) -> list[Story]:
        try:
            return desk.newsroom.stories(filters, limit=limit + 1, offset=offset)
        except CorpusEmpty:
            return []

    return router
