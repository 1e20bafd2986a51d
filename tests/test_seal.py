import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.index.seal import Seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"a" * 100)
    (folder / "deep" / "b.bin").write_bytes(b"b" * 100)
    Seal(folder).set()
    return folder


def overwrite(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"c" * 100)


def cut(folder: Path) -> None:
    os.truncate(folder / "deep" / "b.bin", 50)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "other bytes": overwrite,
    "fewer bytes": cut,
    "a file less": lambda folder: (folder / "a.bin").unlink(),
    "a file more": lambda folder: (folder / "c.bin").touch(),
    "no folder": shutil.rmtree,
    "no seal": lambda folder: Seal(folder).tear(),
    "half a seal": lambda folder: os.truncate(folder.with_name("index.seal"), 20),
    "a seal that is something else": lambda folder: folder.with_name("index.seal").write_text("[1]") and None,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_seal_does_not_hold_after_damage(folder: Path, damage: Callable[[Path], None]) -> None:
    assert Seal(folder).holds()
    damage(folder)
    assert not Seal(folder).holds()


def test_a_seal_holds_for_a_copy_with_other_times(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    shutil.copyfile(folder.with_name("index.seal"), tmp_path / "copy.seal")
    assert Seal(tmp_path / "copy").holds()


def test_lock_files_do_not_count(folder: Path) -> None:
    (folder / ".tantivy-writer.lock").touch()
    assert Seal(folder).holds()


def test_a_seal_is_another_one_after_the_files_changed(folder: Path) -> None:
    seal = Seal(folder)
    first = seal.identity()
    seal.set()
    assert seal.identity() == first  # nothing changed
    overwrite(folder)
    seal.set()
    assert seal.holds()
    assert seal.identity() != first
    seal.tear()
    assert seal.identity() is None
    assert not seal.exists()
