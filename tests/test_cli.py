import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rag.cli import app
from rag.domain import Article
from rag.errors import ArticleNotFound, HomeLocked, LLMError, StorageError

SEEDS = Path(__file__).parent.parent / "seeds"
KILLED = "How many civilians were killed in Friday's strike?"
WORLD_CUP = "Who won the 2018 World Cup?"
FIRST, SECOND = sorted(path.stem for path in SEEDS.glob("*.txt"))


def dateline(*arguments: object, home: Path | None = None, obj: Any = None, env: Any = None) -> Result:
    given = [str(argument) for argument in arguments]
    if home is not None:
        given += ["--home", str(home)]
    return CliRunner(env=env).invoke(app, given, obj=obj, prog_name="dateline")


def one_line(result: Result) -> str:
    """What went to stderr: one line, and nothing to stdout."""
    assert result.stdout == ""
    assert result.stderr.startswith("dateline: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of the two seed articles; no test changes it."""
    folder = tmp_path_factory.mktemp("home")
    ingested = dateline("ingest", SEEDS, home=folder)
    assert ingested.exit_code == 0, ingested.output
    return folder


@pytest.fixture
def own_home(tmp_path: Path) -> Path:
    """A collection of one article that a test may change."""
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "dam.txt").write_text(
        "The dam at Baluarte broke on Monday. Three villages were flooded.\n"
    )
    assert dateline("ingest", tmp_path / "news", home=tmp_path / "home").exit_code == 0
    return tmp_path / "home"


class Failing:
    """A Newsroom in which everything fails in the same way."""

    def __init__(self, failure: BaseException) -> None:
        self.failure = failure

    def __enter__(self) -> "Failing":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def fail(self, *_: object, **__: object) -> None:
        raise self.failure

    ask = search = stories = versions = articles = article = ingest = remove = reindex = info = fail


def failing(failure: BaseException) -> Any:
    return lambda _home: Failing(failure)


# ask


def test_an_answer_is_shown_with_its_marks_and_sources(home: Path):
    result = dateline("ask", KILLED, home=home)

    assert result.exit_code == 0
    answer, _, sources = result.stdout.partition("\nSources\n")
    assert "[1]" in answer
    assert "twenty civilians" in answer
    assert f"article {FIRST}, characters " in sources
    assert f"article {SECOND}, characters " in sources
    assert result.stderr == ""


def test_json_prints_the_answer_as_one_document(home: Path):
    result = dateline("ask", KILLED, "--json", home=home)

    answer = json.loads(result.stdout)
    assert answer["status"] == "answered"
    assert answer["question"] == KILLED
    assert {citation["article_id"] for s in answer["statements"] for citation in s["citations"]} == {
        FIRST,
        SECOND,
    }


def test_every_quote_can_be_found_in_the_article_that_show_prints(home: Path):
    answer = json.loads(dateline("ask", KILLED, "--json", home=home).stdout)

    for statement in answer["statements"]:
        for citation in statement["citations"]:
            text = dateline("articles", "show", citation["article_id"], home=home).stdout
            assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_an_answer_is_exported_with_its_evidence(home: Path, tmp_path: Path):
    result = dateline("ask", KILLED, "--export", tmp_path / "dossier.html", home=home)

    assert result.exit_code == 0
    assert "<mark>On Friday, twenty civilians" in (tmp_path / "dossier.html").read_text(encoding="utf-8")


def test_a_dossier_that_cannot_be_written_is_one_line(home: Path, tmp_path: Path):
    result = dateline("ask", KILLED, "--export", tmp_path / "missing" / "dossier.md", home=home)

    assert result.exit_code == 2
    assert "No such file" in one_line(result)


def test_an_abstention_gives_its_reason_and_exits_with_3(home: Path):
    result = dateline("ask", WORLD_CUP, home=home)

    assert result.exit_code == 3
    assert result.stdout.startswith("No answer. ")
    assert FIRST in result.stdout  # the nearest article


def test_an_abstention_as_json_exits_with_3_too(home: Path):
    result = dateline("ask", WORLD_CUP, "--json", home=home)

    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["status"] == "abstained"
    assert answer["statements"] == []
    assert answer["reason"]


def test_articles_after_the_day_of_the_question_do_not_exist(home: Path):
    hits = json.loads(dateline("search", KILLED, "--as-of", "2018-12-31", "--json", home=home).stdout)

    assert {hit["article"]["id"] for hit in hits} == {SECOND}  # the other is of 2019-01-20


