"""The bytes of one file: of regular files only, unpacked, and never more than allowed."""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# A tree of HTML or XML takes about ten times the size of its text, so these files get a limit of their own.
TREE_BYTES = 32 * 2**20
# JSON writes one character in up to twelve bytes, and a record holds more than its text.
RECORD_BYTES_PER_CHAR = 16
SMALLEST_RECORD_LIMIT = 2**20
_LONGEST_REASON = 400  # characters
_BUFFER = 2**18  # bytes read at once; the beginning that `peek` shows tells the encoding


class UnreadableError(Exception):
    """Why a file, or one row of it, cannot be read, on one line; a LoadError that names the place is made of it."""

    def __init__(self, reason: str) -> None:
        line = " ".join(reason.encode("utf-8", "replace").decode().replace("\0", "").split())
        super().__init__(line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…")


@dataclass(frozen=True, slots=True)
class Content:
    """One file and how much of it may be read."""

    path: Path
    max_bytes: int  # of the file, and of what it unpacks to
    max_chars: int  # of one text

    @property
    def packed(self) -> bool:
        """Whether the name says that the file is gzip."""
        return self.path.suffix.lower() == ".gz"

    @property
    def suffix(self) -> str:
        """The suffix that tells the format, in lower case, without `.gz`."""
        name = self.path.with_suffix("") if self.packed else self.path
        return name.suffix.lower()

    @property
    def record_limit(self) -> int:
        """The longest line or record that can still hold a text of `max_chars`."""
        return max(RECORD_BYTES_PER_CHAR * self.max_chars, SMALLEST_RECORD_LIMIT)

    @contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """Yield the unpacked bytes as a stream; it raises UnreadableError where they are damaged or too many.

        Never blocks: a pipe or a device is refused. Raises OSError where the file cannot be opened.
        """
        with io.FileIO(self.path, opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("is not a regular file")
            if status.st_size > self.max_bytes:
                raise UnreadableError(_too_large(self.max_bytes))
            # read1 hands over what comes before damaged data first.
            read = gzip.GzipFile(fileobj=file).read1 if self.packed else file.read
            stream: io.BufferedReader = io.BufferedReader(_Limited(read, self.max_bytes), _BUFFER)
            with stream:
                yield stream

    def read(self, most: int | None = None) -> bytes:
        """All bytes of the file; UnreadableError when there are more than `most` or `max_bytes`."""
        limit = self.max_bytes if most is None else min(most, self.max_bytes)
        with self.open() as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise UnreadableError(
                f"is larger than {_megabytes(limit)}, the most that a file of this format may have; split it"
            )
        return data

    def too_long(self) -> UnreadableError:
        """What to raise when a text is longer than `max_chars`."""
        reason = f"the text is longer than {self.max_chars:,} characters"
        return UnreadableError(f"{reason}; split it or raise DATELINE_MAX_ARTICLE_CHARS")


class _Limited(io.RawIOBase):
    """Reads on from another stream, counts, and says in plain words why it cannot go on."""

    def __init__(self, read: Callable[[int], bytes], most: int) -> None:
        self._read = read
        self._most = most
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: any writable buffer
        try:
            chunk = self._read(min(len(buffer), self._left + 1))
        except EOFError as exc:
            raise UnreadableError("its gzip data ends too early: the file was cut off") from exc
        except (gzip.BadGzipFile, zlib.error) as exc:
            raise UnreadableError("its gzip data is damaged, or it is not gzip at all") from exc
        self._left -= len(chunk)
        if self._left < 0:
            raise UnreadableError(_too_large(self._most))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _too_large(limit: int) -> str:
    return f"is larger than {_megabytes(limit)}; split it or raise DATELINE_MAX_FILE_MB"


def _megabytes(count: int) -> str:
    return f"{count / 2**20:.4g} MB"
