"""Everything that goes wrong, as a problem document (RFC 9457).

What a client did wrong is told in full. What is wrong on our side is told in one general sentence, and in full
in the log: paths and settings of the server are not the client's business.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rag.api.work import Gone, Overloaded, TooLate
from rag.errors import (
    ArticleNotFound,
    CorpusEmpty,
    CorpusError,
    DatelineError,
    HomeLocked,
    LLMError,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
CLIENT_GONE = 499  # nobody reads it; the log tells it apart from our own faults
BUSY_SECONDS = 10  # after which a collection that was being changed is worth another try
OPENAI_PATHS = ("/v1/chat/", "/v1/models")  # whose clients look for an `error`

FRAMES = 4  # of an unexpected error that the log names

_log = logging.getLogger("rag.api")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "no article has the id 'x'",
                "instance": "urn:dateline:request:5f0c…",
            }
        }
    )

    type: str = Field("about:blank", description="There are no further types: the status says it.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What failed, and what to do.")
    instance: str = Field(description="Names the request, as the log does and the header X-Request-ID.")


def problem(
    request: Request, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    """A response that says what went wrong; `members` are added to the document."""
    title = "Client Closed Request" if status == CLIENT_GONE else HTTPStatus(status).phrase
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:dateline:request:{request.scope.get('request_id', 'unknown')}",
        **members,
    }
    if request.url.path.startswith(OPENAI_PATHS):
        document["error"] = {"message": detail, "type": title, "param": None, "code": str(status)}
    return Response(to_bytes(document), status, headers=headers, media_type=MEDIA_TYPE)


def to_bytes(document: object) -> bytes:
    r"""JSON in UTF-8; half a surrogate pair, which UTF-8 cannot write, is escaped as JSON allows."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def told(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, detail and headers for an error."""
    match error:
        case Overloaded():
            return 503, str(error), {"Retry-After": str(error.retry_after)}
        case TooLate():
            return 504, str(error), {}
        case Gone():
            return CLIENT_GONE, "the client closed the connection", {}
        case ArticleNotFound():
            return 404, f"no article has the id {error.article_id!r}; GET /v1/articles lists the ids", {}
        case UsageError():
            return 422, str(error), {}
        case CorpusEmpty():
            return 409, "the collection holds no articles yet; POST some to /v1/articles", {}
        case HomeLocked():
            detail = "the collection is being changed by another request or program; try again a little later"
            return 409, detail, {"Retry-After": str(BUSY_SECONDS)}
        case LLMError():
            return 502, "the language model's endpoint failed; the server's log says how", {}
        case CorpusError():
            return 503, "the collection cannot be used at the moment; the server's log says why", {}
    return 500, "an unexpected error; the server's log says more", {}


def noted(error: Exception, **about: str | None) -> None:
    """Write into the log what is our fault; `about`: the request's id, or the job's."""
    status, _, _ = told(error)
    if status >= 500 and not isinstance(error, Overloaded | TooLate):
        # The message of an unexpected error may hold text of an article or of a question; its place does not.
        ours = isinstance(error, DatelineError)
        frames = [] if ours else traceback.extract_tb(error.__traceback__)[-FRAMES:]
        at = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
        said = str(error) if ours else None
        _log.error("failed", extra={**about, "error": type(error).__name__, "said": said, "at": at or None})


def failure(request: Request, error: Exception) -> Response:
    """A response to an error; what is our fault is logged."""
    status, detail, headers = told(error)
    noted(error, request_id=request.scope.get("request_id"))
    return problem(request, status, detail, headers=headers)


def install_handlers(app: FastAPI) -> None:
    """Make the application answer every error with a problem document."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it is installed for
        return problem(request, error.status_code, str(error.detail), headers=error.headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is installed for
        told = map(_told, error.errors())
        faults = [{"at": at, "message": message} for at, message in told]
        first = faults[0]
        return problem(request, 422, f"{first['at']}: {first['message']}", errors=faults)

    async def failed(request: Request, error: Exception) -> Response:
        return failure(request, error)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    for kind in (DatelineError, Overloaded, TooLate, Gone, Exception):
        app.add_exception_handler(kind, failed)


def _told(fault: Mapping[str, Any]) -> tuple[str, str]:
    """Where a request is wrong, and what is: what is checked names its own parts in two cases."""
    at, message = ".".join(map(str, fault["loc"])), str(fault["msg"])
    if fault["type"] == "json_invalid":
        return "body", f"not valid JSON, at character {fault['loc'][-1] + 1}: {fault['ctx']['error']}"
    if "UploadFile" in message:
        return at, "not a file; send files as multipart/form-data, each with a name"
    return at, message
