"""OpenTelemetry spans of answers, in the GenAI conventions, when an endpoint is set. Never with any text.

https://opentelemetry.io/docs/specs/semconv/gen-ai/: an answer is `invoke_agent`, with `retrieval` and, where a language
model wrote it, `chat` below it.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from rag.domain import Answer
from rag.errors import SettingsError

AGENT = "dateline"


class Tracing(Protocol):
    """Where spans go."""

    def answered(
        self,
        headers: Mapping[str, str],
        *,
        started: float,
        retrieved: float | None,
        answer: Answer | None,
        error: str | None,
    ) -> None:
        """Note an answer that began, and found its passages, at these times (seconds since 1970)."""

    def close(self) -> None:
        """Send what is left."""


class NoTracing:
    """Where no endpoint is set."""

    def answered(
        self,
        headers: Mapping[str, str],
        *,
        started: float,
        retrieved: float | None,
        answer: Answer | None,
        error: str | None,
    ) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Spans:
    """Sends spans to an OTLP endpoint over HTTP, in batches, from a thread of its own."""

    def __init__(self, endpoint: str, version: str) -> None:
        # Imported here because they are an extra: dateline[otel].
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as exc:
            raise SettingsError(
                "DATELINE_OTEL_ENDPOINT needs OpenTelemetry; install Dateline with its extra: dateline[otel]"
            ) from exc
        self._trace: Any = trace
        # Ours alone: the global provider would carry what other libraries note, texts among it.
        self._provider = TracerProvider(
            resource=Resource({"service.name": AGENT, "service.version": version})
        )
        url = endpoint.rstrip("/")
        url = url if url.endswith("/v1/traces") else f"{url}/v1/traces"
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer = self._provider.get_tracer("dateline", version)
        self._parents = TraceContextTextMapPropagator()

    def answered(
        self,
        headers: Mapping[str, str],
        *,
        started: float,
        retrieved: float | None,
        answer: Answer | None,
        error: str | None,
    ) -> None:
        """See Tracing."""
        parent = self._parents.extract({"traceparent": headers.get("traceparent", "")})
        ended = time.time()
        attributes: dict[str, Any] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": AGENT}
        if answer is not None:
            attributes["dateline.answer.status"] = answer.status
            attributes["dateline.answer.statements"] = len(answer.statements)
        if error is not None:
            attributes["error.type"] = error
        root = self._tracer.start_span(
            f"invoke_agent {AGENT}", parent, start_time=_ns(started), attributes=attributes
        )
        if error is not None:
            root.set_status(self._trace.StatusCode.ERROR)
        inside = self._trace.set_span_in_context(root)
        if retrieved is not None:
            about = {"gen_ai.operation.name": "retrieval", "gen_ai.data_source.id": "articles"}
            self._child("retrieval articles", inside, started, retrieved, about)
        if retrieved is not None and answer is not None and answer.model:
            self._child(f"chat {answer.model}", inside, retrieved, ended, _model(answer, answer.model))
        root.end(_ns(ended))

    def close(self) -> None:
        """See Tracing."""
        self._provider.shutdown()

    def _child(self, name: str, parent: Any, start: float, end: float, attributes: Mapping[str, Any]) -> None:
        span = self._tracer.start_span(name, parent, start_time=_ns(start), attributes=attributes)
        span.end(_ns(end))


def tracing(endpoint: str | None, version: str) -> Tracing:
    """Spans to the endpoint, or none. Raises SettingsError where the extra is missing."""
    return Spans(endpoint, version) if endpoint else NoTracing()


def _model(answer: Answer, model: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",  # the protocol spoken, as the conventions have it for compatible endpoints
        "gen_ai.request.model": model,
    }
    names = {"prompt_tokens": "gen_ai.usage.input_tokens", "completion_tokens": "gen_ai.usage.output_tokens"}
    return about | {ours: answer.usage[theirs] for theirs, ours in names.items() if theirs in answer.usage}


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
