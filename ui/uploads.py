"""An ingest that is watched: its steps as they come."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from rag import IngestReport, Newsroom, Progress

Step = Progress | IngestReport | Exception


def ingested(newsroom: Newsroom, paths: list[Path]) -> Iterator[Step]:
    """The steps of an ingest as they come, then its report or what it failed with."""
    steps: SimpleQueue[Step] = SimpleQueue()
    worker = Thread(target=partial(_ingest, newsroom, paths, steps), daemon=True)
    worker.start()
    while True:
        step = steps.get()
        yield step
        if not isinstance(step, Progress):
            return


def _ingest(newsroom: Newsroom, paths: list[Path], steps: SimpleQueue[Step]) -> None:
    try:
        steps.put(newsroom.take_in(paths, progress=steps.put))
    except Exception as error:  # whatever it is, the reader is waiting for a word
        steps.put(error)
