"""The application: routes, errors and limits put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from rag.api import answers, articles, health
from rag.api.desk import Desk
from rag.api.problems import install_handlers
from rag.api.work import Work
from rag.newsroom import Newsroom
from rag.settings import Settings


def create_app(newsroom: Newsroom, settings: Settings) -> FastAPI:
    """The HTTP API of a Newsroom, which stays the caller's to close."""
    work = Work(threads=settings.api_threads, waiting=settings.api_waiting, seconds=settings.api_deadline)
    desk = Desk(newsroom, settings, work)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(newsroom.warm)
        try:
            yield
        finally:
            work.close()

    app = FastAPI(
        title="Dateline",
        version=version("dateline"),
        summary="Questions to a collection of news articles, answers that can be checked.",
        lifespan=lifespan,
        docs_url=None,  # these pages would fetch their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    install_handlers(app)
    for module in (answers, articles, health):
        app.include_router(module.routes(desk))
    return app
