from collections.abc import Iterator
from datetime import date

import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine

from rag.domain import Article, Filters
from rag.index.corpus import Corpus
from rag.retrieval.retriever import Retriever
from tests.collection import WordEmbedder, article, news, staged

WIRE = (
    "Twenty civilians were killed on Friday when warplanes struck a village in the east, local sources said. "
    "The wounded were taken to a hospital in the nearest town, where doctors asked for blood."
)
ARTICLES = (
    article(
        "wire",
        f" date 2019-01-20 {WIRE}",
        body_start=17,
        title="Strike",
        source="SANA",
        published=date(2019, 1, 20),
    ),
    article("copy", WIRE, source="Presstv", published=date(2019, 1, 21)),
    article(
        "rates-old", "The bank raised its rates. Markets fell.", source="Aamu", published=date(2018, 1, 1)
    ),
    article(
        "rates-new",
        "The bank raised its rates again. Markets rose.",
        source="Aamu",
        published=date(2019, 6, 1),
    ),
    article("undated", "A bridge fell into the river near the hospital. Nobody was hurt."),
    article(
        "long", "\n\n".join(news(number) for number in range(6)), source="TASS", published=date(2017, 1, 1)
    ),
)
QUESTION = "Who was killed when warplanes struck the village?"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    home, embedder = tmp_path_factory.mktemp("retriever") / "home", WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=True) as writing:
        writing.add(staged(ARTICLES, embedder))
    with Corpus.open(home, embedder=embedder, writing=False) as reading:
        yield reading


@pytest.fixture(scope="module")
def retriever(corpus: Corpus) -> Retriever:
    return Retriever(corpus, WordEmbedder())


def ids(retriever: Retriever, question: str, filters: Filters | None = None, limit: int = 10) -> list[str]:
    hits = retriever.search(question, filters or Filters(), limit=limit)
    return list(dict.fromkeys(hit.article.id for hit in hits))


def by_id(article_id: str) -> Article:
    return next(each for each in ARTICLES if each.id == article_id)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How did the markets react when the bank raised rates again?", "rates-new"),
        ("What fell into the river?", "undated"),
        ("What did the report 3 say about Idlib?", "long"),
    ],
)
def test_the_article_about_it_comes_first(question: str, first: str, retriever: Retriever) -> None:
    assert ids(retriever, question)[0] == first


def test_a_hit_is_a_span_of_its_article(retriever: Retriever) -> None:
    hits = retriever.search(QUESTION, Filters(), limit=10)
    assert hits
    for hit in hits:
        assert hit.article.text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert hit.article == by_id(hit.article.id)


def test_hits_come_best_first_and_no_more_than_asked_for(retriever: Retriever) -> None:
    hits = retriever.search(QUESTION, Filters(), limit=3)
    scores = [hit.score for hit in hits]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_the_copy_of_a_wire_text_stands_behind_it(retriever: Retriever) -> None:
    first = retriever.search(QUESTION, Filters(), limit=3)[0]
    assert {first.article.id, *first.copies} == {"wire", "copy"}


@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        (Filters(sources=("presstv",)), {"copy"}),
        (Filters(since=date(2019, 1, 21)), {"copy", "rates-new"}),
        (Filters(until=date(2018, 1, 1)), {"rates-old", "long"}),
        (Filters(as_of=date(2018, 6, 1)), {"rates-old", "long", "undated"}),
    ],
)
def test_filters_hold(filters: Filters, allowed: set[str], retriever: Retriever) -> None:
    found = set(ids(retriever, f"{QUESTION} bank rates report hospital", filters))
    assert found
    assert found <= allowed


def test_nothing_passes_a_filter_that_excludes_everything(retriever: Retriever) -> None:
    assert retriever.search(QUESTION, Filters(until=date(1999, 1, 1)), limit=5) == []


@pytest.mark.parametrize(
    ("as_of", "first"), [(date(2018, 1, 2), "rates-old"), (date(2019, 6, 2), "rates-new")]
)
def test_of_two_reports_the_one_nearest_to_the_day_of_the_question_wins(
    as_of: date, first: str, retriever: Retriever
) -> None:
    assert ids(retriever, "Did the bank raise its rates?", Filters(as_of=as_of))[0] == first


def test_a_search_repeats_exactly(retriever: Retriever) -> None:
    assert retriever.search(QUESTION, Filters(), limit=10) == retriever.search(QUESTION, Filters(), limit=10)


# --- when it happened ---

SHELLING = (
    article(
        "told-after",
        "A market was shelled on Friday, doctors said. Eleven people died.",
        title="Market shelled",
        published=date(2019, 1, 20),
    ),
    article(
        "another-day",
        "A market was shelled on Monday, doctors said. Five people died.",
        title="Market shelled",
        published=date(2019, 1, 29),
    ),
    article(
        "years-before",
        "A market was shelled on 18 January 2012, doctors said. Six people died.",
        title="Market shelled",
        published=date(2012, 1, 19),
    ),
    article("undated", "A market was shelled on Friday, doctors said. Nobody was hurt."),
)


@pytest.fixture(scope="module")
def shelling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    home, embedder = tmp_path_factory.mktemp("shelling") / "home", WordEmbedder()
    with Corpus.open(home, embedder=embedder, writing=True) as corpus:
        corpus.add(staged(SHELLING, embedder))
        yield Retriever(corpus, embedder)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What happened at the market on 18 January 2019?", "told-after"),
        ("What happened at the market on 28 January 2019?", "another-day"),
        ("What happened at the market on 18 January 2012?", "years-before"),
    ],
)
def test_a_day_asked_about_finds_the_weekday_that_meant_it(
    question: str, first: str, shelling: Retriever
) -> None:
    assert ids(shelling, question)[0] == first


def test_the_days_of_a_question_exclude_nothing(shelling: Retriever) -> None:
    assert len(ids(shelling, "What happened at the market on 18 January 2019?")) == len(SHELLING)


def test_the_latest_comes_first_when_asked_for(shelling: Retriever) -> None:
    assert ids(shelling, "What is the latest on the shelling of the market?")[0] == "another-day"


# --- as a LlamaIndex retriever ---


def test_nodes_carry_their_character_offsets(retriever: Retriever) -> None:
    nodes = retriever.retrieve(QUESTION)
    assert nodes
    for scored in nodes:
        node = scored.node
        text = by_id(node.metadata["article_id"]).text
        assert text[node.start_char_idx : node.end_char_idx] == node.text


def test_nodes_are_what_search_finds(retriever: Retriever) -> None:
    found = [(scored.node.node_id, scored.score) for scored in retriever.retrieve(QUESTION)]
    hits = retriever.search(QUESTION, Filters(), limit=12)
    assert found == [(hit.passage.id, hit.score) for hit in hits]


def test_a_node_tells_where_it_comes_from(corpus: Corpus) -> None:
    filters = Filters(sources=("SANA",))
    [scored] = Retriever(corpus, WordEmbedder(), limit=1, filters=filters).retrieve(QUESTION)
    assert scored.node.metadata == {
        "article_id": "wire",
        "title": "Strike",
        "source": "SANA",
        "published": "2019-01-20",
        "url": None,
        "sha256": by_id("wire").sha256,
    }


def test_a_query_engine_answers_from_its_nodes(corpus: Corpus) -> None:
    engine = RetrieverQueryEngine.from_args(Retriever(corpus, WordEmbedder(), limit=2), llm=MockLLM())
    response = engine.query(QUESTION)
    assert [scored.node.metadata["article_id"] for scored in response.source_nodes]
    assert "Twenty civilians were killed" in str(response)  # the mock repeats its prompt
