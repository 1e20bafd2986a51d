from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.loaders.encoding import decode, is_storable, storable
from tests.loading import document, reason, written

ENGLISH = "The minister said “no comment” — and left. It cost £5 in a café. " * 3
POLISH = "Prezydent ogłosił w poniedziałek, że wybory odbędą się w październiku. " * 3
RUSSIAN = "Президент России заявил в понедельник, что переговоры продолжатся. " * 3
JAPANESE = "日本の首相は月曜日に記者会見を開き、新しい経済政策を発表した。" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (RUSSIAN, "utf-32"),
        (ENGLISH, "cp1252"),
        ("Café in Paris", "latin-1"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_text_is_read_in_its_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200))
def test_all_utf8_comes_back(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


def test_a_declared_charset_is_believed() -> None:
    assert decode("Größe".encode("cp437"), declared="cp437") == "Größe"


@pytest.mark.parametrize("declared", ["rot13", "zlib", "idna", "no-such-charset", "unicode_escape"])
def test_a_declared_codec_that_is_no_charset_is_not_used(declared: str) -> None:
    assert decode(b"abc \\x41", declared=declared) == "abc \\x41"


def test_a_declared_charset_that_does_not_fit_is_not_used() -> None:
    assert decode("Größe".encode(), declared="shift_jis") == "Größe"
    assert decode(JAPANESE.encode("shift_jis"), declared="euc-jp") == JAPANESE


def test_latin1_means_windows_1252_as_in_browsers() -> None:
    assert decode("“5 €”".encode("cp1252"), declared="iso-8859-1") == "“5 €”"


def test_damaged_utf8_can_be_mended() -> None:
    assert decode(RUSSIAN.encode() + b"\xff!", mend=True) == RUSSIAN + "\ufffd!"


def test_damaged_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    data = "Über Größe".encode() + b"\xff!"
    assert reason(written(tmp_path, "a.txt", data)) == (
        "is not valid UTF-8: byte 0xff at offset 13; convert it to UTF-8"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        bytes(range(256)) * 10,
        b"MZ\x90\0\x03",
        "no mark".encode("utf-16-le"),
    ],
)
def test_a_binary_file_named_txt_is_told(tmp_path: Path, data: bytes) -> None:
    assert reason(written(tmp_path, "a.txt", data)) == "is not text: it looks like a binary file"


def test_an_old_encoding_of_a_text_file_is_read(tmp_path: Path) -> None:
    assert document(written(tmp_path, "a.txt", POLISH.encode("cp1250"))).text == POLISH


@given(st.text(st.characters() | st.sampled_from("\0\ud800\udfff")))
def test_what_is_made_storable_can_be_stored(text: str) -> None:
    stored = storable(text)
    assert is_storable(stored)
    assert stored == text or not is_storable(text)
