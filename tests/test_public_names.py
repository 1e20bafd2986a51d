import subprocess
import sys

import pytest

import rag
from rag import domain, errors


def test_public_names_are_sorted_and_unique():
    assert rag.__all__ == sorted(set(rag.__all__))


@pytest.mark.parametrize("name", rag.__all__)
def test_every_public_name_can_be_had(name: str):
    assert getattr(rag, name).__name__ == name


def test_every_public_name_is_listed_by_dir():
    assert set(rag.__all__) <= set(dir(rag))


def test_every_error_is_public():
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == "rag.errors"
    }

    assert defined <= set(rag.__all__)


def test_every_record_that_newsroom_takes_or_gives_is_public():
    inner = {"Document"}  # between the loaders and metadata
    defined = {
        name
        for name, value in vars(domain).items()
        if isinstance(value, type) and value.__module__ == "rag.domain"
    }

    assert defined - inner <= set(rag.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Newspaper'"):
        rag.Newspaper  # noqa: B018 (the access is the test)


def test_importing_rag_loads_only_the_standard_library():
    code = "import sys; before = set(sys.modules); import rag; print(*(set(sys.modules) - before))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"rag"}
