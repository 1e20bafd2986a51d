from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from rag.domain import (
    Answer,
    Article,
    Citation,
    Conflict,
    Hit,
    Origins,
    Passage,
    Statement,
    Story,
    Value,
    Version,
)
from rag.index.reading import Statistics
from rag.ingest import Duplicate, Failure, IngestReport
from rag.terminal import (
    printable,
    printable_lines,
    show_answer,
    show_article,
    show_articles,
    show_hits,
    show_info,
    show_pairs,
    show_report,
    show_stories,
    show_versions,
)

LONG = "On Friday, twenty civilians, including women and children, have been killed in new airstrikes. " * 3
ARTICLE = Article(
    id="a1",
    text="First line.\nSecond line.",
    sha256="0" * 64,
    title="Twenty killed",
    published=date(2019, 1, 20),
    source="SANA",
)
UNKNOWN = Article(id="a2", text="No date, no source.", sha256="1" * 64)


def citation(article: Article, start: int, quote: str) -> Citation:
    return Citation(
        article_id=article.id,
        title=article.title,
        source=article.source,
        published=article.published,
        url=None,
        start=start,
        end=start + len(quote),
        quote=quote,
        sha256=article.sha256,
    )


def statement(*citations: Citation, verdict: str = "supported") -> Statement:
    return Statement(text=citations[0].quote, citations=citations, verdict=verdict, score=1.0)


def answer(*statements: Statement, reason: str | None = None, passages: tuple[Hit, ...] = ()) -> Answer:
    return Answer(
        question="?",
        status="answered" if statements else "abstained",
        statements=statements,
        reason=reason,
        origins=Origins(articles=2, independent=1, unknown=1, names=("SANA",)) if statements else None,
        passages=passages,
        model=None,
        notice=None,
        usage={},
        timings_ms={},
    )


def hit(article: Article, text: str = "Twenty died.", copies: tuple[str, ...] = ()) -> Hit:
    passage = Passage(id=f"{article.id}:0", article_id=article.id, start=5, end=5 + len(text), text=text)
    return Hit(passage=passage, article=article, score=1.0, copies=copies)


def shown(show, record, *, terminal: bool = False, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=terminal, color_system=None)
    show(console, record)
    return console.file.getvalue()


def test_an_answer_shows_each_sentence_its_mark_and_its_source():
    first, second = citation(ARTICLE, 10, "Twenty died."), citation(UNKNOWN, 0, "20 people were killed.")

    assert shown(show_answer, answer(statement(first), statement(second, first))) == (
        "Twenty died. [1]\n"
        "20 people were killed. [2][1]\n"
        "\n"
        "Reported by 2 articles, 1 independent origin: SANA; 1 article of unknown origin\n"
        "\n"
        "Sources\n"
        "[1] SANA, 2019-01-20, article a1, characters 10-22\n"
        "    Twenty died.\n"
        "[2] source not named, undated, article a2, characters 0-22\n"
        "    20 people were killed.\n"
    )


def test_where_sources_differ_each_side_is_shown_with_its_marks_and_origins():
    first, second = citation(ARTICLE, 10, "Twenty died."), citation(UNKNOWN, 0, "23 people were killed.")
    sides = (
        Value(text="Twenty", citations=(first,), origins=("SANA",)),
        Value(text="23 people", citations=(second,), origins=()),
    )
    differing = Conflict(
        aspect="x", kind="contradiction", values=sides, sentence="Sources differ on x: a or b."
    )

    text = shown(show_answer, replace(answer(statement(first)), conflicts=(differing,)))

    assert "\nSources differ on x: a or b.\n    Twenty [1] SANA\n    23 people [2]\n" in text
    assert "[2] source not named, undated, article a2" in text


def test_a_sentence_that_is_not_fully_supported_says_so():
    text = shown(show_answer, answer(statement(citation(ARTICLE, 0, "Twenty died."), verdict="partly")))

    assert text.startswith("Twenty died. [1] (partly)\n")


def test_an_abstention_gives_the_reason():
    text = shown(show_answer, answer(reason="No article names a winner.", passages=(hit(ARTICLE),)))

    assert text == "No answer. No article names a winner.\n"


def test_what_the_reader_should_know_about_the_answer_is_said_first():
    noted = replace(
        answer(statement(citation(ARTICLE, 0, "Twenty died."))), notice="The model did not reply."
    )

    assert shown(show_answer, noted).startswith("Note: The model did not reply.\n\nTwenty died. [1]\n")


