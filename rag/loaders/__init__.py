"""Files → documents: what news comes in, and what to say about a file that cannot be read."""

from rag.loaders.files import discover, load

__all__ = ["discover", "load"]
