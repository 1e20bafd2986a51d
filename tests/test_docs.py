"""What the documents say is what the program does."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from rag.loaders import load
from tests.test_architecture import RAG
from tools.docs import (
    ENV_EXAMPLE,
    README,
    ROOT,
    SETTINGS,
    env_example,
    fresh_readme,
    fresh_settings,
    seeds_folder,
)

TEXT = README.read_text("utf-8")
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_commands_in_the_readme_are_fresh():
    assert fresh_readme(TEXT) == TEXT, "run `make docs`"


def test_the_table_of_settings_is_fresh():
    text = SETTINGS.read_text("utf-8")

    assert fresh_settings(text) == text, "run `make docs`"


def test_the_env_example_is_fresh():
    assert ENV_EXAMPLE.read_text("utf-8") == env_example(), "run `make docs`"


def test_the_python_example_in_the_readme_runs():
    with seeds_folder():
        failed, attempted = doctest.testfile(str(README), module_relative=False, encoding="utf-8")

    assert attempted > 0
    assert failed == 0


@pytest.mark.parametrize("module", RAG)
def test_examples_in_docstrings_run(module: str):
    with seeds_folder():
        failed, _ = doctest.testmod(importlib.import_module(module), raise_on_error=False)

    assert failed == 0


def test_install_and_a_working_example_stand_in_the_first_fifty_lines():
    opening = "\n".join(TEXT.splitlines()[:50])

    assert "make demo" in opening
    assert "characters" in opening.partition("Sources")[2]


def test_every_suffix_in_the_readme_is_read(tmp_path: Path):
    table = TEXT.partition("## What it reads\n")[2].partition("\n## ")[0]
    named = {
        suffix
        for row in table.splitlines()
        if row.startswith("|")
        for suffix in re.findall(r"`(\.\w+)`", row)
    }
    unread = set()
    for suffix in named:
        path = tmp_path / f"empty{suffix}"
        path.touch()
        (fault,) = load(path, max_bytes=1_000, max_chars=1_000)
        if "not of a kind that is read" in str(fault):
            unread.add(suffix)

    assert len(named) > 10
    assert unread == set()


def test_the_readme_is_short():
    assert len(TEXT.splitlines()) <= 160


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)`", page.read_text("utf-8"))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