def test_hits_are_ranked_with_their_place_and_whole_text():
    text = shown(show_hits, [hit(ARTICLE, LONG, copies=("a7", "a9")), hit(UNKNOWN)])

    assert text == (
        "1. Twenty killed\n"
        f"    article a1, SANA, 2019-01-20, characters 5-{5 + len(LONG)}\n"
        f"    {LONG}\n"
        "    Nearly the same text: a7, a9\n"
        "\n"
        "2. Untitled\n"
        "    article a2, source not named, undated, characters 5-17\n"
        "    Twenty died.\n"
    )


def test_in_a_pipe_a_quote_is_one_line_however_long():
    lines = shown(show_answer, answer(statement(citation(ARTICLE, 0, LONG)))).splitlines()

    assert lines[0] == f"{LONG} [1]"
    assert f"    {LONG}" in lines


def test_on_a_terminal_lines_wrap_at_words_and_keep_their_indent():
    lines = shown(
        show_answer, answer(statement(citation(ARTICLE, 0, LONG))), terminal=True, width=40
    ).splitlines()

    assert max(map(len, lines)) <= 40
    quote = lines[lines.index("[1] SANA, 2019-01-20, article a1,") + 2 :]
    assert all(line.startswith("    ") for line in quote)
    assert " ".join(line.strip() for line in quote) == LONG.strip()


def test_on_a_terminal_a_word_longer_than_the_line_is_not_broken():
    address = "https://example.org/" + "a" * 60

    assert address in shown(
        show_answer, answer(statement(citation(ARTICLE, 0, address))), terminal=True, width=40
    )


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "\x9b31m",
        "\u202eexe.gnp",
        "\u2066x",
        "\r",
        "\x00",
        "\ud800",
        "\U000e0041",
    ],
    ids=ascii,
)
def test_what_a_terminal_obeys_becomes_visible_and_keeps_its_length(text: str):
    clean = printable(text)

    assert len(clean) == len(text)
    assert "\ufffd" in clean
    assert all(character == "\ufffd" or character.isprintable() for character in clean)


def test_text_of_any_script_is_left_alone():
    text = "“Deir Ezzor” دير الزور 伊朗 👩‍🚒 naïve"

    assert printable(text) == text


def test_a_quote_over_two_lines_is_shown_on_one():
    assert printable("two\nlines\tand a tab") == "two lines and a tab"


def test_an_article_keeps_its_lines():
    assert printable_lines("two\n\nlines\tand a tab") == "two\n\nlines\tand a tab"


def test_hostile_text_is_clean_wherever_it_is_shown():
    evil = "\x1b[2J\u202eevil[bold]"
    article = Article(
        id=evil, text=evil, sha256=evil, title=evil, source=evil, byline=evil, origins=(evil,), url=evil
    )
    outputs = [
        shown(show_answer, answer(statement(citation(article, 0, evil)))),
        shown(show_answer, answer(reason=evil, passages=(hit(article, evil, copies=(evil,)),))),
        shown(show_hits, [hit(article, evil, copies=(evil,))]),
        *(shown(show_articles, [article], terminal=terminal) for terminal in (False, True)),
        *(shown(show_article, article, terminal=terminal) for terminal in (False, True)),
        shown(show_pairs, {"home": evil}),
    ]

    for output in outputs:
        assert "\x1b[2J" not in output
        assert "\u202e" not in output
        assert "evil[bold]" in output


def test_in_a_pipe_articles_are_one_line_each_with_tabs():
    assert (
        shown(show_articles, [ARTICLE, UNKNOWN]) == "a1\t2019-01-20\tSANA\tTwenty killed\na2\tundated\t\t\n"
    )


def test_on_a_terminal_articles_are_wrapped_and_no_id_is_cut():
    long_id = Article(id="i" * 70, text="", sha256="", title=LONG)

    lines = shown(show_articles, [ARTICLE, long_id], terminal=True, width=60).splitlines()

    assert lines[:2] == ["article a1, SANA, 2019-01-20", "    Twenty killed"]
    assert any("i" * 70 in line for line in lines)
    assert max(len(line) for line in lines if "iii" not in line) <= 60


def test_in_a_pipe_an_article_is_its_text_alone():
    assert shown(show_article, ARTICLE) == "First line.\nSecond line.\n"


def test_on_a_terminal_an_article_comes_with_what_is_known_of_it():
    text = shown(show_article, ARTICLE, terminal=True)

    assert text == ("title   Twenty killed\nsource  SANA\ndate    2019-01-20\n\nFirst line.\nSecond line.\n")


def test_a_tab_in_an_article_stays_one_character_in_a_pipe():
    article = Article(id="a", text="Table:\tx", sha256="")

    assert shown(show_article, article) == "Table:\tx\n"


REPORT = IngestReport(
    added=("a", "b"),
    updated=(),
    unchanged=("c",) * 1200,
    duplicates=(Duplicate("copy.txt", "a"),),
    failures=(Failure("bad.pdf", "not a PDF"), Failure("dump.jsonl, row 3", "not JSON")),
    passages=5,
    embedded=5,
)


