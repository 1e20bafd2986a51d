"""A bundled model that reads two texts together."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.errors import EmbeddingError
from rag.language import encodable
from rag.onnx import session as onnx_session

MODELS = Path(__file__).parent / "models"


class PairModel:
    """A BERT with outputs of its own, run a pair at a time: int8 rounding depends on all that is in a run."""

    def __init__(self, folder: Path, *, tokens: int, threads: int = 1) -> None:
        """Read the model; of longer pairs the longer text is cut to `tokens` in all. Raises EmbeddingError.

        `threads`: that work on one pair.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            with gzip.open(folder / "model.onnx.gz") as file:
                self._session = onnx_session(file.read(), threads=threads)
        except Exception as exc:  # onnxruntime's and tokenizers' exceptions share no base class but Exception
            raise EmbeddingError(
                f"the bundled model in {folder} is missing or damaged; install Dateline again"
            ) from exc
        self._tokenizer.enable_truncation(tokens)

    def run(
        self, first: str, second: str, outputs: Sequence[str]
    ) -> tuple[Encoding, list[NDArray[np.float32]]]:
        """The pair in tokens, and the outputs named, each with a first axis of length 1."""
        encoded = self._tokenizer.encode(encodable(first), encodable(second))
        ids = np.array([encoded.ids], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoded.type_ids], np.int64),
        }
        return encoded, self._session.run(list(outputs), inputs)
