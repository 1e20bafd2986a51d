"""`dateline serve`: the API and the chat in one process."""

import uvicorn

from rag.api.app import create_app
from rag.newsroom import Newsroom
from rag.settings import Settings


def serve(newsroom: Newsroom, settings: Settings, *, host: str, port: int) -> None:
    """Serve until the process is told to end."""
    app = create_app(newsroom, settings)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)
