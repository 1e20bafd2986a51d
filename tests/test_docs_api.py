"""The examples of docs/api.md, run as they stand against a server over the seeds."""

import doctest
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Newsroom, Settings
from rag.api import create_app
from tests.serving import served
from tools.docs import ROOT, seeds_folder

PAGE = ROOT / "docs" / "api.md"
HERE = "http://127.0.0.1:8000"  # as the page has it


@pytest.fixture(scope="module")
def text() -> Iterator[str]:
    """The page, with the address of a server that runs."""
    with seeds_folder() as folder, Newsroom(Settings.load(home=folder / "served")) as newsroom:
        newsroom.ingest([Path("seeds")])
        with served(create_app(newsroom, newsroom.settings)) as address:
            yield PAGE.read_text("utf-8").replace(HERE, address)


def test_the_python_examples_run(text: str):
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, PAGE.name, str(PAGE), 0)

    outcome = doctest.DocTestRunner().run(test)

    assert outcome.attempted > 20
    assert outcome.failed == 0


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_commands_run(text: str):
    commands = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    for command in commands:
        subprocess.run(["sh", "-ec", command], check=True, capture_output=True, timeout=60)
    assert len(commands) > 4
