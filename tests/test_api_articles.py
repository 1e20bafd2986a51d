"""Articles over HTTP: listed, read, sent in, removed."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from rag import Newsroom, Settings
from rag.api import create_app
from rag.index.lock import Lock
from rag.ingest import Progress
from tests.serving import filled, served

FIRE = b"A fire destroyed the old mill in Loviisa on 3 May 2020. Nobody was hurt, the police said."


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with filled(tmp_path) as newsroom:
        yield newsroom


@pytest.fixture
def client(newsroom: Newsroom) -> Iterator[httpx.Client]:
    with (
        served(create_app(newsroom, newsroom.settings)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def ended(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    """The job once it has ended."""
    assert response.status_code == 202
    place = response.headers["location"]
    while (job := client.get(place).json())["state"] in ("waiting", "running"):
        time.sleep(0.02)
    return dict(job)


def test_articles_come_in_pages_without_their_texts(client: httpx.Client):
    first = client.get("/v1/articles", params={"limit": 2}).json()
    second = client.get("/v1/articles", params={"limit": 2, "after": first["next"]}).json()

    assert [article["id"] for article in first["articles"]] == ["bridge", "rates"]
    assert [article["id"] for article in second["articles"]] == ["river"]
    assert second["next"] is None
    assert "text" not in first["articles"][0]


def test_articles_are_filtered_by_day_and_publisher(client: httpx.Client):
    found = client.get(
        "/v1/articles", params={"since": "2021-05-01", "until": "2021-05-31", "source": "aamu"}
    )

    assert [article["id"] for article in found.json()["articles"]] == ["bridge"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": "many"},
        {"since": "2021-13-01"},
        {"since": "1620000000"},
        {"source": "Nobody"},
    ],
)
def test_an_impossible_filter_is_refused(client: httpx.Client, query: dict[str, Any]):
    assert client.get("/v1/articles", params=query).status_code == 422


def test_an_article_is_read_with_the_places_of_its_passages(client: httpx.Client):
    read = client.get("/v1/articles/bridge").json()

    text = read["article"]["text"]
    assert "The Vasa bridge" in text[read["passages"][0]["start"] : read["passages"][0]["end"]]


def test_an_id_may_be_an_address(client: httpx.Client):
    rows = b'{"id": "https://ilta.example/a?b=1", "text": "The ferry to Nauvo stopped on Monday."}\n'
    ended(client, client.post("/v1/articles", files={"files": ("one.jsonl", rows)}))

    read = client.get("/v1/articles/https%3A%2F%2Filta.example%2Fa%3Fb%3D1")

    assert read.json()["article"]["id"] == "https://ilta.example/a?b=1"


@pytest.mark.parametrize("article_id", ["nothing", "..%2F..%2Fetc%2Fpasswd", "%00", "%ED%A0%80", ""])
def test_an_unknown_article_is_not_found(client: httpx.Client, article_id: str):
    assert client.get(f"/v1/articles/{article_id}").status_code == 404


def test_an_article_sent_in_can_be_asked_about(client: httpx.Client, newsroom: Newsroom):
    job = ended(client, client.post("/v1/articles", files={"files": ("fire.txt", FIRE)}))

    assert (job["state"], job["report"]["added"]) == ("done", ["fire"])
    assert job["progress"]["files"] == job["progress"]["files_total"] == 1
    answer = client.post("/v1/ask", json={"question": "What destroyed the mill in Loviisa?"}).json()
    assert "fire" in answer["statements"][0]["text"]
    assert list((newsroom.settings.home / "uploads").iterdir()) == []


def test_the_same_file_again_is_a_new_version(client: httpx.Client):
    ended(client, client.post("/v1/articles", files={"files": ("fire.txt", FIRE)}))
    job = ended(client, client.post("/v1/articles", files={"files": ("fire.txt", FIRE + b" Two were.")}))

    assert job["report"]["updated"] == ["fire"]
    assert client.get("/v1/articles/fire").json()["article"]["text"].endswith("Two were.")


@pytest.mark.parametrize(
    "name",
    [
        "../../escape.txt",
        "/etc/escape.txt",
        "..\\escape.txt",
        "C:\\escape.txt",
        ".escape.txt",
        "a/../escape.txt",
    ],
)
def test_a_file_name_is_never_a_path(client: httpx.Client, newsroom: Newsroom, name: str):
    job = ended(client, client.post("/v1/articles", files={"files": (name, FIRE)}))

    assert (job["files"], job["report"]["added"]) == (["escape.txt"], ["escape"])
    assert not list(newsroom.settings.home.parent.glob("*escape*"))


def test_what_cannot_be_read_is_told_without_our_folders(client: httpx.Client, newsroom: Newsroom):
    files = [("files", ("good.txt", FIRE)), ("files", ("bad.pdf", b"no pdf")), ("files", ("odd.xyz", b"?"))]
    job = ended(client, client.post("/v1/articles", files=files))

    assert job["report"]["added"] == ["good"]
    assert sorted(failure["name"] for failure in job["report"]["failures"]) == ["bad.pdf", "odd.xyz"]
    assert str(newsroom.settings.home) not in str(job)


def test_a_removed_article_is_gone(client: httpx.Client):
    assert client.delete("/v1/articles/rates").status_code == 204
    assert client.get("/v1/articles/rates").status_code == 404
    assert client.delete("/v1/articles/rates").status_code == 404


def test_nothing_is_removed_while_another_program_writes(client: httpx.Client, newsroom: Newsroom):
    lock = Lock(newsroom.settings.home / "lock")
    lock.acquire()
    try:
        response = client.delete("/v1/articles/rates")
    finally:
        lock.release()

    assert response.status_code == 409
    assert int(response.headers["retry-after"]) > 0
    assert str(newsroom.settings.home) not in response.text


def test_a_job_is_stopped_between_files(tmp_path: Path):
    began, goes_on = Event(), Event()

    class Slow(Newsroom):
        """Waits in the middle of its ingest."""

        def ingest(self, paths: Any, *, progress: Any = None) -> Any:
            began.set()
            assert goes_on.wait(30)
            progress(Progress(files=0, files_total=2, documents=0, passages=0, path=None))
            raise AssertionError("not reached")

    settings = Settings.load(home=tmp_path / "home")
    with (
        Slow(settings) as newsroom,
        served(create_app(newsroom, settings)) as address,
        httpx.Client(base_url=address) as client,
    ):
        response = client.post("/v1/articles", files={"files": ("fire.txt", FIRE)})
        assert began.wait(30)
        assert client.delete("/v1/articles/any").status_code == 409
        assert client.delete(response.headers["location"]).status_code == 202
        goes_on.set()

        assert ended(client, response)["state"] == "cancelled"


def test_an_empty_collection_lists_nothing_and_cannot_be_asked(tmp_path: Path):
    settings = Settings.load(home=tmp_path / "home")
    with Newsroom(settings) as newsroom, served(create_app(newsroom, settings)) as address:
        listed = httpx.get(f"{address}/v1/articles").json()
        ready = httpx.get(f"{address}/readyz")
        asked = httpx.post(f"{address}/v1/ask", json={"question": "Who?"})

    assert listed == {"articles": [], "next": None}
    assert ready.status_code == 200
    assert asked.status_code == 409
    assert str(tmp_path) not in asked.text


def test_a_collection_that_cannot_be_read_is_not_ready(client: httpx.Client, newsroom: Newsroom):
    newsroom.close()
    (newsroom.settings.home / "articles.db").write_bytes(b"damaged" * 1_000)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["articles"] == "StorageError"
    assert client.get("/healthz").status_code == 200


def test_a_field_that_is_no_file_is_refused_in_words(client: httpx.Client):
    response = client.post("/v1/articles", files={"files": (None, "text")})

    assert response.status_code == 422
    assert response.json()["detail"] == (
        "body.files.0: not a file; send files as multipart/form-data, each with a name"
    )
