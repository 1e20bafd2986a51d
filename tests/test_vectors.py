from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.errors import StorageError
from rag.index.vectors import MAX_BATCH, Vectors

DIMENSIONS = 8


def rows(count: int, seed: int = 0, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    matrix = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    index = Vectors(tmp_path / "chroma", DIMENSIONS)
    yield index
    index.close()


def test_the_nearest_keys_are_those_of_the_largest_cosine(tmp_path: Path) -> None:
    matrix = rows(3_000, dimensions=64)
    index = Vectors(tmp_path, 64)
    index.add(range(3_000), matrix)
    for place in range(0, 3_000, 100):
        best = np.argsort(-(matrix @ matrix[place]))[:10]
        assert set(best) <= set(index.nearest(matrix[place], 100))
    index.close()


def test_more_than_one_call_of_chroma_can_take_goes_in(vectors: Vectors) -> None:
    vectors.add(range(MAX_BATCH + 10), rows(MAX_BATCH + 10))
    assert vectors.count() == MAX_BATCH + 10
    assert vectors.present([0, MAX_BATCH + 9, MAX_BATCH + 10]) == {0, MAX_BATCH + 9}
    vectors.delete(range(MAX_BATCH))
    assert vectors.count() == 10


def test_embeddings_come_back_unchanged_after_reopening(tmp_path: Path) -> None:
    matrix = np.concatenate([rows(5), np.zeros((1, DIMENSIONS), np.float32)])
    first = Vectors(tmp_path, DIMENSIONS)
    first.add([3, 1, 4, 15, 9, 2], matrix)
    first.close()
    second = Vectors(tmp_path, DIMENSIONS)
    keys, stored = second.everything()
    second.close()
    assert np.array_equal(stored[np.argsort(keys)], matrix[np.argsort([3, 1, 4, 15, 9, 2])])


def test_deleting_removes_what_is_there_and_nothing_else(vectors: Vectors) -> None:
    vectors.add([1, 2, 3], rows(3))
    vectors.delete([2, 99])
    assert vectors.present([1, 2, 3, 99]) == {1, 3}
    assert set(vectors.nearest(rows(1)[0], 9)) == {1, 3}


def test_an_empty_index_is_no_error(vectors: Vectors) -> None:
    assert (vectors.count(), vectors.nearest(rows(1)[0], 5), vectors.present([1])) == (0, [], set())
    assert vectors.everything()[0] == []
    vectors.delete([])


@pytest.mark.parametrize(
    "matrix",
    [
        np.full((2, DIMENSIONS), np.nan),
        np.full((2, DIMENSIONS), np.inf),
        np.ones((2, 3)),
        np.ones((1, DIMENSIONS)),
    ],
    ids=["NaN", "infinite", "narrow", "too few"],
)
def test_what_is_no_embedding_is_refused(vectors: Vectors, matrix: NDArray[np.float64]) -> None:
    with pytest.raises(StorageError, match="finite numbers"):
        vectors.add([1, 2], matrix.astype(np.float32))
    assert vectors.count() == 0


def test_a_folder_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"no database" * 500)
    with pytest.raises(StorageError, match="vector index"):
        Vectors(tmp_path, DIMENSIONS)
