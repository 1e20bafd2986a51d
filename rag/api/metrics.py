"""What Prometheus may ask: requests, answers, what waits, and what the process uses."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from rag.api.work import Work

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """The figures of one application; two in one process do not mix."""

    def __init__(self, work: Work) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "dateline_requests", "Requests", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "dateline_request_seconds",
            "Time to the end of a response",
            ["route"],
            registry=registry,
            buckets=SECONDS,
        )
        self._answers = Counter(
            "dateline_answers",
            "Answers: answered, abstained, failed, or left before the end",
            ["status"],
            registry=registry,
        )
        self._first = Histogram(
            "dateline_first_event_seconds",
            "Time to an answer's first event",
            registry=registry,
            buckets=SECONDS,
        )
        self._ingested = Counter(
            "dateline_ingests", "Ingest jobs by how they ended", ["state"], registry=registry
        )
        admitted = Gauge(
            "dateline_questions_in_hand", "Questions being answered, or waiting for that", registry=registry
        )
        admitted.set_function(lambda: work.admitted)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request that has been answered."""
        known = method if method in {"GET", "POST", "DELETE", "HEAD", "OPTIONS"} else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def first_event(self, seconds: float) -> None:
        """The first event of an answer has come, so long after the question."""
        self._first.observe(seconds)

    def answer(self, status: str) -> None:
        """A question was answered, abstained from, or failed."""
        self._answers.labels(status).inc()

    def ingest(self, state: str) -> None:
        """An ingest job has ended."""
        self._ingested.labels(state).inc()

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self._registry)
