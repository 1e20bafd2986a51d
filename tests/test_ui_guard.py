import re

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.guard import Guard

PAGE = "<html><script>start()</script><script src='/a.js'></script><scripture></html>"


@pytest.fixture
def client() -> TestClient:
    def page(_: object) -> Response:
        return HTMLResponse(PAGE)

    def data(_: object) -> Response:
        return JSONResponse({"text": "<script>"})

    return TestClient(Guard(Starlette(routes=[Route("/", page), Route("/data", data)])))


def test_the_scripts_of_a_page_carry_the_nonce_of_its_policy(client: TestClient):
    response = client.get("/")

    nonce = re.search("'nonce-([^']+)'", response.headers["content-security-policy"])
    assert nonce
    assert response.text.count(f'<script nonce="{nonce[1]}"') == 2
    assert response.text.replace(f' nonce="{nonce[1]}"', "") == PAGE


def test_every_page_has_a_nonce_of_its_own(client: TestClient):
    assert client.get("/").text != client.get("/").text


def test_the_policy_names_no_other_host(client: TestClient):
    policy = client.get("/").headers["content-security-policy"]

    assert "http" not in policy and "*" not in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_what_is_no_page_passes_as_it_is(client: TestClient):
    response = client.get("/data")

    assert response.json() == {"text": "<script>"}
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" not in response.headers
