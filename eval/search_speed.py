"""How long a search takes: `python -m eval.search_speed --articles F [--home DIR] [--json]`.

Against the least that any search by meaning must do: embed the question and ask Chroma once, without filters. Both
sides are warm and take turns, question by question, in one process: what else the machine does hits them alike. Chroma
is asked in a copy of the collection's own vector index, with the search effort that Chroma has by default.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings as ChromaSettings

from eval.dataset import newsroom_of
from eval.speed import asked_of
from rag import Filters, Newsroom
from rag.embeddings import StaticEmbedder
from rag.errors import DatelineError, UsageError

CHROMA_EFFORT = 100  # Chroma's own ef_search
K = 10
ROUNDS = 3  # times that every question is asked; the first round warms up and does not count

Task = Callable[[str], object]


def measure(newsroom: Newsroom, articles: Path, folder: Path) -> dict[str, float]:
    """Median milliseconds of each task, and how the searches compare."""
    queries, since, until = asked_of(articles)
    held = newsroom.info()
    if held.embedder != StaticEmbedder().fingerprint:
        raise UsageError("the home was not made with the static embedder; give another --home")
    some = Filters(since=since, until=until, sources=tuple(held.sources)[:1])
    tasks: dict[str, Task] = {
        "embed_and_chroma": chroma_task(newsroom.settings.home, folder),
        "search": lambda query: newsroom.search(query),
        "filtered": lambda query: newsroom.search(query, some),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    chance = random.Random(0)  # noqa: S311 - not for secrets
    for number in range(ROUNDS):
        for query in queries:
            # In any order, as a busy machine lets a process work for a while and then makes it wait.
            for name in chance.sample(sorted(tasks), len(tasks)):
                took = milliseconds(tasks[name], query)
                if number:
                    taken[name].append(took)
    medians = {
        name: [statistics.median(column) for column in zip(*some, strict=True)]
        for name, some in taken.items()
    }
    least, search, filtered = (medians[name] for name in tasks)
    return {
        **{f"{name}_p50_ms": round(median, 2) for name, (median, _) in medians.items()},
        **{f"{name}_cpu_ms": round(median, 2) for name, (_, median) in medians.items()},
        "search_ratio": round(search[0] / least[0], 2),
        "filtered_ratio": round(filtered[0] / search[0], 2),
        "search_cpu_ratio": round(search[1] / least[1], 2),
        "filtered_cpu_ratio": round(filtered[1] / search[1], 2),
        "passages": held.passages,
        "n": len(queries),
    }


def milliseconds(task: Task, query: str) -> tuple[float, float]:
    """By the clock, and of the processor, which counts no waiting for other work of the machine."""
    started, begun = time.perf_counter(), time.process_time()
    task(query)
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - begun)


def chroma_task(home: Path, folder: Path) -> Task:
    """Embeds a question and asks a copy of the home's Chroma index for the nearest passages."""
    [index] = [path for path in (home / "chroma").iterdir() if path.is_dir()]
    shutil.copytree(index, folder / "copy")
    client = chromadb.PersistentClient(
        str(folder / "copy"), settings=ChromaSettings(anonymized_telemetry=False)
    )
    [collection] = client.list_collections()
    collection.modify(configuration={"hnsw": {"ef_search": CHROMA_EFFORT}})
    embedder = StaticEmbedder()
    return lambda query: collection.query(query_embeddings=embedder.encode([query]), n_results=K, include=[])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.search_speed", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines with `text`")
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="dateline-search-") as folder,
            newsroom_of(options.articles, options.home) as newsroom,
        ):
            figures = measure(newsroom, options.articles, Path(folder))
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:<24} {value:g}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