def test_the_closing_table_counts_and_names_what_failed():
    assert shown(show_report, REPORT) == (
        "added      2\n"
        "updated    0\n"
        "unchanged  1,200\n"
        "duplicate  1\n"
        "failed     2\n"
        "\n"
        "Duplicates\n"
        "copy.txt: same text as article a\n"
        "\n"
        "Failed\n"
        "bad.pdf: not a PDF\n"
        "dump.jsonl, row 3: not JSON\n"
    )


def test_a_long_list_of_failures_ends_with_the_number_of_the_rest():
    report = replace(REPORT, failures=tuple(Failure(f"{n}.txt", "empty") for n in range(1025)))

    lines = shown(show_report, report).splitlines()

    assert lines[-2:] == ["19.txt: empty", "and 1,005 more; --json lists all"]


HELD = Statistics(
    articles=1204,
    passages=5100,
    first=date(2017, 4, 5),
    last=date(2019, 1, 20),
    sources={"SANA": 3, "Presstv": 1},
    embedder="static-256",
    pending=0,
    tombstones=0,
    size_bytes=12_345_678,
)


def test_what_a_collection_holds_is_shown_in_pairs():
    assert shown(show_info, HELD) == (
        "articles  1,204\n"
        "passages  5,100\n"
        "days      2017-04-05 to 2019-01-20\n"
        "sources   SANA (3), Presstv (1)\n"
        "embedder  static-256\n"
        "size      12.3 MB\n"
    )


def test_what_is_unknown_of_a_collection_is_left_out_and_what_is_unfinished_said():
    held = replace(HELD, first=None, last=None, sources={}, pending=1)

    lines = shown(show_info, held).splitlines()

    assert [line.split()[0] for line in lines] == ["articles", "passages", "embedder", "size", "unfinished"]
    assert lines[-1] == "unfinished  1 article; the next ingest finishes them"


def test_of_many_sources_the_first_are_named_and_the_rest_counted():
    held = replace(HELD, sources={f"s{n}": 1 for n in range(30)})

    assert "s19 (1) and 10 more\n" in shown(show_info, held)


STORY = Story(
    id="s1",
    title="Twenty killed",
    article_ids=("a1", "a2"),
    first=date(2019, 1, 18),
    last=date(2019, 1, 20),
    outlets=("SANA", "Press TV"),
    size=2,
    copies=(),
)


def test_a_story_on_a_terminal_has_its_days_its_outlets_and_its_articles():
    assert shown(show_stories, [STORY], terminal=True).splitlines() == [
        "Twenty killed",
        "    2019-01-18 to 2019-01-20, 2 articles, SANA, Press TV",
        "    a1, a2",
    ]


@pytest.mark.parametrize(
    ("story", "line"),
    [
        (STORY, "2019-01-18\t2019-01-20\t2\tSANA, Press TV\tTwenty killed"),
        (replace(STORY, first=None, last=None, outlets=(), title=None), "\t\t2\t\t"),
    ],
)
def test_a_story_in_a_pipe_is_a_line_of_cells(story: Story, line: str):
    assert shown(show_stories, [story]) == line + "\n"


@pytest.mark.parametrize(
    ("story", "about"),
    [
        (replace(STORY, last=STORY.first), "    2019-01-18, 2 articles, SANA, Press TV"),
        (
            replace(STORY, first=None, last=None, outlets=(), title=None),
            "    undated, 2 articles, sources not named",
        ),
    ],
)
def test_what_is_not_known_of_a_story_is_said(story: Story, about: str):
    assert shown(show_stories, [story], terminal=True).splitlines()[1] == about


VERSION = Version(
    article_id="a1",
    number=1,
    sha256="ab" * 32,
    title="Twenty killed",
    published=date(2019, 1, 20),
    seen=date(2019, 2, 1),
    since=date(2019, 1, 20),
    until=date(2019, 1, 22),
)


def test_a_version_in_a_pipe_is_a_line_of_cells():
    line = f"1\t{'ab' * 32}\t2019-01-20\t2019-01-22\t2019-02-01\tTwenty killed\n"

    assert shown(show_versions, [VERSION]) == line


@pytest.mark.parametrize(
    ("version", "about"),
    [
        (VERSION, "    from 2019-01-20 until 2019-01-22, seen 2019-02-01"),
        (
            replace(VERSION, since=None, until=None, seen=None),
            "    from ever until now, seen before this was noted",
        ),
    ],
)
def test_a_version_on_a_terminal_says_when_it_stood(version: Version, about: str):
    lines = shown(show_versions, [version], terminal=True).splitlines()

    assert lines == ["1. Twenty killed", about, f"    {'ab' * 32}"]
