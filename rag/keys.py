"""Keys of the HTTP API: `keys.json` in the home holds their names and SHA-256 digests, never the keys.

A key is 32 random bytes, so its digest cannot be reversed by trying: it needs no slow hash and no salt.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import StorageError, UsageError

FILE = "keys.json"
PREFIX = "dl_"  # tells people, and scanners for leaked secrets, what it is
_NAME = re.compile(r"[\w.@-]{1,64}")


class Keys:
    """The keys of one home. A change is seen at once by a server that runs."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._seen: tuple[int, int] | None = None  # size and time of the file as it was read
        self._held: list[dict[str, str]] = []

    def names(self) -> list[str]:
        """Whose keys there are, in the order in which they were made. Raises StorageError."""
        return [key["name"] for key in self._keys()]

    def make(self, name: str) -> str:
        """A new key under a name that is free; it cannot be shown again. Raises UsageError, StorageError."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} cannot name a key; use 1 to 64 letters, digits, dots, @, - or _")
        keys = self._keys()
        if name in self.names():
            raise UsageError(f"there is a key named {name!r}; remove it first, or choose another name")
        key = PREFIX + secrets.token_urlsafe(32)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._write([*keys, {"name": name, "sha256": _digest(key), "made": made}])
        return key

    def remove(self, name: str) -> None:
        """Make a key useless. Raises UsageError, StorageError."""
        keys = self._keys()
        left = [key for key in keys if key["name"] != name]
        if len(left) == len(keys):
            raise UsageError(f"there is no key named {name!r}; `dateline keys list` shows the names")
        self._write(left)

    def holder(self, key: str) -> str | None:
        """The name of the key; None: it is none of ours. Every digest is compared, in constant time."""
        digest, found = _digest(key), None
        for known in self._keys():
            if hmac.compare_digest(digest, known["sha256"]):
                found = known["name"]
        return found

    def _keys(self) -> list[dict[str, str]]:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._seen, self._held = None, []
            return self._held
        except OSError as exc:
            raise StorageError(f"{self._path} cannot be read: {exc.strerror}") from exc
        seen = (status.st_size, status.st_mtime_ns)
        if seen != self._seen:
            self._held, self._seen = self._read(), seen
        return self._held

    def _read(self) -> list[dict[str, str]]:
        try:
            found: Any = json.loads(self._path.read_text(encoding="utf-8"))
            if not isinstance(found, list):
                raise TypeError("a list is expected")  # noqa: TRY301 - handled like every other damage
            return [{name: str(key[name]) for name in ("name", "sha256", "made")} for key in found]
        except (OSError, ValueError, TypeError, KeyError) as exc:
            # Nobody is let in by a file that cannot be read.
            raise StorageError(
                f"{self._path} cannot be read; restore it, or remove it and make new keys"
            ) from exc

    def _write(self, keys: list[dict[str, str]]) -> None:
        fresh = self._path.with_name(FILE + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(keys, file, indent=1)
            fresh.replace(self._path)
        except OSError as exc:
            raise StorageError(f"{self._path} cannot be written: {exc.strerror}") from exc


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
