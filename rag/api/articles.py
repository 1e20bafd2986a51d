"""The collection's articles: listed, read, removed."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.shapes import Day
from rag.domain import Article, Filters
from rag.errors import CorpusEmpty
from rag.wire import to_client, without_text


def routes(desk: Desk) -> APIRouter:
    """GET /v1/articles, GET and DELETE /v1/articles/{id}, GET /v1/corpus."""
    router = APIRouter(tags=["articles"])
    newsroom = desk.newsroom

    @router.get(
        "/v1/articles", operation_id="list_articles", summary="List articles by id, without their texts"
    )
    async def listed(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[
            str | None,
            Query(max_length=2_000, description="`next` of the page before; none: the first page."),
        ] = None,
        since: Day | None = None,
        until: Day | None = None,
        source: Annotated[list[str] | None, Query(max_length=100)] = None,
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
        summary="Read an article with its passages",
    )
    async def read(article_id: str) -> Response:
        article, passages = await run_in_threadpool(newsroom.passages, article_id)
        spans = [{"id": each.id, "start": each.start, "end": each.end} for each in passages]
        return JSON({"article": to_client(article), "passages": spans})

    @router.delete(
        "/v1/articles/{article_id:path}",
        operation_id="remove_article",
        status_code=204,
        summary="Remove an article",
    )
    async def remove(article_id: str) -> Response:
        await run_in_threadpool(newsroom.remove, [article_id])
        return Response(status_code=204)

    @router.get("/v1/corpus", operation_id="corpus", summary="What the collection holds")
    async def corpus() -> Response:
        return JSON(to_client(await run_in_threadpool(newsroom.info)))

    return router
