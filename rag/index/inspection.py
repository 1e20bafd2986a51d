"""A look at a suspect Chroma folder from another process, because damaged files can crash the one that opens
them.

    python -m rag.index.inspection FOLDER DIMENSIONS

writes, for each embedding in the folder, its key (8 bytes) and a digest of its numbers (8 bytes) to stdout.
It fails when a sample of the embeddings is not found by searching for it.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from rag.index.rows import Notes
from rag.index.store import Store

RECORD = np.dtype([("key", "<i8"), ("digest", "S8")])
SAMPLE = 100
DEPTH = 50  # copies of one passage all have the same embedding
FOUND = 0.98  # a search in a sound index may miss one
PATIENCE_SECONDS = 600


def looks_whole(folder: Path, store: Store, notes: Notes) -> bool:
    """Whether the folder holds every live passage's embedding, unchanged, and nothing that the record never
    had."""
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "rag.index.inspection", str(folder), str(notes.dimensions)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, env=environment, capture_output=True, timeout=PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if run.returncode != 0 or len(run.stdout) % RECORD.itemsize:
        return False
    found = {int(row["key"]): bytes(row["digest"]) for row in np.frombuffer(run.stdout, RECORD)}
    for key, vector, live in store.vectors():
        present = found.pop(key, None)
        if (present is None and live) or (present is not None and present != digest(vector)):
            return False
    return found.keys() <= set(store.buried())


def digest(vector: bytes) -> bytes:
    """Eight bytes that stand for an embedding; hexadecimal would do, but NumPy drops zero bytes at the
    end."""
    return hashlib.blake2b(vector, digest_size=4).hexdigest().encode("ascii")


def main(folder: Path, dimensions: int) -> int:
    """Write what the folder holds to stdout; 0 when a sample of it is found by searching."""
    from rag.index.vectors import Vectors  # here, so that who merely asks for a look does not import Chroma

    index = Vectors(folder, dimensions)
    keys, matrix = index.everything()
    if not keys:
        return 0
    rows = np.empty(len(keys), RECORD)
    rows["key"] = keys
    rows["digest"] = [digest(vector.astype("<f4").tobytes()) for vector in matrix]
    sys.stdout.buffer.write(rows.tobytes())
    sample = np.linspace(0, len(keys) - 1, min(SAMPLE, len(keys))).astype(int)
    hits = [keys[place] in index.nearest(matrix[place], DEPTH) for place in sample]
    return 0 if sum(hits) >= FOUND * len(hits) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
