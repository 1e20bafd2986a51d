import asyncio
import json
from pathlib import Path

import httpx

from eval import load
from rag.api import create_app
from tests.serving import ROWS, filled, served

QUESTIONS = [f"Who was at the bridge number {number}?" for number in range(2_000)]


def test_the_figures_of_a_small_crowd_are_whole(tmp_path: Path):
    with filled(tmp_path) as newsroom, served(create_app(newsroom, newsroom.settings)) as address:
        figures = asyncio.run(load.measure(address, QUESTIONS, askers=3, seconds=0.4, streamed=2))

    assert (figures["errors"], figures["askers"]) == (0, 3)
    assert figures["rss_mb_end"] and figures["first_event_p50_ms"]
    assert {"ratio", "one_per_s", "many_per_s", "rss_mb_settled"} <= set(figures)


def test_what_fails_is_counted_and_named(tmp_path: Path):
    async def failing() -> load.Tally:
        transport = httpx.MockTransport(lambda _: httpx.Response(503))
        async with httpx.AsyncClient(base_url="http://127.0.0.1", transport=transport) as client:
            return await load.crowd(client, iter(["a", "b"]), askers=1, seconds=30)

    tally = asyncio.run(failing())

    assert (len(tally.errors), tally.seconds) == (2, [])
    assert "503" in tally.errors[0]


def test_questions_are_the_titles_each_once(tmp_path: Path):
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (*ROWS, ROWS[0])), encoding="utf-8")

    assert load.titles(file) == ["Bridge collapses in Turku", "Bank raises rates"]
