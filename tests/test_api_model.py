"""Answers that a language model writes, over HTTP: the model is scripted, all else is as it is."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag import Newsroom, Settings
from rag.api import create_app
from rag.api.log import Lines
from tests.endpoint import Reply, breaks_off, refuses, says, serve, stalls
from tests.serving import QUESTION, filled, served

KEY = "sk-planted-8c1f2e7d9b"
WRITTEN = "Eleven workers were injured when the Vasa bridge collapsed. [1]"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with filled(tmp_path_factory.mktemp("model")) as newsroom:
        return newsroom.settings.home


@contextmanager
def writing(home: Path, *replies: Reply) -> Iterator[str]:
    """A server whose model gives these replies."""
    with serve(*replies) as endpoint:
        settings = Settings.load(
            home=home,
            llm_model="scripted",
            llm_base_url=endpoint.base_url,
            llm_api_key=KEY,
            llm_strategy="single",
            llm_timeout=60,
        )
        with Newsroom(settings) as newsroom, served(create_app(newsroom, settings)) as address:
            yield address


def streamed(address: str) -> list[tuple[str, Any]]:
    body = httpx.post(f"{address}/v1/ask", json={"question": QUESTION, "stream": True}, timeout=60).text
    blocks = [block.split("\n") for block in body.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def test_what_a_model_writes_comes_unchecked_then_checked_then_whole(home: Path):
    with writing(
        home, says(WRITTEN[:20], WRITTEN[20:], usage={"prompt_tokens": 70, "completion_tokens": 7})
    ) as address:
        events = streamed(address)

    names = [name for name, _ in events]
    assert names[0] == "passages"
    assert names[-1] == "answer"
    assert names.index("delta") < names.index("statement")
    assert "".join(data["text"] for name, data in events if name == "delta") == WRITTEN
    answer = events[-1][1]
    assert (answer["model"], answer["usage"]["completion_tokens"]) == ("scripted", 7)
    assert answer["statements"][0]["citations"][0]["type"] == "char_location"


@pytest.mark.parametrize(
    "reply", [refuses(401, f"Incorrect API key provided: {KEY}"), refuses(500), breaks_off("Eleven")]
)
def test_when_the_model_fails_the_articles_are_quoted_and_the_key_is_nowhere(
    home: Path, reply: Reply, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG, logger="rag"), writing(home, reply) as address:
        response = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, timeout=60)
        figures = httpx.get(f"{address}/metrics").text

    answer = response.json()
    assert (response.status_code, answer["model"]) == (200, None)
    assert answer["notice"]
    assert "Eleven workers" in answer["statements"][0]["text"]
    logged = "\n".join(Lines().format(record) for record in caplog.records if record.name.startswith("rag"))
    assert KEY not in response.text + figures + logged


def test_a_model_that_says_nothing_is_let_go_when_the_client_goes(home: Path):
    with serve(stalls()) as endpoint:
        settings = Settings.load(
            home=home,
            llm_model="silent",
            llm_base_url=endpoint.base_url,
            llm_strategy="single",
            llm_timeout=600,
        )
        with Newsroom(settings) as newsroom:
            app = create_app(newsroom, settings)
            with served(app) as address:
                body = {"question": QUESTION, "stream": True}
                with httpx.stream("POST", f"{address}/v1/ask", json=body, timeout=60) as response:
                    assert next(response.iter_lines()) == "event: passages"
                work = app.state.desk.work
                while work.admitted:  # until the thread is free for others; the test would hang otherwise
                    time.sleep(0.02)
