"""Answers are computed in a bounded number of threads; a bounded number of questions waits for them.

An answer costs processor time, so more threads than cores make every answer later and none sooner. What waits
is bounded too: whoever would wait for minutes is better told at once to come back.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from rag.stopping import LOOK_AFTER, stopped_by

T = TypeVar("T")

POOL = "dateline-answer"


class Overloaded(Exception):
    """No more questions may wait; `retry_after` seconds are a fair guess of when some will have been answered."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many questions are waiting for an answer; ask again a little later")
        self.retry_after = retry_after


class TooLate(Exception):
    """The deadline passed before the answer was there."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:g} s; ask a narrower question, or when fewer are asking")


class Gone(Exception):
    """The client has closed the connection: nobody waits for the answer."""


class Work:
    """Threads for answers. `seconds` is what one answer may take, waiting included."""

    def __init__(self, *, threads: int | None, waiting: int, seconds: float) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.seconds = seconds
        self._most = self.threads + waiting
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix=POOL)
        self._guard = Lock()
        self._admitted = 0

    @property
    def admitted(self) -> int:
        """Questions being answered or waiting."""
        return self._admitted

    async def events(
        self, start: Callable[[], Iterator[T]], gone: Callable[[], Awaitable[bool]]
    ) -> AsyncGenerator[T, None]:
        """What the iterator that `start` makes yields, computed in one of the threads.

        Close it to end the computation at its next event. Raises Overloaded, TooLate, Gone, and what the
        computation raises.
        """
        self._admit()
        queue: asyncio.Queue[_Item[T]] = asyncio.Queue()
        loop, stop = asyncio.get_running_loop(), Event()

        def put(item: _Item[T]) -> None:
            if not stop.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, item)

        future = self._pool.submit(_pump, start, put, stop)
        future.add_done_callback(self._release)
        end = loop.time() + self.seconds
        try:
            looked = loop.time()
            while (item := await self._next(queue, end, gone)).events:
                for event in item.events:
                    yield event
                if loop.time() - looked > LOOK_AFTER:  # a model may write without a pause
                    looked = loop.time()
                    if await gone():
                        raise Gone
            if item.failure is not None:
                raise item.failure
        finally:
            stop.set()
            future.cancel()  # when it has not begun

    async def _next(
        self, queue: "asyncio.Queue[_Item[T]]", end: float, gone: Callable[[], Awaitable[bool]]
    ) -> "_Item[T]":
        loop = asyncio.get_running_loop()
        while True:
            left = end - loop.time()
            if left <= 0:
                raise TooLate(self.seconds)
            try:
                return await asyncio.wait_for(queue.get(), min(LOOK_AFTER, left))
            except TimeoutError:
                if await gone():
                    raise Gone from None

    def close(self) -> None:
        """Take no more work; what has not begun is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _admit(self) -> None:
        with self._guard:
            if self._admitted >= self._most:
                raise Overloaded(retry_after=max(1, self._most // self.threads // 4))
            self._admitted += 1

    def _release(self, _future: Any) -> None:
        with self._guard:
            self._admitted -= 1


class _Item(Generic[T]):
    """Events as they come, or the end: with neither events nor failure all went well."""

    def __init__(self, *events: T, failure: Exception | None = None) -> None:
        self.events = events
        self.failure = failure


def _pump(start: Callable[[], Iterator[T]], put: Callable[[_Item[T]], None], stop: Event) -> None:
    try:
        with stopped_by(stop):
            events = start()
            try:
                for event in events:
                    if stop.is_set():
                        return
                    put(_Item(event))
            finally:
                if close := getattr(
                    events, "close", None
                ):  # a generator: it may hold a connection to a model
                    close()
        put(_Item())
    except Exception as exc:  # whatever it is, the one who waits must hear of it
        put(_Item(failure=exc))
