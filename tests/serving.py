"""An application over a small collection, spoken to in-process or over a socket."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from rag import Newsroom, Settings
from tests.collection import write_rows

ROWS = (
    {
        "id": "bridge",
        "title": "Bridge collapses in Turku",
        "date": "2021-05-04",
        "source": "Aamu",
        "text": "The Vasa bridge in Turku collapsed on Monday. Eleven workers were injured, the city hospital said. "
        "Mayor Anna Lind promised an inquiry. “We closed the bridge in March because of cracks,” Lind said.",
    },
    {
        "id": "river",
        "date": "2021-05-05",
        "source": "Ilta",
        "url": "https://ilta.example/river",
        "text": "Rescuers searched the river for a second day. Eleven workers were hurt when the Vasa bridge fell, "
        "police in Turku said. (AP)",
    },
    {
        "id": "rates",
        "title": "Bank raises rates",
        "date": "2021-06-01",
        "source": "Aamu",
        "text": "The central bank raised its key rate to 4.75 percent on Tuesday. Governor Bo Ek said inflation was "
        "too high.",
    },
)
QUESTION = "How many workers were injured when the Vasa bridge collapsed?"


def filled(folder: Path, **settings: object) -> Newsroom:
    """A Newsroom in `folder` that holds the three articles."""
    newsroom = Newsroom(Settings.load(home=folder / "home", **settings))
    newsroom.ingest([write_rows(folder / "news.jsonl", ROWS)])
    return newsroom


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket on loopback; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    started = threading.Event()
    startup = server.startup

    async def announced(*args: object, **kwargs: object) -> None:
        await startup(*args, **kwargs)  # type: ignore[arg-type]
        started.set()

    server.startup = announced  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert started.wait(60)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
