"""The vector index: Chroma, as a persistent collection of passage keys and their embeddings, nothing else.

Only one process may have Chroma's folder open: a second one, even if it only reads, fails or goes silently
wrong once the first has written (measured; chroma#3792). `Corpus` sees to that. Chroma keeps vectors in files
that a full disk or a damaged block can spoil for good, so nothing is kept here that the record does not hold.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.config import Settings

from rag.errors import StorageError
from rag.index.database import chunked, translated
from rag.index.rows import Matrix

MAX_BATCH = 5_461  # Chroma refuses a larger call
# Half the size of a call, as Chroma spends two SQL variables on a key.
LOOKUP_BATCH = 2_000
# Inner product of rows of length 1 is their cosine. On 38,450 passages of news (256 numbers each) a search
# finds 98.5 % of the ten nearest with Chroma's 16 neighbours and 200 candidates, and 99.9 % with these, in 3
# ms instead of 1.4; building takes a fifth longer.
HNSW: CreateHNSWConfiguration = {"space": "ip", "max_neighbors": 24, "ef_search": 800}
NAME = "passages"


class Vectors:
    """Embeddings by passage key, in one folder."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self._folder = folder
        self._dimensions = dimensions
        with self._translated():
            folder.mkdir(parents=True, exist_ok=True)
            client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._client = cast("Client", client)  # what it is; the type it is declared with has no `close`
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

    def everything(self) -> tuple[list[int], Matrix]:
        """All keys and embeddings."""
        keys: list[int] = []
        parts = [np.zeros((0, self._dimensions), np.float32)]
        with self._translated():
            while True:
                answer = self._collection.get(limit=MAX_BATCH, offset=len(keys), include=["embeddings"])
                if not answer["ids"]:
                    return keys, np.concatenate(parts)
                keys += map(int, answer["ids"])
                parts.append(np.asarray(answer["embeddings"], np.float32))

    def count(self) -> int:
        """How many embeddings are in."""
        with self._translated():
            return self._collection.count()

    def close(self) -> None:
        """Let go of the folder's files."""
        self._client.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self._folder, "the vector index"):
            yield
