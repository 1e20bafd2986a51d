from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from rag.answering.answerer import Draft
from rag.answering.sentences import sentences_of
from rag.ask import ask, check_filters, check_question
from rag.domain import Answer, Conflict, Delta, Event, Filters, Hit, Retrieved, Statement
from rag.errors import QuestionError
from rag.index.corpus import Corpus
from rag.retrieval.retriever import Retriever
from tests.collection import WordEmbedder, article, staged
from tests.reading import hit

TEXTS = {
    "strike": "Twenty people were killed in Soseh.",
    "vote": "Parliament voted on the budget.",
    "rain": "It rained on the parliament.",
}


def statement(text: str, article_id: str) -> Statement:
    """A quotation of a one-sentence article."""
    [quoted] = sentences_of([hit(article_id, text)])
    return Statement(text=text, citations=(quoted.cite(),), verdict="supported", score=1.0)


STATEMENT = statement(TEXTS["vote"], "vote")


class Script:
    """An answerer that says what it is told to, and keeps what it was asked."""

    def __init__(self, *events: Delta | Statement | Draft) -> None:
        self.events = events
        self.asked: list[tuple[str, tuple[Hit, ...]]] = []

    def answer(self, question: str, hits: Sequence[Hit]) -> Iterator[Delta | Statement | Draft]:
        self.asked.append((question, tuple(hits)))
        yield from self.events


DIFFERENT = Conflict(
    aspect="the date", kind="contradiction", values=(), sentence="Sources differ on the date."
)


class Agreement:
    """Finds the same conflicts, or none, whatever the passages."""

    def __init__(self, *conflicts: Conflict) -> None:
        self.conflicts = conflicts

    def find(self, question: str, hits: Sequence[Hit]) -> tuple[Conflict, ...]:
        return self.conflicts


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    home, embedder = tmp_path_factory.mktemp("ask") / "home", WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        corpus.add(staged([article(key, text, origins=("AP",)) for key, text in TEXTS.items()], embedder))
    with Corpus.open(home, embedder=embedder, writing=False) as corpus:
        yield Retriever(corpus, embedder)


def events(retriever: Retriever, answerer: Script, *, limit: int = 2) -> list[Event]:
    question = "What of the parliament?"
    return list(
        ask(question, Filters(), retriever=retriever, answerer=answerer, conflicts=Agreement(), limit=limit)
    )


def final(retriever: Retriever, answerer: Script) -> Answer:
    answer = events(retriever, answerer)[-1]
    assert isinstance(answer, Answer)
    return answer


def test_passages_come_first_then_what_the_answerer_says_then_the_answer(retriever: Retriever) -> None:
    script = Script(Delta(text="Twe"), STATEMENT, Draft(statements=(STATEMENT,)))
    found = events(retriever, script)
    assert [type(event) for event in found] == [Retrieved, Delta, Statement, Answer]
    assert found[1] == Delta(text="Twe")


def test_the_answerer_is_given_the_passages_found(retriever: Retriever) -> None:
    script = Script(Draft(reason="no"))
    [retrieved, answer] = events(retriever, script)
    assert isinstance(retrieved, Retrieved)
    assert isinstance(answer, Answer)
    assert script.asked == [("What of the parliament?", retrieved.passages)]
    assert answer.passages == retrieved.passages
    assert len(retrieved.passages) == 2


def test_a_draft_with_statements_is_an_answer(retriever: Retriever) -> None:
    draft = Draft(statements=(STATEMENT,), notice="shortened", model="m", usage={"read": 5})
    answer = final(retriever, Script(draft))
    assert (answer.status, [each.text for each in answer.statements], answer.reason) == (
        "answered",
        [STATEMENT.text],
        None,
    )
    assert (answer.notice, answer.model, answer.usage) == ("shortened", "m", {"read": 5})


@pytest.mark.parametrize("script", [Script(Draft(reason="not here")), Script()])
def test_a_draft_without_statements_is_an_abstention(script: Script, retriever: Retriever) -> None:
    answer = final(retriever, script)
    assert (answer.status, answer.statements, answer.origins) == ("abstained", (), None)
    assert answer.reason == (script.events[0].reason if script.events else None)  # type: ignore[union-attr]


def test_the_origins_are_those_of_the_articles_cited(retriever: Retriever) -> None:
    cited = statement(TEXTS["vote"], "vote")
    origins = final(retriever, Script(Draft(statements=(cited,)))).origins
    assert origins is not None
    assert (origins.articles, origins.names) == (1, ("AP",))


def test_statements_say_who_says_so_when_they_come_and_in_the_answer(retriever: Retriever) -> None:
    found = events(retriever, Script(STATEMENT, Draft(statements=(STATEMENT,))))
    assert isinstance(found[1], Statement)
    assert isinstance(found[2], Answer)
    assert [each.agency for each in found[1].attributions] == ["AP"]
    assert found[2].statements == (found[1],)


def test_the_time_of_each_step_is_told(retriever: Retriever) -> None:
    timings = final(retriever, Script(Draft(reason="no"))).timings_ms
    assert timings.keys() == {"search", "answer", "conflicts"}
    assert all(value >= 0 for value in timings.values())


@pytest.mark.parametrize(
    ("draft", "conflicts"), [(Draft(statements=(STATEMENT,)), (DIFFERENT,)), (Draft(reason="no"), ())]
)
def test_an_answer_says_where_articles_differ_and_an_abstention_does_not(
    draft: Draft, conflicts: tuple[Conflict, ...], retriever: Retriever
) -> None:
    *_, answer = ask(
        "What of the parliament?",
        Filters(),
        retriever=retriever,
        answerer=Script(draft),
        conflicts=Agreement(DIFFERENT),
        limit=2,
    )
    assert isinstance(answer, Answer)
    assert answer.conflicts == conflicts


# --- what may be asked ---


def test_a_question_loses_its_surplus_blanks() -> None:
    assert check_question("  Who\n\tcame? ", longest=20) == "Who came?"


@pytest.mark.parametrize("question", ["", "  \n", "?!", "…", "🚒"])
def test_a_question_without_words_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="the question is empty"):
        check_question(question, longest=20)


def test_a_question_that_is_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(QuestionError, match=r"has 100,000 characters, at most 2,000 are read"):
        check_question("a" * 100_000, longest=2_000)


def test_a_question_may_have_the_full_length() -> None:
    assert check_question("a" * 20, longest=20) == "a" * 20


@pytest.mark.parametrize("filters", [Filters(), Filters(since=date(2019, 1, 1), until=date(2019, 1, 1))])
def test_filters_that_let_something_pass_are_accepted(filters: Filters) -> None:
    check_filters(filters, sources=())


def test_days_in_the_wrong_order_are_refused() -> None:
    filters = Filters(since=date(2019, 2, 1), until=date(2019, 1, 1))
    with pytest.raises(QuestionError, match=r"--since 2019-02-01 is after --until 2019-01-01; swap them"):
        check_filters(filters, sources=())


def test_sources_are_compared_without_case() -> None:
    check_filters(Filters(sources=("sana", "TASS")), sources=["SANA", "Tass"])


@pytest.mark.parametrize(("known", "listed"), [(["SANA", "TASS"], "SANA, TASS"), ([], "none")])
def test_an_unknown_source_is_refused_with_those_there_are(known: list[str], listed: str) -> None:
    with pytest.raises(QuestionError, match=f"no article comes from 'Aamu'; sources here: {listed}"):
        check_filters(Filters(sources=("Aamu",)), sources=known)
