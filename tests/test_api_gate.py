"""Who may ask, how often and how much, and what is said to those who may not."""

import base64
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rag import Newsroom, Settings
from rag.api import create_app
from rag.api.gate import hosts_for
from rag.api.log import Lines
from rag.keys import Keys
from tests.serving import QUESTION, filled, served


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with filled(tmp_path_factory.mktemp("gate")) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def address(newsroom: Newsroom) -> Iterator[str]:
    """A server without keys."""
    settings = Settings.load(home=newsroom.settings.home, max_request_kb=2, max_upload_mb=1)
    with served(create_app(newsroom, settings, hosts=hosts_for(settings, "127.0.0.1"))) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server whose home has a key, and that key."""
    home = tmp_path_factory.mktemp("keys")
    key = Keys(home).make("desk")
    with served(create_app(newsroom, Settings.load(home=home, api_rate=3))) as address:
        yield address, key


# --- keys ---


@pytest.mark.parametrize(
    "path", ["/v1/articles", "/v1/corpus", "/metrics", "/openapi.json", "/v1/nothing", "/mcp"]
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic ???"}])
def test_without_the_key_nothing_is_told(guarded: tuple[str, str], path: str, header: dict[str, str]):
    response = httpx.get(guarded[0] + path, headers=header)

    assert response.status_code == 401
    assert "www-authenticate" in response.headers
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_what_watches_over_the_process_needs_no_key(guarded: tuple[str, str], path: str):
    assert httpx.get(guarded[0] + path).status_code == 200


def test_a_key_lets_in_until_its_rate_is_used_up(guarded: tuple[str, str]):
    address, key = guarded
    headers = {"Authorization": f"Bearer {key}"}

    codes = [httpx.get(f"{address}/v1/models", headers=headers) for _ in range(4)]

    assert [response.status_code for response in codes] == [200, 200, 200, 429]
    assert 1 <= int(codes[-1].headers["retry-after"]) <= 20


def test_a_browser_may_give_the_key_as_a_password(
    guarded: tuple[str, str], newsroom: Newsroom, tmp_path: Path
):
    key = Keys(tmp_path).make("browser")
    with served(create_app(newsroom, Settings.load(home=tmp_path))) as address:
        asked = httpx.get(address)
        word = base64.b64encode(f"anyone:{key}".encode()).decode()
        given = httpx.get(f"{address}/v1/models", headers={"Authorization": f"Basic {word}"})

    assert asked.headers["www-authenticate"].startswith("Basic ")
    assert given.status_code == 200


def test_on_an_address_that_others_reach_a_key_is_needed_even_when_the_last_was_removed(
    newsroom: Newsroom, tmp_path: Path
):
    with served(create_app(newsroom, Settings.load(home=tmp_path), keyless=False)) as address:
        assert httpx.get(f"{address}/v1/models").status_code == 401


def test_a_damaged_file_of_keys_lets_nobody_in(newsroom: Newsroom, tmp_path: Path):
    (tmp_path / "keys.json").write_text("{}", "utf-8")
    with served(create_app(newsroom, Settings.load(home=tmp_path))) as address:
        response = httpx.get(f"{address}/v1/models")

    assert response.status_code == 503
    assert str(tmp_path) not in response.text


# --- addresses ---


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", ""])
def test_a_host_that_is_not_ours_is_refused(address: str, host: str):
    response = httpx.get(f"{address}/v1/models", headers={"Host": host})

    assert response.status_code in (400, 421)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://["])
def test_a_page_of_another_site_may_not_change_anything(address: str, origin: str):
    response = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, headers={"Origin": origin})

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_our_own_page_may(address: str):
    response = httpx.post(f"{address}/v1/search", json={"question": "bridge"}, headers={"Origin": address})

    assert response.status_code == 200


# --- sizes ---


def test_a_body_that_says_it_is_too_large_is_refused_unread(address: str):
    response = httpx.post(f"{address}/v1/ask", json={"question": "x" * 3_000})

    assert response.status_code == 413
    assert "2,000 bytes" in response.json()["detail"]


def test_a_body_that_does_not_say_its_size_is_refused_at_the_limit(address: str):
    def endless() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(50):
            yield b"x" * 1_000

    response = httpx.post(
        f"{address}/v1/ask", content=endless(), headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_an_upload_has_a_limit_of_its_own(address: str):
    files = {"files": ("big.txt", b"x" * 1_500_000)}

    assert httpx.post(f"{address}/v1/articles", files=files).status_code == 413


# --- what is wrong with a request ---


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b'"question"', b"[" * 1_900])
def test_a_body_that_is_no_question_is_a_problem(address: str, body: bytes):
    response = httpx.post(f"{address}/v1/ask", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/ask", "POST"),
        ("GET", "/v1/search", "POST"),
        ("PATCH", "/v1/articles/bridge", "DELETE, GET"),
        ("DELETE", "/healthz", "GET"),
        ("QUERY", "/v1/stories", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(address: str, method: str, path: str, allowed: str):
    response = httpx.request(method, address + path)

    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert response.headers["content-type"] == "application/problem+json"


def test_a_request_that_is_no_http_is_refused(address: str):
    place = urlsplit(address)
    with socket.create_connection((str(place.hostname), place.port or 0)) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


# --- names and the log ---


def test_a_request_goes_by_the_name_that_its_client_gave_it(address: str):
    assert (
        httpx.get(f"{address}/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    )


def test_a_name_that_would_spoil_the_log_is_replaced(address: str):
    given = httpx.get(f"{address}/healthz", headers={"X-Request-ID": "a b" * 50}).headers["x-request-id"]

    assert len(given) == 32
    assert given.isalnum()


def test_the_log_holds_neither_question_nor_key_nor_article(
    guarded: tuple[str, str], newsroom: Newsroom, caplog: pytest.LogCaptureFixture
):
    address, key = guarded
    secret = "Which bridge in Turku collapsed"
    with caplog.at_level(logging.DEBUG):
        for question in (secret, secret * 300):
            body = {"question": question, "sources": ["Secret Courier"]}
            httpx.post(f"{address}/v1/ask", json=body, headers={"Authorization": f"Bearer {key}"})
    lines = [
        Lines().format(record) for record in caplog.records if record.name.startswith(("rag", "uvicorn"))
    ]

    assert any(json.loads(line).get("route") == "/v1/ask" for line in lines) or "429" in str(lines)
    assert lines
    for word in ("Turku", key, "Courier", "Vasa"):
        assert not any(word in line for line in lines)
