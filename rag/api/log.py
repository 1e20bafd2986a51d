"""The server's log: one JSON object a line on stderr. No text of articles, no question, no key."""

import json
import logging
import sys
from datetime import UTC, datetime

OURS = ("request_id", "method", "route", "status", "ms", "key", "error", "said", "at", "job", "address")


class Lines(logging.Formatter):
    """A record as one line of JSON; of other libraries' records, whose text we do not know, only who and what kind."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": at, "level": record.levelname.lower(), "logger": record.name}
        if record.name.startswith("rag.") or record.name.startswith("uvicorn"):
            line["event"] = record.getMessage()
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        line |= {name: getattr(record, name) for name in OURS if getattr(record, name, None) is not None}
        return json.dumps(line, ensure_ascii=True)


def install_log() -> None:
    """Write the log of this process to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("rag.api").setLevel(logging.INFO)
