"""The bundled reader: reads a question and a text together, and says where in it the answer stands, if it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from rag.pairs import MODELS, PairModel
from rag.threads import side_by_side

TOKENS = 256  # read of a question and a text together; a sentence with its headline has about 60
LONGEST = 30  # tokens of an answer


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text has to say to a question; `text[start:end]` is the likeliest answer in it."""

    relevance: (
        float  # logit that orders texts: roughly -11 (another matter) to 9 (the answer in so many words)
    )
    margin: float  # logit by which the likeliest answer in the text beats that there is none
    start: int
    end: int


class Reader:
    """Looks for the answer to a question in texts: about 10 ms a sentence and core.

    >>> there, elsewhere = Reader().read(
    ...     "How many people died?", ["Twenty civilians were killed.", "The ministry sent two letters."])
    >>> there.margin > 0 > elsewhere.margin
    True
    """

    def __init__(self, folder: Path = MODELS / "reader") -> None:
        """Read the model. Raises EmbeddingError."""
        self._model = PairModel(folder, tokens=TOKENS)

    def read(self, question: str, texts: Sequence[str], headed: Sequence[int] | None = None) -> list[Reading]:
        """One reading per text; answers are looked for behind the first `headed` characters of each, a headline."""
        pairs = list(zip(texts, headed or [0] * len(texts), strict=True))
        return side_by_side(lambda pair: self._pair(question, *pair), pairs)

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How well each text answers the question, shape (len(texts),); see `Reading.relevance`."""
        return np.array([reading.relevance for reading in self.read(question, texts)], np.float32)

    def _pair(self, question: str, text: str, headed: int) -> Reading:
        encoded, (rank, span) = self._model.run(question, text, ["rank", "span"])
        margin, start, end = _answer(encoded, span[0], headed)
        return Reading(float(rank[0, 0]), margin, start, end)


def _answer(encoded: Encoding, span: NDArray[np.float32], headed: int) -> tuple[float, int, int]:
    """Margin and place of the likeliest answer; the first token stands for none."""
    offsets = np.array(encoded.offsets)
    words = (offsets[:, 1] > offsets[:, 0]) & (offsets[:, 0] >= headed)
    inside = np.flatnonzero((np.array(encoded.type_ids) == 1) & words)
    if not inside.size:
        return -float(np.ptp(span)), 0, 0  # a text without words, or with none behind the headline
    together = span[inside, 0][:, None] + span[inside, 1][None, :]
    possible = np.triu(np.ones_like(together, bool)) & ~np.triu(np.ones_like(together, bool), LONGEST)
    best = int(np.where(possible, together, -np.inf).argmax())
    first, last = divmod(best, len(inside))
    margin = float(together[first, last] - span[0].sum())
    return margin, int(offsets[inside[first], 0]), int(offsets[inside[last], 1])
