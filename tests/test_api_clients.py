"""The clients that people have, unchanged: OpenAI's, MCP's and curl; and whatever schemathesis thinks of."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import openai
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from mcp import Client
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rag import Newsroom
from rag.api import create_app
from rag.api.completions import Reply
from rag.domain import Answer, Statement
from tests.serving import QUESTION, filled, served


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with filled(tmp_path_factory.mktemp("clients")) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def address(newsroom: Newsroom) -> Iterator[str]:
    with served(create_app(newsroom, newsroom.settings)) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


# --- OpenAI's client ---


def test_a_completion_answers_with_url_citations(client: openai.OpenAI, newsroom: Newsroom):
    reply = client.chat.completions.create(model="dateline", messages=[{"role": "user", "content": QUESTION}])

    message = reply.choices[0].message
    assert message.content is not None
    assert "Eleven workers" in message.content
    assert message.annotations
    for each in message.annotations:
        citation: Any = each.url_citation
        text = newsroom.article(citation.article_id).text
        quoted = text[citation.start_char_index : citation.end_char_index]
        assert quoted == citation.cited_text == message.content[citation.start_index : citation.end_index]
        assert citation.url.startswith("http")


def test_a_stream_says_the_same_as_the_whole(client: openai.OpenAI):
    messages: Any = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model="dateline", messages=messages)
    chunks = list(
        client.chat.completions.create(
            model="dateline", messages=messages, stream=True, stream_options={"include_usage": True}
        )
    )

    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    cited: Any = deltas[-1].model_extra
    assert cited["annotations"] == [
        annotation.model_dump() for annotation in whole.choices[0].message.annotations or []
    ]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


def test_the_turns_before_are_the_history(client: openai.OpenAI):
    reply = client.chat.completions.create(
        model="dateline",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "Eleven workers."},
            {"role": "user", "content": [{"type": "text", "text": "And who promised an inquiry?"}]},
        ],
    )

    assert "Anna Lind" in (reply.choices[0].message.content or "")


def test_a_long_turn_in_parts_is_history_as_well(client: openai.OpenAI):
    part = {"type": "text", "text": "word " * 3_000}
    messages: Any = [{"role": "user", "content": [part, part]}, {"role": "user", "content": QUESTION}]

    assert client.chat.completions.create(model="dateline", messages=messages).choices


def test_filters_go_into_the_extra_body(client: openai.OpenAI):
    reply = client.chat.completions.create(
        model="dateline",
        messages=[{"role": "user", "content": QUESTION}],
        extra_body={"since": "2021-05-05", "temperature_of_the_room": 21},
    )

    cited: Any = reply.choices[0].message.annotations
    assert {each.url_citation.article_id for each in cited} == {"river"}


def test_where_there_is_no_answer_the_completion_says_so(client: openai.OpenAI):
    reply = client.chat.completions.create(
        model="dateline", messages=[{"role": "user", "content": "Who won the 2018 World Cup?"}]
    )

    assert (reply.choices[0].message.content or "").startswith("No answer.")
    assert not reply.choices[0].message.annotations
    extra: Any = reply.model_extra
    assert extra["dateline"]["status"] == "abstained"


def test_there_is_one_model(client: openai.OpenAI):
    assert [model.id for model in client.models.list()] == ["dateline"]
    assert client.models.retrieve("dateline").id == "dateline"
    with pytest.raises(openai.NotFoundError, match="dateline"):
        client.models.retrieve("gpt-4o")


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "assistant", "content": "x"}],
        [{"role": "user", "content": " "}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}],
    ],
)
def test_what_cannot_be_answered_is_told_as_its_clients_expect(client: openai.OpenAI, messages: Any):
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        client.chat.completions.create(model="dateline", messages=messages)

    assert raised.value.code == "422"


# --- MCP ---


def test_the_tools_answer_and_search(address: str):
    async def use() -> tuple[Any, Any, Any, Any]:
        async with Client(f"{address}/mcp") as session:
            listed = await session.list_tools()
            answer = await session.call_tool("ask", {"question": QUESTION})
            found = await session.call_tool("search", {"question": "Vasa bridge", "limit": 1})
            wrong = await session.call_tool("ask", {"question": QUESTION, "since": "soon"})
            return listed, answer, found, wrong

    listed, answer, found, wrong = anyio.run(use)

    assert [tool.name for tool in listed.tools] == ["ask", "search"]
    assert "Eleven workers" in answer.content[0].text
    assert answer.structured_content["statements"][0]["citations"][0]["type"] == "char_location"
    assert len(found.structured_content["hits"]) == 1
    assert wrong.is_error
    assert "since" in wrong.content[0].text


# --- curl ---


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_reads_events_as_they_come(address: str):
    body = json.dumps({"question": QUESTION, "stream": True})
    command = ["curl", "-sSfN", f"{address}/v1/ask", "-H", "Content-Type: application/json", "-d", body]
    lines = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()

    names = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert (names[0], names[-1]) == ("passages", "answer")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_sends_an_article_in(address: str, tmp_path: Path):
    story = tmp_path / "mill.txt"
    story.write_text("A mill burned down in Loviisa on 3 May 2020.", encoding="utf-8")
    command = ["curl", "-sSf", f"{address}/v1/articles", "-F", f"files=@{story}"]
    job = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)

    assert job["files"] == ["mill.txt"]


# --- schemathesis ---


def test_whatever_is_sent_the_answer_is_one_that_the_document_names(newsroom: Newsroom):
    """Every operation, a few cases each; docs/api.md names the command for thousands."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(newsroom, newsroom.settings))
    checked = 0
    for operation in schema.get_all_operations():
        case_of: Any = operation.ok().as_strategy()

        @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=case_of)
        def conforms(case: Any) -> None:
            # A publisher that no article has, or a question of blanks, is no fault that a schema can name.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        conforms()
        checked += 1

    assert checked >= 16


def test_a_stream_takes_back_what_turned_out_to_be_no_answer():
    said = Statement(text="A bus fell into a ravine.", citations=(), verdict="supported", score=1.0)
    reply = Reply("http://localhost")
    reply.take(said)

    last = reply.take(
        Answer(
            question="?",
            status="abstained",
            statements=(),
            reason="It does not answer.",
            origins=None,
            passages=(),
            model="local",
            notice=None,
            usage={},
            timings_ms={},
        )
    )

    assert last.strip() == "Withdrawn: “A bus fell into a ravine.” No answer. It does not answer."
