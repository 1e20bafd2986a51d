"""Whether the process runs, and whether it can answer."""

from fastapi import APIRouter
from starlette.responses import Response

from rag.api.desk import JSON, Desk


def routes(desk: Desk) -> APIRouter:
    """GET /healthz."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz", operation_id="healthz", summary="Whether the process runs")
    async def healthz() -> Response:
        return JSON({"status": "ok"})

    return router
