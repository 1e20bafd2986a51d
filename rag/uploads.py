"""Files that were sent in: kept in the home while they are taken in, and no longer."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import move
from threading import Lock

from rag.errors import StorageError
from rag.ingest import Failure, IngestReport

FOLDER = "uploads"  # in the home; empty but while files are taken in
LONGEST_NAME = 200  # bytes of a file name; file systems allow 255

_turn = Lock()  # two uploads may have files of one name


def take_in(
    home: Path, files: Sequence[Path], ingest: Callable[[Sequence[Path]], IngestReport]
) -> IngestReport:
    """Ingest files from where all uploads of their names stand in turn; they are gone afterwards.

    The place is part of what an article is known by: so a file sent in again is another version of its article.
    Raises StorageError, and what `ingest` raises.
    """
    folder = home / FOLDER
    names: list[str] = []
    for file in files:
        names.append(file_name(file.name, names))
    places = [folder / name for name in names]
    with _turn:
        try:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                for file, place in zip(files, places, strict=True):
                    move(file, place)
            except OSError as exc:
                raise StorageError(f"{folder} cannot be written: {exc.strerror}") from exc
            return _by_name(ingest(places), f"{folder}/")
        finally:
            for place in places:
                with suppress(OSError):
                    place.unlink(missing_ok=True)


def file_name(given: str | None, taken: Sequence[str]) -> str:
    r"""A name for an uploaded file that is no path, is not hidden, and is free.

    >>> file_name("../../etc/passwd", ()), file_name("C:\\news\\.a.txt", ["a.txt"]), file_name(None, ())
    ('passwd', '1-a.txt', 'upload.txt')
    """
    base = (given or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in base if character.isprintable() and character not in '<>:"|?*')
    # The end is kept, because the suffix tells how to read the file.
    short = kept.encode("utf-8", "ignore")[-LONGEST_NAME:].decode("utf-8", "ignore")
    name = short.strip(". ") or "upload.txt"
    number = 0
    free = name
    while free in taken:
        number += 1
        free = f"{number}-{name}"
    return free


def _by_name(report: IngestReport, folder: str) -> IngestReport:
    """The report without the folder in front of file names, which is nobody's business."""
    return replace(
        report,
        failures=tuple(
            Failure(each.name.replace(folder, ""), each.reason.replace(folder, ""))
            for each in report.failures
        ),
        duplicates=tuple(replace(each, name=each.name.replace(folder, "")) for each in report.duplicates),
    )
