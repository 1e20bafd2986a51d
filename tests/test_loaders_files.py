import gzip
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.domain import Document
from rag.errors import LoadError
from rag.loaders import discover, load
from tests.loading import document, loaded, reason, split, written

SEEDS = Path(__file__).parent.parent / "seeds"
SUFFIXES = (
    ".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".json", ".jsonl", ".ndjson",
    ".csv", ".tsv", ".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml",
)  # fmt: skip


def names(paths: list[Path]) -> list[str]:
    found = list(discover(paths))
    assert all(isinstance(path, Path) for path in found), found
    return [path.name for path in found if isinstance(path, Path)]


def refused(paths: list[Path]) -> str:
    [fault] = discover(paths)
    assert isinstance(fault, LoadError)
    return str(fault)


def test_the_seeds_come_through_byte_for_byte() -> None:
    seeds = [path for path in discover([SEEDS]) if isinstance(path, Path)]
    assert len(seeds) == 2
    assert [document(path).text.encode() for path in seeds] == [path.read_bytes() for path in seeds]


def test_discover_sorts_a_folder_and_goes_into_its_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "a.html", "b/z.json", "b/a.csv.gz"):
        written(tmp_path, name, "x")
    assert names([tmp_path]) == ["a.html", "a.csv.gz", "z.json", "c.txt"]


def test_discover_leaves_out_hidden_and_unknown_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".hidden.txt", ".git/a.txt", "photo.jpg", "Makefile", "archive.tar.gz", "story.TXT"):
        written(tmp_path, name, "x")
    assert names([tmp_path]) == ["story.TXT"]


def test_discover_reads_a_hidden_file_that_is_named(tmp_path: Path) -> None:
    assert names([written(tmp_path, ".note.txt", "x")]) == [".note.txt"]


def test_discover_gives_each_file_once(tmp_path: Path) -> None:
    story = written(tmp_path, "story.txt", "x")
    (tmp_path / "again.txt").symlink_to(story)
    assert names([story, tmp_path, story]) == ["story.txt"]


def test_discover_ends_where_folders_link_to_each_other(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    written(inner, "story.txt", "x")
    (inner / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path)
    assert names([tmp_path]) == ["story.txt"]


def test_discover_tells_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    assert refused([tmp_path]) == f"{tmp_path}/loop.txt: is a link that leads back to itself"


def test_discover_tells_a_dangling_link_of_a_known_kind(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert refused([tmp_path]) == f"{tmp_path}/gone.txt: does not exist"


def test_discover_tells_what_does_not_exist_and_goes_on(tmp_path: Path) -> None:
    story = written(tmp_path, "story.txt", "x")
    fault, path = discover([tmp_path / "missing", story])
    assert str(fault) == f"{tmp_path}/missing: does not exist"
    assert path == story


def test_discover_tells_a_named_file_of_an_unknown_kind(tmp_path: Path) -> None:
    assert "is not of a kind that is read (txt, md, html" in refused([written(tmp_path, "photo.jpg", "x")])


def test_discover_passes_over_a_pipe_and_tells_one_that_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    assert names([tmp_path]) == []
    assert refused([pipe]) == f"{pipe}: is not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_discover_tells_files_and_folders_without_permission(tmp_path: Path) -> None:
    written(tmp_path, "secret.txt", "x").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    assert [str(fault) for fault in discover([tmp_path])] == [
        f"{tmp_path}/closed: there is no permission to read it",
        f"{tmp_path}/secret.txt: there is no permission to read it",
    ]


def test_load_never_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reason(tmp_path / "pipe.txt") == "is not a regular file"


def test_load_refuses_a_device() -> None:
    [fault] = load(Path("/dev/zero"), max_bytes=100, max_chars=100)
    assert isinstance(fault, LoadError)


def test_load_refuses_a_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    assert reason(tmp_path / "folder.txt") == "is not a regular file"


def test_load_tells_a_file_that_vanished(tmp_path: Path) -> None:
    assert reason(tmp_path / "vanished.txt") == "does not exist"


def test_load_tells_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("x")
    [fault] = loaded(path)
    assert isinstance(fault, LoadError)
    assert str(fault).encode().endswith("caf\ufffd.txt: its name is not UTF-8; rename it".encode())


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.pdf", "a.json", "a.jsonl", "a.csv", "a.xml", "a.rss"]
)
@pytest.mark.parametrize("content", [b"", b" \r\n\n "])
def test_an_empty_file_gets_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    assert any(
        word in reason(written(tmp_path, name, content))
        for word in ("empty", "holds no articles", "damaged PDF")
    )


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        (b"\xef\xbb\xbf one", " one"),
        ("über \u2028 line".encode("utf-16"), "über \u2028 line"),
        (b"\t indented\n\n\n", "\t indented\n\n\n"),
    ],
)
def test_a_text_keeps_all_but_its_encoding_and_line_ends(tmp_path: Path, given: bytes, stored: str) -> None:
    assert document(written(tmp_path, "a.txt", given)).text == stored


def test_fields_come_as_one_clean_line(tmp_path: Path) -> None:
    row = r'{"text": "A \ud800 and \u0000.", "title": " Two\n lines &amp; q", "url": "ftp:x", "lang": "eng"}'
    found = document(written(tmp_path, "a.json", row))
    assert found == Document(
        path=found.path, text="A \ufffd and \ufffd.", title="Two lines & q", language="en"
    )


@pytest.mark.parametrize("author", ["By Ana Kovač", "by: Ana Kovač", "Ana Kovač"])
def test_a_byline_comes_without_by(tmp_path: Path, author: str) -> None:
    assert document(written(tmp_path, "a.csv", f"text,author\nHello.,{author}\n")).byline == "Ana Kovač"


