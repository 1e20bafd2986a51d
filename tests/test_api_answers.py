import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rag.api import create_app
from rag.api.log import Lines
from rag.domain import Delta
from rag.newsroom import Newsroom
from tests.serving import QUESTION, filled, served


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with filled(tmp_path_factory.mktemp("api")) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def client(newsroom: Newsroom) -> Iterator[httpx.Client]:
    with (
        served(create_app(newsroom, newsroom.settings)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def events_of(body: str) -> list[tuple[str, Any]]:
    found = []
    for block in body.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_cites_the_very_characters(client: httpx.Client, newsroom: Newsroom):
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()

    assert answer["status"] == "answered"
    citations = [citation for statement in answer["statements"] for citation in statement["citations"]]
    assert {citation["type"] for citation in citations} == {"char_location"}
    for citation in citations:
        text = newsroom.article(citation["article_id"]).text
        assert text[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]


def test_a_streamed_answer_begins_with_passages_and_ends_with_the_answer(client: httpx.Client):
    response = client.post("/v1/ask", json={"question": QUESTION, "stream": True})

    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    assert [name for name, _ in events] == ["passages", *["statement"] * (len(events) - 2), "answer"]
    statements = [data for name, data in events if name == "statement"]
    assert events[-1][1]["statements"] == statements
    assert statements


def test_a_follow_up_is_completed_from_the_history(client: httpx.Client):
    history = [{"question": QUESTION, "answer": "Eleven workers were injured."}]
    answer = client.post(
        "/v1/ask", json={"question": "And who promised an inquiry?", "history": history}
    ).json()

    assert "Vasa" in answer["question"]
    assert "Anna Lind" in answer["statements"][0]["text"]


def test_filters_restrict_what_is_found(client: httpx.Client):
    found = client.post("/v1/search", json={"question": "Vasa bridge", "since": "2021-05-05"}).json()

    assert found["hits"]
    assert "bridge" not in {hit["article"]["id"] for hit in found["hits"]}
    assert all("text" not in hit["article"] for hit in found["hits"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "question"),
        ({"question": "  "}, "empty"),
        ({"question": "x" * 2_001}, "2,000"),
        ({"question": "Who?", "untill": "2021-01-01"}, "untill"),
        ({"question": "Who?", "since": "yesterday"}, "since"),
        ({"question": "Who?", "since": 20210101}, "since"),
        ({"question": "Who?", "since": "2021-06-01", "until": "2021-05-01"}, "since is after until"),
        ({"question": "Who?", "sources": ["Nobody"]}, "Nobody"),
        ({"question": "Who? \ud800"}, "question"),
        ({"question": "Who?", "stream": "yes"}, "stream"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_impossible_question_is_refused_with_a_problem(
    client: httpx.Client, asked: dict[str, Any], said: str, stream: bool
):
    response = client.post(
        "/v1/ask",
        content=json.dumps({"stream": stream, **asked}),
        headers={"Content-Type": "application/json"},
    )

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.json()["detail"]


def test_a_body_that_is_no_json_is_said_to_be_none(client: httpx.Client):
    response = client.post("/v1/ask", content="{bad", headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert response.json()["detail"].startswith("body: not valid JSON, at character 2: ")


def test_an_unknown_path_is_a_problem_too(client: httpx.Client):
    response = client.get("/v1/nothing")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_feedback_is_kept(client: httpx.Client, newsroom: Newsroom):
    answer_id = client.post("/v1/ask", json={"question": QUESTION}).json()["id"]

    response = client.post(
        "/v1/feedback", json={"answer_id": answer_id, "rating": "like", "comment": "so it is"}
    )

    assert response.status_code == 204
    (line,) = (newsroom.settings.home / "feedback.jsonl").read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["answer_id"], kept["rating"], kept["comment"]) == (answer_id, "like", "so it is")


def test_what_fails_behind_the_first_event_is_in_the_log(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fails(*_: Any, **__: Any) -> Iterator[Any]:
        yield Delta(text="Eleven")
        raise OSError("no space left for the word Vasa")

    monkeypatch.setattr(newsroom, "stream", fails)
    with served(create_app(newsroom, newsroom.settings)) as address:
        httpx.post(f"{address}/v1/ask", json={"question": QUESTION, "stream": True}, timeout=60)

    lines = [json.loads(Lines().format(each)) for each in caplog.records if each.name == "rag.api"]
    (failed,) = [line for line in lines if line.get("event") == "failed"]
    assert failed["error"] == "OSError" and "test_api_answers.py" in failed["at"]
    assert "Vasa" not in str(failed)
