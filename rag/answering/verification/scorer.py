"""The trained part: how likely it is that a claim's words are all borne out. NumPy only; the card is beside the file.

Each word gets a score from its figures and from how it differs, in context, from its best counterpart in the
evidence. A claim is as wrong as its worst word, with a correction from figures of the whole: adding up over words
condemned long sentences for being long.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

FILE = Path(__file__).parents[2] / "models" / "verifier" / "verifier.npz"
PAIR_SCALE = 6.0  # brings figures of the word vectors to about 1


class Scorer:
    """Several small networks whose logits are averaged; arrays of the file have the network as first axis."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._arrays = arrays

    @classmethod
    def load(cls, file: Path = FILE) -> "Scorer":
        with np.load(file) as arrays:
            return cls({name: arrays[name].astype(np.float32) for name in arrays.files})

    def save(self, file: Path) -> None:
        halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in self._arrays.items()}
        np.savez_compressed(file, **halves)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many figures of a word, figures of the whole, and dimensions of a word's vector it takes."""
        arrays = self._arrays
        return arrays["row_mean"].shape[1], arrays["whole_mean"].shape[1], arrays["axes"].shape[1]

    def logit(self, rows: Array, pairs: Array, whole: Array) -> tuple[float, Array]:
        """Of the claim being wrong, 0 where it is as likely as not; and how wrong each word is."""
        a = self._arrays
        figures = _scaled(rows[None], a["row_mean"][:, None], a["row_spread"][:, None])
        projected = np.maximum(pair_figures(pairs, a["axes"]) @ a["project"] + a["project_bias"][:, None], 0)
        hidden = np.concatenate([projected, figures], axis=2) @ a["hidden"] + a["hidden_bias"][:, None]
        scores = (np.maximum(hidden, 0) @ a["out"][:, :, None])[:, :, 0] + a["out_bias"]
        general = (_scaled(whole[None], a["whole_mean"], a["whole_spread"]) * a["whole"]).sum(axis=1)
        wrong = scores.max(axis=1) + general + a["whole_bias"][:, 0]
        return float(wrong.mean()), scores.mean(axis=0)


def pair_figures(pairs: Array, axes: Array) -> Array:
    """How words and their counterparts differ, and what the words are: words × (3 × axes)."""
    projected = pairs @ axes.T
    word, other = projected[:, 0], projected[:, 1]
    return np.concatenate([np.abs(word - other), 3 * word * other, word], axis=1) * np.float32(PAIR_SCALE)


def _scaled(values: Array, mean: Array, spread: Array) -> Array:
    return np.asarray(np.clip((values - mean) / spread, -4, 4), np.float32)
