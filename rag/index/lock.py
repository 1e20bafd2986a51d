"""Exclusive use of a folder by one process, through the operating system's file locks.

The system frees a lock when its holder ends, however it ends, so a killed process never blocks the next one.
The holder writes its process id beside the lock; the file that carries the lock itself stays empty, because
older releases of `filelock` truncate it when they merely try to take it.
"""

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import HomeLocked


class Lock:
    """One lock file; `acquire` takes it for this process until `release`, or until the process ends."""

    def __init__(self, path: Path) -> None:
        self._file = FileLock(path, thread_local=False)
        self._holder = path.with_name(path.name + ".pid")
        self._home = path.parent

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file.is_locked

    def acquire(self, *, wait: float = 0.0) -> None:
        """Take the lock, waiting at most `wait` seconds. Raises HomeLocked, which names the holder."""
        if not self.try_acquire(wait=wait):
            raise HomeLocked(self._home, self.holder())

    def try_acquire(self, *, wait: float = 0.0) -> bool:
        """Take the lock unless another process holds it for longer than `wait` seconds; once is enough."""
        if self.held:
            return True
        try:
            self._file.acquire(timeout=wait, poll_interval=0.01)
        except Timeout:
            return False
        with suppress(OSError):  # a full disk: then nobody learns who holds it, no more
            self._holder.write_text(str(os.getpid()), encoding="ascii")
        return True

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self.held:
            with suppress(OSError):
                self._holder.unlink(missing_ok=True)
            self._file.release()

    def holder(self) -> int | None:
        """The process id of whoever holds the lock; None while it has not been written yet."""
        with suppress(OSError, ValueError):
            return int(self._holder.read_text(encoding="ascii"))
        return None
