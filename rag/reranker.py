"""The bundled cross-encoder: reads a question and a text together and says how well the one answers the other."""

import gzip
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.errors import EmbeddingError
from rag.onnx import session as onnx_session

FOLDER = Path(__file__).parent / "models" / "reranker"
TOKENS = 256  # read of a question and a text together; a sentence with its headline has about 60
THREADS = 4


class Reranker:
    """Scores how well texts answer a question (ms-marco-MiniLM-L-12-v2, int8): about 10 ms a sentence and core.

    >>> likely, unlikely = Reranker().score(
    ...     "How many people died?", ["Twenty civilians were killed.", "The ministry sent two letters."])
    >>> bool(likely > unlikely)
    True

    Scores are logits, roughly -11 (another matter) to 9 (the answer in so many words). They order the texts for one
    question; what is a good score differs from question to question. Each pair is run by itself: int8 rounding
    depends on all that is in a run.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the model. Raises EmbeddingError."""
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            with gzip.open(folder / "model.onnx.gz") as file:
                self._session = onnx_session(file.read())
        except Exception as exc:  # onnxruntime's and tokenizers' exceptions share no base class but Exception
            raise EmbeddingError(
                f"the bundled model in {folder} is missing or damaged; install Dateline again"
            ) from exc
        self._tokenizer.enable_truncation(TOKENS)

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One score per text, shape (len(texts),)."""
        if not texts:
            return np.zeros(0, np.float32)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, len(texts), THREADS)) as pool:
            return np.array(list(pool.map(lambda text: self._pair(question, text), texts)), np.float32)

    def _pair(self, question: str, text: str) -> float:
        encoded = self._tokenizer.encode(question, text)
        ids = np.array([encoded.ids], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        (logits,) = self._session.run(["logits"], inputs)
        return float(logits[0, 0])
