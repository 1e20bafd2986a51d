"""The process: what it refuses to do, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from rag import Filters, Newsroom, Settings
from rag.api import create_app
from rag.cli import app
from tests.serving import QUESTION, filled, served

SLOW = """
import sys, threading
from rag import Newsroom, Settings
from rag.api import serve

class Slow(Newsroom):
    def stream(self, *args, **kwargs):
        for event in super().stream(*args, **kwargs):
            yield event
            threading.Event().wait(0.4)  # long enough for the signal to come between two events

settings = Settings(home=sys.argv[1])
with Slow(settings) as newsroom:
    serve(newsroom, settings, host="127.0.0.1", port=0)
"""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "news.example"])
def test_an_address_that_others_reach_needs_a_key(tmp_path: Path, host: str):
    result = CliRunner().invoke(app, ["serve", "--home", str(tmp_path), "--host", host])

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "dateline keys make NAME" in result.stderr


def test_an_address_that_is_taken_is_told_in_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(app, ["serve", "--home", str(tmp_path), "--port", port])

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert f"port {port}" in result.stderr


def test_keys_are_made_listed_and_removed(tmp_path: Path):
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["keys", *arguments, "--home", str(tmp_path)])

    made = run("make", "desk")
    listed = run("list")
    removed = run("remove", "desk")

    assert made.output.startswith("dl_")
    assert listed.output == "desk\n"
    assert removed.exit_code == 0
    assert run("list").output == ""
    assert run("remove", "desk").exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise there")
def test_told_to_end_it_finishes_what_it_streams_and_exits_with_0(tmp_path: Path):
    with filled(tmp_path) as newsroom:
        home = newsroom.settings.home
    command = [sys.executable, "-c", SLOW, str(home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = _address(process)
            body = {"question": QUESTION, "stream": True}
            seen: list[str] = []
            with httpx.stream("POST", f"{address}/v1/ask", json=body, timeout=60) as response:
                for line in response.iter_lines():
                    if line.startswith("event: "):
                        seen.append(line.removeprefix("event: "))
                    if seen == ["passages"] and process.poll() is None and line == "":
                        process.send_signal(signal.SIGTERM)
                        ready = _until_draining(address)
            assert (seen[0], seen[-1]) == ("passages", "answer")
            assert (ready.status_code, ready.json()["status"]) == (503, "draining")
            assert process.wait(60) == 0
        finally:
            process.kill()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if json.loads(line).get("event") == "listening":
            return f"http://{json.loads(line)['address']}"
    raise AssertionError("it did not start")


def _until_draining(address: str) -> httpx.Response:
    """The first answer of /readyz after the signal has arrived."""
    while (response := httpx.get(f"{address}/readyz")).status_code == 200:
        pass
    return response


def test_a_stream_that_nobody_reads_any_more_is_stopped(tmp_path: Path):
    goes_on, stopped = Event(), Event()

    class Endless(Newsroom):
        """Yields its first event again and again."""

        def stream(self, question: str, filters: Filters = Filters(), *, history: Any = ()) -> Iterator[Any]:  # noqa: B008
            events = super().stream(question, filters, history=history)
            first = next(events)
            try:
                while True:
                    yield first
                    goes_on.wait(0.05)
            finally:
                stopped.set()

    with filled(tmp_path) as newsroom:
        settings = newsroom.settings
    with (
        Endless(Settings.load(home=settings.home)) as newsroom,
        served(create_app(newsroom, newsroom.settings)) as address,
    ):
        body = {"question": QUESTION, "stream": True}
        with httpx.stream("POST", f"{address}/v1/ask", json=body, timeout=30) as response:
            assert next(response.iter_lines()) == "event: passages"

        assert stopped.wait(30)
