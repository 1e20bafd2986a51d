import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.errors import StorageError
from rag.feedback import ANSWER_ID, FILE, LONGEST_COMMENT, Feedback, new_answer_id, record_feedback


def test_lines_of_many_readers_do_not_mix(tmp_path: Path):
    said = [Feedback(answer_id=f"ans_{number}", rating="like", comment="a\nb" * 100) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: record_feedback(tmp_path, each), said))

    kept = [json.loads(line) for line in (tmp_path / FILE).read_text("utf-8").splitlines()]
    assert {line["answer_id"] for line in kept} == {each.answer_id for each in said}


def test_a_comment_is_kept_up_to_a_length(tmp_path: Path):
    record_feedback(tmp_path, Feedback(answer_id="ans_1", rating="dislike", comment="x" * 10_000))

    (line,) = (tmp_path / FILE).read_text("utf-8").splitlines()
    assert len(json.loads(line)["comment"]) == LONGEST_COMMENT


def test_an_id_is_new_each_time_and_fits_its_pattern():
    ids = {new_answer_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(ANSWER_ID.fullmatch(each) for each in ids)


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path):
    with pytest.raises(StorageError, match="cannot be written"):
        record_feedback(tmp_path / "nowhere", Feedback(answer_id="ans_1", rating="like"))