def test_without_colour_none_is_used(home: Path):
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "80"}

    assert "\x1b[36m" in dateline("ask", KILLED, home=home, env=forced).stdout
    assert "\x1b[3" not in dateline("ask", KILLED, home=home, env=forced | {"NO_COLOR": "1"}).stdout


# search


def test_search_shows_passages_best_first(home: Path):
    result = dateline("search", "letters to the Security Council", "--limit", 1, home=home)

    assert result.exit_code == 0
    assert result.stdout.startswith("1. ")
    assert "2. " not in result.stdout.splitlines()


def test_search_as_json_is_a_list_of_hits_without_the_articles_texts(home: Path):
    hits = json.loads(dateline("search", KILLED, "--json", home=home).stdout)

    assert {"passage", "article", "score", "copies", "story"} == set(hits[0])
    assert "text" not in hits[0]["article"]


# ingest


def test_a_second_ingest_finds_everything_unchanged(own_home: Path):
    again = json.loads(dateline("ingest", own_home.parent / "news", "--json", home=own_home).stdout)

    assert again["unchanged"] == ["dam"]
    assert again["added"] == []
    assert again["embedded"] == 0


def test_ingest_ends_with_a_table(own_home: Path):
    result = dateline("ingest", own_home.parent / "news", home=own_home)

    assert result.exit_code == 0
    assert result.stdout == "added      0\nupdated    0\nunchanged  1\nduplicate  0\nfailed     0\n"


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_taken_in(own_home: Path):
    news = own_home.parent / "news"
    (news / "empty.txt").write_text("")
    (news / "fire.txt").write_text("A fire destroyed the market of Ilopa on Tuesday.\n")

    result = dateline("ingest", news, home=own_home)

    assert result.exit_code == 1
    assert "added      1\n" in result.stdout
    assert f"Failed\n{news / 'empty.txt'}: " in result.stdout
    assert result.stderr == "dateline: 1 could not be read; all others were taken in\n"


def test_where_nothing_could_be_read_nothing_else_is_said_to_be_taken_in(own_home: Path):
    result = dateline("ingest", own_home / "missing", home=own_home)

    assert result.stderr == "dateline: 1 could not be read; nothing was taken in\n"


@pytest.mark.parametrize("command", [["reindex"], ["articles", "remove", "x"], ["info"]])
def test_only_ingest_makes_a_collection(tmp_path: Path, command: list[str]):
    home = tmp_path / "typo"

    result = dateline(*command, home=home)

    assert (result.exit_code, home.exists()) == (1, False)
    assert result.stderr == f"dateline: {home} holds no articles yet; run `dateline ingest FOLDER` first\n"


@pytest.mark.parametrize("command", [["ingest", "seeds"], ["info"], ["ask", "Who?"]])
def test_a_home_that_is_a_file_is_said_to_be_one(tmp_path: Path, command: list[str]):
    home = tmp_path / "home"
    home.write_text("")

    result = dateline(*command, home=home)

    assert result.exit_code == 1
    assert result.stderr == (
        f"dateline: {home} is a file; the collection needs a folder, named by --home or DATELINE_HOME\n"
    )


def test_with_json_a_failed_file_is_in_the_document(own_home: Path):
    (own_home.parent / "news" / "empty.txt").write_text("")

    result = dateline("ingest", own_home.parent / "news", "--json", home=own_home)

    assert result.exit_code == 1
    (failure,) = json.loads(result.stdout)["failures"]
    assert failure["name"].endswith("empty.txt")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path):
    result = dateline("ingest", tmp_path / "nowhere", home=tmp_path / "home")

    assert result.exit_code == 1
    assert str(tmp_path / "nowhere") in result.stdout


# articles, reindex, info


def test_articles_in_a_pipe_are_one_line_each(home: Path):
    lines = dateline("articles", "list", home=home).stdout.splitlines()

    assert [line.split("\t")[:2] for line in lines] == [[FIRST, "2019-01-20"], [SECOND, "undated"]]


def test_a_page_of_articles_says_how_to_go_on(home: Path):
    first = dateline("articles", "list", "--limit", 1, home=home)
    rest = dateline("articles", "list", "--limit", 1, "--offset", 1, home=home)

    assert first.stderr == "dateline: there are more: --offset 1 goes on\n"
    assert rest.stderr == ""
    assert (first.stdout + rest.stdout) == dateline("articles", "list", home=home).stdout


