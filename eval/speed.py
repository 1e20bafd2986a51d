"""How fast ingest and search are: `python -m eval.speed --articles F [--limit N] [--json]`.

The same articles are ingested twice, each time in a process of its own: by Newsroom, and as a user of
LlamaIndex's quickstart would (`eval.quickstart`). The clock starts after the imports and takes in everything
else: reading the file, loading the model, cutting, embedding, writing. The peer's fp32 model is made by
`python -m tools.build_models --peer`.
"""

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

PEER_MODEL = Path.home() / ".cache" / "dateline" / "peer"
# What Chroma's embedding function looks for under onnx/; were one missing, it would try to download them all.
PEER_FILES = (
    "config.json",
    "model.onnx",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
QUERIES = 50
QUERY_WORDS = 12
BYTES_PER_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def ours(articles: Path, folder: Path) -> dict[str, float]:
    """Ingest and search with Newsroom: seconds, search_p50_ms, filtered_p50_ms, rss_mb (at its highest)."""
    from rag import Filters, Newsroom, Settings  # imports all the rest, which is not to be measured

    queries, since, until = asked_of(articles)
    between = Filters(since=since, until=until)
    with Newsroom(Settings.load(home=folder / "home")) as newsroom:
        started = time.perf_counter()
        report = newsroom.ingest([articles])
        seconds = time.perf_counter() - started
        if report.failures:
            raise RuntimeError(f"{len(report.failures)} articles failed, the first: {report.failures[0]}")
        newsroom.search(queries[0])  # opens the indexes
        plain = median_ms(lambda query: newsroom.search(query), queries)
        filtered = median_ms(lambda query: newsroom.search(query, between), queries)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_RSS_UNIT / 1e6
    return {"seconds": seconds, "search_p50_ms": plain, "filtered_p50_ms": filtered, "rss_mb": rss}


def peers(articles: Path, folder: Path, model: Path) -> float:
    """Seconds that the quickstart's ingest takes."""
    import onnxruntime  # type: ignore[import-untyped]  # noqa: F401 - else imported while the clock runs; no types
    import tokenizers  # noqa: F401 - likewise

    from eval import quickstart

    function = quickstart.default_function(model)
    started = time.perf_counter()
    quickstart.ingest(articles, folder / "chroma", function)
    return time.perf_counter() - started


def asked_of(articles: Path) -> tuple[list[str], date | None, date | None]:
    """Queries made of titles or else first words, and the days that hold the middle half of the articles."""
    rows = read_rows(articles)
    texts = [" ".join((row.get("title") or row["text"]).split()[:QUERY_WORDS]) for row in rows]
    texts = [text for text in texts if text]
    days = sorted(date.fromisoformat(row["date"][:10]) for row in rows if row.get("date"))
    middle = (days[len(days) // 4], days[len(days) * 3 // 4]) if days else (None, None)
    return texts[:: max(1, len(texts) // QUERIES)][:QUERIES], *middle


def median_ms(search: Callable[[str], object], queries: Sequence[str]) -> float:
    times = []
    for query in queries:
        started = time.perf_counter()
        search(query)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def measure(articles: Path, peer_model: Path) -> dict[str, float]:
    """Both sides, one after the other, each in a fresh process."""
    count = len(read_rows(articles))
    with tempfile.TemporaryDirectory(prefix="dateline-speed-") as scratch:
        mine = in_fresh_process(ours, articles, Path(scratch))
        peer_seconds = in_fresh_process(peers, articles, Path(scratch), peer_model)
    return {
        "ingest_ratio": round(peer_seconds / mine["seconds"], 2),
        "articles_per_s": round(count / mine["seconds"], 1),
        "peer_articles_per_s": round(count / peer_seconds, 1),
        "search_p50_ms": round(mine["search_p50_ms"], 1),
        "filtered_p50_ms": round(mine["filtered_p50_ms"], 1),
        "rss_mb": round(mine["rss_mb"]),
        "n": count,
    }


def in_fresh_process(function: Callable[..., Any], *arguments: object) -> Any:
    """What the function returns; neither side finds the other's imports, threads or memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def obstacle(peer_model: Path) -> str | None:
    """Why the peer cannot run here, and what to do about it; None: it can."""
    missing = [name for name in PEER_FILES if not (peer_model / "onnx" / name).is_file()]
    if missing:
        return (
            f"{peer_model} lacks the peer's fp32 model (onnx/{missing[0]}); make it with `python -m "
            f"tools.build_models --peer {peer_model}` (the head of that file names what to install)"
        )
    if (
        find_spec("llama_index.vector_stores") is None
        or find_spec("llama_index.vector_stores.chroma") is None
    ):
        return (
            "the peer needs llama-index-vector-stores-chroma; install Dateline with its extra: dateline[eval]"
        )
    return None


def read_rows(articles: Path) -> list[dict[str, Any]]:
    with articles.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def first_articles(articles: Path, limit: int | None, folder: Path) -> Path:
    """A file with the first `limit` rows, in the folder."""
    few = folder / "articles.jsonl"
    with articles.open(encoding="utf-8") as lines, few.open("w", encoding="utf-8") as out:
        out.writelines(islice((line for line in lines if line.strip()), limit))
    return few


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where the peer, or an article, is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.speed", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines with `text`")
    parser.add_argument("--limit", type=int, help="measure on the first N articles only")
    parser.add_argument("--peer-model", type=Path, default=PEER_MODEL, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    if reason := obstacle(options.peer_model):
        parser.error(reason)
    with tempfile.TemporaryDirectory(prefix="dateline-speed-") as folder:
        try:
            articles = first_articles(options.articles, options.limit, Path(folder))
        except OSError as exc:
            parser.error(f"{options.articles}: {exc.strerror}")
        if not articles.stat().st_size:
            parser.error(f"{options.articles} holds no articles")
        figures = measure(articles, options.peer_model)
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:<20} {value:g}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
