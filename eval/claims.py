"""Claims in JSON Lines: a sentence, what it is checked against, and whether that bears it out."""

import json
from pathlib import Path
from typing import Any

from rag.errors import UsageError


def read_claims(path: Path, *needed: str) -> list[dict[str, Any]]:
    """The rows of a file; raises UsageError that names a row without one of the fields needed."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as exc:
        raise UsageError(f"{path}: {exc.strerror}") from exc
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as exc:
            raise UsageError(f"{path}, row {number}: not JSON ({exc})") from exc
        missing = [field for field in needed if not isinstance(row, dict) or field not in row]
        if missing:
            raise UsageError(f"{path}, row {number}: no {missing[0]!r} in it")
        rows.append(row)
    return rows


def paragraphs(context: str) -> list[str]:
    """The lines of a context: in these data a line break ends a sentence, or the turn of a speaker."""
    return [line for line in context.split("\n") if line.strip()]
