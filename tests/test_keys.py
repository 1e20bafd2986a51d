import stat
from pathlib import Path

import pytest

from rag.errors import StorageError, UsageError
from rag.keys import Keys


def test_a_key_names_its_holder(tmp_path: Path):
    keys = Keys(tmp_path)
    first, second = keys.make("desk"), keys.make("night.desk")

    assert (keys.holder(first), keys.holder(second)) == ("desk", "night.desk")
    assert keys.names() == ["desk", "night.desk"]


@pytest.mark.parametrize("given", ["", "dl_", "wrong", "dl_ä\ud800"])
def test_anything_else_names_nobody(tmp_path: Path, given: str):
    keys = Keys(tmp_path)
    keys.make("desk")

    assert keys.holder(given) is None


def test_the_file_holds_no_key_and_is_for_its_owner_alone(tmp_path: Path):
    key = Keys(tmp_path).make("desk")
    file = tmp_path / "keys.json"

    assert key not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_removed_key_is_useless_at_once_to_a_server_that_runs(tmp_path: Path):
    serving = Keys(tmp_path)
    key = Keys(tmp_path).make("desk")
    assert serving.holder(key) == "desk"

    Keys(tmp_path).remove("desk")

    assert serving.holder(key) is None


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 65, "desk"])
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str):
    keys = Keys(tmp_path)
    keys.make("desk")

    with pytest.raises(UsageError):
        keys.make(name)


def test_removing_what_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="keys list"):
        Keys(tmp_path).remove("desk")


@pytest.mark.parametrize("content", ["", "{}", "[{}]", '[{"name": "x"}]', "\x00"])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: str):
    keys = Keys(tmp_path)
    key = keys.make("desk")
    (tmp_path / "keys.json").write_text(content, "utf-8")

    with pytest.raises(StorageError, match=r"keys\.json"):
        keys.holder(key)
