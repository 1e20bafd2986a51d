"""How long a cold `dateline ask` takes, beside what importing its two largest libraries takes.

    python -m eval.startup --json

Both are measured as whole processes, by turns, so that a busy machine slows both. The goal is a ratio of at
most 2: what is ours on top may cost as much again as what cannot be avoided.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTION = "How many civilians were killed in Friday's strike?"
IMPORTS = ("-c", "import chromadb, llama_index.core")
DATELINE = ("-c", "from rag.cli import main; main()")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m eval.startup", description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    measured = measure(repeat=options.repeat)
    if options.json:
        print(json.dumps(measured))
    else:
        print(f"ask {measured['ask_s']} s, imports {measured['imports_s']} s, ratio {measured['ratio']}")


def measure(*, repeat: int) -> dict[str, float]:
    """Medians in seconds of `repeat` fresh processes each, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        _seconds(*DATELINE, "ingest", str(SEEDS), "--home", folder)
        asks, imports = [], []
        for _ in range(repeat):
            imports.append(_seconds(*IMPORTS))
            asks.append(_seconds(*DATELINE, "ask", QUESTION, "--home", folder))
    ask_s, imports_s = statistics.median(asks), statistics.median(imports)
    return {
        "ask_s": round(ask_s, 2),
        "imports_s": round(imports_s, 2),
        "ratio": round(ask_s / imports_s, 2),
        "n": repeat,
    }


def _seconds(*arguments: str) -> float:
    """Wall time of one Python process; one that fails ends the measurement."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
