"""The chat page: a Gradio app over a Newsroom, for a browser on any screen and no other host.

Gradio takes seconds to import, so `mount` is loaded on demand.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ui.app import mount

__all__ = ["mount"]

_LOADED_ON_DEMAND = {"mount": "ui.app"}


def __getattr__(name: str) -> Any:
    if name in _LOADED_ON_DEMAND:
        return getattr(import_module(_LOADED_ON_DEMAND[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