def test_a_story_in_a_pipe_is_one_line(home: Path):
    [line] = dateline("stories", home=home).stdout.splitlines()

    assert line.split("\t")[:4] == ["2019-01-20", "2019-01-20", "2", ""]


def test_a_page_of_stories_says_how_to_go_on(tmp_path: Path):
    for event in (
        "The dam at Baluarte broke; villages were flooded.",
        "France won the football cup in Moscow.",
    ):
        for number in (1, 2):
            (tmp_path / f"{event[:3]}-{number}.txt").write_text(f"{event} Report {number} said so.\n")
    dateline("ingest", tmp_path, home=tmp_path / "home")

    first = dateline("stories", "--limit", 1, home=tmp_path / "home")

    assert first.stderr == "dateline: there are more: --offset 1 goes on\n"
    assert len(first.stdout.splitlines()) == 1


def test_stories_as_json_name_their_articles(home: Path):
    [story] = json.loads(dateline("stories", "--json", home=home).stdout)

    assert (story["article_ids"], story["size"]) == ([FIRST, SECOND], 2)


def test_articles_can_be_listed_by_date(home: Path):
    listed = json.loads(dateline("articles", "list", "--since", "2019-01-01", "--json", home=home).stdout)

    assert [article["id"] for article in listed] == [FIRST]
    assert "text" not in listed[0]


def test_an_article_is_shown_as_its_text(home: Path):
    assert (
        dateline("articles", "show", FIRST, home=home).stdout == (SEEDS / f"{FIRST}.txt").read_text() + "\n"
    )


def test_an_article_as_json_has_all_that_is_known(home: Path):
    article = json.loads(dateline("articles", "show", SECOND, "--json", home=home).stdout)

    assert article["text"] == (SEEDS / f"{SECOND}.txt").read_text()
    assert article["published"] is None


def test_a_corrected_article_keeps_its_former_text(own_home: Path):
    (own_home.parent / "news" / "dam.txt").write_text(
        "The dam at Baluarte held on Monday. No village was flooded."
    )
    dateline("ingest", own_home.parent / "news", home=own_home)

    lines = dateline("articles", "versions", "dam", home=own_home).stdout.splitlines()
    (number, sha256, *_), latest = (line.split("\t") for line in lines)

    assert (number, latest[0]) == ("1", "2")
    assert "broke" in dateline("articles", "show", "dam", "--sha256", sha256[:10], home=own_home).stdout
    assert "held" in dateline("articles", "show", "dam", home=own_home).stdout


def test_a_hash_that_no_version_has_is_wrong_use(home: Path):
    result = dateline("articles", "show", FIRST, "--sha256", "0000", home=home)

    assert result.exit_code == 2
    assert "no version of article" in one_line(result)


def test_removed_articles_are_gone(own_home: Path):
    result = dateline("articles", "remove", "dam", home=own_home)

    assert result.stdout == "removed  1\n"
    assert dateline("articles", "show", "dam", home=own_home).exit_code == 2


def test_with_one_unknown_id_nothing_is_removed(own_home: Path):
    result = dateline("articles", "remove", "dam", "dyke", home=own_home)

    assert result.exit_code == 2
    assert "'dyke'" in one_line(result)
    assert dateline("articles", "show", "dam", home=own_home).exit_code == 0


def test_reindex_says_how_many_passages_there_are(own_home: Path):
    assert dateline("reindex", home=own_home).stdout == "passages  1\n"


def test_info_counts_what_the_collection_holds(home: Path):
    about = json.loads(dateline("info", "--json", home=home).stdout)

    assert about["articles"] == 2
    assert about["passages"] >= 2


