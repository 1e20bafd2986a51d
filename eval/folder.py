"""The folder of one run; docs/evaluation.md describes its files.

All files but `times.json` are the same, byte for byte, whenever the same run is made again.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rag
from eval.dataset import Dataset
from rag import Newsroom, Settings, UsageError

FORMAT = 1
WHOSE_VERSIONS = ("chromadb", "dateline", "llama-index-core", "numpy", "onnxruntime", "ragas", "tantivy")
PAGE = 1_000  # articles read at a time


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run keeps what came of it."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def manifest(self) -> Path:
        """What was asked, of what, with which settings and program."""
        return self.path / "run.json"

    @property
    def partial(self) -> Path:
        """Answers as they come; gone when all are there."""
        return self.path / "partial.jsonl"

    @property
    def answers(self) -> Path:
        return self.path / "answers.jsonl"

    @property
    def judgements(self) -> Path:
        """What a judge model gave, as it comes; kept, because it was dear."""
        return self.path / "judgements.jsonl"

    @property
    def scores(self) -> Path:
        return self.path / "scores.jsonl"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def times(self) -> Path:
        return self.path / "times.json"

    def begin(self, manifest: Mapping[str, Any]) -> None:
        """Take up this run, or go on with it. Raises UsageError where the folder holds another one."""
        if self.manifest.exists():
            begun = read_json(self.manifest)
            if begun != manifest:
                differs = ", ".join(sorted(key for key in manifest if begun.get(key) != manifest[key]))
                raise UsageError(
                    f"{self.path} holds another run (what differs: {differs or 'its format'}); "
                    "give this one another --name"
                )
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_json(self.manifest, manifest)
        except OSError as exc:
            raise UsageError(f"{self.path}: {exc.strerror}") from exc


def manifest_of(
    newsroom: Newsroom, dataset: Dataset, *, config: str, settings: Settings, asked: Iterable[str]
) -> dict[str, Any]:
    """What decides the answers of a run, in plain data: equal manifests, equal answers."""
    about = {
        "format": FORMAT,
        "dataset": {"name": dataset.name, "sha256": dataset.sha256},
        "asked": digest(asked),
        "articles": digest(_article_digests(newsroom)),
        "config": {"name": config, "settings": recorded(settings)},
        "program": program_digest(),
        "versions": versions(),
    }
    return json.loads(json.dumps(about))  # type: ignore[no-any-return]  # as it reads back


def recorded(settings: Settings) -> dict[str, Any]:
    """The settings that a run is kept with: no key, no place."""
    return settings.model_dump(mode="json", exclude=set(Settings.PRIVATE))


def versions() -> dict[str, str | None]:
    """Of Python and of the packages that answers depend on; None: not installed."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    for package in WHOSE_VERSIONS:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def program_digest() -> str:
    """Of the modules of `rag`: a version number stays the same while a program is being worked on."""
    root = Path(rag.__file__).parent
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    return digest(f"{path} {hashlib.sha256((root / path).read_bytes()).hexdigest()}" for path in paths)


def digest(parts: Iterable[str]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the lines."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _article_digests(newsroom: Newsroom) -> Iterator[str]:
    offset = 0
    while page := newsroom.articles(limit=PAGE, offset=offset):
        yield from (f"{article.id} {article.sha256}" for article in page)
        offset += PAGE


def read_json(path: Path) -> dict[str, Any]:
    """A JSON document that is an object; raises UsageError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise UsageError(f"{path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise UsageError(f"{path}: not JSON ({exc})") from exc
    if not isinstance(document, dict):
        raise UsageError(f"{path}: not a JSON object")
    return document


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; one that was cut off when its writer was stopped is left out, as is a missing file's."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Written beside and moved into place: a reader never sees half a file."""
    _replace(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """The same for JSON Lines."""
    _replace(path, "".join(json_line(row) for row in rows))


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """One more row; the line break comes first, so that a line cut off before does not spoil this one."""
    with path.open("a", encoding="utf-8") as out:
        out.write("\n" + json_line(row))
        out.flush()
        os.fsync(out.fileno())


def json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _replace(path: Path, content: str) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)
