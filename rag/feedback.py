"""What readers thought of answers: one JSON object a line in `feedback.jsonl` of the home, only ever added to."""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from rag.errors import StorageError

FILE = "feedback.jsonl"
LONGEST_COMMENT = 2_000  # characters
ANSWER_ID = re.compile("[A-Za-z0-9_-]{1,64}")
# One line at a time: lines of one process must not mix.
_turn = Lock()

Rating = Literal["like", "dislike"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One reader's word on one answer."""

    answer_id: str  # as `new_answer_id` made it
    rating: Rating
    question: str | None = None  # None: not told
    comment: str | None = None


def new_answer_id() -> str:
    """An id for an answer, under which feedback can name it."""
    return f"ans_{secrets.token_hex(12)}"


def record_feedback(home: Path, feedback: Feedback) -> None:
    """Add a line to the home's feedback. Raises StorageError."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "answer_id": feedback.answer_id,
        "rating": feedback.rating,
        "question": feedback.question,
        "comment": feedback.comment and feedback.comment[:LONGEST_COMMENT],
    }
    try:
        with _turn, (home / FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as exc:
        raise StorageError(f"{home / FILE} cannot be written: {exc.strerror or exc}") from exc
