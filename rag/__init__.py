"""Dateline: questions to a collection of news articles, answers that can be checked.

`import rag` is cheap. `Newsroom`, `Settings` and the reports are loaded on demand: the index libraries and
pydantic come with them.

>>> import rag
>>> rag.Filters(sources=("SANA",)).since is None
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rag.domain import (
    Answer,
    Article,
    Attribution,
    Citation,
    Conflict,
    Delta,
    Filters,
    Hit,
    Occasion,
    Origins,
    Passage,
    Plan,
    Retrieved,
    Statement,
    Story,
    Value,
    Version,
)
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
    from rag.chat import Turn
    from rag.feedback import Feedback, new_answer_id, record_feedback
    from rag.index.reading import Statistics
    from rag.ingest import IngestReport, Progress
    from rag.newsroom import Newsroom
    from rag.settings import Settings

__all__ = [
    "Answer",
    "Article",
    "ArticleNotFound",
    "Attribution",
    "Citation",
    "Conflict",
    "CorpusEmpty",
    "CorpusError",
    "DatelineError",
    "Delta",
    "EmbedderMismatch",
    "EmbeddingError",
    "Feedback",
    "Filters",
    "Hit",
    "HomeLocked",
    "IngestReport",
    "LLMError",
    "LoadError",
    "Newsroom",
    "Occasion",
    "Origins",
    "Passage",
    "Plan",
    "Progress",
    "QuestionError",
    "Retrieved",
    "Settings",
    "SettingsError",
    "Statement",
    "Statistics",
    "StorageError",
    "Story",
    "Turn",
    "UsageError",
    "Value",
    "Version",
    "new_answer_id",
    "record_feedback",
]

_LOADED_ON_DEMAND = {
    "Feedback": "rag.feedback",
    "IngestReport": "rag.ingest",
    "Newsroom": "rag.newsroom",
    "Progress": "rag.ingest",
    "Settings": "rag.settings",
    "Statistics": "rag.index.reading",
    "Turn": "rag.chat",
    "new_answer_id": "rag.feedback",
    "record_feedback": "rag.feedback",
}


def __getattr__(name: str) -> Any:
    if name in _LOADED_ON_DEMAND:
        return getattr(import_module(_LOADED_ON_DEMAND[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
