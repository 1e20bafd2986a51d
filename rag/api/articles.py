"""The collection: its articles listed, read, removed; and what it holds in all."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.documents import json_response
from rag.api.problems import BUSY_SECONDS
from rag.api.shapes import Day
from rag.domain import Article, Filters
from rag.errors import CorpusEmpty
from rag.wire import to_client, without_text

AnId = Annotated[str, Query(max_length=2_000, pattern="^[^\x00]*$")]


def routes(desk: Desk) -> APIRouter:
    """GET /v1/articles, GET and DELETE /v1/articles/{id}, GET /v1/corpus."""
    router = APIRouter(tags=["articles"])
    newsroom, jobs = desk.newsroom, desk.jobs

    @router.get(
        "/v1/articles",
        operation_id="list_articles",
        summary="List articles by id, without their texts",
        responses=json_response("ArticlePage"),
    )
    async def listed(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[AnId | None, Query(description="`next` of the page before.")] = None,
        since: Annotated[Day | None, Query(description="Only articles of this day or later.")] = None,
        until: Annotated[Day | None, Query(description="Only articles of this day or earlier.")] = None,
        source: Annotated[
            list[str] | None, Query(max_length=100, description="Only of these publishers.")
        ] = None,
    ) -> Response:
        filters = Filters(since=since, until=until, sources=tuple(source or ()))
        found = await run_in_threadpool(_page, filters, limit, after)
        page = found[:limit]
        more = page[-1].id if len(found) > limit else None
        return JSON({"articles": [without_text(article) for article in page], "next": more})

    def _page(filters: Filters, limit: int, after: str | None) -> list[Article]:
        try:
            return newsroom.articles(filters, limit=limit + 1, after=after)
        except CorpusEmpty:
            return []

    @router.get(
        "/v1/articles/{article_id:path}",
        operation_id="read_article",
        summary="Read an article with the places of its passages",
        responses=json_response("ArticleRead"),
    )
    async def read(article_id: str) -> Response:
        article, passages = await run_in_threadpool(newsroom.passages, article_id)
        spans = [{"id": each.id, "start": each.start, "end": each.end} for each in passages]
        return JSON({"article": to_client(article), "passages": spans})

    @router.delete(
        "/v1/articles/{article_id:path}",
        operation_id="remove_article",
        summary="Remove an article",
        status_code=204,
    )
    async def remove(article_id: str) -> Response:
        if jobs.busy or newsroom.busy:
            raise HTTPException(
                409,
                "articles are being taken in; remove them when that is done",
                {"Retry-After": str(BUSY_SECONDS)},
            )
        await run_in_threadpool(newsroom.article, article_id)  # a wrong id is told without locking anything
        await run_in_threadpool(newsroom.remove, [article_id])
        return Response(status_code=204)

    @router.get(
        "/v1/corpus",
        operation_id="corpus",
        summary="What the collection holds",
        responses=json_response("Statistics"),
    )
    async def corpus() -> Response:
        return JSON(to_client(await run_in_threadpool(newsroom.info)))

    return router
