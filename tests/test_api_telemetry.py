"""Figures for Prometheus and spans for OpenTelemetry, neither with any text."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from rag import Answer, Settings
from rag.api import create_app
from rag.api.telemetry import Spans
from tests.serving import QUESTION, filled, served

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """An endpoint that keeps the spans that it is sent."""
    spans: list[Any] = []

    class Keeps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeps)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_an_answer_is_a_span_with_its_retrieval_below_it_and_no_text(tmp_path: Path):
    with collector() as (endpoint, spans), filled(tmp_path) as newsroom:
        settings = Settings.load(home=newsroom.settings.home, otel_endpoint=endpoint)
        with served(create_app(newsroom, settings)) as address:
            headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
            httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, headers=headers, timeout=60)

    named = {span.name: span for span in spans}
    root, below = named["invoke_agent dateline"], named["retrieval articles"]
    assert root.trace_id.hex() == TRACE
    assert below.parent_span_id == root.span_id
    assert attributes(root)["gen_ai.operation.name"] == "invoke_agent"
    assert attributes(below)["gen_ai.operation.name"] == "retrieval"
    assert root.start_time_unix_nano <= below.end_time_unix_nano <= root.end_time_unix_nano
    assert "Vasa" not in str(spans)


def test_a_model_that_wrote_has_a_span_with_its_tokens():
    answer = Answer(
        question="?",
        status="abstained",
        statements=(),
        reason="",
        origins=None,
        passages=(),
        model="llama3.2",
        notice=None,
        usage={"prompt_tokens": 70, "completion_tokens": 7},
        timings_ms={},
    )
    with collector() as (endpoint, spans):
        tracing = Spans(endpoint, "1")
        tracing.answered({}, started=1.0, retrieved=2.0, answer=answer, error=None)
        tracing.close()

    (chat,) = [span for span in spans if span.name == "chat llama3.2"]
    told = attributes(chat)
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (70, 7)
    assert told["gen_ai.request.model"] == "llama3.2"


def test_metrics_count_requests_and_answers_by_route_not_by_path(tmp_path: Path):
    with filled(tmp_path) as newsroom, served(create_app(newsroom, newsroom.settings)) as address:
        httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, timeout=60)
        httpx.get(f"{address}/v1/articles/bridge")
        httpx.get(f"{address}/v1/made/up")
        figures = httpx.get(f"{address}/metrics").text

    assert 'dateline_answers_total{status="answered"} 1.0' in figures
    assert 'route="/v1/articles/{article_id:path}",status="200"} 1.0' in figures
    assert 'route="other",status="404"} 1.0' in figures
    assert "dateline_questions_in_hand 0.0" in figures
    assert "bridge" not in figures
