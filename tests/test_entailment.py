"""The judge of entailment: what it tells apart, and that the card tells the truth of its files."""

import hashlib
import shutil
from pathlib import Path

import pytest

from rag.entailment import Entailment
from rag.errors import EmbeddingError
from rag.pairs import MODELS
from tests.test_build_models import listed

SUCCESSION = "Ana Ruiz succeeded Pedro Vidal as mayor of the town in 2011, after he had resigned."


@pytest.fixture(scope="module")
def judge() -> Entailment:
    return Entailment()


@pytest.mark.parametrize(
    ("passage", "said", "not_said"),
    [
        (SUCCESSION, "Ana Ruiz became mayor in 2011.", "Pedro Vidal became mayor in 2011."),
        (SUCCESSION, "Ana Ruiz succeeded Pedro Vidal.", "Pedro Vidal succeeded Ana Ruiz."),
        (
            "The army shelled the village, and the rebels withdrew to the hills.",
            "The army shelled the village.",
            "The rebels shelled the village.",
        ),
        (
            "Police arrested Tom Hall, who had attacked Jim Carey in a bar.",
            "Tom Hall attacked Jim Carey.",
            "Jim Carey attacked Tom Hall.",
        ),
        (
            "The court acquitted the banker of fraud but fined him for late filing.",
            "The banker was acquitted of fraud.",
            "The banker was convicted of fraud.",
        ),
        (
            "The bridge was closed to lorries in May.",
            "Lorries could not use the bridge.",
            "The bridge collapsed.",
        ),
    ],
)
def test_what_the_passage_says_stands_above_what_it_does_not(
    passage: str, said: str, not_said: str, judge: Entailment
) -> None:
    assert judge.logit(said, passage) > judge.logit(not_said, passage)


def test_the_same_pair_gives_the_same_logit(judge: Entailment) -> None:
    first = judge.logit("Ana Ruiz is mayor.", SUCCESSION)
    judge.logit("Something else.", "Something long " * 300)
    assert judge.logit("Ana Ruiz is mayor.", SUCCESSION) == first


@pytest.mark.parametrize("claim", ["", "🙂", "\ud800", "word " * 2000])
def test_any_text_gets_a_finite_logit(claim: str, judge: Entailment) -> None:
    assert abs(judge.logit(claim, SUCCESSION)) < 100


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "entailment"
    shutil.copytree(MODELS / "entailment", folder)
    (folder / "model.onnx.gz").unlink()
    with pytest.raises(EmbeddingError, match=r"entailment is missing or damaged; install Dateline again$"):
        Entailment(folder)


def test_the_card_lists_every_bundled_file_with_its_hash() -> None:
    files = [path for path in (MODELS / "entailment").iterdir() if path.name != "README.md"]
    found = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    }
    assert found == listed("entailment")
