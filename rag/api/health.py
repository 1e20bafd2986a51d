"""Whether the process runs, whether it can answer, and its figures."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.documents import json_response
from rag.api.metrics import CONTENT_TYPE

NO_NEWS = {"Cache-Control": "no-store"}


def routes(desk: Desk) -> APIRouter:
    """GET /healthz, /readyz and /metrics."""
    router = APIRouter(tags=["operation"])

    @router.get(
        "/healthz",
        operation_id="healthz",
        summary="Whether the process runs",
        responses=json_response("Health"),
    )
    async def healthz() -> Response:
        return JSON({"status": "ok"})

    @router.get(
        "/readyz",
        operation_id="readyz",
        summary="Whether it can answer: articles, vectors, keywords, models",
        responses=json_response("Readiness") | json_response("Readiness", 503),
    )
    async def readyz() -> Response:
        parts = await run_in_threadpool(desk.newsroom.check)
        wrong = [name for name, state in parts.items() if state != "ok"]
        status = "draining" if desk.draining() else "unready" if wrong else "ready"
        return JSON({"status": status, "parts": parts}, 200 if status == "ready" else 503)

    @router.get(
        "/metrics",
        operation_id="metrics",
        summary="Figures for Prometheus",
        responses={200: {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        return Response(desk.metrics.text(), headers={**NO_NEWS, "Content-Type": CONTENT_TYPE})

    return router
