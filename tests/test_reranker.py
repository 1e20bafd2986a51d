import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rag.errors import EmbeddingError
from rag.reranker import FOLDER, Reranker
from tests.test_build_models import listed
from tools import build_reranker

QUESTION = "How many people died?"
ANSWER = "Twenty civilians were killed."
OTHER = "The ministry sent two letters."


def test_the_text_that_answers_scores_highest(reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, [OTHER, ANSWER, "It rained."])
    assert scores.argmax() == 1
    assert scores[1] > 0 > scores[0]


def test_there_is_one_score_a_text(reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, [ANSWER] * 9)
    assert (scores.shape, scores.dtype) == ((9,), np.float32)


def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert reranker.score(QUESTION, []).shape == (0,)


def test_a_score_does_not_depend_on_the_other_texts(reranker: Reranker) -> None:
    alone = [reranker.score(QUESTION, [text])[0] for text in (ANSWER, OTHER)]
    assert reranker.score(QUESTION, [ANSWER, "It rained. " * 40, OTHER])[[0, 2]].tolist() == alone


@pytest.mark.parametrize(
    "text", ["", " ", "🚒", "word " * 5_000, "\x00", "\ud800".encode("utf-8", "replace").decode()]
)
def test_any_text_has_a_score(text: str, reranker: Reranker) -> None:
    assert np.isfinite(reranker.score(QUESTION, [text])).all()
    assert np.isfinite(reranker.score(text, [ANSWER])).all()


def test_a_long_text_is_read_from_its_beginning(reranker: Reranker) -> None:
    filler = "The weather stayed dry for the whole week. " * 80
    early, late = reranker.score(QUESTION, [f"{ANSWER} {filler}", f"{filler} {ANSWER}"])
    assert early > late


@pytest.mark.parametrize("damaged", ["model.onnx.gz", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_missing_or_damaged_file_is_one_clear_error(
    damaged: str, content: bytes | None, tmp_path: Path
) -> None:
    folder = tmp_path / "reranker"
    shutil.copytree(FOLDER, folder)
    (folder / damaged).unlink()
    if content is not None:
        (folder / damaged).write_bytes(content)
    with pytest.raises(EmbeddingError, match=r"reranker is missing or damaged; install Dateline again$"):
        Reranker(folder)


# --- what is bundled, and what lays it out ---


def test_the_card_lists_every_bundled_file_with_its_hash() -> None:
    files = [path for path in FOLDER.iterdir() if path.name != "README.md"]
    found = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    }
    assert found == listed("reranker")


def test_the_card_tells_origin_licence_and_command() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    for needed in ("cross-encoder/ms-marco-MiniLM-L-12-v2", "Apache-2.0", "python -m tools.build_reranker"):
        assert needed in card


def test_the_bundled_model_gives_the_logits_of_the_original() -> None:
    measured = [float(logit) for logit in build_reranker.measure(FOLDER).split(" and ")]
    assert measured == pytest.approx([logit for _, logit, _ in build_reranker.CHECKS], abs=0.15)


def test_another_wheel_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    wheel = tmp_path / "another.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("model.onnx", b"")
    with pytest.raises(ValueError, match=r"another\.whl is not the wheel that the head of this file names"):
        build_reranker.build(wheel, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_wheel_ends_with_one_line(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tools.build_reranker",
        tmp_path / "absent.whl",
        "--out",
        tmp_path / "out",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "absent.whl" in done.stderr
    assert done.stderr.count("\n") == 1
