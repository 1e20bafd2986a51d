"""The application: routes, errors and limits put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from rag.api import answers, articles, completions, health, ingests, stories
from rag.api.desk import Desk
from rag.api.documents import install_document, problems
from rag.api.gate import Gate
from rag.api.jobs import Jobs
from rag.api.mcp import PATH as MCP_PATH
from rag.api.mcp import mcp_server
from rag.api.metrics import Metrics
from rag.api.problems import install_handlers
from rag.api.telemetry import tracing
from rag.api.work import Work
from rag.keys import Keys
from rag.newsroom import Newsroom
from rag.settings import Settings

# Any request may be malformed, go to another host's name, lack a key, or come too often.
ANY_MAY_FAIL = problems(400, 401, 403, 404, 405, 409, 413, 421, 422, 429, 500, 502, 503, 504)


def create_app(
    newsroom: Newsroom, settings: Settings, *, hosts: Sequence[str] = (), keyless: bool = True
) -> FastAPI:
    """The HTTP API of a Newsroom, which stays the caller's to close.

    `hosts`: the names under which it may be addressed; none: any. `keyless`: whether, as long as no key was made,
    none is needed.
    """
    desk = new_desk(newsroom, settings)
    protocol = mcp_server(desk)
    # Host and Origin are the gate's business, as is the size of the body.
    tools = protocol.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        json_response=True,
        host="0.0.0.0",  # noqa: S104 - no socket
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(newsroom.warm)
        async with protocol.session_manager.run():
            try:
                yield
            finally:
                await run_in_threadpool(desk.close)

    app = FastAPI(
        title="Dateline",
        version=version("dateline"),
        summary="Questions to a collection of news articles, answers that can be checked.",
        lifespan=lifespan,
        docs_url=None,  # these pages would fetch their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.desk = desk
    routers = [module.routes(desk) for module in (answers, articles, ingests, stories, completions, health)]
    for router in routers:
        app.include_router(router, responses=ANY_MAY_FAIL)
    app.router.routes.extend(tools.routes)
    remainder = Remainder([route for router in routers for route in router.routes])
    for path in ("/v1/{rest:path}", "/healthz", "/readyz", "/metrics"):
        app.router.routes.append(Route(path, endpoint=remainder))  # of any method
    install_handlers(app)
    install_document(app)
    app.add_middleware(
        Gate,
        settings=settings,
        keys=desk.keys,
        hosts=hosts,
        metrics=desk.metrics,
        draining=desk.draining,
        keyless=keyless,
    )
    return app


def new_desk(newsroom: Newsroom, settings: Settings) -> Desk:
    """What the routes of one application share."""
    work = Work(threads=settings.api_threads, waiting=settings.api_waiting, seconds=settings.api_deadline)
    metrics = Metrics(work)
    return Desk(
        newsroom=newsroom,
        settings=settings,
        keys=Keys(settings.home),
        work=work,
        jobs=Jobs(newsroom, settings.home, metrics),
        metrics=metrics,
        tracing=tracing(settings.otel_endpoint, version("dateline")),
    )


class Remainder:
    """Stands before the chat, which takes every path that is left: a wrong method, or an unknown path of ours."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request."""
        partial = [route for route in self._routes if route.matches(scope)[0] is Match.PARTIAL]
        allowed = {method for route in partial for method in getattr(route, "methods", None) or ()}
        if allowed:
            detail = f"{scope['method'][:20]} is not for this path"
            raise HTTPException(405, detail, {"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404, "there is nothing at this path; /openapi.json lists what there is")
