"""Many askers at once: `python -m eval.load --articles F [--askers 50] [--seconds 60] [--json]`.

`dateline serve` runs in a process of its own, without a language model. First one asker asks question after question
(whole answers, then streamed ones for the time to their first event), then all askers do. Questions are the articles'
titles, each asked once, so no cache of answers could help. Goals, on two cores: no error; 1.5 times one asker's
throughput; first event of a streamed answer within 150 ms; as much memory at the end as after ten seconds.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

SERVE = "from rag.cli import main; main()"
WARM_UP = 5  # questions before anything is measured
STREAMED = 20  # answers whose first event is waited for
SETTLED = 10.0  # seconds after which the memory is looked at first
PATIENCE = 300.0  # seconds that one answer may take before it counts as an error
RSS = re.compile(r"^process_resident_memory_bytes (\S+)$", re.MULTILINE)


@dataclass
class Tally:
    """What the askers saw."""

    seconds: list[float] = field(default_factory=list)  # of each answer that came in time
    errors: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.load", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines with `title` and `text`")
    parser.add_argument("--home", type=Path, help="a home that holds them already; default: a new one")
    parser.add_argument("--askers", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=60.0, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        questions = titles(options.articles)
    except OSError as exc:
        parser.error(f"{options.articles}: {exc.strerror}")
    with tempfile.TemporaryDirectory(prefix="dateline-load-") as folder:
        home = options.home or Path(folder, "home")
        if options.home is None:
            run("ingest", str(options.articles), "--home", str(home))
        with serving(home, Path(folder, "log")) as address:
            figures = asyncio.run(measure(address, questions, askers=options.askers, seconds=options.seconds))
    print(json.dumps(figures) if options.json else "\n".join(f"{k:<22} {v}" for k, v in figures.items()))
    return 0


async def measure(
    address: str, questions: Sequence[str], *, askers: int, seconds: float, streamed: int = STREAMED
) -> dict[str, float | int | list[str]]:
    """One asker, then many."""
    waiting = iter(questions)
    async with client_of(address) as client:
        for _ in range(WARM_UP):
            await ask(client, next(waiting))
        first = [await first_event(client, next(waiting)) for _ in range(streamed)]
        alone = await crowd(client, waiting, askers=1, seconds=seconds / 2)
        memory: list[float] = []
        watching = asyncio.create_task(watch(client, memory, seconds))
        together = await crowd(client, waiting, askers=askers, seconds=seconds)
        await watching
    one, many = len(alone.seconds) / (seconds / 2), len(together.seconds) / seconds
    return {
        "errors": len(alone.errors) + len(together.errors),
        "error_kinds": sorted({*alone.errors, *together.errors}),
        "answers": len(alone.seconds) + len(together.seconds),
        "one_per_s": round(one, 2),
        "many_per_s": round(many, 2),
        "ratio": round(many / one, 2) if one else 0.0,
        "first_event_p50_ms": round(1000 * statistics.median(first)),
        "first_event_max_ms": round(1000 * max(first)),
        "one_p50_s": round(statistics.median(alone.seconds), 2) if alone.seconds else 0.0,
        "many_p50_s": round(statistics.median(together.seconds), 2) if together.seconds else 0.0,
        "rss_mb_settled": round(memory[0]),
        "rss_mb_end": round(memory[-1]),
        "askers": askers,
        "seconds": seconds,
    }


async def crowd(client: httpx.AsyncClient, questions: Iterator[str], *, askers: int, seconds: float) -> Tally:
    """Askers that each ask the next question as soon as they have an answer, until the time is over."""
    tally, end = Tally(), time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end and (question := next(questions, None)) is not None:
            started = time.perf_counter()
            try:
                await ask(client, question)
            except (httpx.HTTPError, ValueError) as exc:
                tally.errors.append(f"{type(exc).__name__}: {exc}".splitlines()[0])
            else:
                if time.perf_counter() <= end:
                    tally.seconds.append(time.perf_counter() - started)

    await asyncio.gather(*(one() for _ in range(askers)))
    return tally


async def ask(client: httpx.AsyncClient, question: str) -> None:
    """One whole answer. Raises httpx.HTTPError, and ValueError for what is no answer."""
    response = await client.post("/v1/ask", json={"question": question})
    if response.raise_for_status().json()["status"] not in ("answered", "abstained"):
        raise ValueError("no answer")


async def first_event(client: httpx.AsyncClient, question: str) -> float:
    """Seconds until the first event of a streamed answer."""
    started = time.perf_counter()
    seconds = 0.0
    async with client.stream("POST", "/v1/ask", json={"question": question, "stream": True}) as response:
        async for line in response.aiter_lines():
            if line and not seconds:
                seconds = time.perf_counter() - started
    return seconds


async def watch(client: httpx.AsyncClient, memory: list[float], seconds: float) -> None:
    """The server's memory in MB, after ten seconds and at the end."""
    for pause in (min(SETTLED, seconds / 2), seconds - min(SETTLED, seconds / 2)):
        await asyncio.sleep(pause)
        found = RSS.search((await client.get("/metrics")).text)
        memory.append(float(found[1]) / 1e6 if found else 0.0)


def titles(articles: Path) -> list[str]:
    """The articles' titles, each once, as questions."""
    with articles.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return list(dict.fromkeys(" ".join(str(row["title"]).split())[:300] for row in rows if row.get("title")))


@asynccontextmanager
async def client_of(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may hold as many connections as there are askers."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits) as client:
        yield client


@contextmanager
def serving(home: Path, log: Path) -> Iterator[str]:
    """`dateline serve` on a port of its own; its address."""
    command = [sys.executable, "-c", SERVE, "serve", "--home", str(home), "--port", "0"]
    with (
        log.open("w", encoding="utf-8") as out,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out) as process,  # noqa: S603 - our own
    ):
        try:
            yield _listening(process, log)
        finally:
            process.terminate()


def _listening(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address, once the log names it."""
    while process.poll() is None:
        for line in log.read_text("utf-8").splitlines():
            if line.endswith("}") and json.loads(line).get("event") == "listening":
                return f"http://{json.loads(line)['address']}"
        time.sleep(0.1)
    raise RuntimeError(f"dateline serve ended with {process.returncode}: {log.read_text('utf-8')}")


def run(*arguments: str) -> None:
    """One command of dateline's; one that fails ends the measurement."""
    subprocess.run([sys.executable, "-c", SERVE, *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (ours)


if __name__ == "__main__":
    sys.exit(main())