def test_an_id_longer_than_a_line_is_none(tmp_path: Path) -> None:
    assert document(written(tmp_path, "a.csv", f"id,text\n{'x' * 600},Hello.\n")).id is None


def test_a_text_over_max_chars_is_refused_and_its_neighbours_load(tmp_path: Path) -> None:
    rows = '{"text": "one"}\n{"text": "' + "x" * 1_001 + '"}\n{"text": "two"}\n'
    documents, faults = split(loaded(written(tmp_path, "a.jsonl", rows), max_chars=1_000))
    assert [found.text for found in documents] == ["one", "two"]
    [fault] = faults
    assert str(fault) == (
        f"{tmp_path}/a.jsonl, row 2: the text has 1,001 characters, more than 1,000; "
        "split it or raise DATELINE_MAX_ARTICLE_CHARS"
    )


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_long_text_is_refused_without_being_read_whole(tmp_path: Path, name: str) -> None:
    data = b"x" * 1_000_000
    path = written(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data)
    assert reason(path, max_chars=1_000) == (
        "the text is longer than 1,000 characters; split it or raise DATELINE_MAX_ARTICLE_CHARS"
    )


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.pdf", "a.json", "a.jsonl", "a.csv", "a.xml"])
def test_a_file_over_max_bytes_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, b'{"text": "x"}\n' * 100_000)
    assert reason(path, max_bytes=2**20) == "is larger than 1 MB; split it or raise DATELINE_MAX_FILE_MB"


def test_files_may_be_packed_with_gzip(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.jsonl.gz", gzip.compress(b'{"text": "one"}\n') + gzip.compress(b'{"text": "two"}\n')
    )
    assert [found.text for found in split(loaded(path))[0]] == ["one", "two"]


def test_unpacking_a_gzip_bomb_stops_at_max_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl.gz", gzip.compress(b'{"text": "one"}\n' + b" " * 10_000_000))
    documents, faults = split(loaded(path, max_bytes=2**20))
    assert [found.text for found in documents] == ["one"]
    assert [fault.reason for fault in faults] == [
        "is larger than 1 MB; split it or raise DATELINE_MAX_FILE_MB"
    ]


def test_a_truncated_gzip_gives_the_rows_before_the_cut(tmp_path: Path) -> None:
    packed = gzip.compress(
        b"".join(b'{"text": "%s"}\n' % os.urandom(30).hex().encode() for _ in range(1_000))
    )
    documents, faults = split(loaded(written(tmp_path, "a.jsonl.gz", packed[: len(packed) // 2])))
    assert len(documents) > 100
    assert [fault.reason for fault in faults] == ["its gzip data ends too early: the file was cut off"]


def test_what_is_no_gzip_is_told(tmp_path: Path) -> None:
    assert (
        reason(written(tmp_path, "a.txt.gz", "plain")) == "its gzip data is damaged, or it is not gzip at all"
    )


def test_a_file_of_nothing_but_broken_rows_is_given_up(tmp_path: Path) -> None:
    outcomes = loaded(written(tmp_path, "a.jsonl", "broken\n" * 5_000))
    assert len(outcomes) == 1_001
    assert str(outcomes[-1]).endswith("none of its first 1,000 rows can be read; the rest was not tried")


def test_the_loaders_wait_with_their_heavy_libraries() -> None:
    heavy = {"trafilatura", "pypdf", "feedparser", "dateparser", "charset_normalizer", "ijson", "markdown_it"}
    code = "import sys, rag.loaders; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())


def test_the_date_is_never_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "No date here.")
    os.utime(path, (1_500_000_000, 1_500_000_000))
    assert document(path).published is None


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("packed", [False, True])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_load_never_raises_on_any_bytes(tmp_path: Path, suffix: str, packed: bool, data: bytes) -> None:
    path = written(tmp_path, f"a{suffix}{'.gz' if packed else ''}", gzip.compress(data) if packed else data)
    check(loaded(path, max_bytes=10_000, max_chars=1_000))


PIECES = st.sampled_from(
    ['{"text": "', '"}', "[", "]", "{", "\n", "id,text\n", '"', ",", "\\u0000", "\\ud800", "<p>", "</p>",
     "<nitf>", "<rss>", "<channel><item><title>", "</title>", "<description>", "<![CDATA[", "]]>", "&nbsp;",
     "<!DOCTYPE x [", "<body>", "<newsMessage><itemSet><newsItem>", "<?xml version='1.0' encoding='utf-7'?>",
     "---\ntitle: x\n---\n", "# T\n", "%PDF-1.4\n", "1 0 obj\n", "trailer <</Root 1 0 R>>\n", "\x00", "é",
     "\u2028", "NaN", "1/2/2017", "text", "bodies", "<svg>", "<table><tr>"]
)  # fmt: skip


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=25))
def test_load_never_raises_on_pieces_of_the_formats(tmp_path: Path, suffix: str, pieces: list[str]) -> None:
    check(loaded(written(tmp_path, f"a{suffix}", "".join(pieces)), max_bytes=10_000, max_chars=1_000))


def check(outcomes: list[Document | LoadError]) -> None:
    """What holds for every outcome: something is said, on one line, and every store can hold it."""
    assert outcomes
    for outcome in outcomes:
        if isinstance(outcome, LoadError):
            assert "\n" not in str(outcome)
            continue
        assert outcome.text.strip()
        assert len(outcome.text) <= 1_000
        assert not {"\r", "\0"} & set(outcome.text)
        for value in (outcome.text, outcome.id, outcome.title, outcome.source, outcome.byline, outcome.url):
            (value or "").encode()
        assert outcome.published is None or isinstance(outcome.published, date)
