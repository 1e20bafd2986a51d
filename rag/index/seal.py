"""Whether the files of a derived index are as they were left.

A seal is a list of a folder's files with size, time and digest, kept beside the folder. Who is about to
change an index breaks its seal; who closes it in good order seals it again. An index without a seal was left
in the middle of a change; one that differs from its seal was damaged. Looking takes a few system calls, as
long as size and time agree; a file whose time alone differs (a home that was copied) is compared by its
digest.

Chroma can crash the process, or answer wrongly without a word, on files that were damaged: hence this look
before it may open them.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# File name → size in bytes, time of change in ns, digest.
Files = Mapping[str, tuple[int, int, str]]
# Lock files of tantivy come and go; they say nothing about its data.
_PASSING = {".tantivy-writer.lock", ".tantivy-meta.lock"}


class Seal:
    """The seal of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder.with_name(folder.name + ".seal")

    def set(self) -> None:
        """Seal the folder as it is. Raises OSError."""
        known = self._read() or {}
        files = {name: _look(path, known.get(name)) for name, path in self._files().items()}
        if files != known:
            fresh = self._path.with_name(self._path.name + ".new")
            fresh.write_text(json.dumps(files), encoding="utf-8")
            fresh.replace(self._path)

    def tear(self) -> None:
        """Break the seal, before the first change. Raises OSError."""
        self._path.unlink(missing_ok=True)

    def exists(self) -> bool:
        """Whether the folder was left in good order."""
        return self._path.exists()

    def holds(self) -> bool:
        """Whether the folder is as it was sealed; False without a seal, and for what cannot be read."""
        with suppress(OSError):
            sealed, files = self._read(), self._files()
            if sealed is None or sealed.keys() != files.keys():
                return False
            return all(_same(_look(path, sealed[name]), sealed[name]) for name, path in files.items())
        return False

    def identity(self) -> tuple[int, int] | None:
        """Something that another seal of the same folder does not share; None: there is no seal."""
        with suppress(OSError):
            status = self._path.stat()
            return status.st_ino, status.st_mtime_ns
        return None

    def _files(self) -> dict[str, Path]:
        found = (path for path in self._folder.rglob("*") if path.is_file() and path.name not in _PASSING)
        return {path.relative_to(self._folder).as_posix(): path for path in sorted(found)}

    def _read(self) -> Files | None:
        with suppress(OSError, ValueError, TypeError, AttributeError):
            text = self._path.read_text(encoding="utf-8")
            return {str(name): (int(a), int(b), str(c)) for name, (a, b, c) in json.loads(text).items()}
        return None


def _look(path: Path, known: tuple[int, int, str] | None) -> tuple[int, int, str]:
    """A file as it is now; its bytes are read only when size or time differ from what is known."""
    status = path.stat()
    if known is not None and known[:2] == (status.st_size, status.st_mtime_ns):
        return known
    with path.open("rb") as file:
        return status.st_size, status.st_mtime_ns, hashlib.file_digest(file, "blake2b").hexdigest()


def _same(found: tuple[int, int, str], sealed: tuple[int, int, str]) -> bool:
    """Whether size and digest agree; a copied file has another time."""
    return (found[0], found[2]) == (sealed[0], sealed[2])
