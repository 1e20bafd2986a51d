"""Dateline: questions to a collection of news articles, answers that can be checked.

`import rag` is cheap. `Newsroom` and `Settings` are loaded when they are first asked for, because they bring
the index libraries and pydantic with them.

>>> import rag
>>> rag.Filters(sources=("SANA",)).since is None
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rag.domain import Answer, Article, Citation, Filters, Hit, Origins, Passage, Statement
from rag.errors import (
    ArticleNotFound,
    CorpusEmpty,
    CorpusError,
    DatelineError,
    EmbedderMismatch,
    EmbeddingError,
    HomeLocked,
    LLMError,
    LoadError,
    QuestionError,
    SettingsError,
    StorageError,
    UsageError,
)

if TYPE_CHECKING:
    from rag.newsroom import Newsroom
    from rag.settings import Settings

__all__ = [
    "Answer",
    "Article",
    "ArticleNotFound",
    "Citation",
    "CorpusEmpty",
    "CorpusError",
    "DatelineError",
    "EmbedderMismatch",
    "EmbeddingError",
    "Filters",
    "Hit",
    "HomeLocked",
    "LLMError",
    "LoadError",
    "Newsroom",
    "Origins",
    "Passage",
    "QuestionError",
    "Settings",
    "SettingsError",
    "Statement",
    "StorageError",
    "UsageError",
]

_LOADED_ON_DEMAND = {"Newsroom": "rag.newsroom", "Settings": "rag.settings"}


def __getattr__(name: str) -> Any:
    if name in _LOADED_ON_DEMAND:
        return getattr(import_module(_LOADED_ON_DEMAND[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
