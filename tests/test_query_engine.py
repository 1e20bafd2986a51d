"""LlamaIndex's users: their query engines over our retriever, and ours wherever they take one."""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest
from llama_index.core.base.llms.types import CompletionResponse, CompletionResponseGen, LLMMetadata
from llama_index.core.llms import CustomLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.tools import QueryEngineTool

from rag import Filters, Newsroom
from rag.domain import Answer, Citation, Conflict, Statement, Value
from rag.query_engine import response_of
from tests.serving import QUESTION, filled


class Parrot(CustomLLM):
    """Says how many of the passages that it was given speak of the bridge."""

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, formatted: bool = False, **_: object) -> CompletionResponse:
        return CompletionResponse(text=f"{prompt.count('bridge')} times")

    def stream_complete(self, prompt: str, formatted: bool = False, **_: object) -> CompletionResponseGen:
        raise NotImplementedError


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with filled(tmp_path_factory.mktemp("llama")) as newsroom:
        yield newsroom


def test_the_sources_of_a_response_are_the_cited_characters(newsroom: Newsroom):
    response = newsroom.query_engine().query(QUESTION)

    assert "Eleven workers" in str(response)
    assert "[1]" in str(response)
    assert response.source_nodes
    for source in response.source_nodes:
        text = newsroom.article(source.metadata["article_id"]).text
        node = source.node
        assert text[node.start_char_idx : node.end_char_idx] == node.get_content()


def test_it_is_asked_without_waiting_too(newsroom: Newsroom):
    response = asyncio.run(newsroom.query_engine().aquery(QUESTION))

    assert "Eleven workers" in str(response)


def test_an_abstention_has_no_sources(newsroom: Newsroom):
    response = newsroom.query_engine().query("Who won the 2018 World Cup?")

    assert str(response).startswith("No answer.")
    assert response.source_nodes == []
    assert (response.metadata or {})["status"] == "abstained"


def test_its_filters_hold(newsroom: Newsroom):
    response = newsroom.query_engine(Filters(since=date(2021, 5, 5))).query(QUESTION)

    assert {source.metadata["article_id"] for source in response.source_nodes} == {"river"}


def test_it_serves_as_a_tool_of_an_agent(newsroom: Newsroom):
    tool = QueryEngineTool.from_defaults(newsroom.query_engine(), name="news", description="News of Turku.")

    assert "Eleven workers" in tool.call(QUESTION).content


def test_the_retriever_serves_their_query_engine(newsroom: Newsroom):
    engine = RetrieverQueryEngine.from_args(newsroom.retriever(limit=2), llm=Parrot())

    response = engine.query("Vasa bridge")

    assert len(response.source_nodes) == 2
    assert str(response).endswith(" times")


def test_what_is_not_supported_and_where_sources_differ_is_said_in_words():
    cited = Citation(
        article_id="a",
        title=None,
        source=None,
        published=None,
        url=None,
        start=0,
        end=3,
        quote="Ten",
        sha256="",
    )
    conflict = Conflict(
        aspect="injured",
        kind="contradiction",
        values=(
            Value(text="10", citations=(cited,), origins=()),
            Value(text="11", citations=(cited,), origins=()),
        ),
        sentence="Sources differ on the injured.",
    )
    answer = Answer(
        question="?",
        status="answered",
        statements=(Statement(text="Ten.", citations=(cited,), verdict="unsupported", score=0.1),),
        reason=None,
        origins=None,
        conflicts=(conflict,),
        passages=(),
        model=None,
        notice="The model failed.",
        usage={},
        timings_ms={},
    )

    assert str(response_of(answer)) == (
        "Ten. (not supported by the articles) [1] Sources differ on the injured. Note: The model failed."
    )
