"""The vector index: Chroma, as a persistent collection of passage keys and their embeddings, nothing else.

Only one process may have Chroma's folder open: a second one, even if it only reads, fails or goes silently wrong
once the first has written (measured; chroma#3792). `Corpus` sees to that. Chroma keeps vectors in files that a full
disk or a damaged block can spoil for good, so nothing is kept here that the record does not hold.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from rag.errors import StorageError
from rag.index.database import chunked, storage_error

Matrix = NDArray[np.float32]

MAX_BATCH = 5_461  # Chroma refuses a larger call
# Half the size of a call, as Chroma spends two SQL variables on a key.
LOOKUP_BATCH = 2_000
# Inner product of rows of length 1 is their cosine. Both `ef` are well above Chroma's 100: on the passages of 3,784
# news articles the ten nearest are then always among the candidates.
HNSW = {"space": "ip", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}
NAME = "passages"


class Vectors:
    """Embeddings by passage key, in one folder."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        self._dimensions = dimensions
        with self._translated():
            folder.mkdir(parents=True, exist_ok=True)
            self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._collection = self._client.get_or_create_collection(
                NAME, embedding_function=None, configuration={"hnsw": HNSW}
            )

    def add(self, keys: Sequence[int], vectors: Matrix) -> None:
        """Store embeddings of new passages; shape (len(keys), dimensions), rows of length 1 (or 0)."""
        if vectors.shape != (len(keys), self._dimensions) or not np.isfinite(vectors).all():
            raise StorageError(f"{len(keys)} embeddings of {self._dimensions} finite numbers expected")
        with self._translated():
            for start in range(0, len(keys), MAX_BATCH):
                some = slice(start, start + MAX_BATCH)
                self._collection.upsert(ids=[str(key) for key in keys[some]], embeddings=vectors[some])

    def delete(self, keys: Sequence[int]) -> None:
        """Remove embeddings; a key that is not there is no error."""
        with self._translated():
            for some in chunked(sorted(self.present(keys)), LOOKUP_BATCH):
                self._collection.delete(ids=[str(key) for key in some])

    def present(self, keys: Sequence[int]) -> set[int]:
        """Which of these passages are in."""
        found: set[int] = set()
        with self._translated():
            for some in chunked(keys, LOOKUP_BATCH):
                answer = self._collection.get(ids=[str(key) for key in some], include=[])
                found.update(int(key) for key in answer["ids"])
        return found

    def nearest(self, vector: Matrix, k: int) -> list[int]:
        """About the `k` keys whose embeddings have the largest cosine with `vector`."""
        with self._translated():
            answer = self._collection.query(query_embeddings=vector[np.newaxis, :], n_results=k, include=[])
        return [int(key) for key in answer["ids"][0]]

    def count(self) -> int:
        """How many embeddings are in."""
        with self._translated():
            return self._collection.count()

    def close(self) -> None:
        """Let go of the folder's files."""
        self._client.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        # Chroma has no error tree of its own for what goes wrong below it: its Rust part raises bare exceptions.
        try:
            yield
        except StorageError:
            raise
        except OSError as exc:
            raise storage_error(self._folder, exc) from exc
        except Exception as exc:
            raise StorageError(f"{self._folder}: the vector index failed: {' '.join(str(exc).split())}") from exc
