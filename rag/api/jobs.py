"""Ingests in the background, one after the other, in the order in which they were asked for."""

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Literal

from rag.api.metrics import Metrics
from rag.api.problems import noted, told
from rag.api.work import Overloaded
from rag.errors import StorageError
from rag.ingest import Progress
from rag.newsroom import Newsroom
from rag.uploads import FOLDER
from rag.wire import Plain, to_client

State = Literal["waiting", "running", "done", "failed", "cancelled"]

MOST_WAITING = 20
MOST_KEPT = 200  # jobs that are remembered, the oldest ended ones forgotten first
RETRY_SECONDS = 30


class Cancelled(Exception):
    """The job was told to stop; what was stored before stays."""


@dataclass(slots=True)
class Job:
    """One ingest. Changed by the thread that runs it alone, but for `stop`."""

    id: str
    names: tuple[str, ...]  # of the files
    made: str  # when it was asked for
    state: State = "waiting"
    progress: Progress | None = None
    report: Plain = None  # once it is done
    detail: str | None = None  # why it failed
    stop: bool = False

    def plain(self) -> dict[str, Plain]:
        """The job as clients see it."""
        step = self.progress
        return {
            "id": self.id,
            "state": self.state,
            "files": list(self.names),
            "made": self.made,
            "progress": None
            if step is None
            else {
                "files": step.files,
                "files_total": step.files_total,
                "articles": step.documents,
                "passages": step.passages,
            },
            "report": self.report,
            "detail": self.detail,
        }


class Jobs:
    """The ingests of one server. What is sent in is kept in the home until it is taken in, and no longer."""

    def __init__(self, newsroom: Newsroom, home: Path, metrics: Metrics) -> None:
        self._newsroom, self._metrics = newsroom, metrics
        self._folder = home / FOLDER
        self._jobs: dict[str, Job] = {}
        self._guard = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dateline-ingest")
        self._count = 0

    @property
    def busy(self) -> bool:
        """Whether an ingest is running or waiting."""
        return any(job.state in ("waiting", "running") for job in self.all())

    def all(self) -> list[Job]:
        """The jobs that are remembered, newest first."""
        with self._guard:
            return list(reversed(self._jobs.values()))

    def get(self, job_id: str) -> Job | None:
        """The job with this id."""
        with self._guard:
            return self._jobs.get(job_id)

    def submit(self, files: Sequence[tuple[str, BinaryIO]]) -> Job:
        """Keep the files and take them in when their turn comes. Raises Overloaded, StorageError."""
        with self._guard:
            if sum(job.state == "waiting" for job in self._jobs.values()) >= MOST_WAITING:
                raise Overloaded(RETRY_SECONDS)
        folder = self._kept(files)
        with self._guard:
            self._count += 1
            made = datetime.now(UTC).isoformat(timespec="seconds")
            job = Job(f"job-{self._count}", tuple(name for name, _ in files), made)
            self._jobs[job.id] = job
            ended = [each.id for each in self._jobs.values() if each.state in ("done", "failed", "cancelled")]
            for old in ended[: max(0, len(self._jobs) - MOST_KEPT)]:
                del self._jobs[old]
        self._thread.submit(self._run, job, folder)
        return job

    def cancel(self, job: Job) -> None:
        """Stop a job before its next file or batch."""
        job.stop = True

    def close(self) -> None:
        """Stop what runs and what waits, and wait for that."""
        for job in self.all():
            job.stop = True
        self._thread.shutdown(wait=True)

    def _kept(self, files: Sequence[tuple[str, BinaryIO]]) -> Path:
        folder: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".", dir=self._folder))
            for name, content in files:
                with (folder / name).open("xb") as file:
                    shutil.copyfileobj(content, file)
        except OSError as exc:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            raise StorageError(f"{self._folder} cannot be written: {exc.strerror}") from exc
        return folder

    def _run(self, job: Job, folder: Path) -> None:
        try:
            job.state = "running"
            self._step(job, None)
            report = self._newsroom.take_in(
                [folder / name for name in job.names], progress=lambda step: self._step(job, step)
            )
            job.report, job.state = to_client(report), "done"
        except Cancelled:
            job.state = "cancelled"
        except Exception as error:
            noted(error, job=job.id)
            job.detail, job.state = told(error)[1], "failed"
        finally:
            self._metrics.ingest(job.state)
            shutil.rmtree(folder, ignore_errors=True)

    def _step(self, job: Job, step: Progress | None) -> None:
        job.progress = step
        if job.stop:
            raise Cancelled
