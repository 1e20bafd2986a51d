"""Everything that Dateline raises on purpose.

DatelineError
├── UsageError              what was asked for cannot be done as asked (CLI exit code 2)
│   ├── SettingsError       an unknown, missing or impossible setting
│   ├── QuestionError       an empty or over-long question, a filter that excludes everything
│   └── ArticleNotFound     no article has that id, or no version of it that hash
├── LoadError               one file, or one row of a file, could not be read; names both
├── LLMError                the language model's endpoint failed, or answered with something unusable
└── CorpusError             the home folder cannot serve
    ├── HomeLocked          another process holds it; carries that process's id
    ├── CorpusEmpty         nothing was ingested yet
    ├── EmbedderMismatch    the index was made with another embedding model
    ├── StorageError        disk full, no permission, damaged store
    └── EmbeddingError      the embedding model or its endpoint failed

A message says what failed and what to do next, in one line.
"""

from pathlib import Path


class DatelineError(Exception):
    """Base of all errors raised on purpose; `str(error)` is one line fit for a person."""


class UsageError(DatelineError):
    """What was asked for cannot be done as asked."""


class SettingsError(UsageError):
    """An unknown, missing or impossible setting."""


class QuestionError(UsageError):
    """A question or a filter that cannot be searched with."""


class ArticleNotFound(UsageError):
    """No article has this id, or none of its versions this hash."""

    def __init__(self, article_id: str, sha256: str | None = None) -> None:
        if sha256 is None:
            message = f"no article has the id {article_id!r}; `dateline articles list` shows the ids"
        else:
            message = (
                f"no version of article {article_id!r} has a SHA-256 that begins with {sha256!r}; "
                "`dateline articles versions ID` lists them"
            )
        super().__init__(message)
        self.article_id = article_id


class LoadError(DatelineError):
    """One file, or one row of it, could not be read. Loaders yield it; they do not raise it."""

    def __init__(self, path: Path, reason: str, *, row: int | None = None) -> None:
        place = f"{path}, row {row}" if row is not None else f"{path}"
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.reason = reason
        self.row = row  # 1-based: line, record or item, as the format counts; None: the whole file


class LLMError(DatelineError):
    """The language model's endpoint failed, or answered with something unusable. Never holds a key."""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable  # whether the same call may succeed a little later
        self.retry_after = retry_after  # seconds that the endpoint asked to wait; None: it did not say
        self.status = status  # HTTP status; None: there was none, or it was not the fault


class CorpusError(DatelineError):
    """The home folder cannot serve."""


class HomeLocked(CorpusError):
    """Another process is writing to this home."""

    def __init__(self, home: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"{home} is in use by {holder}; wait until it ends, or give another --home")
        self.home = home
        self.pid = pid


class CorpusEmpty(CorpusError):
    """Nothing was ingested into this home yet."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"{home} holds no articles yet; run `dateline ingest FOLDER` first")
        self.home = home


class EmbedderMismatch(CorpusError):
    """The index was made with another embedding model than the one now set."""

    def __init__(self, indexed: str, current: str) -> None:
        super().__init__(
            f"the index was made with the embedding model {indexed!r}, the settings say {current!r}; "
            "run `dateline reindex`, or set DATELINE_EMBEDDER back"
        )
        self.indexed = indexed
        self.current = current


class StorageError(CorpusError):
    """The disk is full, a folder may not be written, or a store is damaged beyond rebuilding."""


class EmbeddingError(CorpusError):
    """The embedding model or its endpoint failed."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
