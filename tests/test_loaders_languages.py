import pytest

from rag.loaders.languages import language_code


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("zh-Hant-TW", "zh"),
        ("pt_BR.UTF-8", "pt"),
        ("deu", "de"),
        ("ger", "de"),
        ("English", "en"),
        (" FRENCH ", "fr"),
        ("Klingon", None),
        ("und", None),
        ("DE, AT, CH", None),
        ("", None),
        (None, None),
    ],
)
def test_a_language_gets_its_code(stated: str | None, code: str | None) -> None:
    assert language_code(stated) == code
