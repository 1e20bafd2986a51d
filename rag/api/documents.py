"""The OpenAPI document: what comes back is described from the records themselves, so that it cannot differ."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from rag.api.problems import MEDIA_TYPE, Problem
from rag.domain import Answer, Article, Conflict, Hit, Statement, Story
from rag.index.reading import Statistics
from rag.ingest import IngestReport

Schema = dict[str, Any]

_REF = "#/components/schemas/{model}"
_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_COUNT: Schema = {"type": "integer", "minimum": 0}

# Each event of a stream; its data is JSON.
EVENTS: dict[str, Schema] = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
            "required": ["data"],
        }
    }
}

DESCRIPTION = """\
Answers come with citations as data: `article.text[start_char_index:end_char_index] == cited_text`, counted in
Unicode code points from 0, the end exclusive.

With `stream: true`, `/v1/ask` sends server-sent events: `passages` (what the answer will draw on), `delta` (a
language model's text, not checked yet), `statement` (a checked sentence with its citations), `conflict` (sources
differ), `answer` (the whole, always last), or `error`. Errors before the first event come as a status with a
problem document (RFC 9457).
"""


def ref(name: str) -> Schema:
    """A reference to one of the components."""
    return {"$ref": _REF.format(model=name)}


def json_response(
    name: str, status: int = 200, also: Mapping[str, Schema] | None = None
) -> dict[int | str, Any]:
    """What a route says about its success: the component that comes back as JSON."""
    content = {"application/json": {"schema": ref(name)}, **(also or {})}
    return {status: {"description": HTTPStatus(status).phrase, "content": content}}


def problems(*statuses: int) -> dict[int | str, Any]:
    """What a route says about failures."""
    content = {MEDIA_TYPE: {"schema": ref("Problem")}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install_document(app: FastAPI) -> None:
    """Make /openapi.json describe the records."""

    def document() -> Schema:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=DESCRIPTION,
                routes=app.routes,
            )
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {}).update(components())
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            made["security"] = [{"key": []}, {}]  # none is needed on loopback, as long as none was made
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI's documentation gives


def components() -> dict[str, Schema]:
    """Schemas of everything that comes back."""
    records = {
        kind.__name__: TypeAdapter(kind)
        for kind in (Answer, Article, Conflict, Hit, Statement, Story, Statistics, IngestReport)
    }
    _, found = TypeAdapter.json_schemas(
        [(name, "serialization", adapter) for name, adapter in records.items()], ref_template=_REF
    )
    schemas: dict[str, Schema] = found["$defs"]
    schemas["Citation"] = _citation()
    schemas["ArticleAbout"] = _without_text(schemas["Article"])
    schemas["Hit"]["properties"]["article"] = ref("ArticleAbout")
    answer = schemas["Answer"]
    answer["properties"] = {
        "id": {**_TEXT, "description": "Names the answer in feedback."},
        **answer["properties"],
    }
    answer["required"] = ["id", *answer.get("required", [])]
    problem = models_json_schema([(Problem, "serialization")], ref_template=_REF)[1]["$defs"]["Problem"]
    schemas |= _ours() | _openai() | {"Problem": problem}
    return schemas


def record(properties: Mapping[str, Schema], *, optional: Sequence[str] = ()) -> Schema:
    """An object with these members."""
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": needed}


def _citation() -> Schema:
    return record(
        {
            "type": {"const": "char_location"},
            "article_id": _TEXT,
            "document_title": _MAYBE_TEXT,
            "cited_text": _TEXT,
            "start_char_index": _COUNT,
            "end_char_index": _COUNT,
            "source": _MAYBE_TEXT,
            "published": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "url": _MAYBE_TEXT,
            "sha256": _TEXT,
        }
    )


def _without_text(article: Schema) -> Schema:
    kept = {name: value for name, value in article["properties"].items() if name != "text"}
    needed = [name for name in article.get("required", []) if name != "text"]
    return {**article, "title": "ArticleAbout", "properties": kept, "required": needed}


def _list(name: str) -> Schema:
    return {"type": "array", "items": ref(name)}


def _ours() -> dict[str, Schema]:
    progress = record(dict.fromkeys(("files", "files_total", "articles", "passages"), _COUNT))
    span = record({"id": _TEXT, "start": _COUNT, "end": _COUNT})
    job = record(
        {
            "id": _TEXT,
            "state": {"enum": ["waiting", "running", "done", "failed", "cancelled"]},
            "files": {"type": "array", "items": _TEXT},
            "made": {"type": "string", "format": "date-time"},
            "progress": {"anyOf": [progress, {"type": "null"}]},
            "report": {"anyOf": [ref("IngestReport"), {"type": "null"}]},
            "detail": _MAYBE_TEXT,
        }
    )
    return {
        "Hits": record({"hits": _list("Hit")}),
        "ArticlePage": record({"articles": _list("ArticleAbout"), "next": _MAYBE_TEXT}),
        "StoryPage": record(
            {"stories": _list("Story"), "next": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}
        ),
        "ArticleRead": record({"article": ref("Article"), "passages": {"type": "array", "items": span}}),
        "Job": job,
        "JobList": record({"jobs": _list("Job")}),
        "Health": record({"status": _TEXT}),
        "Readiness": record({"status": _TEXT, "parts": {"type": "object", "additionalProperties": _TEXT}}),
    }


def _openai() -> dict[str, Schema]:
    model = record({"id": _TEXT, "object": {"const": "model"}, "created": _COUNT, "owned_by": _TEXT})
    citation = record(
        {"start_index": _COUNT, "end_index": _COUNT, "url": _TEXT, "title": _TEXT, "cited_text": _TEXT}
    )
    annotation = record({"type": {"const": "url_citation"}, "url_citation": citation})
    message = record(
        {
            "role": {"const": "assistant"},
            "content": _TEXT,
            "annotations": {"type": "array", "items": annotation},
        }
    )
    choice = record({"index": _COUNT, "message": message, "finish_reason": _TEXT})
    usage = record(dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), _COUNT))
    completion = {
        "id": _TEXT,
        "object": {"const": "chat.completion"},
        "created": _COUNT,
        "model": _TEXT,
        "choices": {"type": "array", "items": choice},
        "usage": usage,
    }
    return {
        "Completion": record(completion),
        "Model": model,
        "Models": record({"object": {"const": "list"}, "data": _list("Model")}),
    }
