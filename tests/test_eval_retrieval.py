import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from eval import retrieval
from eval.dataset import Case, newsroom_of, read_copies, read_questions
from rag import Newsroom
from rag.errors import UsageError
from tests.collection import write_rows
from tests.evaluation import ARTICLES, QUESTIONS, laid_out

EVIDENCE = "row 2: 'evidence' must be a list of objects with the texts 'article_id' and 'quote'"
KEYS = ["hit@1", "hit@3", "hit@5", "hit@10", "mrr@10", "n", "p50_ms", "p95_ms"]


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    articles = write_rows(tmp_path_factory.mktemp("retrieval") / "articles.jsonl", ARTICLES)
    with newsroom_of(articles, None) as newsroom:
        yield newsroom


def case(question: str, *gold: str, as_of: date | None = None) -> Case:
    return Case(
        id="q",
        question=question,
        as_of=as_of,
        answers=(),
        answerable=None,
        gold_article_ids=gold,
        evidence=(),
        type="",
    )


# --- the command ---


def test_the_command_prints_one_json_document_with_the_agreed_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert retrieval.main([*laid_out(tmp_path), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert list(scores) == KEYS
    assert (scores["hit@1"], scores["mrr@10"], scores["n"]) == (1.0, 1.0, 2)
    assert scores["p95_ms"] >= scores["p50_ms"] > 0


def test_without_json_it_prints_a_line_a_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert retrieval.main([*laid_out(tmp_path), "--no-as-of"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == KEYS


def test_a_home_keeps_the_index(tmp_path: Path) -> None:
    arguments = laid_out(tmp_path)
    assert retrieval.main([*arguments, "--home", str(tmp_path / "home")]) == 0
    with newsroom_of(Path(arguments[1]), tmp_path / "home") as newsroom:
        assert newsroom.ingest([Path(arguments[1])]).embedded == 0


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", "row 2: not JSON"),
        ("[]", "row 2: no 'question' in it"),
        ('{"id": "x"}', "row 2: no 'question' in it"),
        ('{"question": 5}', "row 2: 'question' is no text"),
        ('{"question": "Who?", "as_of": "yesterday"}', "row 2: Invalid isoformat string"),
        ('{"question": "Who?", "answers": "twenty"}', "row 2: 'answers' must be a list of texts"),
        ('{"question": "Who?", "answers": [20]}', "row 2: 'answers' must be a list of texts"),
        (
            '{"question": "Who?", "gold_article_ids": "a"}',
            "row 2: 'gold_article_ids' must be a list of texts",
        ),
        ('{"question": "Who?", "answerable": "yes"}', "row 2: 'answerable' must be true, false or null"),
        ('{"question": "Who?", "evidence": [{"quote": "x"}]}', EVIDENCE),
        ('{"question": "Who?", "evidence": [["a", "x"]]}', EVIDENCE),
        ('{"question": "Who?", "evidence": 3}', EVIDENCE),
        ('{"question": "Who?", "evidence": {}}', EVIDENCE),
        ('{"question": "Who?", "evidence": [{"article_id": "a", "quote": 3}]}', EVIDENCE),
    ],
)
def test_a_bad_row_gives_one_line_that_names_it(
    row: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = laid_out(tmp_path)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(f"{json.dumps(QUESTIONS[0])}\n{row}\n", encoding="utf-8")
    assert retrieval.main(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{questions}, {complaint}")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file or directory"),
        (b"", "no question names a gold article"),
        (b'{"question": "Who?"}\n', "no question names a gold article"),
        (b"\xff\xfe{", "not UTF-8"),
    ],
)
def test_a_file_without_questions_gives_one_line(
    content: bytes | None, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, questions = laid_out(tmp_path), tmp_path / "questions.jsonl"
    questions.unlink()
    if content is not None:
        questions.write_bytes(content)
    assert retrieval.main(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{questions}: {complaint}")


@pytest.mark.parametrize("row", ["{", '{"id": "x"}'])
def test_an_article_that_cannot_be_read_gives_one_line(
    row: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, articles = laid_out(tmp_path), tmp_path / "articles.jsonl"
    articles.write_text(f"{json.dumps(ARTICLES[0])}\n{row}\n", encoding="utf-8")
    assert retrieval.main(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "articles.jsonl, row 2" in line


# --- what is counted ---


def test_hits_and_reciprocal_ranks_are_shares_of_the_questions(newsroom: Newsroom) -> None:
    cases = [case("Vasa bridge Turku", "bridge"), case("central bank key rate", "nothing")]
    scores = retrieval.measure(newsroom, cases, {}, use_as_of=True)
    assert [scores[name] for name in KEYS[:6]] == [0.5, 0.5, 0.5, 0.5, 0.5, 2]


def test_a_later_rank_counts_for_the_deeper_figures(newsroom: Newsroom) -> None:
    scores = retrieval.measure(
        newsroom, [case("central bank key rate Bo Ek", "bridge", "fair")], {}, use_as_of=True
    )
    assert (scores["hit@1"], scores["hit@3"], scores["mrr@10"]) == (0.0, 1.0, 0.5)


def test_a_copy_of_the_gold_text_is_a_hit(newsroom: Newsroom) -> None:
    copies = {"gone": ("bridge", "gone")}
    scores = retrieval.measure(newsroom, [case("Vasa bridge Turku", "gone")], copies, use_as_of=True)
    assert scores["hit@1"] == 1.0


@pytest.mark.parametrize(("use_as_of", "found"), [(True, 0.0), (False, 1.0)])
def test_the_day_of_asking_hides_later_articles(use_as_of: bool, found: float, newsroom: Newsroom) -> None:
    asked = case("book fair tickets", "fair", as_of=date(2021, 5, 5))
    assert retrieval.measure(newsroom, [asked], {}, use_as_of=use_as_of)["hit@10"] == found


# --- the files ---


def test_a_question_is_read_with_all_its_fields(tmp_path: Path) -> None:
    first, second, _ = read_questions(write_rows(tmp_path / "q.jsonl", QUESTIONS))
    assert first == Case(
        id="q1",
        question="How many workers were injured when the bridge collapsed?",
        as_of=date(2021, 5, 5),
        answers=("eleven", "11"),
        answerable=True,
        gold_article_ids=("bridge",),
        evidence=(("bridge", "Eleven workers were injured"),),
        type="how_many",
    )
    assert second.as_of is None


def test_a_question_alone_is_enough_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('\n{"question": "Who?"}\n\n', encoding="utf-8")
    [only] = read_questions(path)
    assert (only.id, only.answerable, only.gold_article_ids) == ("2", None, ())


def test_stubs_are_left_out_of_search_scores(tmp_path: Path) -> None:
    rows = [{"question": "A?", "gold_article_ids": ["a"], "gold_is_stub": True}, QUESTIONS[0]]
    assert [each.id for each in retrieval.searchable(write_rows(tmp_path / "q.jsonl", rows))] == ["q1"]


def test_articles_with_one_text_are_copies_of_each_other(tmp_path: Path) -> None:
    rows = [{"id": key, "text": text} for key, text in (("a", "One."), ("b", "Two."), ("c", "One."))]
    assert read_copies(write_rows(tmp_path / "a.jsonl", rows)) == {
        "a": ("a", "c"),
        "b": ("b",),
        "c": ("a", "c"),
    }


def test_an_article_without_an_id_cannot_be_scored(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.jsonl, row 1: no 'id' in it"):
        read_copies(write_rows(tmp_path / "a.jsonl", [{"text": "One."}]))