# wrong use and failures


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", ""), "the question is empty"),
        (("ask", " ?! "), "the question is empty"),
        (("ask", "why " * 25_000), "the question has "),
        (("search", ""), "the question is empty"),
        (("ask", KILLED, "--since", "2019-13-40"), "--since '2019-13-40' is not a day of the calendar"),
        (("ask", KILLED, "--as-of", "yesterday"), "--as-of 'yesterday' is not a day of the calendar"),
        (("ask", KILLED, "--since", "2019-02-01", "--until", "2019-01-01"), "is after --until"),
        (("ask", KILLED, "--source", "Reuters"), "no article comes from 'Reuters'; sources here: "),
        (("search", KILLED, "--source", "Reuters"), "no article comes from 'Reuters'"),
        (("articles", "show", "no-such-id"), "no article has the id 'no-such-id'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_wrong_use_is_one_line_and_exit_code_2(home: Path, arguments: tuple[str, ...], message: str):
    result = dateline(*arguments, home=home)

    assert result.exit_code == 2
    assert message in one_line(result)


@pytest.mark.parametrize("command", [("ask", KILLED), ("search", KILLED)])
def test_an_empty_collection_says_what_to_do(tmp_path: Path, command: tuple[str, ...]):
    result = dateline(*command, "--json", home=tmp_path)

    assert result.exit_code == 1
    assert "run `dateline ingest" in one_line(result)


def test_an_option_that_does_not_exist_is_wrong_use():
    result = dateline("ask", KILLED, "--sauce", "SANA")

    assert result.exit_code == 2
    assert "No such option: --sauce" in result.stderr


def test_an_unknown_setting_is_wrong_use(home: Path):
    result = dateline("info", home=home, env={"DATELINE_EMBEDER": "static"})

    assert result.exit_code == 2
    assert "did you mean DATELINE_EMBEDDER?" in one_line(result)


def test_a_home_that_is_a_file_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")

    for command in (("ask", KILLED), ("ingest", SEEDS)):
        result = dateline(*command, home=tmp_path / "file")
        assert result.exit_code == 1
        assert str(tmp_path / "file") in one_line(result)


@pytest.mark.parametrize(
    ("failure", "exit_code"),
    [
        (HomeLocked(Path("news"), 4242), 1),
        (StorageError("the disk is full; free some space"), 1),
        (LLMError("the language model at http://localhost cannot be reached"), 1),
        (ArticleNotFound("a7"), 2),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "command",
    [
        ("ask", "Why?"),
        ("search", "Why?"),
        ("ingest", "seeds"),
        ("reindex",),
        ("info",),
        ("articles", "list"),
        ("articles", "show", "a7"),
        ("articles", "remove", "a7"),
    ],
    ids=" ".join,
)
def test_an_error_is_one_line_whatever_the_command(
    command: tuple[str, ...], failure: Exception, exit_code: int
):
    result = dateline(*command, obj=failing(failure))

    assert result.exit_code == exit_code
    assert one_line(result) == f"dateline: {failure}\n"


def test_an_error_message_reaches_the_terminal_clean():
    result = dateline("info", obj=failing(StorageError("\x1b[2Jcannot read\nthis")))

    assert one_line(result) == "dateline: \ufffd[2Jcannot read this\n"


def test_what_nobody_expected_is_one_line():
    result = dateline("info", obj=failing(KeyError("wheel")))

    assert result.exit_code == 1
    assert "unexpected KeyError: 'wheel'" in one_line(result)


def test_debug_shows_where_it_came_from():
    result = dateline("--debug", "info", obj=failing(KeyError("wheel")))

    assert isinstance(result.exception, KeyError)


def test_an_interruption_is_one_line_and_exit_code_130():
    result = dateline("ingest", "seeds", obj=failing(KeyboardInterrupt()))

    assert result.exit_code == 130
    assert "interrupted" in one_line(result)


# whole processes


class Canned:
    """A Newsroom of one article, cheap enough for a process of its own."""

    def __enter__(self) -> "Canned":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def article(self, article_id: str, sha256: str | None = None) -> Article:
        return Article(id=article_id, text="Syria’s coast. " * 10_000, sha256="")


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    code = (
        "import sys; from rag import cli; from tests.test_cli import Canned\n"
        "cli.open_newsroom = lambda home: Canned()\n"
        "cli.main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, check=False, **options
    )


def test_help_loads_none_of_the_heavy_libraries():
    code = (
        "import sys; from rag.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "Usage: " in done.stdout
    heavy = {"chromadb", "gradio", "llama_index", "numpy", "onnxruntime", "pydantic", "sqlalchemy", "tantivy"}
    assert heavy.isdisjoint(name.partition(".")[0] for name in done.stderr.split())


def test_the_version_is_that_of_the_distribution():
    done = process("--version", stdout=subprocess.PIPE)

    assert done.stdout.startswith(b"dateline ")


def test_a_reader_that_leaves_early_causes_no_traceback():
    reading, writing = os.pipe()
    os.close(reading)

    done = process("articles", "show", "a1", stdout=writing)

    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1


def test_output_that_cannot_hold_a_letter_is_escaped():
    done = process(
        "articles", "show", "a1", stdout=subprocess.PIPE, env=os.environ | {"PYTHONIOENCODING": "ascii"}
    )

    assert done.returncode == 0
    assert done.stdout.startswith(b"Syria\\u2019s")
