"""Whether anyone still waits for what this thread computes.

A generator can be closed at its next event only, and a language model may be silent for minutes before its first
word: what waits for it looks here meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

from rag.errors import DatelineError

LOOK_AFTER = 0.5  # seconds between looks, for those who wait

_signal: ContextVar[Event | None] = ContextVar("stop", default=None)


class Stopped(DatelineError):
    """Nobody waits for the answer any more."""

    def __init__(self) -> None:
        super().__init__("the answer was given up, because nobody waits for it")


@contextmanager
def stopped_by(signal: Event) -> Iterator[None]:
    """In this block, and in this thread, nobody waits any more as soon as the signal is set."""
    token = _signal.set(signal)
    try:
        yield
    finally:
        _signal.reset(token)


def check_stopped() -> None:
    """Raises Stopped when nobody waits any more."""
    signal = _signal.get()
    if signal is not None and signal.is_set():
        raise Stopped
