"""What the tests of the loaders share: files to load, and one call that loads them."""

from pathlib import Path

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders import load

DATA = Path(__file__).parent / "data" / "loaders"
Outcome = Document | LoadError


def loaded(path: Path, *, max_bytes: int = 50_000_000, max_chars: int = 100_000) -> list[Outcome]:
    """All that a file yields."""
    return list(load(path, max_bytes=max_bytes, max_chars=max_chars))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    """A new file; text is written as UTF-8."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def document(path: Path, **limits: int) -> Document:
    """The one document of a file."""
    [outcome] = loaded(path, **limits)
    assert isinstance(outcome, Document), outcome
    return outcome


def reason(path: Path, **limits: int) -> str:
    """Why a file cannot be read: the reason of its one LoadError."""
    [outcome] = loaded(path, **limits)
    assert isinstance(outcome, LoadError), outcome
    return outcome.reason


def split(outcomes: list[Outcome]) -> tuple[list[Document], list[LoadError]]:
    """The documents and the failures."""
    return (
        [outcome for outcome in outcomes if isinstance(outcome, Document)],
        [outcome for outcome in outcomes if isinstance(outcome, LoadError)],
    )
