"""Work on several cores: a run of a model uses one of them, and leaves the interpreter to others meanwhile."""

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from types import TracebackType
from typing import Generic, TypeVar

THREADS = 4  # for one call, at most

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K", bound=Hashable)


def without_blas_threads() -> None:
    """Leave the cores to the models: numpy's own threads go on spinning after a product that they helped with.

    For a program to call before it imports numpy; later it changes nothing, nor where OPENBLAS_NUM_THREADS is set.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def side_by_side(run: Callable[[T], R], items: Sequence[T], *, threads: int = THREADS) -> list[R]:
    """What `run` makes of each, in their order."""
    workers = min(os.cpu_count() or 1, len(items), threads)
    if workers < 2:
        return [run(item) for item in items]
    contexts = [copy_context() for _ in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda context, item: context.run(run, item), contexts, items))


class Line(Generic[T, R]):
    """What is given to it is worked on by threads, and comes back in the order given."""

    def __init__(self, run: Callable[[T], R], *, name: str, threads: int = THREADS) -> None:
        """`name` is that of the threads."""
        self._run = run
        self._pool = ThreadPoolExecutor(min(os.cpu_count() or 1, threads), thread_name_prefix=name)
        self._waiting: deque[Future[R]] = deque()

    def __enter__(self) -> "Line[T, R]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nobody waits any more: what has not begun is dropped, and what has comes to its end unheard."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def add(self, items: Iterable[T]) -> None:
        """Have them worked on."""
        self._waiting.extend(self._pool.submit(copy_context().run, self._run, item) for item in items)

    def ready(self) -> Iterator[R]:
        """What has come out by now. Raises what `run` raised."""
        while self._waiting and self._waiting[0].done():
            yield self._waiting.popleft().result()

    def rest(self) -> Iterator[R]:
        """All that has not come back, each waited for. Raises what `run` raised."""
        while self._waiting:
            yield self._waiting.popleft().result()


class Memo(Generic[K, R]):
    """Calls a function, and remembers what it gave for the keys that were asked for last.

    Unlike `functools.lru_cache` it does not call again for a key that another thread has asked for: it waits with it.
    """

    def __init__(self, run: Callable[[K], R], *, kept: int) -> None:
        """`kept`: keys that are remembered."""
        self._run = run
        self._kept = kept
        self._known: OrderedDict[K, Future[R]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: K) -> R:
        """What the function gives for the key. Raises what it raises; that is not remembered."""
        with self._lock:
            future = self._known.get(key)
            first = future is None
            if future is None:
                future = self._known[key] = Future()
            self._known.move_to_end(key)
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        if first:
            try:
                future.set_result(self._run(key))
            except BaseException as error:
                with self._lock:
                    if self._known.get(key) is future:
                        del self._known[key]
                future.set_exception(error)
        return future.result()
