"""The HTTP API: `create_app` makes it for a Newsroom, `serve` runs it."""

from rag.api.app import create_app
from rag.api.server import serve

__all__ = ["create_app", "serve"]
