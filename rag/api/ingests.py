"""Files of articles sent in, and the jobs that take them in."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.api.desk import JSON, Desk
from rag.api.documents import json_response
from rag.api.jobs import Job
from rag.uploads import file_name

MOST_FILES = 100  # in one request


def routes(desk: Desk) -> APIRouter:
    """POST /v1/articles, and routes below /v1/jobs."""
    router = APIRouter(tags=["articles"])
    jobs = desk.jobs

    @router.post(
        "/v1/articles",
        operation_id="send_articles",
        summary="Send in files of articles; a job takes them in",
        status_code=202,
        responses=json_response("Job", 202),
    )
    async def sent_in(
        files: Annotated[list[UploadFile], File(description="Any files that `dateline ingest` reads.")],
    ) -> Response:
        if len(files) > MOST_FILES:
            raise HTTPException(413, f"{len(files)} files in one request; at most {MOST_FILES} are taken")
        names: list[str] = []
        for each in files:
            names.append(file_name(each.filename, names))
        contents = [each.file for each in files]
        job = await run_in_threadpool(jobs.submit, list(zip(names, contents, strict=True)))
        return JSON(job.plain(), 202, {"Location": f"/v1/jobs/{job.id}"})

    @router.get(
        "/v1/jobs",
        operation_id="list_jobs",
        summary="Ingests, newest first",
        responses=json_response("JobList"),
    )
    async def all_jobs() -> Response:
        return JSON({"jobs": [job.plain() for job in jobs.all()]})

    def _job(job_id: str) -> Job:
        if job := jobs.get(job_id):
            return job
        raise HTTPException(404, f"there is no job {job_id[:100]!r}; GET /v1/jobs lists the jobs")

    @router.get(
        "/v1/jobs/{job_id}",
        operation_id="read_job",
        summary="How far an ingest has come",
        responses=json_response("Job"),
    )
    async def one_job(job_id: str) -> Response:
        return JSON(_job(job_id).plain())

    @router.delete(
        "/v1/jobs/{job_id}",
        operation_id="cancel_job",
        summary="Stop an ingest; what was stored before stays",
        status_code=202,
        responses=json_response("Job", 202),
    )
    async def cancel(job_id: str) -> Response:
        job = _job(job_id)
        jobs.cancel(job)
        return JSON(job.plain(), 202)

    return router
