import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import HomeLocked
from rag.index.lock import Lock

HOLD = """
import sys
from pathlib import Path
from rag.index.lock import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_held_lock_is_refused_with_the_holders_process_id(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.acquire()
    with pytest.raises(HomeLocked, match=f"{tmp_path} is in use by process {os.getpid()};"):
        second.acquire()
    assert second.holder() == os.getpid()
    first.release()
    second.acquire()
    second.release()


def test_a_lock_taken_twice_is_free_after_one_release(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.acquire()
    first.acquire()
    first.release()
    assert second.try_acquire()
    second.release()


def test_a_lock_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.acquire()
    assert not second.try_acquire(wait=0.05)
    first.release()


def test_releasing_what_is_not_held_leaves_the_holder_alone(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    first.acquire()
    second.release()
    assert second.holder() == os.getpid()
    assert not second.try_acquire()
    first.release()


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        lock = Lock(path)
        with pytest.raises(HomeLocked, match=f"process {child.pid}"):
            lock.acquire()
        child.kill()
        child.wait()
        lock.acquire()
        assert lock.holder() == os.getpid()
        lock.release()


def test_a_holder_that_has_not_said_who_it_is_has_no_process_id(tmp_path: Path) -> None:
    (tmp_path / "lock.pid").write_text("soon", encoding="utf-8")
    assert Lock(tmp_path / "lock").holder() is None
