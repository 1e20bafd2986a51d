"""The evaluation formats: questions in JSON Lines, and a home that holds the articles they are asked of."""

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rag import Newsroom, Settings
from rag.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with what is known of its answer."""

    id: str
    question: str
    as_of: date | None
    answers: tuple[str, ...]
    answerable: bool | None  # None: not known
    gold_article_ids: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]  # (article id, quote)
    type: str
    gold_is_stub: bool = False  # the gold text is too short to be found by: left out of retrieval scores
    history: tuple[tuple[str, str], ...] = ()  # (question, answer) of the turns before it: it is a follow-up
    conflict: tuple[str, ...] | None = (
        None  # the values that articles differ on; (): they agree; None: unknown
    )
    forbidden: tuple[str, ...] = ()  # what an answer says only when it obeys an instruction planted for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The questions of a file that can be asked, and a line for each row that cannot."""

    name: str
    sha256: str  # of the file
    cases: tuple[Case, ...]
    faults: tuple[str, ...] = ()


def read_dataset(path: Path) -> Dataset:
    """All rows that can be used. Raises UsageError where the file cannot be read or none of its rows is usable."""
    content = _content(path)
    cases: dict[str, Case] = {}
    faults = []
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = _case(path, number, _row(path, number, line, "question"))
        except UsageError as exc:
            faults.append(str(exc))
            continue
        if case.id in cases:
            faults.append(f"{path}, row {number}: the id {case.id!r} is there already")
        cases.setdefault(case.id, case)
    if not cases:
        raise UsageError(f"{path}: no question in it can be used" + (f"; {faults[0]}" if faults else ""))
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Dataset(name=path.stem, sha256=digest, cases=tuple(cases.values()), faults=tuple(faults))


def read_questions(path: Path) -> list[Case]:
    """The questions of a file; raises UsageError that names the row."""
    return [_case(path, number, row) for number, row in read_rows(path, "question")]


def read_copies(path: Path) -> dict[str, tuple[str, ...]]:
    """The articles of a file by id, each with all ids that have its very text: one of them is indexed for all."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for number, row in read_rows(path, "text"):
        if row.get("id") is None:
            raise UsageError(f"{path}, row {number}: no 'id' in it")
        by_text[row["text"]].append(str(row["id"]))
    return {key: tuple(ids) for ids in by_text.values() for key in ids}


def read_rows(path: Path, needed: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_content(path).split("\n"), start=1):
        if line.strip():
            yield number, _row(path, number, line, needed)


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"{path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path}: not UTF-8 ({exc.reason} at byte {exc.start})") from exc


def _row(path: Path, number: int, line: str, needed: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"{path}, row {number}: not JSON ({exc})") from exc
    if not isinstance(row, dict) or not row.get(needed):
        raise UsageError(f"{path}, row {number}: no {needed!r} in it")
    if not isinstance(row[needed], str):
        raise UsageError(f"{path}, row {number}: {needed!r} is no text")
    return row


def _case(path: Path, number: int, row: dict[str, Any]) -> Case:
    try:
        return Case(
            id=str(row.get("id", number)),
            question=row["question"],
            as_of=date.fromisoformat(row["as_of"]) if row.get("as_of") else None,
            answers=_texts(row, "answers"),
            answerable=_answerable(row),
            gold_article_ids=_texts(row, "gold_article_ids"),
            evidence=_pairs(row, "evidence", "article_id", "quote"),
            type=row.get("type", ""),
            gold_is_stub=bool(row.get("gold_is_stub")),
            history=_pairs(row, "history", "question", "answer", default=""),
            conflict=None if row.get("conflict") is None else _texts(row, "conflict"),
            forbidden=_texts(row, "forbidden"),
        )
    except (TypeError, ValueError) as exc:
        raise UsageError(f"{path}, row {number}: {exc}") from exc


def _texts(row: dict[str, Any], field: str) -> tuple[str, ...]:
    """A list of texts; a lone text would pass for a list of its letters."""
    value = row.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{field!r} must be a list of texts")
    return tuple(value)


def _pairs(
    row: dict[str, Any], field: str, first: str, second: str, default: str | None = None
) -> tuple[tuple[str, str], ...]:
    """A list of objects, of each its two texts; `default` stands for the second where it is left out."""
    value = row.get(field, [])
    objects = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    pairs = [(item.get(first), item.get(second, default)) for item in value] if objects else []
    if not objects or not all(isinstance(text, str) for pair in pairs for text in pair):
        raise TypeError(f"{field!r} must be a list of objects with the texts {first!r} and {second!r}")
    return tuple(pairs)


def _answerable(row: dict[str, Any]) -> bool | None:
    value = row.get("answerable")
    if not isinstance(value, bool | None):
        raise TypeError("'answerable' must be true, false or null")
    return value


@contextmanager
def newsroom_of(articles: Path, home: Path | None, **settings: Any) -> Iterator[Newsroom]:
    """A newsroom that holds these articles: in `home`, where a second run finds them indexed, or in a passing one."""
    with (
        tempfile.TemporaryDirectory(prefix="dateline-eval-") as passing,
        Newsroom(Settings.load(home=home or Path(passing) / "home", **settings)) as newsroom,
    ):
        report = newsroom.ingest([articles])
        if report.failures:
            first = report.failures[0]
            raise UsageError(
                f"{len(report.failures)} articles failed, the first: {first.name}: {first.reason}"
            )
        yield newsroom
